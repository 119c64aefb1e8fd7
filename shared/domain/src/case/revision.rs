//! Assessing, alerting and closing: under which revision, and why.

use super::progress::CaseProgress;
use crate::assessment::Assessed;
use crate::verdict::AlertCause;

/// How an assessment goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// People hear of it.
    Alert,
    /// People have heard of this very state of the case, or may have: send-alert is to make sure of that, under the revision
    /// that it has, and to close.
    AlertAsAssessedBefore,
    /// End quietly, for now or for good, if nothing has joined since; otherwise assess again.
    EndQuietly,
    /// It has ended already, for now or for good: an earlier try of this step did the work.
    AlreadyEnded,
}

/// The revision under which a new assessment is to be published: one that no message can have carried yet.
#[must_use]
pub fn assessed_revision(case: &CaseProgress) -> u32 {
    case.last_revision().saturating_add(1)
}

/// Why people hear of an assessment that by itself has that cause, or none.
///
/// Where people were alerted before, or may have been, they hear also that the alert no longer stands; once.
#[must_use]
pub fn cause_to_tell(case: &CaseProgress, cause: Option<AlertCause>) -> Option<AlertCause> {
    let last = case.last_revision();
    // A quiet assessment is written only where no alert stands.
    let told_so = |before: Assessed| match before.cause {
        None => true,
        cause => cause == Some(AlertCause::Resolved) && before.revision <= last,
    };
    let stands = last > 0 && !case.assessed.is_some_and(told_so);
    cause.or_else(|| stands.then_some(AlertCause::Resolved))
}

/// How an assessment goes on.
#[must_use]
pub fn after_assessment(case: &CaseProgress, assessed: Assessed) -> Ending {
    let told = |before: Assessed| {
        before.cause.is_some()
            && before.joined == case.joined
            && before.second_look == assessed.second_look
            && before.revision <= case.last_revision()
            // A result where there was none is news, although nothing has joined.
            && (before.has_result || !assessed.has_result)
    };
    if !case.status.is_under_way() {
        Ending::AlreadyEnded
    } else if case.assessed.is_some_and(told) {
        Ending::AlertAsAssessedBefore
    } else if assessed.cause.is_some() {
        Ending::Alert
    } else {
        Ending::EndQuietly
    }
}

/// What send-alert may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Claim this revision and publish it.
    First(u32),
    /// It was claimed before, and nobody knows whether it arrived: publish the same revision again, marked.
    Again(u32),
    /// It is published: only closing is left.
    Published(u32),
}

/// Decides what send-alert may do about an assessment.
#[must_use]
pub fn claim(case: &CaseProgress, assessed: Assessed) -> Claim {
    let revision = assessed.revision;
    if case.published_revision >= revision {
        Claim::Published(revision)
    } else if case.claimed_revision >= revision {
        Claim::Again(revision)
    } else {
        Claim::First(revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseNumber;
    use jiff::Timestamp;

    fn assessed(revision: u32, cause: Option<AlertCause>) -> Assessed {
        Assessed { cause, ..Assessed::quiet(1, 0, revision) }
    }

    fn case(claimed: u32, published: u32, of_it: Option<Assessed>) -> CaseProgress {
        CaseProgress {
            assessed: of_it,
            claimed_revision: claimed,
            published_revision: published,
            ..CaseProgress::opened(CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH })
        }
    }

    #[test]
    fn a_revision_is_claimed_once_repeated_if_in_doubt_and_never_after_it_is_published() {
        let decide = |claimed, published, revision| claim(&case(claimed, published, None), assessed(revision, None));
        assert_eq!(decide(0, 0, 1), Claim::First(1));
        assert_eq!(decide(1, 0, 1), Claim::Again(1));
        assert_eq!(decide(1, 1, 1), Claim::Published(1));
        assert_eq!(decide(1, 1, 2), Claim::First(2));
    }

    #[test]
    fn what_was_told_or_may_have_been_is_not_told_again_under_a_new_revision() {
        let told = |claimed, published, joined| {
            let before = assessed(1, Some(AlertCause::Verdict));
            let case = CaseProgress { joined, ..case(claimed, published, Some(before)) };
            after_assessment(&case, Assessed { revision: 2, joined, ..before })
        };
        assert_eq!(told(0, 0, 1), Ending::Alert);
        assert_eq!(told(1, 0, 1), Ending::AlertAsAssessedBefore, "its answer was lost");
        assert_eq!(told(1, 1, 1), Ending::AlertAsAssessedBefore, "only closing failed");
        assert_eq!(told(1, 1, 2), Ending::Alert, "something has joined");
    }

    #[test]
    fn a_result_where_there_was_none_is_told() {
        let without = Assessed { has_result: false, ..assessed(1, Some(AlertCause::NotInvestigated)) };
        let case = case(1, 0, Some(without));
        assert_eq!(after_assessment(&case, Assessed { revision: 2, ..without }), Ending::AlertAsAssessedBefore);
        assert_eq!(after_assessment(&case, assessed(2, Some(AlertCause::Verdict))), Ending::Alert);
    }

    #[test]
    fn an_alert_that_no_longer_stands_is_taken_back_once() {
        let before = |claimed, published, revision: Option<u32>| {
            case(claimed, published, revision.map(|revision| assessed(revision, Some(AlertCause::Verdict))))
        };
        assert_eq!(cause_to_tell(&before(0, 0, None), None), None, "nobody was told anything");
        assert_eq!(cause_to_tell(&before(0, 0, Some(1)), None), None);
        assert_eq!(cause_to_tell(&before(1, 0, Some(1)), None), Some(AlertCause::Resolved), "it may have been told");
        assert_eq!(cause_to_tell(&before(1, 1, Some(2)), None), Some(AlertCause::Resolved));
        assert_eq!(cause_to_tell(&before(1, 1, Some(1)), Some(AlertCause::Verdict)), Some(AlertCause::Verdict));
        let taken_back = case(2, 2, Some(assessed(2, Some(AlertCause::Resolved))));
        assert_eq!(cause_to_tell(&taken_back, None), None);
        let quiet_since = case(2, 2, Some(assessed(3, None)));
        assert_eq!(cause_to_tell(&quiet_since, None), None, "it was watched, and looked at again");
        let told_again = case(2, 1, Some(assessed(2, Some(AlertCause::Resolved))));
        assert_eq!(cause_to_tell(&told_again, Some(AlertCause::Verdict)), Some(AlertCause::Verdict));
    }

    #[test]
    fn what_the_second_look_finds_is_told_whatever_was_told_before() {
        let taken_back = Assessed { cause: Some(AlertCause::Resolved), ..Assessed::quiet(1, 0, 2) };
        let case = case(2, 2, Some(taken_back));
        let found = Assessed { second_look: true, ..assessed(3, Some(AlertCause::Verdict)) };
        assert_eq!(after_assessment(&case, found), Ending::Alert);
        let quiet = Assessed { second_look: true, ..assessed(3, None) };
        assert_eq!(after_assessment(&case, quiet), Ending::EndQuietly);
        let told = self::case(3, 3, Some(found));
        assert_eq!(after_assessment(&told, Assessed { revision: 4, ..found }), Ending::AlertAsAssessedBefore);
    }

    #[test]
    fn a_new_assessment_never_takes_a_number_that_a_message_may_have_carried() {
        assert_eq!(assessed_revision(&case(0, 0, None)), 1);
        assert_eq!(assessed_revision(&case(1, 0, None)), 2);
        assert_eq!(assessed_revision(&case(1, 1, None)), 2);
    }
}
