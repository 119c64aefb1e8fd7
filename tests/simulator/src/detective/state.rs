//! Detective's state: the behavior graphs, apart per account and Region.

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
use crate::protocol::word;
use crate::world::{AccountRegion, AccountRegionFilter};

/// All of Detective.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    seats: BTreeMap<AccountRegion, Seat>,
    /// Whether accounts have a graph from the start; the last that includes a place counts, without any they have.
    from_the_start: Vec<(AccountRegionFilter, bool)>,
    /// The Detective administrator of an organization in a Region, by the place of its management account.
    pub(super) delegations: BTreeMap<AccountRegion, Delegation>,
    last_investigation: InvestigationId,
    /// How many graphs there have been of each place, where a graph was created after the first.
    generations: BTreeMap<AccountRegion, u32>,
}

/// Where an account's graph in a Region is, or was.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Seat {
    graph: Option<Graph>,
    /// The graph that control took away; it can put it back.
    aside: Option<Graph>,
}

/// When every graph of the start says it was created.
const CREATED: i64 = 1_767_225_600; // 2026-01-01

impl State {
    /// The graph that an account administers in a Region, if it has one.
    pub(crate) fn graph(&mut self, place: &AccountRegion) -> Option<&mut Graph> {
        self.seat(place).graph.as_mut()
    }

    /// The graph of an ARN, if it is the one that the place's account administers.
    ///
    /// # Errors
    /// AccessDeniedException for a member of the graph, ResourceNotFoundException for everyone else.
    // assumed: which of the two errors whom gets. A stranger does not learn whether a graph exists.
    pub(crate) fn administered(
        &mut self,
        place: &AccountRegion,
        arn: &str,
        now: Timestamp,
    ) -> Result<&mut Graph, AwsError> {
        let own = self.seat(place).graph.as_ref().is_some_and(|graph| graph.arn == arn);
        if !own {
            return Err(match self.with_member(place, now).any(|graph| graph.arn == arn) {
                true => AwsError::access_denied(format!(
                    "Only the administrator account of the behavior graph {arn} can do this; {} is a member of it.",
                    place.account
                )),
                false => no_graph(place, arn),
            });
        }
        self.graph(place).ok_or_else(|| no_graph(place, arn))
    }

    /// The graphs in the Region that the account is a member of, or invited to. One whose verification goes on, or has
    /// failed, knows nothing of the graph.
    pub(crate) fn with_member(&self, place: &AccountRegion, now: Timestamp) -> impl Iterator<Item = &Graph> {
        self.in_region(place).filter(move |graph| {
            let status = graph.members.get(&place.account).map(|member| member.status(now));
            matches!(status, Some(MemberStatus::Invited | MemberStatus::Enabled | MemberStatus::AcceptedButDisabled))
        })
    }

