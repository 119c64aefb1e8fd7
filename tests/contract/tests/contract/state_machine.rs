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
        if name.ends_with(" again") {
            continue; // see below
        }
        let catches = state["Catch"].as_array().unwrap_or_else(|| panic!("{name} catches nothing"));
        assert!(catches.iter().any(|it| it["ErrorEquals"][0] == "States.ALL"), "{name}");
        let retries = state["Retry"].as_array().unwrap_or_else(|| panic!("{name} repeats nothing"));
        // Whoever claimed an alert is done within half a minute: that wait has its own rhythm, with room for a local cloud
        // whose seconds are short.
        let (waits, retries): (Vec<_>, Vec<_>) =
            retries.iter().partition(|retry| retry["ErrorEquals"] == serde_json::json!(["AlertInFlight"]));
        for retry in waits {
            let waited = retry["MaxAttempts"].as_u64().unwrap() * retry["IntervalSeconds"].as_u64().unwrap();
            assert!((10 * 60..=60 * 60).contains(&waited) && retry["BackoffRate"] == 1, "{name}");
        }
        // Whoever is throttled waits for a turn, for minutes, and not so long at once that the rate is left unused.
        let (queues, retries): (Vec<_>, Vec<_>) =
            retries.into_iter().partition(|retry| retry["ErrorEquals"] == serde_json::json!(["DetectiveThrottled"]));
        for retry in queues {
            let longest = retry["MaxDelaySeconds"].as_u64().unwrap();
            let waited = longest * retry["MaxAttempts"].as_u64().unwrap();
            assert!(longest <= 20 && (10 * 60..=30 * 60).contains(&waited), "{name}");
            assert!(retry["BackoffRate"].as_f64().unwrap() <= 1.1 && retry["JitterStrategy"] == "FULL", "{name}");
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

/// Each loop of the machine counts: by a Choice `$rounds`, `$investigations` or `$restarts`, by the task that looks `$look`. Without the
/// counting ways, no state may be reachable from itself, as long as it stopped at the same place.
#[test]
fn no_loop_goes_on_without_counting() {
    let states = states();
    let counted = |choice: &Value| {
        let condition = choice["Condition"].as_str().unwrap_or_default();
        ["$rounds <", "$investigations <", "$restarts <"].iter().any(|it| condition.contains(it))
    };
    // When nothing runs, or enough looks were had, its output or the next one's arguments have no value: it goes on by its first
    // catch alone.
    let looking = "Check investigation";
    let look = &states[looking];
    assert!(look["Assign"]["running"].as_str().unwrap().contains("and $look < "));
    assert_eq!(look["Arguments"]["Payload"]["look"], "{% $running ? $look %}");
    assert!(look["Output"].as_str().unwrap().ends_with(" ? {} %}"), "what else could have no value");
    assert_eq!(look["Catch"][0]["ErrorEquals"], serde_json::json!(["States.QueryEvaluationError"]));
    // Where it goes on from a state, and what `$failed_step` is then.
    let onward = |(name, stopped): (&str, &str)| -> Vec<(String, String)> {
        let state = &states[name];
        let stop = |clause: &Value| clause["Assign"]["failed_step"].as_str().unwrap_or(stopped).to_owned();
        let choices = state["Choices"].as_array().into_iter().flatten().filter(|choice| !counted(choice));
        let mut next: Vec<(String, String)> = Vec::new();
        if name == "Which step failed?" {
            let here = format!("'{stopped}'");
            let branch = choices.clone().find(|it| it["Condition"].as_str().unwrap().contains(&here));
            let to = branch.map_or(&state["Default"], |branch| &branch["Next"]);
            return vec![(to.as_str().unwrap().to_owned(), stopped.to_owned())];
        }
        for clause in choices.chain(state["Catch"].as_array().into_iter().flatten()) {
            next.push((clause["Next"].as_str().unwrap().to_owned(), stop(clause)));
        }
        for to in ["Next", "Default"].iter().filter_map(|it| state[it].as_str()).filter(|_| name != looking) {
            next.push((to.to_owned(), stop(state)));
        }
        next
    };
    // The way round by "Leave out result" is taken once: it sets what its Choice asks for.
    let once = "Leave out result";
    assert_eq!(states[once]["Assign"]["degraded"], true);
    assert!(states["Result left out?"]["Choices"][0]["Condition"].as_str().unwrap().contains("$degraded"));
    for name in states.keys() {
        for stopped in ["NONE", "ASSESS", "SEND", "RECORD"] {
            let start = (name.clone(), stopped.to_owned());
            let mut seen = BTreeSet::new();
            let mut next = onward((name, stopped));
            while let Some(place) = next.pop() {
                if place.0 != once && seen.insert(place.clone()) {
                    next.extend(onward((&place.0, &place.1)));
                }
            }
            assert!(!seen.contains(&start), "{start:?} leads to itself without counting");
        }
    }
    // What is counted grows.
    assert_eq!(states["Check investigation"]["Assign"]["look"], "{% $look + 1 %}");
    assert_eq!(states["Wait for findings"]["Assign"]["rounds"], "{% $rounds + 1 %}");
    assert_eq!(states["Investigate again"]["Assign"]["investigations"], "{% $investigations + 1 %}");
    assert_eq!(states["Restart investigation"]["Assign"]["restarts"], "{% $restarts + 1 %}");
}

#[test]
fn the_looks_are_bounded_above_the_longest_schedule() {
    let day = gumshoe_domain::schedule::Schedule::new(std::time::Duration::from_secs(1440 * 60));
    let longest = day.gaps().count();
    let runs = states()["Check investigation"]["Assign"]["running"].as_str().unwrap().to_owned();
    let bound: usize = runs.split("$look < ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
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

/// An execution that ends in a Fail state fails again when it is redriven; one that ends in a task goes on with that task.
/// (Step Functions Developer Guide, "Redrive behavior of individual states".)
#[test]
fn a_failed_execution_can_be_redriven_from_where_it_stopped() {
    let states = states();
    for (name, state) in
        states.iter().filter(|(name, _)| name.ends_with(" again") && name.as_str() != "Investigate again")
    {
        let first = &states[name.strip_suffix(" again").unwrap()];
        for same in ["Type", "Resource", "Arguments", "Assign", "TimeoutSeconds"] {
            assert_eq!(state[same], first[same], "{name}");
        }
        assert!(state["Catch"].is_null() && state["Retry"].is_null(), "{name} has to fail the execution");
        let stop = format!("'{}'", name.split(' ').next().unwrap().to_uppercase());
        let branches = states["Which step failed?"]["Choices"].as_array().unwrap();
        let branch = branches.iter().find(|it| it["Next"] == name.as_str()).unwrap();
        assert!(branch["Condition"].as_str().unwrap().contains(&stop), "{name}");
    }
}

#[test]
fn only_what_an_operator_must_mend_ends_as_failed() {
    let states = states();
    let failing: Vec<&String> =
        states.iter().filter(|(_, state)| state["Type"] == "Fail").map(|(name, _)| name).collect();
    assert_eq!(failing, ["Fail case", "Request operator"]);
    // Whoever catches everything has people told, once, before anything fails.
    assert_eq!(states["Already notified?"]["Default"], "Notify of failure");
    assert_eq!(states["Notify of failure"]["Assign"]["notified"], true);
    let before: Vec<&String> = states
        .iter()
        .filter(|(_, state)| successors(state).contains(&"Which step failed?"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(before, ["Already notified?", "Notify of failure"]);
    // Events are put only after the case is closed: whoever was to be told was, and nothing is said again.
    for name in ["Assess case", "Send alert"] {
        let catch = &states[name]["Catch"][0];
        assert_eq!(catch["ErrorEquals"], serde_json::json!(["EventsUnavailable", "EventsRefused"]), "{name}");
        assert_eq!(catch["Next"], format!("{name} again"));
    }
}
