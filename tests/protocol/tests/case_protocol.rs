//! The protocol of cases, explored completely: each test has its own faults, and explores every order of steps.
//!
//! `cargo test -p protocol --test case_protocol -- --ignored --nocapture` explores larger bounds.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout, reason = "a test that prints how much it explored")]

use gumshoe_domain::Severity;
use gumshoe_domain::case::CoverageKind;
use protocol::{Clock, Config, FaultLimits, LoopLimits, Message, ModelState, Mutation, Protocol};
use stateright::{Checker, Model};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

const MEDIUM: bool = false;
const HIGH: bool = true;

fn config(messages: &[Message], bounds: FaultLimits) -> Config {
    Config {
        messages: messages.to_vec(),
        open_case_concurrency: 2,
        fault_limits: bounds,
        clock: Clock::default(),
        loop_limits: LoopLimits { seal_round: 3, rounds: 6, investigations: 3 },
        asks_guardduty: false,
        has_follow_up: false,
        interleaves_investigations: false,
        exhausts_retries: false,
        sweep_concurrency: 1,
        is_transient: false,
        coverage: CoverageKind::InGraphs,
        mutation: None,
    }
}

/// Any of these faults, at most this number together.
fn any(faults: u8) -> FaultLimits {
    FaultLimits {
        faults,
        crashes: 2,
        lost_responses: 2,
        redeliveries: 1,
        orphans: 1,
        outages: 2,
        ..FaultLimits::default()
    }
}

fn crashes(faults: u8) -> FaultLimits {
    FaultLimits { faults, crashes: faults, ..FaultLimits::default() }
}

/// One execution fails: in a task, and once more after the fallback notification.
fn execution_failure() -> FaultLimits {
    FaultLimits { faults: 2, outages: 2, ..FaultLimits::default() }
}

/// One finding that rises to a higher band.
fn severity_rises() -> [Message; 2] {
    [Message::new(0, 0, MEDIUM, 1), Message::new(0, 0, HIGH, 2)]
}

/// One finding that is updated in its band.
fn finding_repeats() -> [Message; 2] {
    [Message::new(0, 0, MEDIUM, 1), Message::new(0, 0, MEDIUM, 2)]
}

/// Three findings about two principals, in two bands.
fn two_principals() -> [Message; 3] {
    [Message::new(0, 0, MEDIUM, 1), Message::new(1, 0, HIGH, 1), Message::new(2, 1, MEDIUM, 1)]
}

/// Explores every state: no property is violated, and the required outcomes are reached.
fn check_all_states(name: &str, config: Config) {
    let begun = Instant::now();
    let protocol = Protocol::new(config);
    let checker = protocol.checker().threads(2).spawn_dfs().join();
    println!(
        "{name}: {} states, {} steps, at most {} in a row, {:.1?}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        begun.elapsed()
    );
    if let Some((violated, path)) = checker.discoveries().into_iter().find(|(name, _)| {
        matches!(checker.discovery_classification(name), stateright::DiscoveryClassification::Counterexample)
    }) {
        panic!("{name}: {violated}\n{}", format_trace(path));
    }
    // An exploration without outcomes proves nothing.
    checker.assert_any_discovery("an alert is sent");
    let Config { messages, coverage, .. } = &checker.model().config;
    let has_medium = messages.iter().any(|message| message.state.severity < Severity::new(7.0).unwrap());
    if has_medium && *coverage == CoverageKind::InGraphs {
        checker.assert_any_discovery("a case closes quietly");
    }
}

fn format_trace(path: stateright::Path<ModelState, protocol::Action>) -> String {
    let steps = path.into_vec().into_iter().map(|(world, action)| format!("  {action:?}: {}", world.summary()));
    steps.collect::<Vec<_>>().join("\n")
}

#[test]
fn two_principals_three_findings_two_crashes() {
    check_all_states("two principals, three findings, two crashes", config(&two_principals(), crashes(2)));
}

#[test]
fn finding_rises_with_any_two_faults() {
    check_all_states("a finding rises, any two faults", config(&severity_rises(), any(2)));
}

#[test]
fn finding_is_updated_with_any_two_faults() {
    check_all_states("a finding is updated, any two faults", config(&finding_repeats(), any(2)));
}

#[test]
fn two_executions_of_one_case_with_any_other_fault() {
    let bounds = FaultLimits { manual_starts: 1, ..any(2) };
    check_all_states("two executions of one case, any other fault", config(&[Message::new(0, 0, HIGH, 1)], bounds));
    check_all_states(
        "two executions of one quiet case, any other fault",
        config(&[Message::new(0, 0, MEDIUM, 1)], bounds),
    );
}

