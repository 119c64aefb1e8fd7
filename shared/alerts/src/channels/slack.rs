//! A Slack message in Block Kit, for an incoming webhook.
//!
//! Limits, which hold by construction (Slack, "Reference: Block Kit blocks"): 50 blocks, a header of 150 characters, sections
//! of 3,000, ten fields of 2,000; and an undocumented total, above which Slack responds `msg_blocks_too_long`: seen near
//! 13,200 (slackapi/bolt-js issue 2509) and at 11,341 (issue 2867). Here it is at most 10,000.

use crate::channels::{NEW_ISSUES_MAX, new_issue_lines};
use crate::escape::{code_span, entities, mrkdwn, plain_brackets, truncate_escaped};
use crate::message::{Alert, GraphHealthNotice, Principal};
use crate::notification::{Alarm, CaseFailure, Notification};
use crate::text::details::{self, LineLimit};
use crate::text::format::{COVERAGE_MAX_CHARS, RESOLVED, format_count, format_minute, join_limited, seen_range};
use crate::text::graph_health::REMEDY;
use crate::text::guardduty_summary::{self, AI_NOTICE, EntryLimit, INVESTIGATION_TITLE, RenderedAnswer};
use crate::text::operations::CASE_FAILURE_REMEDY;
use crate::text::summary::HEADLINE_MAX_CHARS;
use gumshoe_domain::verdict::AlertCause;
use serde_json::{Value, json};

/// Longest text of each section, in characters: far below Slack's 3,000, so that the sum stays below its total.
mod section_max_chars {
    pub(super) const REASONS: usize = 900;
    pub(super) const FIELD: usize = 240;
    pub(super) const PRINCIPAL: usize = 1_000;
    pub(super) const NOT_INVESTIGATED: usize = 600;
    pub(super) const COVERAGE: usize = 200;
    pub(super) const NEXT_STEPS: usize = 1_800;
    pub(super) const INDICATORS: usize = 1_400;
    pub(super) const FINDINGS: usize = 1_400;
    pub(super) const LINKS: usize = 1_300;
    pub(super) const ENGINES: usize = 200;
    pub(super) const GUARDDUTY: usize = 1_400;
    /// Indicators and findings are each shorter by this if there is a result of GuardDuty's investigation, or a line about one.
    pub(super) const RESERVED_FOR_GUARDDUTY: usize = 800;
    pub(super) const RESERVED_FOR_GUARDDUTY_LINE: usize = 300;
}
/// Number of next steps and findings that are shown; four more groups of indicators.
const ITEMS_MAX: usize = 6;
/// GuardDuty's investigation; reduced if it would not fit, so that all its parts are shown.
const GUARDDUTY_LIMIT: EntryLimit = EntryLimit { entries: 3, chars: 200 };
const REDUCED_GUARDDUTY_LIMIT: EntryLimit = EntryLimit { entries: 2, chars: 150 };
/// Details of the worst finding; reduced if there is a result of GuardDuty's investigation.
const DETAILS_LIMIT: LineLimit = LineLimit { lines: 6, chars: 140 };
const REDUCED_DETAILS_LIMIT: LineLimit = LineLimit { lines: 2, chars: 100 };

/// The message: `text` for notifications, `blocks` for the channel.
#[must_use]
pub fn message(notification: &Notification) -> Value {
    match notification {
        Notification::Alert(alert) => alert_message(alert),
        Notification::CaseFailed(failure) => case_failure_message(failure),
        Notification::Alarm(alarm) => alarm_message(alarm),
        Notification::GraphHealth(notice) => graph_health_message(notice),
    }
}

fn alert_message(alert: &Alert) -> Value {
    let summary = alert.summary_lines();
    let text = [&summary.headline, &summary.why, &summary.what].map(|line| entities(line)).join("\n");
    let mut blocks = vec![
        header(&summary.headline),
        section(&why(alert), section_max_chars::REASONS),
        json!({"type": "section", "fields": fields(alert)}),
    ];
    if let Some(engines) = alert.engines() {
        blocks.push(section(&mrkdwn(&engines, 190), section_max_chars::ENGINES));
    }
    blocks.push(section(&principal(alert), section_max_chars::PRINCIPAL));
    if let Some(not_investigated) = &alert.not_investigated {
        let why = format!(
            "*{}*\n{}",
            guardduty_summary::not_investigated_title(alert),
            mrkdwn(&not_investigated.explanation(), 600)
        );
        blocks.push(section(&why, section_max_chars::NOT_INVESTIGATED));
    }
    if let Some(coverage) = alert.coverage() {
        blocks.push(section(&mrkdwn(&coverage, COVERAGE_MAX_CHARS), section_max_chars::COVERAGE));
    }
    if alert.cause != AlertCause::Resolved && !alert.next_steps.is_empty() {
        blocks.push(section(&next_steps(alert), section_max_chars::NEXT_STEPS));
    }
    let by_guardduty = by_guardduty(alert);
    let reserved = match alert.guardduty_result() {
        Some(_) => section_max_chars::RESERVED_FOR_GUARDDUTY,
        None if by_guardduty.is_some() => section_max_chars::RESERVED_FOR_GUARDDUTY_LINE,
        None => 0,
    };
    if !alert.indicators.is_empty() {
        blocks.push(section(&indicators(alert), section_max_chars::INDICATORS - reserved));
    }
    blocks.extend(by_guardduty);
    let details =
        if reserved == section_max_chars::RESERVED_FOR_GUARDDUTY { REDUCED_DETAILS_LIMIT } else { DETAILS_LIMIT };
    blocks.push(section(&findings(alert, details), section_max_chars::FINDINGS - reserved));
    if !alert.links.is_empty() {
        let links = alert.links.iter().map(|link| format!("<{}|{}>", link.url.replace('&', "&amp;"), link.label));
        blocks.push(section(&links.collect::<Vec<_>>().join("\n"), section_max_chars::LINKS));
    }
    let duplicate = if alert.repeated { ", may be a duplicate" } else { "" };
    let context =
        format!("Case {}, revision {}{duplicate}, {}", alert.case_id, alert.revision, format_minute(alert.assessed_at));
    blocks.push(json!({"type": "context", "elements": [text_object(&mrkdwn(&context, 200))]}));
    json!({"text": text, "blocks": blocks})
}

