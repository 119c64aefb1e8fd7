//! The notice that the behavior graph got worse, the same in every channel.

mod issue;

pub use issue::Issue;

use super::VERSION;
use super::same::Same;
use gumshoe_graph::{Health, HealthIssue, HealthIssueKind, counts};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many issues a notice lists; all are counted.
const LISTED: usize = 100;

/// A notice. Its JSON form is what machines receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Notice {
    /// The version of this shape.
    pub version: u32,
    /// What it is about. The name tells it from an alert.
    pub graph_health: GraphHealthReport,
}

/// What the notice says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GraphHealthReport {
    /// The account that looked.
    pub account_id: String,
    /// The Region that it looked in.
    pub region: String,
    /// The graph, where there is one.
    pub graph_arn: Option<String>,
    /// Counts the notices, from 1.
    pub revision: u32,
    /// Some of it may have been in an earlier notice.
    pub repeated: bool,
    /// What got worse since the last notice; the first hundred.
    pub worse: Vec<Issue>,
    /// How many got worse.
    pub worse_count: usize,
    /// How many of each kind got worse, by the kind's code: `ailment` in `worse`.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, usize>"))]
    pub worse_kinds: BTreeMap<HealthIssueKind, usize>,
    /// How many issues there are in all, those of earlier notices included.
    pub wrong_count: usize,
    /// Members of any status.
    pub members: usize,
    /// Those that send their data.
    pub members_enabled: usize,
    /// Since when, of what is listed and Detective tells that of: in the order of `worse`.
    pub since: Vec<Option<Timestamp>>,
    /// When it was looked at.
    pub at: Timestamp,
}

/// Where a notice comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The account that looks.
    pub account_id: String,
    /// The Region that it looks in.
    pub region: String,
    /// The graph, where there is one.
    pub graph_arn: Option<String>,
}

impl Notice {
    /// The notice of what got worse.
    #[must_use]
    pub fn new(
        place: Place,
        health: &Health,
        worse: &BTreeSet<HealthIssue>,
        (revision, repeated): (u32, bool),
        at: Timestamp,
    ) -> Self {
        let listed: Vec<HealthIssue> = worse.iter().take(LISTED).cloned().collect();
        let Place { account_id, region, graph_arn } = place;
        let report = GraphHealthReport {
            account_id,
            region,
            graph_arn,
            revision,
            repeated,
            since: listed.iter().map(|issue| health.since.get(issue).copied()).collect(),
            worse: listed.same(),
            worse_count: worse.len(),
            worse_kinds: counts(worse),
            wrong_count: health.issues.len(),
            members: health.members,
            members_enabled: health.members_enabled,
            at,
        };
        Self { version: VERSION, graph_health: report }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A notice may be in a queue while the stack is updated.
    #[test]
    fn a_notice_with_kinds_in_words_is_read() {
        let stored = json!({"version": 1, "graph_health": {
            "account_id": "111122223333", "region": "us-east-1", "graph_arn": null, "revision": 3, "repeated": false,
            "worse": [{"ailment": "not-readable", "what": "auto-enable (AccessDenied)"}], "worse_count": 1,
            "worse_kinds": {"not readable": 1, "members' data sources stopped": 2, "auto-enable": 3}, "wrong_count": 1,
            "members": 1, "members_enabled": 1, "since": [null], "at": "2026-01-15T12:50:00Z",
        }});
        let notice: Notice = serde_json::from_str(&stored.to_string()).unwrap();
        let kinds = &notice.graph_health.worse_kinds;
        assert_eq!(kinds[&HealthIssueKind::NotReadable], 1);
        let written = serde_json::to_value(&notice).unwrap();
        let written = &written["graph_health"]["worse_kinds"];
        assert_eq!(*written, json!({"not-readable": 1, "member-package-stopped": 2, "auto-enable": 3}));
    }
}
