//! The result of an assessment, as it is stored with the case.

use crate::coverage::OutsideGraph;
use crate::guardduty;
use crate::indicator::IndicatorGroup;
use crate::investigation::{InvestigationSeverity, NotInvestigated};
use crate::mitre::Technique;
use crate::next_steps::NextStep;
use crate::principal::Inference;
use crate::verdict::{AlertCause, Verdict, VerdictLevel};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The last assessment of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// When the case was assessed.
    pub at: Timestamp,
    /// The value of [`crate::case::CaseProgress::joined_count`] that was assessed.
    #[serde(rename = "joined")]
    pub joined_count: u64,
    /// The value of [`crate::case::CaseProgress::renewed_count`] that was assessed.
    #[serde(rename = "renewed")]
    pub renewed_count: u64,
    /// The revision under which it is published.
    pub revision: u32,
    /// Level, score and reasons.
    pub verdict: Verdict,
    /// Why people are notified; `None` if the case ends quietly.
    pub alert_cause: Option<AlertCause>,
    /// The highest severity that Detective gave.
    pub detective_severity: Option<InvestigationSeverity>,
    /// The indicators, counted.
    pub indicators: Vec<IndicatorGroup>,
    /// Why Detective has no result.
    pub not_investigated: Option<NotInvestigated>,
    /// Why another principal than the investigated one may have acted; `None` if the principal is confirmed, or without a result.
    #[serde(default, rename = "uncertain", skip_serializing_if = "Option::is_none")]
    pub principal_inference: Option<Inference>,
    /// The result of GuardDuty's investigation; `None` if none was required.
    #[serde(default)]
    pub guardduty: Option<guardduty::GuardDutyResult>,
    /// The principal's account, if Detective has no data of it; `None` if it has, or if this is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_graph: Option<OutsideGraph>,
    /// The techniques among the indicators.
    #[serde(default)]
    pub techniques: Vec<Technique>,
    /// The recommended next steps.
    #[serde(default)]
    pub next_steps: Vec<NextStep>,
    /// The names of the accounts by id, if Organizations could be read. The owner of an account chooses its name.
    #[serde(default)]
    pub account_names: BTreeMap<String, String>,
    /// Where the report and the evidence are stored; `None` if they could not be written.
    #[serde(default)]
    pub report: Option<ReportLocation>,
    /// Whether it assesses the case's follow-up investigation.
    #[serde(default, rename = "second_look", skip_serializing_if = "is_false")]
    pub is_follow_up: bool,
    /// Until when the case is watched after it; `None` if the case ends permanently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_until: Option<Timestamp>,
    /// Whether people are not notified because they were notified of the same outcome before the case was opened.
    #[serde(default, rename = "already_notified", skip_serializing_if = "is_false")]
    pub is_already_notified: bool,
}

impl Assessment {
    /// The part that decisions need.
    #[must_use]
    pub fn summary(&self) -> AssessmentSummary {
        AssessmentSummary {
            joined_count: self.joined_count,
            renewed_count: self.renewed_count,
            revision: self.revision,
            alert_cause: self.alert_cause,
            has_result: self.not_investigated.is_none(),
            level: self.verdict.level,
            is_transient: self.not_investigated.as_ref().is_some_and(NotInvestigated::is_transient),
            is_follow_up: self.is_follow_up,
            watch_until: self.watch_until,
            is_already_notified: self.is_already_notified,
        }
    }
}

/// Where a report is stored: an object in the evidence bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLocation {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// The Region that the bucket is in.
    pub region: String,
}

/// The part of an assessment that decisions need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AssessmentSummary {
    /// The value of [`crate::case::CaseProgress::joined_count`] that was assessed.
    pub joined_count: u64,
    /// The value of [`crate::case::CaseProgress::renewed_count`] that was assessed.
    pub renewed_count: u64,
    /// The revision under which it is published.
    pub revision: u32,
    /// Why people are notified; `None` if the case ends quietly.
    pub alert_cause: Option<AlertCause>,
    /// Whether an investigation has a result.
    pub has_result: bool,
    /// The verdict's level.
    pub level: VerdictLevel,
    /// Whether there is no result because of a transient failure.
    pub is_transient: bool,
    /// Whether it assesses the case's follow-up investigation: earlier notifications do not cover its result.
    pub is_follow_up: bool,
    /// Until when the case is watched after it and its alert; `None` if the case ends permanently.
    pub watch_until: Option<Timestamp>,
    /// Whether people would be notified if they had not been notified of the same outcome before the case was opened.
    pub is_already_notified: bool,
}

impl AssessmentSummary {
    /// A quiet assessment with a result, after which the case ends permanently.
    #[must_use]
    pub fn quiet(joined: u64, renewed: u64, revision: u32) -> Self {
        Self {
            joined_count: joined,
            renewed_count: renewed,
            revision,
            alert_cause: None,
            has_result: true,
            level: VerdictLevel::Informational,
            is_transient: false,
            is_follow_up: false,
            watch_until: None,
            is_already_notified: false,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
