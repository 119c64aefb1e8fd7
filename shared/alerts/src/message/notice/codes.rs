//! Codes in the issues of a behavior graph.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A data source package of a behavior graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Package {
    /// CloudTrail, VPC flow logs and GuardDuty findings. Every graph has it.
    DetectiveCore,
    /// EKS audit logs.
    EksAudit,
    /// Security Hub findings.
    AsffSecurityhubFinding,
}

/// The state of a data source package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IngestState {
    /// The graph ingests the package.
    Started,
    /// The graph no longer ingests the package.
    Stopped,
    /// The package is not enabled.
    Disabled,
}

/// A setting or a list that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GraphReadTarget {
    /// Detective's administrator account in the organization.
    Administrator,
    /// Whether new accounts of the organization become members automatically.
    AutoEnable,
    /// The accounts of the organization.
    Organization,
}

impl GraphReadTarget {
    /// The code in a notice's JSON.
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
    /// Detective's code.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::DetectiveCore => "DETECTIVE_CORE",
            Self::EksAudit => "EKS_AUDIT",
            Self::AsffSecurityhubFinding => "ASFF_SECURITYHUB_FINDING",
        })
    }
}

impl fmt::Display for IngestState {
    /// Detective's code.
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
    fn displayed_codes_equal_serialized_codes() {
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
