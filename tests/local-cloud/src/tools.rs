//! The programs and folders that the local cloud needs.

use crate::error::CloudError;
use crate::profile::Profile;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The project's root folder and the Python tools in its `.venv`.
#[derive(Debug, Clone)]
pub struct Tools {
    root: PathBuf,
    profile: Profile,
}

impl Tools {
    /// The project that this program was built from, with functions of that profile.
    ///
    /// # Errors
    ///
    /// [`CloudError::ToolMissing`] if `.venv` lacks a tool of `requirements.txt`.
    pub fn find(profile: Profile) -> Result<Self, CloudError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().map_err(CloudError::io(format!(
            "could not find the project at {}; build this program again",
            root.display()
        )))?;
        let tools = Self { root, profile };
        for tool in ["python", "sam", "ministack", "cargo-lambda"] {
            let path = tools.program_path(tool);
            if !path.exists() {
                return Err(CloudError::ToolMissing { tool, path });
            }
        }
        Ok(tools)
    }

    /// The project's root folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder in which `sam build` laid out the case stack.
    #[must_use]
    pub fn built(&self) -> PathBuf {
        self.root.join(self.profile.stack_folder())
    }

    /// The Cargo profile of the functions.
    pub(crate) fn profile(&self) -> Profile {
        self.profile
    }

    /// The path of a program in `.venv`.
    #[must_use]
    pub fn program_path(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    /// A command in the project's root that ends, with all processes that it started, when its standard input is closed: when
    /// the caller drops the child process or exits. See supervisor.py.
    ///
    /// The command gets neither the user's AWS configuration nor the variables that Cargo sets for this program: build scripts
    /// read those, and everything would be rebuilt. For the same reason cargo-zigbuild's linker wrapper is stored in the project:
    /// its path is part of every fingerprint, and by default it depends on HOME.
    #[must_use]
    pub fn supervised_command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(self.program_path("python"));
        command.arg(self.root.join("tests/local-cloud/src/supervisor.py")).arg(program).current_dir(&self.root);
        let excluded = ["AWS_", "CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name == "CARGO" || excluded.iter().any(|it| name.starts_with(it))) {
                command.env_remove(name);
            }
        }
        command
            .env("PATH", self.path())
            .env("CARGO_TARGET_DIR", self.profile.target_folder(&self.root))
            .env("CARGO_ZIGBUILD_CACHE_DIR", self.root.join("target/zigbuild"))
            .env("SAM_CLI_TELEMETRY", "0")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .stdin(Stdio::piped());
        command
    }

    /// PATH with `.venv/bin` first.
    #[must_use]
    pub fn path(&self) -> OsString {
        let mut path = self.bin().into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        path
    }

    /// Deletes the scratch folder with the logs, after a successful run.
    pub fn remove_scratch_folder(&self) {
        if let Ok(folder) = self.scratch_folder() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }

    /// The folder for logs and for the emulator's files. Created if it does not exist.
    ///
    /// # Errors
    ///
    /// [`CloudError::Io`] if it cannot be created.
    pub fn scratch_folder(&self) -> Result<PathBuf, CloudError> {
        let folder = self.root.join("target/local-cloud").join(std::process::id().to_string());
        std::fs::create_dir_all(folder.join("tmp")).map_err(CloudError::io("could not create target/local-cloud"))?;
        Ok(folder)
    }

    fn bin(&self) -> PathBuf {
        self.root.join(".venv/bin")
    }
}
