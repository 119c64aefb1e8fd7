//! GuardDuty findings, reduced to what a case needs.

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
/// Contains only what a case, a verdict or an alert uses: GuardDuty's document can be 240 KB, this record is about 1 KB (up to
/// 15 KB for an attack sequence). Text fields are as GuardDuty sent them, shortened but not escaped: each channel's renderer
/// escapes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// GuardDuty's id: 32 hexadecimal digits, the same in every update of the finding.
    pub id: String,
    /// The account that owns the finding (`detail.accountId`, or else the account in the finding's ARN), 12 digits. With a
    /// delegated administrator this is the member, not the account whose rule matched. Invalid text is kept for display: see
    /// [`Finding::owner`].
    pub account_id: String,
    /// The Region in which GuardDuty raised it.
    pub region: String,
    /// The partition of its ARNs: `aws`, `aws-cn`, `aws-us-gov`; `None` if the finding does not contain it.
    pub partition: Option<String>,
    /// Such as `UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom`. GuardDuty adds types, so this is not an enum.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// GuardDuty's severity, from 0 to 10.
    pub severity: Severity,
    /// GuardDuty's summary sentence. Contains names that attackers can choose.
    pub title: String,
    /// `resource.resourceType`; `None` if the finding does not contain it.
    pub resource_type: Option<String>,
    /// The principal that acted, or why Detective cannot investigate it.
    pub principal: Principal,
    /// The other principals that the finding names.
    #[serde(default)]
    pub others: Vec<StoredPrincipal>,
    /// The number of other principals that are not in `others`.
    #[serde(rename = "others_left_out", default)]
    pub omitted_others: usize,
    /// The activity that GuardDuty reports, and its remote addresses.
    #[serde(default)]
    pub activity: Vec<Activity>,
    /// Whether an investigation of the principal covers the activity. Undetermined in records of earlier releases.
    #[serde(rename = "concern", default)]
    pub activity_kind: ActivityKind,
    /// Whether it is about a pod that uses its host's network, so that it can act with its node's role.
    #[serde(rename = "host_network", default)]
    pub uses_host_network: bool,
    /// Processes, accounts, further calls and other details, for display only.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
    /// The access key that was used; `None` if the finding names none.
    pub access_key_id: Option<String>,
    /// The time of the first activity (`service.eventFirstSeen`).
    pub first_seen: Option<Timestamp>,
    /// The time of the last activity (`service.eventLastSeen`).
    pub last_seen: Option<Timestamp>,
    /// When GuardDuty last changed the finding. Together with `count` it distinguishes an update from a duplicate delivery.
    pub updated_at: Option<Timestamp>,
    /// How many times GuardDuty observed the activity (`service.count`).
    pub count: u64,
    /// `service.archived`: a user archived it manually.
    #[serde(rename = "archived")]
    pub is_archived: bool,
    /// `service.additionalInfo.sample`: created by CreateSampleFindings.
    #[serde(rename = "sample")]
    pub is_sample: bool,
    /// It contains the sample ids of CreateSampleFindings, which no user can choose, although it is not flagged as a sample.
    #[serde(rename = "placeholder", default)]
    pub has_sample_ids: bool,
}

/// Sorts findings for display: the most severe first; of equal severity, the latest first.
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
    /// The finding about its first principal, without lookups. [`ParsedFinding`] provides all principals.
    ///
    /// # Errors
    ///
    /// [`FindingError`] when the document is not a finding, with the path of what is missing or wrong.
    pub fn from_json(document: &serde_json::Value) -> Result<Self, FindingError> {
        ParsedFinding::from_json(document).map(ParsedFinding::into_finding_without_lookups)
    }

    /// As [`Finding::from_json`], from text.
    ///
    /// # Errors
    ///
    /// [`FindingError`] when the text is not JSON or not a finding.
    pub fn from_text(text: &str) -> Result<Self, FindingError> {
        ParsedFinding::from_text(text).map(ParsedFinding::into_finding_without_lookups)
    }

    /// The account that owns the finding; `None` if the finding contains no valid account id.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        Some(self.account_id.as_str()).filter(|id| is_account_id(id))
    }

    /// The values by which updates of the finding are distinguished.
    #[must_use]
    pub fn state(&self) -> FindingState {
        FindingState { severity: self.severity, count: self.count, updated_at: self.updated_at }
    }
}

/// A state of a finding: GuardDuty updates a finding while its activity continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FindingState {
    /// As in [`Finding::severity`].
    pub severity: Severity,
    /// As in [`Finding::count`].
    pub count: u64,
    /// As in [`Finding::updated_at`].
    pub updated_at: Option<Timestamp>,
}

impl FindingState {
    /// Whether this is a later state than `known`: `count` or `updated_at` is greater.
    #[must_use]
    pub fn is_newer_than(self, known: Self) -> bool {
        self.count > known.count || self.updated_at > known.updated_at
    }

    /// Whether the severity rose to a higher band than that of `known`.
    #[must_use]
    pub fn is_worse_than(self, known: Self) -> bool {
        self.severity.band() > known.severity.band()
    }
}
