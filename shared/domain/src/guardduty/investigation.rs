//! An investigation as GetInvestigation describes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An investigation with all that GetInvestigation answers. Its texts are an AI's, made of what attackers may have
/// written: renderers make them safe, each for its channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardDutyInvestigation {
    /// Up to 64 hexadecimal digits and dashes.
    pub id: String,
    /// How far it has come.
    pub status: GuardDutyInvestigationStatus,
    /// What it was asked.
    pub trigger_prompt: String,
    /// The account that asked, up to 256 characters.
    pub triggered_by: String,
    /// What made it.
    pub metadata: Option<Metadata>,
    /// Where what it is about lies.
    pub cloud: Option<Cloud>,
    /// How bad GuardDuty's AI thinks it is; nothing while it runs.
    pub risk_level: Option<RiskLevel>,
    /// Why, up to 1,024 characters.
    pub risk: Option<String>,
    /// How sure it is.
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
    /// GuardDuty is at it.
    Running,
    /// It ended, and has a risk level and a summary.
    Completed,
    /// It ended without a result. It does not count towards the quota.
    Failed,
}

impl fmt::Display for GuardDutyInvestigationStatus {
    /// GuardDuty's own word.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        })
    }
}

/// `riskLevel`. Neither a finding's severity, nor Detective's of an investigation, nor our verdict's level. AWS's own example
/// pairs Critical with "no live resources are compromised".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "GuardDuty gives the words no meaning of their own")]
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

/// `confidence`: how sure the AI is of its risk level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "GuardDuty gives the words no meaning of their own")]
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

/// `metadata`: what made the investigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The version of the investigation's shape.
    pub version: String,
    /// The product's name.
    pub product: String,
    /// The product's feature.
    pub feature: Option<String>,
}

/// `cloud`: where what it is about lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cloud {
    /// `AWS`.
    pub provider: String,
    /// The Region.
    pub region: String,
    /// The account.
    pub account: String,
}
