//! One look at an investigation. The loop is the state machine's.

use gumshoe_aws::StepError;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::detective::Detective;
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::schedule::Schedule;
use gumshoe_domain::{CaseKey, InvestigationStatus};
use serde::{Deserialize, Serialize};

/// Everything that check-investigation works with.
pub(crate) struct CheckInvestigation {
    pub(crate) table: CaseTable,
    pub(crate) detective: Detective,
    pub(crate) schedule: Schedule,
}

/// What the state machine sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
    /// Which look this is, from 1.
    look: u32,
}

/// What the state machine gets.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub(crate) enum Output {
    /// It runs: look again after so many seconds.
    Running { wait_seconds: u64 },
    /// It ended with a result.
    Successful,
    /// It ended without one, or the deadline has come.
    NoResult { not_investigated: NotInvestigated },
}

/// Looks once.
pub(crate) async fn handle(app: &CheckInvestigation, input: Input) -> Result<Output, StepError> {
    let case = app.table.case(&input.case).await?;
    let Some(noted) = &case.investigation else {
        return Err(StepError::OutOfTurn { case_id: case.key.case_id, lacks: "the investigation" });
    };
    let found = app.detective.investigation(&noted.graph_arn, &noted.id).await?;
    let output = after_look(found.status, &noted.id, input.look, app.schedule);
    tracing::info!(case.id = %case.key.case_id, investigation.id = %noted.id, look = input.look,
        status = ?found.status, "the investigation was looked at");
    Ok(output)
}

fn after_look(status: InvestigationStatus, id: &str, look: u32, schedule: Schedule) -> Output {
    let no_result = |error: &str, cause: String| Output::NoResult {
        not_investigated: NotInvestigated { error: error.to_owned(), cause },
    };
    match status {
        InvestigationStatus::Successful => Output::Successful,
        InvestigationStatus::Failed => no_result("InvestigationFailed", format!("investigation {id}")),
        InvestigationStatus::Running => match schedule.wait_before(look.saturating_add(1)) {
            Some(wait) => Output::Running { wait_seconds: wait.as_secs() },
            None => no_result("InvestigationDeadline", format!("investigation {id} after {look} looks")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_looks_on_until_the_deadline_and_no_further() {
        let schedule = Schedule::new(Duration::from_secs(25)); // looks at 10, 20 and 25 seconds
        let after = |status, look| after_look(status, "1", look, schedule);
        assert_eq!(after(InvestigationStatus::Running, 1), Output::Running { wait_seconds: 10 });
        assert_eq!(after(InvestigationStatus::Running, 2), Output::Running { wait_seconds: 5 });
        let Output::NoResult { not_investigated } = after(InvestigationStatus::Running, 3) else { panic!() };
        assert_eq!(not_investigated.error, "InvestigationDeadline");
        assert_eq!(after(InvestigationStatus::Successful, 3), Output::Successful);
        let Output::NoResult { not_investigated } = after(InvestigationStatus::Failed, 1) else { panic!() };
        assert_eq!(not_investigated.error, "InvestigationFailed");
    }
}
