//! The alert and the notice of the behavior graph as JSON, for queues, functions and the webhook.

use crate::message::{Alert, GraphHealthNotice, GuardDutyInvestigation, NotRequestedReason, Principal};
use crate::notification::{NotificationKind, TaggedMessage};
use crate::text::details;
use crate::text::guardduty_summary::EntryLimit;
use gumshoe_domain::text::shorten;

/// Longest alert, in bytes. SNS accepts 256 KiB for all bodies of a message together. This body is sent to queues and to functions,
/// each time as JSON within JSON, which can double its length; the e-mail has up to 24 KiB and the chat's JSON twice up to 8 KiB.
pub const MAX_BYTES: usize = 36 * 1024;

/// Limit of AI text in an alert that is too long; AI text is truncated first. A channel that renders this alert shows three entries, so
/// with four it still states that others are omitted.
const AI_TEXT_LIMIT: EntryLimit = EntryLimit { entries: 4, chars: 240 };
/// Longest id of a GuardDuty investigation, in characters. GuardDuty's have 64.
const INVESTIGATION_ID_MAX_CHARS: usize = 80;

/// The alert as JSON, with at most [`MAX_BYTES`] bytes. If it would be longer, its lists and texts are shortened step by step. Counts
/// such as `finding_count` include omitted entries.
///
/// # Errors
///
/// The alert cannot be serialized. No such alert is known.
pub fn body(alert: &Alert) -> Result<String, serde_json::Error> {
    let whole = to_json(alert)?;
    if whole.len() <= MAX_BYTES {
        return Ok(whole);
    }
    let mut shorter = alert.clone();
    shorten_guardduty(&mut shorter, AI_TEXT_LIMIT.entries, AI_TEXT_LIMIT.chars);
    let body = to_json(&shorter)?;
    if body.len() <= MAX_BYTES {
        return Ok(body);
    }
    for (items, characters) in [(12, 240), (5, 120), (2, 60), (1, 30)] {
        shorten_to(&mut shorter, items, characters);
        let body = to_json(&shorter)?;
        if body.len() <= MAX_BYTES {
            return Ok(body);
        }
    }
    // Every remaining member is bounded, and their sum is far below the limit.
    to_json(&shorter)
}

/// The notice of new issues of the behavior graph as JSON.
///
/// # Errors
///
/// The notice cannot be serialized.
pub fn graph_health(notice: &GraphHealthNotice) -> Result<String, serde_json::Error> {
    serde_json::to_string(&TaggedMessage { notification: NotificationKind::GraphHealth, message: notice })
}

fn to_json(alert: &Alert) -> Result<String, serde_json::Error> {
    serde_json::to_string(&TaggedMessage { notification: NotificationKind::Alert, message: alert })
}

fn shorten_to(alert: &mut Alert, items: usize, characters: usize) {
    let cut = |text: &mut String| *text = shorten(text, characters);
    alert.findings.truncate(items);
    for finding in &mut alert.findings {
        cut(&mut finding.title);
        finding.activity.truncate(items.min(2));
        finding.activity.iter_mut().for_each(cut);
        details::truncate_details(&mut finding.details, items.div_ceil(2), characters);
    }
    alert.indicators.truncate(items * 2);
    for group in &mut alert.indicators {
        [&mut group.kind, &mut group.label].into_iter().for_each(cut);
        group.examples.truncate(items / 2);
        group.examples.iter_mut().for_each(cut);
    }
    alert.verdict.reasons.truncate(items * 2);
    alert.verdict.reasons.iter_mut().for_each(|reason| cut(&mut reason.text));
    alert.techniques.truncate(items);
    alert.next_steps.truncate(items * 2);
    for step in &mut alert.next_steps {
        step.text = shorten(&step.text, characters * 4);
        step.command = step.command.take().filter(|command| command.len() <= characters * 8);
    }
    let omitted = alert.others.len().saturating_sub(items);
    alert.others.truncate(items);
    alert.others.iter_mut().for_each(cut);
    alert.omitted_others = alert.omitted_others.saturating_add(omitted);
    alert.accounts.truncate(items * 4);
    alert.accounts.iter_mut().for_each(cut);
    alert.elsewhere.truncate(items);
    alert.regions.truncate(items * 4);
    alert.regions.iter_mut().for_each(cut);
    let accounts = alert.accounts.clone();
    alert.account_names.retain(|id, _| accounts.contains(id));
    alert.account_names.values_mut().for_each(cut);
    shorten_guardduty(alert, items.min(AI_TEXT_LIMIT.entries), characters);
    if let Some(why) = &mut alert.not_investigated {
        cut(&mut why.error);
        why.cause = shorten(&why.cause, characters * 8);
        why.explanation = shorten(&why.explanation, characters * 8);
    }
    alert.outside_graph.iter_mut().for_each(|it| cut(&mut it.account_id));
    match &mut alert.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => {
            for text in [&mut entity.doubt, &mut entity.session_name].into_iter().flatten() {
                *text = shorten(text, characters * 8);
            }
        }
        Principal::NotInvestigable(other) => other.explanation = shorten(&other.explanation, characters * 8),
    }
}

