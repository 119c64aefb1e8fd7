//! The words in an issue of the behavior graph.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A data source package of a behavior graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Package {
    /// CloudTrail, VPC flow logs and GuardDuty findings. Always there.
    DetectiveCore,
    /// EKS audit logs.
    EksAudit,
    /// Findings of Security Hub.
    AsffSecurityhubFinding,
}

/// The state of a data source package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IngestState {
    /// Data comes in.
    Started,
    /// Data no longer comes in.
    Stopped,
    /// It was never started.
    Disabled,
}

/// What could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GraphReadTarget {
    /// Detective's administrator.
    Administrator,
    /// Auto-enable.
    AutoEnable,
    /// The organization's accounts.
    Organization,
}

impl GraphReadTarget {
    /// The code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Administrator => "administrator",
            Self::AutoEnable => "auto-enable",
        }
    }
}

impl fmt::Display for Package {
    /// Detective's own word.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::DetectiveCore => "DETECTIVE_CORE",
            Self::EksAudit => "EKS_AUDIT",
            Self::AsffSecurityhubFinding => "ASFF_SECURITYHUB_FINDING",
        })
    }
}

impl fmt::Display for IngestState {
    /// Detective's own word.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Started => "STARTED",
            Self::Stopped => "STOPPED",
            Self::Disabled => "DISABLED",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shown_as_they_are_sent() {
        for package in [Package::DetectiveCore, Package::EksAudit, Package::AsffSecurityhubFinding] {
            assert_eq!(serde_json::to_value(package).unwrap(), package.to_string());
        }
        for state in [IngestState::Started, IngestState::Stopped, IngestState::Disabled] {
            assert_eq!(serde_json::to_value(state).unwrap(), state.to_string());
        }
        for part in [GraphReadTarget::Administrator, GraphReadTarget::AutoEnable, GraphReadTarget::Organization] {
            assert_eq!(serde_json::to_value(part).unwrap(), part.code());
        }
    }
}
