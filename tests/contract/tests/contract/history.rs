//! The largest history that an execution can have, by its definition: Step Functions fails one that reaches 25,000 events (Developer
//! Guide, "Step Functions service quotas").

use crate::project;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The largest accepted history: it leaves room for a redrive, and for events that Step Functions may add.
const MAX_HISTORY_EVENTS: u64 = 15_000;

/// What limits a transition: a counter of the Choice states, or a variable that is set once.
type Counter = &'static str;

/// The counters, with their initial values.
const COUNTERS: [(Counter, u64); 5] =
    [("polls", 0), ("rounds", 1), ("investigations", 1), ("restarts", 0), ("failed_notifications", 0)];

/// A state that is entered once, as it sets the variable that the Choice before it reads; and that variable.
const DEGRADE_COUNTER: (&str, Counter) = ("Drop result", "is_result_dropped");

/// The Choice that routes by the step that failed.
const BY_FAILED_STEP: &str = "Which step failed?";

/// A state, and the step that failed before it (`$failed_step`).
type Place = (String, String);

struct Transition {
    from: Place,
    to: Place,
    counter: Option<Counter>,
}

/// The transitions between places, and the number of times that each counter allows.
fn transitions(states: &BTreeMap<String, Value>) -> (Vec<Transition>, BTreeMap<Counter, u64>) {
    let mut times = BTreeMap::from([(DEGRADE_COUNTER.1, 1)]);
    let mut transitions = Vec::new();
    let initial = states["Initialize"]["Assign"]["failed_step"].as_str().unwrap();
    let mut next: Vec<Place> = vec![("Initialize".to_owned(), initial.to_owned())];
    let mut seen: BTreeSet<Place> = next.iter().cloned().collect();
    while let Some(from) = next.pop() {
        let state = &states[&from.0];
        let mut add = |clause: &Value, to: &Value, counter| {
            let step = clause["Assign"]["failed_step"].as_str().unwrap_or(&from.1);
            let to: Place = (to.as_str().unwrap().to_owned(), step.to_owned());
            if seen.insert(to.clone()) {
                next.push(to.clone());
            }
            transitions.push(Transition { from: from.clone(), to, counter });
        };
        let plain = ["Next", "Default"].iter().map(|field| &state[field]).filter(|to| to.is_string());
        let (choices, caught) = (state["Choices"].as_array(), state["Catch"].as_array());
        if from.0 == BY_FAILED_STEP {
            let is_taken = |it: &&Value| it["Condition"].as_str().unwrap().contains(&format!("'{}'", from.1));
            let taken = choices.unwrap().iter().find(is_taken);
            add(state, taken.map_or(&state["Default"], |it| &it["Next"]), None);
            continue;
        }
        for to in plain {
            add(state, to, (from.0 == DEGRADE_COUNTER.0).then_some(DEGRADE_COUNTER.1));
        }
        for clause in caught.into_iter().flatten() {
            add(clause, &clause["Next"], None);
        }
        for choice in choices.into_iter().flatten() {
            let condition = choice["Condition"].as_str().unwrap();
            let counted = COUNTERS.iter().find_map(|(counter, begins)| {
                let bound = condition.split(&format!("${counter} < ")).nth(1)?;
                let bound: u64 = bound.split(' ').next()?.parse().unwrap();
                Some((*counter, bound - begins))
            });
            times.extend(counted);
            add(choice, &choice["Next"], counted.map(|(counter, _)| counter));
        }
    }
    (transitions, times)
}

/// The largest number of visits of the state without a change of those counters; `None` if there is no limit.
fn in_a_row(state: &str, transitions: &[Transition], counters: &BTreeSet<Counter>) -> Option<u64> {
    let places: BTreeSet<&Place> = transitions
        .iter()
        .flat_map(|transition| [&transition.from, &transition.to])
        .filter(|place| place.0 == state)
        .collect();
    // From each of the state's places, those of its places that are the target of a transition.
    let onward = |place: &Place| -> BTreeSet<&Place> {
        let (mut seen, mut next) = (BTreeSet::new(), vec![place]);
        while let Some(place) = next.pop() {
            for transition in transitions.iter().filter(|transition| {
                transition.from == *place && transition.counter.is_none_or(|it| !counters.contains(it))
            }) {
                if seen.insert(&transition.to) {
                    next.push(&transition.to);
                }
            }
        }
        seen.retain(|place| place.0 == state);
        seen
    };
    let onward: BTreeMap<&Place, BTreeSet<&Place>> = places.iter().map(|place| (*place, onward(place))).collect();
    if onward.iter().any(|(place, reached)| reached.contains(place)) {
        return None;
    }
    // What is reached from a place is reached from all before it, so a chain is as long as the most that one of them reaches, at most.
    onward.values().map(|reached| 1 + reached.len() as u64).max()
}

