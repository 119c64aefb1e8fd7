//! The state of GuardDuty's investigation of a case. Its texts are written by AI: channels escape them and show the AI notice.

use super::convert::{Convert, convert_by_clone, convert_enum, convert_struct};
use gumshoe_domain::guardduty::{self, Confidence, RiskLevel};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The state of GuardDuty's investigation of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum GuardDutyInvestigation {
    /// The investigation has a result.
    Completed(CompletedInvestigation),
    /// The investigation ended without a result.
    Failed {
        /// GuardDuty's id of the investigation.
        investigation_id: String,
        /// The error that GuardDuty returned.
        error: String,
    },
    /// The investigation was still running at the deadline of the case.
    StillRunning {
        /// GuardDuty's id of the investigation.
        investigation_id: String,
    },
    /// The investigation could not be read.
    #[serde(rename = "NOT_READ")]
    ReadFailed {
        /// GuardDuty's id of the investigation.
        investigation_id: String,
        /// Why the read failed.
        why: String,
    },
    /// No investigation was created.
    #[serde(rename = "NOT_ASKED")]
    NotRequested(NotRequestedReason),
}

/// A GuardDuty investigation that has a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CompletedInvestigation {
    /// GuardDuty's id of the investigation.
    pub investigation_id: String,
    /// The AI's risk level.
    #[cfg_attr(test, schemars(with = "super::schema::RiskLevel"))]
    pub risk_level: RiskLevel,
    /// The AI's confidence in the risk level.
    #[cfg_attr(test, schemars(with = "super::schema::Confidence"))]
    pub confidence: Confidence,
    /// The AI's reason for the risk level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// The AI's assessment, observations and proposed countermeasures.
    pub summary: GuardDutySummary,
    /// When the investigation started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// When the investigation ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Whether the investigation was requested for another case.
    #[serde(rename = "reused")]
    pub is_reused: bool,
}

/// The summary of a GuardDuty investigation. Its texts are shortened, and each is on one line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GuardDutySummary {
    /// GuardDuty's `threatAssessment`; the whole text if the summary is not the documented JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threat_assessment: Vec<String>,
    /// GuardDuty's `keyObservations`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_observations: Vec<String>,
    /// GuardDuty's `countermeasures`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countermeasures: Vec<String>,
}

/// Why no GuardDuty investigation was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "reason", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum NotRequestedReason {
    /// The stack does not investigate in the Region of the finding.
    OtherRegion {
        /// The Region of the finding.
        region: String,
        /// The Regions in which the stack investigates, separated by commas.
        #[serde(rename = "own")]
        stack_regions: String,
    },
    /// GuardDuty investigations are not available in the Region.
    UnsupportedRegion {
        /// The Region of the finding.
        region: String,
    },
    /// The id of the finding or of its account is not valid, so the prompt cannot contain it.
    #[serde(rename = "NO_SUCH_NAME")]
    UnusableId,
    /// The account has no GuardDuty detector in the Region.
    NoDetector,
    /// The GuardDuty detector is suspended.
    DetectorDisabled,
    /// The feature `AI_ANALYST` of the detector is not enabled.
    #[serde(rename = "FEATURE_OFF")]
    FeatureDisabled,
    /// The quota of investigations is used up.
    NoSlot {
        /// The quota that is used up.
        full: QuotaExhausted,
    },
    /// GuardDuty rejected the request.
    Refused {
        /// The error that GuardDuty returned.
        #[serde(rename = "said")]
        message: String,
    },
    /// GuardDuty, or the table with the quota budget, could not be reached.
    Failed {
        /// The error.
        #[serde(rename = "what")]
        message: String,
    },
}

/// The quota that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "limit_of", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QuotaExhausted {
    /// The daily quota is used up.
    #[serde(rename = "DAY")]
    Daily {
        /// Number of investigations per day.
        limit: usize,
    },
    /// The rest of the daily quota is reserved for Critical findings.
    #[serde(rename = "KEPT")]
    ReservedForCritical {
        /// Number of investigations per day that are reserved.
        #[serde(rename = "kept")]
        reserved: usize,
        /// Number of investigations per day.
        limit: usize,
    },
    /// The total quota is used up.
    #[serde(rename = "IN_ALL")]
    Total {
        /// Number of investigations in total.
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
    /// The result, if there is one.
    #[must_use]
    pub fn completed(&self) -> Option<&CompletedInvestigation> {
        match self {
            Self::Completed(completed) => Some(completed),
            _ => None,
        }
    }
}
