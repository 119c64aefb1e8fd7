//! What stands at the top: how bad, who, why, which case, and where to look; and what to do next.

use super::Report;
use super::safe::{safe, time, whole};
use super::verdict::class;
use crate::message::{Alert, Link, NextStep};
use gumshoe_domain::verdict::AlertCause;

/// How many links and next steps are shown. There are fewer.
const LINKS: usize = 10;
const STEPS: usize = 20;

/// Where links may lead: the consoles of the three partitions.
const CONSOLES: [&str; 3] =
    ["https://console.aws.amazon.com/", "https://console.amazonaws.cn/", "https://console.amazonaws-us-gov.com/"];

/// The top of the page.
pub(super) struct Head {
    pub(super) level: &'static str,
    pub(super) badge: String,
    pub(super) headline: String,
    pub(super) why: String,
    pub(super) what: String,
    /// What has to be said before all else.
    pub(super) note: Option<String>,
    pub(super) case_id: String,
    pub(super) revision: u32,
    pub(super) assessed: String,
    pub(super) links: Vec<Link>,
}

/// One thing to do.
pub(super) struct Step {
    pub(super) text: String,
    pub(super) command: Option<String>,
}

pub(super) fn head(report: &Report<'_>) -> Head {
    let alert = report.alert;
    let summary = alert.summary_lines();
    let level = alert.verdict.level.to_string();
    let judged = alert.cause != AlertCause::NotInvestigated;
    Head {
        level: if judged { class(&level) } else { "unjudged" },
        badge: if judged {
            format!("{level} risk")
        } else {
            crate::text::guardduty_summary::not_investigated_title(alert).to_owned()
        },
        headline: whole(&summary.headline, 200),
        why: whole(&summary.why, 300),
        what: whole(&summary.what, 300),
        note: note(report),
        case_id: whole(&alert.case_id, 128),
        revision: alert.revision,
        assessed: time(alert.assessed_at),
        links: alert
            .links
            .iter()
            .filter(|link| leads_to_a_console(&link.url) && !is_own(alert, link))
            .take(LINKS)
            .cloned()
            .collect(),
    }
}

fn note(report: &Report<'_>) -> Option<String> {
    let alert = report.alert;
    if report.is_quiet {
        let missed = match alert.detective_severity {
            Some(severity) => format!("Detective rates it {severity}. "),
            None => String::new(),
        };
        let by_ai = match alert.guardduty_result() {
            Some(it) => format!("GuardDuty’s AI says {} risk. ", it.risk_level),
            None => String::new(),
        };
        return Some(format!(
            "Closed quietly: the verdict is below the alert threshold, and nobody was alerted. {missed}{by_ai}"
        ));
    }
    match alert.cause {
        AlertCause::Verdict => None,
        AlertCause::NotInvestigated if alert.guardduty_result().is_some() => Some(
            "Only GuardDuty’s AI has looked at the activity: there is no result of Detective’s. A person has to look."
                .to_owned(),
        ),
        AlertCause::NotInvestigated => Some(
            "Nobody has looked at the activity yet: there is no result of Detective’s. A person has to.".to_owned(),
        ),
        AlertCause::DetectiveDisagrees => Some(
            "The verdict is below the alert threshold, but Detective rates the investigation higher. A person decides."
                .to_owned(),
        ),
        AlertCause::GuardDutyDisagrees => Some(
            "The verdict is below the alert threshold, but GuardDuty’s AI rates the risk higher, and Detective has found \
             something as well. A person decides."
                .to_owned(),
        ),
        AlertCause::WorkloadNotCleared | AlertCause::PrincipalUncertain => {
            alert.unresolved_reason().map(|why| safe(&format!("{why}. A person has to look."), 500))
        }
        AlertCause::Resolved => Some(crate::text::format::RESOLVED.to_owned()),
    }
}

/// Whether a link leads to this very page.
fn is_own(alert: &Alert, link: &Link) -> bool {
    alert.report.as_ref().is_some_and(|place| link.url.ends_with(&place.key))
}

/// Links are made of checked parts; whatever comes of that later, none leads elsewhere.
fn leads_to_a_console(url: &str) -> bool {
    CONSOLES.iter().any(|console| url.starts_with(console))
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte))
        && url.len() <= 2_000
}

/// What to do, the most urgent first.
pub(super) fn steps(alert: &Alert) -> Vec<Step> {
    let step = |step: &NextStep| Step {
        text: safe(&step.text, 500),
        command: step.command.as_deref().map(|command| whole(command, 300)),
    };
    alert.next_steps.iter().take(STEPS).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_consoles_only() {
        assert!(leads_to_a_console("https://console.aws.amazon.com/detective/home?region=us-east-1#investigations"));
        for url in [
            "https://console.aws.amazon.com.evil.example/",
            "javascript:alert(1)",
            "https://console.aws.amazon.com/\"x",
        ] {
            assert!(!leads_to_a_console(url), "{url}");
        }
    }
}
