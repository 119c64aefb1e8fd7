//! An event of PagerDuty's Events API v2.
//!
//! Limits (PagerDuty, "Events API v2", PD-CEF): `summary` of 1,024 characters, `dedup_key` of 255, 512 KB in all.

use crate::channels::{NEW_ISSUES_MAX, new_issue_lines};
use crate::escape::{plain_brackets, plain_text};
use crate::message::Alert;
use crate::message::GraphHealthNotice;
use crate::notification::{Alarm, CaseFailure, Notification};
use crate::text::details::{self, LineLimit};
use crate::text::format::COVERAGE_MAX_CHARS;
use crate::text::graph_health::REMEDY;
use crate::text::guardduty_summary::{
    self, AI_NOTICE, EntryLimit, INVESTIGATION_TITLE, RenderedAnswer, RenderedResult,
};
use crate::text::shorten::join_sentences;
use crate::text::summary::HEADLINE_MAX_CHARS;
use gumshoe_domain::VerdictLevel;
use gumshoe_domain::text::{defang_finding_type, one_line};
use gumshoe_domain::verdict::AlertCause;
use serde_json::{Map, Value, json};

/// Longest summary, in characters: PagerDuty truncates at 1,024.
const SUMMARY_MAX_CHARS: usize = 1_000;
/// Number of next steps, groups of indicators and findings in the details.
const ITEMS_MAX: usize = 10;
/// GuardDuty's investigation.
const GUARDDUTY_LIMIT: EntryLimit = EntryLimit { entries: 3, chars: 200 };
/// Details of each finding.
const DETAILS_LIMIT: LineLimit = LineLimit { lines: 12, chars: 240 };

/// The event: it triggers or updates the incident of the case, or resolves it if the alert is resolved.
#[must_use]
pub fn event(notification: &Notification, routing_key: &str) -> Value {
    let mut event = match notification {
        Notification::Alert(alert) if alert.cause == AlertCause::Resolved => json!({"event_action": "resolve"}),
        Notification::Alert(alert) => alert_event(alert),
        Notification::CaseFailed(failure) => case_failure_event(failure),
        Notification::Alarm(alarm) => alarm_event(alarm),
        Notification::GraphHealth(notice) => graph_health_event(notice),
    };
    event["routing_key"] = routing_key.into();
    event["dedup_key"] = notification.incident_key().into();
    event
}

fn alert_event(alert: &Alert) -> Value {
    let summary = alert.summary_lines();
    let summary = plain_brackets(&join_sentences([summary.headline.as_str(), &summary.why, &summary.what]));
    let reasons: Vec<String> = alert.strongest_reasons(3).map(|it| plain_text(&it.text, 300)).collect();
    let steps = alert.next_steps.iter().take(ITEMS_MAX).map(|step| match &step.command {
        Some(command) => format!("{} {}", plain_text(&step.text, 420), one_line(command, 300)),
        None => plain_text(&step.text, 420),
    });
    let indicators = alert.indicators.iter().take(ITEMS_MAX).map(|group| {
        let example =
            group.examples.first().map(|example| format!(": {}", plain_text(example, 240))).unwrap_or_default();
        format!("{} x {}{example}", group.count, plain_text(group.label(), 60))
    });
    let findings = alert.findings.iter().take(ITEMS_MAX).map(|finding| {
        let seen = [finding.first_seen, finding.last_seen].map(|time| time.map(|time| time.to_string()));
        json!({
            "id": finding.id, "type": defang_finding_type(&finding.finding_type, 120), "severity": finding.severity.to_string(),
            "title": plain_text(&finding.title, 200), "count": finding.count, "first_seen": seen[0], "last_seen": seen[1],
            "details": details::activity_and_detail_lines(finding, DETAILS_LIMIT, plain_text),
        })
    });
    let links: Vec<Value> = alert.links.iter().map(|link| json!({"href": link.url, "text": link.label})).collect();
    let mut event = json!({
        "event_action": "trigger",
        "payload": {
            "summary": summary,
            "source": one_line(&alert.subject, 700),
            "severity": severity(alert),
            "timestamp": alert.assessed_at.to_string(),
            "component": alert.principal.code(),
            "group": plain_text(&alert.accounts.first().map(|id| alert.account(id)).unwrap_or_default(), 100),
            "class": alert.findings.first().map(|worst| defang_finding_type(&worst.finding_type, 120)),
            "custom_details": {
                "case": alert.case_id, "revision": alert.revision, "repeated": alert.repeated,
                "verdict": format!("{}, {} of 100", alert.verdict.level, alert.verdict.score),
                "detective_severity": alert.detective_severity.map(|severity| severity.to_string()),
                "not_investigated": alert.not_investigated.as_ref().map(|why| plain_text(&why.explanation(), 500)),
                "why": reasons,
                "next_steps": steps.collect::<Vec<_>>(),
                "indicators": indicators.collect::<Vec<_>>(),
                "finding_count": alert.finding_count,
                "findings": findings.collect::<Vec<_>>(),
            },
        },
        "links": links,
        "client": "Gumshoe",
    });
    let details = &mut event["payload"]["custom_details"];
    if let Some(engines) = alert.engines() {
        details["engines"] = engines.into();
    }
    if let Some(coverage) = alert.coverage() {
        details["coverage"] = plain_text(&coverage, COVERAGE_MAX_CHARS).into();
    }
    match guardduty_summary::render(alert, GUARDDUTY_LIMIT, plain_text) {
        None => {}
        Some(RenderedAnswer::NoResult(line)) => details["guardduty_investigation"] = line.into(),
        Some(RenderedAnswer::Result(shown)) => details["guardduty_investigation"] = by_guardduty(&shown),
    }
    event
}

