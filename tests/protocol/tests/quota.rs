//! GuardDuty's quota, explored completely: each test is one world in which other things go wrong, and all that can happen in
//! it.
//!
//! `cargo test -p protocol --test quota -- --ignored --nocapture` explores larger ones.

#![allow(clippy::panic, clippy::unwrap_used, clippy::print_stdout, reason = "a test, which says how much it explored")]

use gumshoe_domain::guardduty::QuotaLimits;
use protocol::quota::{Action, Ask, Bounds, Config, Faulty, Quota, Reached, World};
use stateright::{Checker, HasDiscoveries, Model, Path};
use std::collections::HashMap;
use std::time::Instant;

/// Two a day and three in all, so that both are reached.
const FEW: QuotaLimits = QuotaLimits { per_day: 2, total: 3, reserved_for_critical: 0 };
/// One: whoever comes second gets none.
const ONE: QuotaLimits = QuotaLimits { per_day: 1, total: 2, reserved_for_critical: 0 };

fn config(asks: &[Ask], limits: QuotaLimits, bounds: Bounds) -> Config {
    Config {
        asks: asks.to_vec(),
        together: asks.len(),
        limits,
        bounds,
        time: Vec::new(),
        clocks: vec![0],
        faulty: None,
    }
}

/// Any of these, so many of them in all.
fn any(faults: u8) -> Bounds {
    Bounds { faults, crashes: 2, lost: 2, unheard: 2, denied: 2, unlisted: 1, ..Bounds::default() }
}

/// Three cases about three findings, one of which is asked about again.
fn three() -> [Ask; 3] {
    [Ask::new(0, 0).times(2), Ask::new(1, 1), Ask::new(2, 2)]
}

/// One case twice at once, beside another about another finding.
fn twice() -> [Ask; 3] {
    [Ask::new(0, 0).times(2), Ask::new(0, 0), Ask::new(1, 1)]
}

/// Two cases about one finding, beside a third about another.
fn sharing() -> [Ask; 3] {
    [Ask::new(0, 0).times(2), Ask::new(1, 0), Ask::new(2, 1)]
}

/// Explores everything; nothing may be violated, and what must be possible is.
fn holds(name: &str, config: Config, possible: &[Reached]) {
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
        panic!("{name}: {violated}\n{}", told(path));
    }
    assert!(checker.is_done());
    for it in possible {
        assert!(checker.model().reached().has(*it), "{name}: {it:?} does not come about");
    }
}

fn told(path: Path<World, Action>) -> String {
    let steps = path.into_vec().into_iter().map(|(world, action)| format!("  {action:?}: {}", world.outline()));
    steps.collect::<Vec<_>>().join("\n")
}

#[test]
fn three_cases_at_once_and_any_fault() {
    holds("three cases, any fault", config(&three(), FEW, any(1)), &[Reached::ASKED, Reached::FULL]);
}

#[test]
fn one_case_twice_at_once_and_any_two_faults() {
    holds("one case twice, any two faults", config(&twice(), ONE, any(2)), &[Reached::ASKED, Reached::FULL]);
}

#[test]
fn two_cases_about_one_finding_and_any_two_faults() {
    let possible = [Reached::ASKED, Reached::REUSED, Reached::FULL, Reached::REFUSED];
    holds("two cases share, any two faults", config(&sharing(), ONE, any(2)), &possible);
}

/// Two fail, and are given back twice.
#[test]
fn investigations_that_fail() {
    let bounds = Bounds { failing: 2, givings: 2, ..any(1) };
    let asks = [Ask::new(0, 0).times(2), Ask::new(1, 0), Ask::new(2, 1)];
    let possible = [Reached::ASKED, Reached::GIVEN_BACK, Reached::FULL];
    holds("investigations fail, any fault", Config { together: 2, ..config(&asks, ONE, bounds) }, &possible);
}

/// The last of a day is kept, and not for everybody.
#[test]
fn what_is_kept_for_critical_findings() {
    let asks = [Ask::new(0, 0).not_critical().times(2), Ask::new(1, 1).not_critical(), Ask::new(2, 2)];
    let limits = QuotaLimits { reserved_for_critical: 1, ..FEW };
    holds("one is kept, any fault", config(&asks, limits, any(1)), &[Reached::ASKED, Reached::FULL]);
}

fn and_time(time: &[i64], config: Config) -> Config {
    Config { together: 2, time: time.to_vec(), clocks: vec![-5, 5], ..config }
}

/// A day, to the minute, by clocks that differ.
#[test]
fn a_day_passes() {
    let bounds = Bounds { faults: 1, crashes: 1, lost: 1, ..Bounds::default() };
    let day = and_time(&[1, 10, 1434], config(&three(), ONE, bounds));
    holds("a day passes, any fault", day, &[Reached::ASKED, Reached::FULL]);
}

/// Hours in which slots stay pending, corrections grow old, and lists fail.
#[test]
fn hours_pass() {
    let possible = [Reached::ASKED, Reached::REUSED, Reached::FULL];
    let hour = and_time(&[12, 50], config(&sharing(), ONE, any(1)));
    holds("an hour passes, any fault", hour, &possible);
    let hours = and_time(&[70, 1400], config(&sharing(), ONE, any(1)));
    holds("hours pass, any fault", hours, &possible);
}

