//! How GuardDuty's side of a case stands.

use super::budget::QuotaExhausted;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How GuardDuty's side of a case stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GuardDutyRequestState {
    /// It was asked.
    #[serde(rename = "ASKED")]
    Requested(RequestedInvestigation),
    /// It should have been asked, and was not.
    #[serde(rename = "NOT_ASKED")]
    NotRequested(NotRequestedReason),
}

impl GuardDutyRequestState {
    /// The investigation, where there is one.
    #[must_use]
    pub fn investigation(&self) -> Option<&RequestedInvestigation> {
        match self {
            Self::Requested(open) => Some(open),
            Self::NotRequested(_) => None,
        }
    }
}

/// The investigation that a case waits for, or rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedInvestigation {
    /// GuardDuty's id of it.
    pub id: String,
    /// The detector that it was created under.
    pub detector_id: String,
    /// What was asked.
    pub prompt: String,
    /// When the case asked.
    #[serde(rename = "asked_at")]
    pub requested_at: Timestamp,
    /// Whether another case had asked the same within the last day, and its investigation is used.
    #[serde(rename = "reused")]
    pub is_reused: bool,
    /// The Region that was asked; nothing in records from before other Regions than the stack's were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Why GuardDuty was not asked, or would not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_survives_the_table() {
        let long = "x\n".to_owned();
        for reason in [
            NotRequestedReason::OtherRegion { region: "eu-west-1".into(), stack_regions: "us-east-1".into() },
            NotRequestedReason::UnsupportedRegion { region: "sa-east-1".into() },
            NotRequestedReason::UnusableId,
            NotRequestedReason::NoDetector,
            NotRequestedReason::DetectorDisabled,
            NotRequestedReason::FeatureDisabled,
            NotRequestedReason::NoSlot { full: QuotaExhausted::Total { limit: 100 } },
            NotRequestedReason::Refused { message: long.clone() },
            NotRequestedReason::Failed { message: long.clone() },
        ] {
            let standing = GuardDutyRequestState::NotRequested(reason);
            let json = serde_json::to_string(&standing).unwrap();
            assert_eq!(serde_json::from_str::<GuardDutyRequestState>(&json).unwrap(), standing);
        }
    }
}
