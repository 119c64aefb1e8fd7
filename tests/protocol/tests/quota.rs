//! GuardDuty's quota, explored completely: each test has its own faults, and explores every order of steps.
//!
//! `cargo test -p protocol --test quota -- --ignored --nocapture` explores larger bounds.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout, reason = "a test that prints how much it explored")]

use gumshoe_domain::guardduty::QuotaLimits;
use protocol::quota::{Action, Config, FaultLimits, ModelState, Mutation, Quota, ReachedOutcomes, Requester};
use stateright::{Checker, HasDiscoveries, Model, Path};
use std::collections::HashMap;
use std::time::Instant;

/// Two per day and three in total, so that both limits are reached.
const FEW: QuotaLimits = QuotaLimits { per_day: 2, total: 3, reserved_for_critical: 0 };
/// One per day: the second request gets none.
const ONE: QuotaLimits = QuotaLimits { per_day: 1, total: 2, reserved_for_critical: 0 };

fn config(asks: &[Requester], limits: QuotaLimits, bounds: FaultLimits) -> Config {
    Config {
        requesters: asks.to_vec(),
        concurrency: asks.len(),
        limits,
        fault_limits: bounds,
        minute_steps: Vec::new(),
        clock_offsets_minutes: vec![0],
        mutation: None,
    }
}

/// Any of these faults, at most this number together.
fn any(faults: u8) -> FaultLimits {
    FaultLimits {
        faults,
        crashes: 2,
        lost_create_responses: 2,
        lost_table_responses: 2,
        denied: 2,
        failed_lists: 1,
        ..FaultLimits::default()
    }
}

/// Three cases about three findings, one of which requests twice.
fn three() -> [Requester; 3] {
    [Requester::new(0, 0).times(2), Requester::new(1, 1), Requester::new(2, 2)]
}

/// Two concurrent requests of one case, and another case about another finding.
fn same_case() -> [Requester; 3] {
    [Requester::new(0, 0).times(2), Requester::new(0, 0), Requester::new(1, 1)]
}

/// Two cases about one finding, and a third about another.
fn same_finding() -> [Requester; 3] {
    [Requester::new(0, 0).times(2), Requester::new(1, 0), Requester::new(2, 1)]
}

/// Explores everything; nothing may be violated, and what must be possible is.
fn check_all_states(name: &str, config: Config, possible: &[ReachedOutcomes]) {
    let begun = Instant::now();
    let checker = Quota::new(config).checker().threads(2).spawn_dfs().join();
    println!(
        "{name}: {} states, {} steps, at most {} in a row, {:.1?}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        begun.elapsed()
    );
    if let Some((violated, path)) = checker.discoveries().into_iter().next() {
        panic!("{name}: {violated}\n{}", trace_text(path));
    }
    assert!(checker.is_done());
    for it in possible {
        assert!(checker.model().reached().has(*it), "{name}: {it:?} does not come about");
    }
}

fn trace_text(path: Path<ModelState, Action>) -> String {
    let steps = path.into_vec().into_iter().map(|(world, action)| format!("  {action:?}: {}", world.summary()));
    steps.collect::<Vec<_>>().join("\n")
}

#[test]
fn three_concurrent_cases_and_any_fault() {
    check_all_states(
        "three cases, any fault",
        config(&three(), FEW, any(1)),
        &[ReachedOutcomes::CREATED, ReachedOutcomes::FULL],
    );
}

#[test]
fn one_case_twice_concurrently_and_any_two_faults() {
    check_all_states(
        "one case twice, any two faults",
        config(&same_case(), ONE, any(2)),
        &[ReachedOutcomes::CREATED, ReachedOutcomes::FULL],
    );
}

#[test]
fn two_cases_about_one_finding_and_any_two_faults() {
    let possible = [ReachedOutcomes::CREATED, ReachedOutcomes::REUSED, ReachedOutcomes::FULL, ReachedOutcomes::REFUSED];
    check_all_states("two cases share, any two faults", config(&same_finding(), ONE, any(2)), &possible);
}

/// Two investigations fail, and their slots are released twice.
#[test]
fn investigations_that_fail() {
    let bounds = FaultLimits { failed_investigations: 2, releases: 2, ..any(1) };
    let asks = [Requester::new(0, 0).times(2), Requester::new(1, 0), Requester::new(2, 1)];
    let possible = [ReachedOutcomes::CREATED, ReachedOutcomes::RELEASED, ReachedOutcomes::FULL];
    check_all_states(
        "investigations fail, any fault",
        Config { concurrency: 2, ..config(&asks, ONE, bounds) },
        &possible,
    );
}

