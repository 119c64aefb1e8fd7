//! Amazon Q Developer in chat applications (AWS Chatbot): a custom notification, which SNS delivers to its https endpoint.
//!
//! Source: Amazon Q Developer in chat applications Administrator Guide, "Custom notifications". A message of another
//! shape is silently dropped. The lengths (title 250, description 8,000, a step 350, a keyword 75) were seen in a public client
//! only; mentions are not escaped there, so they are here.

use crate::channels::{NEW_ISSUES_MAX, new_issue_lines};
use crate::escape::{code_span, entities, mrkdwn, truncate_escaped};
use crate::message::{Alert, GraphHealthNotice, NextStep};
use crate::text::details::{self, LineLimit};
use crate::text::format::{COVERAGE_MAX_CHARS, RESOLVED, format_count, seen_range};
use crate::text::graph_health::REMEDY;
use crate::text::guardduty_summary::{self, AI_NOTICE, EntryLimit, RenderedAnswer};
use crate::text::shorten::longest_fitting;
use crate::text::summary::HEADLINE_MAX_CHARS;
use gumshoe_domain::text::{defang_finding_type, one_line};
use gumshoe_domain::verdict::AlertCause;
use serde_json::json;
use std::fmt::Write;

/// Longest notification, in bytes of JSON.
pub const MAX_BYTES: usize = 8 * 1024;
/// Longest title, in characters.
const TITLE_MAX_CHARS: usize = 250;
/// Longest next step, in characters.
const STEP_MAX_CHARS: usize = 350;
/// Longest keyword, in characters.
const KEYWORD_MAX_CHARS: usize = 75;
/// Number of next steps.
const STEPS_MAX: usize = 6;
/// Longest description, in characters.
const DESCRIPTION_MAX_CHARS: usize = 4_000;

/// Limits of the parts that may be long.
#[derive(Clone, Copy)]
struct DetailLimits {
    /// Details of the worst finding.
    details: LineLimit,
    /// GuardDuty's investigation.
    guardduty: EntryLimit,
}

/// The usual limits, and those for a description that would be too long: it ends with the links.
const FULL_LIMITS: DetailLimits =
    DetailLimits { details: LineLimit { lines: 6, chars: 160 }, guardduty: EntryLimit { entries: 2, chars: 160 } };
const REDUCED_LIMITS: DetailLimits =
    DetailLimits { details: LineLimit { lines: 3, chars: 100 }, guardduty: EntryLimit { entries: 1, chars: 80 } };

/// The notification as JSON, at most [`MAX_BYTES`] bytes. The case is the thread.
#[must_use]
pub fn body(alert: &Alert) -> String {
    let description = match description(alert, FULL_LIMITS) {
        long if long.chars().count() > DESCRIPTION_MAX_CHARS => description(alert, REDUCED_LIMITS),
        description => description,
    };
    for characters in [DESCRIPTION_MAX_CHARS, 2_500, 1_200, 500] {
        for steps in [STEPS_MAX, 3] {
            let body = render(alert, &truncate_escaped(&description, characters), steps);
            if body.len() <= MAX_BYTES {
                return body;
            }
        }
    }
    render(alert, &truncate_escaped(&description, 300), 0)
}

fn render(alert: &Alert, description: &str, steps: usize) -> String {
    let headline = alert.summary_lines().headline;
    let next_steps: Vec<String> = alert.next_steps.iter().take(steps).map(step).collect();
    let resources = alert.principal.entity_arn().map(|arn| one_line(arn, 600));
    json!({
        "version": "1.0",
        "source": "custom",
        "id": format!("{}-{}", alert.case_id, alert.revision),
        "content": {
            "textType": "client-markdown",
            "title": title(alert),
            "description": description,
            "nextSteps": if alert.cause == AlertCause::Resolved { Vec::new() } else { next_steps },
            "keywords": keywords(alert),
        },
        "metadata": {
            "threadId": alert.case_id,
            "summary": entities(&headline),
            "eventType": "GumshoeAlert",
            "relatedResources": resources.into_iter().collect::<Vec<_>>(),
            "additionalContext": {
                "case": alert.case_id,
                "revision": alert.revision.to_string(),
                "repeated": alert.repeated.to_string(),
                "level": alert.verdict.level.to_string(),
                "score": alert.verdict.score.to_string(),
            },
        },
    })
    .to_string()
}

