//! Snapshots: stop the simulator and continue later.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Clock;
use crate::faults::ApiFault;
use crate::organization::Organizations;
use crate::rates::Rates;
use crate::scenario::Scenarios;
use crate::world::{AccountRegionFilter, World};
use crate::{detective, guardduty};

/// The version of the format that is written and read.
const VERSION: u32 = 1;

/// Everything a simulator knows but the journal, as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot(Value);

/// Why a snapshot could not be written, read or restored.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The simulator's state cannot be written as JSON.
    #[error("the simulator's state cannot be written as JSON")]
    Write(#[source] serde_json::Error),
    /// It is not JSON, or not what a simulator writes.
    #[error("not a snapshot of the simulator: invalid value at {path}")]
    Read {
        /// Where it is not.
        path: String,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// It was written by another version of the simulator.
    #[error("the snapshot has version {found}; this simulator reads version {VERSION}: begin without it")]
    Version {
        /// The snapshot's version.
        found: u32,
    },
    /// The file cannot be read or written.
    #[error("could not read or write the snapshot {file}")]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The whole, to be written.
#[derive(Serialize)]
struct SnapshotOut<'a> {
    version: u32,
    clock: Timestamp,
    clock_stopped: bool,
    detective: &'a detective::State,
    guardduty: &'a guardduty::State,
    organizations: &'a Organizations,
    scenarios: &'a Scenarios,
    faults: &'a [(AccountRegionFilter, ApiFault)],
    rates: &'a Rates,
}

/// The whole, read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SnapshotIn {
    #[serde(rename = "version")]
    _version: u32,
    clock: Timestamp,
    clock_stopped: bool,
    detective: detective::State,
    guardduty: guardduty::State,
    organizations: Organizations,
    scenarios: Scenarios,
    faults: Vec<(AccountRegionFilter, ApiFault)>,
    /// Missing in snapshots of older versions.
    #[serde(default)]
    rates: Rates,
}

impl Snapshot {
    /// Reads a snapshot from a file; `None` if the file does not exist.
    ///
    /// # Errors
    /// When the file cannot be read or is not JSON.
    pub fn from_file(file: &Path) -> Result<Option<Self>, SnapshotError> {
        match std::fs::read(file) {
            Ok(bytes) => Self::from_json(&bytes).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(SnapshotError::File { file: file.into(), source }),
        }
    }

    /// Writes it to a file atomically.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn to_file(&self, file: &Path) -> Result<(), SnapshotError> {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let new = file.with_file_name(name);
        std::fs::write(&new, self.0.to_string())
            .and_then(|()| std::fs::rename(&new, file))
            .map_err(|source| SnapshotError::File { file: file.into(), source })
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// If it is not JSON. The content is checked when it is restored.
    pub fn from_json(json: &[u8]) -> Result<Self, SnapshotError> {
        serde_json::from_slice(json).map(Self).map_err(|source| SnapshotError::Read { path: ".".into(), source })
    }

    /// The JSON.
    pub fn json(&self) -> &Value {
        &self.0
    }

    pub(crate) fn of(world: &World) -> Result<Self, SnapshotError> {
        let written = SnapshotOut {
            version: VERSION,
            clock: world.clock.now(),
            clock_stopped: world.clock.is_stopped(),
            detective: &world.detective,
            guardduty: &world.guardduty,
            organizations: &world.organizations,
            scenarios: &world.scenarios,
            faults: &world.faults,
            rates: &world.rates,
        };
        serde_json::to_value(written).map(Self).map_err(SnapshotError::Write)
    }

    pub(crate) fn restore_into(&self, world: &mut World) -> Result<(), SnapshotError> {
        if let Some(found) = self.0.get("version").and_then(Value::as_u64).and_then(|found| u32::try_from(found).ok())
            && found != VERSION
        {
            return Err(SnapshotError::Version { found });
        }
        let read: SnapshotIn = serde_path_to_error::deserialize(&self.0)
            .map_err(|error| SnapshotError::Read { path: error.path().to_string(), source: error.into_inner() })?;
        world.clock = Clock::at(read.clock, read.clock_stopped);
        world.detective = read.detective;
        world.guardduty = read.guardduty;
        world.organizations = read.organizations;
        world.scenarios = read.scenarios;
        world.faults = read.faults;
        world.rates = read.rates;
        Ok(())
    }
}
