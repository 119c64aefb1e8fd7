//! Polls the investigations of a case once, Detective's and GuardDuty's. The loop is in the state machine.

use crate::app::App;
use crate::error::StepError;
use gumshoe_aws::detective::DetectiveError;
use gumshoe_domain::ErrorName;
use gumshoe_domain::error::{MissingPrerequisite, with_causes};
use gumshoe_domain::guardduty::{self, GuardDutyRequestState, ReleaseSlotFlow, ReleaseSlotStep};
use gumshoe_domain::investigation::{NotInvestigated, PollDecision, PollResult, decide_after_poll};
use gumshoe_domain::{CaseKey, CaseRecord};
use serde::{Deserialize, Serialize};

/// The input from the state machine.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
    /// The number of the poll, from 1. Executions that were started before an upgrade send it as `look`.
    #[serde(alias = "look")]
    poll: u32,
    /// Why Detective has no result, if an earlier step reported it: then only GuardDuty is polled.
    #[serde(default)]
    not_investigated: Option<NotInvestigated>,
}

/// The result for the state machine.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub(crate) enum Output {
    /// At least one is running: poll again after `wait_seconds`.
    Running {
        wait_seconds: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        not_investigated: Option<NotInvestigated>,
    },
    /// Both have ended, and Detective has a result.
    Successful,
    /// Both have ended without a result of Detective, or the deadline has passed.
    NoResult { not_investigated: NotInvestigated },
}

/// The poll of Detective's investigation.
type DetectivePoll = PollResult<DetectiveError>;

impl From<PollDecision> for Output {
    fn from(after: PollDecision) -> Self {
        match after {
            PollDecision::Wait { wait, not_investigated } => {
                Self::Running { wait_seconds: wait.as_secs(), not_investigated }
            }
            PollDecision::Successful => Self::Successful,
            PollDecision::NoResult(not_investigated) => Self::NoResult { not_investigated },
        }
    }
}

/// Polls both investigations once.
pub(crate) async fn handle(app: &App, input: Input) -> Result<Output, StepError> {
    let case = app.table.case(&input.case).await?;
    let (detective_poll, guardduty_is_running) =
        futures_util::join!(poll_detective(app, &case, &input), poll_guardduty(app, &case));
    Ok(decide_after_poll(detective_poll?, guardduty_is_running?, input.poll, app.settings.deadline_minutes)?.into())
}

async fn poll_detective(app: &App, case: &CaseRecord, input: &Input) -> Result<DetectivePoll, StepError> {
    if let Some(why) = &input.not_investigated {
        return Ok(DetectivePoll::NoResult(why.clone()));
    }
    let Some(recorded) = &case.investigation else {
        return Err(MissingPrerequisite { case_id: case.key.case_id.clone(), missing: "the investigation" }.into());
    };
    let id = recorded.id.clone();
    let found = match app.detective.investigation(&recorded.graph_arn, &id).await {
        Ok(found) => found,
        Err(error) if error.is_transient() => return Ok(DetectivePoll::ReadFailed { id, error }),
        Err(error) => {
            let cause = with_causes(&error);
            tracing::warn!(case.id = %case.key.case_id, investigation.id = %id, error.name = error.error_name(),
                error.message = %cause, "could not read the investigation; the case is assessed without its result");
            return Ok(DetectivePoll::NoResult(NotInvestigated::new(error.error_name(), cause)));
        }
    };
    tracing::info!(case.id = %case.key.case_id, investigation.id = %id, poll.number = input.poll, status = ?found.status,
        "polled the Detective investigation");
    Ok(DetectivePoll::of(found.status, &id))
}

/// Whether GuardDuty's investigation is running. If its status cannot be read for a transient reason, it counts as running.
/// If it failed, its quota slot is released.
async fn poll_guardduty(app: &App, case: &CaseRecord) -> Result<bool, StepError> {
    let Some(open) = case.guardduty.as_ref().and_then(GuardDutyRequestState::investigation) else { return Ok(false) };
    let guardduty = app.guardduty.for_region(open.region.as_deref());
    let found = guardduty.investigation(&open.detector_id, &open.id).await;
    match &found {
        Ok(it) => tracing::info!(case.id = %case.key.case_id, investigation.id = %open.id, status = ?it.status,
            "polled the GuardDuty investigation"),
        Err(error) => tracing::warn!(case.id = %case.key.case_id, investigation.id = %open.id,
            is_transient = error.fault.is_transient(), error.message = %with_causes(error),
            "could not read the GuardDuty investigation; it is polled again if the error is transient"),
    }
    match found.map(|it| it.status) {
        Ok(guardduty::GuardDutyInvestigationStatus::Running) => Ok(true),
        Ok(guardduty::GuardDutyInvestigationStatus::Completed) => Ok(false),
        Ok(guardduty::GuardDutyInvestigationStatus::Failed) => release_slot(app, &open.id).await.map(|()| false),
        Err(error) => Ok(error.fault.is_transient()),
    }
}

async fn release_slot(app: &App, investigation_id: &str) -> Result<(), StepError> {
    let mut flow = ReleaseSlotFlow::begin(investigation_id);
    loop {
        flow = match flow.step() {
            ReleaseSlotStep::Read => flow.read(app.table.budget().await?),
            ReleaseSlotStep::Write(write) => flow.wrote(app.table.write_budget(&write).await?),
            ReleaseSlotStep::Done => return Ok(()),
        };
    }
}

#[cfg(test)]
mod tests;
