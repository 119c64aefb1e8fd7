//! The state of a case's request to GuardDuty.

use super::budget::QuotaExhausted;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The state of a case's request to GuardDuty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GuardDutyRequestState {
    /// The investigation was requested.
    #[serde(rename = "ASKED")]
    Requested(RequestedInvestigation),
    /// The investigation is required, and was not requested.
    #[serde(rename = "NOT_ASKED")]
    NotRequested(NotRequestedReason),
}

impl GuardDutyRequestState {
    /// The investigation, if one was requested.
    #[must_use]
    pub fn investigation(&self) -> Option<&RequestedInvestigation> {
        match self {
            Self::Requested(open) => Some(open),
            Self::NotRequested(_) => None,
        }
    }
}

/// An investigation of GuardDuty that a case requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedInvestigation {
    /// GuardDuty's id.
    pub id: String,
    /// The detector that it was created under.
    pub detector_id: String,
    /// The prompt.
    pub prompt: String,
    /// When the case requested it.
    #[serde(rename = "asked_at")]
    pub requested_at: Timestamp,
    /// Whether another case requested it within the last day, and it is reused.
    #[serde(rename = "reused")]
    pub is_reused: bool,
    /// The Region; `None` in records from before the stack used other Regions than its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Why no investigation was requested, or GuardDuty refused it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum NotRequestedReason {
    /// The finding is of a Region in which the stack does not investigate.
    OtherRegion {
        /// The finding's Region.
        region: String,
        /// The Regions in which the stack investigates, separated by commas.
        #[serde(rename = "own")]
        stack_regions: String,
    },
    /// GuardDuty has no investigations in the finding's Region.
    UnsupportedRegion {
        /// The Region.
        region: String,
    },
    /// The finding's id or account id is malformed, so that no prompt can contain it.
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
        /// The limit that is reached.
        full: QuotaExhausted,
    },
    /// GuardDuty refused the request.
    Refused {
        /// GuardDuty's message.
        #[serde(rename = "said")]
        message: String,
    },
    /// GuardDuty, or the table with the budget, was not reachable.
    Failed {
        /// The error.
        #[serde(rename = "what")]
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_stored_and_read_back() {
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
            let state = GuardDutyRequestState::NotRequested(reason);
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(serde_json::from_str::<GuardDutyRequestState>(&json).unwrap(), state);
        }
    }
}
