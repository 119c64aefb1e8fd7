//! The top of the page: level, principal, reason, case and links. And the next steps.

use super::Report;
use super::safe::{safe, time, whole};
use super::verdict::class;
use crate::message::{Alert, Link, NextStep};
use gumshoe_domain::verdict::AlertCause;

/// Number of links and next steps. Cases have fewer.
const LINKS_MAX: usize = 10;
const STEPS_MAX: usize = 20;

/// Links may only point to the consoles of the three partitions.
const CONSOLES: [&str; 3] =
    ["https://console.aws.amazon.com/", "https://console.amazonaws.cn/", "https://console.amazonaws-us-gov.com/"];

/// The top of the page.
pub(super) struct Head {
    pub(super) level: &'static str,
    pub(super) badge: String,
    pub(super) headline: String,
    pub(super) reason: String,
    pub(super) worst_finding: String,
    /// Why the case is alerted or closed, if that is not the score.
    pub(super) notice: Option<String>,
    pub(super) case_id: String,
    pub(super) revision: u32,
    pub(super) assessed: String,
    pub(super) links: Vec<Link>,
}

/// A next step.
pub(super) struct Step {
    pub(super) text: String,
    pub(super) command: Option<String>,
}

pub(super) fn head(report: &Report<'_>) -> Head {
    let alert = report.alert;
    let summary = alert.summary_lines();
    let level = alert.verdict.level.to_string();
    let is_scored = alert.cause != AlertCause::NotInvestigated;
    Head {
        level: if is_scored { class(&level) } else { "unscored" },
        badge: if is_scored {
            format!("{level} risk")
        } else {
            crate::text::guardduty_summary::not_investigated_title(alert).to_owned()
        },
        headline: whole(&summary.headline, 200),
        reason: whole(&summary.why, 300),
        worst_finding: whole(&summary.what, 300),
        notice: notice(report),
        case_id: whole(&alert.case_id, 128),
        revision: alert.revision,
        assessed: time(alert.assessed_at),
        links: alert
            .links
            .iter()
            .filter(|link| is_console_url(&link.url) && !is_link_to_this_report(alert, link))
            .take(LINKS_MAX)
            .cloned()
            .collect(),
    }
}

fn notice(report: &Report<'_>) -> Option<String> {
    let alert = report.alert;
    if report.is_quiet {
        let detective = match alert.detective_severity {
            Some(severity) => format!("Detective severity: {severity}. "),
            None => String::new(),
        };
        let guardduty = match alert.guardduty_result() {
            Some(it) => format!("GuardDuty AI risk: {}. ", it.risk_level),
            None => String::new(),
        };
        return Some(format!(
            "Closed without an alert: the score is below the alert threshold. {detective}{guardduty}"
        ));
    }
    match alert.cause {
        AlertCause::Verdict => None,
        AlertCause::NotInvestigated if alert.guardduty_result().is_some() => Some(
            "Not investigated by Detective: only GuardDuty AI has a result. Manual investigation is required."
                .to_owned(),
        ),
        AlertCause::NotInvestigated => Some(
            "Not investigated: Detective returned no result. Manual investigation is required.".to_owned(),
        ),
        AlertCause::DetectiveDisagrees => Some(
            "The score is below the alert threshold, but Detective’s severity is higher. Manual review is required."
                .to_owned(),
        ),
        AlertCause::GuardDutyDisagrees => Some(
            "The score is below the alert threshold, but GuardDuty AI rates the risk higher, and Detective has indicators as \
             well. Manual review is required."
                .to_owned(),
        ),
        AlertCause::WorkloadNotCleared | AlertCause::PrincipalUncertain => {
            alert.unresolved_reason().map(|why| safe(&format!("{why}. Manual investigation is required."), 500))
        }
        AlertCause::Resolved => Some(crate::text::format::RESOLVED.to_owned()),
    }
}

/// Whether a link points to this report.
fn is_link_to_this_report(alert: &Alert, link: &Link) -> bool {
    alert.report.as_ref().is_some_and(|place| link.url.ends_with(&place.key))
}

/// Links are made of checked parts. This holds even if a later change of them does not check.
fn is_console_url(url: &str) -> bool {
    CONSOLES.iter().any(|console| url.starts_with(console))
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte))
        && url.len() <= 2_000
}

/// The next steps, the most urgent first.
pub(super) fn steps(alert: &Alert) -> Vec<Step> {
    let step = |step: &NextStep| Step {
        text: safe(&step.text, 500),
        command: step.command.as_deref().map(|command| whole(command, 300)),
    };
    alert.next_steps.iter().take(STEPS_MAX).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_point_to_consoles_only() {
        assert!(is_console_url("https://console.aws.amazon.com/detective/home?region=us-east-1#investigations"));
        for url in [
            "https://console.aws.amazon.com.evil.example/",
            "javascript:alert(1)",
            "https://console.aws.amazon.com/\"x",
        ] {
            assert!(!is_console_url(url), "{url}");
        }
    }
}
