//! The state machine against the functions.

use crate::project;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What tries of every function call must be repeated for: what passes.
const PASSING: [&str; 6] = [
    "DetectiveThrottled",
    "DetectiveUnavailable",
    "TableUnavailable",
    "TableChanged",
    "TopicUnavailable",
    "EventsUnavailable",
];

fn states() -> BTreeMap<String, Value> {
    let machine = project::state_machine();
    machine["States"].as_object().unwrap().iter().map(|(name, state)| (name.clone(), state.clone())).collect()
}

fn matched_errors(state: &Value) -> Vec<&str> {
    let clauses = ["Retry", "Catch"].iter().flat_map(|clause| state[clause].as_array().into_iter().flatten());
    let names = clauses.flat_map(|clause| clause["ErrorEquals"].as_array().into_iter().flatten());
    names.map(|name| name.as_str().unwrap()).collect()
}

fn successors(state: &Value) -> Vec<&str> {
    let mut next: Vec<&str> = ["Next", "Default"].iter().filter_map(|name| state[name].as_str()).collect();
    for clause in ["Choices", "Catch"] {
        next.extend(state[clause].as_array().into_iter().flatten().filter_map(|it| it["Next"].as_str()));
    }
    next
}

#[test]
fn every_error_that_a_state_matches_is_one_that_a_function_returns() {
    let known: BTreeSet<String> = project::error_names().into_iter().collect();
    assert!(known.len() >= 15, "{known:?}");
    for (name, state) in states() {
        for error in matched_errors(&state) {
            let services_own = ["States.", "Lambda.", "Runtime.", "Sandbox."].iter().any(|it| error.starts_with(it));
            assert!(services_own || known.contains(error), "{name} matches {error}, which nothing returns");
        }
    }
}

#[test]
fn every_task_is_bounded_in_time_repeats_what_passes_and_catches_everything() {
    for (name, state) in states().iter().filter(|(_, state)| state["Type"] == "Task") {
        assert!(state["TimeoutSeconds"].is_u64(), "{name}");
        let catches = state["Catch"].as_array().unwrap_or_else(|| panic!("{name} catches nothing"));
        assert!(catches.iter().any(|it| it["ErrorEquals"][0] == "States.ALL"), "{name}");
        let retries = state["Retry"].as_array().unwrap_or_else(|| panic!("{name} repeats nothing"));
        // Whoever claimed an alert is done within half a minute: that wait has its own rhythm.
        let (waits, retries): (Vec<_>, Vec<_>) =
            retries.iter().partition(|retry| retry["ErrorEquals"] == serde_json::json!(["AlertInFlight"]));
        for retry in waits {
            let waited = retry["MaxAttempts"].as_u64().unwrap() * retry["IntervalSeconds"].as_u64().unwrap();
            assert!((10 * 60..=30 * 60).contains(&waited) && retry["BackoffRate"] == 1, "{name}");
        }
        for retry in &retries {
            assert!(retry["MaxAttempts"].as_u64().unwrap() <= 30, "{name}");
            assert!(retry["MaxDelaySeconds"].is_u64() && retry["JitterStrategy"] == "FULL", "{name}");
            assert!(retry["BackoffRate"].as_f64().unwrap() > 1.0, "{name}");
        }
        let matched = matched_errors(state);
        let everything = matched.iter().filter(|error| **error == "States.ALL").count() == 2;
        for error in PASSING {
            assert!(everything || matched.contains(&error), "{name} does not repeat {error}");
        }
        // Step Functions gives up before the retries do: the documented five throttled answers must be survived.
        assert!(retries.iter().all(|it| it["MaxAttempts"].as_u64().unwrap() > 5), "{name}");
    }
}

#[test]
fn every_state_can_be_reached_and_every_way_leads_to_an_end() {
    let states = states();
    let machine = project::state_machine();
    let mut reached = BTreeSet::new();
    let mut next = vec![machine["StartAt"].as_str().unwrap().to_owned()];
    while let Some(name) = next.pop() {
        let state = states.get(&name).unwrap_or_else(|| panic!("there is no state {name}"));
        if reached.insert(name) {
            next.extend(successors(state).into_iter().map(str::to_owned));
        }
    }
    assert_eq!(reached, states.keys().cloned().collect());
    for (name, state) in &states {
        let ends = matches!(state["Type"].as_str(), Some("Succeed" | "Fail"));
        assert!(ends || !successors(state).is_empty(), "{name} leads nowhere");
    }
}

