//! Detective's state: the behavior graphs, by account and Region.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::graph::{self, Graph};
use super::investigation::{Investigation, InvestigationId};
use super::member::{InvitationType, MemberStatus};
use super::organization::Delegation;
use crate::journal::Entry;
use crate::protocol::error::AwsError;
use crate::protocol::wire_name;
use crate::world::{AccountRegion, AccountRegionFilter};

/// All of Detective.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    #[serde(rename = "seats")]
    graphs: BTreeMap<AccountRegion, GraphSlot>,
    /// Whether accounts have a graph from the start; the last rule that matches counts; without a rule they have one.
    #[serde(rename = "from_the_start")]
    initial_graph_rules: Vec<(AccountRegionFilter, bool)>,
    /// The Detective administrator of an organization in a Region, by the place of its management account.
    pub(super) delegations: BTreeMap<AccountRegion, Delegation>,
    last_investigation: InvestigationId,
    /// How many graphs there have been of each place, where a graph was created after the first.
    generations: BTreeMap<AccountRegion, u32>,
}

/// An account's graph in a Region.
#[derive(Debug, Default, Serialize, Deserialize)]
struct GraphSlot {
    graph: Option<Graph>,
    /// The graph that the control interface hid; it can be restored.
    #[serde(rename = "aside")]
    detached: Option<Graph>,
}

/// The creation time of every graph of the start.
const INITIAL_CREATED_AT_SECONDS: i64 = 1_767_225_600; // 2026-01-01

impl State {
    /// The graph that an account administers in a Region, if it has one.
    pub(crate) fn graph_of(&mut self, place: &AccountRegion) -> Option<&mut Graph> {
        self.slot_mut(place).graph.as_mut()
    }

    /// The graph of an ARN, if it is the one that the place's account administers.
    ///
    /// # Errors
    /// AccessDeniedException for a member of the graph, ResourceNotFoundException for everyone else.
    // assumed: who gets which of the two errors. An account that is not a member does not learn whether a graph exists.
    pub(crate) fn administered_graph(
        &mut self,
        place: &AccountRegion,
        arn: &str,
        now: Timestamp,
    ) -> Result<&mut Graph, AwsError> {
        let own = self.slot_mut(place).graph.as_ref().is_some_and(|graph| graph.arn == arn);
        if !own {
            return Err(match self.graphs_with_member(place, now).any(|graph| graph.arn == arn) {
                true => AwsError::access_denied(format!(
                    "Only the administrator account of the behavior graph {arn} can do this; {} is a member of it.",
                    place.account
                )),
                false => no_graph(place, arn),
            });
        }
        self.graph_of(place).ok_or_else(|| no_graph(place, arn))
    }

    /// The graphs in the Region that the account is a member of, or invited to. An account whose verification is in progress or
    /// has failed does not see the graph.
    pub(crate) fn graphs_with_member(&self, place: &AccountRegion, now: Timestamp) -> impl Iterator<Item = &Graph> {
        self.graphs_in_region(place).filter(move |graph| {
            let status = graph.members.get(&place.account).map(|member| member.status(now));
            matches!(status, Some(MemberStatus::Invited | MemberStatus::Enabled | MemberStatus::AcceptedButDisabled))
        })
    }

    /// The graph of an ARN, if the account is a member of it by invitation and in that status.
    ///
    /// # Errors
    /// ResourceNotFoundException when there is no invitation that it can see, ConflictException when its status is
    /// another or it is a member through its organization.
    pub(super) fn membership_of(
        &mut self,
        place: &AccountRegion,
        arn: &str,
        wanted: MemberStatus,
        now: Timestamp,
    ) -> Result<&mut Graph, AwsError> {
        let graphs = self.graphs.iter_mut().filter(|(other, _)| other.region == place.region);
        let graph = graphs.filter_map(|(_, slot)| slot.graph.as_mut()).find(|graph| graph.arn == arn);
        let found = graph.and_then(|graph| {
            let member = graph.members.get(&place.account)?;
            let (status, invitation) = (member.status(now), member.invitation);
            Some((graph, status, invitation))
        });
        match found {
            None | Some((_, MemberStatus::VerificationInProgress | MemberStatus::VerificationFailed, _)) => {
                Err(AwsError::not_found(format!("{} is not invited to the behavior graph {arn}.", place.account)))
            }
            Some((_, _, InvitationType::Organization)) => Err(AwsError::conflict(format!(
                "{} is a member through its organization; the administrator account decides on that.",
                place.account
            ))),
            Some((graph, status, _)) if status == wanted => Ok(graph),
            Some((_, status, _)) => Err(AwsError::conflict(format!(
                "The status of {} must be {}; it is {}.",
                place.account,
                wire_name(wanted),
                wire_name(status)
            ))),
        }
    }

    fn graphs_in_region(&self, place: &AccountRegion) -> impl Iterator<Item = &Graph> {
        let graphs = self.graphs.iter().filter(|(other, _)| other.region == place.region);
        graphs.filter_map(|(_, slot)| slot.graph.as_ref())
    }

    /// The graph that the account administers, which is created if it does not exist.
    pub(crate) fn create_graph(&mut self, place: &AccountRegion, now: Timestamp) -> &mut Graph {
        self.slot_mut(place);
        let generation = self.generations.entry(place.clone()).or_default();
        let slot = self.graphs.entry(place.clone()).or_default();
        slot.graph.get_or_insert_with(|| {
            *generation += 1;
            // A graph that the control interface hid cannot be restored next to the new one.
            slot.detached = None;
            Graph::new(place, *generation, now)
        })
    }