/// The last slot of a day is reserved for Critical findings.
#[test]
fn one_slot_is_reserved_for_critical_findings() {
    let asks =
        [Requester::new(0, 0).not_critical().times(2), Requester::new(1, 1).not_critical(), Requester::new(2, 2)];
    let limits = QuotaLimits { reserved_for_critical: 1, ..FEW };
    check_all_states(
        "one slot is reserved, any fault",
        config(&asks, limits, any(1)),
        &[ReachedOutcomes::CREATED, ReachedOutcomes::FULL],
    );
}

fn and_time(time: &[i64], config: Config) -> Config {
    Config { concurrency: 2, minute_steps: time.to_vec(), clock_offsets_minutes: vec![-5, 5], ..config }
}

/// A day, by clocks that differ by minutes.
#[test]
fn a_day_passes() {
    let bounds = FaultLimits { faults: 1, crashes: 1, lost_create_responses: 1, ..FaultLimits::default() };
    let day = and_time(&[1, 10, 1434], config(&three(), ONE, bounds));
    check_all_states("a day passes, any fault", day, &[ReachedOutcomes::CREATED, ReachedOutcomes::FULL]);
}

/// Hours pass: slots stay pending, reconciliations become stale, and lists fail.
#[test]
fn hours_pass() {
    let possible = [ReachedOutcomes::CREATED, ReachedOutcomes::REUSED, ReachedOutcomes::FULL];
    let hour = and_time(&[12, 50], config(&same_finding(), ONE, any(1)));
    check_all_states("an hour passes, any fault", hour, &possible);
    let hours = and_time(&[70, 1400], config(&same_finding(), ONE, any(1)));
    check_all_states("hours pass, any fault", hours, &possible);
}

#[test]
fn manual_requests() {
    let possible = [ReachedOutcomes::CREATED, ReachedOutcomes::FULL, ReachedOutcomes::REFUSED];
    let bounds = FaultLimits { manual_requests: 2, ..any(1) };
    check_all_states(
        "manual requests, any fault",
        Config { concurrency: 2, ..config(&three(), FEW, bounds) },
        &possible,
    );
    let bounds = FaultLimits { manual_requests: 1, failed_investigations: 1, releases: 1, ..any(1) };
    let time = Config { clock_offsets_minutes: vec![0], ..and_time(&[62, 12], config(&same_case(), ONE, bounds)) };
    check_all_states("manual requests, one fails, hours pass, any fault", time, &possible);
}

#[test]
fn manual_requests_with_our_prompt() {
    let possible = [ReachedOutcomes::CREATED, ReachedOutcomes::FULL, ReachedOutcomes::REFUSED];
    let bounds = FaultLimits { manual_requests_with_same_prompt: 1, ..any(1) };
    check_all_states("manual requests with our prompt, any fault", config(&same_finding(), FEW, bounds), &possible);
    let bounds = FaultLimits { manual_requests_with_same_prompt: 1, failed_investigations: 1, releases: 1, ..any(0) };
    let time = Config { clock_offsets_minutes: vec![0], ..and_time(&[16, 62], config(&same_finding(), FEW, bounds)) };
    check_all_states("manual requests with our prompt, one fails, hours pass", time, &possible);
}

#[test]
#[ignore = "takes minutes: larger bounds, run manually"]
fn larger() {
    check_all_states("three cases, any two faults", config(&three(), FEW, any(2)), &[]);
    check_all_states("one case twice, any three faults", config(&same_case(), ONE, any(3)), &[]);
    let bounds = FaultLimits { failed_investigations: 2, releases: 2, ..any(1) };
    check_all_states("investigations fail, three concurrently", config(&same_finding(), ONE, bounds), &[]);
    check_all_states("a day passes, two minutes", and_time(&[1, 1, 9, 1434], config(&three(), ONE, any(1))), &[]);
    check_all_states(
        "an hour passes, any two faults",
        and_time(&[1, 12, 50], config(&same_finding(), ONE, any(2))),
        &[],
    );
    check_all_states(
        "manual requests, three concurrently",
        config(&same_case(), FEW, FaultLimits { manual_requests: 2, ..any(1) }),
        &[],
    );
}