    /// The graph of an ARN, if the account is a member of it by invitation and in that status.
    ///
    /// # Errors
    /// ResourceNotFoundException when there is no invitation that it can see, ConflictException when its status is
    /// another or it is a member through its organization.
    pub(super) fn membership(
        &mut self,
        place: &AccountRegion,
        arn: &str,
        wanted: MemberStatus,
        now: Timestamp,
    ) -> Result<&mut Graph, AwsError> {
        let graphs = self.seats.iter_mut().filter(|(other, _)| other.region == place.region);
        let graph = graphs.filter_map(|(_, seat)| seat.graph.as_mut()).find(|graph| graph.arn == arn);
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
                word(wanted),
                word(status)
            ))),
        }
    }

    fn in_region(&self, place: &AccountRegion) -> impl Iterator<Item = &Graph> {
        let graphs = self.seats.iter().filter(|(other, _)| other.region == place.region);
        graphs.filter_map(|(_, seat)| seat.graph.as_ref())
    }

    /// The graph that the account administers, made now if there is none.
    pub(crate) fn create_graph(&mut self, place: &AccountRegion, now: Timestamp) -> &mut Graph {
        self.seat(place);
        let generation = self.generations.entry(place.clone()).or_default();
        let seat = self.seats.entry(place.clone()).or_default();
        seat.graph.get_or_insert_with(|| {
            *generation += 1;
            // What control took away cannot come back beside it.
            seat.aside = None;
            Graph::new(place, *generation, now)
        })
    }

    /// Removes the account's graph, also one that control took away.
    pub(crate) fn delete_graph(&mut self, place: &AccountRegion) {
        *self.seat(place) = Seat::default();
    }

    /// Takes away or puts back the graphs of some places, for those too that nobody has asked for yet.
    pub(crate) fn set_graph_exists(&mut self, places: AccountRegionFilter, exists: bool) {
        for (place, seat) in self.seats.iter_mut().filter(|(place, _)| places.include(place)) {
            if exists && seat.graph.is_none() {
                seat.graph = seat.aside.take().or_else(|| Some(first_graph(place)));
            } else if !exists && let Some(graph) = seat.graph.take() {
                seat.aside = Some(graph);
            }
        }
        self.from_the_start.retain(|(other, _)| *other != places);
        self.from_the_start.push((places, exists));
    }

    /// The place's seat. An account has a graph from the start unless control says otherwise.
    fn seat(&mut self, place: &AccountRegion) -> &mut Seat {
        let rules = &self.from_the_start;
        self.seats.entry(place.clone()).or_insert_with(|| {
            let exists = rules.iter().rev().find(|(places, _)| places.include(place)).is_none_or(|(_, exists)| *exists);
            Seat { graph: exists.then(|| first_graph(place)), aside: None }
        })
    }

    /// All graphs that were asked for, with their places.
    pub(crate) fn graphs_mut(&mut self) -> impl Iterator<Item = (&AccountRegion, &mut Graph)> {
        self.seats.iter_mut().filter_map(|(place, seat)| Some((place, seat.graph.as_mut()?)))
    }

    /// The investigations of all graphs, oldest first within a place. Those of a graph that control took away are told
    /// too: they wait for it.
    pub(crate) fn investigations(&self) -> impl Iterator<Item = (&AccountRegion, &Investigation)> {
        self.seats.iter().flat_map(|(place, seat)| {
            let graphs = seat.graph.iter().chain(&seat.aside);
            graphs.flat_map(|graph| graph.investigations.values()).map(move |investigation| (place, investigation))
        })
    }

    /// The investigation of an id, wherever it is.
    pub(crate) fn investigation_anywhere(&mut self, id: &str) -> Option<&mut Investigation> {
        let id = InvestigationId::parse(id)?;
        let graphs = self.seats.values_mut().flat_map(|seat| seat.graph.iter_mut().chain(&mut seat.aside));
        graphs.into_iter().find_map(|graph| graph.investigations.get_mut(&id))
    }

    /// An id that no investigation had before.
    pub(crate) fn next_investigation(&mut self) -> InvestigationId {
        self.last_investigation = self.last_investigation.next();
        self.last_investigation
    }

    /// Lets ids go on behind those of another state.
    pub(crate) fn go_on_from(&mut self, before: &Self) {
        self.last_investigation = before.last_investigation;
        self.generations.clone_from(&before.generations);
    }

    /// Writes into an entry which entity and which investigation a request is about: the entity it names or filters by,
    /// or that of the investigation it names.
    pub(crate) fn name_subject(&self, entry: &mut Entry, place: &AccountRegion, members: &Map<String, Value>) {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(String::from);
        entry.investigation_id = text(members.get("InvestigationId"));
        entry.entity_arn = text(members.get("EntityArn"))
            .or_else(|| text(members.get("FilterCriteria").and_then(|criteria| criteria.pointer("/EntityArn/Value"))))
            .or_else(|| {
                let id = InvestigationId::parse(entry.investigation_id.as_deref()?)?;
                let graph = self.seats.get(place)?.graph.as_ref()?;
                graph.investigations.get(&id).map(|investigation| investigation.entity_arn.clone())
            });
    }
}

fn first_graph(place: &AccountRegion) -> Graph {
    Graph::new(place, 0, Timestamp::from_second(CREATED).unwrap_or_default())
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
    fn the_last_word_on_a_graph_counts() {
        let mut state = State::default();
        let (one, two) = (AccountRegion::new("1", "r"), AccountRegion::new("2", "r"));
        let only = AccountRegionFilter { account: Some("1".into()), region: None };
        assert!(state.graph(&one).is_some());
        state.set_graph_exists(AccountRegionFilter::default(), false);
        state.set_graph_exists(only, true);
        assert!(state.graph(&one).is_some());
        assert!(state.graph(&two).is_none());
        state.set_graph_exists(AccountRegionFilter::default(), false);
        assert!(state.graph(&one).is_none());
    }

    #[test]
    fn a_graph_that_was_created_anew_is_another() {
        let mut state = State::default();
        let place = AccountRegion::new("1", "r");
        let first = state.create_graph(&place, Timestamp::UNIX_EPOCH).arn.clone();
        assert_eq!(first, first_graph_arn(&place));
        state.delete_graph(&place);
        assert!(state.graph(&place).is_none());
        let second = state.create_graph(&place, Timestamp::UNIX_EPOCH).arn.clone();
        assert_ne!(first, second);
        assert_eq!(state.create_graph(&place, Timestamp::UNIX_EPOCH).arn, second);
    }
}
