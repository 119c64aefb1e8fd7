//! The revisions of a case's alert: which an assessment takes, and which send-alert may publish.

use super::progress::CaseProgress;
use crate::assessment::AssessmentSummary;
use crate::verdict::AlertCause;

/// The action after an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssessmentAction {
    /// People are notified.
    Alert,
    /// People were notified of this state of the case, or may have been: send-alert ensures it under the existing revision, and closes
    /// the case.
    RepeatAlert,
    /// The case ends quietly (watched or closed) if nothing has joined since; otherwise it is assessed again.
    EndQuietly,
    /// The case has ended already (watched or closed), by an earlier attempt of this step.
    AlreadyEnded,
}

/// The revision of a new assessment: one that no message can have yet.
#[must_use]
pub fn next_revision(case: &CaseProgress) -> u32 {
    case.last_revision().saturating_add(1)
}

/// The alert cause of an assessment, given its own cause.
///
/// If people were alerted before, or may have been, a quiet assessment resolves that alert, once.
#[must_use]
pub fn effective_alert_cause(case: &CaseProgress, cause: Option<AlertCause>) -> Option<AlertCause> {
    let last = case.last_revision();
    // A quiet assessment is written only if no alert is open.
    let is_resolved = |before: AssessmentSummary| match before.alert_cause {
        None => true,
        cause => cause == Some(AlertCause::Resolved) && before.revision <= last,
    };
    let has_open_alert = last > 0 && !case.last_assessment.is_some_and(is_resolved);
    cause.or_else(|| has_open_alert.then_some(AlertCause::Resolved))
}

/// The action after an assessment.
#[must_use]
pub fn decide_after_assessment(case: &CaseProgress, assessed: AssessmentSummary) -> AssessmentAction {
    let is_notified = |before: AssessmentSummary| {
        before.alert_cause.is_some()
            && before.joined_count == case.joined_count
            && before.is_follow_up == assessed.is_follow_up
            && before.revision <= case.last_revision()
            // A first result is new information, although nothing has joined.
            && (before.has_result || !assessed.has_result)
    };
    if !case.status.is_active() {
        AssessmentAction::AlreadyEnded
    } else if case.last_assessment.is_some_and(is_notified) {
        AssessmentAction::RepeatAlert
    } else if assessed.alert_cause.is_some() {
        AssessmentAction::Alert
    } else {
        AssessmentAction::EndQuietly
    }
}

/// What send-alert may do with a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimDecision {
    /// Claim this revision and publish it.
    New(u32),
    /// This revision was claimed before, and it is unknown whether it was published: publish it again, marked as repeated.
    Repeat(u32),
    /// This revision is published already: only close the case.
    AlreadyPublished(u32),
}

