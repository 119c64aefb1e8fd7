//! Who is told when the graph gets worse, once: the same claim, publication and record as for alerts.
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
pub const CLAIMED: SignedDuration = SignedDuration::from_mins(6);

/// What people have been told, as it is kept between runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Counts the notices, from 1 for the first.
    pub revision: u32,
    /// What is wrong and has been told: the issues' fingerprints, by the codes of their kinds. Whole issues of 1,200 members, or
    /// of accounts outside by the thousand, would not fit into an item of the table. What an earlier version stored has kinds and
    /// digests as in `earlier_marks`.
    pub marks: BTreeMap<String, BTreeSet<String>>,
    /// What is being told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
}

/// Somebody is publishing a notice, or died doing so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Until when it may be under way.
    pub until: Timestamp,
    /// Counts the notices.
    pub revision: u32,
}

/// What to do about a health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Telling {
    /// Nothing has changed.
    Nothing,
    /// Nothing is worse: keep this.
    Keep(Told),
    /// Another run is telling people.
    LeaveToOther,
    /// Another run has recorded something since before the graph was read, so the health may be older than the record: read
    /// the graph again, and decide again.
    ReadGraphAgain,
    /// Claim it by keeping `claimed`, publish, then keep `after`.
    Tell {
        /// What got worse.
        worse: BTreeSet<Issue>,
        /// The notice's revision.
        revision: u32,
        /// Some of it may have been published before.
        repeated: bool,
        /// What to keep before publishing.
        claimed: Told,
        /// What to keep after.
        after: Told,
    },
}

impl Told {
    /// What to keep when the notice could not be published, or nobody knows: whoever comes next tells it.
    #[must_use]
    pub fn failed(&self, now: Timestamp) -> Self {
        let claim = self.claim.clone().map(|claim| Claim { until: now, ..claim });
        Self { claim, ..self.clone() }
    }

