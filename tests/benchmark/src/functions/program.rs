//! A function's program, and its processes, which run as in Lambda.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use tokio::process::{Child, Command};

use super::runtime_api::{InvocationResult, RuntimeApi};
use super::usage::{self, Memory};
use crate::Error;

/// The maximum time until a process polls or answers.
const PROCESS_TIMEOUT: Duration = Duration::from_secs(60);

/// Environment variables.
pub(super) type Variables = BTreeMap<String, String>;

/// How a function is started.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// The name in messages and of its log.
    pub(super) name: String,
    command: PathBuf,
    arguments: Vec<String>,
    /// The working directory, which contains the function.
    folder: PathBuf,
    variables: Variables,
    log: PathBuf,
}

impl Program {
    /// A native function: `bootstrap` in `folder`.
    pub(super) fn bootstrap(name: &str, folder: &Path, variables: Variables, logs: &Path) -> Self {
        Self {
            name: name.to_owned(),
            command: folder.join("bootstrap"),
            arguments: Vec::new(),
            folder: folder.to_owned(),
            variables,
            log: logs.join(format!("{name}.log")),
        }
    }

    /// A function in Python, run by AWS's client of the Runtime API.
    pub(super) fn python(python: &Path, module: &str, folder: &Path, variables: Variables, logs: &Path) -> Self {
        Self {
            name: format!("{module}.py"),
            command: python.to_owned(),
            arguments: ["-m", "awslambdaric", &format!("{module}.handler")].map(str::to_owned).to_vec(),
            folder: folder.to_owned(),
            variables,
            log: logs.join(format!("{module}.py.log")),
        }
    }

    /// Sets environment variables.
    pub(super) fn change(&mut self, variables: &[(&str, &str)]) {
        self.variables.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    }

    /// Starts a process that calls AWS at that URL.
    pub(super) async fn start(&self, aws: &str) -> Result<Process, Error> {
        let api = RuntimeApi::start().await?;
        let unwritable = || Error::io(format!("could not write {}", self.log.display()));
        let output = std::fs::File::create(&self.log).map_err(unwritable())?;
        let errors = output.try_clone().map_err(unwritable())?;
        let mut command = Command::new(&self.command);
        command
            .args(&self.arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(of_lambda(&self.name, &self.folder))
            .envs(&self.variables)
            .env("AWS_LAMBDA_RUNTIME_API", api.address().to_string())
            .env("AWS_ENDPOINT_URL", aws)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .kill_on_drop(true);
        let started = Instant::now();
        let child = command.spawn().map_err(Error::io(format!("could not start {}", self.command.display())))?;
        Ok(Process { name: self.name.clone(), log: self.log.clone(), child, api, started })
    }
}

/// The variables that Lambda sets (AWS Lambda Developer Guide, "Defined runtime environment variables").
fn of_lambda(name: &str, folder: &Path) -> Variables {
    let folder = folder.display().to_string();
    [
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "measured"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        // The emulator's root account.
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("LAMBDA_TASK_ROOT", &folder),
        ("HOME", &folder),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// A process of a function. Dropping it ends the process.
pub(super) struct Process {
    name: String,
    log: PathBuf,
    child: Child,
    api: RuntimeApi,
    started: Instant,
}

impl Process {
    /// The time from the start to the first poll.
    pub(super) async fn first_poll(&mut self) -> Result<Duration, Error> {
        let polled = tokio::select! {
            polled = tokio::time::timeout(PROCESS_TIMEOUT, self.api.first_poll()) => polled.unwrap_or_else(|_| Err(late())),
            status = self.child.wait() => Err(Error::Function(format!("the process ended: {status:?}"))),
        };
        polled.map(|at| at.duration_since(self.started)).map_err(|error| self.named(error))
    }

    /// Sends an event and waits for the answer.
    pub(super) async fn invoke(&mut self, event: &Bytes) -> Result<InvocationResult, Error> {
        let answered = tokio::select! {
            answered = tokio::time::timeout(PROCESS_TIMEOUT, self.api.invoke(event)) => answered.unwrap_or_else(|_| Err(late())),
            status = self.child.wait() => Err(Error::Function(format!("the process ended: {status:?}"))),
        };
        answered.map_err(|error| self.named(error))
    }

    /// The time from the start to `at`.
    pub(super) fn age(&self, at: Instant) -> Duration {
        at.duration_since(self.started)
    }

    pub(super) fn memory(&self) -> Result<Memory, Error> {
        usage::memory(self.id())
    }

    pub(super) fn processor_time(&self) -> Result<Duration, Error> {
        usage::processor_time(self.id())
    }

    /// Ends the process and waits until it has ended.
    pub(super) async fn end(mut self) -> Result<(), Error> {
        self.child.kill().await.map_err(Error::io(format!("could not end the process of {}", self.name)))
    }

    /// The error with the function's name and the path of its log.
    pub(super) fn named(&self, error: Error) -> Error {
        Error::Function(format!("{}: {error}; see {}", self.name, self.log.display()))
    }

    fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }
}

fn late() -> Error {
    Error::Function(format!("the process did not respond for {} seconds", PROCESS_TIMEOUT.as_secs()))
}