/// An execution that finds the claim of another too often continues with the next round, and assesses the case again.
#[test]
fn execution_exhausts_its_retries_while_another_claims() {
    let bounds = FaultLimits { faults: 1, manual_starts: 1, ..FaultLimits::default() };
    let loops = LoopLimits { seal_round: 2, rounds: 2, investigations: 2 };
    let used_up =
        Config { exhausts_retries: true, loop_limits: loops, ..config(&[Message::new(0, 0, HIGH, 1)], bounds) };
    check_all_states("two executions, retries exhausted", used_up);
}

#[test]
fn execution_is_stopped_manually() {
    let bounds = FaultLimits { faults: 2, stops: 1, crashes: 1, ..FaultLimits::default() };
    check_all_states("an execution is stopped manually", config(&severity_rises(), bounds));
}

/// In addition to the execution that restarts the case automatically.
#[test]
fn failed_execution_is_redriven() {
    let bounds = FaultLimits { faults: 4, redrives: 1, crashes: 1, lost_responses: 1, ..execution_failure() };
    check_all_states("a failed execution is redriven", config(&[Message::new(0, 0, HIGH, 1)], bounds));
}

#[test]
fn executions_keep_failing() {
    let bounds = FaultLimits { faults: 8, outages: 7, crashes: 1, ..FaultLimits::default() };
    check_all_states("executions keep failing", config(&[Message::new(0, 0, HIGH, 1)], bounds));
    let bounds = FaultLimits { faults: 3, crashes: 1, lost_responses: 1, ..execution_failure() };
    check_all_states("an execution fails while a finding rises", config(&severity_rises(), bounds));
}

/// A finding of High severity joins after the investigation, and GuardDuty must be asked about it.
#[test]
fn case_repeats_a_round_for_guardduty() {
    let again = Config { asks_guardduty: true, ..config(&severity_rises(), any(2)) };
    check_all_states("a finding rises and GuardDuty is asked, any two faults", again);
}

#[test]
fn attack_sequence_of_two_principals_with_any_fault() {
    let messages = [Message::new(0, 0, MEDIUM, 1), Message::new(1, 0, HIGH, 1).and_about(1)];
    check_all_states("an attack sequence, any fault", config(&messages, any(1)));
}

/// A quiet case is watched and its follow-up is due immediately: late steps of the first run meet the follow-up.
fn with_follow_up(messages: &[Message], bounds: FaultLimits) -> Config {
    Config { has_follow_up: true, ..config(messages, bounds) }
}

#[test]
fn quiet_case_with_follow_up() {
    let quiet = [Message::new(0, 0, MEDIUM, 1)];
    check_all_states("a follow-up, any two faults", with_follow_up(&quiet, any(2)));
    let twice = Config { sweep_concurrency: 2, ..with_follow_up(&quiet, crashes(1)) };
    check_all_states("a follow-up, two concurrent sweeps, a crash", twice);
    let manual = FaultLimits { faults: 1, manual_starts: 1, ..FaultLimits::default() };
    check_all_states("a follow-up, two executions", with_follow_up(&quiet, manual));
    check_all_states("a finding rises before a follow-up, a crash", with_follow_up(&severity_rises(), crashes(1)));
    check_all_states(
        "a finding is updated before a follow-up, a crash",
        with_follow_up(&finding_repeats(), crashes(1)),
    );
}

#[test]
fn follow_up_executions_keep_failing() {
    let bounds = FaultLimits { faults: 5, outages: 5, ..FaultLimits::default() };
    check_all_states("follow-ups keep failing", with_follow_up(&[Message::new(0, 0, MEDIUM, 1)], bounds));
}

/// A transient failure prevents the investigation: an update opens the next case, which may have the same outcome.
#[test]
fn transient_failure_prevents_the_investigation() {
    let passes = Config { is_transient: true, ..config(&finding_repeats(), any(1)) };
    check_all_states("a transient failure, any fault", passes);
    let both = Config { is_transient: true, ..with_follow_up(&finding_repeats(), FaultLimits::default()) };
    check_all_states("a transient failure, and a follow-up", both);
}

/// An empty result does not count there: people are notified.
#[test]
fn detective_has_no_data_of_the_account() {
    for coverage in [CoverageKind::Outside, CoverageKind::Unknown { is_transient: false }] {
        let uncovered = Config { coverage, ..config(&[Message::new(0, 0, MEDIUM, 1)], any(1)) };
        check_all_states("an account outside the graph, any fault", uncovered);
    }
}

