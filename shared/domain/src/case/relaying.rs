//! Whether the relay believes a message about a case.
//!
//! The relay drops each revision that is not above the one it delivered, and a message that resolves a case ends its incident.
//! So a forged message could silence the real ones: by a revision that is out of the possible, or by resolving a case. The
//! table decides what is possible: send-alert claims a revision there before it publishes it.

use super::progress::CaseProgress;
use crate::verdict::AlertCause;
use thiserror::Error;

/// What the table says about the alerts of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimedRevisions {
    /// The highest revision that a message may have carried; 0 before the first alert.
    pub last_revision: u32,
    /// The revision and the cause of the last assessment, once there is one.
    pub last_assessed: Option<(u32, Option<AlertCause>)>,
}

/// Why the relay does not deliver a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RejectReason {
    /// The table holds no case of that id.
    #[error("the table holds no such case")]
    UnknownCase,
    /// The revision was never claimed, so send-alert cannot have published it.
    #[error("revision {revision} was never claimed; the last revision that was is {last}")]
    RevisionNotClaimed {
        /// The revision in the message.
        revision: u32,
        /// The last revision that was claimed.
        last: u32,
    },
    /// It resolves a case that was never alerted: the first revision of a case alerts.
    #[error("it resolves a case that was never alerted")]
    NothingToResolve,
    /// The assessment under this revision has another cause.
    #[error("the table holds another cause for revision {revision}")]
    OtherCause {
        /// The revision in the message.
        revision: u32,
    },
}

impl RejectReason {
    /// The name of the error, which stands beside the message in the dead-letter queue. Operators search for it.
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
    /// Those of a case.
    #[must_use]
    pub fn of(case: &CaseProgress) -> Self {
        Self {
            last_revision: case.last_revision(),
            last_assessed: case.last_assessment.map(|it| (it.revision, it.alert_cause)),
        }
    }

    /// Whether a channel lacks a revision, where `delivered` is the highest that it is noted to have.
    ///
    /// A noted revision that was never claimed cannot have been delivered by the relay, and counts for nothing.
    #[must_use]
    pub fn needs_delivery(&self, delivered: Option<u32>, revision: u32) -> bool {
        delivered.is_none_or(|delivered| delivered < revision || delivered > self.last_revision)
    }
}

/// Decides whether the relay delivers a message of that revision and cause, given what the table says of its case; nothing
/// where the table holds no such case.
///
/// What send-alert publishes is delivered always: it claims a revision before it publishes it, and no assessment takes a
/// revision that was claimed (tests/protocol).
///
/// # Errors
///
/// Why the message cannot be one of send-alert's.
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
    fn a_revision_that_was_never_claimed_is_refused_with_the_last_one_that_was() {
        let case = claims(2, Some((2, Some(AlertCause::Verdict))));
        let refused = |revision| validate_message(Some(&case), revision, AlertCause::Verdict).unwrap_err();
        for revision in [0, 3, u32::MAX] {
            assert_eq!(refused(revision), RejectReason::RevisionNotClaimed { revision, last: 2 });
        }
        assert_eq!(
            refused(u32::MAX).to_string(),
            "revision 4294967295 was never claimed; the last revision that was is 2"
        );
        for revision in [1, 2] {
            assert_eq!(validate_message(Some(&case), revision, AlertCause::Verdict), Ok(()), "{revision}");
        }
    }

    #[test]
    fn a_case_that_was_never_alerted_is_not_resolved() {
        let resolve =
            |claims: ClaimedRevisions, revision| validate_message(Some(&claims), revision, AlertCause::Resolved);
        assert!(resolve(claims(0, Some((1, None))), 1).is_err(), "it is quiet");
        assert_eq!(resolve(claims(1, Some((1, Some(AlertCause::Verdict)))), 1), Err(RejectReason::NothingToResolve));
        let alerted_twice = claims(2, Some((2, Some(AlertCause::Verdict))));
        assert_eq!(resolve(alerted_twice, 2), Err(RejectReason::OtherCause { revision: 2 }));
        assert_eq!(resolve(claims(2, Some((2, Some(AlertCause::Resolved)))), 2), Ok(()));
    }

    #[test]
    fn an_unknown_case_is_refused() {
        assert_eq!(validate_message(None, 1, AlertCause::Verdict), Err(RejectReason::UnknownCase));
    }

    #[test]
    fn a_late_message_is_believed_although_the_case_went_on() {
        let gone_on = claims(1, Some((2, Some(AlertCause::Resolved))));
        assert_eq!(
            validate_message(Some(&gone_on), 1, AlertCause::Verdict),
            Ok(()),
            "revision 2 is assessed and not claimed"
        );
        let quiet_since = claims(2, Some((3, None)));
        assert_eq!(validate_message(Some(&quiet_since), 2, AlertCause::Resolved), Ok(()));
    }

    #[test]
    fn the_names_in_the_dead_letter_queue_stay_as_they_are() {
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
        /// Whatever a forged message says, and whatever is noted because of it: the next revision is delivered.
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
        fn a_channel_lacks_what_is_above_what_it_has(last in 1_u32..50, had in 0_u32..50, revision in 1_u32..50) {
            let had = had.min(last);
            prop_assert_eq!(claims(last, None).needs_delivery(Some(had), revision), had < revision);
        }
    }
}