/// Decides what send-alert may do with an assessment's revision.
#[must_use]
pub fn decide_claim(case: &CaseProgress, assessed: AssessmentSummary) -> ClaimDecision {
    let revision = assessed.revision;
    if case.published_revision >= revision {
        ClaimDecision::AlreadyPublished(revision)
    } else if case.claimed_revision >= revision {
        ClaimDecision::Repeat(revision)
    } else {
        ClaimDecision::New(revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseNumber;
    use jiff::Timestamp;

    fn assessed(revision: u32, cause: Option<AlertCause>) -> AssessmentSummary {
        AssessmentSummary { alert_cause: cause, ..AssessmentSummary::quiet(1, 0, revision) }
    }

    fn case(claimed: u32, published: u32, of_it: Option<AssessmentSummary>) -> CaseProgress {
        CaseProgress {
            last_assessment: of_it,
            claimed_revision: claimed,
            published_revision: published,
            ..CaseProgress::opened(CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH })
        }
    }

    #[test]
    fn a_revision_is_claimed_once_repeated_if_unknown_and_never_after_it_is_published() {
        let decide =
            |claimed, published, revision| decide_claim(&case(claimed, published, None), assessed(revision, None));
        assert_eq!(decide(0, 0, 1), ClaimDecision::New(1));
        assert_eq!(decide(1, 0, 1), ClaimDecision::Repeat(1));
        assert_eq!(decide(1, 1, 1), ClaimDecision::AlreadyPublished(1));
        assert_eq!(decide(1, 1, 2), ClaimDecision::New(2));
    }

    #[test]
    fn a_notified_state_gets_no_new_revision() {
        let action = |claimed, published, joined| {
            let before = assessed(1, Some(AlertCause::Verdict));
            let case = CaseProgress { joined_count: joined, ..case(claimed, published, Some(before)) };
            decide_after_assessment(&case, AssessmentSummary { revision: 2, joined_count: joined, ..before })
        };
        assert_eq!(action(0, 0, 1), AssessmentAction::Alert);
        assert_eq!(action(1, 0, 1), AssessmentAction::RepeatAlert, "the response was lost");
        assert_eq!(action(1, 1, 1), AssessmentAction::RepeatAlert, "only closing failed");
        assert_eq!(action(1, 1, 2), AssessmentAction::Alert, "a finding has joined");
    }

    #[test]
    fn a_first_result_is_alerted() {
        let without = AssessmentSummary { has_result: false, ..assessed(1, Some(AlertCause::NotInvestigated)) };
        let case = case(1, 0, Some(without));
        assert_eq!(
            decide_after_assessment(&case, AssessmentSummary { revision: 2, ..without }),
            AssessmentAction::RepeatAlert
        );
        assert_eq!(decide_after_assessment(&case, assessed(2, Some(AlertCause::Verdict))), AssessmentAction::Alert);
    }

    #[test]
    fn an_alert_is_resolved_once() {
        let before = |claimed, published, revision: Option<u32>| {
            case(claimed, published, revision.map(|revision| assessed(revision, Some(AlertCause::Verdict))))
        };
        assert_eq!(effective_alert_cause(&before(0, 0, None), None), None, "no one was notified");
        assert_eq!(effective_alert_cause(&before(0, 0, Some(1)), None), None);
        assert_eq!(
            effective_alert_cause(&before(1, 0, Some(1)), None),
            Some(AlertCause::Resolved),
            "it may have been published"
        );
        assert_eq!(effective_alert_cause(&before(1, 1, Some(2)), None), Some(AlertCause::Resolved));
        assert_eq!(effective_alert_cause(&before(1, 1, Some(1)), Some(AlertCause::Verdict)), Some(AlertCause::Verdict));
        let resolved = case(2, 2, Some(assessed(2, Some(AlertCause::Resolved))));
        assert_eq!(effective_alert_cause(&resolved, None), None);
        let quiet_since = case(2, 2, Some(assessed(3, None)));
        assert_eq!(effective_alert_cause(&quiet_since, None), None, "it was watched, and had its follow-up");
        let alerted_again = case(2, 1, Some(assessed(2, Some(AlertCause::Resolved))));
        assert_eq!(effective_alert_cause(&alerted_again, Some(AlertCause::Verdict)), Some(AlertCause::Verdict));
    }

    #[test]
    fn a_follow_up_result_is_alerted_after_any_earlier_alert() {
        let resolved =
            AssessmentSummary { alert_cause: Some(AlertCause::Resolved), ..AssessmentSummary::quiet(1, 0, 2) };
        let case = case(2, 2, Some(resolved));
        let found = AssessmentSummary { is_follow_up: true, ..assessed(3, Some(AlertCause::Verdict)) };
        assert_eq!(decide_after_assessment(&case, found), AssessmentAction::Alert);
        let quiet = AssessmentSummary { is_follow_up: true, ..assessed(3, None) };
        assert_eq!(decide_after_assessment(&case, quiet), AssessmentAction::EndQuietly);
        let published = self::case(3, 3, Some(found));
        assert_eq!(
            decide_after_assessment(&published, AssessmentSummary { revision: 4, ..found }),
            AssessmentAction::RepeatAlert
        );
    }

    #[test]
    fn a_new_assessment_never_takes_a_revision_that_a_message_may_have() {
        assert_eq!(next_revision(&case(0, 0, None)), 1);
        assert_eq!(next_revision(&case(1, 0, None)), 2);
        assert_eq!(next_revision(&case(1, 1, None)), 2);
    }
}
