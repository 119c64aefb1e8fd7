//! Random sequences of calls, whose results must be those of a small reference model.

mod model;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::rc::Rc;

use aws_sdk_detective::Client;
use aws_sdk_detective::config::http::HttpResponse;
use aws_sdk_detective::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_detective::types::{
    Account, FilterCriteria, InvestigationDetail, MemberDetail, MemberDisabledReason, MemberStatus, State, StringFilter,
};
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use simulator::{AccountScenario, Outcome, Simulator, Verification};
use tokio::runtime::Runtime;

use crate::support::{REGION, ROLE, client, time};
use model::{ACCOUNTS, ADMINISTRATORS, Answer, MemberState, Transition, World};

/// A simulator under test, and what its responses have reported so far.
struct ModelRun {
    simulator: Simulator,
    administrators: Vec<Client>,
    members: Vec<Client>,
    /// The ARN of each administrator's graph, or the last it had.
    graphs: Vec<String>,
    /// The ids of the model's investigations, and the graphs they were started in.
    investigations: Vec<(String, String)>,
    runtime: Rc<Runtime>,
}

/// The response of a call, or the name of its error type.
fn error_code<T, E: ProvideErrorMetadata>(result: Result<T, SdkError<E, HttpResponse>>) -> Result<T, String> {
    result.map_err(|error| error.code().unwrap_or("no error type").to_owned())
}

impl ModelRun {
    async fn call(&mut self, transition: &Transition) -> Result<(), String> {
        let arn = |at: usize| self.graphs[at].clone();
        match transition {
            Transition::CreateGraph(at) => {
                let created = error_code(self.administrators[*at].create_graph().send().await)?;
                self.graphs[*at] = created.graph_arn.unwrap();
                Ok(())
            }
            Transition::DeleteGraph(at) => {
                error_code(self.administrators[*at].delete_graph().graph_arn(arn(*at)).send().await).map(drop)
            }
            Transition::Invite(at, accounts) => {
                let account = |at: &usize| Account::builder().account_id(ACCOUNTS[*at]).email_address("a@example.com");
                let accounts: Vec<Account> = accounts.iter().map(|at| account(at).build().unwrap()).collect();
                let count = accounts.len();
                let call = self.administrators[*at].create_members().graph_arn(arn(*at)).set_accounts(Some(accounts));
                let answer = error_code(call.send().await)?;
                assert_eq!(answer.members().len() + answer.unprocessed_accounts().len(), count, "each account once");
                Ok(())
            }
            Transition::Delete(at, accounts) => {
                let ids = accounts.iter().map(|at| ACCOUNTS[*at].to_owned()).collect();
                let call = self.administrators[*at].delete_members().graph_arn(arn(*at)).set_account_ids(Some(ids));
                error_code(call.send().await).map(drop)
            }
            Transition::Accept(at, account) => {
                error_code(self.members[*account].accept_invitation().graph_arn(arn(*at)).send().await).map(drop)
            }
            Transition::Reject(at, account) => {
                error_code(self.members[*account].reject_invitation().graph_arn(arn(*at)).send().await).map(drop)
            }
            Transition::Leave(at, account) => {
                error_code(self.members[*account].disassociate_membership().graph_arn(arn(*at)).send().await).map(drop)
            }
            Transition::Monitor(at, account) => {
                let call = self.administrators[*at].start_monitoring_member().graph_arn(arn(*at));
                error_code(call.account_id(ACCOUNTS[*account]).send().await).map(drop)
            }
            Transition::Volume(account, volume) => {
                self.simulator.add_account_scenario(AccountScenario { volume_bytes: *volume, ..scenario(*account) });
                Ok(())
            }
            Transition::Start(at) => {
                let call = self.administrators[*at].start_investigation().graph_arn(arn(*at)).entity_arn(ROLE);
                let call = call.scope_start_time(time("2026-11-19T00:00:00Z"));
                let started = error_code(call.scope_end_time(time("2026-11-20T00:00:00Z")).send().await)?;
                self.investigations.push((started.investigation_id.unwrap(), arn(*at)));
                Ok(())
            }
            Transition::Step(at) => {
                // An investigation of a deleted graph, or one that has ended, cannot be ended; the error is ignored.
                let _ = self.simulator.end_investigation(&self.investigations[*at].0, Outcome::Successful);
                Ok(())
            }
            Transition::Archive(at, archived) => {
                let (id, graph) = self.investigations[*at].clone();
                let administrator = ADMINISTRATORS.iter().position(|account| graph.contains(account)).unwrap();
                let call = self.administrators[administrator].update_investigation_state().graph_arn(graph);
                let state = if *archived { State::Archived } else { State::Active };
                error_code(call.investigation_id(id).state(state).send().await).map(drop)
            }
        }
    }

