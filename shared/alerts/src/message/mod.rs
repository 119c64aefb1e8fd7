//! What people are told about a case, the same in every channel.

mod notice;

pub use notice::{GraphHealthReport, Notice, Place};

use crate::links;
pub use crate::links::Link;
use crate::text::indicator;
use gumshoe_domain::InvestigationSeverity;
use gumshoe_domain::assessment::{Assessment, ReportPlace};
use gumshoe_domain::case::{CaseRecord, FindingRecord, OpenInvestigation};
use gumshoe_domain::coverage::OutsideGraph;
use gumshoe_domain::finding::{Activity, Details, Finding, Severity, worst_first};
use gumshoe_domain::guardduty;
use gumshoe_domain::indicator::{IndicatorGroup, IndicatorKind};
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::mitre::Technique;
use gumshoe_domain::next_steps::NextStep;
use gumshoe_domain::principal::{Inference, Principal};
use gumshoe_domain::text::one_line;
use gumshoe_domain::verdict::{AlertCause, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many others an alert names at most.
const OTHERS_LISTED: usize = 20;
/// How many of a case's findings an alert lists; all are counted.
const FINDINGS_LISTED: usize = 25;
/// How many activities of a finding it lists.
const ACTIVITIES_LISTED: usize = 3;

/// One revision of a case's alert. Its JSON form is what machines receive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// The version of this shape.
    pub version: u32,
    /// The case's id. With `revision` it names this message: whoever has seen the two may drop it.
    pub case_id: String,
    /// Counts the alerts of the case, from 1.
    pub revision: u32,
    /// The same revision may have been sent before: SNS's answer was lost.
    pub repeated: bool,
    /// Why people hear of the case.
    pub cause: AlertCause,
    /// Who or what the case is about.
    pub subject: String,
    /// The principal behind it.
    pub principal: Principal,
    /// Who else stands behind the same findings, in words; still to be escaped for the channel.
    #[serde(default)]
    pub others: Vec<String>,
    /// How many more others there are.
    #[serde(default)]
    pub others_left_out: usize,
    /// The accounts that own the findings.
    pub accounts: Vec<String>,
    /// The Regions of the findings.
    pub regions: Vec<String>,
    /// Level, score and reasons.
    pub verdict: Verdict,
    /// What Detective thinks of it; stands beside the verdict.
    pub detective_severity: Option<InvestigationSeverity>,
    /// What was asked of Detective last.
    pub investigation: Option<OpenInvestigation>,
    /// What was asked of it in other Regions: one investigation of each. Their indicators are among the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<OpenInvestigation>,
    /// Why there is no result of Detective's.
    pub not_investigated: Option<NotInvestigated>,
    /// Why another principal may have acted than the one that was investigated; nothing where it is who acted, or there
    /// is no result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<Inference>,
    /// The principal's account, where its data are not in the behavior graph; nothing where they are, or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_graph: Option<OutsideGraph>,
    /// What GuardDuty's side has come to; nothing where GuardDuty was not to be asked. An AI wrote its texts, which are still
    /// to be escaped for the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardduty: Option<guardduty::Answer>,
    /// Indicators by kind.
    pub indicators: Vec<AlertIndicators>,
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
    /// Where to look.
    pub links: Vec<Link>,
}

/// A finding as an alert lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertFinding {
    /// GuardDuty's id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// Its severity.
    pub severity: Severity,
    /// GuardDuty's sentence, on one line. Still to be escaped for the channel.
    pub title: String,
    /// The account that owns it; text that is no account id is marked as such.
    pub account_id: String,
    /// The Region that raised it.
    pub region: String,
    /// How often GuardDuty saw the activity.
    pub count: u64,
    /// How often it came again so far without an alert, as people had been alerted of it before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub suppressed: u64,
    /// When the activity began.
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
    /// The access key in it.
    pub access_key_id: Option<String>,
    /// What was done and from where, in words; the first few.
    #[serde(default)]
    pub activity: Vec<String>,
    /// What else it says of who and what took part.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
}

