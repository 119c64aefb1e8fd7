//! What Detective answers about a case's investigations, in each Region that was asked.

use crate::handler::AssessCase;
use crate::related;
use gumshoe_aws::error::with_causes;
use gumshoe_aws::{Named, StepError};
use gumshoe_domain::case::OpenInvestigation;
use gumshoe_domain::graph::region_of;
use gumshoe_domain::investigation::{NotInvestigated, Scope};
use gumshoe_domain::{CaseRecord, Finding, Indicator, Investigation, InvestigationSeverity, InvestigationStatus};

/// What Detective answered about one investigation.
pub(crate) struct Answers {
    /// What was asked.
    pub(crate) open: OpenInvestigation,
    pub(crate) investigation: Investigation,
    /// All indicators, as they were answered.
    pub(crate) answered: Vec<Indicator>,
    /// Those that count: without related findings that are the case's own, and with the times of the others.
    pub(crate) indicators: Vec<Indicator>,
}

/// What Detective answers about a case: one answer a Region, that of the last investigation first.
///
/// Where it is known why the last investigation has no result, it is not read, and what cannot be read of the others is logged
/// and left out: people hear of the case anyway. Otherwise each must be read.
///
/// # Errors
///
/// The case notes no investigation although one is said to have a result, or a call failed.
pub(crate) async fn of_case(
    app: &AssessCase,
    case: &CaseRecord,
    findings: &[Finding],
    not_investigated: Option<&NotInvestigated>,
) -> Result<Vec<Answers>, StepError> {
    let mut all = Vec::new();
    match (not_investigated, &case.investigation) {
        (None, None) => {
            return Err(StepError::OutOfTurn { case_id: case.key.case_id.clone(), lacks: "the investigation" });
        }
        (None, Some(_)) => {
            for open in case.investigations() {
                all.extend(read(app, case, findings, open).await?);
            }
        }
        (Some(why), last) => {
            let ended = last.iter().filter(|it| why.is_elsewhere(&it.graph_arn)).chain(&case.elsewhere);
            for open in ended {
                match read(app, case, findings, open).await {
                    Ok(read) => all.extend(read),
                    Err(error) => tracing::warn!(case.id = %case.key.case_id, investigation.id = %open.id,
                        error.name = error.name(), error.message = %with_causes(&error),
                        "an investigation of another Region cannot be read"),
                }
            }
        }
    }
    Ok(all)
}

/// Nothing where it has no result.
async fn read(
    app: &AssessCase,
    case: &CaseRecord,
    findings: &[Finding],
    open: &OpenInvestigation,
) -> Result<Option<Answers>, StepError> {
    let investigation = app.detective.investigation(&open.graph_arn, &open.id).await?;
    if investigation.status != InvestigationStatus::Successful {
        return Ok(None);
    }
    let answered = app.detective.indicators(&open.graph_arn, &open.id).await?;
    let indicators = related::beside_own(app, case, findings, region_of(&open.graph_arn), &answered).await;
    Ok(Some(Answers { open: open.clone(), investigation, answered, indicators }))
}

/// The Regions and times that were looked at; in a second look, by it alone.
pub(crate) fn seen<'a>(case: &CaseRecord, answers: &'a [Answers]) -> Vec<(&'a str, Scope)> {
    let counting = answers.iter().filter(|it| case.counts(&it.open));
    counting.filter_map(|it| Some((region_of(&it.open.graph_arn)?, it.open.scope))).collect()
}

/// The highest severity that Detective gave.
pub(crate) fn severity(answers: &[Answers]) -> Option<InvestigationSeverity> {
    answers.iter().filter_map(|it| it.investigation.severity).max()
}
