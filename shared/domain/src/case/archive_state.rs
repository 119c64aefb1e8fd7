//! The archive state of investigations: Detective's console lists as active only those that people should review.

use super::InvestigationResult;
use super::flows::AssessOutcome;
use crate::assessment::Assessment;
use crate::investigation::InvestigationState;

/// The state that a case's investigation should get, or `None` if it stays: archived after a quiet end (watched or closed), active
/// if people are alerted.
///
/// `assessment` is that of this attempt. Without one, an earlier attempt closed the case, and the next case may have been opened
/// since.
#[must_use]
pub fn desired_investigation_state(
    result: &InvestigationResult,
    outcome: AssessOutcome,
    assessment: Option<&Assessment>,
) -> Option<InvestigationState> {
    let ended = matches!(outcome, AssessOutcome::Closed | AssessOutcome::Watching);
    let ended_quietly = ended && assessment.is_some_and(|it| it.alert_cause.is_none());
    desired_state(result.investigation.state, result.open.is_reused, ended_quietly, outcome == AssessOutcome::Alert)
}

/// A reused investigation belongs to its starter and is not archived.
fn desired_state(
    now: Option<InvestigationState>,
    reused: bool,
    ended_quietly: bool,
    alerts: bool,
) -> Option<InvestigationState> {
    match now? {
        InvestigationState::Active => (ended_quietly && !reused).then_some(InvestigationState::Archived),
        InvestigationState::Archived => alerts.then_some(InvestigationState::Active),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_investigation_is_archived_after_quiet_end_and_any_is_active_after_alert() {
        let (active, archived) = (Some(InvestigationState::Active), Some(InvestigationState::Archived));
        for reused in [false, true] {
            assert_eq!(desired_state(active, reused, true, false), archived.filter(|_| !reused));
            assert_eq!(desired_state(archived, reused, false, true), active, "the alert's link refers to it");
            assert_eq!(desired_state(active, reused, false, true), None);
            assert_eq!(desired_state(archived, reused, true, false), None);
            assert_eq!(desired_state(active, reused, false, false), None, "the case is assessed again");
            assert_eq!(desired_state(None, reused, true, false), None, "its state is unknown");
        }
    }
}
