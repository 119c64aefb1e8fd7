//! What subscribers receive of a case: the contract. Its JSON form has types of its own, built from the domain's records in one place
//! ([`Alert::new`]), where sentences are rendered; all channels read it.
//!
//! Members are only added while [`VERSION`] stays: docs/ALERT-JSON.md. `docs/schemas/alert.schema.json` is held against these types. The
//! words of codes (levels, causes, statuses) are the domain's; the schema lists them.

mod convert;
mod finding;
mod guardduty;
mod investigation;
mod principal;
#[cfg(test)]
pub(crate) mod schema;
mod verdict;

pub(crate) use convert::Convert;
pub use finding::{
    Activity, ActivityResult, AlertFinding, Container, Details, KubernetesCaller, Process, ProcessName, Remote,
    RemoteAccount, SequenceIndicator,
};
pub use guardduty::{
    CompletedInvestigation, GuardDutyInvestigation, GuardDutySummary, NotRequestedReason, QuotaExhausted,
};
pub use investigation::{IndicatorGroup, Investigation, NotInvestigated, OutsideGraph, Scope, Technique};
pub use principal::{Certainty, Entity, NotInvestigable, Other, Principal};
pub use verdict::{Link, NextStep, Reason, ReportPlace, Summary, Verdict};

mod notice;

pub use notice::{
    GraphCounts, GraphHealthNotice, GraphHealthReport, GraphIdentity, GraphReadTarget, IngestState, Issue, IssueKind,
    NoticeRevision, Package,
};

use crate::links;
use crate::text::{coverage, engines, finding as finding_text, principal as principal_text, summary};
use gumshoe_domain::InvestigationSeverity;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::{CaseRecord, FindingRecord};
use gumshoe_domain::finding::{Finding, worst_first};
use gumshoe_domain::principal::{Inference, StoredPrincipal};
use gumshoe_domain::verdict::AlertCause;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the JSON form. A change that is more than an addition raises it.
pub const VERSION: u32 = 1;
/// How many others an alert names at most.
const OTHERS_LISTED: usize = 20;
/// How many of a case's findings an alert lists; all are counted.
const FINDINGS_LISTED: usize = 25;