/// Emoji and headline. Escaping makes the headline longer, so a shorter one is chosen if needed; its account id is whole.
fn title(alert: &Alert) -> String {
    let emoji = status_emoji(alert);
    let room = TITLE_MAX_CHARS - emoji.len() - 1;
    let escaped = entities(&alert.summary_lines().headline);
    if escaped.chars().count() <= room {
        return format!("{emoji} {escaped}");
    }
    format!("{emoji} {}", longest_fitting(room, |limit| entities(&alert.headline(limit.min(HEADLINE_MAX_CHARS)))))
}

fn status_emoji(alert: &Alert) -> &'static str {
    match alert.cause {
        AlertCause::Verdict => ":rotating_light:",
        AlertCause::NotInvestigated
        | AlertCause::DetectiveDisagrees
        | AlertCause::GuardDutyDisagrees
        | AlertCause::WorkloadNotCleared
        | AlertCause::PrincipalUncertain => ":warning:",
        AlertCause::Resolved => ":white_check_mark:",
    }
}

/// Reasons, principal, indicators, findings and links. The title has level, principal and account.
fn description(alert: &Alert, limits: DetailLimits) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_description(&mut text, alert, limits);
    text
}

fn write_description(out: &mut String, alert: &Alert, limits: DetailLimits) -> std::fmt::Result {
    if alert.cause == AlertCause::Resolved {
        writeln!(out, "{RESOLVED}")?;
    }
    if let Some(why) = alert.unresolved_reason() {
        writeln!(out, "{}", mrkdwn(&why, 400))?;
    }
    for reason in alert.strongest_reasons(3) {
        writeln!(out, "• {} (+{})", mrkdwn(&reason.text, 300), reason.points)?;
    }
    if let Some(not_investigated) = &alert.not_investigated {
        let title = guardduty_summary::not_investigated_title(alert);
        writeln!(out, "*{title}*: {}", mrkdwn(&not_investigated.explanation(), 500))?;
    }
    if let Some(coverage) = alert.coverage() {
        writeln!(out, "{}", mrkdwn(&coverage, COVERAGE_MAX_CHARS))?;
    }
    let detective = alert.detective_severity.map_or_else(|| "no result".to_owned(), |severity| severity.to_string());
    let (level, score) = (alert.verdict.level, alert.verdict.score);
    writeln!(out, "*Gumshoe* {level}, {score} of 100; *Detective* {detective}")?;
    if let Some(engines) = alert.engines() {
        writeln!(out, "{engines}")?;
    }
    match alert.principal.entity() {
        Some(entity) => {
            writeln!(out, "*{}* {}", alert.principal.kind_label(), code_span(&entity.arn, 600))?;
            if let Some(doubt) = &entity.doubt {
                writeln!(out, "Not confirmed: {}", mrkdwn(doubt, 300))?;
            }
        }
        None => writeln!(out, "*No IAM principal*: {}", mrkdwn(&alert.principal.to_string(), 200))?,
    }
    for account in alert.accounts.iter().take(3) {
        writeln!(out, "Account {}", entities(&alert.account(account)))?;
    }
    for group in alert.indicators.iter().take(8) {
        let example = group.examples.first().map(|example| format!(": {}", mrkdwn(example, 160))).unwrap_or_default();
        writeln!(out, "• {} × {}{example}", group.count, mrkdwn(group.label(), 60))?;
    }
    match guardduty_summary::render(alert, limits.guardduty, mrkdwn) {
        None => {}
        Some(RenderedAnswer::NoResult(line)) => writeln!(out, "{line}")?,
        Some(RenderedAnswer::Result(shown)) => {
            writeln!(out, "*{}* ({AI_NOTICE})\n{}", guardduty_summary::INVESTIGATION_TITLE, shown.rating)?;
            for line in shown.parts.iter().flat_map(|part| part.to_lines("• ")) {
                writeln!(out, "{line}")?;
            }
        }
    }
    writeln!(out, "*Findings* ({})", alert.finding_count)?;
    for (index, finding) in alert.findings.iter().take(3).enumerate() {
        let finding_type = entities(&defang_finding_type(&finding.finding_type, 120));
        writeln!(
            out,
            "• {} {finding_type}, {}, {}",
            finding.severity,
            format_count(finding.count),
            seen_range(finding)
        )?;
        if index == 0 {
            for line in details::activity_and_detail_lines(finding, limits.details, mrkdwn) {
                writeln!(out, "    {line}")?;
            }
        }
    }
    for link in &alert.links {
        writeln!(out, "<{}|{}>", link.url.replace('&', "&amp;"), link.label)?;
    }
    Ok(())
}