fn shorten_guardduty(alert: &mut Alert, items: usize, characters: usize) {
    let cut = |text: &mut String| *text = shorten(text, characters);
    let cut_id = |id: &mut String| *id = shorten(id, INVESTIGATION_ID_MAX_CHARS);
    match &mut alert.guardduty {
        None => {}
        Some(GuardDutyInvestigation::Completed(completed)) => {
            cut_id(&mut completed.investigation_id);
            completed.risk.iter_mut().for_each(cut);
            let summary = &mut completed.summary;
            for part in [&mut summary.threat_assessment, &mut summary.key_observations, &mut summary.countermeasures] {
                part.truncate(items);
                part.iter_mut().for_each(cut);
            }
        }
        Some(
            GuardDutyInvestigation::Failed { investigation_id, error: why }
            | GuardDutyInvestigation::ReadFailed { investigation_id, why },
        ) => {
            cut_id(investigation_id);
            cut(why);
        }
        Some(GuardDutyInvestigation::StillRunning { investigation_id }) => cut_id(investigation_id),
        Some(GuardDutyInvestigation::NotRequested(why)) => match why {
            NotRequestedReason::Refused { message: why } | NotRequestedReason::Failed { message: why } => cut(why),
            NotRequestedReason::OtherRegion { region, stack_regions } => {
                [region, stack_regions].into_iter().for_each(cut)
            }
            NotRequestedReason::UnsupportedRegion { region } => cut(region),
            _ => {}
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::message::IssueKind;

    #[test]
    fn alert_is_parsed_without_loss() {
        let alert = fixtures::high_risk().alert();
        assert_eq!(serde_json::from_str::<Alert>(&body(&alert).unwrap()).unwrap(), alert);
    }

    #[test]
    fn bodies_match_snapshots() {
        for (name, case) in fixtures::all() {
            let body: serde_json::Value = serde_json::from_str(&body(&case.alert()).unwrap()).unwrap();
            assert_json!(name, body);
        }
    }

    #[test]
    fn graph_notice_matches_snapshot() {
        let issues = fixtures::issues_of_all_kinds();
        let notice = fixtures::graph_notice_of(issues);
        let kinds: Vec<IssueKind> = notice.graph_health.new_issues_by_kind.keys().copied().collect();
        assert_eq!(kinds, IssueKind::ALL);
        let body = graph_health(&notice).unwrap();
        assert_eq!(serde_json::from_str::<GraphHealthNotice>(&body).unwrap(), notice);
        assert_json!("graph_health", serde_json::from_str::<serde_json::Value>(&body).unwrap());
    }

    #[test]
    fn longest_alert_is_shortened_to_the_limit() {
        let alert = fixtures::longest().alert();
        assert!(serde_json::to_string(&alert).unwrap().len() > MAX_BYTES);
        let body = body(&alert).unwrap();
        assert!(body.len() <= MAX_BYTES, "{}", body.len());
        let read = serde_json::from_str::<Alert>(&body).unwrap();
        assert_eq!((read.finding_count, read.case_id), (alert.finding_count, alert.case_id));
        assert!(!read.findings.is_empty(), "it is shortened, not emptied");
    }
}
