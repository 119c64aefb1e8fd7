//! Detective's list of active investigations, kept to those that people are to look at.

use crate::app::App;
use gumshoe_domain::ErrorName;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::flows::AssessOutcome;
use gumshoe_domain::case::{CaseInputs, desired_investigation_state};
use gumshoe_domain::error::with_causes;

/// Archives the investigations of a case that has just ended quietly, for now or for good, and makes those of a case that is to
/// be alerted active again. Detective may refuse it: that is logged, and changes nothing about the case.
pub(crate) async fn set_states(
    app: &App,
    inputs: &CaseInputs,
    assessment: Option<&Assessment>,
    outcome: AssessOutcome,
) {
    for result in inputs.results.iter().filter(|_| app.settings.archive_quiet_investigations) {
        let Some(state) = desired_investigation_state(result, outcome, assessment) else { continue };
        let asked = &result.open;
        let set = app.detective.set_state(&asked.graph_arn, &asked.id, state).await;
        let (case_id, id) = (&inputs.case.key.case_id, &asked.id);
        match set {
            Ok(()) => {
                tracing::info!(case.id = %case_id, investigation.id = %id, %state, "the investigation's state was set");
            }
            Err(error) => {
                tracing::warn!(case.id = %case_id, investigation.id = %id, %state, error.name = error.error_name(),
                error.message = %with_causes(&error), "could not set the investigation's state; it stays as it is")
            }
        }
    }
}
