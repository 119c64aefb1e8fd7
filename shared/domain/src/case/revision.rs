//! Assessing, alerting and closing.
//!
//! ```text
//! assess-case      reads joined = 3 ─────── writes assessment(joined 3, revision 1)
//! open-case                                              └── a finding joins: joined = 4
//! send-alert       claims 1 ── publishes 1 ── records 1, closes only if joined is still 3: it is not
//! assess-case      reads joined = 4 ── writes assessment(joined 4, revision 2) …
//! ```
//!
//! A send-alert that dies between publishing and recording leaves claimed 1, published 0. Its retry finds that, and
//! publishes revision 1 again, marked as a repeat.

use super::record::{Assessment, CaseRecord, CaseStatus};
use crate::verdict::AlertCause;

/// How an assessment goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// People hear of it.
    Alert,
    /// People have heard of this very state of the case, or may have: send-alert is to make sure of that, under the revision
    /// that it has, and to close.
    AlertAsAssessedBefore,
    /// Close quietly, if nothing has joined since; otherwise assess again.
    CloseQuietly,
    /// It is closed already: an earlier try of this step did the work.
    AlreadyClosed,
}

/// The revision under which a new assessment is to be published: one that no message can have carried yet.
#[must_use]
pub fn assessed_revision(case: &CaseRecord) -> u32 {
    case.claimed_revision.max(case.published_revision).saturating_add(1)
}

/// Why people hear of an assessment that by itself has that cause, or none.
///
/// Where people were alerted before, or may have been, they hear also that the alert no longer stands; once.
#[must_use]
pub fn cause_to_tell(case: &CaseRecord, cause: Option<AlertCause>) -> Option<AlertCause> {
    let last = case.claimed_revision.max(case.published_revision);
    let told_so = |before: &Assessment| before.alert_cause == Some(AlertCause::Resolved) && before.revision <= last;
    let stands = last > 0 && !case.assessment.as_ref().is_some_and(told_so);
    cause.or_else(|| stands.then_some(AlertCause::Resolved))
}

