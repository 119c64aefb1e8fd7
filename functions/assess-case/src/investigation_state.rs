//! The state, active or archived, of the case's investigations in Detective's console.

use crate::app::App;
use gumshoe_domain::ErrorName;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::flows::AssessOutcome;
use gumshoe_domain::case::{CaseInputs, desired_investigation_state};
use gumshoe_domain::error::with_causes;

/// Archives the investigations of a case that was just closed, or is watched, without an alert, and makes those of a case that is to be alerted
/// active again. A failure is logged, and does not change the case.
pub(crate) async fn sync_states(
    app: &App,
    inputs: &CaseInputs,
    assessment: Option<&Assessment>,
    outcome: AssessOutcome,
) {
    for result in inputs.results.iter().filter(|_| app.settings.archive_quiet_investigations) {
        let Some(state) = desired_investigation_state(result, outcome, assessment) else { continue };
        let open = &result.open;
        let set = app.detective.set_state(&open.graph_arn, &open.id, state).await;
        let (case_id, id) = (&inputs.case.key.case_id, &open.id);
        match set {
            Ok(()) => {
                tracing::info!(case.id = %case_id, investigation.id = %id, %state, "set the investigation's state");
            }
            Err(error) => {
                tracing::warn!(case.id = %case_id, investigation.id = %id, %state, error.name = error.error_name(),
                error.message = %with_causes(&error), "could not set the investigation's state; it stays as it is")
            }
        }
    }
}
