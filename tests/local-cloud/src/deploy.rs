//! `sam build` and `sam deploy`, as a user runs them.

use crate::error::CloudError;
use crate::profile::Profile;
use crate::tools::Tools;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::process::Command;

/// How often a long step says how far it is.
const POLL_INTERVAL: Duration = Duration::from_secs(10);
/// The case stack's environment in samconfig.toml.
const ENVIRONMENT: &str = "local";
/// Names the profile whose functions are built already, when several programs run side by side: two that lay out the
/// functions at the same time would take them from each other.
const BUILT: &str = "GUMSHOE_BUILT";
/// The longest that a cold build may take.
const BUILD_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// The longest that a deployment may take.
const DEPLOY_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Builds the functions: all at once, on every core, as `sam build` would do one after the other. What is left for
/// `sam build` is to find them built and to lay them out.
pub(crate) async fn build(tools: &Tools, progress: &dyn Fn(&str)) -> Result<(), CloudError> {
    if std::env::var_os(BUILT).is_some_and(|profile| profile == tools.profile().name()) {
        return Ok(());
    }
    run(tools, cargo_lambda(tools)?, "cargo lambda build", BUILD_TIMEOUT, progress).await?;
    let mut build = sam_build(tools, ENVIRONMENT, "infra/case/template.yaml");
    build.args(["--build-dir", tools.profile().stack_folder()]);
    run(tools, build, "sam build", BUILD_TIMEOUT, progress).await
}

/// Builds a package that is no function of the stack's as those are built, and gives the folder with its `bootstrap`. They
/// are named along with it: by itself it would have other features of what they share, and all of that would be built anew.
pub(crate) async fn build_package(tools: &Tools, name: &str, progress: &dyn Fn(&str)) -> Result<PathBuf, CloudError> {
    let mut command = cargo_lambda(tools)?;
    command.args(["--package", name]);
    run(tools, command, "cargo lambda build", BUILD_TIMEOUT, progress).await?;
    Ok(tools.profile().target_folder(tools.root()).join("lambda").join(name))
}

fn cargo_lambda(tools: &Tools) -> Result<std::process::Command, CloudError> {
    let mut command = tools.supervised_command("cargo");
    command.args(["lambda", "build", "--profile", tools.profile().name(), "--locked"]);
    for function in functions(tools)? {
        command.args(["--package", &function]);
    }
    Ok(command)
}

/// The functions, by the names of their folders.
pub(crate) fn functions(tools: &Tools) -> Result<Vec<String>, CloudError> {
    let entries = |folder: PathBuf| std::fs::read_dir(folder).map_err(CloudError::io("functions/ is gone"));
    let mut functions = Vec::new();
    let mut folders = vec![tools.root().join("functions")];
    while let Some(folder) = folders.pop() {
        for entry in entries(folder)?.flatten().map(|it| it.path()).filter(|it| it.is_dir()) {
            // A folder of functions has no package of its own.
            if entry.join("Cargo.toml").is_file() {
                functions.extend(entry.file_name().map(|it| it.to_string_lossy().into_owned()));
            } else {
                folders.push(entry);
            }
        }
    }
    Ok(functions)
}

/// A stack that is deployed beside the case stack, by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    /// `infra/graph/template.yaml`.
    Graph,
    /// `infra/graph/member.yaml`.
    Member,
}

impl Beside {
    fn template(self) -> &'static str {
        match self {
            Self::Graph => "infra/graph/template.yaml",
            Self::Member => "infra/graph/member.yaml",
        }
    }

    /// Its environment in samconfig.toml.
    fn environment(self) -> &'static str {
        match self {
            Self::Graph => "graph-local",
            Self::Member => "member-local",
        }
    }

    /// What its commands are called, and their logs.
    fn commands(self) -> (&'static str, &'static str) {
        match self {
            Self::Graph => ("sam build graph", "sam deploy graph"),
            Self::Member => ("sam build member", "sam deploy member"),
        }
    }
}

