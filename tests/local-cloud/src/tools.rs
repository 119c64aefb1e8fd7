//! The programs that the local cloud needs.

use crate::error::CloudError;
use crate::profile::Profile;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where things are: the project's folder and the Python tools in its `.venv`.
#[derive(Debug, Clone)]
pub struct Tools {
    root: PathBuf,
    profile: Profile,
}

impl Tools {
    /// The project that this was built from, with functions of that profile.
    ///
    /// # Errors
    ///
    /// [`CloudError::ToolMissing`] when `.venv` does not hold what `requirements.txt` names.
    pub fn find(profile: Profile) -> Result<Self, CloudError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().map_err(CloudError::io("the project's folder is gone"))?;
        let tools = Self { root, profile };
        for tool in ["python", "sam", "ministack", "cargo-lambda"] {
            let path = tools.program_path(tool);
            if !path.exists() {
                return Err(CloudError::ToolMissing { tool, path });
            }
        }
        Ok(tools)
    }

    /// The project's folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where `sam build` has laid out the case stack.
    #[must_use]
    pub fn built(&self) -> PathBuf {
        self.root.join(self.profile.stack_folder())
    }

    /// How the functions are built.
    pub(crate) fn profile(&self) -> Profile {
        self.profile
    }

    /// A program of `.venv`.
    #[must_use]
    pub fn program_path(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    /// A command in the project's folder that ends, with all that it starts, when its standard input is closed: as soon as
    /// whoever spawned it drops it or ends. See supervisor.py.
    ///
    /// Nothing of the user's own AWS configuration reaches it, and nothing that cargo told this very program about itself:
    /// build scripts read that, and everything would be built anew. For the same reason cargo-zigbuild keeps its linker
    /// wrapper in the project: the wrapper's path is part of every fingerprint, and by default it depends on HOME.
    #[must_use]
    pub fn supervised_command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(self.program_path("python"));
        command.arg(self.root.join("tests/local-cloud/src/supervisor.py")).arg(program).current_dir(&self.root);
        let unwanted = ["AWS_", "CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name == "CARGO" || unwanted.iter().any(|it| name.starts_with(it))) {
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

    /// `.venv` before everything else.
    #[must_use]
    pub fn path(&self) -> OsString {
        let mut path = self.bin().into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        path
    }

    /// Removes the folder for logs: nobody will ask for them.
    pub fn remove_scratch_folder(&self) {
        if let Ok(folder) = self.scratch_folder() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }

    /// A folder for logs and for what the emulator writes.
    ///
    /// # Errors
    ///
    /// [`CloudError::Io`] when it cannot be made.
    pub fn scratch_folder(&self) -> Result<PathBuf, CloudError> {
        let folder = self.root.join("target/local-cloud").join(std::process::id().to_string());
        std::fs::create_dir_all(folder.join("tmp")).map_err(CloudError::io("target/local-cloud cannot be made"))?;
        Ok(folder)
    }

    fn bin(&self) -> PathBuf {
        self.root.join(".venv/bin")
    }
}