/// A headline: defanged, at most [`HEADLINE_MAX_CHARS`].
fn header(text: &str) -> Value {
    json!({"type": "header", "text": {"type": "plain_text", "text": plain_brackets(text), "emoji": false}})
}

/// Escaped text, truncated to `limit` characters. Slack rejects a message with an empty section.
fn section(text: &str, limit: usize) -> Value {
    let text = if text.trim().is_empty() { "–" } else { text };
    json!({"type": "section", "text": text_object(&cut_lines(text, limit))})
}

/// `verbatim`: Slack does not convert plain text into links and mentions.
fn text_object(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text, "verbatim": true})
}

/// The lines that fit; a first line that does not fit is truncated.
fn cut_lines(text: &str, limit: usize) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let room = limit.saturating_sub(kept.chars().count() + 3);
        if kept.is_empty() {
            kept.push_str(&truncate_escaped(line, room));
        } else if line.chars().count() <= room {
            kept.push('\n');
            kept.push_str(line);
        } else {
            kept.push_str("\n…");
            break;
        }
    }
    kept
}

fn why(alert: &Alert) -> String {
    let reasons: Vec<String> = alert
        .strongest_reasons(3)
        .map(|reason| format!("• {} (+{})", mrkdwn(&reason.text, 300), reason.points))
        .collect();
    if alert.cause == AlertCause::Resolved {
        return RESOLVED.to_owned();
    }
    if let Some(why) = alert.unresolved_reason() {
        return format!("*Reasons*\n{}\n{}", mrkdwn(&why, 400), reasons.join("\n"));
    }
    if reasons.is_empty() {
        "No indicator adds to the score.".to_owned()
    } else {
        format!("*Reasons*\n{}", reasons.join("\n"))
    }
}

fn fields(alert: &Alert) -> Vec<Value> {
    let gumshoe = match alert.cause {
        AlertCause::NotInvestigated => {
            format!("no level (not investigated); findings score {} of 100", alert.verdict.score)
        }
        _ => format!("{}, {} of 100", alert.verdict.level, alert.verdict.score),
    };
    let detective = alert.detective_severity.map_or_else(|| "no result".to_owned(), |severity| severity.to_string());
    let guard_duty = alert.findings.first().map_or_else(|| "none".to_owned(), |worst| worst.severity.to_string());
    let accounts: Vec<String> = alert.accounts.iter().map(|id| entities(&alert.account(id))).collect();
    let accounts = join_limited(&accounts, 5);
    let regions = mrkdwn(&join_limited(&alert.regions, 5), 200);
    [
        ("Gumshoe", gumshoe),
        ("Detective", detective),
        ("GuardDuty, worst finding", guard_duty),
        ("Account", accounts),
        ("Region", regions),
    ]
    .iter()
    .map(|(name, value)| text_object(&format!("*{name}*\n{}", truncate_escaped(value, section_max_chars::FIELD))))
    .collect()
}

fn principal(alert: &Alert) -> String {
    let mut lines = Vec::new();
    match &alert.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => {
            lines.push(format!("*{}* {}", alert.principal.kind_label(), code_span(&entity.arn, 600)));
            if let Some(session) = &entity.session_name {
                lines.push(format!("Session {}", mrkdwn(session, 80)));
            }
            if let Some(doubt) = &entity.doubt {
                lines.push(format!("Not confirmed: {}", mrkdwn(doubt, 300)));
            }
        }
        Principal::NotInvestigable(other) => {
            lines.push(format!("*No IAM principal*: {}", mrkdwn(&other.explanation(), 300)));
        }
    }
    let left_out = alert.others.len().saturating_sub(3).saturating_add(alert.omitted_others);
    if !alert.others.is_empty() {
        let others = alert.others.iter().take(3).map(|other| mrkdwn(other, 120)).collect::<Vec<_>>().join("; ");
        let more = if left_out > 0 { format!("; and {left_out} more") } else { String::new() };
        lines.push(format!("Also in these findings: {others}{more}"));
    }
    lines.join("\n")
}

