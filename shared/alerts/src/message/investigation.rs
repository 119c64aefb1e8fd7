//! Detective's investigations: their scope, their indicators, and why there is no result.

use super::convert::{Convert, convert_by_clone, convert_struct};
use crate::text::{indicator, not_investigated};
use gumshoe_domain::case::StartedInvestigation;
use gumshoe_domain::coverage::{self, DisabledReason, MemberStatus};
use gumshoe_domain::indicator::IndicatorKind;
use gumshoe_domain::investigation::{self, NotInvestigatedKind};
use gumshoe_domain::mitre;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An investigation of Detective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Investigation {
    /// Detective's id of the investigation: 21 digits.
    pub id: String,
    /// The ARN of the behavior graph in which it was started.
    pub graph_arn: String,
    /// The time range that the investigation covers.
    pub scope: Scope,
    /// Whether a recent investigation of the same principal was used instead of a new one.
    #[serde(rename = "reused")]
    pub is_reused: bool,
    /// Whether it is the follow-up investigation of the case.
    #[serde(default, rename = "second_look", skip_serializing_if = "std::ops::Not::not")]
    pub is_for_follow_up: bool,
    /// Whether it was started because the previous investigation ended with status FAILED.
    #[serde(default, rename = "after_failure", skip_serializing_if = "std::ops::Not::not")]
    pub is_retry_after_failure: bool,
}

/// The time range that an investigation covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Scope {
    /// The start of the time range.
    pub start: Timestamp,
    /// The end of the time range.
    pub end: Timestamp,
}

/// An account whose data the behavior graph does not ingest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OutsideGraph {
    /// The account id of the principal in the finding.
    pub account_id: String,
    /// The account's status as a member of the behavior graph. Missing if the account is not a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::MemberStatus>"))]
    pub status: Option<MemberStatus>,
    /// Why the member is disabled, if its status is `ACCEPTED_BUT_DISABLED` and Detective states the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::DisabledReason>"))]
    pub disabled_reason: Option<DisabledReason>,
}

/// Why Detective returned no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NotInvestigated {
    /// The name of the error, such as `DetectiveAccessDenied` or `InvestigationFailed`. New names may be added.
    pub error: String,
    /// What happened, as a sentence or as the text that the service returned.
    pub cause: String,
    /// Error, cause and remedy as a sentence; not escaped. Missing in messages of earlier releases.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub explanation: String,
    /// The account that the behavior graph does not include, if that is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_graph: Option<OutsideGraph>,
    /// The Region in which the investigation was to run, if it is not the Region of `investigation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// An observed attack tactic and technique, as named by the service that observed them, each on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Technique {
    /// The name of the tactic, such as `Persistence`.
    pub tactic: String,
    /// The name of the technique, such as `Account Manipulation`.
    pub technique: String,
    /// MITRE ATT&CK's id of the tactic, such as `TA0003`. Missing if ATT&CK has no tactic of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tactic_id: Option<String>,
    /// MITRE ATT&CK's id of the technique or sub-technique, such as `T1098.001`. Missing if ATT&CK has no technique of that name, or
    /// more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technique_id: Option<String>,
}

/// Detective's indicators of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct IndicatorGroup {
    /// Detective's name of the kind. New kinds may be added.
    pub kind: String,
    /// The kind as text, such as `flagged address`; Detective's name if this version does not know the kind. Missing in messages of
    /// earlier releases.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Number of distinct indicators.
    pub count: usize,
    /// Some of the indicators as text, those with the highest weight first; not escaped.
    pub examples: Vec<String>,
}

convert_by_clone!(MemberStatus, DisabledReason);
convert_struct!(
    Investigation = StartedInvestigation { id, graph_arn, scope, is_reused, is_for_follow_up, is_retry_after_failure }
);
convert_struct!(Scope = investigation::Scope { start, end });
convert_struct!(OutsideGraph = coverage::OutsideGraph { account_id, status, disabled_reason });
convert_struct!(Technique = mitre::Technique { tactic, technique, tactic_id, technique_id });

impl Convert<NotInvestigated> for investigation::NotInvestigated {
    fn convert(&self) -> NotInvestigated {
        let Self { error, cause: _, detail: _, outside_graph, region } = self;
        NotInvestigated {
            error: error.as_str().to_owned(),
            cause: not_investigated::cause(self),
            explanation: not_investigated::explanation(self),
            outside_graph: outside_graph.convert(),
            region: region.clone(),
        }
    }
}

impl NotInvestigated {
    /// The reason as a sentence for analysts, with the remedy. Escape it for the channel.
    #[must_use]
    pub fn explanation(&self) -> String {
        if self.explanation.is_empty() {
            not_investigated::explanation(&self.to_domain())
        } else {
            self.explanation.clone()
        }
    }

    /// Whether the reason is that Detective has no data of the principal's account.
    #[must_use]
    pub fn is_outside_graph(&self) -> bool {
        self.to_domain().is_outside_graph()
    }

    /// Whether the finding has no principal that Detective can investigate.
    pub(crate) fn has_no_principal(&self) -> bool {
        self.to_domain().error == NotInvestigatedKind::NothingToInvestigate
    }

    fn to_domain(&self) -> investigation::NotInvestigated {
        investigation::NotInvestigated::new(self.error.as_str(), self.cause.as_str())
    }
}

impl Convert<IndicatorGroup> for gumshoe_domain::indicator::IndicatorGroup {
    fn convert(&self) -> IndicatorGroup {
        let Self { kind, count, examples } = self;
        IndicatorGroup {
            kind: kind.as_str().to_owned(),
            label: indicator::kind(kind).to_owned(),
            count: *count,
            examples: indicator::examples(examples),
        }
    }
}

impl IndicatorGroup {
    /// The kind as text, such as `flagged address`.
    #[must_use]
    pub fn label(&self) -> &str {
        if !self.label.is_empty() {
            return &self.label;
        }
        let known = IndicatorKind::KNOWN.iter().find(|known| known.as_str() == self.kind);
        known.map_or(&self.kind, |known| indicator::kind(known))
    }
}
