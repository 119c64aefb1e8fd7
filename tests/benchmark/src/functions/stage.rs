//! What all parts need: the functions as `sam build` makes them, what they are deployed with, and what AWS answered them.

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
use super::walk;
use crate::Error;

/// The Python that requirements-benchmark.txt is installed for.
const PYTHON: &str = "target/tools/benchmark/bin/python";
/// What role there is in the findings' account asks for.
const EXTERNAL_ID: &str = "benchmark";
/// The account that invites the stack's own into its graph.
pub(super) const ADMINISTRATOR: &str = "222233334444";
/// What the behavior graph should be.
pub(super) const GRAPH_DOCUMENT: &str = "/gumshoe/graph";

/// A function, and what people would write instead.
pub(super) struct Programs {
    pub(super) own: Program,
    pub(super) python: Program,
}

/// Something that a function is to do, with what AWS answered when it did.
pub(super) struct Workload {
    pub(super) name: &'static str,
    pub(super) function: Function,
    pub(super) event: Bytes,
    pub(super) recording: Recording,
}

/// What is uploaded of a function.
pub(super) struct Package {
    pub(super) function: Function,
    /// The size of the zip, as the emulator's Lambda got it from `sam deploy`.
    pub(super) zip: u32,
    pub(super) binary: u64,
}

/// Everything that is measured.
pub(super) struct Stage {
    pub(super) aws: Aws,
    pub(super) nothing: Program,
    pub(super) programs: BTreeMap<Function, Programs>,
    pub(super) packages: Vec<Package>,
    pub(super) workloads: Vec<Workload>,
}

impl Stage {
    /// Builds and deploys everything to a local cloud, lets each function work on it while its calls are recorded, and
    /// ends the cloud.
    pub(super) async fn set(into: &Path) -> Result<Self, Error> {
        let aws = Aws::start().await?;
        let cloud = LocalCloud::start(&options()).await?;
        let root = cloud.tools().root().to_owned();
        let nothing = cloud.build_package("do-nothing", &say).await?;
        cloud.deploy_member_role(ACCOUNT, EXTERNAL_ID).await?;
        walk::invite(&cloud).await?;
        let membership = [("Administrators", ADMINISTRATOR), ("LogRetentionDays", "1")];
        cloud.deploy_member_stack(&membership, &say).await?;
        let graph = [("KeepGraph", "plan"), ("GraphDocument", GRAPH_DOCUMENT), ("LogRetentionDays", "1")];
        let graph = [&graph[..], &cloud.shared_topic_parameters()].concat();
        cloud.deploy_graph_stack(local_cloud::GRAPH_STACK, &graph, &say).await?;

        say("Recording what AWS answers the functions …");
        let logs = into.join("functions");
        let python = Python::set_up(&root, into)?;
        std::fs::create_dir_all(&logs).map_err(Error::io(format!("cannot make {}", logs.display())))?;
        let mut stage = Self {
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
            let binary = binary.map_err(Error::io(format!("{} has no function", folder.display())))?.len();
            stage.packages.push(Package { function, zip, binary });
            let folder = copied(&folder, &logs, function.name())?;
            let own = Program::bootstrap(function.name(), &folder, variables.clone(), &logs);
            let python = Program::python(&python.program, &function.module(), &python.folder, variables, &logs);
            stage.programs.insert(function, Programs { own, python });
        }
        walk::record(&cloud, &mut stage).await?;
        let calls: String =
            stage.workloads.iter().map(|it| format!("{}: {}\n", it.name, it.recording.in_words())).collect();
        std::fs::write(logs.join("calls.txt"), calls).map_err(Error::io("cannot write what was recorded"))?;
        let tools = cloud.tools().clone();
        drop(cloud);
        tools.remove_scratch_folder();
        Ok(stage)
    }

    /// Changes what a function is deployed with.
    pub(super) fn change(&mut self, function: Function, variables: &[(&str, &str)]) {
        if let Some(Programs { own, python }) = self.programs.get_mut(&function) {
            own.change(variables);
            python.change(variables);
        }
    }

    /// The workload of that name.
    pub(super) fn workload(&self, name: &str) -> Result<&Workload, Error> {
        let found = self.workloads.iter().find(|it| it.name == name);
        found.ok_or_else(|| Error::Function(format!("nothing was recorded of {name}")))
    }

    /// The program and what people would write instead.
    pub(super) fn programs(&self, function: Function) -> Result<&Programs, Error> {
        self.programs.get(&function).ok_or_else(|| Error::Function(format!("{} is not there", function.name())))
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
        progress: &say,
    }
}

/// Setting the stage takes long; it says what it does.
fn say(line: &str) {
    println!("  {line}");
}

/// What a function is deployed with, and the size of its zip.
async fn deployed(cloud: &LocalCloud, function: Function) -> Result<(Variables, u32), Error> {
    let name = local_cloud::deployed_name(function.name());
    let answer = cloud.api().get("lambda", &format!("/2015-03-31/functions/{name}")).await?;
    let configuration = &serde_json::from_str::<Value>(&answer)?["Configuration"];
    let variables = serde_json::from_value(configuration["Environment"]["Variables"].clone())?;
    let zip = configuration["CodeSize"].as_u64().and_then(|size| u32::try_from(size).ok());
    Ok((variables, zip.ok_or_else(|| Error::Function(format!("{name} has no size")))?))
}

/// A copy of a function's program, in a folder of its name: whatever is built meanwhile, this is measured.
fn copied(folder: &Path, into: &Path, name: &str) -> Result<PathBuf, Error> {
    let uncopied = || Error::io(format!("cannot copy {name}"));
    let copy = into.join(name);
    std::fs::create_dir_all(&copy).map_err(uncopied())?;
    let copy = copy.canonicalize().map_err(uncopied())?;
    std::fs::copy(folder.join("bootstrap"), copy.join("bootstrap")).map_err(uncopied())?;
    Ok(copy)
}

/// Where the functions in Python are, and what runs them.
struct Python {
    program: PathBuf,
    folder: PathBuf,
}

impl Python {
    /// Lays the modules out where Python may keep what it compiles of them.
    fn set_up(root: &Path, into: &Path) -> Result<Self, Error> {
        let program = root.join(PYTHON);
        if !program.exists() {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Error::Io { what: format!("{PYTHON} is missing; make bench installs it"), source: missing });
        }
        let uncopied = || Error::io("cannot lay out tests/benchmark/python");
        let folder = into.join("python");
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
