//! Processes, containers and workloads.

use crate::finding::json_node::JsonNode;
use crate::text::one_line;
use serde::{Deserialize, Serialize};

/// Runtime Monitoring names one process, an attack sequence may name many.
const MAX_PROCESSES: usize = 4;
/// Maximum number of containers, and of files of a process.
const MAX_CONTAINERS_AND_FILES: usize = 3;
const MAX_NAME_CHARS: usize = 80;
/// Maximum length of a path or command.
const MAX_PATH_CHARS: usize = 200;

/// A process in a finding (`runtimeDetails.process` with its context, or an actor of an attack sequence). The user that runs a
/// process chooses its name, its paths and its arguments.
///
/// Source: GuardDuty API Reference, ProcessDetails and RuntimeContext.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The user id; 0 is root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<u64>,
    /// Its working directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    /// The process that started it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<ProcessName>,
    /// The process that it modified, if the finding is about that.
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

/// A parent or target process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// A container. The user that deploys it chooses its name and image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Container {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The id that the container runtime assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// The process of Runtime Monitoring, and the processes among the actors of an attack sequence.
pub(super) fn processes(detail: JsonNode<'_>) -> Vec<Process> {
    let runtime = of_runtime(detail.at("service.runtimeDetails"));
    let actors = detail.at("service.detection.sequence.actors").items().map(|actor| actor.get("process"));
    let of_sequence = actors.map(|process| Process {
        name: text(process, "name", MAX_NAME_CHARS),
        path: text(process, "path", MAX_PATH_CHARS),
        sha256: text(process, "sha256", MAX_NAME_CHARS),
        ..Process::default()
    });
    runtime.into_iter().chain(of_sequence).filter(|it| *it != Process::default()).take(MAX_PROCESSES).collect()
}

fn of_runtime(runtime: JsonNode<'_>) -> Option<Process> {
    let (process, context) = (runtime.get("process"), runtime.get("context"));
    runtime.exists().then(|| Process {
        name: text(process, "name", MAX_NAME_CHARS),
        path: text(process, "executablePath", MAX_PATH_CHARS),
        pid: process.get("pid").whole_number(),
        user: text(process, "user", MAX_NAME_CHARS),
        user_id: process.get("userId").whole_number(),
        working_directory: text(process, "pwd", MAX_PATH_CHARS),
        parent: parent(process),
        target: named(context.get("targetProcess")),
        script: text(context, "scriptPath", MAX_PATH_CHARS),
        command: text(context, "commandLineExample", MAX_PATH_CHARS),
        files: files(context),
        sha256: text(process, "executableSha256", MAX_NAME_CHARS),
    })
}

/// The ancestor that the process names as its parent, or else the first ancestor.
fn parent(process: JsonNode<'_>) -> Option<ProcessName> {
    let id = process.get("parentUuid").text();
    let is_parent = |ancestor: &JsonNode<'_>| id.is_some() && ancestor.get("uuid").text() == id;
    let lineage = || process.get("lineage").items();
    lineage().find(is_parent).or_else(|| lineage().next()).and_then(named)
}

fn named(process: JsonNode<'_>) -> Option<ProcessName> {
    let named = ProcessName {
        name: text(process, "name", MAX_NAME_CHARS),
        path: text(process, "executablePath", MAX_PATH_CHARS),
        pid: process.get("pid").whole_number(),
    };
    (named != ProcessName::default()).then_some(named)
}

fn files(context: JsonNode<'_>) -> Vec<String> {
    const PLACES: [&str; 8] = [
        "threatFilePath",
        "filePath",
        "libraryPath",
        "moduleFilePath",
        "runcBinaryPath",
        "releaseAgentPath",
        "socketPath",
        "shellHistoryFilePath",
    ];
    PLACES.iter().filter_map(|place| text(context, place, MAX_PATH_CHARS)).take(MAX_CONTAINERS_AND_FILES).collect()
}

/// The containers of the finding's resource, of its workload, and of its task.
pub(super) fn containers(resource: JsonNode<'_>) -> Vec<Container> {
    let own = [resource.get("containerDetails")].into_iter();
    let of_workload = resource.at("kubernetesDetails.kubernetesWorkloadDetails.containers").items();
    let of_task = resource.at("ecsClusterDetails.taskDetails.containers").items();
    let mut containers: Vec<Container> = Vec::new();
    for container in own.chain(of_workload).chain(of_task) {
        let container = Container {
            name: text(container, "name", MAX_NAME_CHARS),
            image: text(container, "image", MAX_PATH_CHARS),
            id: text(container, "id", MAX_NAME_CHARS),
        };
        if container != Container::default() && !containers.contains(&container) {
            containers.push(container);
        }
        if containers.len() == MAX_CONTAINERS_AND_FILES {
            break;
        }
    }
    containers
}

pub(super) fn workload(resource: JsonNode<'_>) -> Option<String> {
    let workload = resource.at("kubernetesDetails.kubernetesWorkloadDetails");
    let name = workload.get("name").text()?;
    let kind = workload.get("type").text().map(|kind| format!("{kind} ")).unwrap_or_default();
    let namespace = workload.get("namespace").text().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    Some(one_line(&format!("{kind}{namespace}{name}"), MAX_PATH_CHARS))
}

/// `None` if only invisible characters remain.
fn text(node: JsonNode<'_>, name: &str, limit: usize) -> Option<String> {
    node.get(name).text().map(|text| one_line(text, limit)).filter(|text| !text.is_empty())
}
