//! The notice that the behavior graph got worse, the same in every channel.

mod issue;
mod kind;
mod words;

pub use issue::Issue;
pub use kind::IssueKind;
pub use words::{IngestState, Package, Unreadable};

use super::VERSION;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    pub worse_kinds: BTreeMap<IssueKind, usize>,
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

/// How the graph is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphCounts {
    /// How many issues there are in all, those of earlier notices included.
    pub wrong: usize,
    /// Members of any status.
    pub members: usize,
    /// Those that send their data.
    pub members_enabled: usize,
}

impl Notice {
    /// The notice of what got worse, each with since when, where Detective tells that: in the order in which it is listed.
    #[must_use]
    pub fn new(
        place: Place,
        worse: Vec<(Issue, Option<Timestamp>)>,
        counts: GraphCounts,
        (revision, repeated): (u32, bool),
        at: Timestamp,
    ) -> Self {
        let Place { account_id, region, graph_arn } = place;
        let worse_count = worse.len();
        let mut worse_kinds = BTreeMap::new();
        for (issue, _) in &worse {
            *worse_kinds.entry(issue.kind()).or_insert(0) += 1;
        }
        let (worse, since) = worse.into_iter().take(LISTED).unzip();
        let report = GraphHealthReport {
            account_id,
            region,
            graph_arn,
            revision,
            repeated,
            worse,
            worse_count,
            worse_kinds,
            wrong_count: counts.wrong,
            members: counts.members,
            members_enabled: counts.members_enabled,
            since,
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
        assert_eq!(kinds[&IssueKind::NotReadable], 1);
        let written = serde_json::to_value(&notice).unwrap();
        let written = &written["graph_health"]["worse_kinds"];
        assert_eq!(*written, json!({"not-readable": 1, "member-package-stopped": 2, "auto-enable": 3}));
    }
}
