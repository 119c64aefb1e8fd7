//! The alert, as subscribers receive it. Its JSON form is a public contract, so it has types of its own. [`Alert::new`] builds them
//! from the domain's records and renders the sentences; every channel renders an [`Alert`].
//!
//! While [`VERSION`] stays the same, members are only added: docs/ALERT-JSON.md. A test compares `docs/schemas/alert.schema.json`
//! with these types. Codes (levels, causes, statuses) are the domain's; the schema lists them.

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
pub use verdict::{Link, NextStep, Reason, ReportLocation, Summary, Verdict};

mod notice;

pub use notice::{
    GraphCounts, GraphHealthNotice, GraphHealthReport, GraphIdentity, GraphReadTarget, IngestState, Issue, IssueKind,
    NoticeRevision, Package,
};

use crate::links;
use crate::text::{
    coverage, engines, finding as finding_text, guardduty_summary, principal as principal_text, summary,
};
use gumshoe_domain::InvestigationSeverity;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::{CaseRecord, FindingRecord};
use gumshoe_domain::finding::{Finding, worst_first};
use gumshoe_domain::principal::{Inference, StoredPrincipal};
use gumshoe_domain::verdict::AlertCause;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the JSON form. Only a change that is not an addition raises it.
pub const VERSION: u32 = 1;
/// Number of other principals that an alert names.
const OTHERS_MAX: usize = 20;
/// Number of findings that an alert lists. `finding_count` includes the others.
const FINDINGS_MAX: usize = 25;

/// One revision of a case's alert, as queues, functions and the webhook receive it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Alert {
    /// The version of this JSON form.
    pub version: u32,
    /// The id of the case. `case_id` and `revision` together identify this message: drop a message whose pair you have processed.
    pub case_id: String,
    /// The number of this alert within the case, from 1.
    pub revision: u32,
    /// Whether the same revision may have been published before: SNS did not confirm the first attempt.
    pub repeated: bool,
    /// Why the case is alerted.
    #[cfg_attr(test, schemars(with = "schema::AlertCause"))]
    pub cause: AlertCause,
    /// What the case is about: the ARN of the principal without its path, or else the finding.
    pub subject: String,
    /// The principal of the case.
    pub principal: Principal,
    /// The other principals in the same findings, each as a phrase; not escaped.
    #[serde(default)]
    pub others: Vec<String>,
    /// Number of other principals that `others` omits.
    #[serde(rename = "others_left_out", default)]
    pub omitted_others: usize,
    /// The ids of the accounts that own the findings.
    pub accounts: Vec<String>,
    /// The Regions of the findings.
    pub regions: Vec<String>,
    /// Gumshoe's level, score and reasons.
    pub verdict: Verdict,
    /// Detective's severity of the investigation; `null` if there is no result. It does not affect the verdict.
    #[cfg_attr(test, schemars(with = "Option<schema::InvestigationSeverity>"))]
    pub detective_severity: Option<InvestigationSeverity>,
    /// The last investigation that was started in Detective, or reused; `null` if there is none.
    pub investigation: Option<Investigation>,
    /// The investigations in other Regions, one for each. `indicators` includes their indicators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Investigation>,
    /// Why Detective returned no result; `null` if it did.
    pub not_investigated: Option<NotInvestigated>,
    /// Why a principal other than the investigated one may have acted. Missing if the principal is confirmed, or if there is no result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<schema::Inference>"))]
    pub uncertain: Option<Inference>,
    /// The principal's account, if the behavior graph does not ingest its data. Missing if it does, or if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_graph: Option<OutsideGraph>,
    /// The state of GuardDuty's investigation. Missing if no investigation was to be requested. Its texts are written by AI; not
    /// escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardduty: Option<GuardDutyInvestigation>,
    /// Detective's indicators, grouped by kind.
    pub indicators: Vec<IndicatorGroup>,
    /// Number of findings in the case.
    pub finding_count: usize,
    /// The most severe findings of the case, the worst first; at most 25.
    pub findings: Vec<AlertFinding>,
    /// When the case was opened.
    pub opened_at: Timestamp,
    /// When the case was assessed for this revision.
    pub assessed_at: Timestamp,
    /// The attack techniques among the indicators; not escaped.
    #[serde(default)]
    pub techniques: Vec<Technique>,
    /// The recommended next steps, the most urgent first.
    #[serde(default)]
    pub next_steps: Vec<NextStep>,
    /// Account names by account id, as far as AWS Organizations returned them; not escaped.
    #[serde(default)]
    pub account_names: BTreeMap<String, String>,
    /// The S3 object of the report; `null` if the report could not be written.
    #[serde(default)]
    pub report: Option<ReportLocation>,
    /// Links to the AWS consoles.
    pub links: Vec<Link>,
    /// The first three lines of the alert. Missing in messages of earlier releases.
    #[serde(default, skip_serializing_if = "summary::is_empty")]
    pub summary: Summary,
    /// A sentence that states why Detective's data may be incomplete; not escaped. Missing if it is complete, if `not_investigated`
    /// states the same, and in messages of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<String>,
    /// A sentence that compares the ratings of Detective and GuardDuty's AI. Missing if GuardDuty has no result, and in messages of
    /// earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engines: Option<String>,
}

