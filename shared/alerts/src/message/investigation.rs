//! What was asked of Detective, and what it could not see.

use super::convert::{Convert, convert_by_clone, convert_struct};
use crate::text::{indicator, not_investigated};
use gumshoe_domain::case::StartedInvestigation;
use gumshoe_domain::coverage::{self, DisabledReason, MemberStatus};
use gumshoe_domain::indicator::IndicatorKind;
use gumshoe_domain::investigation::{self, NotInvestigatedKind};
use gumshoe_domain::mitre;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An investigation of Detective's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Investigation {
    /// 21 digits.
    pub id: String,
    /// The behavior graph that it was started in.
    pub graph_arn: String,
    /// The time that it looks at.
    pub scope: Scope,
    /// Whether a recent investigation of the principal was found and used, instead of starting another.
    #[serde(rename = "reused")]
    pub is_reused: bool,
    /// Whether it was started for the case's second look.
    #[serde(default, rename = "second_look", skip_serializing_if = "std::ops::Not::not")]
    pub is_for_follow_up: bool,
    /// Whether it was started because the one before it ended FAILED.
    #[serde(default, rename = "after_failure", skip_serializing_if = "std::ops::Not::not")]
    pub is_retry_after_failure: bool,
}

/// The time that an investigation looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Scope {
    /// Its beginning.
    pub start: Timestamp,
    /// Its end.
    pub end: Timestamp,
}

/// An account that sends nothing to the behavior graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OutsideGraph {
    /// Its id, as the finding's principal has it.
    pub account_id: String,
    /// How far it has come as a member; nothing where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::MemberStatus>"))]
    pub status: Option<MemberStatus>,
    /// Why it is accepted and disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::DisabledReason>"))]
    pub disabled_reason: Option<DisabledReason>,
}

/// Why there is no result of Detective's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NotInvestigated {
    /// The error's name: `DetectiveAccessDenied`, `InvestigationFailed`, … New ones may come.
    pub error: String,
    /// What happened, in a sentence.
    pub cause: String,
    /// Both in words, with what to do. Still to be escaped. Empty in messages of earlier releases.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub explanation: String,
    /// The account whose data are not in the graph, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_graph: Option<OutsideGraph>,
    /// The Region that was to be asked, where that is not the Region of `investigation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// A tactic and a technique that were observed, in the words of the service that observed them, on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Technique {
    /// Such as `Persistence`.
    pub tactic: String,
    /// Such as `Account Manipulation`.
    pub technique: String,
    /// MITRE ATT&CK's id of the tactic, such as `TA0003`; nothing where the name is none of ATT&CK's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tactic_id: Option<String>,
    /// MITRE ATT&CK's id of the technique or sub-technique, such as `T1098.001`; nothing where the name is none of ATT&CK's, or
    /// several have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technique_id: Option<String>,
}

/// Indicators of one kind, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct IndicatorGroup {
    /// Detective's name of the kind. New ones may come.
    pub kind: String,
    /// The kind in words, such as `flagged address`; Detective's own name for what this version does not know. Empty in messages of
    /// earlier releases.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// How many different ones there are.
    pub count: usize,
    /// Some of them in words, those of the highest weight first. Still to be escaped.
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
    /// The reason in words that an analyst understands, with what to do. Still to be escaped for the channel.
    #[must_use]
    pub fn explanation(&self) -> String {
        if self.explanation.is_empty() {
            not_investigated::explanation(&self.to_domain())
        } else {
            self.explanation.clone()
        }
    }

    /// Whether it says that Detective has no data of the principal's account.
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
    /// The kind in words.
    #[must_use]
    pub fn label(&self) -> &str {
        if !self.label.is_empty() {
            return &self.label;
        }
        let known = IndicatorKind::KNOWN.iter().find(|known| known.as_str() == self.kind);
        known.map_or(&self.kind, |known| indicator::kind(known))
    }
}