/// How an assessment goes on.
#[must_use]
pub fn after_assessment(case: &CaseRecord, assessment: &Assessment) -> Ending {
    let told = |before: &Assessment| {
        before.alert_cause.is_some()
            && before.joined == case.joined
            && before.revision <= case.claimed_revision.max(case.published_revision)
            // A result where there was none is news, although nothing has joined.
            && (before.not_investigated.is_none() || assessment.not_investigated.is_some())
    };
    if case.status == CaseStatus::Closed {
        Ending::AlreadyClosed
    } else if case.assessment.as_ref().is_some_and(told) {
        Ending::AlertAsAssessedBefore
    } else if assessment.alert_cause.is_some() {
        Ending::Alert
    } else {
        Ending::CloseQuietly
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
    /// Nothing was assessed that could be published.
    NothingAssessed,
}

/// Decides what send-alert may do.
#[must_use]
pub fn claim(case: &CaseRecord) -> Claim {
    let Some(assessment) = &case.assessment else { return Claim::NothingAssessed };
    let revision = assessment.revision;
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
    use crate::case::CaseKey;
    use crate::investigation::NotInvestigated;
    use crate::principal::{NotInvestigable, Principal};
    use crate::verdict::{Verdict, Weights};
    use jiff::Timestamp;
    use std::collections::BTreeMap;

    fn case(claimed: u32, published: u32, assessed: Option<u32>) -> CaseRecord {
        CaseRecord {
            key: CaseKey::new("s", 1, Timestamp::UNIX_EPOCH),
            status: CaseStatus::Open,
            principal: Principal::nobody(NotInvestigable::NoName),
            opened_at: Timestamp::UNIX_EPOCH,
            joined: 1,
            execution_attempt: 1,
            investigation: None,
            assessment: assessed.map(|revision| Assessment {
                at: Timestamp::UNIX_EPOCH,
                joined: 1,
                revision,
                verdict: Verdict::weigh(&[], &[], &Weights::default()),
                alert_cause: None,
                detective_severity: None,
                indicators: Vec::new(),
                not_investigated: None,
                techniques: Vec::new(),
                next_steps: Vec::new(),
                account_names: BTreeMap::new(),
                report: None,
            }),
            claimed_revision: claimed,
            published_revision: published,
            alerted_at: None,
            closed_at: None,
        }
    }

    #[test]
    fn a_revision_is_claimed_once_repeated_if_in_doubt_and_never_after_it_is_published() {
        assert_eq!(claim(&case(0, 0, None)), Claim::NothingAssessed);
        assert_eq!(claim(&case(0, 0, Some(1))), Claim::First(1));
        assert_eq!(claim(&case(1, 0, Some(1))), Claim::Again(1));
        assert_eq!(claim(&case(1, 1, Some(1))), Claim::Published(1));
        assert_eq!(claim(&case(1, 1, Some(2))), Claim::First(2));
    }

    #[test]
    fn what_was_told_or_may_have_been_is_not_told_again_under_a_new_revision() {
        let told = |claimed, published, joined| {
            let mut case = case(claimed, published, Some(1));
            if let Some(assessment) = &mut case.assessment {
                assessment.alert_cause = Some(AlertCause::Verdict);
            }
            case.joined = joined;
            let assessment = case.assessment.clone().unwrap();
            after_assessment(&case, &Assessment { revision: 2, joined, ..assessment })
        };
        assert_eq!(told(0, 0, 1), Ending::Alert);
        assert_eq!(told(1, 0, 1), Ending::AlertAsAssessedBefore, "its answer was lost");
        assert_eq!(told(1, 1, 1), Ending::AlertAsAssessedBefore, "only closing failed");
        assert_eq!(told(1, 1, 2), Ending::Alert, "something has joined");
    }

    #[test]
    fn a_result_where_there_was_none_is_told() {
        let mut case = case(1, 0, Some(1));
        let assessment = case.assessment.as_mut().unwrap();
        assessment.alert_cause = Some(AlertCause::NotInvestigated);
        assessment.not_investigated = Some(NotInvestigated { error: "E".into(), cause: String::new() });
        let again = Assessment { revision: 2, ..assessment.clone() };
        let result = Assessment { alert_cause: Some(AlertCause::Verdict), not_investigated: None, ..again.clone() };
        assert_eq!(after_assessment(&case, &again), Ending::AlertAsAssessedBefore);
        assert_eq!(after_assessment(&case, &result), Ending::Alert);
    }

    #[test]
    fn an_alert_that_no_longer_stands_is_taken_back_once() {
        assert_eq!(cause_to_tell(&case(0, 0, None), None), None, "nobody was told anything");
        assert_eq!(cause_to_tell(&case(0, 0, Some(1)), None), None);
        assert_eq!(cause_to_tell(&case(1, 0, Some(1)), None), Some(AlertCause::Resolved), "it may have been told");
        assert_eq!(cause_to_tell(&case(1, 1, Some(2)), None), Some(AlertCause::Resolved));
        assert_eq!(cause_to_tell(&case(1, 1, Some(1)), Some(AlertCause::Verdict)), Some(AlertCause::Verdict));
        let mut taken_back = case(2, 2, Some(2));
        if let Some(assessment) = &mut taken_back.assessment {
            assessment.alert_cause = Some(AlertCause::Resolved);
        }
        assert_eq!(cause_to_tell(&taken_back, None), None);
    }

    #[test]
    fn a_new_assessment_never_takes_a_number_that_a_message_may_have_carried() {
        assert_eq!(assessed_revision(&case(0, 0, None)), 1);
        assert_eq!(assessed_revision(&case(1, 0, Some(1))), 2);
        assert_eq!(assessed_revision(&case(1, 1, Some(1))), 2);
    }
}