    /// All members of a graph, by pages of a size.
    async fn members(&self, at: usize, size: i32) -> Vec<MemberDetail> {
        let (mut found, mut token, mut tokens) = (Vec::new(), None, BTreeSet::new());
        loop {
            let list = self.administrators[at].list_members().graph_arn(&self.graphs[at]).max_results(size);
            let page = list.set_next_token(token).send().await.unwrap();
            assert!(page.member_details().len() <= size.unsigned_abs() as usize);
            found.extend(page.member_details.unwrap_or_default());
            token = page.next_token;
            match &token {
                None => return found,
                Some(token) => assert!(tokens.insert(token.clone()), "a token that was given out before"),
            }
        }
    }

    async fn listed_investigations(&self, at: usize, size: i32) -> Vec<InvestigationDetail> {
        let mut found = Vec::new();
        for state in [State::Active, State::Archived] {
            let state = StringFilter::builder().value(state.as_str()).build().unwrap();
            let filter = FilterCriteria::builder().state(state).build();
            let mut token = None;
            loop {
                let list = self.administrators[at].list_investigations().graph_arn(&self.graphs[at]).max_results(size);
                let page = list.filter_criteria(filter.clone()).set_next_token(token).send().await.unwrap();
                found.extend(page.investigation_details.unwrap_or_default());
                token = page.next_token;
                if token.is_none() {
                    break;
                }
            }
        }
        found
    }

    /// Administrator and members see the model's members, each in one status, however the pages are cut.
    async fn check_members(&self, world: &World) {
        for (at, graph) in world.graphs.iter().enumerate() {
            let Some(graph) = graph else {
                let listed = self.administrators[at].list_graphs().send().await.unwrap();
                assert!(listed.graph_list().is_empty());
                continue;
            };
            let listed = self.members(at, 200).await;
            let found: Vec<(&str, MemberState)> =
                listed.iter().map(|member| (member.account_id().unwrap(), state(member))).collect();
            let wanted: Vec<(&str, MemberState)> =
                graph.members.iter().map(|(account, state)| (ACCOUNTS[*account], *state)).collect();
            assert_eq!(found, wanted);
            assert_eq!(self.members(at, 1).await, listed);
            assert_eq!(self.members(at, 3).await, listed);
            let ingested_volume: u64 = wanted.iter().map(|(_, state)| volume(state)).sum();
            assert!(ingested_volume <= 10_000_000_000_000, "the quota of a graph holds");
        }
        for (account, client) in self.members.iter().enumerate() {
            let listed = client.list_invitations().send().await.unwrap();
            let found: BTreeSet<&str> = listed.invitations().iter().map(|one| one.graph_arn().unwrap()).collect();
            let wanted: BTreeSet<&str> = (0..2)
                .filter(|at| {
                    let state = world.graphs[*at].as_ref().and_then(|graph| graph.members.get(&account));
                    state.is_some_and(|state| *state != MemberState::Failed)
                })
                .map(|at| self.graphs[at].as_str())
                .collect();
            assert_eq!(found, wanted);
        }
    }

