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
    pub joined: u64,
    /// The value of [`crate::case::CaseProgress::renewed`] that it saw.
    pub renewed: u64,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<Inference>,
    /// The state of GuardDuty's investigation; nothing where none was to be asked for.
    #[serde(default)]
    pub guardduty: Option<guardduty::Answer>,
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
    pub report: Option<ReportPlace>,
    /// Whether it is one of the case's second look.
    #[serde(default, skip_serializing_if = "is_false")]
    pub second_look: bool,
    /// Until when the case is watched after it; nothing where it ends for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_until: Option<Timestamp>,
    /// Whether nobody is notified because people were notified of the same before the case was opened.
    #[serde(default, skip_serializing_if = "is_false")]
    pub already_notified: bool,
}

impl Assessment {
    /// What decisions need of it.
    #[must_use]
    pub fn assessed(&self) -> Assessed {
        Assessed {
            joined: self.joined,
            renewed: self.renewed,
            revision: self.revision,
            cause: self.alert_cause,
            has_result: self.not_investigated.is_none(),
            level: self.verdict.level,
            may_pass: self.not_investigated.as_ref().is_some_and(NotInvestigated::may_pass),
            second_look: self.second_look,
            watch_until: self.watch_until,
            already_notified: self.already_notified,
        }
    }
}

/// Where a report is kept: an object in the evidence bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPlace {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// The Region that the bucket is in.
    pub region: String,
}

/// What decisions need of an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Assessed {
    /// The value of [`crate::case::CaseProgress::joined`] that it saw.
    pub joined: u64,
    /// The value of [`crate::case::CaseProgress::renewed`] that it saw.
    pub renewed: u64,
    /// The revision under which it is to be published.
    pub revision: u32,
    /// Why people hear of it; nothing when the case closes quietly.
    pub cause: Option<AlertCause>,
    /// Whether it rests on a result of an investigation.
    pub has_result: bool,
    /// The verdict's level.
    pub level: VerdictLevel,
    /// Whether there is no result because of a failure that may pass.
    pub may_pass: bool,
    /// Whether it is one of the case's second look: what was told before then says nothing of what that found.
    pub second_look: bool,
    /// Until when the case is watched, once nobody has to be notified any more; nothing where it ends for good.
    pub watch_until: Option<Timestamp>,
    /// Whether people would be notified, had they not been notified of the same before the case was opened.
    pub already_notified: bool,
}

impl Assessed {
    /// A quiet assessment with a result, after which the case ends for good.
    #[must_use]
    pub fn quiet(joined: u64, renewed: u64, revision: u32) -> Self {
        Self {
            joined,
            renewed,
            revision,
            cause: None,
            has_result: true,
            level: VerdictLevel::Informational,
            may_pass: false,
            second_look: false,
            watch_until: None,
            already_notified: false,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