/// The largest number of times that a state is entered: as often as it can be in a row, before, between and after the increments
/// of counters. Counters without which it still has a bound are not used, the largest ones first.
fn visits(state: &str, transitions: &[Transition], times: &BTreeMap<Counter, u64>) -> u64 {
    let all = |counters: &BTreeSet<Counter>| {
        let counted: u64 = counters.iter().map(|counter| times[counter]).sum();
        Some(in_a_row(state, transitions, counters)? * (1 + counted))
    };
    let mut counters: BTreeSet<Counter> = times.keys().copied().collect();
    let mut most = all(&counters).unwrap_or_else(|| panic!("{state} is in a loop without a counter"));
    let mut largest_first: Vec<Counter> = counters.iter().copied().collect();
    largest_first.sort_by_key(|counter| std::cmp::Reverse(times[counter]));
    for counter in largest_first {
        counters.remove(counter);
        match all(&counters) {
            Some(fewer) if fewer <= most => most = fewer,
            _ => drop(counters.insert(counter)),
        }
    }
    most
}

/// The largest number of events of a visit of a state (API Reference, HistoryEvent).
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
        other => panic!("the events of a state of type {other} are not known"),
    }
}

/// The largest number of visits of each state.
fn all_visits(states: &BTreeMap<String, Value>) -> BTreeMap<String, u64> {
    let (transitions, times) = transitions(states);
    assert_eq!(times.len(), COUNTERS.len() + 1, "{times:?}");
    let mut all: BTreeMap<String, u64> =
        states.keys().map(|name| (name.clone(), visits(name, &transitions, &times))).collect();
    // Each visit of a state is followed by one of another state, or ends the execution. So a state is entered no more often than those
    // that follow it together, and once more.
    loop {
        let before = all.clone();
        for (name, most) in &mut all {
            let next: BTreeSet<&str> = transitions
                .iter()
                .filter(|transition| transition.from.0 == *name)
                .map(|transition| transition.to.0.as_str())
                .collect();
            if !next.is_empty() {
                let ends = u64::from(states[name]["Type"] == "Task" && states[name]["Catch"].is_null());
                *most = (*most).min(ends + next.iter().map(|it| before[*it]).sum::<u64>());
            }
        }
        if all == before {
            return all;
        }
    }
}

#[test]
fn no_path_has_a_history_of_15_000_events() {
    let states = project::states();
    let visits = all_visits(&states);
    let started_and_ended = 2;
    let largest = started_and_ended + states.iter().map(|(name, state)| visits[name] * events(state)).sum::<u64>();
    assert!(largest < MAX_HISTORY_EVENTS, "a history may have {largest} events");
    // The test itself.
    assert_eq!(visits["Send alert"], 25, "the rounds");
    assert_eq!(
        visits["Poll investigations"],
        320 + 12,
        "each poll, and one without a poll before, for each investigation"
    );
    assert_eq!(visits["Which step failed?"], 36 + 25 + 25 + 1, "each step that is called again, and the end");
    assert_eq!(visits["Notify of failure"], 4);
    assert!(largest > 10_000, "{largest}");
}

/// The limit of a loop is valid only if its counter grows in each pass, and if a variable that is set once is never reset.
#[test]
fn every_loop_increments_its_counter() {
    let states = project::states();
    let poll = &states["Poll investigations"];
    for entry in poll["Catch"].as_array().unwrap().iter().chain([poll]) {
        assert_eq!(entry["Assign"]["polls"], "{% $polls + 1 %}");
        assert_eq!(entry["Assign"]["poll"], "{% $poll + 1 %}");
    }
    assert_eq!(states["Wait for more findings"]["Assign"]["rounds"], "{% $rounds + 1 %}");
    assert_eq!(states["Start another investigation"]["Assign"]["investigations"], "{% $investigations + 1 %}");
    assert_eq!(states["Restart investigation"]["Assign"]["restarts"], "{% $restarts + 1 %}");
    let notify = &states["Notify of failure"];
    assert_eq!(notify["Assign"]["notified"], true);
    assert_eq!(notify["Catch"][0]["Assign"]["failed_notifications"], "{% $failed_notifications + 1 %}");
    let condition = states["Already notified?"]["Choices"][0]["Condition"].as_str().unwrap();
    assert!(condition.contains("$not($notified) and "), "{condition}");
    let (once, variable) = DEGRADE_COUNTER;
    assert_eq!(states[once]["Assign"][variable], true);
    assert_eq!(states["Already assessed without result?"]["Choices"][0]["Condition"], format!("{{% ${variable} %}}"));
    assert_eq!(states["Already assessed without result?"]["Default"], once);
}

/// Developers edit the YAML, and the JSON is deployed.
#[test]
fn the_definition_is_generated_from_its_source() {
    let mut source = project::yaml("infra/case/case.asl.yaml");
    let retries = source.as_object_mut().unwrap().remove("Retries").unwrap();
    assert_eq!(
        source,
        project::state_machine(),
        "infra/case/case.asl.json is older than infra/case/case.asl.yaml: make definition"
    );
    // Each policy is used.
    let states = source["States"].to_string();
    for (name, policy) in retries.as_object().unwrap() {
        assert!(states.contains(&policy.to_string()), "no state has the policy {name}");
    }
}
