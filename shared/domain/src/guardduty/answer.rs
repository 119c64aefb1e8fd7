//! The result of GuardDuty's investigation, for people.

use super::investigation::{Confidence, GuardDutyInvestigation, GuardDutyInvestigationStatus, RiskLevel};
use super::request_state::{NotRequestedReason, RequestedInvestigation};
use super::summary::Summary;
use crate::text::one_line;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The result of GuardDuty's investigation of a case. Renderers must escape its texts for the channel and mark them as written by an
/// AI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum GuardDutyResult {
    /// It has a result.
    Completed(CompletedInvestigation),
    /// It ended without a result.
    Failed {
        /// GuardDuty's id.
        investigation_id: String,
        /// GuardDuty's reason.
        error: String,
    },
    /// It was still running when the case was assessed for the last time.
    StillRunning {
        /// GuardDuty's id.
        investigation_id: String,
    },
    /// It could not be read.
    #[serde(rename = "NOT_READ")]
    ReadFailed {
        /// GuardDuty's id.
        investigation_id: String,
        /// The error.
        why: String,
    },
    /// No investigation was requested.
    #[serde(rename = "NOT_ASKED")]
    NotRequested(NotRequestedReason),
}

/// An investigation of GuardDuty that has a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletedInvestigation {
    /// GuardDuty's id.
    pub investigation_id: String,
    /// The AI's risk level.
    pub risk_level: RiskLevel,
    /// The AI's confidence in the risk level.
    pub confidence: Confidence,
    /// The AI's reason for the risk level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// The AI's observations and countermeasures.
    pub summary: Summary,
    /// When the investigation began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// When the investigation ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Whether another case requested it.
    #[serde(rename = "reused")]
    pub is_reused: bool,
}

impl CompletedInvestigation {
    /// Whether its risk level alone is worth a person's time: High or Critical, with a confidence above Low.
    #[must_use]
    pub fn is_confident_high_risk(&self) -> bool {
        self.risk_level >= RiskLevel::High && self.confidence >= Confidence::Medium
    }
}

impl GuardDutyResult {
    /// The result of an investigation.
    ///
    /// Missing values count as the lowest: a risk level of Info, a confidence of Unknown.
    #[must_use]
    pub fn of(open: &RequestedInvestigation, found: &GuardDutyInvestigation) -> Self {
        let investigation_id = open.id.clone();
        let text = |text: &Option<String>, limit| {
            text.as_deref().map(|text| one_line(text, limit)).filter(|text| !text.is_empty())
        };
        match found.status {
            GuardDutyInvestigationStatus::Running => Self::StillRunning { investigation_id },
            GuardDutyInvestigationStatus::Failed => Self::Failed {
                investigation_id,
                error: text(&found.error, 500).unwrap_or_else(|| "GuardDuty gave no reason".into()),
            },
            GuardDutyInvestigationStatus::Completed => Self::Completed(CompletedInvestigation {
                investigation_id,
                risk_level: found.risk_level.unwrap_or(RiskLevel::Info),
                confidence: found.confidence.unwrap_or(Confidence::Unknown),
                risk: text(&found.risk, 1024),
                summary: found.summary.as_deref().map(Summary::read).unwrap_or_default(),
                start_time: found.start_time,
                end_time: found.end_time,
                is_reused: open.is_reused,
            }),
        }
    }

    /// The completed investigation, if there is one.
    #[must_use]
    pub fn completed(&self) -> Option<&CompletedInvestigation> {
        match self {
            Self::Completed(completed) => Some(completed),
            _ => None,
        }
    }
}
