//! An investigation as GetInvestigation returns it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An investigation with everything that GetInvestigation returns. An AI wrote its texts, based on text that attackers may have
/// written: renderers escape them for their channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardDutyInvestigation {
    /// Up to 64 hexadecimal digits and dashes.
    pub id: String,
    /// GuardDuty's status.
    pub status: GuardDutyInvestigationStatus,
    /// The prompt.
    pub trigger_prompt: String,
    /// The account that requested it, up to 256 characters.
    pub triggered_by: String,
    /// The product that created it.
    pub metadata: Option<Metadata>,
    /// The account and Region that it is about.
    pub cloud: Option<Cloud>,
    /// The AI's risk level; `None` while it runs.
    pub risk_level: Option<RiskLevel>,
    /// The AI's reason for the risk level, up to 1,024 characters.
    pub risk: Option<String>,
    /// The AI's confidence in the risk level.
    pub confidence: Option<Confidence>,
    /// JSON in a string, of any length: [`Summary`](super::Summary) reads it.
    pub summary: Option<String>,
    /// When it began.
    pub start_time: Option<Timestamp>,
    /// When it ended.
    pub end_time: Option<Timestamp>,
    /// Why it failed, up to 2,048 characters.
    pub error: Option<String>,
}

/// GuardDuty's `status` of an investigation. (Detective's are RUNNING, SUCCESSFUL and FAILED.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GuardDutyInvestigationStatus {
    /// GuardDuty is investigating.
    Running,
    /// It ended, and has a risk level and a summary.
    Completed,
    /// It ended without a result. It does not count toward the quota.
    Failed,
}

impl fmt::Display for GuardDutyInvestigationStatus {
    /// GuardDuty's value.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        })
    }
}

/// `riskLevel`. It is not a finding's severity, not Detective's severity of an investigation, and not our verdict's level. AWS's own
/// example has Critical together with "no live resources are compromised".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "GuardDuty does not define the values")]
pub enum RiskLevel {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl fmt::Display for RiskLevel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Info => "Info",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        })
    }
}

/// `confidence`: the AI's confidence in its risk level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "GuardDuty does not define the values")]
pub enum Confidence {
    Unknown,
    Low,
    Medium,
    High,
}

impl fmt::Display for Confidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unknown => "Unknown",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        })
    }
}

/// `metadata`: the product that created the investigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The version of the investigation's format.
    pub version: String,
    /// The product's name.
    pub product: String,
    /// The product's feature.
    pub feature: Option<String>,
}

/// `cloud`: the account and Region that the investigation is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cloud {
    /// `AWS`.
    pub provider: String,
    /// The Region's name.
    pub region: String,
    /// The account's id.
    pub account: String,
}
