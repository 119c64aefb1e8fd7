//! The largest history that an execution can have, by its definition: Step Functions fails one that reaches 25,000 events (Developer
//! Guide, "Step Functions service quotas").

use crate::project;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a history may have at most: room for what is redriven, and for what Step Functions may record in addition.
const MOST: u64 = 15_000;

/// What bounds how often a way is taken: a counter of the machine's Choices, or that it is taken once.
type Counter = &'static str;

/// The counters, with their values at the beginning of an execution.
const COUNTERS: [(Counter, u64); 4] = [("looks", 0), ("rounds", 1), ("investigations", 1), ("restarts", 0)];

/// Ways that are taken once, by the states that they leave: each sets what its Choice asks for.
const ONCE: [(&str, Counter); 2] = [("Leave out result", "degraded"), ("Which step failed?", "failed step")];

struct Way {
    from: String,
    to: String,
    counter: Option<Counter>,
}

/// The ways between states, and how often each counter lets them be taken.
fn ways(states: &BTreeMap<String, Value>) -> (Vec<Way>, BTreeMap<Counter, u64>) {
    let mut times: BTreeMap<Counter, u64> = ONCE.iter().map(|(_, counter)| (*counter, 1)).collect();
    let mut ways = Vec::new();
    for (from, state) in states {
        let once = ONCE.iter().find(|(name, _)| name == from).map(|(_, counter)| *counter);
        let plain = ["Next", "Default"].iter().filter_map(|field| state[field].as_str());
        let caught = state["Catch"].as_array().into_iter().flatten().filter_map(|it| it["Next"].as_str());
        let ways_on = plain.chain(caught);
        ways.extend(ways_on.map(|to| Way { from: from.clone(), to: to.to_owned(), counter: once }));
        for choice in state["Choices"].as_array().into_iter().flatten() {
            let condition = choice["Condition"].as_str().unwrap();
            let counted = COUNTERS.iter().find_map(|(counter, begins)| {
                let bound = condition.split(&format!("${counter} < ")).nth(1)?;
                let bound: u64 = bound.split(' ').next()?.parse().unwrap();
                Some((*counter, bound - begins))
            });
            times.extend(counted);
            let counter = counted.map(|(counter, _)| counter).or(once);
            ways.push(Way { from: from.clone(), to: choice["Next"].as_str().unwrap().to_owned(), counter });
        }
    }
    (ways, times)
}

/// Whether the state comes round again although those counters are used up.
fn comes_round(state: &str, ways: &[Way], used_up: &BTreeSet<Counter>) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = vec![state];
    while let Some(name) = next.pop() {
        let open = |way: &&Way| way.from == name && !way.counter.is_some_and(|counter| used_up.contains(counter));
        for way in ways.iter().filter(open) {
            if way.to == state {
                return true;
            }
            if seen.insert(&way.to) {
                next.push(&way.to);
            }
        }
    }
    false
}

/// How often a state is entered at most. Between two visits, a way is taken that is counted by one of the counters without which
/// the state does not come round; the largest counters are left out where the others suffice.
fn visits(state: &str, ways: &[Way], times: &BTreeMap<Counter, u64>) -> u64 {
    let mut used_up: BTreeSet<Counter> = times.keys().copied().collect();
    assert!(!comes_round(state, ways, &used_up), "{state} comes round without counting");
    let mut largest_first: Vec<Counter> = times.keys().copied().collect();
    largest_first.sort_by_key(|counter| std::cmp::Reverse(times[counter]));
    for counter in largest_first {
        used_up.remove(counter);
        if comes_round(state, ways, &used_up) {
            used_up.insert(counter);
        }
    }
    1 + used_up.iter().map(|counter| times[counter]).sum::<u64>()
}

/// How many events a visit of a state has at most (API Reference, HistoryEvent).
fn events(state: &Value) -> u64 {
    match state["Type"].as_str().unwrap() {
        // StateEntered, StateExited.
        "Pass" | "Choice" | "Wait" | "Succeed" => 2,
        // StateEntered; then the execution has failed.
        "Fail" => 1,
        // StateEntered, TaskScheduled, TaskStarted, TaskSucceeded or TaskFailed, perhaps EvaluationFailed, StateExited; each retry has
        // TaskFailed, TaskScheduled and TaskStarted. Each retrier counts its own attempts.
        "Task" => {
            let retriers = state["Retry"].as_array().into_iter().flatten();
            6 + 3 * retriers.map(|it| it["MaxAttempts"].as_u64().unwrap()).sum::<u64>()
        }
        other => panic!("how many events has {other}?"),
    }
}

#[test]
fn no_path_has_a_history_of_15_000_events() {
    let machine = project::state_machine();
    let states: BTreeMap<String, Value> =
        machine["States"].as_object().unwrap().iter().map(|(name, state)| (name.clone(), state.clone())).collect();
    let (ways, times) = ways(&states);
    assert_eq!(times.len(), COUNTERS.len() + ONCE.len(), "{times:?}");
    let started_and_ended = 2;
    let mut largest = started_and_ended;
    for (name, state) in &states {
        largest += visits(name, &ways, &times) * events(state);
    }
    assert!(largest < MOST, "a history may have {largest} events");
    // The test itself: with one more attempt of a task in each round, it would be another.
    assert_eq!(visits("Send alert", &ways, &times), 26);
    assert_eq!(visits("Check investigation", &ways, &times), 332);
    assert!(largest > 10_000, "{largest}");
}

/// People change the one, and the other is deployed.
#[test]
fn the_definition_is_what_its_source_says() {
    let mut source = project::yaml("infra/case.asl.yaml");
    let retries = source.as_object_mut().unwrap().remove("Retries").unwrap();
    assert_eq!(
        source,
        project::state_machine(),
        "infra/case.asl.json is older than infra/case.asl.yaml: make definition"
    );
    // Each policy is used.
    let states = source["States"].to_string();
    for (name, policy) in retries.as_object().unwrap() {
        assert!(states.contains(&policy.to_string()), "no state has the policy {name}");
    }
}
