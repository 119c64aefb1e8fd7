//! Scenarios of accounts that are invited to a behavior graph.

use serde::{Deserialize, Serialize};

use super::{EndsWhen, ScenarioError, joined};
use crate::glob;

/// How the verification of an invited account ends, and how much data the account sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountScenario {
    /// A name for readers; it has no effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The accounts it is for: an id in which `*` matches any characters.
    pub account_id: String,
    /// When the verification ends; a check is a response of GetMembers or ListMembers that reports it. Default: as soon
    /// as CreateMembers has answered.
    #[serde(default = "default_ends")]
    pub ends: EndsWhen,
    /// How the verification ends. Default: INVITED.
    #[serde(default)]
    pub outcome: Verification,
    /// How much data the account sends, in bytes a day; null if Detective does not know it, such as when GuardDuty is off.
    /// Default: 1,000,000,000.
    #[serde(default = "default_volume_bytes")]
    pub volume_bytes: Option<u64>,
}

/// How the verification of an account's e-mail address ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verification {
    /// The address is the account's.
    #[default]
    Invited,
    /// It is not.
    VerificationFailed,
}

impl AccountScenario {
    /// Checks that the volume fits the API's type: a long (API reference, MemberDetail).
    pub(super) fn check(&self, prefix: &str) -> Result<(), ScenarioError> {
        if self.volume_bytes.is_some_and(|volume| i64::try_from(volume).is_err()) {
            return Err(ScenarioError::Invalid {
                path: joined(prefix, "volume_bytes"),
                what: format!("is more than {} (API reference, MemberDetail)", i64::MAX),
            });
        }
        Ok(())
    }

    pub(super) fn matches(&self, account_id: &str) -> bool {
        glob::matches(&self.account_id, account_id)
    }
}

impl Default for AccountScenario {
    fn default() -> Self {
        Self {
            name: None,
            account_id: "*".into(),
            ends: default_ends(),
            outcome: Verification::default(),
            volume_bytes: default_volume_bytes(),
        }
    }
}

const fn default_ends() -> EndsWhen {
    EndsWhen::AfterSeconds(0)
}

const fn default_volume_bytes() -> Option<u64> {
    Some(1_000_000_000)
}
