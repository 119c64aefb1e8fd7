//! A behavior graph: its tags, members, data sources and investigations.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::constraints::{GRAPH_BYTES_MAX, MEMBERS_MAX};
use super::datasource::{IngestState, Package, Packages};
use super::investigation::{Investigation, InvestigationId};
use super::member::Member;
use crate::protocol::digest;
use crate::protocol::error::AwsError;
use crate::world::AccountRegion;

/// One behavior graph.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Graph {
    pub(crate) arn: String,
    pub(crate) administrator: String,
    pub(crate) created: Timestamp,
    pub(crate) tags: BTreeMap<String, String>,
    /// By account id.
    pub(crate) members: BTreeMap<String, Member>,
    pub(crate) packages: Packages,
    /// Of an organization's graph: whether accounts that join the organization become members automatically.
    pub(crate) auto_enable: Option<bool>,
    pub(crate) investigations: BTreeMap<InvestigationId, Investigation>,
}

impl Graph {
    /// The `generation`-th graph of an account in a Region, from 0.
    pub(crate) fn new(place: &AccountRegion, generation: u32, now: Timestamp) -> Self {
        Self {
            arn: arn(place, generation),
            administrator: place.account.clone(),
            created: now,
            tags: BTreeMap::new(),
            members: BTreeMap::new(),
            packages: Packages::of_new_graph(now),
            auto_enable: None,
            investigations: BTreeMap::new(),
        }
    }

    /// The last part of its ARN.
    // assumed: what Resources of a ServiceQuotaExceededException holds; the whole ARN is longer than it may be.
    fn id(&self) -> String {
        self.arn.rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// How much data its members send, in bytes a day.
    pub(crate) fn ingested_volume(&self) -> u64 {
        self.members.values().fold(0, |sum, member| sum.saturating_add(member.volume_sent()))
    }

    /// Checks that `more` members can join, and that the graph is not above its data limit.
    ///
    /// # Errors
    /// ServiceQuotaExceededException.
    pub(crate) fn check_member_limit(&self, more: usize) -> Result<(), AwsError> {
        if self.members.len() + more > MEMBERS_MAX {
            let message = format!(
                "A behavior graph cannot have more than {MEMBERS_MAX} member accounts; this one has {} and {more} more were asked for.",
                self.members.len()
            );
            return Err(AwsError::quota(message, vec![self.id()]));
        }
        self.check_volume_limit()
    }

    /// Checks that it ingests no more than it can.
    ///
    /// # Errors
    /// ServiceQuotaExceededException.
    pub(crate) fn check_volume_limit(&self) -> Result<(), AwsError> {
        let ingested_volume = self.ingested_volume();
        if ingested_volume > GRAPH_BYTES_MAX {
            let message =
                format!("The behavior graph ingests {ingested_volume} bytes a day; {GRAPH_BYTES_MAX} are allowed.");
            return Err(AwsError::quota(message, vec![self.id()]));
        }
        Ok(())
    }

    /// Brings a package into a state, and with it that of the members that are enabled.
    pub(crate) fn set_package(&mut self, package: Package, state: IngestState, now: Timestamp) {
        self.packages.set(package, state, now);
        for member in self.members.values_mut() {
            member.set_package(package, state, now);
        }
    }

    /// Enables a member if its volume is known and the graph can ingest it.
    pub(crate) fn enable(&mut self, account: &str, volume: Option<u64>, now: Timestamp) {
        let started: Vec<Package> = self.packages.started().collect();
        let all = self.ingested_volume();
        if let Some(member) = self.members.get_mut(account) {
            let others = all.saturating_sub(member.volume_sent());
            member.enable(volume, others, &started, now);
        }
    }

    /// The investigation of an id.
    ///
    /// # Errors
    /// ResourceNotFoundException.
    pub(crate) fn investigation(&mut self, id: &str) -> Result<&mut Investigation, AwsError> {
        InvestigationId::parse(id)
            .and_then(|id| self.investigations.get_mut(&id))
            .ok_or_else(|| AwsError::not_found(format!("The investigation {id} does not exist.")))
    }
}

/// The ARN of the `generation`-th graph of an account in a Region: its id is derived from all three.
pub(crate) fn arn(place: &AccountRegion, generation: u32) -> String {
    let id = digest::of([place.account.as_str(), place.region.as_str(), &generation.to_string()]);
    format!("arn:{}:detective:{}:{}:graph:{id:032x}", place.partition(), place.region, place.account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_and_generation_has_a_graph_of_its_own() {
        let here = AccountRegion::new("111122223333", "us-east-1");
        let arns = [
            arn(&here, 0),
            arn(&here, 1),
            arn(&AccountRegion::new("111122223333", "us-east-2"), 0),
            arn(&here.of("444455556666"), 0),
        ];
        let mut ids: Vec<&str> = arns.iter().map(|arn| &arn[arn.len() - 32..]).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 4);
        assert!(arn(&AccountRegion::new("1", "cn-north-1"), 0).starts_with("arn:aws-cn:"));
        assert!(arn(&AccountRegion::new("1", "us-gov-west-1"), 0).starts_with("arn:aws-us-gov:"));
    }
}
