//! Data source packages, and when their ingestion started or stopped.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::protocol::{iso, wire_name};

/// A data source package: DatasourcePackage of the API reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Package {
    /// CloudTrail, VPC flow logs and GuardDuty findings.
    DetectiveCore,
    /// EKS audit logs.
    EksAudit,
    /// Findings of Security Hub.
    AsffSecurityhubFinding,
}

/// The state of a package: DatasourcePackageIngestState of the API reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IngestState {
    /// Data is ingested.
    Started,
    /// Data is no longer ingested.
    Stopped,
    /// It was never started.
    Disabled,
}

/// The packages of a graph or of a member: the state of each, and when it last came into each state it was in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Packages(BTreeMap<Package, Ingest>);

/// One package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ingest {
    state: IngestState,
    last_changes: BTreeMap<IngestState, Timestamp>,
}

impl Package {
    pub(crate) const ALL: [Self; 3] = [Self::DetectiveCore, Self::EksAudit, Self::AsffSecurityhubFinding];
}

impl Packages {
    /// Those of a graph that was just created.
    // assumed: the core package is started, the others are disabled.
    pub(crate) fn of_new_graph(now: Timestamp) -> Self {
        let mut packages = Self::default();
        for package in Package::ALL {
            let core = package == Package::DetectiveCore;
            packages.set(package, if core { IngestState::Started } else { IngestState::Disabled }, now);
        }
        packages
    }

    /// Brings a package into a state. One that is in that state stays as it is.
    pub(crate) fn set(&mut self, package: Package, state: IngestState, now: Timestamp) {
        let ingest =
            self.0.entry(package).or_insert_with(|| Ingest { state, last_changes: BTreeMap::from([(state, now)]) });
        if ingest.state != state {
            ingest.state = state;
            ingest.last_changes.insert(state, now);
        }
    }

    /// Those that are started.
    pub(crate) fn started(&self) -> impl Iterator<Item = Package> {
        self.0.iter().filter(|(_, ingest)| ingest.state == IngestState::Started).map(|(package, _)| *package)
    }

    /// Stops what is started.
    pub(crate) fn stop(&mut self, now: Timestamp) {
        for package in self.started().collect::<Vec<_>>() {
            self.set(package, IngestState::Stopped, now);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Package, &Ingest)> {
        self.0.iter().map(|(package, ingest)| (*package, ingest))
    }

    /// DatasourcePackageIngestStates.
    pub(crate) fn states(&self) -> Value {
        self.0.iter().map(|(package, ingest)| (wire_name(package), json!(ingest.state))).collect::<Map<_, _>>().into()
    }

    /// DatasourcePackageIngestHistory.
    pub(crate) fn history(&self) -> Value {
        self.0.iter().map(|(package, ingest)| (wire_name(package), ingest.changes())).collect::<Map<_, _>>().into()
    }
}

impl Ingest {
    /// DatasourcePackageIngestDetail.
    pub(crate) fn detail(&self) -> Value {
        json!({ "DatasourcePackageIngestState": self.state, "LastIngestStateChange": self.changes() })
    }

    /// LastIngestStateChangeDates.
    fn changes(&self) -> Value {
        let dates =
            self.last_changes.iter().map(|(state, time)| (wire_name(state), json!({ "Timestamp": iso(*time) })));
        dates.collect::<Map<_, _>>().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_the_time_of_the_last_change_to_it() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut packages = Packages::of_new_graph(at(0));
        packages.set(Package::EksAudit, IngestState::Started, at(1));
        packages.set(Package::EksAudit, IngestState::Started, at(2));
        packages.stop(at(3));
        packages.set(Package::EksAudit, IngestState::Started, at(4));
        assert_eq!(
            packages.history()["EKS_AUDIT"],
            json!({
                "STARTED": { "Timestamp": "1970-01-01T00:00:04.000Z" },
                "STOPPED": { "Timestamp": "1970-01-01T00:00:03.000Z" },
                "DISABLED": { "Timestamp": "1970-01-01T00:00:00.000Z" },
            })
        );
        assert_eq!(
            packages.states(),
            json!({ "DETECTIVE_CORE": "STOPPED", "EKS_AUDIT": "STARTED", "ASFF_SECURITYHUB_FINDING": "DISABLED" })
        );
    }
}
