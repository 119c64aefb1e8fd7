//! The verdict on a case: level, score and reasons.
//!
//! It is a pure function of the case's findings and its investigations' indicators. Detective's severity and GuardDuty's risk level are
//! shown next to the verdict and never change the score; if they disagree, the alert reports it.

mod engines;
mod open_questions;
mod reason;
mod rules;
mod weights;

pub use engines::EngineResults;
pub use open_questions::OpenQuestions;
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
    /// The lowest score of High.
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

/// The text is not a level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid verdict level; use Informational, Low, Medium, High or Critical")]
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
    /// The range of the score.
    pub level: VerdictLevel,
    /// The sum of the reasons' points, at most 100.
    pub score: u8,
    /// The reasons, those with most points first.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// Scores a case.
    ///
    /// The score never falls when a finding or an indicator is added. It does not depend on their order, counts repetitions once, and
    /// never reaches High by novelty alone. A related finding that is one of the case's own counts by its severity only.
    #[must_use]
    pub fn score(findings: &[Finding], indicators: &[Indicator], weights: &Weights) -> Self {
        let mut reasons = rules::reasons(findings, indicators, weights);
        reasons.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.code.display_rank().cmp(&b.code.display_rank())));
        let sum: u32 = reasons.iter().map(|reason| u32::from(reason.points)).sum();
        let score = u8::try_from(sum.min(100)).unwrap_or(100);
        Self { level: VerdictLevel::of(score), score, reasons }
    }
}

/// Why people are notified of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertCause {
    /// The verdict reaches the alert threshold.
    Verdict,
    /// No investigation has a result: a person must investigate.
    NotInvestigated,
    /// The verdict is below the threshold, but Detective rates the investigation High or Critical: a person decides.
    DetectiveDisagrees,
    /// The verdict is below the threshold, but GuardDuty's investigation has a High or Critical risk level with a confidence above Low,
    /// and Detective has found an indicator as well: a person decides.
    #[serde(rename = "GUARDDUTY_DISAGREES")]
    GuardDutyDisagrees,
    /// The verdict is below the threshold, but a High or Critical finding is about more than API calls, which a result about the
    /// principal does not disprove.
    WorkloadNotCleared,
    /// The verdict is below the threshold, but another principal may have acted in a High or Critical finding.
    PrincipalUncertain,
    /// An earlier alert of the case is no longer valid: with the current information people would not be notified.
    Resolved,
}

impl AlertCause {
    /// The code, as in JSON.
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
