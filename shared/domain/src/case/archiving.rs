//! Detective's list of active investigations, kept to those that people are to look at.

use super::InvestigationResult;
use super::flows::AssessOutcome;
use crate::assessment::Assessment;
use crate::investigation::InvestigationState;

/// The state that a case's investigation is to have, where it has another: archived where the case has just ended quietly, for
/// now or for good, and active where people are alerted.
///
/// `assessment` is that of this attempt. Without one, an earlier attempt has closed the case, and the next case may have come
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

/// One that was reused belongs to those who started it, and is not archived.
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
    fn ones_own_is_archived_after_a_quiet_end_and_whichever_is_told_of_is_active() {
        let (active, archived) = (Some(InvestigationState::Active), Some(InvestigationState::Archived));
        for reused in [false, true] {
            assert_eq!(desired_state(active, reused, true, false), archived.filter(|_| !reused));
            assert_eq!(desired_state(archived, reused, false, true), active, "the alert's link candidates there");
            assert_eq!(desired_state(active, reused, false, true), None);
            assert_eq!(desired_state(archived, reused, true, false), None);
            assert_eq!(desired_state(active, reused, false, false), None, "assessed again, or investigated again");
            assert_eq!(desired_state(None, reused, true, false), None, "nobody knows where it is");
        }
    }
}