/// Builds and deploys such a stack to the emulator, under that name.
pub(crate) async fn deploy_beside(
    tools: &Tools,
    endpoint: &str,
    (kind, stack): (Beside, &str),
    parameters: &[(&str, &str)],
    progress: &dyn Fn(&str),
) -> Result<(), CloudError> {
    let folder = tools.profile().folder_beside(kind);
    let (building, deploying) = kind.commands();
    let mut build = sam_build(tools, kind.environment(), kind.template());
    build.args(["--build-dir", folder]);
    run(tools, build, building, BUILD_TIMEOUT, progress).await?;
    // SAM reads a value to the next space, unless it is in quotes.
    let mut arguments = vec!["--stack-name".to_owned(), stack.to_owned(), "--parameter-overrides".to_owned()];
    arguments.extend(parameters.iter().map(|(name, value)| format!("{name}=\"{value}\"")));
    sam_deploy(tools, endpoint, (kind.environment(), deploying), Path::new(folder), &arguments, progress).await
}

/// A folder for PYTHONPATH: SAM then compresses less.
const QUICK_ZIP: &str = "tests/local-cloud/src/quick_zip";

/// Seconds between two looks of `sam deploy` at a stack; it waits for 5 by default, as AWS takes longer than an emulator.
const POLL_DELAY: &str = "0.2";

/// Where a command finds AWS, and with which credentials.
pub(crate) fn on_emulator<'a>(command: &'a mut std::process::Command, endpoint: &str) -> &'a mut std::process::Command {
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", crate::api::REGION)
        .env("SAM_CLI_POLL_DELAY", POLL_DELAY)
        .env("NO_PROXY", "127.0.0.1,localhost")
        .env("no_proxy", "127.0.0.1,localhost")
}

/// Deploys the stack to the emulator.
pub(crate) async fn deploy(
    tools: &Tools,
    endpoint: &str,
    folder: &Path,
    parameters: &[(String, String)],
    progress: &dyn Fn(&str),
) -> Result<(), CloudError> {
    let configured = std::fs::read_to_string(tools.root().join("samconfig.toml"));
    let mut arguments = vec!["--parameter-overrides".to_owned()];
    arguments.extend(overrides(&configured.map_err(CloudError::io("samconfig.toml cannot be read"))?));
    arguments.extend(parameters.iter().map(|(name, value)| format!("{name}={value}")));
    sam_deploy(tools, endpoint, (ENVIRONMENT, "sam deploy"), folder, &arguments, progress).await
}

