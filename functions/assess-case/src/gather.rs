//! Everything that is read of a case before the decision about it.

use crate::answers::{self, Answered};
use crate::app::App;
use crate::coverage;
use crate::error::StepError;
use crate::input::Input;
use gumshoe_aws::detective::DetectiveError;
use gumshoe_domain::case::{CaseCoverage, CaseInputs, FindingRecord};
use gumshoe_domain::error::with_causes;
use gumshoe_domain::guardduty::{self, GuardDutyRequestState, GuardDutyResult};
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::{CaseRecord, Finding};
use jiff::Timestamp;

/// What was read of a case.
pub(crate) struct Gathered {
    /// What the decision rests on.
    pub(crate) inputs: CaseInputs,
    /// The findings as the table holds them.
    pub(crate) records: Vec<FindingRecord>,
    /// GuardDuty's investigation as GuardDuty answered, where it did.
    pub(crate) guardduty: Option<guardduty::GuardDutyInvestigation>,
    /// Why it could not be read whether the principal's account is in the behavior graph.
    pub(crate) coverage_error: Option<DetectiveError>,
}

/// Reads the findings of a case that was read before, and what the engines answer.
///
/// What an earlier step found out is not read again: Detective's last investigation where it is known why it has no result, and
/// the account's membership where it is known that the account is in no graph.
pub(crate) async fn gather(app: &App, case: CaseRecord, input: &Input, now: Timestamp) -> Result<Gathered, StepError> {
    let records = app.table.findings(&case).await?;
    let findings: Vec<Finding> = records.iter().map(|record| record.finding.clone()).collect();
    let not_investigated = input.not_investigated.clone().map(NotInvestigated::with_readable_cause);
    let Answered { results, running } = answers::of_case(app, &case, &findings, not_investigated.as_ref()).await?;
    let (answer, guardduty) = of_guardduty(app, &case).await.unzip();
    let (coverage, coverage_error) = match not_investigated.as_ref().and_then(|why| why.outside_graph.clone()) {
        Some(known) => (CaseCoverage::Outside(known), None),
        None => coverage::coverage(app, &case, now).await,
    };
    let is_last = input.last_round || input.last_investigation;
    let inputs =
        CaseInputs { case, findings, results, running, guardduty: answer, not_investigated, coverage, is_last };
    Ok(Gathered { inputs, records, guardduty: guardduty.flatten(), coverage_error })
}

/// GuardDuty's investigation, as the alert shows it and as GuardDuty answered; nothing where none was to be asked for.
/// One that cannot be read is shown as such, and delays nothing.
async fn of_guardduty(
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
            tracing::error!(case.id = %case.key.case_id, investigation.id = %open.id, error.message = %why,
                "GuardDuty's investigation cannot be read");
            (GuardDutyResult::ReadFailed { investigation_id: open.id.clone(), why }, None)
        }
    })
}
