//! What people are told when the graph got worse, the same in every channel.

use super::health::{Ailment, Health, counts};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many ailments a notice lists; all are counted.
const LISTED: usize = 100;

/// A notice. Its JSON form is what machines receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The version of this shape.
    pub version: u32,
    /// What it is about. The name tells it from an alert.
    pub graph_health: Standing,
}

/// What the notice says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The account that looked.
    pub account_id: String,
    /// The Region that it looked in.
    pub region: String,
    /// The graph, where there is one.
    pub graph_arn: Option<String>,
    /// Counts the notices, from 1.
    pub revision: u32,
    /// Some of it may have been told before.
    pub repeated: bool,
    /// What got worse since people were told last; the first hundred.
    pub worse: Vec<Ailment>,
    /// How many got worse.
    pub worse_count: usize,
    /// How many of each kind got worse.
    pub worse_kinds: BTreeMap<String, usize>,
    /// How many are wrong in all, those that were told before among them.
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
        worse: &BTreeSet<Ailment>,
        (revision, repeated): (u32, bool),
        at: Timestamp,
    ) -> Self {
        let listed: Vec<Ailment> = worse.iter().take(LISTED).cloned().collect();
        let Place { account_id, region, graph_arn } = place;
        let told = Standing {
            account_id,
            region,
            graph_arn,
            revision,
            repeated,
            since: listed.iter().map(|ailment| health.since.get(ailment).copied()).collect(),
            worse: listed,
            worse_count: worse.len(),
            worse_kinds: counts(worse).into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect(),
            wrong_count: health.ailments.len(),
            members: health.members,
            members_enabled: health.members_enabled,
            at,
        };
        Self { version: 1, graph_health: told }
    }

    /// Who and how bad, in a line of at most 150 characters.
    #[must_use]
    pub fn headline(&self) -> String {
        let Standing { account_id, region, worse_kinds, .. } = &self.graph_health;
        let kinds: Vec<String> = worse_kinds.iter().map(|(kind, count)| format!("{kind} ({count})")).collect();
        let line = format!("Behavior graph of {account_id} in {region} got worse: {}", kinds.join(", "));
        crate::text::one_line(&line, 150)
    }

    /// The first of what got worse, each with since when, and how many more there are.
    #[must_use]
    pub fn lines(&self, most: usize) -> Vec<String> {
        let told = &self.graph_health;
        let since =
            |at: &Option<Timestamp>| at.map_or_else(String::new, |at| at.strftime(", since %Y-%m-%d").to_string());
        let known = told.since.iter().chain(std::iter::repeat(&None));
        let mut lines: Vec<String> =
            told.worse.iter().zip(known).take(most).map(|(ailment, at)| format!("{ailment}{}", since(at))).collect();
        let more = told.worse_count.saturating_sub(lines.len());
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines
    }

    /// What is left of it all, in a sentence.
    #[must_use]
    pub fn standing(&self) -> String {
        let Standing { members, members_enabled, wrong_count, .. } = &self.graph_health;
        format!("{members_enabled} of {members} members send their data; {wrong_count} things are wrong in all")
    }
}

/// What a person does about it.
pub const NEXT: &str = "Until it is mended, investigations of these accounts may find nothing where there is something. \
    `make graph-plan` shows what would be changed: docs/RUNBOOK.md, \"The behavior graph got worse\"";