impl Alert {
    /// The alert for an assessment of a case.
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
            findings: sorted.iter().take(FINDINGS_MAX).map(|finding| AlertFinding::of(finding, findings)).collect(),
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

    /// The first three lines, with at most [`Summary::MAX_CHARS`] characters in total. A stored summary that is too long is replaced.
    #[must_use]
    pub fn summary_lines(&self) -> Summary {
        if summary::is_usable(&self.summary) { self.summary.clone() } else { summary::summary(self) }
    }

    /// Level, principal and account in at most `limit` characters, defanged: whole parts are omitted, a long name is shortened in its
    /// middle, and the level and an account id of 12 digits are whole.
    #[must_use]
    pub fn headline(&self, limit: usize) -> String {
        summary::headline(self, limit)
    }

    /// A sentence that states why Detective's data may be incomplete; `None` if it is complete, or if the reason for a missing result
    /// states the same. Escape it for the channel.
    #[must_use]
    pub fn coverage(&self) -> Option<String> {
        self.coverage.clone().or_else(|| coverage::coverage_warning(self))
    }

    /// A sentence that compares the ratings of Detective and GuardDuty's AI; `None` if GuardDuty has no result. It contains no
    /// untrusted text.
    #[must_use]
    pub fn engines(&self) -> Option<String> {
        self.engines.clone().or_else(|| engines::engine_comparison(self))
    }

    /// Why the case is alerted although the investigation found no significant activity; `None` if that is not the alert cause.
    #[must_use]
    pub fn unresolved_reason(&self) -> Option<String> {
        summary::unresolved_reason(self)
    }

    /// An account's id, followed by its name if that is known; shortened and defanged.
    #[must_use]
    pub fn account(&self, id: &str) -> String {
        summary::account(self, id)
    }

    /// The result of GuardDuty's investigation, if there is one. Its texts are written by AI.
    #[must_use]
    pub fn guardduty_result(&self) -> Option<&CompletedInvestigation> {
        self.guardduty.as_ref().and_then(GuardDutyInvestigation::completed)
    }

    /// GuardDuty's investigation as lines of text, with the notice that AI wrote it, defanged; empty if none was to be requested.
    #[must_use]
    pub fn guardduty_lines(&self) -> Vec<String> {
        guardduty_summary::lines(self)
    }

    /// The reasons of the verdict, without the comparison of Detective with GuardDuty, which channels show separately.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        // Reasons in messages of earlier releases have no code.
        let engines = self.engines();
        let is_of_engines = move |reason: &Reason| match reason.code.as_deref() {
            Some(code) => ENGINE_COMPARISON_CODES.contains(&code),
            None => Some(&reason.text) == engines.as_ref(),
        };
        self.verdict.reasons.iter().filter(move |reason| reason.points > 0 || !is_of_engines(reason))
    }

    /// The `count` reasons with the most points, without those that have none.
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

/// The other principals that the findings name, without duplicates, and the number of omitted ones. A principal that an earlier
/// release stored as text equals a principal with the same text.
fn others(findings: &[&Finding]) -> (Vec<String>, usize) {
    let mut others: Vec<(&StoredPrincipal, String)> = Vec::new();
    for named in findings.iter().flat_map(|finding| &finding.others) {
        let label = principal_text::named_label(named);
        let is_same = |(other, other_label): &(&StoredPrincipal, String)| {
            let is_legacy = [named, *other].iter().any(|it| matches!(it, StoredPrincipal::LegacyText(_)));
            *other == named || (is_legacy && *other_label == label)
        };
        if !others.iter().any(is_same) {
            others.push((named, label));
        }
    }
    let omitted = findings.iter().map(|finding| finding.omitted_others).max().unwrap_or_default();
    let dropped = others.len().saturating_sub(OTHERS_MAX);
    others.truncate(OTHERS_MAX);
    (others.into_iter().map(|(_, label)| label).collect(), omitted + dropped)
}

#[cfg(test)]
mod tests;
