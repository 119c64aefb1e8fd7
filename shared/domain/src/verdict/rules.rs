//! From evidence to reasons.

use super::reason::{NamedItems, Reason, ReasonCode, RelatedFindings};
use super::weights::{Weight, Weights};
use crate::finding::Finding;
use crate::indicator::{Evidence, Indicator};
use crate::text::one_line;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The most names of a reason.
const MAX_NAMES: usize = 3;

/// The distinct items of the indicators, by kind of evidence. They are sets, so that order and repetitions do not matter.
#[derive(Default)]
struct DistinctEvidence<'a> {
    flagged: BTreeSet<&'a str>,
    travels: BTreeSet<(&'a str, &'a str)>,
    succeeded: BTreeSet<(&'a str, &'a str)>,
    failed: BTreeSet<(&'a str, &'a str)>,
    new_for_account: BTreeSet<(&'a str, &'a str)>,
    new_for_principal: BTreeSet<(&'a str, &'a str)>,
    /// Types and times by ARN.
    related: BTreeMap<&'a str, (&'a str, Option<Timestamp>)>,
    groups: BTreeSet<&'a str>,
    unknown: BTreeSet<&'a str>,
}

impl<'a> DistinctEvidence<'a> {
    /// Without related findings that are the case's own: those have their own reason.
    fn of(findings: &[Finding], indicators: &'a [Indicator]) -> Self {
        let mut distinct = Self::default();
        for indicator in indicators.iter().filter(|indicator| !indicator.is_own_finding(findings)) {
            distinct.add(indicator.evidence());
        }
        distinct
    }

    fn add(&mut self, evidence: Evidence<'a>) {
        match evidence {
            Evidence::Technique { named, succeeded, failed } => {
                if succeeded {
                    self.succeeded.insert(named);
                }
                if failed {
                    self.failed.insert(named);
                }
            }
            Evidence::Travel(from, to) => {
                self.travels.insert((from, to));
            }
            Evidence::FlaggedAddress(address) => {
                self.flagged.insert(address);
            }
            Evidence::Novelty { kind, name, for_account } => {
                let novelties = if for_account { &mut self.new_for_account } else { &mut self.new_for_principal };
                novelties.insert((kind, name));
            }
            Evidence::RelatedFinding { arn, finding_type, last_seen } => {
                let candidate = (finding_type, last_seen);
                let known = self.related.entry(arn).or_insert(candidate);
                *known = (*known).max(candidate);
            }
            Evidence::RelatedFindingGroup(id) => {
                self.groups.insert(id);
            }
            Evidence::Unknown(name) => {
                self.unknown.insert(name);
            }
        }
    }
}

pub(super) fn reasons(findings: &[Finding], indicators: &[Indicator], weights: &Weights) -> Vec<Reason> {
    let distinct = DistinctEvidence::of(findings, indicators);
    let mut reasons = Vec::new();
    if let Some(worst) = findings.iter().max_by(|a, b| {
        let by_severity = a.severity.value().total_cmp(&b.severity.value());
        by_severity.then_with(|| b.finding_type.cmp(&a.finding_type))
    }) {
        let finding_type = crate::text::defang_finding_type(&worst.finding_type, 120);
        let code = ReasonCode::WorstFinding { finding_type, severity: worst.severity };
        reasons.push(Reason { points: weights.severity.points(worst.severity.band()), code });
    }
    let mut add = |weight: &Weight, count: usize, code: ReasonCode| {
        if count > 0 {
            reasons.push(Reason { points: weight.points(count), code });
        }
    };
    let DistinctEvidence { flagged, travels, succeeded, failed, new_for_account, new_for_principal, .. } = &distinct;
    let DistinctEvidence { related, groups, unknown, .. } = &distinct;
    let types = by_type(related);
    add(
        &weights.related_finding,
        related.len(),
        ReasonCode::RelatedFindings(NamedItems { count: related.len(), ..first_names(types.len(), types) }),
    );
    add(&weights.flagged_address, flagged.len(), ReasonCode::FlaggedAddresses(to_names(flagged)));
    add(&weights.impossible_travel, travels.len(), ReasonCode::ImpossibleTravels(to_pairs(travels)));
    add(&weights.technique_succeeded, succeeded.len(), ReasonCode::TechniquesSucceeded(to_pairs(succeeded)));
    add(&weights.technique_failed, failed.len(), ReasonCode::TechniquesFailed(to_pairs(failed)));
    add(&weights.new_for_account, new_for_account.len(), ReasonCode::NewForAccount(second_elements(new_for_account)));
    add(
        &weights.new_for_principal,
        new_for_principal.len(),
        ReasonCode::NewForPrincipal(second_elements(new_for_principal)),
    );
    add(&weights.related_finding_group, groups.len(), ReasonCode::RelatedFindingGroups(to_names(groups)));
    add(&Weight::ZERO, unknown.len(), ReasonCode::UnknownIndicators(to_names(unknown)));
    reasons
}

/// The first few of so many.
fn first_names<T>(count: usize, all: impl IntoIterator<Item = T>) -> NamedItems<T> {
    NamedItems {
        count,
        names: all.into_iter().take(MAX_NAMES).collect(),
        omitted_count: count.saturating_sub(MAX_NAMES),
    }
}

/// The types of findings, each once, with the latest time that is known and how many there are.
fn by_type(findings: &BTreeMap<&str, (&str, Option<Timestamp>)>) -> Vec<RelatedFindings> {
    let mut types: BTreeMap<&str, (usize, Option<Timestamp>)> = BTreeMap::new();
    for (finding_type, last_seen) in findings.values() {
        let (count, latest) = types.entry(finding_type).or_default();
        *count += 1;
        *latest = (*latest).max(*last_seen);
    }
    let of_type = |(finding_type, (count, last_seen))| RelatedFindings {
        finding_type: crate::text::defang_finding_type(finding_type, 120),
        count,
        last_seen,
    };
    types.into_iter().map(of_type).collect()
}

fn to_names(set: &BTreeSet<&str>) -> NamedItems<String> {
    first_names(set.len(), set.iter().map(|name| one_line(name, 100)))
}

fn second_elements(set: &BTreeSet<(&str, &str)>) -> NamedItems<String> {
    first_names(set.len(), set.iter().map(|(_, name)| one_line(name, 80)))
}

fn to_pairs(set: &BTreeSet<(&str, &str)>) -> NamedItems<(String, String)> {
    first_names(set.len(), set.iter().map(|(one, other)| (one_line(one, 60), one_line(other, 60))))
}
