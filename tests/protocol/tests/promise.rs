//! The promise, explored completely: each test is one world in which other things go wrong, and all that can happen in it.
//!
//! `cargo test -p protocol --test promise -- --ignored --nocapture` explores larger ones.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout, reason = "a test, which says how much it explored")]

use gumshoe_domain::Severity;
use gumshoe_domain::case::CoverageKind;
use protocol::{Bounds, Config, Faulty, Loops, Message, Protocol, Time, World};
use stateright::{Checker, Model};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

const MEDIUM: bool = false;
const HIGH: bool = true;

fn config(messages: &[Message], bounds: Bounds) -> Config {
    Config {
        messages: messages.to_vec(),
        intakes: 2,
        bounds,
        time: Time::default(),
        loops: Loops { seal: 3, rounds: 6, investigations: 3 },
        second_engine: false,
        second_look: false,
        interleaves_investigations: false,
        uses_up_retries: false,
        sweeps: 1,
        is_transient: false,
        coverage: CoverageKind::InGraphs,
        faulty: None,
    }
}

/// Any of these, so many of them in all.
fn any(faults: u8) -> Bounds {
    Bounds { faults, crashes: 2, lost: 2, repeats: 1, orphans: 1, outages: 2, ..Bounds::default() }
}

fn crashes(faults: u8) -> Bounds {
    Bounds { faults, crashes: faults, ..Bounds::default() }
}

/// One execution fails: in a task, and once more after people were told.
fn fails() -> Bounds {
    Bounds { faults: 2, outages: 2, ..Bounds::default() }
}

/// One finding that climbs into a higher band.
fn climbs() -> [Message; 2] {
    [Message::new(0, 0, MEDIUM, 1), Message::new(0, 0, HIGH, 2)]
}

/// One finding that comes again in its band.
fn comes_again() -> [Message; 2] {
    [Message::new(0, 0, MEDIUM, 1), Message::new(0, 0, MEDIUM, 2)]
}

/// Three findings about two principals, in two bands.
fn two_principals() -> [Message; 3] {
    [Message::new(0, 0, MEDIUM, 1), Message::new(1, 0, HIGH, 1), Message::new(2, 1, MEDIUM, 1)]
}

/// Explores everything; nothing may be violated, and what must be possible is.
fn holds(name: &str, config: Config) {
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
        panic!("{name}: {violated}\n{}", told(path));
    }
    // What must be possible: an exploration in which nothing happens shows nothing.
    checker.assert_any_discovery("an alert is sent");
    let Config { messages, coverage, .. } = &checker.model().config;
    let has_medium = messages.iter().any(|message| message.state.severity < Severity::new(7.0).unwrap());
    if has_medium && *coverage == CoverageKind::InGraphs {
        checker.assert_any_discovery("a case closes quietly");
    }
}

fn told(path: stateright::Path<World, protocol::Action>) -> String {
    let steps = path.into_vec().into_iter().map(|(world, action)| format!("  {action:?}: {}", world.outline()));
    steps.collect::<Vec<_>>().join("\n")
}

#[test]
fn two_principals_three_findings_two_crashes() {
    holds("two principals, three findings, two crashes", config(&two_principals(), crashes(2)));
}

#[test]
fn a_finding_that_climbs_and_any_two_faults() {
    holds("a finding that climbs, any two faults", config(&climbs(), any(2)));
}

#[test]
fn a_finding_that_comes_again_and_any_two_faults() {
    holds("a finding that comes again, any two faults", config(&comes_again(), any(2)));
}

#[test]
fn two_executions_of_one_case_and_any_other_fault() {
    let bounds = Bounds { by_hand: 1, ..any(2) };
    holds("two executions of one case, any other fault", config(&[Message::new(0, 0, HIGH, 1)], bounds));
    holds("two executions of one quiet case, any other fault", config(&[Message::new(0, 0, MEDIUM, 1)], bounds));
}

/// An execution that meets another's claim too often goes on with the next round, and assesses the case again.
#[test]
fn an_execution_whose_retries_are_used_up_while_another_claims() {
    let bounds = Bounds { faults: 1, by_hand: 1, ..Bounds::default() };
    let loops = Loops { seal: 2, rounds: 2, investigations: 2 };
    let used_up = Config { uses_up_retries: true, loops, ..config(&[Message::new(0, 0, HIGH, 1)], bounds) };
    holds("two executions, retries used up", used_up);
}

