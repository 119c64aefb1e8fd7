//! Details of the worst findings as OCSF's `evidences`.

use crate::message::{Alert, AlertFinding, Process, ProcessName};
use crate::text::details::{self, LineLimit};
use gumshoe_domain::text::{defang, one_line};
use serde_json::{Map, Value, json};

/// Number of findings that have an entry.
const FINDINGS_MAX: usize = 6;
/// Limit of the details in each entry.
const DETAILS_LIMIT: LineLimit = LineLimit { lines: 10, chars: 200 };
/// OCSF's `type_id` of a regular file, and its `algorithm_id` of SHA-256.
const REGULAR_FILE: u8 = 1;
const SHA_256: u8 = 3;

/// An entry for each of the worst findings: its id, its details as text, and its process if it has one.
pub(super) fn evidences(alert: &Alert) -> Vec<Value> {
    alert.findings.iter().take(FINDINGS_MAX).filter_map(evidence).collect()
}

fn evidence(finding: &AlertFinding) -> Option<Value> {
    let lines = details::activity_and_detail_lines(finding, DETAILS_LIMIT, defang);
    if lines.is_empty() {
        return None;
    }
    let mut evidence = json!({"uid": one_line(&finding.id, 300), "data": {"details": lines}});
    if let Some(process) = finding.details.processes.first().and_then(process) {
        evidence["process"] = process;
    }
    Some(evidence)
}

fn process(process: &Process) -> Option<Value> {
    let mut members = process_members(process.name.as_deref(), process.path.as_deref(), process.pid)?;
    if let Some(command) = &process.command {
        members.insert("cmd_line".to_owned(), defang(command, 200).into());
    }
    if let Some(path) = &process.path {
        members.insert("file".to_owned(), file(path, process.sha256.as_deref()));
    }
    let user = [
        process.user.as_ref().map(|name| ("name", defang(name, 80))),
        process.user_id.map(|id| ("uid", id.to_string())),
    ];
    let user: Map<String, Value> =
        user.into_iter().flatten().map(|(name, value)| (name.to_owned(), value.into())).collect();
    if !user.is_empty() {
        members.insert("user".to_owned(), user.into());
    }
    if let Some(ProcessName { name, path, pid }) = &process.parent
        && let Some(parent) = process_members(name.as_deref(), path.as_deref(), *pid)
    {
        members.insert("parent_process".to_owned(), parent.into());
    }
    Some(members.into())
}

/// Name, path and id of a process; `None` if none of them is known.
fn process_members(name: Option<&str>, path: Option<&str>, pid: Option<u64>) -> Option<Map<String, Value>> {
    let name = name.or_else(|| path.map(file_name));
    let members = [
        name.map(|name| ("name", defang(name, 80).into())),
        path.map(|path| ("path", defang(path, 200).into())),
        pid.map(|pid| ("pid", pid.into())),
    ];
    let known: Map<String, Value> =
        members.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect();
    (!known.is_empty()).then_some(known)
}

fn file(path: &str, sha256: Option<&str>) -> Value {
    let mut file = json!({"name": defang(file_name(path), 80), "path": defang(path, 200), "type_id": REGULAR_FILE});
    if let Some(hash) = sha256 {
        file["hashes"] = json!([{"algorithm_id": SHA_256, "algorithm": "SHA-256", "value": defang(hash, 80)}]);
    }
    file
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn process_has_file_user_and_parent() {
        let evidences = evidences(&fixtures::workload().alert());
        let process = &evidences[0]["process"];
        assert_eq!((&process["name"], &process["pid"]), (&json!("bash"), &json!(4711)));
        assert_eq!(process["file"]["hashes"][0]["value"], "ab".repeat(32));
        assert_eq!(process["user"], json!({"name": "www-data", "uid": "33"}));
        assert_eq!(process["parent_process"]["name"], "php-fpm8.2");
        assert!(evidences[1].get("process").is_none(), "a call of the Kubernetes API has none");
    }

    #[test]
    fn every_entry_has_the_required_members() {
        for (name, case) in fixtures::all() {
            for evidence in evidences(&case.alert()) {
                assert!(evidence["data"].is_object() && evidence["uid"].is_string(), "{name}");
            }
        }
    }
}
