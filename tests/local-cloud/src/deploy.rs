//! Runs `sam build` and `sam deploy` as a user would.

use crate::error::CloudError;
use crate::profile::Profile;
use crate::tools::Tools;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::process::Command;

/// Interval between progress lines of a long command.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(10);
/// The case stack's environment in samconfig.toml.
const SAM_ENVIRONMENT: &str = "local";
/// The variable that names the profile whose functions are already built. It is set when several programs run in parallel: two
/// builds at the same time would overwrite each other's output.
const PREBUILT_PROFILE_VARIABLE: &str = "GUMSHOE_BUILT";
/// Timeout of a build with an empty cache.
const BUILD_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Timeout of a deployment.
const DEPLOY_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Builds all functions in parallel; `sam build` alone would build them one after the other. `sam build` then finds them built
/// and only lays out the folders.
pub(crate) async fn build(tools: &Tools, progress: &dyn Fn(&str)) -> Result<(), CloudError> {
    if std::env::var_os(PREBUILT_PROFILE_VARIABLE).is_some_and(|profile| profile == tools.profile().name()) {
        return Ok(());
    }
    run(tools, cargo_lambda(tools)?, "cargo lambda build", BUILD_TIMEOUT, progress).await?;
    let mut build = sam_build(tools, SAM_ENVIRONMENT, "infra/case/template.yaml");
    build.args(["--build-dir", tools.profile().stack_folder()]);
    run(tools, build, "sam build", BUILD_TIMEOUT, progress).await
}

/// Builds a package that is not a function of the stack with the same settings; returns the folder with its `bootstrap`. The
/// command also names the functions: otherwise Cargo would unify other features of the shared crates and rebuild them.
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

/// The functions, by folder name.
pub(crate) fn functions(tools: &Tools) -> Result<Vec<String>, CloudError> {
    let entries = |folder: PathBuf| {
        std::fs::read_dir(folder).map_err(CloudError::io("could not list functions/; run from the repository root"))
    };
    let mut functions = Vec::new();
    let mut folders = vec![tools.root().join("functions")];
    while let Some(folder) = folders.pop() {
        for entry in entries(folder)?.flatten().map(|it| it.path()).filter(|it| it.is_dir()) {
            // A folder that only groups functions has no Cargo.toml.
            if entry.join("Cargo.toml").is_file() {
                functions.extend(entry.file_name().map(|it| it.to_string_lossy().into_owned()));
            } else {
                folders.push(entry);
            }
        }
    }
    Ok(functions)
}

/// A stack that is deployed in addition to the case stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExtraStack {
    /// `infra/graph/template.yaml`.
    Graph,
    /// `infra/graph/member.yaml`.
    Member,
}

impl ExtraStack {
    fn template(self) -> &'static str {
        match self {
            Self::Graph => "infra/graph/template.yaml",
            Self::Member => "infra/graph/member.yaml",
        }
    }

    /// The stack's environment in samconfig.toml.
    fn environment(self) -> &'static str {
        match self {
            Self::Graph => "graph-local",
            Self::Member => "member-local",
        }
    }

    /// The names of the build and the deploy command, which also name their logs.
    fn commands(self) -> (&'static str, &'static str) {
        match self {
            Self::Graph => ("sam build graph", "sam deploy graph"),
            Self::Member => ("sam build member", "sam deploy member"),
        }
    }
}

/// Builds an extra stack and deploys it to the emulator under the given name.
pub(crate) async fn deploy_extra_stack(
    tools: &Tools,
    endpoint: &str,
    (kind, stack): (ExtraStack, &str),
    parameters: &[(&str, &str)],
    progress: &dyn Fn(&str),
) -> Result<(), CloudError> {
    let folder = tools.profile().folder_of(kind);
    let (building, deploying) = kind.commands();
    let mut build = sam_build(tools, kind.environment(), kind.template());
    build.args(["--build-dir", folder]);
    run(tools, build, building, BUILD_TIMEOUT, progress).await?;
    // SAM ends an unquoted value at the next space.
    let mut arguments = vec!["--stack-name".to_owned(), stack.to_owned(), "--parameter-overrides".to_owned()];
    arguments.extend(parameters.iter().map(|(name, value)| format!("{name}=\"{value}\"")));
    sam_deploy(tools, endpoint, (kind.environment(), deploying), Path::new(folder), &arguments, progress).await
}

/// A folder for PYTHONPATH that makes SAM compress less.
const FAST_ZIP_PATH: &str = "tests/local-cloud/src/fast_zip";

/// Poll interval of `sam deploy`, in seconds. The default of 5 fits AWS, which is slower than the emulator.
const POLL_DELAY_SECONDS: &str = "0.2";

