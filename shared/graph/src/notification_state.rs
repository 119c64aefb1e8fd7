//! Who is told when the graph gets new_issues, once: the same claim, publication and record as for alerts.
//!
//! ```text
//! read the version ── read the graph ── new issues? ── claim ── publish ── record as notified
//!        └── another run has written in between: start again        └── a run dies here: when its claim has expired, the next
//!                                                                       run publishes again, marked as a possible repeat
//! ```
//!
//! Runs may overlap. A run replaces a record only if it read the graph after that record was written; otherwise its reading may
//! be older than the record, and it would drop issues that another run has notified people of meanwhile.

use crate::earlier_marks;
use crate::health::Health;
use crate::issue::fingerprint;
use gumshoe_alerts::message::{Issue, IssueKind};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// For how long a claim keeps others from publishing: the function's time-out, and a little.
pub const NOTIFY_CLAIM_TTL: SignedDuration = SignedDuration::from_mins(6);

/// What people have been told, as it is kept between runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifiedState {
    /// Counts the notices, from 1 for the first.
    pub revision: u32,
    /// What is wrong and has been told: the issues' fingerprints, by the codes of their kinds. Whole issues of 1,200 members, or
    /// of accounts outside by the thousand, would not fit into an item of the table. What an earlier version stored has kinds and
    /// digests as in `earlier_marks`.
    #[serde(rename = "marks")]
    pub fingerprints: BTreeMap<String, BTreeSet<String>>,
    /// What is being told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
}

/// Somebody is publishing a notice, or died doing so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Until when it may be under way.
    #[serde(rename = "until")]
    pub expires_at: Timestamp,
    /// Counts the notices.
    pub revision: u32,
}

/// What to do about a health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotifyDecision {
    /// Nothing has changed.
    NoChange,
    /// Nothing is new_issues: keep this.
    Save(NotifiedState),
    /// Another run is telling people.
    ClaimedByOther,
    /// Another run has recorded something since before the graph was read, so the health may be older than the record: read
    /// the graph again, and decide again.
    ReadGraphAgain,
    /// Claim it by keeping `claimed`, publish, then keep `after`.
    Notify {
        /// What got new_issues.
        new_issues: BTreeSet<Issue>,
        /// The notice's revision.
        revision: u32,
        /// Some of it may have been published before.
        may_be_duplicate: bool,
        /// What to keep before publishing.
        claimed: NotifiedState,
        /// What to keep after.
        notified: NotifiedState,
    },
}

impl NotifiedState {
    /// What to keep when the notice could not be published, or nobody has_notified: whoever comes next tells it.
    #[must_use]
    pub fn after_failed_publish(&self, now: Timestamp) -> Self {
        let claim = self.claim.clone().map(|claim| Claim { expires_at: now, ..claim });
        Self { claim, ..self.clone() }
    }

    /// What people know once everything of this health is told: that, and what could not be looked for this time.
    fn fingerprints_after(&self, health: &Health) -> BTreeMap<String, BTreeSet<String>> {
        let mut marks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for kind in &health.unevaluated_kinds {
            let known: BTreeSet<String> = self.fingerprints_of_kind(*kind).flatten().cloned().collect();
            if !known.is_empty() {
                marks.insert(kind.code().to_owned(), known);
            }
        }
        for issue in &health.issues {
            marks.entry(issue.kind().code().to_owned()).or_default().insert(fingerprint(issue));
        }
        marks
    }

    /// What is stored of a kind, in either form.
    fn fingerprints_of_kind(&self, kind: IssueKind) -> impl Iterator<Item = &BTreeSet<String>> {
        let keys = [kind.code(), earlier_marks::kind(kind)];
        // One kind has the same name in both forms.
        let keys = keys.into_iter().take(if keys[0] == keys[1] { 1 } else { 2 });
        keys.filter_map(|key| self.fingerprints.get(key))
    }

    fn has_notified(&self, issue: &Issue) -> bool {
        let has = |mark: &str| self.fingerprints_of_kind(issue.kind()).any(|marks| marks.contains(mark));
        has(&fingerprint(issue)) || has(&earlier_marks::mark(issue))
    }

