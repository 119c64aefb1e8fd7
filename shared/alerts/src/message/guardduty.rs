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
    #[serde(rename = "NOT_READ")]
    ReadFailed {
        /// GuardDuty's id.
        investigation_id: String,
        /// Why.
        why: String,
    },
    /// There is none.
    #[serde(rename = "NOT_ASKED")]
    NotRequested(NotRequestedReason),
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
    #[serde(rename = "reused")]
    pub is_reused: bool,
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
        #[serde(rename = "own")]
        stack_regions: String,
    },
    /// GuardDuty has no investigations there.
    UnsupportedRegion {
        /// The Region.
        region: String,
    },
    /// The finding's id, or its account's, is not one that a prompt could name.
    #[serde(rename = "NO_SUCH_NAME")]
    UnusableId,
    /// The account has no detector in the Region.
    NoDetector,
    /// The detector is suspended.
    DetectorDisabled,
    /// The detector's feature AI_ANALYST is not enabled.
    #[serde(rename = "FEATURE_OFF")]
    FeatureDisabled,
    /// No slot is left for it.
    NoSlot {
        /// Which.
        full: QuotaExhausted,
    },
    /// GuardDuty says no.
    Refused {
        /// Its answer.
        #[serde(rename = "said")]
        message: String,
    },
    /// GuardDuty, or the table that holds the budget, could not be reached.
    Failed {
        /// What went wrong.
        #[serde(rename = "what")]
        message: String,
    },
}

/// Why no slot is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "limit_of", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QuotaExhausted {
    /// Those of the day are taken.
    #[serde(rename = "DAY")]
    Daily {
        /// How many there are.
        limit: usize,
    },
    /// Those of the day that are left are kept for Critical findings.
    #[serde(rename = "KEPT")]
    ReservedForCritical {
        /// How many are kept.
        #[serde(rename = "kept")]
        reserved: usize,
        /// How many there are.
        limit: usize,
    },
    /// All are taken.
    #[serde(rename = "IN_ALL")]
    Total {
        /// How many there are.
        limit: usize,
    },
}

convert_by_clone!(RiskLevel, Confidence);
convert_enum!(
    GuardDutyInvestigation = guardduty::GuardDutyResult {
        Completed(completed),
        Failed { investigation_id, error },
        StillRunning { investigation_id },
        ReadFailed { investigation_id, why },
        NotRequested(why)
    }
);
convert_struct!(
    CompletedInvestigation = guardduty::CompletedInvestigation {
        investigation_id,
        risk_level,
        confidence,
        risk,
        summary,
        start_time,
        end_time,
        is_reused
    }
);
convert_struct!(GuardDutySummary = guardduty::Summary { threat_assessment, key_observations, countermeasures });
convert_enum!(
    NotRequestedReason = guardduty::NotRequestedReason {
        OtherRegion { region, stack_regions },
        UnsupportedRegion { region },
        UnusableId,
        NoDetector,
        DetectorDisabled,
        FeatureDisabled,
        NoSlot { full },
        Refused { message },
        Failed { message }
    }
);
convert_enum!(QuotaExhausted = guardduty::QuotaExhausted { Daily { limit }, ReservedForCritical { reserved, limit }, Total { limit } });

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