fn next_steps(alert: &Alert) -> String {
    let mut lines = vec!["*Next steps*".to_owned()];
    for (index, step) in alert.next_steps.iter().take(ITEMS_MAX).enumerate() {
        let command = step.command.as_ref().map(|command| format!(" {}", code_span(command, 240))).unwrap_or_default();
        lines.push(format!("{}. {}{command}", index + 1, mrkdwn(&step.text, 420)));
    }
    lines.join("\n")
}

fn indicators(alert: &Alert) -> String {
    let mut lines = vec!["*Indicators*".to_owned()];
    for group in alert.indicators.iter().take(ITEMS_MAX + 4) {
        let example = group.examples.first().map(|example| format!(": {}", mrkdwn(example, 200))).unwrap_or_default();
        lines.push(format!("• {} × {}{example}", group.count, mrkdwn(group.label(), 60)));
    }
    lines.join("\n")
}

fn by_guardduty(alert: &Alert) -> Option<Value> {
    let of = |amount| match guardduty_summary::render(alert, amount, mrkdwn)? {
        RenderedAnswer::NoResult(line) => Some(line),
        RenderedAnswer::Result(shown) => {
            let head = [format!("*{INVESTIGATION_TITLE}* ({AI_NOTICE})"), shown.rating];
            let parts = shown.parts.iter().flat_map(|part| part.to_lines("• "));
            Some(head.into_iter().chain(parts).collect::<Vec<_>>().join("\n"))
        }
    };
    let text = of(GUARDDUTY_LIMIT)
        .filter(|text| text.chars().count() < section_max_chars::GUARDDUTY - 3)
        .or_else(|| of(REDUCED_GUARDDUTY_LIMIT))?;
    let room = if alert.guardduty_result().is_some() {
        section_max_chars::GUARDDUTY
    } else {
        section_max_chars::NOT_INVESTIGATED
    };
    Some(section(&text, room))
}

fn findings(alert: &Alert, details: LineLimit) -> String {
    let mut lines = vec![format!("*Findings* ({})", alert.finding_count)];
    for (index, finding) in alert.findings.iter().take(ITEMS_MAX).enumerate() {
        let finding_type = entities(&gumshoe_domain::text::defang_finding_type(&finding.finding_type, 120));
        lines.push(format!(
            "• {} {finding_type}, {}, {}",
            finding.severity,
            format_count(finding.count),
            seen_range(finding)
        ));
        lines.push(format!("    {}", mrkdwn(&finding.title, 160)));
        if index == 0 {
            let lines_of_details = details::activity_and_detail_lines(finding, details, mrkdwn);
            lines.extend(lines_of_details.iter().map(|line| format!("    {line}")));
        }
    }
    let more = alert.finding_count.saturating_sub(ITEMS_MAX.min(alert.findings.len()));
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}

fn case_failure_message(case: &CaseFailure) -> Value {
    let headline = case.headline(HEADLINE_MAX_CHARS);
    let failure = &case.failure;
    let what = format!("{}: {}", mrkdwn(&failure.error, 80), mrkdwn(&failure.cause, 500));
    let about = format!("Subject {}, case {}", code_span(&case.subject, 600), code_span(&case.case_id, 80));
    let next = format!("{} Execution: {}", CASE_FAILURE_REMEDY, code_span(&case.execution, 80));
    json!({
        "text": format!("{}\n{what}", entities(&headline)),
        "blocks": [
            header(&headline),
            section(&what, section_max_chars::PRINCIPAL),
            section(&about, section_max_chars::PRINCIPAL),
            section(&next, section_max_chars::PRINCIPAL),
        ],
    })
}

fn alarm_message(alarm: &Alarm) -> Value {
    let headline = alarm.headline(HEADLINE_MAX_CHARS);
    let description = mrkdwn(alarm.alarm_description.as_deref().unwrap_or("no description"), 1_000);
    let reason = mrkdwn(alarm.new_state_reason.as_deref().unwrap_or("no reason given"), 500);
    json!({
        "text": format!("{}: {description}", entities(&headline)),
        "blocks": [
            header(&headline),
            section(&description, section_max_chars::REASONS),
            section(&reason, section_max_chars::REASONS),
        ],
    })
}

fn graph_health_message(notice: &GraphHealthNotice) -> Value {
    let lines: Vec<String> =
        new_issue_lines(notice, NEW_ISSUES_MAX).map(|line| format!("• {}", entities(&line))).collect();
    let headline = notice.headline(HEADLINE_MAX_CHARS);
    json!({"text": entities(&headline), "blocks": [
        header(&headline),
        section(&lines.join("\n"), 2_800),
        section(&entities(&notice.totals()), 600),
        section(&entities(REMEDY), 900),
    ]})
}

#[cfg(test)]
mod tests;