/// Another execution starts an investigation while this one is about to read the previous result.
#[test]
fn investigations_run_while_other_steps_happen() {
    let bounds = FaultLimits { faults: 1, manual_starts: 1, ..FaultLimits::default() };
    check_all_states("a finding is updated, running investigations", running(&finding_repeats(), bounds));
    let bounds = FaultLimits { faults: 1, outages: 1, ..FaultLimits::default() };
    check_all_states("a finding is updated, a poll fails", running(&finding_repeats(), bounds));
}

fn running(messages: &[Message], bounds: FaultLimits) -> Config {
    let loops = LoopLimits { seal_round: 2, rounds: 3, investigations: 2 };
    Config { interleaves_investigations: true, loop_limits: loops, ..config(messages, bounds) }
}

/// Hours and months pass, closed cases expire, and clocks differ.
#[test]
fn time_passes_and_cases_expire() {
    let time = Clock { hour_steps: vec![23, 2, 2500], skew_seconds: 2 };
    let messages = [Message::new(0, 0, MEDIUM, 1), Message::new(0, 0, MEDIUM, 2), Message::new(1, 0, HIGH, 1)];
    check_all_states("time passes", Config { clock: time, ..config(&messages, FaultLimits::default()) });
    let time = Clock { hour_steps: vec![25, 2500], skew_seconds: 2 };
    check_all_states("time passes, any fault", Config { clock: time, ..config(&finding_repeats(), any(1)) });
}

/// Properties of final states say nothing about a run without end: no state may repeat.
#[test]
fn every_run_ends() {
    let manual = FaultLimits { manual_starts: 1, ..any(1) };
    let asked = Config { asks_guardduty: true, ..config(&severity_rises(), any(1)) };
    let with_follow_up = with_follow_up(&[Message::new(0, 0, MEDIUM, 1)], any(1));
    for config in
        [config(&severity_rises(), any(1)), asked, config(&[Message::new(0, 0, HIGH, 1)], manual), with_follow_up]
    {
        let protocol = Protocol::new(config);
        // Depth first, with the path to the state: a state that is on the path already is a cycle.
        let mut done: HashMap<u64, bool> = HashMap::new();
        let mut stack: Vec<(u64, Vec<ModelState>)> =
            protocol.init_states().iter().map(|it| (fingerprint(it), after(&protocol, it))).collect();
        while let Some((state, next)) = stack.last_mut() {
            match next.pop() {
                None => {
                    done.insert(*state, true);
                    stack.pop();
                }
                Some(world) => match done.get(&fingerprint(&world)) {
                    Some(true) => {}
                    Some(false) => panic!("state repeats: cycle: {}", world.summary()),
                    None => {
                        done.insert(fingerprint(&world), false);
                        stack.push((fingerprint(&world), after(&protocol, &world)));
                    }
                },
            }
        }
        assert!(done.len() > 1_000);
    }
}

fn after(protocol: &Protocol, world: &ModelState) -> Vec<ModelState> {
    protocol.next_states(world)
}

fn fingerprint(world: &ModelState) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}

#[test]
#[ignore = "takes minutes: larger bounds, run manually"]
fn larger() {
    check_all_states("two principals, three findings, three crashes", config(&two_principals(), crashes(3)));
    check_all_states("a finding rises, any three faults", config(&severity_rises(), any(3)));
    let three = [Message::new(1, 0, MEDIUM, 1), Message::new(0, 0, MEDIUM, 1), Message::new(0, 0, HIGH, 2)];
    check_all_states("two findings, one of which rises, any fault", config(&three, any(1)));
    let bounds = FaultLimits { faults: 1, manual_starts: 1, ..FaultLimits::default() };
    check_all_states("two executions, a finding rises", config(&severity_rises(), bounds));
    let asked = Config { asks_guardduty: true, ..config(&severity_rises(), bounds) };
    check_all_states("two executions, a finding rises and GuardDuty is asked", asked);
}