/// One revision of a case's alert. Its JSON form is what machines receive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Alert {
    /// The version of this shape.
    pub version: u32,
    /// The case's id. With `revision` it identifies this message: drop a message whose two you have seen.
    pub case_id: String,
    /// Counts the alerts of the case, from 1.
    pub revision: u32,
    /// The same revision may have been sent before: SNS's answer was lost.
    pub repeated: bool,
    /// Why the case is alerted.
    #[cfg_attr(test, schemars(with = "schema::AlertCause"))]
    pub cause: AlertCause,
    /// Who or what the case is about.
    pub subject: String,
    /// The principal behind it.
    pub principal: Principal,
    /// The other principals in the same findings, in words; still to be escaped for the channel.
    #[serde(default)]
    pub others: Vec<String>,
    /// How many more others there are.
    #[serde(rename = "others_left_out", default)]
    pub omitted_others: usize,
    /// The accounts that own the findings.
    pub accounts: Vec<String>,
    /// The Regions of the findings.
    pub regions: Vec<String>,
    /// Level, score and reasons.
    pub verdict: Verdict,
    /// Detective's severity of the investigation. It is no part of the verdict.
    #[cfg_attr(test, schemars(with = "Option<schema::InvestigationSeverity>"))]
    pub detective_severity: Option<InvestigationSeverity>,
    /// What was asked of Detective last.
    pub investigation: Option<Investigation>,
    /// What was asked of it in other Regions: one investigation of each. Their indicators are among the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Investigation>,
    /// Why there is no result of Detective's.
    pub not_investigated: Option<NotInvestigated>,
    /// Why another principal may have acted than the one that was investigated; nothing where it is who acted, or there
    /// is no result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<schema::Inference>"))]
    pub uncertain: Option<Inference>,
    /// The principal's account, where its data are not in the behavior graph; nothing where they are, or where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_graph: Option<OutsideGraph>,
    /// The state of GuardDuty's investigation; nothing where none was to be asked for. An AI wrote its texts, which are still
    /// to be escaped for the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardduty: Option<GuardDutyInvestigation>,
    /// Indicators by kind.
    pub indicators: Vec<IndicatorGroup>,
    /// How many findings the case holds.
    pub finding_count: usize,
    /// The worst of them, most severe first.
    pub findings: Vec<AlertFinding>,
    /// When the case was opened.
    pub opened_at: Timestamp,
    /// When it was assessed.
    pub assessed_at: Timestamp,
    /// The techniques among the indicators. Still to be escaped for the channel.
    #[serde(default)]
    pub techniques: Vec<Technique>,
    /// What to do next, the most urgent first.
    #[serde(default)]
    pub next_steps: Vec<NextStep>,
    /// The names of accounts, by their ids, where Organizations could be read. Still to be escaped for the channel.
    #[serde(default)]
    pub account_names: BTreeMap<String, String>,
    /// Where the report and the evidence are kept.
    #[serde(default)]
    pub report: Option<ReportPlace>,
    /// Links to the consoles.
    pub links: Vec<Link>,
    /// The first lines in words. Empty in messages of earlier releases.
    #[serde(default, skip_serializing_if = "summary::is_empty")]
    pub summary: Summary,
    /// That Detective may not have seen everything, in a sentence, still to be escaped; nothing where that is not so, where
    /// `not_investigated` says it already, and in messages of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<String>,
    /// Whether Detective and GuardDuty say the same, in a sentence; nothing where GuardDuty has no result, and in messages of earlier
    /// releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engines: Option<String>,
}

impl Alert {
    /// The alert of a case's assessment.
    #[must_use]
    pub fn new(case: &CaseRecord, assessment: &Assessment, findings: &[FindingRecord], repeated: bool) -> Self {
        let sorted = worst_first(findings.iter().map(|record| &record.finding));
        let (others, omitted_others) = others(&sorted);
        let mut alert = Self {
            version: VERSION,
            case_id: case.key.case_id.clone(),
            revision: assessment.revision,
            repeated,
            cause: assessment.alert_cause.unwrap_or(AlertCause::Verdict),
            subject: case.key.subject.clone(),
            principal: case.principal.convert(),
            others,
            omitted_others,
            accounts: distinct(&sorted, finding_text::account),
            regions: distinct(&sorted, |finding| finding.region.clone()),
            verdict: assessment.verdict.convert(),
            detective_severity: assessment.detective_severity,
            links: links::links(case, &sorted, assessment.report.as_ref()),
            investigation: case.investigation.convert(),
            elsewhere: case.other_region_investigations.convert(),
            not_investigated: assessment.not_investigated.convert(),
            uncertain: assessment.principal_inference,
            outside_graph: assessment.outside_graph.convert(),
            guardduty: assessment.guardduty.convert(),
            indicators: assessment.indicators.convert(),
            finding_count: sorted.len(),
            findings: sorted.iter().take(FINDINGS_LISTED).map(|finding| AlertFinding::of(finding, findings)).collect(),
            opened_at: case.progress.number.opened_at,
            assessed_at: assessment.at,
            techniques: assessment.techniques.convert(),
            next_steps: assessment.next_steps.convert(),
            account_names: assessment.account_names.clone(),
            report: assessment.report.convert(),
            summary: Summary::default(),
            coverage: None,
            engines: None,
        };
        alert.coverage = coverage::coverage_warning(&alert);
        alert.engines = engines::engine_comparison(&alert);
        alert.summary = summary::summary(&alert);
        alert
    }

    /// The first three lines: at most [`Summary::MAX_CHARS`] characters together.
    #[must_use]
    pub fn summary_lines(&self) -> Summary {
        if summary::is_empty(&self.summary) { summary::summary(self) } else { self.summary.clone() }
    }

