//! A GuardDuty finding, reduced to what a case needs of it.

mod activity;
mod activity_kind;
pub mod details;
mod document_kind;
mod extract;
mod json;
pub(crate) mod json_node;
mod known_types;
mod multiple_documents;
mod owner;
mod parse;
mod parsed;
mod sample;
mod severity;
mod timestamp;
mod value_limits;

pub use activity::{Activity, ActivityResult, Remote};
pub use activity_kind::ActivityKind;
pub use details::Details;
pub use document_kind::DocumentKind;
pub use json::read_json;
pub use known_types::known_types;
pub use parse::FindingError;
pub use parsed::ParsedFinding;
pub(crate) use parsed::is_ignored_service_linked_role;
pub use severity::{Severity, SeverityBand};
pub use value_limits::InvalidValue;

use crate::principal::arn::is_account_id;
use crate::principal::{Principal, StoredPrincipal};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One GuardDuty finding.
///
/// Only what a case, a verdict or an alert uses is kept: a whole finding can be 240 KB, a record of it here is about
/// 1 KB, that of an attack sequence up to 15 KB. Text fields are as GuardDuty sent them, shortened but not made safe: renderers do that, each for its channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// GuardDuty's id: 32 hexadecimal digits, the same at every re-publication.
    pub id: String,
    /// The account that owns the finding (`detail.accountId`, else that of the finding's ARN), 12 digits. With a
    /// delegated administrator this is the member, not the account whose rule fired. Text that is no account id is kept
    /// for reading: see [`Finding::owner`].
    pub account_id: String,
    /// The Region in which GuardDuty raised it.
    pub region: String,
    /// The partition of its ARNs: `aws`, `aws-cn`, `aws-us-gov`; nothing where the finding does not say.
    pub partition: Option<String>,
    /// Such as `UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom`. New ones keep coming: never a closed list.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// How bad GuardDuty thinks it is.
    pub severity: Severity,
    /// GuardDuty's sentence about it. Holds names that attackers choose.
    pub title: String,
    /// `resource.resourceType`, where the finding has one.
    pub resource_type: Option<String>,
    /// The principal behind it, or why there is none that Detective could investigate.
    pub principal: Principal,
    /// The other principals behind the same finding.
    #[serde(default)]
    pub others: Vec<StoredPrincipal>,
    /// How many more others there are.
    #[serde(rename = "others_left_out", default)]
    pub omitted_others: usize,
    /// What it says was done, and from where.
    #[serde(default)]
    pub activity: Vec<Activity>,
    /// What it is about, as far as an investigation of a principal can tell. What was stored before says nothing.
    #[serde(rename = "concern", default)]
    pub activity_kind: ActivityKind,
    /// Whether it is about a pod on its host's network, which can act with its node's role.
    #[serde(rename = "host_network", default)]
    pub uses_host_network: bool,
    /// What else it says of who and what took part.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
    /// The access key that was used, where the finding names one.
    pub access_key_id: Option<String>,
    /// When the activity began (`service.eventFirstSeen`).
    pub first_seen: Option<Timestamp>,
    /// When the activity was last seen (`service.eventLastSeen`).
    pub last_seen: Option<Timestamp>,
    /// When GuardDuty last changed the finding: with `count`, what tells a re-publication from a repeated delivery.
    pub updated_at: Option<Timestamp>,
    /// How often GuardDuty saw the activity (`service.count`).
    pub count: u64,
    /// `service.archived`: somebody archived it by hand.
    #[serde(rename = "archived")]
    pub is_archived: bool,
    /// `service.additionalInfo.sample`: made by CreateSampleFindings.
    #[serde(rename = "sample")]
    pub is_sample: bool,
    /// It bears ids that CreateSampleFindings makes up and nobody can choose, although it is not flagged as a sample.
    #[serde(rename = "placeholder", default)]
    pub has_sample_ids: bool,
}

/// Findings as people read them: the most severe first, of equal ones the latest.
#[must_use]
pub fn worst_first<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<&'a Finding> {
    let mut sorted: Vec<&Finding> = findings.into_iter().collect();
    sorted.sort_by(|a, b| {
        let by_severity = b.severity.value().total_cmp(&a.severity.value());
        by_severity.then_with(|| b.last_seen.cmp(&a.last_seen)).then_with(|| a.id.cmp(&b.id))
    });
    sorted
}

impl Finding {
    /// The finding about its first principal, without any look-up. [`ParsedFinding`] gives all of them.
    ///
    /// # Errors
    ///
    /// [`FindingError`] when the document is not a finding, with the path of what is missing or wrong.
    pub fn from_json(document: &serde_json::Value) -> Result<Self, FindingError> {
        ParsedFinding::from_json(document).map(ParsedFinding::into_finding_without_lookups)
    }

    /// The same, from text.
    ///
    /// # Errors
    ///
    /// [`FindingError`] when the text is not JSON or not a finding.
    pub fn from_text(text: &str) -> Result<Self, FindingError> {
        ParsedFinding::from_text(text).map(ParsedFinding::into_finding_without_lookups)
    }

    /// The account that owns the finding; nothing where what the finding gives is no account id.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        Some(self.account_id.as_str()).filter(|id| is_account_id(id))
    }

    /// What tells this state of it from another.
    #[must_use]
    pub fn state(&self) -> FindingState {
        FindingState { severity: self.severity, count: self.count, updated_at: self.updated_at }
    }
}

/// A state of a finding: GuardDuty publishes a finding again when its activity goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FindingState {
    /// Its severity.
    pub severity: Severity,
    /// As in [`Finding::count`].
    pub count: u64,
    /// As in [`Finding::updated_at`].
    pub updated_at: Option<Timestamp>,
}

impl FindingState {
    /// Whether this is a later state than `known`: GuardDuty changed it or counted further.
    #[must_use]
    pub fn is_newer_than(self, known: Self) -> bool {
        self.count > known.count || self.updated_at > known.updated_at
    }

    /// Whether the severity climbed into a higher band than `known` was in.
    #[must_use]
    pub fn is_worse_than(self, known: Self) -> bool {
        self.severity.band() > known.severity.band()
    }
}