    /// Every investigation of a graph that is there is readable and listed once, archived or not.
    async fn check_investigations(&self, world: &World) {
        let mut ids = BTreeSet::new();
        for (one, (id, graph)) in world.investigations.iter().zip(&self.investigations) {
            assert!(ids.insert(id), "an id twice");
            let get = self.administrators[one.administrator].get_investigation().graph_arn(graph);
            let got = get.investigation_id(id).send().await;
            assert_eq!(got.is_ok(), one.there);
            if let Ok(got) = got {
                assert_eq!(got.state(), Some(if one.archived { &State::Archived } else { &State::Active }));
                assert_eq!(got.severity().is_none(), one.running);
            }
        }
        for (at, graph) in world.graphs.iter().enumerate() {
            let Some(graph) = graph else { continue };
            let listed = self.listed_investigations(at, 100).await;
            let found: BTreeSet<&str> = listed.iter().map(|one| one.investigation_id().unwrap()).collect();
            let wanted: BTreeSet<&str> =
                graph.investigations.iter().map(|one| self.investigations[*one].0.as_str()).collect();
            assert_eq!((found, listed.len()), (wanted, graph.investigations.len()));
            assert_eq!(self.listed_investigations(at, 2).await, listed);
        }
    }
}

fn scenario(account: usize) -> AccountScenario {
    let outcome = if account == 3 { Verification::VerificationFailed } else { Verification::Invited };
    AccountScenario { account_id: ACCOUNTS[account].into(), outcome, ..AccountScenario::default() }
}

fn volume(state: &MemberState) -> u64 {
    if let MemberState::Enabled(volume) = state { *volume } else { 0 }
}

fn state(member: &MemberDetail) -> MemberState {
    let usage = member.volume_usage_by_datasource_package().and_then(|usage| usage.values().next());
    match (member.status().unwrap(), member.disabled_reason()) {
        (MemberStatus::Invited, None) => MemberState::Invited,
        (MemberStatus::VerificationFailed, None) => MemberState::Failed,
        (MemberStatus::Enabled, None) => {
            MemberState::Enabled(usage.and_then(|usage| usage.volume_usage_in_bytes()).unwrap().unsigned_abs())
        }
        (MemberStatus::AcceptedButDisabled, Some(MemberDisabledReason::VolumeTooHigh)) => MemberState::VolumeTooHigh,
        (MemberStatus::AcceptedButDisabled, Some(MemberDisabledReason::VolumeUnknown)) => MemberState::VolumeUnknown,
        other => panic!("no member is {other:?}"),
    }
}

impl StateMachineTest for ModelRun {
    type SystemUnderTest = Self;
    type Reference = World;

    fn init_test(_: &<World as ReferenceStateMachine>::State) -> Self {
        let runtime = Rc::new(Runtime::new().unwrap());
        let simulator =
            runtime.block_on(async { Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap() });
        for account in 0..ACCOUNTS.len() {
            simulator.add_account_scenario(AccountScenario { volume_bytes: Some(1), ..scenario(account) });
        }
        // Investigations end only by a control request.
        let manual = simulator::Scenario::default().with_end(simulator::EndsWhen::Manually);
        simulator.add_scenario(manual);
        Self {
            administrators: ADMINISTRATORS.iter().map(|account| client(&simulator, account, REGION)).collect(),
            members: ACCOUNTS.iter().map(|account| client(&simulator, account, REGION)).collect(),
            graphs: ADMINISTRATORS.iter().map(|account| simulator.graph_arn(account, REGION)).collect(),
            investigations: Vec::new(),
            simulator,
            runtime,
        }
    }

    fn apply(mut run: Self, world: &World, transition: Transition) -> Self {
        let runtime = run.runtime.clone();
        let answered = runtime.block_on(run.call(&transition));
        match (&world.answer, &answered) {
            (Answer::Success, Ok(())) => {}
            (Answer::Error(wanted), Err(found)) if wanted == found => {}
            (wanted, found) => panic!("{transition:?} should answer {wanted:?}: {found:?}"),
        }
        run
    }

    fn check_invariants(run: &Self, world: &World) {
        run.runtime.block_on(async {
            run.check_members(world).await;
            run.check_investigations(world).await;
        });
    }
}

prop_state_machine! {
    #![proptest_config(Config::with_cases(12))]

    #[test]
    fn random_call_sequences_agree_with_the_model(sequential 1..40 => ModelRun);
}
