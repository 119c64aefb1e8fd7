//! What people are told about a case, the same in every channel.

use crate::case::{Assessment, CaseRecord, FindingRecord};
use crate::finding::{Finding, Severity};
use crate::investigation::{NotInvestigated, Scope};
use crate::principal::Principal;
use crate::text::one_line;
use crate::verdict::{AlertCause, Verdict};
use crate::{InvestigationSeverity, indicator::IndicatorGroup};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many others an alert names at most.
const OTHERS_LISTED: usize = 20;
/// How many of a case's findings an alert lists; all are counted.
const FINDINGS_LISTED: usize = 25;

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
    /// What was asked of Detective.
    pub investigation: Option<AlertInvestigation>,
    /// Why there is no result of Detective's.
    pub not_investigated: Option<NotInvestigated>,
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
    /// Where to look.
    pub links: Vec<Link>,
}

/// The investigation behind an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertInvestigation {
    /// 21 digits.
    pub id: String,
    /// The behavior graph that it was started in.
    pub graph_arn: String,
    /// The time that it looks at.
    pub scope: Scope,
    /// Whether it had been started before, for another case or by a person.
    pub reused: bool,
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
    /// When the activity began.
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
    /// The access key in it.
    pub access_key_id: Option<String>,
}

/// A link into a console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What is behind it.
    pub label: String,
    /// An https address, made of checked parts only.
    pub url: String,
}

impl Alert {
    /// The alert of a case's assessment.
    #[must_use]
    pub fn new(case: &CaseRecord, assessment: &Assessment, findings: &[FindingRecord], repeated: bool) -> Self {
        let mut sorted: Vec<&Finding> = findings.iter().map(|record| &record.finding).collect();
        sorted.sort_by(|a, b| {
            b.severity
                .value()
                .total_cmp(&a.severity.value())
                .then_with(|| b.last_seen.cmp(&a.last_seen))
                .then_with(|| a.id.cmp(&b.id))
        });
        let investigation = case.investigation.as_ref().map(|investigation| AlertInvestigation {
            id: investigation.id.clone(),
            graph_arn: investigation.graph_arn.clone(),
            scope: investigation.scope,
            reused: investigation.reused,
        });
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
            links: links(&case.principal, investigation.as_ref(), &sorted),
            investigation,
            not_investigated: assessment.not_investigated.clone(),
            indicators: assessment.indicators.clone(),
            finding_count: sorted.len(),
            findings: sorted.iter().take(FINDINGS_LISTED).map(|finding| listed(finding)).collect(),
            opened_at: case.opened_at,
            assessed_at: assessment.at,
        }
    }

    /// What happened, in one sentence: of checked names, and of the worst finding's type where there is no principal.
    #[must_use]
    pub fn headline(&self) -> String {
        let who = match self.principal.entity() {
            Some(entity) => format!("{} {} in account {}", self.principal.kind(), entity.name, entity.account_id),
            None if self.principal.name().is_some() => one_line(&self.principal.in_words(), 120),
            None => match self.findings.first() {
                Some(worst) => format!("{} in account {}", worst.finding_type, worst.account_id),
                None => "no finding".to_owned(),
            },
        };
        let what = match self.cause {
            AlertCause::Verdict => format!("{} risk", self.verdict.level),
            AlertCause::NotInvestigated => "Not investigated".to_owned(),
            AlertCause::DetectiveDisagrees => format!(
                "Detective says {}, Gumshoe {}",
                self.detective_severity.map_or_else(String::new, |severity| severity.to_string()),
                self.verdict.level
            ),
        };
        let findings = match self.finding_count {
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        format!("{what}: {who}, {findings}")
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

fn listed(finding: &Finding) -> AlertFinding {
    AlertFinding {
        id: finding.id.clone(),
        finding_type: one_line(&finding.finding_type, 120),
        severity: finding.severity,
        title: one_line(&finding.title, 300),
        account_id: finding.account_in_words(),
        region: finding.region.clone(),
        count: finding.count,
        first_seen: finding.first_seen,
        last_seen: finding.last_seen,
        access_key_id: finding.access_key_id.as_deref().map(|id| one_line(id, 128)),
    }
}

/// Links to the consoles. Where they lead was gathered from AWS documentation and public code, not tried.
fn links(principal: &Principal, investigation: Option<&AlertInvestigation>, findings: &[&Finding]) -> Vec<Link> {
    let mut links = Vec::new();
    let Some(worst) = findings.first() else { return links };
    let console = console_of(worst.partition.as_deref());
    // Detective is asked in the Region of its graph: arn:aws:detective:REGION:ACCOUNT:graph:ID.
    let graph_region = investigation.and_then(|it| it.graph_arn.split(':').nth(3)).unwrap_or(&worst.region);
    let detective = format!("https://{console}/detective/home?region={graph_region}");
    if let (Some(investigation), Some(entity)) = (investigation, principal.entity()) {
        if let Some(unique_id) = &entity.unique_id {
            let kind = if matches!(principal, Principal::IamUser(_)) { "AwsUser" } else { "AwsRole" };
            let (start, end) = (investigation.scope.start.as_second(), investigation.scope.end.as_second());
            links.push(Link {
                label: "Principal in Detective".to_owned(),
                url: format!("{detective}#entities/{kind}/{unique_id}?scopeStart={start}&scopeEnd={end}"),
            });
        }
        links
            .push(Link { label: "Investigations in Detective".to_owned(), url: format!("{detective}#investigations") });
    }
    let region = &worst.region;
    links.push(Link {
        label: "Worst finding in GuardDuty".to_owned(),
        url: format!("https://{console}/guardduty/home?region={region}#/findings?search=id%3D{}", worst.id),
    });
    links
}

fn console_of(partition: Option<&str>) -> &'static str {
    match partition {
        Some("aws-cn") => "console.amazonaws.cn",
        Some("aws-us-gov") => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    }
}
