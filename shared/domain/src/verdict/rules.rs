//! From evidence to reasons.

use super::Reason;
use super::weights::{Weight, Weights};
use crate::finding::Finding;
use crate::indicator::{Indicator, last_seen_in_words};
use crate::text::one_line;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How many names a reason lists.
const NAMES: usize = 3;

/// The different things that the indicators name, each kind apart. Sets, so that neither order nor repeats matter.
#[derive(Default)]
struct Evidence<'a> {
    flagged: BTreeSet<&'a str>,
    travels: BTreeSet<(&'a str, &'a str)>,
    succeeded: BTreeSet<(&'a str, &'a str)>,
    failed: BTreeSet<(&'a str, &'a str)>,
    new_for_account: BTreeSet<(String, &'a str)>,
    new_for_principal: BTreeSet<(String, &'a str)>,
    /// Types and times by ARN.
    related: BTreeMap<&'a str, (&'a str, Option<Timestamp>)>,
    groups: BTreeSet<&'a str>,
    unknown: BTreeSet<&'a str>,
}

impl<'a> Evidence<'a> {
    /// The case's own findings are no evidence beside it: they have their own reason.
    fn of(findings: &[Finding], indicators: &'a [Indicator]) -> Self {
        let mut evidence = Self::default();
        for indicator in indicators.iter().filter(|indicator| !indicator.is_own(findings)) {
            evidence.add(indicator);
        }
        evidence
    }

    fn add(&mut self, indicator: &'a Indicator) {
        let kind = indicator.kind().to_string();
        match indicator {
            Indicator::TtpObserved { tactic, technique, successes, failures, .. } => {
                if *successes > 0 {
                    self.succeeded.insert((tactic, technique));
                }
                if *failures > 0 || *successes <= 0 {
                    self.failed.insert((tactic, technique));
                }
            }
            Indicator::ImpossibleTravel { starting_location, ending_location, .. } => {
                self.travels.insert((starting_location, ending_location));
            }
            Indicator::FlaggedIpAddress { ip_address, .. } => {
                self.flagged.insert(ip_address);
            }
            Indicator::NewGeolocation { location: name, new_for_account, .. }
            | Indicator::NewAso { aso: name, new_for_account }
            | Indicator::NewUserAgent { user_agent: name, new_for_account } => {
                let novelties = if *new_for_account { &mut self.new_for_account } else { &mut self.new_for_principal };
                novelties.insert((kind, name));
            }
            Indicator::RelatedFinding { arn, finding_type, last_seen, .. } => {
                let told = (finding_type.as_str(), *last_seen);
                let known = self.related.entry(arn).or_insert(told);
                *known = (*known).max(told);
            }
            Indicator::RelatedFindingGroup { id } => {
                self.groups.insert(id);
            }
            Indicator::Unknown { indicator_type } => {
                self.unknown.insert(indicator_type);
            }
        }
    }
}

pub(super) fn reasons(findings: &[Finding], indicators: &[Indicator], weights: &Weights) -> Vec<Reason> {
    let evidence = Evidence::of(findings, indicators);
    let mut reasons = Vec::new();
    if let Some(worst) = findings.iter().max_by(|a, b| {
        let by_severity = a.severity.value().total_cmp(&b.severity.value());
        by_severity.then_with(|| b.finding_type.cmp(&a.finding_type))
    }) {
        let text =
            format!("GuardDuty rates {} {}", crate::text::finding_type(&worst.finding_type, 120), worst.severity);
        reasons.push(Reason { points: weights.severity.points(worst.severity.band()), text });
    }
    let mut add_counted = |weight: &Weight, count: usize, names: Vec<String>, what: &str, whats: &str| {
        if count > 0 {
            let text = match count {
                1 => format!("{what}: {}", listed(&names)),
                _ => format!("{count} {whats}: {}", listed(&names)),
            };
            reasons.push(Reason { points: weight.points(count), text });
        }
    };
    add_counted(
        &weights.related_finding,
        evidence.related.len(),
        by_type(&evidence.related),
        "Related finding",
        "related findings",
    );
    let mut add = |weight: &Weight, names: Vec<String>, what: &str, whats: &str| {
        add_counted(weight, names.len(), names, what, whats);
    };
    add(
        &weights.flagged_address,
        names(&evidence.flagged),
        "Calls came from an address that AWS threat intelligence flags",
        "addresses that AWS threat intelligence flags",
    );
    add(&weights.impossible_travel, pairs(&evidence.travels, " to "), "Impossible travel", "impossible travels");
    add(
        &weights.technique_succeeded,
        pairs(&evidence.succeeded, " / "),
        "Calls of an attack technique succeeded",
        "attack techniques with calls that succeeded",
    );
    add(
        &weights.technique_failed,
        pairs(&evidence.failed, " / "),
        "Calls of an attack technique failed",
        "attack techniques with calls that failed",
    );
    add(
        &weights.new_for_account,
        seconds(&evidence.new_for_account),
        "New for the entire account",
        "things new for the entire account",
    );
    add(
        &weights.new_for_principal,
        seconds(&evidence.new_for_principal),
        "New for this principal",
        "things new for this principal",
    );
    add(&weights.related_finding_group, names(&evidence.groups), "Related finding group", "related finding groups");
    add(
        &Weight::NOTHING,
        names(&evidence.unknown),
        "Indicator type that this version does not know",
        "indicator types that this version does not know",
    );
    reasons
}

fn listed(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMES);
    let shown = names.iter().take(NAMES).cloned().collect::<Vec<_>>().join("; ");
    if more == 0 { shown } else { format!("{shown}; and {more} more") }
}

/// The types of findings, each once, with the latest time that is known and how many there are where several have one type.
fn by_type(findings: &BTreeMap<&str, (&str, Option<Timestamp>)>) -> Vec<String> {
    let mut types: BTreeMap<&str, (usize, Option<Timestamp>)> = BTreeMap::new();
    for (finding_type, last_seen) in findings.values() {
        let (count, latest) = types.entry(finding_type).or_default();
        *count += 1;
        *latest = (*latest).max(*last_seen);
    }
    let word = |(finding_type, (count, latest)): (&&str, &(usize, Option<Timestamp>))| {
        let count = if *count > 1 { format!(" ({count})") } else { String::new() };
        format!("{}{count}{}", crate::text::finding_type(finding_type, 120), last_seen_in_words(*latest))
    };
    types.iter().map(word).collect()
}

fn names(set: &BTreeSet<&str>) -> Vec<String> {
    set.iter().map(|name| one_line(name, 100)).collect()
}

fn seconds(set: &BTreeSet<(String, &str)>) -> Vec<String> {
    set.iter().map(|(_, name)| one_line(name, 80)).collect()
}

fn pairs(set: &BTreeSet<(&str, &str)>, between: &str) -> Vec<String> {
    set.iter().map(|(one, other)| format!("{}{between}{}", one_line(one, 60), one_line(other, 60))).collect()
}
