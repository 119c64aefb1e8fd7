//! The activity and the details of a finding as text. Escape them for the channel.

mod process;
mod sequence;
#[cfg(test)]
mod tests;

use gumshoe_domain::Finding;
use gumshoe_domain::finding::details::{KubernetesCaller, RemoteAccount};
use gumshoe_domain::finding::{Activity, ActivityResult, Details, Remote};

/// Number of API calls in the line of other calls.
const CALLS_MAX: usize = 6;

/// The account that owns the finding. Text that is not an account id is marked as invalid.
pub(crate) fn account(finding: &Finding) -> String {
    match finding.owner() {
        Some(id) => id.to_owned(),
        None => format!("{} (not an account id)", finding.account_id),
    }
}

/// An activity: its name, service, result, count, and the remote address.
pub(crate) fn activity(activity: &Activity) -> String {
    let service = activity.service.as_deref().map(|name| name.strip_suffix(".amazonaws.com").unwrap_or(name));
    let service = service.map(|name| format!(" ({name})")).unwrap_or_default();
    let result = match &activity.result {
        ActivityResult::Succeeded => ", succeeded".to_owned(),
        ActivityResult::Failed(error) => format!(", failed: {error}"),
        ActivityResult::Unknown => String::new(),
    };
    let count = activity.count.filter(|&count| count > 1).map(|count| format!(", {count} times")).unwrap_or_default();
    let remote = activity.remote.as_ref().map(remote).filter(|words| !words.is_empty());
    let towards = if activity.is_outbound { "to" } else { "from" };
    let remote = remote.map(|words| format!(", {towards} {words}")).unwrap_or_default();
    format!("{}{service}{result}{count}{remote}", activity.name)
}

/// Such as `198.51.100.23, Amsterdam, Netherlands, EXAMPLE-HOSTING`.
fn remote(remote: &Remote) -> String {
    let addresses = remote.ip_address.iter().chain(&remote.more_addresses);
    addresses.chain(&remote.place).chain(&remote.network).cloned().collect::<Vec<_>>().join(", ")
}

/// The details of a finding, one line for each, the most useful to an analyst first.
pub(crate) fn details(details: &Details) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(details.remote_account.as_ref().map(remote_account));
    lines.extend(details.kubernetes_caller.as_ref().map(kubernetes_caller));
    lines.extend(details.detection_rule.as_ref().map(|rule| format!("custom detection rule {rule}")));
    lines.extend(details.processes.iter().flat_map(process::process));
    lines.extend(details.containers.iter().map(process::container));
    lines.extend(details.workload.as_ref().map(|workload| format!("workload {workload}")));
    lines.extend(other_calls(details));
    lines.extend(details.sequence_indicators.iter().map(sequence::indicator));
    lines.extend(details.processes.iter().flat_map(process::further));
    lines
}

fn other_calls(details: &Details) -> Option<String> {
    let shown: Vec<String> = details.other_calls.iter().take(CALLS_MAX).map(activity).collect();
    let more = details.other_calls.len().saturating_sub(CALLS_MAX).saturating_add(details.omitted_other_calls);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    (!shown.is_empty()).then(|| format!("other API calls: {}{more}", shown.join("; ")))
}

fn remote_account(account: &RemoteAccount) -> String {
    let affiliated = match account.is_affiliated {
        Some(true) => ", affiliated with the finding's account",
        Some(false) => ", not affiliated with the finding's account",
        None => "",
    };
    let service = account.service.as_ref().map(|name| format!(", through {name}")).unwrap_or_default();
    format!("credentials used from account {}{affiliated}{service}", account.account_id)
}

fn kubernetes_caller(caller: &KubernetesCaller) -> String {
    let id = caller.unique_id.as_ref().map(|id| format!("unique id {id}"));
    let account = caller.account_id.as_ref().map(|id| format!("account {id}"));
    let session = caller.session.as_ref().map(|name| format!("session {name}"));
    let parts: Vec<String> = [id, account, session].into_iter().flatten().collect();
    format!("authenticated by IAM: {}", parts.join(", "))
}
