//! Reads everything that the decision about a case needs.

use crate::app::App;
use crate::coverage::{CoverageRead, read_coverage};
use crate::error::StepError;
use crate::input::Input;
use crate::investigation_results::{DetectiveResults, read_results};
use gumshoe_aws::detective::DetectiveError;
use gumshoe_domain::case::{CaseCoverage, CaseInputs, FindingRecord};
use gumshoe_domain::error::with_causes;
use gumshoe_domain::guardduty::{self, GuardDutyRequestState, GuardDutyResult};
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::{CaseRecord, Finding};
use jiff::Timestamp;

/// The inputs of the decision, and what only the evidence contains.
pub(crate) struct GatheredInputs {
    /// The inputs of the decision.
    pub(crate) inputs: CaseInputs,
    /// The records of the findings in the table.
    pub(crate) finding_records: Vec<FindingRecord>,
    /// GuardDuty's investigation, if it could be read.
    pub(crate) guardduty_response: Option<guardduty::GuardDutyInvestigation>,
    /// Why the account's graph membership could not be read.
    pub(crate) coverage_error: Option<DetectiveError>,
}

/// Reads the findings of the case, the results of its investigations, and the account's graph membership.
///
/// What an earlier step found out is not read again: the last Detective investigation if it is known why it has no result, and the
/// membership if it is known that the account is outside the graph.
pub(crate) async fn gather(
    app: &App,
    case: CaseRecord,
    input: &Input,
    now: Timestamp,
) -> Result<GatheredInputs, StepError> {
    let finding_records = app.table.findings(&case).await?;
    let findings: Vec<Finding> = finding_records.iter().map(|record| record.finding.clone()).collect();
    let not_investigated = input.not_investigated.clone().map(NotInvestigated::with_readable_cause);
    let DetectiveResults { results, running } = read_results(app, &case, &findings, not_investigated.as_ref()).await?;
    let (answer, guardduty_response) = read_guardduty(app, &case).await.unzip();
    let CoverageRead { coverage, error: coverage_error } =
        match not_investigated.as_ref().and_then(|why| why.outside_graph.clone()) {
            Some(known) => CaseCoverage::Outside(known).into(),
            None => read_coverage(app, &case, now).await,
        };
    let is_last = input.is_last_round || input.is_last_investigation;
    let inputs =
        CaseInputs { case, findings, results, running, guardduty: answer, not_investigated, coverage, is_last };
    Ok(GatheredInputs { inputs, finding_records, guardduty_response: guardduty_response.flatten(), coverage_error })
}

/// GuardDuty's investigation, as the alert shows it and as GuardDuty returned it; `None` if the case needs none. If it cannot be read, the alert
/// shows that, and is not delayed.
async fn read_guardduty(
    app: &App,
    case: &CaseRecord,
) -> Option<(GuardDutyResult, Option<guardduty::GuardDutyInvestigation>)> {
    let open = match case.guardduty.as_ref()? {
        GuardDutyRequestState::NotRequested(why) => return Some((GuardDutyResult::NotRequested(why.clone()), None)),
        GuardDutyRequestState::Requested(open) => open,
    };
    let guardduty = app.guardduty.for_region(open.region.as_deref());
    Some(match guardduty.investigation(&open.detector_id, &open.id).await {
        Ok(found) => (GuardDutyResult::of(open, &found), Some(found)),
        Err(error) => {
            let why = with_causes(&error);
            tracing::warn!(case.id = %case.key.case_id, investigation.id = %open.id, error.message = %why,
                "could not read the GuardDuty investigation; the alert says so");
            (GuardDutyResult::ReadFailed { investigation_id: open.id.clone(), why }, None)
        }
    })
}
