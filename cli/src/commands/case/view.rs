//! What is known of a case, as `gumshoe case --json` prints it.

use super::download::Downloaded;
use gumshoe_alerts::Alert;
use gumshoe_alerts::message::ReportLocation;
use gumshoe_alerts::message::{GuardDutyInvestigation, Investigation, Link, NextStep, NotInvestigated, Reason};
use gumshoe_alerts::text::principal::principal_label;
use gumshoe_domain::case::feedback::Feedback;
use gumshoe_domain::case::{CaseStatus, FindingRecord};
use gumshoe_domain::coverage::graph_region;
use gumshoe_domain::finding::{Finding, Severity, worst_first};
use gumshoe_domain::verdict::{AlertCause, VerdictLevel};
use gumshoe_domain::{CaseRecord, InvestigationSeverity};
use jiff::Timestamp;
use serde::Serialize;

/// A case. Where its members have the types of an alert, they have the JSON form of docs/CHANNELS.md.
#[derive(Debug, Serialize)]
pub(crate) struct CaseView {
    pub(crate) case_id: String,
    pub(crate) status: CaseStatus,
    /// What the case is about: an ARN without its path, or a finding.
    pub(crate) subject: String,
    /// Such as `IAM role web-role in account 111122223333`.
    pub(crate) principal: String,
    pub(crate) account_id: Option<String>,
    pub(crate) account_name: Option<String>,
    /// The level of the last assessment.
    pub(crate) level: Option<VerdictLevel>,
    pub(crate) score: Option<u8>,
    /// Why people are notified; `null` if the case is quiet, or not assessed.
    pub(crate) alert_cause: Option<AlertCause>,
    /// Whether people are not notified because an earlier case notified them of the same outcome.
    pub(crate) is_already_notified: bool,
    /// The last revision that was published; 0: none.
    pub(crate) published_revision: u32,
    /// In the order of time.
    pub(crate) timeline: Vec<Event>,
    /// The worst first.
    pub(crate) findings: Vec<FindingRow>,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) detective_severity: Option<InvestigationSeverity>,
    /// The last investigation of each Region, the last first.
    pub(crate) investigations: Vec<Investigation>,
    pub(crate) guardduty: Option<GuardDutyInvestigation>,
    pub(crate) not_investigated: Option<NotInvestigated>,
    /// The most urgent first.
    pub(crate) next_steps: Vec<NextStep>,
    pub(crate) links: Vec<Link>,
    pub(crate) report: Option<ReportLocation>,
    /// What operators said of it, oldest first.
    pub(crate) feedback: Vec<Feedback>,
    /// What `--evidence` downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) evidence: Option<Downloaded>,
    /// The sentences of the alert.
    #[serde(skip)]
    pub(crate) alert: Option<Box<Alert>>,
}

/// What happened at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    pub(crate) event: EventKind,
    /// More about it, such as the id of the investigation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
}

/// The kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventKind {
    Opened,
    /// The end of the period that an investigation covers. Gumshoe starts investigations with a period that ends when they start.
    InvestigatedUntil,
    Assessed,
    Alerted,
    FollowUpStarted,
    WatchedUntil,
    Closed,
}

/// A finding of the case.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FindingRow {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) finding_type: String,
    pub(crate) severity: Severity,
    pub(crate) account_id: String,
    pub(crate) region: String,
    pub(crate) count: u64,
    pub(crate) last_seen: Option<Timestamp>,
}

impl CaseView {
    pub(crate) fn new(case: &CaseRecord, findings: &[FindingRecord]) -> Self {
        let assessment = case.assessment.as_ref();
        let alert = assessment.map(|assessment| Box::new(Alert::new(case, assessment, findings, false)));
        let of_alert = alert.as_deref();
        let principal = alert.as_ref().map_or_else(|| principal_label(&case.principal), |it| it.principal.to_string());
        let sorted = worst_first(findings.iter().map(|record| &record.finding));
        let entity = case.principal.entity().map(|entity| entity.account_id.clone());
        let account_id = entity.or_else(|| sorted.first().map(|worst| worst.account_id.clone()));
        Self {
            case_id: case.key.case_id.clone(),
            status: case.progress.status,
            subject: case.key.subject.clone(),
            principal,
            account_name: assessment.and_then(|it| it.account_names.get(account_id.as_ref()?).cloned()),
            account_id,
            level: assessment.map(|it| it.verdict.level),
            score: assessment.map(|it| it.verdict.score),
            alert_cause: assessment.and_then(|it| it.alert_cause),
            is_already_notified: assessment.is_some_and(|it| it.is_already_notified),
            published_revision: case.progress.published_revision,
            timeline: timeline(case),
            findings: sorted.into_iter().map(FindingRow::new).collect(),
            reasons: of_alert.map(|it| it.verdict.reasons.clone()).unwrap_or_default(),
            detective_severity: assessment.and_then(|it| it.detective_severity),
            investigations: of_alert
                .map(|it| it.investigation.iter().chain(&it.elsewhere).cloned().collect())
                .unwrap_or_default(),
            guardduty: of_alert.and_then(|it| it.guardduty.clone()),
            not_investigated: of_alert.and_then(|it| it.not_investigated.clone()),
            next_steps: of_alert.map(|it| it.next_steps.clone()).unwrap_or_default(),
            links: of_alert.map(|it| it.links.clone()).unwrap_or_default(),
            report: of_alert.and_then(|it| it.report.clone()),
            feedback: Vec::new(),
            evidence: None,
            alert,
        }
    }
}

impl FindingRow {
    fn new(finding: &Finding) -> Self {
        Self {
            id: finding.id.clone(),
            finding_type: finding.finding_type.clone(),
            severity: finding.severity,
            account_id: finding.account_id.clone(),
            region: finding.region.clone(),
            count: finding.count,
            last_seen: finding.last_seen,
        }
    }
}

fn timeline(case: &CaseRecord) -> Vec<Event> {
    let progress = &case.progress;
    let event = |event, at: Option<Timestamp>, detail: Option<String>| at.map(|at| Event { at, event, detail });
    let mut events = vec![event(EventKind::Opened, Some(progress.number.opened_at), None)];
    events.extend(case.investigations().map(|it| {
        let region = graph_region(&it.graph_arn).unwrap_or("another Region");
        let reused = if it.is_reused { ", reused" } else { "" };
        event(EventKind::InvestigatedUntil, Some(it.scope.end), Some(format!("{} in {region}{reused}", it.id)))
    }));
    let revision = |revision: u32| Some(format!("revision {revision}"));
    if let Some(assessment) = &case.assessment {
        let quiet = assessment.alert_cause.is_none().then(|| "quiet".to_owned());
        let detail = quiet.or_else(|| revision(assessment.revision));
        events.push(event(EventKind::Assessed, Some(assessment.at), detail));
    }
    events.extend([
        event(EventKind::Alerted, progress.alerted_at, revision(progress.published_revision)),
        event(EventKind::FollowUpStarted, progress.follow_up_at, None),
        event(EventKind::WatchedUntil, progress.watch_until, None),
        event(EventKind::Closed, progress.closed_at, None),
    ]);
    let mut events: Vec<Event> = events.into_iter().flatten().collect();
    events.sort_by_key(|event| event.at);
    events
}
