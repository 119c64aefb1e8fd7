//! The state of GuardDuty's investigation of a case. An AI wrote its texts: they are still to be escaped, and to be marked as such.

use super::convert::{Convert, convert_by_clone, convert_enum, convert_struct};
use gumshoe_domain::guardduty::{self, Confidence, RiskLevel};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The state of GuardDuty's investigation of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum GuardDutyInvestigation {
    /// It has a result.
    Completed(CompletedInvestigation),
    /// It ended without one.
    Failed {
        /// GuardDuty's id.
        investigation_id: String,
        /// Why, by GuardDuty.
        error: String,
    },
    /// It ran on when the case could not wait any longer.
    StillRunning {
        /// GuardDuty's id.
        investigation_id: String,
    },
    /// It could not be read.
    NotRead {
        /// GuardDuty's id.
        investigation_id: String,
        /// Why.
        why: String,
    },
    /// There is none.
    NotAsked(NotRequestedReason),
}

/// An investigation of GuardDuty's that has a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CompletedInvestigation {
    /// GuardDuty's id.
    pub investigation_id: String,
    /// How bad the AI thinks it is.
    #[cfg_attr(test, schemars(with = "super::schema::RiskLevel"))]
    pub risk_level: RiskLevel,
    /// How sure it is.
    #[cfg_attr(test, schemars(with = "super::schema::Confidence"))]
    pub confidence: Confidence,
    /// Why it thinks so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// What it saw and what it advises.
    pub summary: GuardDutySummary,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Whether another case had asked for it.
    pub reused: bool,
}

/// What an investigation's summary says, shortened and on single lines.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GuardDutySummary {
    /// `threatAssessment`; the whole text where the summary is not the JSON that is documented.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threat_assessment: Vec<String>,
    /// `keyObservations`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_observations: Vec<String>,
    /// `countermeasures`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countermeasures: Vec<String>,
}

/// Why GuardDuty was not asked, or would not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "reason", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum NotRequestedReason {
    /// The finding is of a Region in which the stack does not investigate.
    OtherRegion {
        /// The finding's.
        region: String,
        /// Those in which it does, with commas between them.
        own: String,
    },
    /// GuardDuty has no investigations there.
    UnsupportedRegion {
        /// The Region.
        region: String,
    },
    /// The finding's id, or its account's, is not one that a prompt could name.
    NoSuchName,
    /// The account has no detector in the Region.
    NoDetector,
    /// The detector is suspended.
    DetectorDisabled,
    /// The detector's feature AI_ANALYST is not enabled.
    FeatureOff,
    /// No slot is left for it.
    NoSlot {
        /// Which.
        full: QuotaExhausted,
    },
    /// GuardDuty says no.
    Refused {
        /// Its answer.
        said: String,
    },
    /// GuardDuty, or the table that holds the budget, could not be reached.
    Failed {
        /// What went wrong.
        what: String,
    },
}

/// Why no slot is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "limit_of", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QuotaExhausted {
    /// Those of the day are taken.
    Day {
        /// How many there are.
        limit: usize,
    },
    /// Those of the day that are left are kept for Critical findings.
    Kept {
        /// How many are kept.
        kept: usize,
        /// How many there are.
        limit: usize,
    },
    /// All are taken.
    InAll {
        /// How many there are.
        limit: usize,
    },
}

convert_by_clone!(RiskLevel, Confidence);
convert_enum!(
    GuardDutyInvestigation = guardduty::Answer {
        Completed(completed),
        Failed { investigation_id, error },
        StillRunning { investigation_id },
        NotRead { investigation_id, why },
        NotAsked(why),
    }
);
convert_struct!(
    CompletedInvestigation =
        guardduty::Completed { investigation_id, risk_level, confidence, risk, summary, start_time, end_time, reused }
);
convert_struct!(GuardDutySummary = guardduty::Summary { threat_assessment, key_observations, countermeasures });
convert_enum!(
    NotRequestedReason = guardduty::NotAsked {
        OtherRegion { region, own },
        UnsupportedRegion { region },
        NoSuchName,
        NoDetector,
        DetectorDisabled,
        FeatureOff,
        NoSlot { full },
        Refused { said },
        Failed { what },
    }
);
convert_enum!(QuotaExhausted = guardduty::Full { Day { limit }, Kept { kept, limit }, InAll { limit } });

impl GuardDutyInvestigation {
    /// The result, where there is one.
    #[must_use]
    pub fn completed(&self) -> Option<&CompletedInvestigation> {
        match self {
            Self::Completed(completed) => Some(completed),
            _ => None,
        }
    }
}
