//! The relay's validation of messages about a case.
//!
//! The relay drops revisions up to the one that it delivered last, and a message that resolves a case ends its incident. So a forged
//! message could suppress the real ones: by a revision that is out of range, or by resolving the case. The relay therefore checks
//! each message against the table, where send-alert claims a revision before it publishes it.

use super::progress::CaseProgress;
use crate::verdict::AlertCause;
use thiserror::Error;

/// The claimed revisions of a case, from the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimedRevisions {
    /// The highest revision that a message can have; 0 before the first alert.
    pub last_revision: u32,
    /// The revision and the cause of the last assessment, if there is one.
    pub last_assessed: Option<(u32, Option<AlertCause>)>,
}

/// Why the relay rejects a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RejectReason {
    /// The table has no case with this id.
    #[error("no such case in the Cases table")]
    UnknownCase,
    /// The revision was never claimed, so send-alert cannot have published it.
    #[error("revision {revision} was never claimed (last claimed: {last})")]
    RevisionNotClaimed {
        /// The revision in the message.
        revision: u32,
        /// The last claimed revision.
        last: u32,
    },
    /// The message resolves a case without an alert: the first revision of a case is an alert.
    #[error("it resolves a case without an alert")]
    NothingToResolve,
    /// The stored assessment with this revision has another cause.
    #[error("its cause differs from the stored cause of revision {revision}")]
    OtherCause {
        /// The revision in the message.
        revision: u32,
    },
}

impl RejectReason {
    /// The error's name, an attribute of the dead letter. Operators search for it.
    #[must_use]
    pub fn error_name(self) -> &'static str {
        match self {
            Self::UnknownCase => "UnknownCase",
            Self::RevisionNotClaimed { .. } => "RevisionNotClaimed",
            Self::NothingToResolve => "NothingToResolve",
            Self::OtherCause { .. } => "OtherCause",
        }
    }
}

impl ClaimedRevisions {
    /// The claimed revisions of a case.
    #[must_use]
    pub fn of(case: &CaseProgress) -> Self {
        Self {
            last_revision: case.last_revision(),
            last_assessed: case.last_assessment.map(|it| (it.revision, it.alert_cause)),
        }
    }

    /// Whether a channel still needs a revision, given the highest that is recorded as delivered to it.
    ///
    /// A recorded revision that was never claimed cannot have been delivered by the relay, and is ignored.
    #[must_use]
    pub fn needs_delivery(&self, delivered: Option<u32>, revision: u32) -> bool {
        delivered.is_none_or(|delivered| delivered < revision || delivered > self.last_revision)
    }
}