/// Each loop of the machine goes through a Choice that counts: `$look`, `$rounds` or `$investigations`. Without the counting choices, no state
/// may be reachable from itself.
#[test]
fn no_loop_goes_on_without_counting() {
    let states = states();
    let counted = |choice: &Value| {
        let condition = choice["Condition"].as_str().unwrap_or_default();
        ["$look <=", "$rounds <", "$investigations <"].iter().any(|it| condition.contains(it))
    };
    let edges: BTreeMap<&str, Vec<&str>> = states
        .iter()
        .map(|(name, state)| {
            let mut next: Vec<&str> = successors(state);
            for choice in state["Choices"].as_array().into_iter().flatten().filter(|choice| counted(choice)) {
                next.retain(|it| *it != choice["Next"].as_str().unwrap());
            }
            (name.as_str(), next)
        })
        .collect();
    // The way round by "Do without the result" is taken once: it sets what its Choice asks for.
    let once = "Do without the result";
    assert_eq!(states[once]["Assign"]["degraded"], true);
    assert!(states["Is there another way?"]["Choices"][0]["Condition"].as_str().unwrap().contains("$degraded"));
    for start in edges.keys() {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&str> = edges[start].clone();
        while let Some(name) = next.pop() {
            if name != once && seen.insert(name) {
                next.extend(&edges[name]);
            }
        }
        assert!(!seen.contains(start), "{start} leads to itself without counting");
    }
    // What is counted grows.
    assert_eq!(states["Check investigation"]["Assign"]["look"], "{% $look + 1 %}");
    assert_eq!(states["Let findings gather"]["Assign"]["rounds"], "{% $rounds + 1 %}");
    assert_eq!(states["Investigate again"]["Assign"]["investigations"], "{% $investigations + 1 %}");
}

#[test]
fn the_looks_are_bounded_above_the_longest_schedule() {
    let day = gumshoe_domain::schedule::Schedule::new(std::time::Duration::from_secs(1440 * 60));
    let longest = day.gaps().count();
    let condition = states()["Has it ended?"]["Choices"][0]["Condition"].as_str().unwrap().to_owned();
    let bound: usize = condition.split("$look <= ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(longest < bound, "a deadline of a day takes {longest} looks, the machine allows {bound}");
}

#[test]
fn every_function_that_it_names_is_there_and_every_substitution_is_used() {
    let text = project::text("infra/case.asl.json");
    let template = project::template();
    let given = template["Resources"]["CaseStateMachine"]["Properties"]["DefinitionSubstitutions"].as_object().unwrap();
    let used: BTreeSet<&str> = text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert_eq!(used, given.keys().map(String::as_str).collect());
    for (name, value) in given.iter().filter(|(name, _)| name.ends_with("FunctionArn")) {
        let resource = value["Fn::GetAtt"].as_str().unwrap().strip_suffix(".Arn").unwrap();
        assert_eq!(format!("{resource}Arn"), *name);
        assert_eq!(template["Resources"][resource]["Type"], "AWS::Serverless::Function", "{resource}");
    }
}

#[test]
fn only_what_an_operator_must_mend_ends_as_failed() {
    let states = states();
    let failing: Vec<&String> =
        states.iter().filter(|(_, state)| state["Type"] == "Fail").map(|(name, _)| name).collect();
    assert_eq!(failing, ["An operator must look", "Event not taken", "Not worked"]);
    // Events are put only after the case is closed: whoever was to be told was.
    for (name, state) in states.iter().filter(|(_, state)| successors(state).contains(&"Event not taken")) {
        let catch = state["Catch"].as_array().unwrap().iter().find(|it| it["Next"] == "Event not taken").unwrap();
        assert_eq!(catch["ErrorEquals"], serde_json::json!(["EventsUnavailable", "EventsRefused"]), "{name}");
    }
    // Nobody comes to "Not worked" but by the last resort, which publishes.
    for (name, state) in states.iter().filter(|(_, state)| successors(state).contains(&"Not worked")) {
        assert_eq!(state["Resource"], "arn:${Partition}:states:::sns:publish", "{name}");
    }
}
