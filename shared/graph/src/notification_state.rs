//! Which issues of the graph people have been notified of, and the decision to notify them of new ones: claimed, published, recorded,
//! as alerts are.
//!
//! ```text
//! read the version ── read the graph ── new issues? ── claim ── publish ── record as notified
//!        └── another run has written in between: start again        └── the run stops here: when its claim has expired, the
//!                                                                       next run publishes again, marked as a possible repeat
//! ```
//!
//! Runs may overlap. A run replaces the state only if it read the graph after that state was written; otherwise its reading may be
//! older than the state, and it would drop issues that another run has notified people of in the meantime.

use crate::earlier_marks;
use crate::health::Health;
use crate::issue::fingerprint;
use gumshoe_alerts::message::{Issue, IssueKind};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How long a claim keeps other runs from publishing. It is longer than the function's timeout (5 minutes), so a run whose claim has
/// expired has ended.
pub const NOTIFY_CLAIM_TTL: SignedDuration = SignedDuration::from_mins(6);

/// The issues that people have been notified of, as stored between runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifiedState {
    /// The number of the last notice, from 1.
    pub revision: u32,
    /// The fingerprints of the unresolved issues that people were notified of, by the code of the issue's kind. They are fingerprints
    /// because whole issues, of 1,200 members or thousands of accounts, would exceed an item's 400 KB. An earlier version stored
    /// other kinds and fingerprints: `earlier_marks`.
    #[serde(rename = "marks")]
    pub fingerprints: BTreeMap<String, BTreeSet<String>>,
    /// Present while a run publishes a notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
}

/// A run is publishing a notice, or stopped while it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// When other runs may publish.
    #[serde(rename = "until")]
    pub expires_at: Timestamp,
    /// The number of the notice that is being published.
    pub revision: u32,
}

/// What a run does about the issues that it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotifyDecision {
    /// The state is up to date.
    NoChange,
    /// There is no new issue; store this state, in which resolved issues are gone.
    Save(NotifiedState),
    /// Another run is publishing a notice.
    ClaimedByOther,
    /// Another run has written the state since before the graph was read, so the health may be older than the state: read the
    /// graph again, and decide again.
    ReadGraphAgain,
    /// Store `claimed`, publish the notice, then store `notified`.
    Notify {
        /// The issues that people have not been notified of.
        new_issues: BTreeSet<Issue>,
        /// The number of the notice.
        revision: u32,
        /// Whether an earlier run may have published a notice of these issues.
        may_be_duplicate: bool,
        /// The state to store before publishing.
        claimed: NotifiedState,
        /// The state to store after publishing.
        notified: NotifiedState,
    },
}

impl NotifiedState {
    /// The state to store if publishing failed or was not confirmed: the claim expires immediately, so the next run publishes the notice
    /// again, marked as a possible repeat.
    #[must_use]
    pub fn after_failed_publish(&self, now: Timestamp) -> Self {
        let claim = self.claim.clone().map(|claim| Claim { expires_at: now, ..claim });
        Self { claim, ..self.clone() }
    }

    /// The fingerprints after people were notified of all issues of this health: those issues, and the known ones of kinds that could
    /// not be evaluated this time.
    fn fingerprints_after(&self, health: &Health) -> BTreeMap<String, BTreeSet<String>> {
        let mut fingerprints: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for kind in &health.unevaluated_kinds {
            let known: BTreeSet<String> = self.fingerprints_of_kind(*kind).flatten().cloned().collect();
            if !known.is_empty() {
                fingerprints.insert(kind.code().to_owned(), known);
            }
        }
        for issue in &health.issues {
            fingerprints.entry(issue.kind().code().to_owned()).or_default().insert(fingerprint(issue));
        }
        fingerprints
    }

    /// The stored fingerprints of a kind, in the form of this version or of the earlier one.
    fn fingerprints_of_kind(&self, kind: IssueKind) -> impl Iterator<Item = &BTreeSet<String>> {
        let keys = [kind.code(), earlier_marks::kind(kind)];
        // IssueKind::AutoEnable has the same name in both forms.
        let keys = keys.into_iter().take(if keys[0] == keys[1] { 1 } else { 2 });
        keys.filter_map(|key| self.fingerprints.get(key))
    }

    fn has_notified(&self, issue: &Issue) -> bool {
        let has = |it: &str| self.fingerprints_of_kind(issue.kind()).any(|known| known.contains(it));
        has(&fingerprint(issue)) || has(&earlier_marks::mark(issue))
    }

