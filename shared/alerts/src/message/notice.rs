//! The notice that the behavior graph has new issues, as all channels read it.

mod codes;
mod issue;
mod kind;

pub use codes::{GraphReadTarget, IngestState, Package};
pub use issue::Issue;
pub use kind::IssueKind;

use super::VERSION;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Number of issues that a notice lists. Its counts include the others.
const ISSUES_MAX: usize = 100;

/// A notice that the behavior graph has new issues. Its JSON form is what queues, functions and the webhook receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GraphHealthNotice {
    /// The version of this JSON form.
    pub version: u32,
    /// The new issues and the totals of the graph.
    pub graph_health: GraphHealthReport,
}

/// New issues of a behavior graph, and its totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GraphHealthReport {
    /// The account whose graph was checked: Detective's administrator.
    pub account_id: String,
    /// The Region of the graph.
    pub region: String,
    /// The ARN of the graph; `null` if there is no graph.
    pub graph_arn: Option<String>,
    /// The number of the notice, from 1.
    pub revision: u32,
    /// Whether an earlier notice may already have reported some of these issues.
    #[serde(rename = "repeated")]
    pub may_be_duplicate: bool,
    /// Issues that are new since the last notice; at most 100.
    #[serde(rename = "worse")]
    pub new_issues: Vec<Issue>,
    /// Number of new issues, including those that `worse` omits.
    #[serde(rename = "worse_count")]
    pub new_issue_count: usize,
    /// Number of new issues by kind. The keys are the codes of the member `"ailment"` in `worse`.
    #[serde(rename = "worse_kinds")]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, usize>"))]
    pub new_issues_by_kind: BTreeMap<IssueKind, usize>,
    /// Number of open issues, including those of earlier notices.
    #[serde(rename = "wrong_count")]
    pub total_issue_count: usize,
    /// Number of members of any status.
    pub members: usize,
    /// Number of members whose data the graph ingests.
    #[serde(rename = "members_enabled")]
    pub enabled_members: usize,
    /// For each issue in `worse`, in the same order, the time since when it exists; `null` if Detective does not state it.
    #[serde(rename = "since")]
    pub new_issues_since: Vec<Option<Timestamp>>,
    /// When the graph was checked.
    pub at: Timestamp,
}

/// The behavior graph that a notice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphIdentity {
    /// The account whose graph was checked: Detective's administrator.
    pub account_id: String,
    /// The Region of the graph.
    pub region: String,
    /// The graph; `None` if there is none.
    pub graph_arn: Option<String>,
}

/// Totals of a behavior graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphCounts {
    /// Open issues, including those of earlier notices.
    pub issues: usize,
    /// Members of any status.
    pub members: usize,
    /// Members whose data the graph ingests.
    pub enabled_members: usize,
}

/// The number of a notice, and whether it may repeat an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeRevision {
    /// The number of the notice, from 1.
    pub revision: u32,
    /// Whether an earlier notice may already have reported some of its issues.
    pub may_be_duplicate: bool,
}

impl GraphHealthNotice {
    /// The notice of these new issues, each with the time since when it exists if Detective states it.
    #[must_use]
    pub fn new(
        graph: GraphIdentity,
        new_issues: Vec<(Issue, Option<Timestamp>)>,
        counts: GraphCounts,
        number: NoticeRevision,
        at: Timestamp,
    ) -> Self {
        let GraphIdentity { account_id, region, graph_arn } = graph;
        let new_issue_count = new_issues.len();
        let mut new_issues_by_kind = BTreeMap::new();
        for (issue, _) in &new_issues {
            *new_issues_by_kind.entry(issue.kind()).or_insert(0) += 1;
        }
        let (new_issues, new_issues_since) = new_issues.into_iter().take(ISSUES_MAX).unzip();
        let report = GraphHealthReport {
            account_id,
            region,
            graph_arn,
            revision: number.revision,
            may_be_duplicate: number.may_be_duplicate,
            new_issues,
            new_issue_count,
            new_issues_by_kind,
            total_issue_count: counts.issues,
            members: counts.members,
            enabled_members: counts.enabled_members,
            new_issues_since,
            at,
        };
        Self { version: VERSION, graph_health: report }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Earlier releases wrote kinds as text. Such a notice may be in a queue while the stack is updated.
    #[test]
    fn notice_with_kinds_as_sentences_is_read() {
        let stored = json!({"version": 1, "graph_health": {
            "account_id": "111122223333", "region": "us-east-1", "graph_arn": null, "revision": 3, "repeated": false,
            "worse": [{"ailment": "not-readable", "what": "auto-enable (AccessDenied)"}], "worse_count": 1,
            "worse_kinds": {"not readable": 1, "members' data sources stopped": 2, "auto-enable": 3}, "wrong_count": 1,
            "members": 1, "members_enabled": 1, "since": [null], "at": "2026-01-15T12:50:00Z",
        }});
        let notice: GraphHealthNotice = serde_json::from_str(&stored.to_string()).unwrap();
        let kinds = &notice.graph_health.new_issues_by_kind;
        assert_eq!(kinds[&IssueKind::NotReadable], 1);
        let written = serde_json::to_value(&notice).unwrap();
        let written = &written["graph_health"]["worse_kinds"];
        assert_eq!(*written, json!({"not-readable": 1, "member-package-stopped": 2, "auto-enable": 3}));
    }
}
