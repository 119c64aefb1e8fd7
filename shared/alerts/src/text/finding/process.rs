//! Processes and containers.

use gumshoe_domain::finding::details::{Container, Process, ProcessName};

/// A line that names the process, then one each for its parent, its target and its script.
pub(super) fn process(process: &Process) -> Vec<String> {
    let executable = executable(process.name.as_deref(), process.path.as_deref(), process.pid);
    let user = match (&process.user, process.user_id) {
        (Some(name), Some(id)) => Some(format!("user {name} (id {id})")),
        (Some(name), None) => Some(format!("user {name}")),
        (None, Some(id)) => Some(format!("user id {id}")),
        (None, None) => None,
    };
    let directory = process.working_directory.as_ref().map(|path| format!("in {path}"));
    let parts: Vec<String> = executable.into_iter().chain(user).chain(directory).collect();
    let mut lines = Vec::new();
    lines.extend((!parts.is_empty()).then(|| format!("process {}", parts.join(", "))));
    lines.extend(process.parent.as_ref().and_then(named).map(|it| format!("parent process {it}")));
    lines.extend(process.target.as_ref().and_then(named).map(|it| format!("target process {it}")));
    lines.extend(process.script.as_ref().map(|path| format!("script {path}")));
    lines
}

/// The remaining details of the process.
pub(super) fn further(process: &Process) -> Vec<String> {
    let command = process.command.iter().map(|command| format!("command {command}"));
    let files = process.files.iter().map(|path| format!("file {path}"));
    let hash = process.sha256.iter().map(|hash| format!("SHA-256 of the executable {hash}"));
    command.chain(files).chain(hash).collect()
}

pub(super) fn container(container: &Container) -> String {
    let Container { name, image, id } = container;
    let shown = name.as_deref().or(id.as_deref()).unwrap_or("without a name");
    let image = image.as_ref().map(|image| format!(", image {image}")).unwrap_or_default();
    let id = id.as_ref().filter(|_| name.is_some()).map(|id| format!(", id {id}")).unwrap_or_default();
    format!("container {shown}{image}{id}")
}

fn named(process: &ProcessName) -> Option<String> {
    executable(process.name.as_deref(), process.path.as_deref(), process.pid)
}

/// Such as `bash (/usr/bin/bash), pid 4711`.
fn executable(name: Option<&str>, path: Option<&str>, pid: Option<u64>) -> Option<String> {
    let executable = match (name, path) {
        (Some(name), Some(path)) => Some(format!("{name} ({path})")),
        (one, other) => one.or(other).map(str::to_owned),
    };
    let parts: Vec<String> = executable.into_iter().chain(pid.map(|pid| format!("pid {pid}"))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
