//! The notice of new issues, made of the graph's health.

use crate::health::Health;
use gumshoe_alerts::message::{GraphCounts, GraphHealthNotice, GraphIdentity, Issue, NoticeRevision};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The notice of new issues, each with the time since which it exists, if Detective reports that.
#[must_use]
pub fn graph_notice(
    graph: GraphIdentity,
    health: &Health,
    new_issues: &BTreeSet<Issue>,
    number: NoticeRevision,
    at: Timestamp,
) -> GraphHealthNotice {
    let counts =
        GraphCounts { issues: health.issues.len(), members: health.members, enabled_members: health.members_enabled };
    let new_issues = new_issues.iter().map(|issue| (issue.clone(), health.since.get(issue).copied())).collect();
    GraphHealthNotice::new(graph, new_issues, counts, number, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::MAX_MEMBERS;
    use gumshoe_alerts::message::IssueKind;
    use gumshoe_alerts::text::graph_health;

    #[test]
    fn member_limit_text_matches_constant() {
        let near = graph_health::issue_sentence(&Issue::NearLimit { percent: 90 });
        assert!(near.contains(&format!(" {MAX_MEMBERS} members")), "{near}");
    }

    #[test]
    fn notice_lists_new_issues_in_order_with_their_start() {
        let outside = |account: u32| Issue::AccountOutside { account_id: format!("{account:012}") };
        let new_issues: BTreeSet<Issue> = (0..101).map(outside).chain([Issue::NoGraph]).collect();
        let at = Timestamp::UNIX_EPOCH;
        let health = Health {
            issues: new_issues.iter().cloned().chain([Issue::NearLimit { percent: 90 }]).collect(),
            since: [(outside(0), at)].into(),
            members: 7,
            members_enabled: 5,
            ..Health::default()
        };
        let graph =
            GraphIdentity { account_id: "111122223333".to_owned(), region: "us-east-1".to_owned(), graph_arn: None };
        let number = NoticeRevision { revision: 3, may_be_duplicate: true };
        let report = graph_notice(graph, &health, &new_issues, number, at).graph_health;
        assert_eq!((report.new_issues.len(), report.new_issue_count, report.total_issue_count), (100, 102, 103));
        assert_eq!((&report.new_issues[0], &report.new_issues[1]), (&Issue::NoGraph, &outside(0)));
        assert_eq!(
            (report.new_issues_since[0], report.new_issues_since[1], report.new_issues_since.len()),
            (None, Some(at), 100)
        );
        assert_eq!(report.new_issues_by_kind, [(IssueKind::AccountOutside, 101), (IssueKind::NoGraph, 1)].into());
        assert_eq!((report.revision, report.may_be_duplicate, report.members, report.enabled_members), (3, true, 7, 5));
    }
}