/// The smallest configuration that was found in which a property finds the mutation.
fn smallest_config(mutation: Mutation) -> Config {
    let one = [Message::new(0, 0, HIGH, 1)];
    let quiet = [Message::new(0, 0, MEDIUM, 1)];
    let manual = |bounds| FaultLimits { manual_starts: 1, ..bounds };
    let small = match mutation {
        Mutation::OverwritesFinding => {
            let [first, risen] = severity_rises();
            config(&[Message::new(1, 0, MEDIUM, 1), first, risen], FaultLimits::default())
        }
        Mutation::JoinsWithoutCondition | Mutation::ClosesQuietlyDespiteJoin | Mutation::ClosesAlertedDespiteJoin => {
            config(&severity_rises(), FaultLimits::default())
        }
        Mutation::OpensWithoutCondition => {
            config(&[Message::new(0, 0, HIGH, 1), Message::new(1, 0, HIGH, 1)], FaultLimits::default())
        }
        Mutation::RenewsWithoutCondition | Mutation::ClosesDespiteRenewal => {
            config(&finding_repeats(), FaultLimits::default())
        }
        Mutation::SkipsStartOfExistingCase | Mutation::RecordsBeforePublishing | Mutation::ClosesBeforePublishing => {
            config(&one, crashes(1))
        }
        Mutation::IgnoresFailedExecution => {
            config(&severity_rises(), FaultLimits { faults: 1, stops: 1, ..FaultLimits::default() })
        }
        Mutation::SkipsRestart => config(&one, execution_failure()),
        Mutation::SkipsStartOfCountedAttempt => {
            config(&one, FaultLimits { faults: 3, crashes: 1, ..execution_failure() })
        }
        Mutation::IgnoresClaimDuration | Mutation::ClaimsWithoutCondition => config(&one, manual(any(1))),
        Mutation::ClaimsOutdatedAssessment => {
            config(&severity_rises(), FaultLimits { faults: 1, manual_starts: 1, ..FaultLimits::default() })
        }
        Mutation::ReusesRevisions => {
            let bounds = FaultLimits { faults: 2, lost_responses: 1, manual_starts: 1, ..FaultLimits::default() };
            config(&[Message::new(0, 0, MEDIUM, 1)], bounds)
        }
        Mutation::SkipsFollowUp | Mutation::FollowUpUsesFirstInvestigation => {
            with_follow_up(&quiet, FaultLimits::default())
        }
        Mutation::RemovesFromDueListTooEarly => with_follow_up(&quiet, crashes(1)),
        Mutation::WatchesAfterFollowUpBegan => with_follow_up(&quiet, any(1)),
        Mutation::WatchesDespiteJoin | Mutation::ReopensWithoutExecution | Mutation::BeginsFollowUpWithoutCondition => {
            with_follow_up(&severity_rises(), FaultLimits::default())
        }
        Mutation::TreatsRunningAsEnded => {
            running(&finding_repeats(), FaultLimits { faults: 1, manual_starts: 1, ..FaultLimits::default() })
        }
        Mutation::SuppressesTransient | Mutation::RepeatsNotification => {
            Config { is_transient: true, ..config(&finding_repeats(), FaultLimits::default()) }
        }
        Mutation::ValidatesOnlyPublished => config(&one, FaultLimits::default()),
        Mutation::IgnoresCoverage => {
            Config { coverage: CoverageKind::Outside, ..config(&quiet, FaultLimits::default()) }
        }
        Mutation::IgnoresLaterActivity => config(&finding_repeats(), FaultLimits::default()),
        Mutation::TreatsNoResultAsQuiet => config(&quiet, FaultLimits::default()),
        Mutation::NeverEnds => {
            let loops = LoopLimits { seal_round: 3, rounds: 6, investigations: 1 };
            Config { loop_limits: loops, ..config(&finding_repeats(), FaultLimits::default()) }
        }
        Mutation::MatchesCaseBySequenceOnly => {
            let messages = [Message::new(0, 0, MEDIUM, 1), Message::new(0, 0, MEDIUM, 2), Message::new(1, 0, HIGH, 1)];
            let time = Clock { hour_steps: vec![23, 2, 2500], skew_seconds: 2 };
            Config { clock: time, ..config(&messages, FaultLimits::default()) }
        }
    };
    Config { mutation: Some(mutation), ..small }
}

/// Each mutation violates a property.
#[test]
fn every_mutation_is_caught() {
    let mut missed = Vec::new();
    for mutation in Mutation::ALL {
        let begun = Instant::now();
        let protocol = Protocol::new(smallest_config(mutation));
        let found = stateright::HasDiscoveries::AnyFailures;
        let checker = protocol.checker().threads(2).finish_when(found).spawn_bfs().join();
        let caught = checker.discoveries().into_iter().find(|(name, _)| {
            matches!(checker.discovery_classification(name), stateright::DiscoveryClassification::Counterexample)
        });
        match caught {
            Some((violated, path)) => println!(
                "{mutation:?}: violates \"{violated}\" in {} steps, found among {} states in {:.1?}",
                path.into_actions().len(),
                checker.unique_state_count(),
                begun.elapsed()
            ),
            None => missed.push(mutation),
        }
    }
    assert!(missed.is_empty(), "no property is violated by {missed:?}");
}
