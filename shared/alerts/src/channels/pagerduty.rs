//! PagerDuty: an event of the Events API v2.
//!
//! Limits (PagerDuty, "Events API v2", PD-CEF): `summary` of 1,024 characters, `dedup_key` of 255, 512 KB in all.

use crate::channels::{NEW_ISSUES_MAX, new_issue_lines};
use crate::escape::{entities, plain};
use crate::message::Alert;
use crate::message::GraphHealthNotice;
use crate::notification::{Alarm, CaseFailure, Notification};
use crate::text::details::{self, LineLimit};
use crate::text::format::COVERAGE;
use crate::text::graph_health::REMEDY;
use crate::text::guardduty_summary::{
    self, AI_NOTICE, EntryLimit, INVESTIGATION_TITLE, RenderedAnswer, RenderedResult,
};
use gumshoe_domain::VerdictLevel;
use gumshoe_domain::text::{defang_finding_type, one_line};
use gumshoe_domain::verdict::AlertCause;
use serde_json::{Map, Value, json};

/// How many reasons, steps, groups and findings the details hold.
const SHOWN: usize = 10;
/// How much of GuardDuty's investigation.
const BY_GUARDDUTY: EntryLimit = EntryLimit { entries: 3, chars: 200 };
/// How much each finding says of who and what took part.
const DETAILS: LineLimit = LineLimit { lines: 12, chars: 240 };

/// The event: the case's incident is triggered or updated, or resolved where the alert no longer stands.
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
    let summary = plain(&format!("{}. {}. {}", summary.headline, summary.why, summary.what), 1_000);
    let reasons: Vec<String> = alert.strongest_reasons(3).map(|it| plain(&it.text, 300)).collect();
    let steps = alert.next_steps.iter().take(SHOWN).map(|step| match &step.command {
        Some(command) => format!("{} {}", plain(&step.text, 420), one_line(command, 300)),
        None => plain(&step.text, 420),
    });
    let indicators = alert.indicators.iter().take(SHOWN).map(|group| {
        let example = group.examples.first().map(|example| format!(": {}", plain(example, 240))).unwrap_or_default();
        format!("{} x {}{example}", group.count, plain(group.label(), 60))
    });
    let findings = alert.findings.iter().take(SHOWN).map(|finding| {
        let seen = [finding.first_seen, finding.last_seen].map(|time| time.map(|time| time.to_string()));
        json!({
            "id": finding.id, "type": defang_finding_type(&finding.finding_type, 120), "severity": finding.severity.to_string(),
            "title": plain(&finding.title, 200), "count": finding.count, "first_seen": seen[0], "last_seen": seen[1],
            "details": details::activity_and_detail_lines(finding, DETAILS, plain),
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
            "group": plain(&alert.accounts.first().map(|id| alert.account(id)).unwrap_or_default(), 100),
            "class": alert.findings.first().map(|worst| defang_finding_type(&worst.finding_type, 120)),
            "custom_details": {
                "case": alert.case_id, "revision": alert.revision, "repeated": alert.repeated,
                "verdict": format!("{}, {} of 100", alert.verdict.level, alert.verdict.score),
                "detective_severity": alert.detective_severity.map(|severity| severity.to_string()),
                "not_investigated": alert.not_investigated.as_ref().map(|why| plain(&why.explanation(), 500)),
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
        details["coverage"] = plain(&coverage, COVERAGE).into();
    }
    match guardduty_summary::render(alert, BY_GUARDDUTY, plain) {
        None => {}
        Some(RenderedAnswer::NoResult(line)) => details["guardduty_investigation"] = line.into(),
        Some(RenderedAnswer::Result(shown)) => details["guardduty_investigation"] = by_guardduty(&shown),
    }
    event
}

/// A result of GuardDuty's, with the mark first: PagerDuty shows details in the order of their names.
fn by_guardduty(shown: &RenderedResult) -> Value {
    let parts = shown.parts.iter().map(|part| (part.key.to_owned(), part.lines().collect::<Vec<_>>().into()));
    let mut details = Map::from_iter(parts);
    details.insert("about".to_owned(), format!("{INVESTIGATION_TITLE}, {AI_NOTICE}").into());
    details.insert("rating".to_owned(), shown.rating.clone().into());
    details.into()
}

/// PagerDuty's word for how bad it is.
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
            "summary": plain(&format!("Gumshoe could not work a case: {}: {}", failure.error, failure.cause), 1_000),
            "source": one_line(&case.subject, 700),
            "severity": "critical",
            "component": "gumshoe",
            "custom_details": {
                "case": case.case_id, "execution": case.execution,
                "error": plain(&failure.error, 80), "cause": plain(&failure.cause, 500),
            },
        },
        "client": "Gumshoe",
    })
}

fn alarm_event(alarm: &Alarm) -> Value {
    let description = alarm.alarm_description.as_deref().unwrap_or("no description");
    json!({
        "event_action": "trigger",
        "payload": {
            "summary": plain(&format!("{}: {description}", alarm.alarm_name), 1_000),
            "source": one_line(alarm.account_id.as_deref().unwrap_or("gumshoe"), 100),
            "severity": "error",
            "component": "gumshoe",
            "custom_details": {"reason": plain(alarm.new_state_reason.as_deref().unwrap_or_default(), 500)},
        },
        "client": "Gumshoe",
    })
}

fn graph_health_event(notice: &GraphHealthNotice) -> Value {
    let told = &notice.graph_health;
    let lines: Vec<String> = new_issue_lines(notice, NEW_ISSUES_MAX).map(|line| entities(&line)).collect();
    json!({
        "event_action": "trigger",
        "payload": {
            "summary": entities(&notice.headline()),
            "source": one_line(told.graph_arn.as_deref().unwrap_or(&told.account_id), 700),
            "severity": "warning",
            "timestamp": told.at.to_string(),
            "component": "gumshoe",
            "custom_details": {
                "worse": lines, "standing": notice.totals(), "next": REMEDY, "notice": told.revision,
                "repeated": told.may_be_duplicate,
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
    fn events() {
        for (name, case) in fixtures::all() {
            assert_json!(name, event(&Notification::Alert(Box::new(case.alert())), &"0".repeat(32)));
        }
        assert_json!("not_worked", event(&case_failed(), &"0".repeat(32)));
        assert_json!("alarm", event(&alarm(), &"0".repeat(32)));
        assert_json!("graph_health", event(&graph_health(), &"0".repeat(32)));
    }

    #[test]
    fn a_case_has_one_incident_which_is_resolved_when_the_alert_no_longer_stands() {
        let of = |case: fixtures::Case| event(&Notification::Alert(Box::new(case.alert())), "k");
        let (triggered, resolved) = (of(fixtures::high_risk()), of(fixtures::resolved()));
        assert_eq!(triggered["event_action"], "trigger");
        assert_eq!(resolved["event_action"], "resolve");
        assert_eq!(triggered["dedup_key"], resolved["dedup_key"], "both are cases of one principal and moment");
    }
}
