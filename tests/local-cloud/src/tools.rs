//! The programs that the local cloud needs.

use crate::error::CloudError;
use std::path::{Path, PathBuf};

/// Where things are: the project's folder and the Python tools in its `.venv`.
#[derive(Debug, Clone)]
pub struct Tools {
    root: PathBuf,
}

impl Tools {
    /// The project that this was built from.
    ///
    /// # Errors
    ///
    /// [`CloudError::ToolMissing`] when `.venv` does not hold what `requirements.txt` names.
    pub fn find() -> Result<Self, CloudError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().map_err(CloudError::io("the project's folder is gone"))?;
        let tools = Self { root };
        for tool in ["python", "sam", "ministack", "cargo-lambda"] {
            let path = tools.program(tool);
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

    /// A program of `.venv`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    /// `.venv` before everything else.
    #[must_use]
    pub fn path(&self) -> std::ffi::OsString {
        let mut path = self.bin().into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        path
    }

    /// A folder for logs and for what the emulator writes.
    ///
    /// # Errors
    ///
    /// [`CloudError::Io`] when it cannot be made.
    pub fn scratch(&self) -> Result<PathBuf, CloudError> {
        let folder = self.root.join("target/local-cloud").join(std::process::id().to_string());
        std::fs::create_dir_all(folder.join("tmp")).map_err(CloudError::io("target/local-cloud cannot be made"))?;
        Ok(folder)
    }

    fn bin(&self) -> PathBuf {
        self.root.join(".venv/bin")
    }
}