#[test]
fn an_execution_that_a_person_stops() {
    let bounds = Bounds { faults: 2, stops: 1, crashes: 1, ..Bounds::default() };
    holds("an execution that a person stops", config(&climbs(), bounds));
}

/// Beside the execution that takes the case up by itself.
#[test]
fn a_failed_execution_that_a_person_redrives() {
    let bounds = Bounds { faults: 4, redrives: 1, crashes: 1, lost: 1, ..fails() };
    holds("a failed execution that a person redrives", config(&[Message::new(0, 0, HIGH, 1)], bounds));
}

#[test]
fn executions_that_go_on_failing() {
    let bounds = Bounds { faults: 8, outages: 7, crashes: 1, ..Bounds::default() };
    holds("executions that go on failing", config(&[Message::new(0, 0, HIGH, 1)], bounds));
    let bounds = Bounds { faults: 3, crashes: 1, lost: 1, ..fails() };
    holds("an execution that fails while a finding climbs", config(&climbs(), bounds));
}

/// A finding of High severity joins when everything has been investigated, and GuardDuty is to be asked about it.
#[test]
fn a_case_that_goes_round_again_for_the_second_engine() {
    let again = Config { second_engine: true, ..config(&climbs(), any(2)) };
    holds("a finding that climbs and is asked about, any two faults", again);
}

#[test]
fn an_attack_sequence_of_two_principals_and_any_fault() {
    let messages = [Message::new(0, 0, MEDIUM, 1), Message::new(1, 0, HIGH, 1).and_about(1)];
    holds("an attack sequence, any fault", config(&messages, any(1)));
}

/// A quiet case is watched, and looked at again at once: whatever was late before meets its second look.
fn looked_at_again(messages: &[Message], bounds: Bounds) -> Config {
    Config { second_look: true, ..config(messages, bounds) }
}

#[test]
fn a_quiet_case_that_is_looked_at_again() {
    let quiet = [Message::new(0, 0, MEDIUM, 1)];
    holds("a second look, any two faults", looked_at_again(&quiet, any(2)));
    let twice = Config { sweeps: 2, ..looked_at_again(&quiet, crashes(1)) };
    holds("a second look, two sweeps at once, a crash", twice);
    let by_hand = Bounds { faults: 1, by_hand: 1, ..Bounds::default() };
    holds("a second look, two executions", looked_at_again(&quiet, by_hand));
    holds("a finding that climbs before a second look, a crash", looked_at_again(&climbs(), crashes(1)));
    holds("a finding that comes again before a second look, a crash", looked_at_again(&comes_again(), crashes(1)));
}

#[test]
fn executions_of_a_second_look_that_go_on_failing() {
    let bounds = Bounds { faults: 5, outages: 5, ..Bounds::default() };
    holds("second looks that go on failing", looked_at_again(&[Message::new(0, 0, MEDIUM, 1)], bounds));
}

/// What kept the case from being investigated may pass: the finding opens the next one, which may come to the same.
#[test]
fn a_failure_that_may_pass() {
    let passes = Config { is_transient: true, ..config(&comes_again(), any(1)) };
    holds("a failure that may pass, any fault", passes);
    let both = Config { is_transient: true, ..looked_at_again(&comes_again(), Bounds::default()) };
    holds("a failure that may pass, and a second look", both);
}

/// An empty result proves nothing there: people are notified.
#[test]
fn an_account_that_detective_has_no_data_of() {
    for coverage in [CoverageKind::Outside, CoverageKind::Unknown { is_transient: false }] {
        let uncovered = Config { coverage, ..config(&[Message::new(0, 0, MEDIUM, 1)], any(1)) };
        holds("an account outside the graph, any fault", uncovered);
    }
}

