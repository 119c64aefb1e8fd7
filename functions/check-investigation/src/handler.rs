//! One look at a case's investigations, Detective's and GuardDuty's. The loop is the state machine's.

use crate::app::App;
use crate::error::StepError;
use gumshoe_aws::detective::DetectiveError;
use gumshoe_domain::Named;
use gumshoe_domain::error::{OutOfTurn, with_causes};
use gumshoe_domain::guardduty::{self, GivingBack, GivingBackStep, Standing};
use gumshoe_domain::investigation::{NotInvestigated, NotInvestigatedKind};
use gumshoe_domain::schedule::Schedule;
use gumshoe_domain::{CaseKey, CaseRecord, InvestigationStatus};
use serde::{Deserialize, Serialize};
use std::time::Duration;

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
#[derive(Debug)]
enum Seen {
    Running {
        id: String,
    },
    Successful,
    NoResult(NotInvestigated),
    /// It cannot be told for now.
    Hidden {
        id: String,
        error: DetectiveError,
    },
}

/// Looks once.
pub(crate) async fn handle(app: &App, input: Input) -> Result<Output, StepError> {
    let case = app.table.case(&input.case).await?;
    let (seen, second_runs) = futures_util::join!(look_at_detective(app, &case, &input), look_at_guardduty(app, &case));
    Ok(after_look(seen?, second_runs?, input.look, app.schedule)?)
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
        Err(error) if error.may_pass() => return Ok(Seen::Hidden { id, error }),
        Err(error) => {
            let cause = with_causes(&error);
            tracing::warn!(case.id = %case.key.case_id, investigation.id = %id, error.name = error.name(),
                error.message = %cause, "the investigation cannot be looked at");
            return Ok(Seen::NoResult(NotInvestigated::new(error.name(), cause)));
        }
    };
    tracing::info!(case.id = %case.key.case_id, investigation.id = %id, look = input.look, status = ?found.status,
        "the investigation was looked at");
    Ok(match found.status {
        InvestigationStatus::Running => Seen::Running { id },
        InvestigationStatus::Successful => Seen::Successful,
        InvestigationStatus::Failed => Seen::NoResult(NotInvestigated::new(
            NotInvestigatedKind::InvestigationFailed,
            format!("investigation {id}"),
        )),
    })
}

/// Whether GuardDuty's investigation runs, or may. One that failed gives its slot back.
async fn look_at_guardduty(app: &App, case: &CaseRecord) -> Result<bool, StepError> {
    let Some(open) = case.guardduty.as_ref().and_then(Standing::asked) else { return Ok(false) };
    let guardduty = app.guardduty.in_region(open.region.as_deref());
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

/// How it goes on. While one engine runs, nothing that the other does ends the looking; the deadline ends it for both.
fn after_look(seen: Seen, second_runs: bool, look: u32, schedule: Schedule) -> Result<Output, DetectiveError> {
    let wait = schedule.wait_before(look.saturating_add(1));
    // The state machine looks again where the look at the deadline failed; after that look it is too late.
    let is_past_deadline = schedule.wait_before(look).is_none();
    let running = |wait: Duration, not_investigated| Output::Running { wait_seconds: wait.as_secs(), not_investigated };
    let too_late = |id: String| {
        NotInvestigated::new(
            NotInvestigatedKind::InvestigationDeadline,
            format!("investigation {id} after {look} looks"),
        )
    };
    Ok(match (seen, wait) {
        // The state machine tries again and then looks again; with GuardDuty's investigation running, it only looks again.
        (Seen::Hidden { error, .. }, _) if !second_runs && !is_past_deadline => return Err(error),
        (Seen::Running { .. } | Seen::Hidden { .. }, Some(wait)) => running(wait, None),
        (Seen::Running { id } | Seen::Hidden { id, .. }, None) => Output::NoResult { not_investigated: too_late(id) },
        (Seen::Successful, Some(wait)) if second_runs => running(wait, None),
        (Seen::Successful, _) => Output::Successful,
        (Seen::NoResult(why), Some(wait)) if second_runs => running(wait, Some(why)),
        (Seen::NoResult(not_investigated), _) => Output::NoResult { not_investigated },
    })
}

#[cfg(test)]
mod tests;
