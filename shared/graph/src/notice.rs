//! From the graph's health to the notice that people receive.

use crate::health::Health;
use crate::issue::{HealthIssue, Unreadable};
use crate::member::{IngestState, Package};
use gumshoe_alerts::message;
use gumshoe_alerts::message::{GraphCounts, Issue, Notice, Place};
use gumshoe_alerts::text::graph_health;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The notice of what got worse.
#[must_use]
pub fn notice(
    place: Place,
    health: &Health,
    worse: &BTreeSet<HealthIssue>,
    (revision, repeated): (u32, bool),
    at: Timestamp,
) -> Notice {
    let counts =
        GraphCounts { wrong: health.issues.len(), members: health.members, members_enabled: health.members_enabled };
    let worse = worse.iter().map(|issue| (issue.into(), health.since.get(issue).copied())).collect();
    Notice::new(place, worse, counts, (revision, repeated), at)
}

/// An issue in a sentence, with what to do.
#[must_use]
pub fn in_words(issue: &HealthIssue) -> String {
    graph_health::issue(&issue.into())
}

impl From<&HealthIssue> for Issue {
    fn from(issue: &HealthIssue) -> Self {
        match issue.clone() {
            HealthIssue::DocumentWrong { why, places } => Self::DocumentWrong { why, places },
            HealthIssue::NoGraph => Self::NoGraph,
            HealthIssue::OtherAdministrator { account_id } => Self::OtherAdministrator { account_id },
            HealthIssue::AutoEnable { is } => Self::AutoEnable { is },
            HealthIssue::NotReadable { part, what } => Self::NotReadable { part: part.map(Into::into), what },
            HealthIssue::MemberDisabled { account_id, reason } => Self::MemberDisabled { account_id, reason },
            HealthIssue::VerificationFailed { account_id } => Self::VerificationFailed { account_id },
            HealthIssue::InvitationOld { account_id } => Self::InvitationOld { account_id },
            HealthIssue::PackageStopped { package, state } => {
                Self::PackageStopped { package: package.into(), state: state.map(Into::into) }
            }
            HealthIssue::MemberPackageStopped { account_id, package, state } => {
                Self::MemberPackageStopped { account_id, package: package.into(), state: state.map(Into::into) }
            }
            HealthIssue::AccountOutside { account_id } => Self::AccountOutside { account_id },
            HealthIssue::NearLimit { percent } => Self::NearLimit { percent },
        }
    }
}

impl From<Package> for message::Package {
    fn from(package: Package) -> Self {
        match package {
            Package::DetectiveCore => Self::DetectiveCore,
            Package::EksAudit => Self::EksAudit,
            Package::AsffSecurityhubFinding => Self::AsffSecurityhubFinding,
        }
    }
}

impl From<IngestState> for message::IngestState {
    fn from(state: IngestState) -> Self {
        match state {
            IngestState::Started => Self::Started,
            IngestState::Stopped => Self::Stopped,
            IngestState::Disabled => Self::Disabled,
        }
    }
}

impl From<Unreadable> for message::Unreadable {
    fn from(part: Unreadable) -> Self {
        match part {
            Unreadable::Administrator => Self::Administrator,
            Unreadable::AutoEnable => Self::AutoEnable,
            Unreadable::Organization => Self::Organization,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::HealthIssueKind;
    use crate::issue::tests::pinned;
    use crate::plan::MOST_MEMBERS;
    use gumshoe_alerts::message::IssueKind;

    /// The notices' JSON has the codes that keep-graph logs and answers with.
    #[test]
    fn an_issue_is_the_same_json_in_a_notice() {
        for issue in pinned().into_iter().map(|(issue, _)| issue) {
            let sent = Issue::from(&issue);
            assert_eq!(serde_json::to_value(&sent).unwrap(), serde_json::to_value(&issue).unwrap());
            assert_eq!(serde_json::to_value(sent.kind()).unwrap(), issue.kind().code());
        }
        let words =
            |package: Package| (serde_json::to_value(message::Package::from(package)).unwrap(), package.to_string());
        for (sent, word) in [Package::DetectiveCore, Package::EksAudit, Package::AsffSecurityhubFinding].map(words) {
            assert_eq!(sent, word);
        }
        for state in [IngestState::Started, IngestState::Stopped, IngestState::Disabled] {
            assert_eq!(message::IngestState::from(state).to_string(), state.to_string());
        }
        for part in [Unreadable::Administrator, Unreadable::AutoEnable, Unreadable::Organization] {
            let sent = serde_json::to_value(message::Unreadable::from(part)).unwrap();
            assert_eq!(sent, serde_json::to_value(part).unwrap());
        }
    }

    #[test]
    fn kinds_are_counted_in_the_same_order() {
        let codes = IssueKind::ALL.map(|kind| serde_json::to_value(kind).unwrap());
        assert_eq!(codes, HealthIssueKind::ALL.map(HealthIssueKind::code));
    }

    #[test]
    fn the_limit_that_people_read_is_the_one_that_is_judged_by() {
        let near = in_words(&HealthIssue::NearLimit { percent: 90 });
        assert!(near.contains(&format!(" {MOST_MEMBERS} members")), "{near}");
    }

    #[test]
    fn a_notice_lists_what_got_worse_in_the_order_of_the_issues_with_since_when() {
        let outside = |account: u32| HealthIssue::AccountOutside { account_id: format!("{account:012}") };
        let worse: BTreeSet<HealthIssue> = (0..101).map(outside).chain([HealthIssue::NoGraph]).collect();
        let at = Timestamp::UNIX_EPOCH;
        let health = Health {
            issues: worse.iter().cloned().chain([HealthIssue::NearLimit { percent: 90 }]).collect(),
            since: [(outside(0), at)].into(),
            members: 7,
            members_enabled: 5,
            ..Health::default()
        };
        let place = Place { account_id: "111122223333".to_owned(), region: "us-east-1".to_owned(), graph_arn: None };
        let told = notice(place, &health, &worse, (3, true), at).graph_health;
        assert_eq!((told.worse.len(), told.worse_count, told.wrong_count), (100, 102, 103));
        assert_eq!((&told.worse[0], &told.worse[1]), (&Issue::NoGraph, &Issue::from(&outside(0))));
        assert_eq!((told.since[0], told.since[1], told.since.len()), (None, Some(at), 100));
        assert_eq!(told.worse_kinds, [(IssueKind::AccountOutside, 101), (IssueKind::NoGraph, 1)].into());
        assert_eq!((told.revision, told.repeated, told.members, told.members_enabled), (3, true, 7, 5));
    }
}
