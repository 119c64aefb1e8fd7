//! A finding as an alert lists it.

use super::convert::{Convert, convert_enum, convert_struct};
use crate::text::finding as text;
use gumshoe_domain::case::FindingRecord;
use gumshoe_domain::finding::{self, Finding, Severity, details};
use gumshoe_domain::text::one_line;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Number of activities of a finding that an alert lists.
const ACTIVITIES_MAX: usize = 3;

/// A GuardDuty finding of the case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AlertFinding {
    /// GuardDuty's id of the finding.
    pub id: String,
    /// The finding type, such as `UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom`.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// GuardDuty's severity of the finding, from 0 to 10.
    #[cfg_attr(test, schemars(with = "f64"))]
    pub severity: Severity,
    /// GuardDuty's title of the finding, on one line; not escaped.
    pub title: String,
    /// The id of the account that owns the finding. Text that is not an account id is marked as invalid.
    pub account_id: String,
    /// The Region of the finding.
    pub region: String,
    /// How many times GuardDuty observed the activity.
    pub count: u64,
    /// Number of updates of the finding that were counted without an alert, because the finding had been alerted before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub suppressed: u64,
    /// When the activity was first observed.
    pub first_seen: Option<Timestamp>,
    /// When the activity was last observed.
    pub last_seen: Option<Timestamp>,
    /// The id of the access key that was used, if the finding has one.
    pub access_key_id: Option<String>,
    /// The first activities, each as a phrase: the call or connection, its result, and where it came from; not escaped.
    #[serde(default)]
    pub activity: Vec<String>,
    /// Further details of the finding: processes, containers, callers and indicators.
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
            activity: finding.activity.iter().take(ACTIVITIES_MAX).map(text::activity).collect(),
            details: finding.details.convert(),
        }
    }
}

/// Details of a finding in addition to its activity. Every member may be missing. Texts are on one line and shortened, but not
/// escaped; attackers can choose most of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Details {
    /// The process that Runtime Monitoring observed, or the processes among the actors of an attack sequence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Process>,
    /// The containers in the finding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Container>,
    /// The Kubernetes workload, such as `pods pay/ledger-7c9`: type, namespace and name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<String>,
    /// The account from which the call came, if it is not the finding's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_account: Option<RemoteAccount>,
    /// The IAM identity that EKS authenticated for the caller of the Kubernetes API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes_caller: Option<KubernetesCaller>,
    /// API calls of the finding in addition to the one in its action.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_calls: Vec<Activity>,
    /// Number of API calls that `other_calls` omits.
    #[serde(rename = "other_calls_left_out", skip_serializing_if = "is_zero_usize")]
    pub omitted_other_calls: usize,
    /// The custom detection rule that raised the finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detection_rule: Option<String>,
    /// The indicators of an attack sequence, the most important kinds first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequence_indicators: Vec<SequenceIndicator>,
}

/// A process in a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Process {
    /// The name of the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The path of the executable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The process id on the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u64>,
    /// The name of the user that ran the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The id of the user that ran the process; 0 is root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<u64>,
    /// The working directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    /// The parent process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<ProcessName>,
    /// The process that this process modified, if the finding is about that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<ProcessName>,
    /// The path of the script that was executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// An example of the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The files that the finding is about, such as malware, a library, a kernel module or a socket.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The SHA-256 hash of the executable, in hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// The name, path and id of another process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ProcessName {
    /// The name of the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The path of the executable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The process id on the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u64>,
}

/// A container in a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Container {
    /// The name of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The image of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The id that the container runtime assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// The other account that used the credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RemoteAccount {
    /// The account id. Text that is not an account id is unchanged.
    pub account_id: String,
    /// Whether, according to GuardDuty, the account is affiliated with the finding's account.
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
    /// The account of the IAM user or role: 12 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The name of the role's session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// An activity: an API call, a connection, or a signal of an attack sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Activity {
    /// The name of the API operation or of the activity, such as `CreateAccessKey`.
    pub name: String,
    /// The service that was called, such as `iam.amazonaws.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether the activity succeeded.
    pub result: ActivityResult,
    /// How many times the activity was observed. Missing if GuardDuty counts only the finding as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// When the activity was first observed, if that differs from the finding's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    /// When the activity was last observed, if that differs from the finding's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// Whether the connection was outbound: `remote` is then its destination, otherwise its source.
    #[serde(rename = "outbound", default)]
    pub is_outbound: bool,
    /// The remote address of the activity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<Remote>,
}

/// Whether an activity succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActivityResult {
    /// The activity succeeded.
    Succeeded,
    /// The activity failed with this error code.
    Failed(String),
    /// The finding does not state the result.
    Unknown,
}

/// The remote address of an activity, and what GuardDuty knows about it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Remote {
    /// The IPv4 or IPv6 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The addresses that follow `ip_address` in the source list of a Kubernetes audit log. The caller can forge all but the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_addresses: Vec<String>,
    /// The city and country, as far as GuardDuty knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The coordinates in degrees: latitude from -90 to 90, longitude from -180 to 180.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<(f64, f64)>,
    /// The organization that operates the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
}

/// The indicators of one kind in an attack sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SequenceIndicator {
    /// GuardDuty's name of the kind, such as `VULNERABILITY`. New kinds may be added.
    pub kind: String,
    /// GuardDuty's title, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Some of the values, such as addresses, API calls or ids of vulnerabilities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Number of values that `values` omits.
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
    /// Whether the finding has no details.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The details as text, one line for each, the most useful to an analyst first. Escape them for the channel.
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
