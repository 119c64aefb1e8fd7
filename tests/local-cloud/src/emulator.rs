//! Runs the AWS emulator (ministack) on a loopback port, in a clean environment.

use crate::error::CloudError;
use crate::proxy::SERVICES;
use crate::tools::Tools;
use std::fs::File;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdin};
use std::time::Duration;

/// Timeout of the emulator's start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Interval between health checks.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The folders of the state that a durable emulator persists.
const STATE_FOLDER: &str = "state";
const OBJECTS_FOLDER: &str = "objects";

/// A running emulator. Dropping it stops it and every function that it started.
#[derive(Debug)]
pub(crate) struct Emulator {
    supervisor: Child,
    /// Closing this pipe stops the emulator; see supervisor.py.
    pipe: Option<ChildStdin>,
    port: u16,
    pub(crate) log: PathBuf,
}

/// Options of [`Emulator::start`].
pub(crate) struct EmulatorOptions<'a> {
    pub(crate) port: Option<u16>,
    /// The endpoint of Detective and GuardDuty for the functions.
    pub(crate) detective_url: &'a str,
    /// The endpoint of [`crate::proxy::SERVICES`] for the functions.
    pub(crate) proxy_url: &'a str,
    /// Real seconds for each second that a state machine waits.
    pub(crate) wait_scale: f64,
    /// Whether the emulator persists its state when it stops, and loads it at the next start.
    pub(crate) durable: bool,
}

impl Emulator {
    pub(crate) async fn start(tools: &Tools, options: &EmulatorOptions<'_>) -> Result<Self, CloudError> {
        let port = match options.port {
            Some(port) => port,
            None => free_port()?,
        };
        let scratch = tools.scratch_folder()?;
        let log = scratch.join("emulator.log");
        let unwritable = || CloudError::io("could not write emulator.log");
        let output = File::options().create(true).append(true).open(&log).map_err(unwritable())?;
        let errors = output.try_clone().map_err(unwritable())?;
        let url = format!("http://127.0.0.1:{port}");
        let mut command = tools.supervised_command(tools.program_path("python"));
        command.arg("-B").arg(tools.root().join("tests/local-cloud/src/emulator.py"));
        // A clean environment: the functions inherit it, and it has loopback endpoints only.
        command
            .env_clear()
            .env("PATH", tools.path())
            .env("HOME", &scratch)
            .env("TMPDIR", scratch.join("tmp"))
            .env("STATE_DIR", scratch.join(STATE_FOLDER))
            .env("S3_DATA_DIR", scratch.join(OBJECTS_FOLDER))
            .env("DOCKER_HOST", "unix:///nonexistent")
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("IOT_MTLS_ENABLED", "0")
            .env("AUTH", "true")
            .env("SFN_WAIT_SCALE", options.wait_scale.to_string())
            .env("AWS_ENDPOINT_URL", &url)
            .env("AWS_ENDPOINT_URL_DETECTIVE", options.detective_url)
            .env("AWS_ENDPOINT_URL_GUARDDUTY", options.detective_url)
            .stdout(output)
            .stderr(errors);
        for service in SERVICES {
            command.env(format!("AWS_ENDPOINT_URL_{service}"), options.proxy_url);
        }
        if options.durable {
            command.envs([("PERSIST_STATE", "1"), ("S3_PERSIST", "1"), ("SUPERVISOR_GRACE_SECONDS", "60")]);
        } else {
            command.env("SUPERVISOR_GRACE_SECONDS", "0"); // there is no state to save
        }
        let mut supervisor = command.spawn().map_err(CloudError::io("could not start the emulator's supervisor"))?;
        let pipe = supervisor.stdin.take();
        let mut emulator = Self { supervisor, pipe, port, log };
        emulator.wait_until_up().await?;
        Ok(emulator)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Deletes the state that an earlier emulator of this process persisted.
    pub(crate) fn delete_state(tools: &Tools) -> Result<(), CloudError> {
        let scratch = tools.scratch_folder()?;
        for folder in [STATE_FOLDER, OBJECTS_FOLDER] {
            let folder = scratch.join(folder);
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(
                        CloudError::io(format!("could not delete the emulator state in {}", folder.display()))(error),
                    );
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Stops the emulator gracefully, with all functions that it started.
    pub(crate) async fn stop(mut self) -> Result<(), CloudError> {
        drop(self.pipe.take());
        while self
            .supervisor
            .try_wait()
            .map_err(CloudError::io("could not wait for the emulator's supervisor"))?
            .is_none()
        {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }

    async fn wait_until_up(&mut self) -> Result<(), CloudError> {
        let http = crate::api::http().timeout(Duration::from_secs(2)).build();
        let http = http.map_err(|source| crate::api::call_failed("create the HTTP client", source))?;
        let health = format!("{}/_ministack/health", self.url());
        let up = async {
            loop {
                if http.get(&health).send().await.is_ok_and(|answer| answer.status().is_success()) {
                    return true;
                }
                if self.supervisor.try_wait().is_ok_and(|ended| ended.is_some()) {
                    return false;
                }
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        if tokio::time::timeout(START_TIMEOUT, up).await.unwrap_or(false) {
            return Ok(());
        }
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let last_line = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("(no log output)").to_owned();
        Err(CloudError::Emulator { last_line, log: self.log.clone() })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.supervisor.wait(); // the supervisor ends the process group within its grace period
    }
}

/// Checks that the port is free, before the long build starts.
pub(crate) fn check_port(port: u16) -> Result<(), CloudError> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(CloudError::PortTaken { port }),
        Err(source) => Err(CloudError::Io { what: format!("could not bind port {port}; choose another"), source }),
    }
}

fn free_port() -> Result<u16, CloudError> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(CloudError::io("could not bind 127.0.0.1:0"))?;
    Ok(listener.local_addr().map_err(CloudError::io("could not bind 127.0.0.1:0"))?.port())
}
