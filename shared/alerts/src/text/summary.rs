//! The first three lines of an alert, which say in every channel who, how bad, why, and what happened.

use super::principal;
use crate::message::{Alert, Summary};
use gumshoe_domain::guardduty::Confidence;
use gumshoe_domain::text::{defang, defang_finding_type, one_line};
use gumshoe_domain::verdict::AlertCause;

/// Longest headline, in characters.
const HEADLINE: usize = 160;
/// Longest account name in it. Organizations allows 128 characters of any kind.
const ACCOUNT_NAME: usize = 24;
/// What is left for the reason at least.
const WHY: usize = 70;

/// The first three lines: at most [`Summary::MAX_CHARS`] characters together. Text from outside is on one line, shortened and defanged, and still to
/// be escaped for the channel.
pub(crate) fn summary(alert: &Alert) -> Summary {
    let headline = one_line(&headline(alert), HEADLINE);
    let room = Summary::MAX_CHARS - headline.chars().count();
    let what = alert.findings.first().map_or_else(String::new, |worst| {
        let severity = worst.severity.to_string();
        let room = room.saturating_sub(WHY + severity.len() + 16);
        format!("Worst finding: {} {severity}", defang_finding_type(&worst.finding_type, room))
    });
    let why = defang(&reason_sentence(alert), room.saturating_sub(what.chars().count()));
    Summary { headline, why, what }
}

/// Whether nothing is said.
pub(crate) fn is_empty(summary: &Summary) -> bool {
    summary.headline.is_empty()
}

/// Who it is about and how bad it is: of checked names, defanged, and of the worst finding's type where there is no principal.
pub(crate) fn headline(alert: &Alert) -> String {
    let who = match alert.principal.entity() {
        Some(entity) => {
            let name = defang(&entity.name, 64);
            format!("{} {name} in account {}", alert.principal.kind_label(), account(alert, &entity.account_id))
        }
        None if alert.principal.name().is_some() => one_line(&alert.principal.to_string(), 110),
        None => match alert.findings.first() {
            Some(worst) => {
                format!(
                    "{} in account {}",
                    defang_finding_type(&worst.finding_type, 70),
                    account(alert, &worst.account_id)
                )
            }
            None => "no finding".to_owned(),
        },
    };
    let what = match alert.cause {
        AlertCause::Verdict => format!("{} risk", alert.verdict.level),
        AlertCause::NotInvestigated => match alert.guardduty_result() {
            Some(it) => {
                let unsure = if it.confidence < Confidence::Medium { " (unsure)" } else { "" };
                format!("Only GuardDuty's AI looked, says {}{unsure}", it.risk_level)
            }
            None => "Not investigated".to_owned(),
        },
        AlertCause::DetectiveDisagrees => format!(
            "Detective says {}, Gumshoe {}",
            alert.detective_severity.map_or_else(String::new, |severity| severity.to_string()),
            alert.verdict.level
        ),
        AlertCause::GuardDutyDisagrees => format!(
            "GuardDuty's AI says {}, Gumshoe {}",
            alert.guardduty_result().map_or_else(String::new, |it| it.risk_level.to_string()),
            alert.verdict.level
        ),
        AlertCause::WorkloadNotCleared => "Workload not cleared".to_owned(),
        AlertCause::PrincipalUncertain => "Principal uncertain".to_owned(),
        AlertCause::Resolved => "Resolved".to_owned(),
    };
    let findings = match alert.finding_count {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    format!("{what}: {who}, {findings}")
}

/// An account's id, with its name where that is known, shortened and defanged.
pub(crate) fn account(alert: &Alert, id: &str) -> String {
    match alert.account_names.get(id) {
        Some(name) => format!("{id} ({})", defang(name, ACCOUNT_NAME)),
        None => id.to_owned(),
    }
}

/// What the investigation found, and why that does not close the case; nothing where that is not why people hear
/// of it.
pub(crate) fn unresolved_reason(alert: &Alert) -> Option<String> {
    match alert.cause {
        AlertCause::WorkloadNotCleared => Some(format!(
            "Detective investigated the {} and found nothing of weight; this does not clear the workload",
            alert.principal.kind_label()
        )),
        AlertCause::PrincipalUncertain => Some(format!(
            "Detective found nothing of weight, but another principal may have acted: {}",
            alert.uncertain.map_or("it was worked out", principal::inference_reason)
        )),
        _ => None,
    }
}

fn reason_sentence(alert: &Alert) -> String {
    // People hear of it because of what the AI says: so why does it say that?
    let risk = alert.guardduty_result().and_then(|it| it.risk.as_deref());
    if let (AlertCause::GuardDutyDisagrees, Some(risk)) = (alert.cause, risk) {
        return format!("The AI's reason: {}", risk.trim_end_matches('.'));
    }
    if let Some(why) = unresolved_reason(alert) {
        return why;
    }
    match (&alert.not_investigated, alert.strongest_reasons(1).next()) {
        (Some(why), _) if alert.cause == AlertCause::NotInvestigated => why.explanation(),
        (_, Some(reason)) => reason.text.clone(),
        (Some(why), None) => why.explanation(),
        (None, None) => "nothing of weight was found".to_owned(),
    }
}