    /// Level, principal and account in at most `limit` characters, defanged: whole parts are omitted, a long name is shortened in its
    /// middle, and the level and an account id of 12 digits are whole.
    #[must_use]
    pub fn headline(&self, limit: usize) -> String {
        summary::headline(self, limit)
    }

    /// That Detective may not have seen everything, in a sentence; nothing where that is not so, or said already. Still to be escaped
    /// for the channel.
    #[must_use]
    pub fn coverage(&self) -> Option<String> {
        self.coverage.clone().or_else(|| coverage::coverage_warning(self))
    }

    /// Whether Detective and GuardDuty say the same, in a sentence without text from outside; nothing where GuardDuty has no result.
    #[must_use]
    pub fn engines(&self) -> Option<String> {
        self.engines.clone().or_else(|| engines::engine_comparison(self))
    }

    /// What the investigation found, and why that does not close the case; nothing where that is not why people are notified.
    #[must_use]
    pub fn unresolved_reason(&self) -> Option<String> {
        summary::unresolved_reason(self)
    }

    /// An account's id, with its name where that is known, shortened and defanged.
    #[must_use]
    pub fn account(&self, id: &str) -> String {
        summary::account(self, id)
    }

    /// GuardDuty's result, where there is one. An AI wrote its texts.
    #[must_use]
    pub fn guardduty_result(&self) -> Option<&CompletedInvestigation> {
        self.guardduty.as_ref().and_then(GuardDutyInvestigation::completed)
    }

    /// The verdict's reasons, without those that compare Detective with GuardDuty: they are shown apart from the verdict.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        // Reasons of earlier releases have no code.
        let engines = self.engines();
        let is_of_engines = move |reason: &Reason| match reason.code.as_deref() {
            Some(code) => ENGINE_COMPARISON_CODES.contains(&code),
            None => Some(&reason.text) == engines.as_ref(),
        };
        self.verdict.reasons.iter().filter(move |reason| reason.points > 0 || !is_of_engines(reason))
    }

    /// The reasons that weigh most, at most `count`, without those that add nothing.
    pub fn strongest_reasons(&self, count: usize) -> impl Iterator<Item = &Reason> {
        self.verdict.reasons.iter().filter(|reason| reason.points > 0).take(count)
    }
}

/// The codes of reasons that compare Detective with GuardDuty.
const ENGINE_COMPARISON_CODES: [&str; 3] = ["ENGINES_AGREE", "ENGINES_DISAGREE", "ONLY_GUARDDUTY"];

fn distinct(findings: &[&Finding], of: impl Fn(&Finding) -> String) -> Vec<String> {
    let mut values: Vec<String> = findings.iter().map(|finding| of(finding)).collect();
    values.sort();
    values.dedup();
    values
}

/// The other principals that the findings name, each once; and how many more there are. A principal that an earlier version
/// stored in words is the one that has these words now.
fn others(findings: &[&Finding]) -> (Vec<String>, usize) {
    let mut others: Vec<(&StoredPrincipal, String)> = Vec::new();
    for named in findings.iter().flat_map(|finding| &finding.others) {
        let words = principal_text::named_label(named);
        let is_same = |(other, said): &(&StoredPrincipal, String)| {
            let in_words = [named, *other].iter().any(|it| matches!(it, StoredPrincipal::LegacyText(_)));
            *other == named || (in_words && *said == words)
        };
        if !others.iter().any(is_same) {
            others.push((named, words));
        }
    }
    let left_out = findings.iter().map(|finding| finding.omitted_others).max().unwrap_or_default();
    let dropped = others.len().saturating_sub(OTHERS_LISTED);
    others.truncate(OTHERS_LISTED);
    (others.into_iter().map(|(_, words)| words).collect(), left_out + dropped)
}

#[cfg(test)]
mod tests;
