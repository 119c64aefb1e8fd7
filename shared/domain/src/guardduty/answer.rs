//! What people are told of GuardDuty's side of a case.

use super::investigation::{Confidence, GuardDutyInvestigation, GuardDutyInvestigationStatus, RiskLevel};
use super::standing::{NotRequestedReason, RequestedInvestigation};
use super::summary::Summary;
use crate::text::one_line;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The state of GuardDuty's investigation of a case. Its texts are still to be escaped for the channel, and to be marked as
/// written by an AI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "snake_case")]
pub enum GuardDutyResult {
    /// It has a result.
    Completed(CompletedInvestigation),
    /// It ended without one.
    Failed {
        /// GuardDuty's id.
        investigation_id: String,
        /// Why, by GuardDuty.
        error: String,
    },
    /// It ran on when the case could not wait any longer.
    StillRunning {
        /// GuardDuty's id.
        investigation_id: String,
    },
    /// It could not be read.
    #[serde(rename = "NOT_READ")]
    ReadFailed {
        /// GuardDuty's id.
        investigation_id: String,
        /// Why.
        why: String,
    },
    /// There is none.
    #[serde(rename = "NOT_ASKED")]
    NotRequested(NotRequestedReason),
}

/// An investigation of GuardDuty's that has a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletedInvestigation {
    /// GuardDuty's id.
    pub investigation_id: String,
    /// How bad the AI thinks it is.
    pub risk_level: RiskLevel,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why it thinks so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// What it saw and what it advises.
    pub summary: Summary,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Whether another case had asked for it.
    #[serde(rename = "reused")]
    pub is_reused: bool,
}

impl CompletedInvestigation {
    /// Whether its risk level is worth a person's time by itself: High or Critical, and not of Low or Unknown confidence.
    #[must_use]
    pub fn is_confident_high_risk(&self) -> bool {
        self.risk_level >= RiskLevel::High && self.confidence >= Confidence::Medium
    }
}

impl GuardDutyResult {
    /// What an investigation comes to.
    ///
    /// What it does not say is taken for the least: a risk level of Info, a confidence of Unknown.
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
                error: text(&found.error, 500).unwrap_or_else(|| "no reason given".into()),
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

    /// The result, where there is one.
    #[must_use]
    pub fn completed(&self) -> Option<&CompletedInvestigation> {
        match self {
            Self::Completed(completed) => Some(completed),
            _ => None,
        }
    }
}