/// Another execution starts an investigation while this one is about to read the result of the last.
#[test]
fn investigations_that_are_running_while_other_things_happen() {
    let bounds = Bounds { faults: 1, by_hand: 1, ..Bounds::default() };
    holds("a finding that comes again, running investigations", running(&comes_again(), bounds));
    let bounds = Bounds { faults: 1, outages: 1, ..Bounds::default() };
    holds("a finding that comes again, a look that fails", running(&comes_again(), bounds));
}

fn running(messages: &[Message], bounds: Bounds) -> Config {
    let loops = Loops { seal: 2, rounds: 3, investigations: 2 };
    Config { interleaves_investigations: true, loops, ..config(messages, bounds) }
}

/// Hours and months pass, the table forgets what has ended, and clocks differ.
#[test]
fn time_passes_and_the_table_forgets() {
    let time = Time { steps: vec![23, 2, 2500], skew: 2 };
    let messages = [Message::new(0, 0, MEDIUM, 1), Message::new(0, 0, MEDIUM, 2), Message::new(1, 0, HIGH, 1)];
    holds("time passes", Config { time, ..config(&messages, Bounds::default()) });
    let time = Time { steps: vec![25, 2500], skew: 2 };
    holds("time passes, any fault", Config { time, ..config(&comes_again(), any(1)) });
}

/// What is said of the end says nothing of a run that has none: no state may come round again.
#[test]
fn every_run_comes_to_an_end() {
    let by_hand = Bounds { by_hand: 1, ..any(1) };
    let asked = Config { second_engine: true, ..config(&climbs(), any(1)) };
    let looked_at_again = looked_at_again(&[Message::new(0, 0, MEDIUM, 1)], any(1));
    for config in [config(&climbs(), any(1)), asked, config(&[Message::new(0, 0, HIGH, 1)], by_hand), looked_at_again] {
        let protocol = Protocol::new(config);
        // Depth first, with the way that led there: what is met on the way itself has come round.
        let mut done: HashMap<u64, bool> = HashMap::new();
        let mut way: Vec<(u64, Vec<World>)> =
            protocol.init_states().iter().map(|it| (print(it), after(&protocol, it))).collect();
        while let Some((state, next)) = way.last_mut() {
            match next.pop() {
                None => {
                    done.insert(*state, true);
                    way.pop();
                }
                Some(world) => match done.get(&print(&world)) {
                    Some(true) => {}
                    Some(false) => panic!("it comes round again: {}", world.outline()),
                    None => {
                        done.insert(print(&world), false);
                        way.push((print(&world), after(&protocol, &world)));
                    }
                },
            }
        }
        assert!(done.len() > 1_000);
    }
}

fn after(protocol: &Protocol, world: &World) -> Vec<World> {
    protocol.next_states(world)
}

fn print(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}

#[test]
#[ignore = "minutes: a larger bound, by hand"]
fn larger() {
    holds("two principals, three findings, three crashes", config(&two_principals(), crashes(3)));
    holds("a finding that climbs, any three faults", config(&climbs(), any(3)));
    let three = [Message::new(1, 0, MEDIUM, 1), Message::new(0, 0, MEDIUM, 1), Message::new(0, 0, HIGH, 2)];
    holds("two findings, one of which climbs, any fault", config(&three, any(1)));
    let bounds = Bounds { faults: 1, by_hand: 1, ..Bounds::default() };
    holds("two executions, a finding that climbs", config(&climbs(), bounds));
    let asked = Config { second_engine: true, ..config(&climbs(), bounds) };
    holds("two executions, a finding that climbs and is asked about", asked);
}