    /// Deletes the account's graph, also one that the control interface hid.
    pub(crate) fn delete_graph(&mut self, place: &AccountRegion) {
        *self.slot_mut(place) = GraphSlot::default();
    }

    /// Hides or restores the graphs of some accounts and Regions, including those that no request has used yet.
    pub(crate) fn set_graph_exists(&mut self, places: AccountRegionFilter, exists: bool) {
        for (place, slot) in self.graphs.iter_mut().filter(|(place, _)| places.matches(place)) {
            if exists && slot.graph.is_none() {
                slot.graph = slot.detached.take().or_else(|| Some(first_graph(place)));
            } else if !exists && let Some(graph) = slot.graph.take() {
                slot.detached = Some(graph);
            }
        }
        self.initial_graph_rules.retain(|(other, _)| *other != places);
        self.initial_graph_rules.push((places, exists));
    }

    /// The slot of an account and Region. It has a graph from the start unless the control interface removed it.
    fn slot_mut(&mut self, place: &AccountRegion) -> &mut GraphSlot {
        let rules = &self.initial_graph_rules;
        self.graphs.entry(place.clone()).or_insert_with(|| {
            let exists = rules.iter().rev().find(|(places, _)| places.matches(place)).is_none_or(|(_, exists)| *exists);
            GraphSlot { graph: exists.then(|| first_graph(place)), detached: None }
        })
    }

    /// All graphs that were asked for, with their places.
    pub(crate) fn graphs_mut(&mut self) -> impl Iterator<Item = (&AccountRegion, &mut Graph)> {
        self.graphs.iter_mut().filter_map(|(place, slot)| Some((place, slot.graph.as_mut()?)))
    }

    /// The investigations of all graphs, oldest first within a place. Those of a hidden graph are
    /// included.
    pub(crate) fn investigations(&self) -> impl Iterator<Item = (&AccountRegion, &Investigation)> {
        self.graphs.iter().flat_map(|(place, slot)| {
            let graphs = slot.graph.iter().chain(&slot.detached);
            graphs.flat_map(|graph| graph.investigations.values()).map(move |investigation| (place, investigation))
        })
    }

    /// The investigation of an id, wherever it is.
    pub(crate) fn find_investigation(&mut self, id: &str) -> Option<&mut Investigation> {
        let id = InvestigationId::parse(id)?;
        let graphs = self.graphs.values_mut().flat_map(|slot| slot.graph.iter_mut().chain(&mut slot.detached));
        graphs.into_iter().find_map(|graph| graph.investigations.get_mut(&id))
    }

    /// An id that no investigation has had.
    pub(crate) fn next_investigation(&mut self) -> InvestigationId {
        self.last_investigation = self.last_investigation.next();
        self.last_investigation
    }

    /// Continues the ids after those of another state.
    pub(crate) fn continue_ids_from(&mut self, before: &Self) {
        self.last_investigation = before.last_investigation;
        self.generations.clone_from(&before.generations);
    }

    /// Writes into an entry which entity and which investigation a request is about: the entity it names or filters by,
    /// or that of the investigation it names.
    pub(crate) fn annotate_entry(&self, entry: &mut Entry, place: &AccountRegion, members: &Map<String, Value>) {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(String::from);
        entry.investigation_id = text(members.get("InvestigationId"));
        entry.entity_arn = text(members.get("EntityArn"))
            .or_else(|| text(members.get("FilterCriteria").and_then(|criteria| criteria.pointer("/EntityArn/Value"))))
            .or_else(|| {
                let id = InvestigationId::parse(entry.investigation_id.as_deref()?)?;
                let graph = self.graphs.get(place)?.graph.as_ref()?;
                graph.investigations.get(&id).map(|investigation| investigation.entity_arn.clone())
            });
    }
}

fn first_graph(place: &AccountRegion) -> Graph {
    Graph::new(place, 0, Timestamp::from_second(INITIAL_CREATED_AT_SECONDS).unwrap_or_default())
}

pub(crate) fn first_graph_arn(place: &AccountRegion) -> String {
    graph::arn(place, 0)
}

fn no_graph(place: &AccountRegion, arn: &str) -> AwsError {
    AwsError::not_found(format!(
        "The behavior graph {arn} does not exist for account {} in {}.",
        place.account, place.region
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_rule_decides_whether_a_graph_exists() {
        let mut state = State::default();
        let (one, two) = (AccountRegion::new("1", "r"), AccountRegion::new("2", "r"));
        let only = AccountRegionFilter { account: Some("1".into()), region: None };
        assert!(state.graph_of(&one).is_some());
        state.set_graph_exists(AccountRegionFilter::default(), false);
        state.set_graph_exists(only, true);
        assert!(state.graph_of(&one).is_some());
        assert!(state.graph_of(&two).is_none());
        state.set_graph_exists(AccountRegionFilter::default(), false);
        assert!(state.graph_of(&one).is_none());
    }

    #[test]
    fn graph_created_again_has_another_arn() {
        let mut state = State::default();
        let place = AccountRegion::new("1", "r");
        let first = state.create_graph(&place, Timestamp::UNIX_EPOCH).arn.clone();
        assert_eq!(first, first_graph_arn(&place));
        state.delete_graph(&place);
        assert!(state.graph_of(&place).is_none());
        let second = state.create_graph(&place, Timestamp::UNIX_EPOCH).arn.clone();
        assert_ne!(first, second);
        assert_eq!(state.create_graph(&place, Timestamp::UNIX_EPOCH).arn, second);
    }
}
