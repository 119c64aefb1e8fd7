//! Detective's list of active investigations, kept to those that people are to look at.

use crate::answers::Answers;
use crate::app::App;
use crate::weighing::Weighing;
use gumshoe_domain::Named;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::steps::Outcome;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::investigation::InvestigationState;

/// Archives the investigations of a case that has just ended quietly, for now or for good, and takes out again those of one
/// which is to alert.
/// Detective may refuse it: that is logged, and changes nothing about the case.
pub(crate) async fn sort_in(app: &App, weighing: &Weighing, assessment: Option<&Assessment>, outcome: Outcome) {
    // Without an assessment of this try's, an earlier one has closed the case, and may have been overtaken by the next case.
    let ended = matches!(outcome, Outcome::Closed | Outcome::Watching);
    let closed_quietly = ended && assessment.is_some_and(|it| it.alert_cause.is_none());
    for Answers { open: asked, investigation, .. } in weighing.answers.iter().filter(|_| app.archives_quiet) {
        let state = wanted(investigation.state, asked.reused, closed_quietly, outcome == Outcome::Alert);
        let Some(state) = state else { continue };
        let set = app.detective.set_state(&asked.graph_arn, &asked.id, state).await;
        let (case_id, id) = (&weighing.case.key.case_id, &asked.id);
        match set {
            Ok(()) => {
                tracing::info!(case.id = %case_id, investigation.id = %id, %state, "the investigation was sorted in");
            }
            Err(error) => tracing::warn!(case.id = %case_id, investigation.id = %id, %state, error.name = error.name(),
                error.message = %with_causes(&error), "the investigation stays where Detective lists it"),
        }
    }
}

/// The state that it is to have, where it has another. One that was there before belongs to whoever started it, and is
/// archived by nobody else.
fn wanted(
    now: Option<InvestigationState>,
    reused: bool,
    closed_quietly: bool,
    alerts: bool,
) -> Option<InvestigationState> {
    match now? {
        InvestigationState::Active => (closed_quietly && !reused).then_some(InvestigationState::Archived),
        InvestigationState::Archived => alerts.then_some(InvestigationState::Active),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_own_is_archived_after_a_quiet_end_and_whichever_is_told_of_is_active() {
        let (active, archived) = (Some(InvestigationState::Active), Some(InvestigationState::Archived));
        for reused in [false, true] {
            assert_eq!(wanted(active, reused, true, false), archived.filter(|_| !reused));
            assert_eq!(wanted(archived, reused, false, true), active, "the alert's link leads there");
            assert_eq!(wanted(active, reused, false, true), None);
            assert_eq!(wanted(archived, reused, true, false), None);
            assert_eq!(wanted(active, reused, false, false), None, "assessed again, or investigated again");
            assert_eq!(wanted(None, reused, true, false), None, "nobody knows where it is");
        }
    }
}
