//! What Detective answers about a case's investigations, in each Region that was asked.

use crate::app::App;
use crate::error::StepError;
use crate::related;
use gumshoe_domain::ErrorName;
use gumshoe_domain::case::{InvestigationResult, StartedInvestigation};
use gumshoe_domain::coverage::graph_region;
use gumshoe_domain::error::{MissingPrerequisite, with_causes};
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::{CaseRecord, Finding, InvestigationStatus};

/// What Detective answers about a case.
#[derive(Default)]
pub(crate) struct Answered {
    /// One answer for each investigation that has a result, that of the last one first.
    pub(crate) results: Vec<InvestigationResult>,
    /// The last investigation, where it is running and so has no result.
    pub(crate) running: Option<StartedInvestigation>,
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
    app: &App,
    case: &CaseRecord,
    findings: &[Finding],
    not_investigated: Option<&NotInvestigated>,
) -> Result<Answered, StepError> {
    let mut answered = Answered::default();
    match (not_investigated, &case.investigation) {
        (None, None) => {
            return Err(MissingPrerequisite { case_id: case.key.case_id.clone(), missing: "the investigation" }.into());
        }
        (None, Some(last)) => {
            for open in case.investigations() {
                match read(app, case, findings, open).await? {
                    Read::Result(answers) => answered.results.push(*answers),
                    // One of another Region was still running at its deadline: it has no result, and is not waited for.
                    Read::Running if open.id == last.id => answered.running = Some(open.clone()),
                    Read::Running | Read::Failed => {}
                }
            }
        }
        (Some(why), last) => {
            let ended = last
                .iter()
                .filter(|it| why.is_about_other_region(&it.graph_arn))
                .chain(&case.other_region_investigations);
            for open in ended {
                match read(app, case, findings, open).await {
                    Ok(Read::Result(answers)) => answered.results.push(*answers),
                    Ok(Read::Running | Read::Failed) => {}
                    Err(error) => tracing::warn!(case.id = %case.key.case_id, investigation.id = %open.id,
                        error.name = error.error_name(), error.message = %with_causes(&error),
                        "an investigation of another Region cannot be read"),
                }
            }
        }
    }
    Ok(answered)
}

/// What there is to read of an investigation.
enum Read {
    Result(Box<InvestigationResult>),
    Running,
    Failed,
}

async fn read(
    app: &App,
    case: &CaseRecord,
    findings: &[Finding],
    open: &StartedInvestigation,
) -> Result<Read, StepError> {
    let investigation = app.detective.investigation(&open.graph_arn, &open.id).await?;
    match investigation.status {
        InvestigationStatus::Running => return Ok(Read::Running),
        InvestigationStatus::Failed => return Ok(Read::Failed),
        InvestigationStatus::Successful => {}
    }
    let answered = app.detective.indicators(&open.graph_arn, &open.id).await?;
    let indicators = related::beside_own(app, case, findings, graph_region(&open.graph_arn), &answered).await;
    Ok(Read::Result(Box::new(InvestigationResult {
        open: open.clone(),
        investigation,
        all_indicators: answered,
        indicators,
    })))
}
