//! The Regions to investigate: the next one of a case, and the activity that its investigations do not cover.
//!
//! A principal has no Region, so findings of several Regions about it join one case. A behavior graph has one Region and contains
//! only the activity of that Region. So a case is investigated in each Region of its findings, one Region after the other, the
//! Region of its worst finding first. It ends quietly only if the activity of every finding is within an investigation of the finding's own
//! Region.

use super::decision::UncoveredActivity;
use super::{CaseRecord, StartedInvestigation};
use crate::coverage::graph_region;
use crate::finding::{Finding, worst_first};
use crate::investigation::{NotInvestigated, Scope};
use crate::regions::Regions;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The next investigation of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextInvestigation<'a> {
    /// Start an investigation in this Region, over this period.
    Start(RegionActivity<'a>),
    /// The stored investigations cover all activity in the Regions in which the stack investigates. This is the one that was stored
    /// last.
    Existing(&'a StartedInvestigation),
    /// No finding is of a Region in which the stack investigates.
    None(NotInvestigated),
}

/// A Region with the period of the activity that the case's findings have there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionActivity<'a> {
    /// The Region's name.
    pub region: &'a str,
    /// The start of the period; `None` if no finding has it.
    pub first_seen: Option<Timestamp>,
    /// The end of the period. If no finding has it, the time when the case was opened, in whole seconds.
    pub last_seen: Timestamp,
}

impl<'a> RegionActivity<'a> {
    /// The activity that the case's findings have in this Region.
    #[must_use]
    pub fn for_region(region: &'a str, case: &CaseRecord, findings: &[&Finding]) -> Self {
        let here = || findings.iter().filter(|finding| finding.region == region);
        let opened_at = case.progress.number.opened_at;
        Self {
            region,
            first_seen: here().filter_map(|finding| finding.first_seen).min(),
            // Scopes end at whole seconds.
            last_seen: here()
                .filter_map(|finding| finding.last_seen)
                .max()
                .unwrap_or_else(|| Timestamp::from_second(opened_at.as_second()).unwrap_or(opened_at)),
        }
    }

    fn is_covered_by(&self, investigation: &StartedInvestigation) -> bool {
        graph_region(&investigation.graph_arn) == Some(self.region)
            && investigation.scope.covers(self.first_seen.unwrap_or(self.last_seen), self.last_seen)
    }
}

/// Decides the next investigation of a case.
#[must_use]
pub fn next_investigation<'a>(
    case: &'a CaseRecord,
    findings: impl IntoIterator<Item = &'a Finding>,
    regions: &Regions,
) -> NextInvestigation<'a> {
    let findings = worst_first(findings);
    let mut places: Vec<RegionActivity<'a>> = Vec::new();
    for region in findings.iter().map(|finding| finding.region.as_str()).filter(|region| regions.contains(region)) {
        if !places.iter().any(|place| place.region == region) {
            places.push(RegionActivity::for_region(region, case, &findings));
        }
    }
    let open = places
        .iter()
        .find(|place| !case.investigations().any(|noted| case.is_current(noted) && place.is_covered_by(noted)));
    match (open, &case.investigation) {
        (Some(place), _) => NextInvestigation::Start(*place),
        (None, Some(noted)) if !places.is_empty() => NextInvestigation::Existing(noted),
        (None, _) => {
            let of: BTreeSet<&str> = findings.iter().map(|finding| finding.region.as_str()).collect();
            NextInvestigation::None(NotInvestigated::region_not_listed(of, regions))
        }
    }
}

/// Findings with activity that none of the case's investigations covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncoveredFindings<'a> {
    /// Regions of findings in which the stack does not investigate.
    not_listed: BTreeSet<&'a str>,
    /// Regions of findings in which no investigation has a result.
    not_investigated: BTreeSet<&'a str>,
    /// The number of findings with activity after the end of their Region's investigation, and the earliest such end.
    later: Option<(usize, Timestamp)>,
}

impl UncoveredFindings<'_> {
    /// The kind that decides: the one that is hardest to investigate.
    #[must_use]
    pub fn kind(&self) -> UncoveredActivity {
        if !self.not_listed.is_empty() {
            UncoveredActivity::RegionNotListed
        } else if !self.not_investigated.is_empty() {
            UncoveredActivity::RegionNotInvestigated
        } else {
            UncoveredActivity::AfterInvestigation
        }
    }

    /// Why the case counts as not investigated if no investigation follows.
    #[must_use]
    pub fn not_investigated_reason(&self, regions: &Regions) -> NotInvestigated {
        if !self.not_listed.is_empty() {
            return NotInvestigated::region_not_listed(self.not_listed.iter().copied(), regions);
        }
        match self.later {
            Some((count, end)) if self.not_investigated.is_empty() => NotInvestigated::activity_after(count, end),
            _ => NotInvestigated::region_not_investigated(self.not_investigated.iter().copied()),
        }
    }
}

/// The findings with activity outside these investigations (Region and period); `None` if all is covered. `seen` must contain only
/// investigations that have a result.
#[must_use]
pub fn uncovered_findings<'a>(
    findings: &'a [Finding],
    seen: &[(&str, Scope)],
    regions: &Regions,
) -> Option<UncoveredFindings<'a>> {
    let mut uncovered =
        UncoveredFindings { not_listed: BTreeSet::new(), not_investigated: BTreeSet::new(), later: None };
    for finding in findings {
        let region = finding.region.as_str();
        let end = seen.iter().filter(|(place, _)| *place == region).map(|(_, scope)| scope.end).max();
        match end {
            None if regions.contains(region) => {
                uncovered.not_investigated.insert(region);
            }
            None => {
                uncovered.not_listed.insert(region);
            }
            Some(end) if finding.last_seen.is_some_and(|last| last > end) => {
                let (count, earliest) = uncovered.later.unwrap_or((0, end));
                uncovered.later = Some((count + 1, earliest.min(end)));
            }
            Some(_) => {}
        }
    }
    let all_seen =
        uncovered.not_listed.is_empty() && uncovered.not_investigated.is_empty() && uncovered.later.is_none();
    (!all_seen).then_some(uncovered)
}

#[cfg(test)]
mod tests;
