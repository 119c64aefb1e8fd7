//! Assessing, alerting and closing: under which revision, and why.

use super::progress::CaseProgress;
use crate::assessment::AssessmentSummary;
use crate::verdict::AlertCause;

/// How an assessment goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssessmentAction {
    /// People hear of it.
    Alert,
    /// People have heard of this very state of the case, or may have: send-alert is to make sure of that, under the revision
    /// that it has, and to close.
    RepeatAlert,
    /// End quietly, for now or for good, if nothing has joined since; otherwise assess again.
    EndQuietly,
    /// It has ended already, for now or for good: an earlier try of this step did the work.
    AlreadyEnded,
}

/// The revision under which a new assessment is to be published: one that no message can have carried yet.
#[must_use]
pub fn next_revision(case: &CaseProgress) -> u32 {
    case.last_revision().saturating_add(1)
}

/// Why people hear of an assessment that by itself has that cause, or none.
///
/// Where people were alerted before, or may have been, they hear also that the alert no longer stands; once.
#[must_use]
pub fn effective_alert_cause(case: &CaseProgress, cause: Option<AlertCause>) -> Option<AlertCause> {
    let last = case.last_revision();
    // A quiet assessment is written only where no alert stands.
    let told_so = |before: AssessmentSummary| match before.alert_cause {
        None => true,
        cause => cause == Some(AlertCause::Resolved) && before.revision <= last,
    };
    let stands = last > 0 && !case.last_assessment.is_some_and(told_so);
    cause.or_else(|| stands.then_some(AlertCause::Resolved))
}

/// How an assessment goes on.
#[must_use]
pub fn decide_after_assessment(case: &CaseProgress, assessed: AssessmentSummary) -> AssessmentAction {
    let told = |before: AssessmentSummary| {
        before.alert_cause.is_some()
            && before.joined_count == case.joined_count
            && before.is_follow_up == assessed.is_follow_up
            && before.revision <= case.last_revision()
            // A result where there was none is news, although nothing has joined.
            && (before.has_result || !assessed.has_result)
    };
    if !case.status.is_active() {
        AssessmentAction::AlreadyEnded
    } else if case.last_assessment.is_some_and(told) {
        AssessmentAction::RepeatAlert
    } else if assessed.alert_cause.is_some() {
        AssessmentAction::Alert
    } else {
        AssessmentAction::EndQuietly
    }
}

/// What send-alert may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimDecision {
    /// Claim this revision and publish it.
    New(u32),
    /// It was claimed before, and nobody knows whether it arrived: publish the same revision again, marked.
    Repeat(u32),
    /// It is published: only closing is left.
    AlreadyPublished(u32),
}

/// Decides what send-alert may do about an assessment.
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
    fn a_revision_is_claimed_once_repeated_if_in_doubt_and_never_after_it_is_published() {
        let decide =
            |claimed, published, revision| decide_claim(&case(claimed, published, None), assessed(revision, None));
        assert_eq!(decide(0, 0, 1), ClaimDecision::New(1));
        assert_eq!(decide(1, 0, 1), ClaimDecision::Repeat(1));
        assert_eq!(decide(1, 1, 1), ClaimDecision::AlreadyPublished(1));
        assert_eq!(decide(1, 1, 2), ClaimDecision::New(2));
    }

    #[test]
    fn what_was_told_or_may_have_been_is_not_told_again_under_a_new_revision() {
        let told = |claimed, published, joined| {
            let before = assessed(1, Some(AlertCause::Verdict));
            let case = CaseProgress { joined_count: joined, ..case(claimed, published, Some(before)) };
            decide_after_assessment(&case, AssessmentSummary { revision: 2, joined_count: joined, ..before })
        };
        assert_eq!(told(0, 0, 1), AssessmentAction::Alert);
        assert_eq!(told(1, 0, 1), AssessmentAction::RepeatAlert, "its answer was lost");
        assert_eq!(told(1, 1, 1), AssessmentAction::RepeatAlert, "only closing failed");
        assert_eq!(told(1, 1, 2), AssessmentAction::Alert, "something has joined");
    }

    #[test]
    fn a_result_where_there_was_none_is_told() {
        let without = AssessmentSummary { has_result: false, ..assessed(1, Some(AlertCause::NotInvestigated)) };
        let case = case(1, 0, Some(without));
        assert_eq!(
            decide_after_assessment(&case, AssessmentSummary { revision: 2, ..without }),
            AssessmentAction::RepeatAlert
        );
        assert_eq!(decide_after_assessment(&case, assessed(2, Some(AlertCause::Verdict))), AssessmentAction::Alert);
    }

    #[test]
    fn an_alert_that_no_longer_stands_is_taken_back_once() {
        let before = |claimed, published, revision: Option<u32>| {
            case(claimed, published, revision.map(|revision| assessed(revision, Some(AlertCause::Verdict))))
        };
        assert_eq!(effective_alert_cause(&before(0, 0, None), None), None, "nobody was told anything");
        assert_eq!(effective_alert_cause(&before(0, 0, Some(1)), None), None);
        assert_eq!(
            effective_alert_cause(&before(1, 0, Some(1)), None),
            Some(AlertCause::Resolved),
            "it may have been told"
        );
        assert_eq!(effective_alert_cause(&before(1, 1, Some(2)), None), Some(AlertCause::Resolved));
        assert_eq!(effective_alert_cause(&before(1, 1, Some(1)), Some(AlertCause::Verdict)), Some(AlertCause::Verdict));
        let taken_back = case(2, 2, Some(assessed(2, Some(AlertCause::Resolved))));
        assert_eq!(effective_alert_cause(&taken_back, None), None);
        let quiet_since = case(2, 2, Some(assessed(3, None)));
        assert_eq!(effective_alert_cause(&quiet_since, None), None, "it was watched, and looked at again");
        let told_again = case(2, 1, Some(assessed(2, Some(AlertCause::Resolved))));
        assert_eq!(effective_alert_cause(&told_again, Some(AlertCause::Verdict)), Some(AlertCause::Verdict));
    }

    #[test]
    fn what_the_second_look_finds_is_told_whatever_was_told_before() {
        let taken_back =
            AssessmentSummary { alert_cause: Some(AlertCause::Resolved), ..AssessmentSummary::quiet(1, 0, 2) };
        let case = case(2, 2, Some(taken_back));
        let found = AssessmentSummary { is_follow_up: true, ..assessed(3, Some(AlertCause::Verdict)) };
        assert_eq!(decide_after_assessment(&case, found), AssessmentAction::Alert);
        let quiet = AssessmentSummary { is_follow_up: true, ..assessed(3, None) };
        assert_eq!(decide_after_assessment(&case, quiet), AssessmentAction::EndQuietly);
        let told = self::case(3, 3, Some(found));
        assert_eq!(
            decide_after_assessment(&told, AssessmentSummary { revision: 4, ..found }),
            AssessmentAction::RepeatAlert
        );
    }

    #[test]
    fn a_new_assessment_never_takes_a_number_that_a_message_may_have_carried() {
        assert_eq!(next_revision(&case(0, 0, None)), 1);
        assert_eq!(next_revision(&case(1, 0, None)), 2);
        assert_eq!(next_revision(&case(1, 1, None)), 2);
    }
}