    /// What is to be done when the graph is in this health. `is_newer_reading`: the graph was read after this record was
    /// written, that is, the record had the same version before the graph was read.
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
            // What was claimed and is well again needs no word.
            let kept = Self { revision: last, fingerprints: self.fingerprints_after(health), claim: None };
            return if kept == *self { NotifyDecision::NoChange } else { NotifyDecision::Save(kept) };
        }
        let may_be_duplicate = self.claim.is_some();
        // A new one also after a claim that came to nothing: its notice may say something else.
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
    fn what_is_worse_is_told_once_and_again_only_after_it_was_well() {
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
        let NotifyDecision::Save(well) = notified.decide(&health(&[]), true, at(1)) else { panic!() };
        assert!(matches!(well.decide(&health(&["1"]), true, at(2)), NotifyDecision::Notify { revision: 2, .. }));
    }

    #[test]
    fn two_at_once_tell_once_and_what_died_is_repeated_with_its_mark() {
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
    fn reading_older_than_the_record_decides_nothing() {
        let told = NotifiedState::default();
        assert_eq!(told.decide(&health(&["1"]), false, at(0)), NotifyDecision::ReadGraphAgain);
        let NotifyDecision::Notify { claimed, notified, .. } = told.decide(&health(&["1"]), true, at(0)) else {
            panic!()
        };
        for older in [health(&[]), health(&["1"]), health(&["2"])] {
            assert_eq!(notified.decide(&older, false, at(1)), NotifyDecision::ReadGraphAgain);
            assert_eq!(claimed.decide(&older, false, at(1)), NotifyDecision::ClaimedByOther, "any reading");
        }
    }

    #[test]
    fn what_could_not_be_looked_for_is_not_told_again_when_it_can_be() {
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
            "only the document is well again"
        );
    }

    /// As the version before codes stored it: the kind in words, and the digest of a sentence about account 000000000001.
    fn stored_before() -> NotifiedState {
        let stored = r#"{"revision": 3, "marks": {"accounts outside the graph": ["343a57960fd6"], "auto-enable": ["051225bfe012"]}}"#;
        serde_json::from_str(stored).unwrap()
    }

    #[test]
    fn what_an_earlier_version_told_is_not_told_again_and_kept_in_the_new_form() {
        let (told, same) = (stored_before(), "000000000001");
        let mut health = health(&[same]);
        health.issues.insert(Issue::AutoEnable { is: false });
        let NotifyDecision::Save(kept) = told.decide(&health, true, at(0)) else { panic!() };
        let marks = |kind: &str| kept.fingerprints[kind].iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!((marks("account-outside"), marks("auto-enable")), (vec!["8aa2e0e7dc49"], vec!["dccd4d09a46e"]));
        assert_eq!((kept.fingerprints.len(), kept.revision), (2, 3));
        assert_eq!(kept.decide(&health, true, at(1)), NotifyDecision::NoChange);
        let NotifyDecision::Notify { new_issues, revision: 4, .. } =
            told.decide(&self::health(&[same, "2"]), true, at(0))
        else {
            panic!()
        };
        assert_eq!(new_issues, self::health(&["2"]).issues);
    }

    #[test]
    fn what_an_earlier_version_told_and_cannot_be_looked_for_is_kept() {
        let wrong = Health::from_invalid_document("x", Vec::new());
        let NotifyDecision::Notify { notified, .. } = stored_before().decide(&wrong, true, at(0)) else { panic!() };
        assert!(notified.fingerprints["account-outside"].contains("343a57960fd6"), "{notified:?}");
        assert!(notified.fingerprints["auto-enable"].contains("051225bfe012"), "{notified:?}");
        assert!(matches!(notified.decide(&health(&["000000000001"]), true, at(1)), NotifyDecision::Save(_)));
    }

    #[test]
    fn the_worst_there_can_be_fits_into_an_item() {
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
            "no two have one mark"
        );
        let kept = serde_json::to_string(&notified).unwrap();
        assert!(kept.len() < 390 * 1024, "{} bytes; DynamoDB takes 400 KB", kept.len());
    }

    #[test]
    fn what_is_kept_can_be_read_again() {
        let NotifyDecision::Notify { claimed, .. } = NotifiedState::default().decide(&health(&["1"]), true, at(0))
        else {
            panic!()
        };
        assert_eq!(serde_json::from_str::<NotifiedState>(&serde_json::to_string(&claimed).unwrap()).unwrap(), claimed);
    }
}