/// Sets the endpoint and the credentials of the emulator for a command.
pub(crate) fn on_emulator<'a>(command: &'a mut std::process::Command, endpoint: &str) -> &'a mut std::process::Command {
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", crate::api::REGION)
        .env("SAM_CLI_POLL_DELAY", POLL_DELAY_SECONDS)
        .env("NO_PROXY", "127.0.0.1,localhost")
        .env("no_proxy", "127.0.0.1,localhost")
}

/// Deploys the case stack to the emulator.
pub(crate) async fn deploy(
    tools: &Tools,
    endpoint: &str,
    folder: &Path,
    parameters: &[(String, String)],
    progress: &dyn Fn(&str),
) -> Result<(), CloudError> {
    let configured = std::fs::read_to_string(tools.root().join("samconfig.toml"));
    let mut arguments = vec!["--parameter-overrides".to_owned()];
    arguments.extend(overrides(
        &configured.map_err(CloudError::io("could not read samconfig.toml; run from the repository root"))?,
    ));
    arguments.extend(parameters.iter().map(|(name, value)| format!("{name}={value}")));
    sam_deploy(tools, endpoint, (SAM_ENVIRONMENT, "sam deploy"), folder, &arguments, progress).await
}

/// Deploys what `sam build` laid out in the folder, with an environment of samconfig.toml. `name` is the command's name.
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
        command.env("PYTHONPATH", tools.root().join(FAST_ZIP_PATH));
    }
    on_emulator(&mut command, endpoint).args(arguments);
    run(tools, command, name, DEPLOY_TIMEOUT, progress).await
}

/// The parameters that samconfig.toml sets for `local`. SAM ignores them if the command line has parameters.
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
    let unwritable = |source| CloudError::Io { what: format!("could not write {}", log.display()), source };
    let output = File::create(&log).map_err(unwritable)?;
    let errors = output.try_clone().map_err(unwritable)?;
    command.stdout(output).stderr(errors);
    let started = Instant::now();
    let mut child = command.spawn().map_err(CloudError::io(format!("could not start {name}")))?;
    let _pipe = child.stdin.take(); // child.wait() would close stdin, which stops the command
    loop {
        match tokio::time::timeout(PROGRESS_INTERVAL, child.wait()).await {
            Ok(Ok(status)) if status.success() => return Ok(()),
            Ok(Ok(_)) => return Err(CloudError::Command { command: name, line: most_relevant_line(&log), log }),
            Ok(Err(source)) => return Err(CloudError::Io { what: format!("could not wait for {name}"), source }),
            Err(_) if started.elapsed() > timeout => {
                return Err(CloudError::TimedOut {
                    what: format!("{name}; its output is in {}", log.display()),
                    seconds: timeout.as_secs(),
                    hint: Some(most_relevant_line(&log)),
                });
            }
            Err(_) => progress(&format!("  {:>4} s  {}", started.elapsed().as_secs(), last_line(&log))),
        }
    }
}

/// The first line of a log that contains an error, otherwise the last line.
fn most_relevant_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let has_error = |line: &&str| {
        ["error", "Error", "CREATE_FAILED", "failed"].iter().any(|word| line.contains(word))
            && !line.contains("0 errors")
    };
    let line = text.lines().find(has_error).map(str::to_owned);
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
    fn overrides_are_read_from_samconfig() {
        let samconfig = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samconfig.toml")).unwrap();
        assert_eq!(overrides(&samconfig), ["LocalCloud=true"]);
        assert!(overrides("[dev.deploy.parameters]\nparameter_overrides = \"A=b\"\n").is_empty());
    }

    /// Uses SAM's own function, because the effect depends on how SAM passes files to zipfile.
    #[test]
    fn sam_compresses_less_with_fast_zip() {
        let tools = Tools::find(Profile::Local).unwrap();
        let program = "import os, sys; from samcli.lib.package.utils import make_zip_with_lambda_permissions as make_zip\n\
                       print(os.path.getsize(make_zip(*sys.argv[1:])))";
        let scratch = tools.scratch_folder().unwrap().join(format!("fast-zip-{}", std::process::id()));
        let zipped = |path: &Path| -> u64 {
            let mut command = std::process::Command::new(tools.program_path("python"));
            command.args(["-c", program]).arg(&scratch).arg(tools.root().join("infra/verify")).env("PYTHONPATH", path);
            let output = command.output().unwrap();
            let size = String::from_utf8_lossy(&output.stdout).trim().parse();
            size.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
        };
        let (fast, default) = (zipped(&tools.root().join(FAST_ZIP_PATH)), zipped(Path::new("")));
        std::fs::remove_file(scratch.with_extension("zip")).unwrap();
        assert!(fast > default, "{fast} bytes, and {default} bytes at zlib's default level");
    }
}
