//! Reads the results of a case's Detective investigations, one for each Region.

use crate::app::App;
use crate::error::StepError;
use crate::related_findings;
use gumshoe_domain::ErrorName;
use gumshoe_domain::case::{InvestigationResult, StartedInvestigation};
use gumshoe_domain::coverage::graph_region;
use gumshoe_domain::error::{MissingPrerequisite, with_causes};
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::{CaseRecord, Finding, InvestigationStatus};

/// The results of the Detective investigations.
#[derive(Default)]
pub(crate) struct DetectiveResults {
    /// One entry for each investigation with a result; that of the last investigation is the first.
    pub(crate) results: Vec<InvestigationResult>,
    /// The last investigation, if it is still running and so has no result.
    pub(crate) running: Option<StartedInvestigation>,
}

/// Reads the results of all investigations of the case.
///
/// If an earlier step found out why the last investigation has no result, that one is not read, and the case is alerted in any case: so
/// results of other Regions that cannot be read are logged and omitted. Otherwise every result must be read.
///
/// # Errors
///
/// A failed call, or a case without a recorded investigation although its result is expected.
pub(crate) async fn read_results(
    app: &App,
    case: &CaseRecord,
    findings: &[Finding],
    not_investigated: Option<&NotInvestigated>,
) -> Result<DetectiveResults, StepError> {
    let mut read = DetectiveResults::default();
    match (not_investigated, &case.investigation) {
        (None, None) => {
            return Err(MissingPrerequisite { case_id: case.key.case_id.clone(), missing: "the investigation" }.into());
        }
        (None, Some(last)) => {
            for open in case.investigations() {
                match read_result(app, case, findings, open).await? {
                    InvestigationRead::Result(answers) => read.results.push(*answers),
                    // An investigation of another Region that was still running at its deadline has no result; the case does not wait for it.
                    InvestigationRead::Running if open.id == last.id => read.running = Some(open.clone()),
                    InvestigationRead::Running | InvestigationRead::Failed => {}
                }
            }
        }
        (Some(why), last) => {
            let ended = last
                .iter()
                .filter(|it| why.is_about_other_region(&it.graph_arn))
                .chain(&case.other_region_investigations);
            for open in ended {
                match read_result(app, case, findings, open).await {
                    Ok(InvestigationRead::Result(answers)) => read.results.push(*answers),
                    Ok(InvestigationRead::Running | InvestigationRead::Failed) => {}
                    Err(error) => tracing::warn!(case.id = %case.key.case_id, investigation.id = %open.id,
                        error.name = error.error_name(), error.message = %with_causes(&error),
                        "could not read the result of an investigation in another Region; the verdict lacks it"),
                }
            }
        }
    }
    Ok(read)
}

/// The state of an investigation, with its result.
enum InvestigationRead {
    Result(Box<InvestigationResult>),
    Running,
    Failed,
}

async fn read_result(
    app: &App,
    case: &CaseRecord,
    findings: &[Finding],
    open: &StartedInvestigation,
) -> Result<InvestigationRead, StepError> {
    let investigation = app.detective.investigation(&open.graph_arn, &open.id).await?;
    match investigation.status {
        InvestigationStatus::Running => return Ok(InvestigationRead::Running),
        InvestigationStatus::Failed => return Ok(InvestigationRead::Failed),
        InvestigationStatus::Successful => {}
    }
    let answered = app.detective.indicators(&open.graph_arn, &open.id).await?;
    let indicators =
        related_findings::with_related_findings(app, case, findings, graph_region(&open.graph_arn), &answered).await;
    Ok(InvestigationRead::Result(Box::new(InvestigationResult {
        open: open.clone(),
        investigation,
        all_indicators: answered,
        indicators,
    })))
}