fn step(step: &NextStep) -> String {
    let text = mrkdwn(&step.text, STEP_MAX_CHARS);
    let command = step.command.as_deref().map(|command| format!(" {}", code_span(command, 200))).unwrap_or_default();
    if text.chars().count() + command.chars().count() <= STEP_MAX_CHARS {
        text + &command
    } else {
        truncate_escaped(&text, STEP_MAX_CHARS)
    }
}

fn keywords(alert: &Alert) -> Vec<String> {
    let worst = alert.findings.first().map(|worst| defang_finding_type(&worst.finding_type, KEYWORD_MAX_CHARS));
    let account = alert.accounts.first().cloned();
    let words = [Some(alert.verdict.level.to_string()), account, alert.regions.first().cloned(), worst];
    words.into_iter().flatten().map(|word| truncate_escaped(&entities(&word), KEYWORD_MAX_CHARS)).collect()
}

/// The notification of new issues of the behavior graph, as JSON.
#[must_use]
pub fn graph_health(notice: &GraphHealthNotice) -> String {
    let report = &notice.graph_health;
    let lines: Vec<String> =
        new_issue_lines(notice, NEW_ISSUES_MAX).map(|line| format!("• {}", entities(&line))).collect();
    json!({
        "version": "1.0",
        "source": "custom",
        "id": format!("graph-{}", report.revision),
        "content": {
            "textType": "client-markdown",
            "title": format!(":warning: {}", entities(&notice.headline(HEADLINE_MAX_CHARS))),
            "description": format!("{}\n{}", lines.join("\n"), entities(&notice.totals())),
            "nextSteps": [entities(REMEDY)],
            "keywords": ["Gumshoe", "behavior graph"],
        },
        "metadata": {
            "threadId": format!("graph-{}-{}", one_line(&report.account_id, 12), one_line(&report.region, 25)),
            "summary": entities(&notice.headline(HEADLINE_MAX_CHARS)),
            "eventType": "GumshoeGraphHealth",
        },
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn notifications_match_snapshots() {
        for (name, case) in fixtures::all() {
            let body = body(&case.alert());
            assert!(body.len() <= MAX_BYTES, "{name}: {}", body.len());
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_json!(name, body);
        }
    }

    #[test]
    fn graph_notice_matches_snapshot() {
        let body: serde_json::Value = serde_json::from_str(&graph_health(&fixtures::graph_notice())).unwrap();
        assert_json!("graph_health", body);
    }

    #[test]
    fn untrusted_text_can_neither_mention_nor_link() {
        let body = body(&fixtures::hostile().alert());
        let own = body.replace("<https://console.aws.amazon.com/", "");
        assert!(!own.contains('<') && !body.contains("https://evil") && !body.contains("[@]here]"), "{body}");
    }
}
