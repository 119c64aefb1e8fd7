//! The emulator of AWS: ministack, on a loopback port, in a clean environment.

use crate::error::CloudError;
use crate::proxy::SERVICES;
use crate::tools::Tools;
use std::fs::File;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdin};
use std::time::Duration;

/// How long the emulator may take to come up.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How often it is asked whether it is up.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The folders of what it writes down when it is durable.
const STATE: &str = "state";
const OBJECTS: &str = "objects";

/// A running emulator. Dropping it ends it and every function that it started.
#[derive(Debug)]
pub(crate) struct Emulator {
    keeper: Child,
    /// Closing this is what ends the emulator: see supervisor.py.
    pipe: Option<ChildStdin>,
    port: u16,
    pub(crate) log: PathBuf,
}

/// How the emulator is to be started.
pub(crate) struct Settings<'a> {
    pub(crate) port: Option<u16>,
    /// Where the functions find Detective.
    pub(crate) detective_url: &'a str,
    /// Where the functions find the services of [`crate::proxy::SERVICES`].
    pub(crate) proxy_url: &'a str,
    /// Real seconds for each second that a state machine waits.
    pub(crate) wait_scale: f64,
    /// Whether it writes down at its end what AWS would keep, and reads it at its next start.
    pub(crate) durable: bool,
}

impl Emulator {
    pub(crate) async fn start(tools: &Tools, settings: &Settings<'_>) -> Result<Self, CloudError> {
        let port = match settings.port {
            Some(port) => port,
            None => free_port()?,
        };
        let scratch = tools.scratch_folder()?;
        let log = scratch.join("emulator.log");
        let unwritable = || CloudError::io("the emulator's log cannot be written");
        let output = File::options().create(true).append(true).open(&log).map_err(unwritable())?;
        let errors = output.try_clone().map_err(unwritable())?;
        let url = format!("http://127.0.0.1:{port}");
        let mut command = tools.supervised_command(tools.program_path("python"));
        command.arg("-B").arg(tools.root().join("tests/local-cloud/src/emulator.py"));
        // A clean environment: the functions inherit it, and are told of loopback only.
        command
            .env_clear()
            .env("PATH", tools.path())
            .env("HOME", &scratch)
            .env("TMPDIR", scratch.join("tmp"))
            .env("STATE_DIR", scratch.join(STATE))
            .env("S3_DATA_DIR", scratch.join(OBJECTS))
            .env("DOCKER_HOST", "unix:///nonexistent")
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("IOT_MTLS_ENABLED", "0")
            .env("AUTH", "true")
            .env("SFN_WAIT_SCALE", settings.wait_scale.to_string())
            .env("AWS_ENDPOINT_URL", &url)
            .env("AWS_ENDPOINT_URL_DETECTIVE", settings.detective_url)
            .env("AWS_ENDPOINT_URL_GUARDDUTY", settings.detective_url)
            .stdout(output)
            .stderr(errors);
        for service in SERVICES {
            command.env(format!("AWS_ENDPOINT_URL_{service}"), settings.proxy_url);
        }
        if settings.durable {
            command.envs([("PERSIST_STATE", "1"), ("S3_PERSIST", "1"), ("SUPERVISOR_GRACE_SECONDS", "60")]);
        } else {
            command.env("SUPERVISOR_GRACE_SECONDS", "0"); // it has nothing to save
        }
        let mut keeper = command.spawn().map_err(CloudError::io("the emulator cannot be started"))?;
        let pipe = keeper.stdin.take();
        let mut emulator = Self { keeper, pipe, port, log };
        emulator.wait_until_up().await?;
        Ok(emulator)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Forgets what an emulator of this process has written down before.
    pub(crate) fn forget(tools: &Tools) -> Result<(), CloudError> {
        let scratch = tools.scratch_folder()?;
        for folder in [STATE, OBJECTS] {
            match std::fs::remove_dir_all(scratch.join(folder)) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(CloudError::io("what the emulator has written down cannot be removed")(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Ends the emulator in good order, with all functions that it started.
    pub(crate) async fn stop(mut self) -> Result<(), CloudError> {
        drop(self.pipe.take());
        while self.keeper.try_wait().map_err(CloudError::io("the emulator cannot be waited for"))?.is_none() {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }

    async fn wait_until_up(&mut self) -> Result<(), CloudError> {
        let http = crate::api::http().timeout(Duration::from_secs(2)).build();
        let http = http.map_err(|source| crate::api::call_failed("the HTTP client", source))?;
        let health = format!("{}/_ministack/health", self.url());
        let up = async {
            loop {
                if http.get(&health).send().await.is_ok_and(|answer| answer.status().is_success()) {
                    return true;
                }
                if self.keeper.try_wait().is_ok_and(|ended| ended.is_some()) {
                    return false;
                }
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        if tokio::time::timeout(TIMEOUT, up).await.unwrap_or(false) {
            return Ok(());
        }
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let said = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("nothing was said").to_owned();
        Err(CloudError::Emulator { said, log: self.log.clone() })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.keeper.wait(); // the keeper ends the group within its grace
    }
}

/// Makes sure that the port can be had, before anything long is begun.
pub(crate) fn check_port(port: u16) -> Result<(), CloudError> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(CloudError::PortTaken { port }),
        Err(source) => Err(CloudError::Io { what: format!("port {port} cannot be used; choose another"), source }),
    }
}

fn free_port() -> Result<u16, CloudError> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(CloudError::io("no free port on loopback"))?;
    Ok(listener.local_addr().map_err(CloudError::io("no free port on loopback"))?.port())
}
