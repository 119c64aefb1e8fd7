//! The setup of all parts: the functions as `sam build` makes them, their environment variables, and AWS's recorded responses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hyper::body::Bytes;
use local_cloud::{LocalCloud, Options, Profile};
use serde_json::Value;

use super::aws::Aws;
use super::events::ACCOUNT;
use super::function::Function;
use super::program::{Program, Variables};
use super::recording::Recording;
use super::trace_recorder;
use crate::Error;

/// The Python that requirements-benchmark.txt is installed for.
const PYTHON: &str = "target/tools/benchmark/bin/python";
/// The external id of the role in the findings' account.
const EXTERNAL_ID: &str = "benchmark";
/// The account that invites the stack's account to its graph.
pub(super) const ADMINISTRATOR: &str = "222233334444";
/// The parameter with the document of the behavior graph.
pub(super) const GRAPH_DOCUMENT: &str = "/gumshoe/graph";

/// A function, and the same function in Python.
pub(super) struct Programs {
    pub(super) own: Program,
    pub(super) python: Program,
}

/// An event of a function, and the calls of AWS that the function made for it.
pub(super) struct Workload {
    pub(super) name: &'static str,
    pub(super) function: Function,
    pub(super) event: Bytes,
    pub(super) recording: Recording,
}

/// The package of a function.
pub(super) struct Package {
    pub(super) function: Function,
    /// The size in bytes of the zip that `sam deploy` uploaded to the emulator.
    pub(super) zip: u32,
    /// The size in bytes of `bootstrap`.
    pub(super) binary: u64,
}

/// Everything that is measured, and the server that replays AWS's responses.
pub(super) struct Setup {
    pub(super) aws: Aws,
    pub(super) nothing: Program,
    pub(super) programs: BTreeMap<Function, Programs>,
    pub(super) packages: Vec<Package>,
    pub(super) workloads: Vec<Workload>,
}

impl Setup {
    /// Builds and deploys everything to a local cloud, runs each function there while its calls are recorded, and stops the local
    /// cloud.
    pub(super) async fn create(output: &Path) -> Result<Self, Error> {
        let aws = Aws::start().await?;
        let cloud = LocalCloud::start(&options()).await?;
        let root = cloud.tools().root().to_owned();
        let nothing = cloud.build_package("do-nothing", &print_progress).await?;
        cloud.deploy_member_role(ACCOUNT, EXTERNAL_ID).await?;
        trace_recorder::invite(&cloud).await?;
        let membership = [("Administrators", ADMINISTRATOR), ("LogRetentionDays", "1")];
        cloud.deploy_member_stack(&membership, &print_progress).await?;
        let graph = [("KeepGraph", "plan"), ("GraphDocument", GRAPH_DOCUMENT), ("LogRetentionDays", "1")];
        let graph = [&graph[..], &cloud.shared_topic_parameters()].concat();
        cloud.deploy_graph_stack(local_cloud::GRAPH_STACK, &graph, &print_progress).await?;

        print_progress("Recording the functions' calls of AWS …");
        let logs = output.join("functions");
        let python = Python::set_up(&root, output)?;
        std::fs::create_dir_all(&logs).map_err(Error::io(format!("could not create {}", logs.display())))?;
        let mut setup = Self {
            aws,
            nothing: Program::bootstrap("do-nothing", &copied(&nothing, &logs, "do-nothing")?, Variables::new(), &logs),
            programs: BTreeMap::new(),
            packages: Vec::new(),
            workloads: Vec::new(),
        };
        for function in Function::ALL {
            let (variables, zip) = deployed(&cloud, function).await?;
            let folder = function.folder(&root);
            let binary = std::fs::metadata(folder.join("bootstrap"));
            let binary = binary.map_err(Error::io(format!("no bootstrap in {}", folder.display())))?.len();
            setup.packages.push(Package { function, zip, binary });
            let folder = copied(&folder, &logs, function.name())?;
            let own = Program::bootstrap(function.name(), &folder, variables.clone(), &logs);
            let python = Program::python(&python.program, &function.python_module(), &python.folder, variables, &logs);
            setup.programs.insert(function, Programs { own, python });
        }
        trace_recorder::record(&cloud, &mut setup).await?;
        let calls: String =
            setup.workloads.iter().map(|it| format!("{}: {}\n", it.name, it.recording.summary())).collect();
        std::fs::write(logs.join("calls.txt"), calls).map_err(Error::io("could not write calls.txt"))?;
        let tools = cloud.tools().clone();
        drop(cloud);
        tools.remove_scratch_folder();
        Ok(setup)
    }

