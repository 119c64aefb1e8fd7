//! The reference model: administrators, members, investigations.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

/// Two accounts administer graphs; four more can be members. The last of these never passes its verification.
pub(super) const ADMINISTRATORS: [&str; 2] = ["111122223333", "111122224444"];
pub(super) const ACCOUNTS: [&str; 4] = ["200000000001", "200000000002", "200000000003", "200000000004"];
const NEVER_VERIFIED: usize = 3;

/// How much a graph can ingest, and two volumes of which one fits and two do not; in bytes a day.
const GRAPH: u64 = 10_000_000_000_000;
const VOLUMES: [Option<u64>; 3] = [Some(1), Some(6_000_000_000_000), None];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberState {
    Invited,
    Failed,
    Enabled(u64),
    VolumeTooHigh,
    VolumeUnknown,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    pub(super) members: BTreeMap<usize, MemberState>,
    /// Those that its investigations have in `World::investigations`.
    pub(super) investigations: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Investigation {
    pub(super) administrator: usize,
    pub(super) running: bool,
    pub(super) archived: bool,
    /// Whether its graph is still there.
    pub(super) there: bool,
}

/// What the last call should have answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Success,
    Error(&'static str),
}

#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) graphs: [Option<Graph>; 2],
    pub(super) volumes: [Option<u64>; 4],
    pub(super) investigations: Vec<Investigation>,
    pub(super) answer: Answer,
}

#[derive(Debug, Clone)]
pub(super) enum Transition {
    CreateGraph(usize),
    DeleteGraph(usize),
    Invite(usize, Vec<usize>),
    Delete(usize, Vec<usize>),
    Accept(usize, usize),
    Reject(usize, usize),
    Leave(usize, usize),
    Monitor(usize, usize),
    Volume(usize, Option<u64>),
    Start(usize),
    Step(usize),
    Archive(usize, bool),
}

use Answer::{Error, Success};
use Transition::*;

const NOT_FOUND: Answer = Error("ResourceNotFoundException");
const CONFLICT: Answer = Error("ConflictException");

impl Graph {
    fn ingested_volume(&self, but: usize) -> u64 {
        let others = self.members.iter().filter(|(account, _)| **account != but);
        others.map(|(_, state)| if let MemberState::Enabled(volume) = state { *volume } else { 0 }).sum()
    }

    fn enable(&mut self, account: usize, volume: Option<u64>) {
        let state = match volume {
            None => MemberState::VolumeUnknown,
            Some(volume) if self.ingested_volume(account) + volume > GRAPH => MemberState::VolumeTooHigh,
            Some(volume) => MemberState::Enabled(volume),
        };
        self.members.insert(account, state);
    }
}

impl World {
    /// Carries out what is about one graph; without it nothing is found.
    fn with_graph(&mut self, administrator: usize, work: impl FnOnce(&mut Graph, &[Option<u64>; 4]) -> Answer) {
        let volumes = self.volumes;
        self.answer = match &mut self.graphs[administrator] {
            Some(graph) => work(graph, &volumes),
            None => NOT_FOUND,
        };
    }
}

impl ReferenceStateMachine for World {
    type State = Self;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self {
            graphs: [Some(Graph::default()), Some(Graph::default())],
            volumes: [VOLUMES[0]; 4],
            investigations: Vec::new(),
            answer: Success,
        })
        .boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Transition> {
        let (graph, account) = (0..2_usize, 0..4_usize);
        let some = prop::collection::vec(0..4_usize, 1..6);
        let one = (graph.clone(), account.clone());
        let begun = 0..state.investigations.len().max(1);
        prop_oneof![
            1 => graph.clone().prop_map(CreateGraph),
            1 => graph.clone().prop_map(DeleteGraph),
            6 => (graph.clone(), some.clone()).prop_map(|(graph, accounts)| Invite(graph, accounts)),
            2 => (graph.clone(), some).prop_map(|(graph, accounts)| Delete(graph, accounts)),
            6 => one.clone().prop_map(|(graph, account)| Accept(graph, account)),
            2 => one.clone().prop_map(|(graph, account)| Reject(graph, account)),
            2 => one.clone().prop_map(|(graph, account)| Leave(graph, account)),
            3 => one.prop_map(|(graph, account)| Monitor(graph, account)),
            3 => (account, prop::sample::select(&VOLUMES[..])).prop_map(|(account, volume)| Volume(account, volume)),
            5 => graph.prop_map(Start),
            3 => begun.clone().prop_map(Step),
            3 => (begun, any::<bool>()).prop_map(|(investigation, archived)| Archive(investigation, archived)),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, transition: &Transition) -> bool {
        match transition {
            Step(at) | Archive(at, _) => *at < state.investigations.len(),
            _ => true,
        }
    }

    fn apply(mut state: Self, transition: &Transition) -> Self {
        state.answer = Success;
        match transition {
            CreateGraph(at) => drop(state.graphs[*at].get_or_insert_with(Graph::default)),
            DeleteGraph(at) => match state.graphs[*at].take() {
                Some(graph) => graph.investigations.iter().for_each(|one| state.investigations[*one].there = false),
                None => state.answer = NOT_FOUND,
            },
            Invite(at, accounts) => state.with_graph(*at, |graph, _| {
                for account in accounts {
                    let verified = if *account == NEVER_VERIFIED { MemberState::Failed } else { MemberState::Invited };
                    graph.members.entry(*account).or_insert(verified);
                }
                Success
            }),
            Delete(at, accounts) => state.with_graph(*at, |graph, _| {
                graph.members.retain(|account, _| !accounts.contains(account));
                Success
            }),
            Accept(at, account) => state.with_graph(*at, |graph, volumes| match graph.members.get(account) {
                None | Some(MemberState::Failed) => NOT_FOUND,
                Some(MemberState::Invited) => {
                    graph.enable(*account, volumes[*account]);
                    Success
                }
                Some(_) => CONFLICT,
            }),
            Reject(at, account) => state.with_graph(*at, |graph, _| match graph.members.get(account) {
                None | Some(MemberState::Failed) => NOT_FOUND,
                Some(MemberState::Invited) => {
                    graph.members.remove(account);
                    Success
                }
                Some(_) => CONFLICT,
            }),
            Leave(at, account) => state.with_graph(*at, |graph, _| match graph.members.get(account) {
                None | Some(MemberState::Failed) => NOT_FOUND,
                Some(MemberState::Enabled(_)) => {
                    graph.members.remove(account);
                    Success
                }
                Some(_) => CONFLICT,
            }),
            Monitor(at, account) => state.with_graph(*at, |graph, volumes| match graph.members.get(account) {
                None => NOT_FOUND,
                Some(MemberState::VolumeTooHigh | MemberState::VolumeUnknown) => {
                    graph.enable(*account, volumes[*account]);
                    Success
                }
                Some(_) => CONFLICT,
            }),
            Volume(account, volume) => state.volumes[*account] = *volume,
            Start(at) => {
                let next = state.investigations.len();
                state.with_graph(*at, |graph, _| {
                    graph.investigations.push(next);
                    Success
                });
                if state.answer == Success {
                    let begun = Investigation { administrator: *at, running: true, archived: false, there: true };
                    state.investigations.push(begun);
                }
            }
            Step(at) => {
                let one = &mut state.investigations[*at];
                one.running = one.running && !one.there;
            }
            Archive(at, archived) => {
                let one = &mut state.investigations[*at];
                if one.there {
                    one.archived = *archived;
                } else {
                    state.answer = NOT_FOUND;
                }
            }
        }
        state
    }
}