/// A result of GuardDuty's investigation. The AI notice comes first: PagerDuty shows details in the order of their names.
fn by_guardduty(shown: &RenderedResult) -> Value {
    let parts = shown.parts.iter().map(|part| (part.key.to_owned(), part.lines().collect::<Vec<_>>().into()));
    let mut details = Map::from_iter(parts);
    details.insert("about".to_owned(), format!("{INVESTIGATION_TITLE}, {AI_NOTICE}").into());
    details.insert("rating".to_owned(), shown.rating.clone().into());
    details.into()
}

/// PagerDuty's severity.
fn severity(alert: &Alert) -> &'static str {
    match (alert.cause, alert.verdict.level) {
        (
            AlertCause::NotInvestigated
            | AlertCause::DetectiveDisagrees
            | AlertCause::GuardDutyDisagrees
            | AlertCause::WorkloadNotCleared
            | AlertCause::PrincipalUncertain,
            _,
        ) => "warning",
        (_, VerdictLevel::Critical) => "critical",
        (_, VerdictLevel::High) => "error",
        (_, VerdictLevel::Medium) => "warning",
        (_, VerdictLevel::Low | VerdictLevel::Informational) => "info",
    }
}

fn case_failure_event(case: &CaseFailure) -> Value {
    let failure = &case.failure;
    json!({
        "event_action": "trigger",
        "payload": {
            "summary": plain_brackets(&case.summary(SUMMARY_MAX_CHARS)),
            "source": one_line(&case.subject, 700),
            "severity": "critical",
            "component": "gumshoe",
            "custom_details": {
                "case": case.case_id, "execution": case.execution,
                "error": plain_text(&failure.error, 80), "cause": plain_text(&failure.cause, 500),
            },
        },
        "client": "Gumshoe",
    })
}

fn alarm_event(alarm: &Alarm) -> Value {
    json!({
        "event_action": "trigger",
        "payload": {
            "summary": plain_brackets(&alarm.summary(SUMMARY_MAX_CHARS)),
            "source": one_line(alarm.account_id.as_deref().unwrap_or("gumshoe"), 100),
            "severity": "error",
            "component": "gumshoe",
            "custom_details": {"reason": plain_text(alarm.new_state_reason.as_deref().unwrap_or_default(), 500)},
        },
        "client": "Gumshoe",
    })
}

fn graph_health_event(notice: &GraphHealthNotice) -> Value {
    let report = &notice.graph_health;
    let lines: Vec<String> = new_issue_lines(notice, NEW_ISSUES_MAX).map(|line| plain_brackets(&line)).collect();
    json!({
        "event_action": "trigger",
        "payload": {
            "summary": plain_brackets(&notice.headline(HEADLINE_MAX_CHARS)),
            "source": one_line(report.graph_arn.as_deref().unwrap_or(&report.account_id), 700),
            "severity": "warning",
            "timestamp": report.at.to_string(),
            "component": "gumshoe",
            "custom_details": {
                "worse": lines, "standing": notice.totals(), "next": REMEDY, "notice": report.revision,
                "repeated": report.may_be_duplicate,
            },
        },
        "client": "Gumshoe",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::notification::tests::{alarm, case_failed, graph_health};

    #[test]
    fn events_match_snapshots() {
        for (name, case) in fixtures::all() {
            assert_json!(name, event(&Notification::Alert(Box::new(case.alert())), &"0".repeat(32)));
        }
        assert_json!("not_worked", event(&case_failed(), &"0".repeat(32)));
        assert_json!("alarm", event(&alarm(), &"0".repeat(32)));
        assert_json!("graph_health", event(&graph_health(), &"0".repeat(32)));
    }

    #[test]
    fn resolved_alert_resolves_the_incident_of_its_case() {
        let of = |case: fixtures::Case| event(&Notification::Alert(Box::new(case.alert())), "k");
        let (triggered, resolved) = (of(fixtures::high_risk()), of(fixtures::resolved()));
        assert_eq!(triggered["event_action"], "trigger");
        assert_eq!(resolved["event_action"], "resolve");
        assert_eq!(triggered["dedup_key"], resolved["dedup_key"], "both are cases of one principal and moment");
    }
}
