//! How GuardDuty's side of a case stands.

use super::budget::Full;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How GuardDuty's side of a case stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Standing {
    /// It was asked.
    Asked(OpenInvestigation),
    /// It should have been asked, and was not.
    NotAsked(NotAsked),
}

impl Standing {
    /// The investigation, where there is one.
    #[must_use]
    pub fn asked(&self) -> Option<&OpenInvestigation> {
        match self {
            Self::Asked(open) => Some(open),
            Self::NotAsked(_) => None,
        }
    }
}

/// The investigation that a case waits for, or rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInvestigation {
    /// GuardDuty's id of it.
    pub id: String,
    /// The detector that it was created under.
    pub detector_id: String,
    /// What was asked.
    pub prompt: String,
    /// When the case asked.
    pub asked_at: Timestamp,
    /// Whether another case had asked the same within the last day, and its investigation is used.
    pub reused: bool,
    /// The Region that was asked; nothing in records from before other Regions than the stack's were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Why GuardDuty was not asked, or would not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum NotAsked {
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
        full: Full,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_survives_the_table() {
        let long = "x\n".to_owned();
        for reason in [
            NotAsked::OtherRegion { region: "eu-west-1".into(), own: "us-east-1".into() },
            NotAsked::UnsupportedRegion { region: "sa-east-1".into() },
            NotAsked::NoSuchName,
            NotAsked::NoDetector,
            NotAsked::DetectorDisabled,
            NotAsked::FeatureOff,
            NotAsked::NoSlot { full: Full::InAll { limit: 100 } },
            NotAsked::Refused { said: long.clone() },
            NotAsked::Failed { what: long.clone() },
        ] {
            let standing = Standing::NotAsked(reason);
            let json = serde_json::to_string(&standing).unwrap();
            assert_eq!(serde_json::from_str::<Standing>(&json).unwrap(), standing);
        }
    }
}