    /// Decides what a run with this health does. `is_newer_reading`: the graph was read after this state was written, that is, the
    /// state had the same version before the graph was read.
    #[must_use]
    pub fn decide(&self, health: &Health, is_newer_reading: bool, now: Timestamp) -> NotifyDecision {
        match &self.claim {
            Some(claim) if claim.expires_at > now => return NotifyDecision::ClaimedByOther,
            _ if !is_newer_reading => return NotifyDecision::ReadGraphAgain,
            _ => {}
        }
        let new_issues: BTreeSet<Issue> =
            health.issues.iter().filter(|issue| !self.has_notified(issue)).cloned().collect();
        let last = self.claim.as_ref().map_or(self.revision, |claim| claim.revision.max(self.revision));
        if new_issues.is_empty() {
            // An issue that was claimed and is resolved by now needs no notice.
            let resolved = Self { revision: last, fingerprints: self.fingerprints_after(health), claim: None };
            return if resolved == *self { NotifyDecision::NoChange } else { NotifyDecision::Save(resolved) };
        }
        let may_be_duplicate = self.claim.is_some();
        // A claim that expired has used its number: its notice may have been published with other issues.
        let revision = last.saturating_add(1);
        let expires_at = now.checked_add(NOTIFY_CLAIM_TTL).unwrap_or(Timestamp::MAX);
        NotifyDecision::Notify {
            new_issues,
            revision,
            may_be_duplicate,
            claimed: Self { claim: Some(Claim { expires_at, revision }), ..self.clone() },
            notified: Self { revision, fingerprints: self.fingerprints_after(health), claim: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Package;

    fn health(ids: &[&str]) -> Health {
        let issues = ids.iter().map(|id| Issue::AccountOutside { account_id: (*id).to_owned() }).collect();
        Health { issues, ..Health::default() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn issue_is_notified_once_and_again_after_it_was_resolved() {
        let NotifyDecision::Notify { new_issues, revision: 1, may_be_duplicate: false, notified, .. } =
            NotifiedState::default().decide(&health(&["1"]), true, at(0))
        else {
            panic!()
        };
        assert_eq!(new_issues, health(&["1"]).issues);
        assert_eq!(notified.decide(&health(&["1"]), true, at(1)), NotifyDecision::NoChange);
        let NotifyDecision::Notify { new_issues, revision: 2, .. } = notified.decide(&health(&["1", "2"]), true, at(1))
        else {
            panic!()
        };
        assert_eq!(new_issues, health(&["2"]).issues);
        let NotifyDecision::Save(resolved) = notified.decide(&health(&[]), true, at(1)) else { panic!() };
        assert!(matches!(resolved.decide(&health(&["1"]), true, at(2)), NotifyDecision::Notify { revision: 2, .. }));
    }

    #[test]
    fn concurrent_runs_notify_once_and_expired_claim_is_repeated() {
        let NotifyDecision::Notify { claimed, .. } = NotifiedState::default().decide(&health(&["1"]), true, at(0))
        else {
            panic!()
        };
        assert_eq!(claimed.decide(&health(&["1"]), true, at(1)), NotifyDecision::ClaimedByOther);
        let later = at(0).checked_add(NOTIFY_CLAIM_TTL).unwrap();
        let NotifyDecision::Notify { revision: 2, may_be_duplicate: true, notified, .. } =
            claimed.decide(&health(&["1"]), true, later)
        else {
            panic!()
        };
        assert_eq!(notified.revision, 2);
        assert!(matches!(
            claimed.after_failed_publish(at(1)).decide(&health(&["1"]), true, at(1)),
            NotifyDecision::Notify { may_be_duplicate: true, .. }
        ));
        assert!(matches!(
            claimed.decide(&health(&[]), true, later),
            NotifyDecision::Save(NotifiedState { claim: None, .. })
        ));
    }

    #[test]
    fn reading_older_than_the_state_is_repeated() {
        let state = NotifiedState::default();
        assert_eq!(state.decide(&health(&["1"]), false, at(0)), NotifyDecision::ReadGraphAgain);
        let NotifyDecision::Notify { claimed, notified, .. } = state.decide(&health(&["1"]), true, at(0)) else {
            panic!()
        };
        for older in [health(&[]), health(&["1"]), health(&["2"])] {
            assert_eq!(notified.decide(&older, false, at(1)), NotifyDecision::ReadGraphAgain);
            assert_eq!(claimed.decide(&older, false, at(1)), NotifyDecision::ClaimedByOther, "any reading");
        }
    }

    #[test]
    fn unevaluated_issue_is_not_notified_again() {
        let NotifyDecision::Notify { notified, .. } =
            NotifiedState::default().decide(&health(&["1", "2"]), true, at(0))
        else {
            panic!()
        };
        let NotifyDecision::Notify { new_issues, notified, .. } =
            notified.decide(&Health::from_invalid_document("x", Vec::new()), true, at(1))
        else {
            panic!()
        };
        assert_eq!(new_issues.len(), 1);
        assert!(
            matches!(notified.decide(&health(&["1", "2"]), true, at(2)), NotifyDecision::Save(_)),
            "only the issue of the document is resolved"
        );
    }

    /// A state of the version without codes: the kind as a phrase, and the digest of a sentence about account 000000000001.
    fn legacy_state() -> NotifiedState {
        let stored = r#"{"revision": 3, "marks": {"accounts outside the graph": ["343a57960fd6"], "auto-enable": ["051225bfe012"]}}"#;
        serde_json::from_str(stored).unwrap()
    }

    #[test]
    fn legacy_fingerprints_are_migrated_without_notification() {
        let (state, same) = (legacy_state(), "000000000001");
        let mut health = health(&[same]);
        health.issues.insert(Issue::AutoEnable { is: false });
        let NotifyDecision::Save(kept) = state.decide(&health, true, at(0)) else { panic!() };
        let of_kind = |kind: &str| kept.fingerprints[kind].iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!((of_kind("account-outside"), of_kind("auto-enable")), (vec!["8aa2e0e7dc49"], vec!["dccd4d09a46e"]));
        assert_eq!((kept.fingerprints.len(), kept.revision), (2, 3));
        assert_eq!(kept.decide(&health, true, at(1)), NotifyDecision::NoChange);
        let NotifyDecision::Notify { new_issues, revision: 4, .. } =
            state.decide(&self::health(&[same, "2"]), true, at(0))
        else {
            panic!()
        };
        assert_eq!(new_issues, self::health(&["2"]).issues);
    }

    #[test]
    fn unevaluated_legacy_fingerprints_are_retained() {
        let invalid = Health::from_invalid_document("x", Vec::new());
        let NotifyDecision::Notify { notified, .. } = legacy_state().decide(&invalid, true, at(0)) else { panic!() };
        assert!(notified.fingerprints["account-outside"].contains("343a57960fd6"), "{notified:?}");
        assert!(notified.fingerprints["auto-enable"].contains("051225bfe012"), "{notified:?}");
        assert!(matches!(notified.decide(&health(&["000000000001"]), true, at(1)), NotifyDecision::Save(_)));
    }

    #[test]
    fn largest_state_fits_into_a_dynamodb_item() {
        let packages = [Package::DetectiveCore, Package::EksAudit, Package::AsffSecurityhubFinding];
        let members = (0..crate::MAX_MEMBERS).flat_map(|number| {
            packages.map(|package| Issue::MemberPackageStopped {
                account_id: format!("{number:012}"),
                package,
                state: None,
            })
        });
        let outside = (0..18_000).map(|number| Issue::AccountOutside { account_id: format!("{number:012}") });
        let health = Health { issues: members.chain(outside).collect(), ..Health::default() };
        let NotifyDecision::Notify { notified, .. } = NotifiedState::default().decide(&health, true, at(0)) else {
            panic!()
        };
        assert_eq!(
            notified.fingerprints.values().map(BTreeSet::len).sum::<usize>(),
            3_600 + 18_000,
            "all fingerprints differ"
        );
        let kept = serde_json::to_string(&notified).unwrap();
        assert!(kept.len() < 390 * 1024, "{} bytes; DynamoDB accepts 400 KB", kept.len());
    }

    #[test]
    fn state_is_read_as_it_was_written() {
        let NotifyDecision::Notify { claimed, .. } = NotifiedState::default().decide(&health(&["1"]), true, at(0))
        else {
            panic!()
        };
        assert_eq!(serde_json::from_str::<NotifiedState>(&serde_json::to_string(&claimed).unwrap()).unwrap(), claimed);
    }
}
