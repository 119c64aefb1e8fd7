//! A finding as an alert lists it.

use super::convert::{Convert, convert_enum, convert_struct};
use crate::text::finding as text;
use gumshoe_domain::case::FindingRecord;
use gumshoe_domain::finding::{self, Finding, Severity, details};
use gumshoe_domain::text::one_line;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many activities of a finding an alert lists.
const ACTIVITIES_LISTED: usize = 3;

/// A finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AlertFinding {
    /// GuardDuty's id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// Its severity, from 0 to 10.
    #[cfg_attr(test, schemars(with = "f64"))]
    pub severity: Severity,
    /// GuardDuty's sentence, on one line. Still to be escaped.
    pub title: String,
    /// The account that owns it; text that is no account id is marked as such.
    pub account_id: String,
    /// The Region that raised it.
    pub region: String,
    /// How often GuardDuty saw the activity.
    pub count: u64,
    /// How often it came again so far without an alert, as people had been alerted of it before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub suppressed: u64,
    /// When the activity began.
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
    /// The access key in it.
    pub access_key_id: Option<String>,
    /// What was done and from where, in words; the first few. Still to be escaped.
    #[serde(default)]
    pub activity: Vec<String>,
    /// What else it says of who and what took part.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
}

impl AlertFinding {
    pub(super) fn of(finding: &Finding, records: &[FindingRecord]) -> Self {
        let record = records.iter().find(|record| record.finding.id == finding.id);
        Self {
            id: finding.id.clone(),
            finding_type: one_line(&finding.finding_type, 120),
            severity: finding.severity,
            title: one_line(&finding.title, 300),
            account_id: text::account(finding),
            region: finding.region.clone(),
            count: finding.count,
            suppressed: record.map_or(0, |record| record.suppressed_count),
            first_seen: finding.first_seen,
            last_seen: finding.last_seen,
            access_key_id: finding.access_key_id.as_deref().map(|id| one_line(id, 128)),
            activity: finding.activity.iter().take(ACTIVITIES_LISTED).map(text::activity).collect(),
            details: finding.details.convert(),
        }
    }
}

/// What a finding says beside its activity; every part may be missing. Texts are on one line and shortened, and still to be
/// escaped: attackers choose most of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Details {
    /// The process that Runtime Monitoring saw, or the processes among the actors of an attack sequence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Process>,
    /// The containers that the finding names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Container>,
    /// The Kubernetes workload, such as `pods pay/ledger-7c9`: type, namespace and name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<String>,
    /// The account that the call came from, where it is another than the finding's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_account: Option<RemoteAccount>,
    /// The caller of the Kubernetes API, as EKS authenticated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes_caller: Option<KubernetesCaller>,
    /// API calls of the same finding, beside the one in its action.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_calls: Vec<Activity>,
    /// How many more of them there are.
    #[serde(rename = "other_calls_left_out", skip_serializing_if = "is_zero_usize")]
    pub omitted_other_calls: usize,
    /// The custom detection rule that raised the finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detection_rule: Option<String>,
    /// What GuardDuty recognized an attack sequence by, the most important kinds first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequence_indicators: Vec<SequenceIndicator>,
}

/// A process that took part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Process {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The path of its executable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its id on the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u64>,
    /// The user that ran it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// That user's id; 0 is root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<u64>,
    /// The directory that it ran in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    /// The process that started it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<ProcessName>,
    /// The process that it changed, where the finding is about that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<ProcessName>,
    /// The script that was executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// An example of its command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Files that the finding is about: a threat, a library, a module, a socket.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The SHA-256 of its executable, in hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Another process, in short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ProcessName {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The path of its executable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its id on the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u64>,
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Container {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its id, as the container runtime gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// The account that used the credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RemoteAccount {
    /// Its id. Text that is no account id is kept as it came.
    pub account_id: String,
    /// Whether GuardDuty says that the account is affiliated with the finding's.
    #[serde(rename = "affiliated", default, skip_serializing_if = "Option::is_none")]
    pub is_affiliated: Option<bool>,
    /// The AWS service through which the call came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// The IAM principal that EKS authenticated a Kubernetes user as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KubernetesCaller {
    /// The unique id of the IAM user or role (`AIDA…`, `AROA…`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// The account in which it is: 12 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The name of the role's session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// One thing that was done: an API call, a connection, a signal of an attack sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Activity {
    /// Such as `CreateAccessKey`.
    pub name: String,
    /// The service that was called, such as `iam.amazonaws.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether it worked.
    pub result: ActivityResult,
    /// How often it was seen; nothing where only the finding as a whole is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// When it was first seen, where that differs from the finding's own time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// Whether it went out, so that the remote is where to and not where from.
    #[serde(rename = "outbound", default)]
    pub is_outbound: bool,
    /// Where it came from, or what was spoken to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<Remote>,
}

/// Whether an activity worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActivityResult {
    /// It did.
    Succeeded,
    /// It was refused, with that error.
    Failed(String),
    /// The finding does not say.
    Unknown,
}

/// The other side of an activity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Remote {
    /// IPv4 or IPv6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The addresses after it in the list of a Kubernetes audit log. The caller can make up all but the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_addresses: Vec<String>,
    /// City and country, as far as GuardDuty knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Where that is, in degrees: latitude from -90 to 90, longitude from -180 to 180.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<(f64, f64)>,
    /// The organization behind the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
}

/// The indicators of one kind in an attack sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SequenceIndicator {
    /// GuardDuty's name of the kind, such as `VULNERABILITY`. New ones may come.
    pub kind: String,
    /// GuardDuty's title, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Some of what was seen, such as addresses, API calls or ids of vulnerabilities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// How many more there are.
    #[serde(rename = "values_left_out", default, skip_serializing_if = "is_zero_usize")]
    pub omitted_values: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_zero_usize(count: &usize) -> bool {
    *count == 0
}

impl Details {
    /// Whether the finding says nothing of the kind.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What it says, a line for each part, what tells an analyst most first. Still to be escaped for the channel.
    #[must_use]
    pub fn description_lines(&self) -> Vec<String> {
        text::details(&self.convert())
    }
}

convert_struct!(
    Details = finding::Details {
        processes,
        containers,
        workload,
        remote_account,
        kubernetes_caller,
        other_calls,
        omitted_other_calls,
        detection_rule,
        sequence_indicators
    }
);
convert_struct!(
    Process = details::Process {
        name,
        path,
        pid,
        user,
        user_id,
        working_directory,
        parent,
        target,
        script,
        command,
        files,
        sha256
    }
);
convert_struct!(ProcessName = details::ProcessName { name, path, pid });
convert_struct!(Container = details::Container { name, image, id });
convert_struct!(RemoteAccount = details::RemoteAccount { account_id, is_affiliated, service });
convert_struct!(KubernetesCaller = details::KubernetesCaller { unique_id, account_id, session });
convert_struct!(
    Activity = finding::Activity { name, service, result, count, first_seen, last_seen, is_outbound, remote }
);
convert_enum!(ActivityResult = finding::ActivityResult { Succeeded, Failed(error), Unknown });
convert_struct!(Remote = finding::Remote { ip_address, more_addresses, place, position, network });
convert_struct!(SequenceIndicator = details::SequenceIndicator { kind, title, values, omitted_values });