/// The indicators of one kind, as an alert lists them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertIndicators {
    /// The kind.
    pub kind: IndicatorKind,
    /// How many different ones there are.
    pub count: usize,
    /// Some of them in words, those with the most weight first. Still to be escaped for the channel.
    pub examples: Vec<String>,
}

impl AlertIndicators {
    fn of(group: &IndicatorGroup) -> Self {
        let IndicatorGroup { kind, count, examples } = group;
        Self { kind: kind.clone(), count: *count, examples: indicator::examples(examples) }
    }

    /// The kind in words, such as `flagged address`; Detective's own name for what this version does not know.
    #[must_use]
    pub fn in_words(&self) -> &str {
        indicator::kind(&self.kind).label
    }
}

impl Alert {
    /// The alert of a case's assessment.
    #[must_use]
    pub fn new(case: &CaseRecord, assessment: &Assessment, findings: &[FindingRecord], repeated: bool) -> Self {
        let sorted = worst_first(findings.iter().map(|record| &record.finding));
        let (others, others_left_out) = others(&sorted);
        Self {
            version: 1,
            case_id: case.key.case_id.clone(),
            revision: assessment.revision,
            repeated,
            cause: assessment.alert_cause.unwrap_or(AlertCause::Verdict),
            subject: case.key.subject.clone(),
            principal: case.principal.clone(),
            others,
            others_left_out,
            accounts: distinct(&sorted, Finding::account_in_words),
            regions: distinct(&sorted, |finding| finding.region.clone()),
            verdict: assessment.verdict.clone(),
            detective_severity: assessment.detective_severity,
            links: links::links(case, &sorted, assessment.report.as_ref()),
            investigation: case.investigation.clone(),
            elsewhere: case.elsewhere.clone(),
            not_investigated: assessment.not_investigated.clone(),
            uncertain: assessment.uncertain,
            outside_graph: assessment.outside_graph.clone(),
            guardduty: assessment.guardduty.clone(),
            indicators: assessment.indicators.iter().map(AlertIndicators::of).collect(),
            finding_count: sorted.len(),
            findings: sorted.iter().take(FINDINGS_LISTED).map(|finding| listed(finding, findings)).collect(),
            opened_at: case.progress.number.opened_at,
            assessed_at: assessment.at,
            techniques: assessment.techniques.clone(),
            next_steps: assessment.next_steps.clone(),
            account_names: assessment.account_names.clone(),
            report: assessment.report.clone(),
        }
    }
}

fn distinct(findings: &[&Finding], of: impl Fn(&Finding) -> String) -> Vec<String> {
    let mut values: Vec<String> = findings.iter().map(|finding| of(finding)).collect();
    values.sort();
    values.dedup();
    values
}

/// Everybody whom the findings name beside the case's principal, each once; and how many more there are.
fn others(findings: &[&Finding]) -> (Vec<String>, usize) {
    let mut others: Vec<String> = Vec::new();
    for name in findings.iter().flat_map(|finding| &finding.others) {
        if !others.contains(name) {
            others.push(name.clone());
        }
    }
    let left_out = findings.iter().map(|finding| finding.others_left_out).max().unwrap_or_default();
    let dropped = others.len().saturating_sub(OTHERS_LISTED);
    others.truncate(OTHERS_LISTED);
    (others, left_out + dropped)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn listed(finding: &Finding, records: &[FindingRecord]) -> AlertFinding {
    let record = records.iter().find(|record| record.finding.id == finding.id);
    AlertFinding {
        id: finding.id.clone(),
        finding_type: one_line(&finding.finding_type, 120),
        severity: finding.severity,
        title: one_line(&finding.title, 300),
        account_id: finding.account_in_words(),
        region: finding.region.clone(),
        count: finding.count,
        suppressed: record.map_or(0, |record| record.suppressed),
        first_seen: finding.first_seen,
        last_seen: finding.last_seen,
        access_key_id: finding.access_key_id.as_deref().map(|id| one_line(id, 128)),
        activity: finding.activity.iter().take(ACTIVITIES_LISTED).map(Activity::describe).collect(),
        details: finding.details.clone(),
    }
}
