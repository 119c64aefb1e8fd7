//! The verdict, next to the ratings of GuardDuty, Detective and GuardDuty AI.

use super::safe::safe;
use crate::message::Alert;
use gumshoe_domain::guardduty::RiskLevel;
use gumshoe_domain::verdict::AlertCause;

/// Number of reasons. Verdicts have fewer.
const REASONS_MAX: usize = 30;

/// The severities and levels, from the lowest. The three services use the same words for them.
const LEVELS: [(&str, &str); 5] = [
    ("Informational", "informational"),
    ("Low", "low"),
    ("Medium", "medium"),
    ("High", "high"),
    ("Critical", "critical"),
];

/// The class in `style.css` of a severity or level.
pub(super) fn class(word: &str) -> &'static str {
    LEVELS.iter().find(|(name, _)| *name == word).map_or("", |(_, class)| class)
}

/// The severity that corresponds to a risk level: only the lowest has another name.
pub(super) fn risk(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::Info => "Informational",
        RiskLevel::Low => "Low",
        RiskLevel::Medium => "Medium",
        RiskLevel::High => "High",
        RiskLevel::Critical => "Critical",
    }
}

/// The rating of one source.
pub(super) struct Rating {
    pub(super) source: &'static str,
    pub(super) label: String,
    pub(super) level: &'static str,
    pub(super) detail: String,
}

/// Points, and what they are for.
pub(super) struct Reason {
    pub(super) points: u8,
    pub(super) text: String,
}

/// The section of the verdict.
pub(super) struct VerdictSection {
    pub(super) score: u8,
    pub(super) level: &'static str,
    pub(super) ratings: Vec<Rating>,
    /// How the ratings differ; `None` if they agree.
    pub(super) disagreement: Option<String>,
    /// Comparison of Detective and GuardDuty AI.
    pub(super) engines: Option<String>,
    pub(super) reasons: Vec<Reason>,
}

pub(super) fn verdict_section(alert: &Alert) -> VerdictSection {
    let is_scored = alert.cause != AlertCause::NotInvestigated;
    let level = alert.verdict.level.to_string();
    let score = alert.verdict.score;
    let guard_duty = alert.findings.first().map(|worst| worst.severity);
    let detective = alert.detective_severity.map(|severity| severity.to_string());
    let by_ai = alert.guardduty_result();
    let disagreement = if is_scored {
        let worst = guard_duty.map(|it| it.band().to_string());
        disagreement(&level, worst, detective.clone(), by_ai.map(|it| risk(it.risk_level).to_owned()))
    } else {
        None
    };
    let mut section = VerdictSection {
        score,
        level: if is_scored { class(&level) } else { "unscored" },
        ratings: vec![
            if is_scored {
                rating("Gumshoe", Some(level), format!("{score} of 100 points"))
            } else {
                rating("Gumshoe", None, format!("no level (not investigated); findings score {score} of 100"))
            },
            match guard_duty {
                Some(worst) => rating(
                    "GuardDuty",
                    Some(worst.band().to_string()),
                    match alert.finding_count {
                        1 => format!("{:.1} of 10, one finding", worst.value()),
                        count => format!("{:.1} of 10, worst of {count} findings", worst.value()),
                    },
                ),
                None => rating("GuardDuty", None, "no finding".to_owned()),
            },
            match detective {
                Some(word) => rating("Detective", Some(word), "severity of the investigation".to_owned()),
                None => rating("Detective", None, "no result".to_owned()),
            },
        ],
        disagreement,
        engines: alert.engines().map(|sentence| sentence.replace('\'', "’")),
        reasons: alert
            .reasons()
            .take(REASONS_MAX)
            .map(|it| Reason { points: it.points, text: safe(&it.text, 300) })
            .collect(),
    };
    section.ratings.extend(by_ai.map(|it| {
        let detail = format!("risk, confidence {}", it.confidence);
        rating("GuardDuty AI", Some(risk(it.risk_level).to_owned()), detail)
    }));
    section
}

fn rating(source: &'static str, label: Option<String>, detail: String) -> Rating {
    let level = label.as_deref().map_or("", class);
    Rating { source, label: label.unwrap_or_else(|| "–".to_owned()), level, detail }
}

/// How the verdict differs from the other ratings, in a sentence; `None` if all agree.
fn disagreement(
    level: &str,
    guard_duty: Option<String>,
    detective: Option<String>,
    by_ai: Option<String>,
) -> Option<String> {
    let rank = |word: &str| LEVELS.iter().position(|(name, _)| *name == word);
    let uncounted = match by_ai {
        Some(_) => "Detective severity and GuardDuty AI risk level are not part of the Gumshoe score",
        None => "Detective severity is not part of the Gumshoe score",
    };
    let others = [("GuardDuty’s worst finding", guard_duty), ("Detective", detective), ("GuardDuty AI", by_ai)];
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
    Some(format!("Ratings differ: Gumshoe rates this {differs}. {uncounted}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(level: &str, guard_duty: &str, detective: Option<&str>) -> String {
        disagreement(level, Some(guard_duty.to_owned()), detective.map(str::to_owned), None).unwrap_or_default()
    }

    #[test]
    fn differing_ratings_are_stated() {
        assert_eq!(said("High", "High", Some("High")), "");
        assert_eq!(said("High", "High", None), "");
        assert!(said("Low", "Low", Some("Critical")).contains("this lower than Detective (Critical)."));
        assert!(
            said("Medium", "Low", Some("High"))
                .contains("this higher than GuardDuty’s worst finding (Low) and lower than Detective (High).")
        );
        let high = || Some("High".to_owned());
        assert!(disagreement("Low", high(), high(), high()).unwrap().contains(
            "lower than GuardDuty’s worst finding (High), Detective (High) and GuardDuty AI (High). Detective severity and GuardDuty AI risk"
        ));
    }
}