/// The smallest configuration that was found in which a property finds the mutation.
fn smallest_config(mutation: Mutation) -> Config {
    let two = [Requester::new(0, 0).times(2), Requester::new(1, 1)];
    let crash = FaultLimits { faults: 1, crashes: 1, ..FaultLimits::default() };
    let fails = FaultLimits { failed_investigations: 1, releases: 1, ..FaultLimits::default() };
    let manual = FaultLimits { manual_requests: 1, ..FaultLimits::default() };
    let small = match mutation {
        Mutation::RequestsBeforeTakingSlot | Mutation::IgnoresVersion => config(&two, ONE, FaultLimits::default()),
        Mutation::ReleasesSlotInUse => {
            config(&same_case(), ONE, FaultLimits { faults: 1, denied: 1, ..FaultLimits::default() })
        }
        Mutation::TreatsLostResponseAsRefusal | Mutation::UsesNewTokenEachTime => {
            config(&two, FEW, FaultLimits { faults: 1, lost_create_responses: 1, ..FaultLimits::default() })
        }
        Mutation::UsesCalendarDay => {
            Config { minute_steps: vec![16 * 60], ..config(&two, ONE, FaultLimits::default()) }
        }
        Mutation::IgnoresClockSkew => {
            let time = Config {
                minute_steps: vec![1, 1434],
                clock_offsets_minutes: vec![-5, 5],
                ..config(&two, ONE, FaultLimits::default())
            };
            Config { concurrency: 1, ..time }
        }
        Mutation::SkipsListing => config(&two, ONE, manual),
        Mutation::RemovesPendingSlots => Config { minute_steps: vec![11], ..config(&two, ONE, crash) },
        Mutation::ReleasesWrongSlot => config(&two, FEW, fails),
        Mutation::KeepsBudgetAfterRefusal => config(&[Requester::new(0, 0), Requester::new(1, 1)], ONE, manual),
        Mutation::HasNoTimeout => Config { minute_steps: vec![75], ..config(&two, ONE, FaultLimits::default()) },
        Mutation::CountsFailedInvestigations => config(&two, ONE, fails),
    };
    Config { mutation: Some(mutation), ..small }
}

/// Each mutation violates a property, and without the mutation none is violated.
#[test]
fn every_mutation_is_caught() {
    let mut missed = Vec::new();
    for mutation in Mutation::ALL {
        let begun = Instant::now();
        let found = |config| {
            let failures = HasDiscoveries::AnyFailures;
            let checker = Quota::new(config).checker().threads(2).finish_when(failures).spawn_bfs().join();
            (checker.unique_state_count(), checker.discoveries().into_iter().next())
        };
        match found(smallest_config(mutation)) {
            (states, Some((violated, path))) => println!(
                "{mutation:?}: violates \"{violated}\" in {} steps, found among {states} states in {:.1?}",
                path.into_actions().len(),
                begun.elapsed()
            ),
            (_, None) => missed.push(mutation),
        }
        let (_, without) = found(Config { mutation: None, ..smallest_config(mutation) });
        assert!(without.is_none(), "violation without {mutation:?}: {:?}", without.map(|it| it.0));
    }
    assert!(missed.is_empty(), "no property is violated by {missed:?}");
}

/// No state repeats: every invocation ends.
#[test]
fn every_run_ends() {
    for config in [config(&same_case(), ONE, any(1)), config(&same_finding(), ONE, any(1))] {
        let quota = Quota::new(config);
        let mut done: HashMap<ModelState, bool> = HashMap::new();
        let mut way: Vec<(ModelState, Vec<ModelState>)> =
            quota.init_states().into_iter().map(|it| (it.clone(), quota.next_states(&it))).collect();
        while let Some((world, next)) = way.last_mut() {
            match next.pop() {
                None => {
                    done.insert(world.clone(), true);
                    way.pop();
                }
                Some(next) => match done.get(&next) {
                    Some(true) => {}
                    Some(false) => panic!("state repeats: cycle: {}", next.summary()),
                    None => {
                        done.insert(next.clone(), false);
                        let after = quota.next_states(&next);
                        way.push((next, after));
                    }
                },
            }
        }
        assert!(done.len() > 1_000);
    }
}
