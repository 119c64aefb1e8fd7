//! JSON for machines: the alert as it is.

use crate::message::{Alert, GraphHealthNotice, GuardDutyInvestigation, NotRequestedReason, Principal};
use crate::notification::{NotificationKind, TaggedMessage};
use crate::text::details;
use gumshoe_domain::text::shorten;

/// SNS takes 256 KiB for all bodies of a message together. This one goes to queues and to functions, each time as JSON in
/// JSON, which can double it; the text for people has 24 KiB, the chat's JSON 8 KiB, twice.
pub const MAX_BYTES: usize = 36 * 1024;

/// How much of what an AI wrote is left where all is too long. It gives way first; and a channel that is given this and shows
/// three entries still knows that there are more.
const OF_AN_AI: (usize, usize) = (4, 240);
/// The longest id of an investigation of GuardDuty's. They have 64 characters.
const ID: usize = 80;

/// The alert as JSON, at most [`MAX_BYTES`] bytes: where it would be longer, what is listed is shortened step by step;
/// `finding_count` and the groups' counts still count all.
///
/// # Errors
///
/// When the alert cannot be written as JSON, which no alert is known to do.
pub fn body(alert: &Alert) -> Result<String, serde_json::Error> {
    let whole = written(alert)?;
    if whole.len() <= MAX_BYTES {
        return Ok(whole);
    }
    let mut shorter = alert.clone();
    shorten_guardduty(&mut shorter, OF_AN_AI.0, OF_AN_AI.1);
    let body = written(&shorter)?;
    if body.len() <= MAX_BYTES {
        return Ok(body);
    }
    for (items, characters) in [(12, 240), (5, 120), (2, 60), (1, 30)] {
        shorten_to(&mut shorter, items, characters);
        let body = written(&shorter)?;
        if body.len() <= MAX_BYTES {
            return Ok(body);
        }
    }
    // What is left is bounded by the fields that are bounded themselves: far below the limit.
    written(&shorter)
}

/// The notice that the behavior graph got worse, as JSON.
///
/// # Errors
///
/// The notice cannot be written as JSON.
pub fn graph_health(notice: &GraphHealthNotice) -> Result<String, serde_json::Error> {
    serde_json::to_string(&TaggedMessage { notification: NotificationKind::GraphHealth, message: notice })
}

fn written(alert: &Alert) -> Result<String, serde_json::Error> {
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
    let left_out = alert.others.len().saturating_sub(items);
    alert.others.truncate(items);
    alert.others.iter_mut().for_each(cut);
    alert.omitted_others = alert.omitted_others.saturating_add(left_out);
    alert.accounts.truncate(items * 4);
    alert.accounts.iter_mut().for_each(cut);
    alert.elsewhere.truncate(items);
    alert.regions.truncate(items * 4);
    alert.regions.iter_mut().for_each(cut);
    let kept = alert.accounts.clone();
    alert.account_names.retain(|id, _| kept.contains(id));
    alert.account_names.values_mut().for_each(cut);
    shorten_guardduty(alert, items.min(OF_AN_AI.0), characters);
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
    let cut_id = |id: &mut String| *id = shorten(id, ID);
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
            NotRequestedReason::OtherRegion { region, stack_regions: own } => [region, own].into_iter().for_each(cut),
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
    fn what_machines_read_can_be_read_back() {
        let alert = fixtures::high_risk().alert();
        assert_eq!(serde_json::from_str::<Alert>(&body(&alert).unwrap()).unwrap(), alert);
    }

    #[test]
    fn bodies() {
        for (name, case) in fixtures::all() {
            let body: serde_json::Value = serde_json::from_str(&body(&case.alert()).unwrap()).unwrap();
            assert_json!(name, body);
        }
    }

    #[test]
    fn notices_of_the_behavior_graph() {
        let issues = fixtures::issues_of_all_kinds();
        let notice = fixtures::graph_notice_of(issues);
        let kinds: Vec<IssueKind> = notice.graph_health.new_issues_by_kind.keys().copied().collect();
        assert_eq!(kinds, IssueKind::ALL);
        let body = graph_health(&notice).unwrap();
        assert_eq!(serde_json::from_str::<GraphHealthNotice>(&body).unwrap(), notice);
        assert_json!("graph_health", serde_json::from_str::<serde_json::Value>(&body).unwrap());
    }

    #[test]
    fn it_fits_whatever_the_case_holds() {
        let alert = fixtures::longest().alert();
        assert!(serde_json::to_string(&alert).unwrap().len() > MAX_BYTES);
        let body = body(&alert).unwrap();
        assert!(body.len() <= MAX_BYTES, "{}", body.len());
        let read = serde_json::from_str::<Alert>(&body).unwrap();
        assert_eq!((read.finding_count, read.case_id), (alert.finding_count, alert.case_id));
        assert!(!read.findings.is_empty(), "it is shortened, not emptied");
    }
}