    /// Sets environment variables of a function, also of the one in Python.
    pub(super) fn change(&mut self, function: Function, variables: &[(&str, &str)]) {
        if let Some(Programs { own, python }) = self.programs.get_mut(&function) {
            own.change(variables);
            python.change(variables);
        }
    }

    pub(super) fn workload(&self, name: &str) -> Result<&Workload, Error> {
        let found = self.workloads.iter().find(|it| it.name == name);
        found.ok_or_else(|| Error::Function(format!("no calls were recorded of {name}")))
    }

    /// The programs of a function.
    pub(super) fn programs(&self, function: Function) -> Result<&Programs, Error> {
        self.programs.get(&function).ok_or_else(|| Error::Function(format!("{} was not built", function.name())))
    }
}

fn options() -> Options<'static> {
    let parameters = [
        ("MinimumSeverity", "1"),
        ("LogRetentionDays", "1"),
        ("MemberRoleName", "gumshoe-principals"),
        ("MemberRoleExternalId", EXTERNAL_ID),
    ];
    Options {
        port: None,
        profile: Profile::Release,
        wait_scale: 1.0,
        parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        durable: false,
        progress: &print_progress,
    }
}

/// Prints the progress: creating the setup takes minutes.
fn print_progress(line: &str) {
    println!("  {line}");
}

/// The environment variables of a deployed function, and the size of its zip in bytes.
async fn deployed(cloud: &LocalCloud, function: Function) -> Result<(Variables, u32), Error> {
    let name = local_cloud::deployed_name(function.name());
    let answer = cloud.api().get("lambda", &format!("/2015-03-31/functions/{name}")).await?;
    let configuration = &serde_json::from_str::<Value>(&answer)?["Configuration"];
    let variables = serde_json::from_value(configuration["Environment"]["Variables"].clone())?;
    let zip = configuration["CodeSize"].as_u64().and_then(|size| u32::try_from(size).ok());
    Ok((variables, zip.ok_or_else(|| Error::Function(format!("{name} has no size")))?))
}

/// Copies a function's program to a folder with its name, so that later builds do not change what is measured.
fn copied(folder: &Path, output: &Path, name: &str) -> Result<PathBuf, Error> {
    let uncopied = || Error::io(format!("could not copy the program of {name}"));
    let copy = output.join(name);
    std::fs::create_dir_all(&copy).map_err(uncopied())?;
    let copy = copy.canonicalize().map_err(uncopied())?;
    std::fs::copy(folder.join("bootstrap"), copy.join("bootstrap")).map_err(uncopied())?;
    Ok(copy)
}

/// The functions in Python, and their interpreter.
struct Python {
    program: PathBuf,
    folder: PathBuf,
}

impl Python {
    /// Copies the modules to a folder in which Python may write compiled files.
    fn set_up(root: &Path, output: &Path) -> Result<Self, Error> {
        let program = root.join(PYTHON);
        if !program.exists() {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Error::Io { what: format!("{PYTHON} is missing; `make bench` installs it"), source: missing });
        }
        let uncopied = || Error::io("could not copy tests/benchmark/python");
        let folder = output.join("python");
        std::fs::create_dir_all(&folder).map_err(uncopied())?;
        for file in std::fs::read_dir(root.join("tests/benchmark/python")).map_err(uncopied())? {
            let file = file.map_err(uncopied())?.path();
            if let Some(name) = file.file_name().filter(|_| file.extension().is_some_and(|it| it == "py")) {
                std::fs::copy(&file, folder.join(name)).map_err(uncopied())?;
            }
        }
        let folder = folder.canonicalize().map_err(uncopied())?;
        Ok(Self { program, folder })
    }
}
