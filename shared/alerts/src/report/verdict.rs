//! The verdict, beside what GuardDuty and Detective think.

use super::safe::safe;
use gumshoe_domain::Alert;
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

/// What one of the three thinks.
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
    pub(super) reasons: Vec<Reason>,
}

pub(super) fn weighed(alert: &Alert) -> Weighed {
    let judged = alert.cause != AlertCause::NotInvestigated;
    let level = alert.verdict.level.to_string();
    let score = alert.verdict.score;
    let guard_duty = alert.findings.first().map(|worst| worst.severity);
    let detective = alert.detective_severity.map(|severity| severity.to_string());
    let reasons = alert.verdict.reasons.iter().take(REASONS);
    let disagreement =
        if judged { disagreement(&level, guard_duty.map(|it| it.band().to_string()), detective.clone()) } else { None };
    Weighed {
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
        reasons: reasons.map(|it| Reason { points: it.points, text: safe(&it.text, 300) }).collect(),
    }
}

fn opinion(who: &'static str, word: Option<String>, detail: String) -> Opinion {
    let level = word.as_deref().map_or("", class);
    Opinion { who, word: word.unwrap_or_else(|| "–".to_owned()), level, detail }
}

/// In what the verdict differs from the others, in a sentence.
fn disagreement(level: &str, guard_duty: Option<String>, detective: Option<String>) -> Option<String> {
    let rank = |word: &str| LEVELS.iter().position(|(name, _)| *name == word);
    let others = [("GuardDuty’s worst finding", guard_duty), ("Detective", detective)];
    let those = |wanted| {
        let those = others.iter().filter_map(|(name, word)| word.as_deref().map(|word| (name, word)));
        those
            .filter(|(_, word)| rank(level).cmp(&rank(word)) == wanted)
            .map(|(name, word)| format!("{name} ({word})"))
            .collect::<Vec<_>>()
            .join(" and ")
    };
    let (lower, higher) = (those(std::cmp::Ordering::Greater), those(std::cmp::Ordering::Less));
    let differs = match (lower.is_empty(), higher.is_empty()) {
        (true, true) => return None,
        (false, true) => format!("higher than {lower}"),
        (true, false) => format!("lower than {higher}"),
        (false, false) => format!("higher than {lower} and lower than {higher}"),
    };
    Some(format!("They differ: Gumshoe rates this {differs}. Its score does not count Detective’s severity."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(level: &str, guard_duty: &str, detective: Option<&str>) -> String {
        disagreement(level, Some(guard_duty.to_owned()), detective.map(str::to_owned)).unwrap_or_default()
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
    }
}