/// The world in which a mistake shows, the smallest that was found.
fn where_it_shows(faulty: Faulty) -> Config {
    let one = [Message::new(0, 0, HIGH, 1)];
    let quiet = [Message::new(0, 0, MEDIUM, 1)];
    let by_hand = |bounds| Bounds { by_hand: 1, ..bounds };
    let small = match faulty {
        Faulty::WritesOverTheFinding => {
            let [first, climbed] = climbs();
            config(&[Message::new(1, 0, MEDIUM, 1), first, climbed], Bounds::default())
        }
        Faulty::JoinsWithoutLooking | Faulty::ClosesQuietlyWithoutLooking | Faulty::ClosesAlertedWithoutLooking => {
            config(&climbs(), Bounds::default())
        }
        Faulty::OpensWithoutLooking => {
            config(&[Message::new(0, 0, HIGH, 1), Message::new(1, 0, HIGH, 1)], Bounds::default())
        }
        Faulty::RenewsWithoutLooking | Faulty::ClosesOverRenewals => config(&comes_again(), Bounds::default()),
        Faulty::ForgetsTheExecution | Faulty::RecordsBeforePublishing | Faulty::ClosesBeforePublishing => {
            config(&one, crashes(1))
        }
        Faulty::TrustsTheDead => config(&climbs(), Bounds { faults: 1, stops: 1, ..Bounds::default() }),
        Faulty::ForgetsTheSuccessor => config(&one, fails()),
        Faulty::ForgetsToStartWhatWasCounted => config(&one, Bounds { faults: 3, crashes: 1, ..fails() }),
        Faulty::DoesNotWait | Faulty::ClaimsWithoutLooking => config(&one, by_hand(any(1))),
        Faulty::ClaimsWhatIsOutdated => config(&climbs(), Bounds { faults: 1, by_hand: 1, ..Bounds::default() }),
        Faulty::ReusesRevisions => {
            let bounds = Bounds { faults: 2, lost: 1, by_hand: 1, ..Bounds::default() };
            config(&[Message::new(0, 0, MEDIUM, 1)], bounds)
        }
        Faulty::ClosesWithoutSecondLook | Faulty::SecondLooksAtTheFirst => looked_at_again(&quiet, Bounds::default()),
        Faulty::UnlistsTooEarly => looked_at_again(&quiet, crashes(1)),
        Faulty::WatchesWhatHasBegun => looked_at_again(&quiet, any(1)),
        Faulty::WatchesWithoutLooking | Faulty::WakesWithoutExecution | Faulty::BeginsWithoutLooking => {
            looked_at_again(&climbs(), Bounds::default())
        }
        Faulty::ReadsRunningInvestigations => {
            running(&comes_again(), Bounds { faults: 1, by_hand: 1, ..Bounds::default() })
        }
        Faulty::MutesWhatMayPass | Faulty::TellsTheSameAgain => {
            Config { is_transient: true, ..config(&comes_again(), Bounds::default()) }
        }
        Faulty::BelievesOnlyRecords => config(&one, Bounds::default()),
        Faulty::TrustsUncoveredAccounts => {
            Config { coverage: CoverageKind::Outside, ..config(&quiet, Bounds::default()) }
        }
        Faulty::OverlooksLaterActivity => config(&comes_again(), Bounds::default()),
        Faulty::TakesNoResultForQuiet => config(&quiet, Bounds::default()),
        Faulty::GoesRoundForEver => {
            let loops = Loops { seal: 3, rounds: 6, investigations: 1 };
            Config { loops, ..config(&comes_again(), Bounds::default()) }
        }
        Faulty::KnowsCasesByNumberOnly => {
            let messages = [Message::new(0, 0, MEDIUM, 1), Message::new(0, 0, MEDIUM, 2), Message::new(1, 0, HIGH, 1)];
            let time = Time { steps: vec![23, 2, 2500], skew: 2 };
            Config { time, ..config(&messages, Bounds::default()) }
        }
    };
    Config { faulty: Some(faulty), ..small }
}

/// The check is checked: each mistake is found.
#[test]
fn every_mistake_is_caught() {
    let mut missed = Vec::new();
    for faulty in Faulty::ALL {
        let begun = Instant::now();
        let protocol = Protocol::new(where_it_shows(faulty));
        let found = stateright::HasDiscoveries::AnyFailures;
        let checker = protocol.checker().threads(2).finish_when(found).spawn_bfs().join();
        let caught = checker.discoveries().into_iter().find(|(name, _)| {
            matches!(checker.discovery_classification(name), stateright::DiscoveryClassification::Counterexample)
        });
        match caught {
            Some((violated, path)) => println!(
                "{faulty:?}: violates \"{violated}\" in {} steps, found among {} states in {:.1?}",
                path.into_actions().len(),
                checker.unique_state_count(),
                begun.elapsed()
            ),
            None => missed.push(faulty),
        }
    }
    assert!(missed.is_empty(), "nothing was violated by {missed:?}");
}