    /// What people know once everything of this health is told: that, and what could not be looked for this time.
    fn marks_after(&self, health: &Health) -> BTreeMap<String, BTreeSet<String>> {
        let mut marks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for kind in &health.unjudged {
            let known: BTreeSet<String> = self.marks_of(*kind).flatten().cloned().collect();
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
    fn marks_of(&self, kind: IssueKind) -> impl Iterator<Item = &BTreeSet<String>> {
        let keys = [kind.code(), earlier_marks::kind(kind)];
        // One kind has the same name in both forms.
        let keys = keys.into_iter().take(if keys[0] == keys[1] { 1 } else { 2 });
        keys.filter_map(|key| self.marks.get(key))
    }

    fn knows(&self, issue: &Issue) -> bool {
        let has = |mark: &str| self.marks_of(issue.kind()).any(|marks| marks.contains(mark));
        has(&fingerprint(issue)) || has(&earlier_marks::mark(issue))
    }

    /// What is to be done when the graph is in this health. `is_newer_reading`: the graph was read after this record was
    /// written, that is, the record had the same version before the graph was read.
    #[must_use]
    pub fn telling(&self, health: &Health, is_newer_reading: bool, now: Timestamp) -> Telling {
        match &self.claim {
            Some(claim) if claim.until > now => return Telling::LeaveToOther,
            _ if !is_newer_reading => return Telling::ReadGraphAgain,
            _ => {}
        }
        let worse: BTreeSet<Issue> = health.issues.iter().filter(|issue| !self.knows(issue)).cloned().collect();
        let last = self.claim.as_ref().map_or(self.revision, |claim| claim.revision.max(self.revision));
        if worse.is_empty() {
            // What was claimed and is well again needs no word.
            let kept = Self { revision: last, marks: self.marks_after(health), claim: None };
            return if kept == *self { Telling::Nothing } else { Telling::Keep(kept) };
        }
        let repeated = self.claim.is_some();
        // A new one also after a claim that came to nothing: its notice may say something else.
        let revision = last.saturating_add(1);
        let until = now.checked_add(CLAIMED).unwrap_or(Timestamp::MAX);
        Telling::Tell {
            worse,
            revision,
            repeated,
            claimed: Self { claim: Some(Claim { until, revision }), ..self.clone() },
            after: Self { revision, marks: self.marks_after(health), claim: None },
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
        let Telling::Tell { worse, revision: 1, repeated: false, after, .. } =
            Told::default().telling(&health(&["1"]), true, at(0))
        else {
            panic!()
        };
        assert_eq!(worse, health(&["1"]).issues);
        assert_eq!(after.telling(&health(&["1"]), true, at(1)), Telling::Nothing);
        let Telling::Tell { worse, revision: 2, .. } = after.telling(&health(&["1", "2"]), true, at(1)) else {
            panic!()
        };
        assert_eq!(worse, health(&["2"]).issues);
        let Telling::Keep(well) = after.telling(&health(&[]), true, at(1)) else { panic!() };
        assert!(matches!(well.telling(&health(&["1"]), true, at(2)), Telling::Tell { revision: 2, .. }));
    }

    #[test]
    fn two_at_once_tell_once_and_what_died_is_repeated_with_its_mark() {
        let Telling::Tell { claimed, .. } = Told::default().telling(&health(&["1"]), true, at(0)) else { panic!() };
        assert_eq!(claimed.telling(&health(&["1"]), true, at(1)), Telling::LeaveToOther);
        let later = at(0).checked_add(CLAIMED).unwrap();
        let Telling::Tell { revision: 2, repeated: true, after, .. } = claimed.telling(&health(&["1"]), true, later)
        else {
            panic!()
        };
        assert_eq!(after.revision, 2);
        assert!(matches!(
            claimed.failed(at(1)).telling(&health(&["1"]), true, at(1)),
            Telling::Tell { repeated: true, .. }
        ));
        assert!(matches!(claimed.telling(&health(&[]), true, later), Telling::Keep(Told { claim: None, .. })));
    }

    #[test]
    fn reading_older_than_the_record_decides_nothing() {
        let told = Told::default();
        assert_eq!(told.telling(&health(&["1"]), false, at(0)), Telling::ReadGraphAgain);
        let Telling::Tell { claimed, after, .. } = told.telling(&health(&["1"]), true, at(0)) else { panic!() };
        for older in [health(&[]), health(&["1"]), health(&["2"])] {
            assert_eq!(after.telling(&older, false, at(1)), Telling::ReadGraphAgain);
            assert_eq!(claimed.telling(&older, false, at(1)), Telling::LeaveToOther, "any reading");
        }
    }

    #[test]
    fn what_could_not_be_looked_for_is_not_told_again_when_it_can_be() {
        let Telling::Tell { after, .. } = Told::default().telling(&health(&["1", "2"]), true, at(0)) else { panic!() };
        let Telling::Tell { worse, after, .. } =
            after.telling(&Health::of_wrong_document("x", Vec::new()), true, at(1))
        else {
            panic!()
        };
        assert_eq!(worse.len(), 1);
        assert!(
            matches!(after.telling(&health(&["1", "2"]), true, at(2)), Telling::Keep(_)),
            "only the document is well again"
        );
    }

    /// As the version before codes stored it: the kind in words, and the digest of a sentence about account 000000000001.
    fn stored_before() -> Told {
        let stored = r#"{"revision": 3, "marks": {"accounts outside the graph": ["343a57960fd6"], "auto-enable": ["051225bfe012"]}}"#;
        serde_json::from_str(stored).unwrap()
    }

    #[test]
    fn what_an_earlier_version_told_is_not_told_again_and_kept_in_the_new_form() {
        let (told, same) = (stored_before(), "000000000001");
        let mut health = health(&[same]);
        health.issues.insert(Issue::AutoEnable { is: false });
        let Telling::Keep(kept) = told.telling(&health, true, at(0)) else { panic!() };
        let marks = |kind: &str| kept.marks[kind].iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!((marks("account-outside"), marks("auto-enable")), (vec!["8aa2e0e7dc49"], vec!["dccd4d09a46e"]));
        assert_eq!((kept.marks.len(), kept.revision), (2, 3));
        assert_eq!(kept.telling(&health, true, at(1)), Telling::Nothing);
        let Telling::Tell { worse, revision: 4, .. } = told.telling(&self::health(&[same, "2"]), true, at(0)) else {
            panic!()
        };
        assert_eq!(worse, self::health(&["2"]).issues);
    }

    #[test]
    fn what_an_earlier_version_told_and_cannot_be_looked_for_is_kept() {
        let wrong = Health::of_wrong_document("x", Vec::new());
        let Telling::Tell { after, .. } = stored_before().telling(&wrong, true, at(0)) else { panic!() };
        assert!(after.marks["account-outside"].contains("343a57960fd6"), "{after:?}");
        assert!(after.marks["auto-enable"].contains("051225bfe012"), "{after:?}");
        assert!(matches!(after.telling(&health(&["000000000001"]), true, at(1)), Telling::Keep(_)));
    }

    #[test]
    fn the_worst_there_can_be_fits_into_an_item() {
        let packages = [Package::DetectiveCore, Package::EksAudit, Package::AsffSecurityhubFinding];
        let members = (0..crate::MOST_MEMBERS).flat_map(|number| {
            packages.map(|package| Issue::MemberPackageStopped {
                account_id: format!("{number:012}"),
                package,
                state: None,
            })
        });
        let outside = (0..18_000).map(|number| Issue::AccountOutside { account_id: format!("{number:012}") });
        let health = Health { issues: members.chain(outside).collect(), ..Health::default() };
        let Telling::Tell { after, .. } = Told::default().telling(&health, true, at(0)) else { panic!() };
        assert_eq!(after.marks.values().map(BTreeSet::len).sum::<usize>(), 3_600 + 18_000, "no two have one mark");
        let kept = serde_json::to_string(&after).unwrap();
        assert!(kept.len() < 390 * 1024, "{} bytes; DynamoDB takes 400 KB", kept.len());
    }

    #[test]
    fn what_is_kept_can_be_read_again() {
        let Telling::Tell { claimed, .. } = Told::default().telling(&health(&["1"]), true, at(0)) else { panic!() };
        assert_eq!(serde_json::from_str::<Told>(&serde_json::to_string(&claimed).unwrap()).unwrap(), claimed);
    }
}