/// Validates a message's revision and cause against the claimed revisions of its case (`None` if the table has no such case).
///
/// Every message of send-alert is accepted: it claims a revision before it publishes it, and no assessment takes a revision that was
/// claimed (tests/protocol).
///
/// # Errors
///
/// Why send-alert cannot have published the message.
pub fn validate_message(
    claims: Option<&ClaimedRevisions>,
    revision: u32,
    cause: AlertCause,
) -> Result<(), RejectReason> {
    let claims = claims.ok_or(RejectReason::UnknownCase)?;
    let last = claims.last_revision;
    if revision == 0 || revision > last {
        return Err(RejectReason::RevisionNotClaimed { revision, last });
    }
    if cause == AlertCause::Resolved && revision == 1 {
        return Err(RejectReason::NothingToResolve);
    }
    match claims.last_assessed {
        Some((assessed, Some(known))) if assessed == revision && known != cause => {
            Err(RejectReason::OtherCause { revision })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAUSES: [AlertCause; 3] = [AlertCause::Verdict, AlertCause::NotInvestigated, AlertCause::Resolved];

    fn claims(last_revision: u32, assessed: Option<(u32, Option<AlertCause>)>) -> ClaimedRevisions {
        ClaimedRevisions { last_revision, last_assessed: assessed }
    }

    #[test]
    fn an_unclaimed_revision_is_rejected_with_the_last_claimed_one() {
        let case = claims(2, Some((2, Some(AlertCause::Verdict))));
        let rejected = |revision| validate_message(Some(&case), revision, AlertCause::Verdict).unwrap_err();
        for revision in [0, 3, u32::MAX] {
            assert_eq!(rejected(revision), RejectReason::RevisionNotClaimed { revision, last: 2 });
        }
        assert_eq!(rejected(u32::MAX).to_string(), "revision 4294967295 was never claimed (last claimed: 2)");
        for revision in [1, 2] {
            assert_eq!(validate_message(Some(&case), revision, AlertCause::Verdict), Ok(()), "{revision}");
        }
    }

    #[test]
    fn a_case_without_an_alert_is_not_resolved() {
        let resolve =
            |claims: ClaimedRevisions, revision| validate_message(Some(&claims), revision, AlertCause::Resolved);
        assert!(resolve(claims(0, Some((1, None))), 1).is_err(), "it is quiet");
        assert_eq!(resolve(claims(1, Some((1, Some(AlertCause::Verdict)))), 1), Err(RejectReason::NothingToResolve));
        let alerted_twice = claims(2, Some((2, Some(AlertCause::Verdict))));
        assert_eq!(resolve(alerted_twice, 2), Err(RejectReason::OtherCause { revision: 2 }));
        assert_eq!(resolve(claims(2, Some((2, Some(AlertCause::Resolved)))), 2), Ok(()));
    }

    #[test]
    fn an_unknown_case_is_rejected() {
        assert_eq!(validate_message(None, 1, AlertCause::Verdict), Err(RejectReason::UnknownCase));
    }

    #[test]
    fn a_late_message_is_accepted_after_the_case_was_assessed_again() {
        let assessed_again = claims(1, Some((2, Some(AlertCause::Resolved))));
        assert_eq!(
            validate_message(Some(&assessed_again), 1, AlertCause::Verdict),
            Ok(()),
            "revision 2 is assessed and not claimed"
        );
        let quiet_since = claims(2, Some((3, None)));
        assert_eq!(validate_message(Some(&quiet_since), 2, AlertCause::Resolved), Ok(()));
    }

    #[test]
    fn the_names_in_the_dead_letter_queue_are_stable() {
        let all = [
            RejectReason::UnknownCase,
            RejectReason::RevisionNotClaimed { revision: 2, last: 1 },
            RejectReason::NothingToResolve,
            RejectReason::OtherCause { revision: 1 },
        ];
        assert_eq!(
            all.map(RejectReason::error_name),
            ["UnknownCase", "RevisionNotClaimed", "NothingToResolve", "OtherCause"]
        );
    }

    proptest! {
        /// The next revision is delivered after any forged message, and after any record that it causes.
        #[test]
        fn no_message_keeps_a_later_revision_from_being_delivered(
            last in 0_u32..50, revision in any::<u32>(), cause in 0_usize..3, noted in any::<Option<u32>>(),
        ) {
            let now = claims(last, None);
            if validate_message(Some(&now), revision, CAUSES[cause]).is_ok() {
                prop_assert!((1..=last).contains(&revision));
            }
            let next = claims(last + 1, Some((last + 1, Some(AlertCause::Verdict))));
            prop_assert_eq!(validate_message(Some(&next), last + 1, AlertCause::Verdict), Ok(()));
            let possible = noted.is_some_and(|noted| noted == last + 1);
            prop_assert!(possible || next.needs_delivery(noted, last + 1));
        }

        #[test]
        fn a_channel_needs_revisions_above_the_delivered_one(last in 1_u32..50, had in 0_u32..50, revision in 1_u32..50) {
            let had = had.min(last);
            prop_assert_eq!(claims(last, None).needs_delivery(Some(had), revision), had < revision);
        }
    }
}