#[test]
fn people_ask_by_hand() {
    let possible = [Reached::ASKED, Reached::FULL, Reached::REFUSED];
    let bounds = Bounds { by_hand: 2, ..any(1) };
    holds("people ask, any fault", Config { together: 2, ..config(&three(), FEW, bounds) }, &possible);
    let bounds = Bounds { by_hand: 1, failing: 1, givings: 1, ..any(1) };
    let time = Config { clocks: vec![0], ..and_time(&[62, 12], config(&twice(), ONE, bounds)) };
    holds("people ask, one fails, hours pass, any fault", time, &possible);
}

#[test]
fn people_ask_by_hand_in_our_words() {
    let possible = [Reached::ASKED, Reached::FULL, Reached::REFUSED];
    let bounds = Bounds { same_by_hand: 1, ..any(1) };
    holds("people ask in our words, any fault", config(&sharing(), FEW, bounds), &possible);
    let bounds = Bounds { same_by_hand: 1, failing: 1, givings: 1, ..any(0) };
    let time = Config { clocks: vec![0], ..and_time(&[16, 62], config(&sharing(), FEW, bounds)) };
    holds("people ask in our words, one fails, hours pass", time, &possible);
}

#[test]
#[ignore = "minutes: a larger bound, by hand"]
fn larger() {
    holds("three cases, any two faults", config(&three(), FEW, any(2)), &[]);
    holds("one case twice, any three faults", config(&twice(), ONE, any(3)), &[]);
    let bounds = Bounds { failing: 2, givings: 2, ..any(1) };
    holds("investigations fail, three at once", config(&sharing(), ONE, bounds), &[]);
    holds("a day passes, two minutes", and_time(&[1, 1, 9, 1434], config(&three(), ONE, any(1))), &[]);
    holds("an hour passes, any two faults", and_time(&[1, 12, 50], config(&sharing(), ONE, any(2))), &[]);
    holds("people ask, three at once", config(&twice(), FEW, Bounds { by_hand: 2, ..any(1) }), &[]);
}

/// The world in which a mistake shows, the smallest that was found.
fn where_it_shows(faulty: Faulty) -> Config {
    let two = [Ask::new(0, 0).times(2), Ask::new(1, 1)];
    let crash = Bounds { faults: 1, crashes: 1, ..Bounds::default() };
    let fails = Bounds { failing: 1, givings: 1, ..Bounds::default() };
    let by_hand = Bounds { by_hand: 1, ..Bounds::default() };
    let small = match faulty {
        Faulty::AsksBeforeTaking | Faulty::IgnoresTheVersion => config(&two, ONE, Bounds::default()),
        Faulty::GivesBackWhatOthersAskFor => {
            config(&twice(), ONE, Bounds { faults: 1, denied: 1, ..Bounds::default() })
        }
        Faulty::TakesSilenceForANo | Faulty::AsksUnderNewTokens => {
            config(&two, FEW, Bounds { faults: 1, lost: 1, ..Bounds::default() })
        }
        Faulty::TakesTheCalendarsDay => Config { time: vec![16 * 60], ..config(&two, ONE, Bounds::default()) },
        Faulty::TrustsTheClocks => {
            let time = Config { time: vec![1, 1434], clocks: vec![-5, 5], ..config(&two, ONE, Bounds::default()) };
            Config { together: 1, ..time }
        }
        Faulty::DoesNotLook => config(&two, ONE, by_hand),
        Faulty::TakesAwayWhatIsPending => Config { time: vec![11], ..config(&two, ONE, crash) },
        Faulty::GivesBackAnySlot => config(&two, FEW, fails),
        Faulty::LearnsNothingFromANo => config(&[Ask::new(0, 0), Ask::new(1, 1)], ONE, by_hand),
        Faulty::NeverDies => Config { time: vec![75], ..config(&two, ONE, Bounds::default()) },
        Faulty::CountsWhatFailed => config(&two, ONE, fails),
    };
    Config { faulty: Some(faulty), ..small }
}

/// The check is checked: each mistake is found, and without it nothing is.
#[test]
fn every_mistake_is_caught() {
    let mut missed = Vec::new();
    for faulty in Faulty::ALL {
        let begun = Instant::now();
        let found = |config| {
            let failures = HasDiscoveries::AnyFailures;
            let checker = Quota::new(config).checker().threads(2).finish_when(failures).spawn_bfs().join();
            (checker.unique_state_count(), checker.discoveries().into_iter().next())
        };
        match found(where_it_shows(faulty)) {
            (states, Some((violated, path))) => println!(
                "{faulty:?}: violates \"{violated}\" in {} steps, found among {states} states in {:.1?}",
                path.into_actions().len(),
                begun.elapsed()
            ),
            (_, None) => missed.push(faulty),
        }
        let (_, without) = found(Config { faulty: None, ..where_it_shows(faulty) });
        assert!(without.is_none(), "{faulty:?} is not what is found: {:?}", without.map(|it| it.0));
    }
    assert!(missed.is_empty(), "nothing was violated by {missed:?}");
}

/// Nothing comes round again: whoever asks comes to an end, whatever the others do.
#[test]
fn every_run_comes_to_an_end() {
    for config in [config(&twice(), ONE, any(1)), config(&sharing(), ONE, any(1))] {
        let quota = Quota::new(config);
        let mut done: HashMap<World, bool> = HashMap::new();
        let mut way: Vec<(World, Vec<World>)> =
            quota.init_states().into_iter().map(|it| (it.clone(), quota.next_states(&it))).collect();
        while let Some((world, next)) = way.last_mut() {
            match next.pop() {
                None => {
                    done.insert(world.clone(), true);
                    way.pop();
                }
                Some(next) => match done.get(&next) {
                    Some(true) => {}
                    Some(false) => panic!("it comes round again: {}", next.outline()),
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
