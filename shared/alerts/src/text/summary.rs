//! The first three lines of an alert, which say in every channel who, how bad, why, and what happened.

use crate::message::Alert;
use gumshoe_domain::guardduty::Confidence;
use gumshoe_domain::text::{defanged, finding_type, one_line};
use gumshoe_domain::verdict::AlertCause;

/// Longest headline, in characters.
const HEADLINE: usize = 160;
/// Longest account name in it. Organizations allows 128 characters of any kind.
const ACCOUNT_NAME: usize = 24;
/// Most that the three lines have together, in characters, line ends not counted.
pub const LEAD: usize = 296;
/// What is left for the reason at least.
const WHY: usize = 70;

/// Who and how bad, why, and what happened. Text from outside is on one line, shortened and defanged, and still to be
/// escaped for the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// Such as `Critical risk: IAM role web-role in account 123456789012 (prod), 2 findings`.
    pub headline: String,
    /// The strongest reason, why there is no result, or the AI's reason where people hear of the case because of it.
    pub why: String,
    /// The worst finding's type and severity.
    pub what: String,
}

impl Alert {
    /// The first three lines: at most [`LEAD`] characters together.
    #[must_use]
    pub fn lead(&self) -> Lead {
        let headline = one_line(&self.headline(), HEADLINE);
        let room = LEAD - headline.chars().count();
        let what = self.findings.first().map_or_else(String::new, |worst| {
            let severity = worst.severity.to_string();
            let room = room.saturating_sub(WHY + severity.len() + 16);
            format!("Worst finding: {} {severity}", finding_type(&worst.finding_type, room))
        });
        let why = defanged(&self.because(), room.saturating_sub(what.chars().count()));
        Lead { headline, why, what }
    }

    /// Who it is about and how bad it is: of checked names, defanged, and of the worst finding's type where there is no principal.
    #[must_use]
    pub fn headline(&self) -> String {
        let who = match self.principal.entity() {
            Some(entity) => {
                let name = defanged(&entity.name, 64);
                format!("{} {name} in account {}", self.principal.kind(), self.account(&entity.account_id))
            }
            None if self.principal.name().is_some() => one_line(&self.principal.in_words(), 110),
            None => match self.findings.first() {
                Some(worst) => {
                    format!("{} in account {}", finding_type(&worst.finding_type, 70), self.account(&worst.account_id))
                }
                None => "no finding".to_owned(),
            },
        };
        let what = match self.cause {
            AlertCause::Verdict => format!("{} risk", self.verdict.level),
            AlertCause::NotInvestigated => match self.by_guardduty() {
                Some(it) => {
                    let unsure = if it.confidence < Confidence::Medium { " (unsure)" } else { "" };
                    format!("Only GuardDuty's AI looked, says {}{unsure}", it.risk_level)
                }
                None => "Not investigated".to_owned(),
            },
            AlertCause::DetectiveDisagrees => format!(
                "Detective says {}, Gumshoe {}",
                self.detective_severity.map_or_else(String::new, |severity| severity.to_string()),
                self.verdict.level
            ),
            AlertCause::GuardDutyDisagrees => format!(
                "GuardDuty's AI says {}, Gumshoe {}",
                self.by_guardduty().map_or_else(String::new, |it| it.risk_level.to_string()),
                self.verdict.level
            ),
            AlertCause::WorkloadNotCleared => "Workload not cleared".to_owned(),
            AlertCause::PrincipalUncertain => "Principal uncertain".to_owned(),
            AlertCause::Resolved => "Resolved".to_owned(),
        };
        let findings = match self.finding_count {
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        format!("{what}: {who}, {findings}")
    }

    /// An account's id, with its name where that is known, shortened and defanged.
    #[must_use]
    pub fn account(&self, id: &str) -> String {
        match self.account_names.get(id) {
            Some(name) => format!("{id} ({})", defanged(name, ACCOUNT_NAME)),
            None => id.to_owned(),
        }
    }

    /// The reasons that weigh most, at most `count`, without those that add nothing.
    pub fn strongest_reasons(&self, count: usize) -> impl Iterator<Item = &gumshoe_domain::verdict::Reason> {
        self.verdict.reasons.iter().filter(|reason| reason.points > 0).take(count)
    }

    /// What the investigation found, and why that does not close the case; nothing where that is not why people hear
    /// of it.
    #[must_use]
    pub fn not_cleared(&self) -> Option<String> {
        match self.cause {
            AlertCause::WorkloadNotCleared => Some(format!(
                "Detective investigated the {} and found nothing of weight; this does not clear the workload",
                self.principal.kind()
            )),
            AlertCause::PrincipalUncertain => Some(format!(
                "Detective found nothing of weight, but another principal may have acted: {}",
                self.uncertain.map_or_else(|| "it was worked out".to_owned(), |why| why.to_string())
            )),
            _ => None,
        }
    }

    fn because(&self) -> String {
        // People hear of it because of what the AI says: so why does it say that?
        let risk = self.by_guardduty().and_then(|it| it.risk.as_deref());
        if let (AlertCause::GuardDutyDisagrees, Some(risk)) = (self.cause, risk) {
            return format!("The AI's reason: {}", risk.trim_end_matches('.'));
        }
        if let Some(why) = self.not_cleared() {
            return why;
        }
        match (&self.not_investigated, self.strongest_reasons(1).next()) {
            (Some(why), _) if self.cause == AlertCause::NotInvestigated => why.explanation(),
            (_, Some(reason)) => reason.text.clone(),
            (Some(why), None) => why.explanation(),
            (None, None) => "nothing of weight was found".to_owned(),
        }
    }
}