/// Deploys what `sam build` laid out in the folder, as an environment of samconfig.toml has it. `name` is the command's.
async fn sam_deploy(
    tools: &Tools,
    endpoint: &str,
    (environment, name): (&str, &'static str),
    folder: &Path,
    arguments: &[String],
    progress: &dyn Fn(&str),
) -> Result<(), CloudError> {
    let mut command = sam(tools, "deploy", environment);
    command.args(["--template-file", &folder.join("template.yaml").to_string_lossy(), "--no-progressbar"]);
    if tools.profile() == Profile::Local {
        command.env("PYTHONPATH", tools.root().join(QUICK_ZIP));
    }
    on_emulator(&mut command, endpoint).args(arguments);
    run(tools, command, name, DEPLOY_TIMEOUT, progress).await
}

/// The parameters that samconfig.toml sets for `local`. SAM does not read them where the command line has parameters.
fn overrides(samconfig: &str) -> Vec<String> {
    let local = samconfig.split("\n[").find(|table| table.starts_with("local.deploy.parameters]"));
    let line = local.and_then(|table| table.lines().find_map(|line| line.strip_prefix("parameter_overrides = ")));
    line.into_iter().flat_map(|text| text.trim_matches('"').split_whitespace()).map(str::to_owned).collect()
}

fn sam_build(tools: &Tools, environment: &str, template: &str) -> std::process::Command {
    let mut command = sam(tools, "build", environment);
    command
        .args(["--template-file", template, "--parallel"])
        .envs(tools.profile().sam_build_variables().iter().copied());
    command
}

fn sam(tools: &Tools, subcommand: &str, environment: &str) -> std::process::Command {
    let mut command = tools.supervised_command(tools.program_path("sam"));
    command
        .arg(subcommand)
        .args(["--config-env", environment, "--config-file"])
        .arg(tools.root().join("samconfig.toml"));
    command
}

async fn run(
    tools: &Tools,
    command: std::process::Command,
    name: &'static str,
    timeout: Duration,
    progress: &dyn Fn(&str),
) -> Result<(), CloudError> {
    let log = tools.scratch_folder()?.join(format!("{}.log", name.replace(' ', "-")));
    let mut command = Command::from(command);
    let unwritable = |source| CloudError::Io { what: format!("{} cannot be written", log.display()), source };
    let output = File::create(&log).map_err(unwritable)?;
    let errors = output.try_clone().map_err(unwritable)?;
    command.stdout(output).stderr(errors);
    let started = Instant::now();
    let mut child = command.spawn().map_err(CloudError::io(format!("{name} cannot be started")))?;
    let _pipe = child.stdin.take(); // waiting would close it, and so end the command
    loop {
        match tokio::time::timeout(POLL_INTERVAL, child.wait()).await {
            Ok(Ok(status)) if status.success() => return Ok(()),
            Ok(Ok(_)) => return Err(CloudError::Command { command: name, said: telling_line(&log), log }),
            Ok(Err(source)) => return Err(CloudError::Io { what: format!("{name} cannot be waited for"), source }),
            Err(_) if started.elapsed() > timeout => {
                return Err(CloudError::TimedOut {
                    what: format!("{name}, whose output is in {}", log.display()),
                    seconds: timeout.as_secs(),
                    hint: Some(telling_line(&log)),
                });
            }
            Err(_) => progress(&format!("  {:>4} s  {}", started.elapsed().as_secs(), last_line(&log))),
        }
    }
}

/// The line of a log that tells most about a failure: the first that names an error, else the last.
fn telling_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let names_an_error = |line: &&str| {
        ["error", "Error", "CREATE_FAILED", "failed"].iter().any(|word| line.contains(word))
            && !line.contains("0 errors")
    };
    let line = text.lines().find(names_an_error).map(str::to_owned);
    line.unwrap_or_else(|| last_line(log)).trim().chars().take(300).collect()
}

fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("…");
    line.trim().chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_the_local_cloud_are_those_that_samconfig_sets() {
        let samconfig = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samconfig.toml")).unwrap();
        assert_eq!(overrides(&samconfig), ["LocalCloud=true"]);
        assert!(overrides("[dev.deploy.parameters]\nparameter_overrides = \"A=b\"\n").is_empty());
    }

    /// By SAM's own function: how SAM hands files over decides whether it works.
    #[test]
    fn sam_compresses_less_with_quick_zip() {
        let tools = Tools::find(Profile::Local).unwrap();
        let program = "import os, sys; from samcli.lib.package.utils import make_zip_with_lambda_permissions as make_zip\n\
                       print(os.path.getsize(make_zip(*sys.argv[1:])))";
        let scratch = tools.scratch_folder().unwrap().join(format!("quick-zip-{}", std::process::id()));
        let zipped = |path: &Path| -> u64 {
            let mut command = std::process::Command::new(tools.program_path("python"));
            command.args(["-c", program]).arg(&scratch).arg(tools.root().join("infra/verify")).env("PYTHONPATH", path);
            let output = command.output().unwrap();
            let size = String::from_utf8_lossy(&output.stdout).trim().parse();
            size.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
        };
        let (quick, usual) = (zipped(&tools.root().join(QUICK_ZIP)), zipped(Path::new("")));
        std::fs::remove_file(scratch.with_extension("zip")).unwrap();
        assert!(quick > usual, "{quick} bytes, and {usual} at zlib's default level");
    }
}
