//! The verdict, beside what GuardDuty, its AI and Detective think.

use super::safe::safe;
use crate::message::Alert;
use gumshoe_domain::guardduty::RiskLevel;
use gumshoe_domain::verdict::AlertCause;

/// How many reasons are listed. There are fewer.
const REASONS: usize = 30;

/// The severities and levels, from the lowest. The three services use the same words for them.
const LEVELS: [(&str, &str); 5] = [
    ("Informational", "informational"),
    ("Low", "low"),
    ("Medium", "medium"),
    ("High", "high"),
    ("Critical", "critical"),
];

/// What `style.css` calls a severity or level.
pub(super) fn class(word: &str) -> &'static str {
    LEVELS.iter().find(|(name, _)| *name == word).map_or("", |(_, class)| class)
}

/// GuardDuty's word for a risk level is the same, but for the lowest.
pub(super) fn risk(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::Info => "Informational",
        RiskLevel::Low => "Low",
        RiskLevel::Medium => "Medium",
        RiskLevel::High => "High",
        RiskLevel::Critical => "Critical",
    }
}

/// What one of them thinks.
pub(super) struct Opinion {
    pub(super) who: &'static str,
    pub(super) word: String,
    pub(super) level: &'static str,
    pub(super) detail: String,
}

/// Points, and what they are for.
pub(super) struct Reason {
    pub(super) points: u8,
    pub(super) text: String,
}

/// The verdict as it is shown.
pub(super) struct Weighed {
    pub(super) score: u8,
    pub(super) level: &'static str,
    pub(super) opinions: Vec<Opinion>,
    /// A sentence where they differ.
    pub(super) disagreement: Option<String>,
    /// What Detective and GuardDuty's AI make of each other.
    pub(super) engines: Option<String>,
    pub(super) reasons: Vec<Reason>,
}

pub(super) fn weighed(alert: &Alert) -> Weighed {
    let judged = alert.cause != AlertCause::NotInvestigated;
    let level = alert.verdict.level.to_string();
    let score = alert.verdict.score;
    let guard_duty = alert.findings.first().map(|worst| worst.severity);
    let detective = alert.detective_severity.map(|severity| severity.to_string());
    let by_ai = alert.guardduty_result();
    let disagreement = if judged {
        let worst = guard_duty.map(|it| it.band().to_string());
        disagreement(&level, worst, detective.clone(), by_ai.map(|it| risk(it.risk_level).to_owned()))
    } else {
        None
    };
    let mut weighed = Weighed {
        score,
        level: if judged { class(&level) } else { "unjudged" },
        opinions: vec![
            if judged {
                opinion("Gumshoe", Some(level), format!("{score} of 100 points"))
            } else {
                opinion("Gumshoe", None, format!("not judged; the findings alone score {score} of 100"))
            },
            match guard_duty {
                Some(worst) => opinion(
                    "GuardDuty",
                    Some(worst.band().to_string()),
                    match alert.finding_count {
                        1 => format!("{:.1} of 10, one finding", worst.value()),
                        count => format!("{:.1} of 10, worst of {count} findings", worst.value()),
                    },
                ),
                None => opinion("GuardDuty", None, "no finding".to_owned()),
            },
            match detective {
                Some(word) => opinion("Detective", Some(word), "severity of the investigation".to_owned()),
                None => opinion("Detective", None, "no result".to_owned()),
            },
        ],
        disagreement,
        engines: alert.engines().map(|sentence| sentence.replace('\'', "’")),
        reasons: alert
            .reasons()
            .take(REASONS)
            .map(|it| Reason { points: it.points, text: safe(&it.text, 300) })
            .collect(),
    };
    weighed.opinions.extend(by_ai.map(|it| {
        let detail = format!("risk, confidence {}", it.confidence);
        opinion("GuardDuty’s AI", Some(risk(it.risk_level).to_owned()), detail)
    }));
    weighed
}

fn opinion(who: &'static str, word: Option<String>, detail: String) -> Opinion {
    let level = word.as_deref().map_or("", class);
    Opinion { who, word: word.unwrap_or_else(|| "–".to_owned()), level, detail }
}

/// In what the verdict differs from the others, in a sentence.
fn disagreement(
    level: &str,
    guard_duty: Option<String>,
    detective: Option<String>,
    by_ai: Option<String>,
) -> Option<String> {
    let rank = |word: &str| LEVELS.iter().position(|(name, _)| *name == word);
    let uncounted = match by_ai {
        Some(_) => "counts neither Detective’s severity nor the AI’s risk level",
        None => "does not count Detective’s severity",
    };
    let others = [("GuardDuty’s worst finding", guard_duty), ("Detective", detective), ("GuardDuty’s AI", by_ai)];
    let those = |wanted| {
        let those = others.iter().filter_map(|(name, word)| word.as_deref().map(|word| (name, word)));
        let those: Vec<String> = those
            .filter(|(_, word)| rank(level).cmp(&rank(word)) == wanted)
            .map(|(name, word)| format!("{name} ({word})"))
            .collect();
        match those.split_last() {
            Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
            _ => those.concat(),
        }
    };
    let (lower, higher) = (those(std::cmp::Ordering::Greater), those(std::cmp::Ordering::Less));
    let differs = match (lower.is_empty(), higher.is_empty()) {
        (true, true) => return None,
        (false, true) => format!("higher than {lower}"),
        (true, false) => format!("lower than {higher}"),
        (false, false) => format!("higher than {lower} and lower than {higher}"),
    };
    Some(format!("They differ: Gumshoe rates this {differs}. Its score {uncounted}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(level: &str, guard_duty: &str, detective: Option<&str>) -> String {
        disagreement(level, Some(guard_duty.to_owned()), detective.map(str::to_owned), None).unwrap_or_default()
    }

    #[test]
    fn what_differs_is_said_and_what_agrees_is_not() {
        assert_eq!(said("High", "High", Some("High")), "");
        assert_eq!(said("High", "High", None), "");
        assert!(said("Low", "Low", Some("Critical")).contains("this lower than Detective (Critical)."));
        assert!(
            said("Medium", "Low", Some("High"))
                .contains("this higher than GuardDuty’s worst finding (Low) and lower than Detective (High).")
        );
        let high = || Some("High".to_owned());
        assert!(disagreement("Low", high(), high(), high()).unwrap().contains(
            "lower than GuardDuty’s worst finding (High), Detective (High) and GuardDuty’s AI (High). Its score counts neither"
        ));
    }
}
