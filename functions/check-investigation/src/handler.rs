//! One look at a case's investigations, Detective's and GuardDuty's. The loop is the state machine's.

use crate::app::App;
use crate::error::StepError;
use gumshoe_aws::detective::DetectiveError;
use gumshoe_domain::Named;
use gumshoe_domain::error::{OutOfTurn, with_causes};
use gumshoe_domain::guardduty::{self, GivingBack, GivingBackStep, Standing};
use gumshoe_domain::investigation::{AfterPoll, NotInvestigated, Polled, after_poll};
use gumshoe_domain::{CaseKey, CaseRecord};
use serde::{Deserialize, Serialize};

/// What the state machine sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
    /// Which look this is, from 1.
    look: u32,
    /// Why there is no result of Detective's, where that is known already: then only GuardDuty is looked at.
    #[serde(default)]
    not_investigated: Option<NotInvestigated>,
}

/// What the state machine gets.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub(crate) enum Output {
    /// One of them runs: look again after so many seconds.
    Running {
        wait_seconds: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        not_investigated: Option<NotInvestigated>,
    },
    /// Both are over, and Detective has a result.
    Successful,
    /// Both are over, and Detective has none; or the deadline has come.
    NoResult { not_investigated: NotInvestigated },
}

/// Where Detective's investigation is.
type Seen = Polled<DetectiveError>;

impl From<AfterPoll> for Output {
    fn from(after: AfterPoll) -> Self {
        match after {
            AfterPoll::Wait { wait, not_investigated } => {
                Self::Running { wait_seconds: wait.as_secs(), not_investigated }
            }
            AfterPoll::Successful => Self::Successful,
            AfterPoll::NoResult(not_investigated) => Self::NoResult { not_investigated },
        }
    }
}

/// Looks once.
pub(crate) async fn handle(app: &App, input: Input) -> Result<Output, StepError> {
    let case = app.table.case(&input.case).await?;
    let (seen, second_runs) = futures_util::join!(look_at_detective(app, &case, &input), look_at_guardduty(app, &case));
    Ok(after_poll(seen?, second_runs?, input.look, app.settings.deadline_minutes)?.into())
}

async fn look_at_detective(app: &App, case: &CaseRecord, input: &Input) -> Result<Seen, StepError> {
    if let Some(why) = &input.not_investigated {
        return Ok(Seen::NoResult(why.clone()));
    }
    let Some(noted) = &case.investigation else {
        return Err(OutOfTurn { case_id: case.key.case_id.clone(), lacks: "the investigation" }.into());
    };
    let id = noted.id.clone();
    let found = match app.detective.investigation(&noted.graph_arn, &id).await {
        Ok(found) => found,
        Err(error) if error.may_pass() => return Ok(Seen::Unread { id, error }),
        Err(error) => {
            let cause = with_causes(&error);
            tracing::warn!(case.id = %case.key.case_id, investigation.id = %id, error.name = error.name(),
                error.message = %cause, "the investigation cannot be looked at");
            return Ok(Seen::NoResult(NotInvestigated::new(error.name(), cause)));
        }
    };
    tracing::info!(case.id = %case.key.case_id, investigation.id = %id, look = input.look, status = ?found.status,
        "the investigation was looked at");
    Ok(Seen::of(found.status, &id))
}

/// Whether GuardDuty's investigation runs, or may. One that failed gives its slot back.
async fn look_at_guardduty(app: &App, case: &CaseRecord) -> Result<bool, StepError> {
    let Some(open) = case.guardduty.as_ref().and_then(Standing::asked) else { return Ok(false) };
    let guardduty = app.guardduty.for_region(open.region.as_deref());
    let found = guardduty.investigation(&open.detector_id, &open.id).await;
    match &found {
        Ok(it) => tracing::info!(case.id = %case.key.case_id, investigation.id = %open.id, status = ?it.status,
            "GuardDuty's investigation was looked at"),
        Err(error) => tracing::warn!(case.id = %case.key.case_id, investigation.id = %open.id,
            error.message = %with_causes(error), "GuardDuty's investigation cannot be looked at"),
    }
    match found.map(|it| it.status) {
        Ok(guardduty::Status::Running) => Ok(true),
        Ok(guardduty::Status::Completed) => Ok(false),
        Ok(guardduty::Status::Failed) => give_back(app, &open.id).await.map(|()| false),
        Err(error) => Ok(error.fault.is_transient()),
    }
}

async fn give_back(app: &App, investigation_id: &str) -> Result<(), StepError> {
    let mut giving_back = GivingBack::begin(investigation_id);
    loop {
        giving_back = match giving_back.step() {
            GivingBackStep::Read => giving_back.read(app.table.budget().await?),
            GivingBackStep::Write(write) => giving_back.wrote(app.table.write_budget(&write).await?),
            GivingBackStep::Done => return Ok(()),
        };
    }
}

#[cfg(test)]
mod tests;
