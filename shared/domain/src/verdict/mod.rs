//! What Gumshoe makes of a case: level, score and reasons.
//!
//! A pure function of the case's findings and its investigation's indicators. Detective's severity and GuardDuty's risk
//! level stand beside the verdict and are never an input to the score; where they disagree, the alert says so.

mod clearance;
mod opinions;
mod reason;
mod rules;
mod weights;

pub use clearance::OpenQuestions;
pub use opinions::EngineResults;
pub use reason::{EngineAgreement, NamedItems, Reason, ReasonCode, RelatedFindings};
pub use weights::{SeverityWeights, Weight, Weights, WeightsError};

use crate::finding::Finding;
use crate::indicator::Indicator;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The level of a verdict: a range of its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VerdictLevel {
    /// 0 to 19.
    Informational,
    /// 20 to 39.
    Low,
    /// 40 to 59.
    Medium,
    /// 60 to 79.
    High,
    /// 80 to 100.
    Critical,
}

impl VerdictLevel {
    /// The lowest score that is high risk.
    pub const HIGH_MIN_SCORE: u8 = 60;

    fn of(score: u8) -> Self {
        match score {
            80.. => Self::Critical,
            Self::HIGH_MIN_SCORE.. => Self::High,
            40.. => Self::Medium,
            20.. => Self::Low,
            _ => Self::Informational,
        }
    }
}

/// The text names no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not Informational, Low, Medium, High or Critical")]
pub struct InvalidLevel;

impl FromStr for VerdictLevel {
    type Err = InvalidLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let levels = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];
        levels.into_iter().find(|level| level.to_string() == text).ok_or(InvalidLevel)
    }
}

impl fmt::Display for VerdictLevel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Informational => "Informational",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        })
    }
}

/// Level, score and reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The range that the score falls into.
    pub level: VerdictLevel,
    /// The sum of the reasons' points, at most 100.
    pub score: u8,
    /// The reasons, those with most points first.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// Weighs a case.
    ///
    /// It never falls when a finding or an indicator is added, does not depend on their order, counts repeats once, and
    /// novelty alone never makes high risk. A related finding that is one of the case's own is not counted a second time: where
    /// such a finding joins the case, it is weighed by its severity instead.
    #[must_use]
    pub fn score(findings: &[Finding], indicators: &[Indicator], weights: &Weights) -> Self {
        let mut reasons = rules::reasons(findings, indicators, weights);
        reasons.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.code.display_rank().cmp(&b.code.display_rank())));
        let sum: u32 = reasons.iter().map(|reason| u32::from(reason.points)).sum();
        let score = u8::try_from(sum.min(100)).unwrap_or(100);
        Self { level: VerdictLevel::of(score), score, reasons }
    }
}

/// Why people hear of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertCause {
    /// The verdict reaches the alert threshold.
    Verdict,
    /// Nobody could look: a person has to.
    NotInvestigated,
    /// The verdict is below the threshold, but Detective rates the investigation High or Critical: a person decides.
    DetectiveDisagrees,
    /// The verdict is below the threshold, but GuardDuty's investigation says High or Critical risk, is sure of it, and
    /// Detective has found something as well: a person decides.
    #[serde(rename = "GUARDDUTY_DISAGREES")]
    GuardDutyDisagrees,
    /// The investigation found nothing of weight, and a High or Critical finding is about more than API calls: a quiet
    /// principal does not clear the workload.
    WorkloadNotCleared,
    /// The investigation found nothing of weight, and another principal may have acted in a High or Critical finding.
    PrincipalUncertain,
    /// An earlier alert of the case no longer stands: with what is known now, nobody would have to hear of it.
    Resolved,
}

impl AlertCause {
    /// The word for it, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verdict => "VERDICT",
            Self::NotInvestigated => "NOT_INVESTIGATED",
            Self::DetectiveDisagrees => "DETECTIVE_DISAGREES",
            Self::GuardDutyDisagrees => "GUARDDUTY_DISAGREES",
            Self::WorkloadNotCleared => "WORKLOAD_NOT_CLEARED",
            Self::PrincipalUncertain => "PRINCIPAL_UNCERTAIN",
            Self::Resolved => "RESOLVED",
        }
    }
}

#[cfg(test)]
mod tests;
