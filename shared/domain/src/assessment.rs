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

/// What the last assessment came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// When.
    pub at: Timestamp,
    /// The value of [`crate::case::CaseProgress::joined`] that it saw.
    #[serde(rename = "joined")]
    pub joined_count: u64,
    /// The value of [`crate::case::CaseProgress::renewed`] that it saw.
    #[serde(rename = "renewed")]
    pub renewed_count: u64,
    /// The revision under which it is to be published.
    pub revision: u32,
    /// Level, score and reasons.
    pub verdict: Verdict,
    /// Why people hear of it; nothing when the case closes quietly.
    pub alert_cause: Option<AlertCause>,
    /// Detective's severity of the investigation.
    pub detective_severity: Option<InvestigationSeverity>,
    /// The indicators, counted.
    pub indicators: Vec<IndicatorGroup>,
    /// Why there is no result of Detective's.
    pub not_investigated: Option<NotInvestigated>,
    /// Why another principal may have acted than the one that was investigated; nothing where it is who acted, or there
    /// is no result.
    #[serde(default, rename = "uncertain", skip_serializing_if = "Option::is_none")]
    pub principal_inference: Option<Inference>,
    /// The state of GuardDuty's investigation; nothing where none was to be asked for.
    #[serde(default)]
    pub guardduty: Option<guardduty::GuardDutyResult>,
    /// The principal's account, where its data are not in the graph; nothing where they are, or where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_graph: Option<OutsideGraph>,
    /// The techniques among them.
    #[serde(default)]
    pub techniques: Vec<Technique>,
    /// What to do next.
    #[serde(default)]
    pub next_steps: Vec<NextStep>,
    /// The names of the accounts, where Organizations could be read. The owner of an account chooses its name.
    #[serde(default)]
    pub account_names: BTreeMap<String, String>,
    /// Where the report and the evidence are kept; nothing where they could not be written.
    #[serde(default)]
    pub report: Option<ReportLocation>,
    /// Whether it is one of the case's second look.
    #[serde(default, rename = "second_look", skip_serializing_if = "is_false")]
    pub is_follow_up: bool,
    /// Until when the case is watched after it; nothing where it ends for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_until: Option<Timestamp>,
    /// Whether nobody is notified because people were notified of the same before the case was opened.
    #[serde(default, rename = "already_notified", skip_serializing_if = "is_false")]
    pub is_already_notified: bool,
}

impl Assessment {
    /// What decisions need of it.
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

/// Where a report is kept: an object in the evidence bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLocation {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// The Region that the bucket is in.
    pub region: String,
}

/// What decisions need of an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AssessmentSummary {
    /// The value of [`crate::case::CaseProgress::joined`] that it saw.
    pub joined_count: u64,
    /// The value of [`crate::case::CaseProgress::renewed`] that it saw.
    pub renewed_count: u64,
    /// The revision under which it is to be published.
    pub revision: u32,
    /// Why people hear of it; nothing when the case closes quietly.
    pub alert_cause: Option<AlertCause>,
    /// Whether it rests on a result of an investigation.
    pub has_result: bool,
    /// The verdict's level.
    pub level: VerdictLevel,
    /// Whether there is no result because of a failure that may pass.
    pub is_transient: bool,
    /// Whether it is one of the case's second look: what was told before then says nothing of what that found.
    pub is_follow_up: bool,
    /// Until when the case is watched, once nobody has to be notified any more; nothing where it ends for good.
    pub watch_until: Option<Timestamp>,
    /// Whether people would be notified, had they not been notified of the same before the case was opened.
    pub is_already_notified: bool,
}

impl AssessmentSummary {
    /// A quiet assessment with a result, after which the case ends for good.
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
