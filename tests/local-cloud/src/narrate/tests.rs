//! Every recorded history in `tests/fixtures/histories`, narrated; its README says how they were recorded.

use super::results::Step;
use super::{Ending, Narrator};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The paths through the state machine that are recorded.
const PATHS: [&str; 10] =
    ["failed", "guardduty", "high", "joined", "last_resort", "no_principal", "outdated", "quiet", "retried", "stuck"];

/// The recorded histories, by the names of their files.
fn histories() -> Vec<(String, Vec<Value>)> {
    let folder = std::fs::read_dir(project().join("tests/fixtures/histories")).unwrap();
    let files =
        folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "json"));
    let read = |path: PathBuf| {
        let events = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), events)
    };
    let mut histories: Vec<_> = files.map(read).collect();
    histories.sort_by(|one, other| one.0.cmp(&other.0));
    let names: Vec<&str> = histories.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, PATHS);
    histories
}

fn history(name: &str) -> Vec<Value> {
    histories().into_iter().find(|(other, _)| other == name).unwrap().1
}

fn narrate(history: &[Value]) -> (String, Option<Ending>) {
    let mut narrator = Narrator::default();
    let lines: Vec<String> = history.iter().flat_map(|event| narrator.event(event)).collect();
    (lines.join("\n"), narrator.ended())
}

/// The same history as AWS records it.
fn as_aws_records_it(history: &[Value]) -> Vec<Value> {
    let mut events = Vec::new();
    for event in history {
        let started = (event["type"] == "TaskScheduled").then(|| {
            let resource = json!({"resourceType": "lambda", "resource": "invoke"});
            json!({"type": "TaskStarted", "taskStartedEventDetails": resource})
        });
        events.push(event.clone());
        events.extend(started);
    }
    events
}

#[test]
fn every_recorded_history_is_narrated_as_stored() {
    for (name, history) in histories() {
        insta::assert_snapshot!(name, narrate(&history).0);
    }
}

#[test]
fn an_execution_ends_where_its_history_does() {
    for (name, history) in histories() {
        let expected = if name == "last_resort" { Ending::Failed } else { Ending::Succeeded };
        assert_eq!(narrate(&history).1, Some(expected), "{name}");
        assert_eq!(narrate(&history[..history.len() - 1]).1, None, "{name}");
    }
}

#[test]
fn a_history_of_aws_is_narrated_like_one_of_the_emulator() {
    for (name, history) in histories() {
        let aws = as_aws_records_it(&history);
        assert_ne!(aws, history, "{name}");
        assert_eq!(narrate(&aws), narrate(&history), "{name}");
    }
}

#[test]
fn a_history_that_is_read_in_parts_is_narrated_like_the_whole() {
    let history = history("high");
    for split in 0..history.len() {
        let mut narrator = Narrator::default();
        let parts = [&history[..split], &history[split..]];
        let lines: Vec<String> = parts.into_iter().flatten().flat_map(|event| narrator.event(event)).collect();
        assert_eq!(lines.join("\n"), narrate(&history).0);
    }
}

/// A state that is renamed or added has to be renamed or added in the narration as well.
#[test]
fn every_task_of_the_state_machine_is_known() {
    let text = std::fs::read_to_string(project().join("infra/case/case.asl.json")).unwrap();
    let machine: Value = serde_json::from_str(&text).unwrap();
    let states = machine["States"].as_object().unwrap();
    let tasks: Vec<&String> =
        states.iter().filter(|(_, state)| state["Type"] == "Task").map(|(name, _)| name).collect();
    assert!(tasks.len() > 5, "{tasks:?}");
    for task in tasks {
        assert!(Step::of_state(task).is_some(), "{task}");
    }
    assert_eq!(machine["StartAt"], "Initialize");
    for (name, history) in histories() {
        for event in history {
            let entered = &event["stateEnteredEventDetails"]["name"];
            assert!(entered.as_str().is_none_or(|state| states.contains_key(state)), "{name}: {entered} is gone");
        }
    }
}

/// One attempt of a task that fails, and what follows.
fn after_failure(state: &str, failure: Value, next: &Value) -> String {
    let history = [
        json!({"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": state}}),
        json!({"type": "TaskScheduled"}),
        failure,
        next.clone(),
    ];
    narrate(&history).0
}

#[test]
fn a_failure_is_named_with_what_the_state_machine_does_about_it() {
    let cause =
        json!({"errorType": "TableUnavailable", "errorMessage": "the table did not answer\nat all"}).to_string();
    let failed =
        || json!({"type": "TaskFailed", "taskFailedEventDetails": {"error": "TableUnavailable", "cause": cause}});
    let scheduled = json!({"type": "TaskScheduled"});
    let exited = json!({"type": "TaskStateExited", "stateExitedEventDetails": {"name": "Assess case"}});
    let ended = json!({"type": "ExecutionFailed", "executionFailedEventDetails": {"error": "Other", "cause": "why"}});
    let lines = |next| after_failure("Assess case", failed(), next);
    assert_eq!(lines(&scheduled), "→ Assess case\n  TableUnavailable, retried");
    assert_eq!(lines(&exited), "→ Assess case\n  TableUnavailable, caught: the table did not answer");
    assert_eq!(lines(&ended), "→ Assess case\nThe execution failed, Other: why");
}

#[test]
fn a_time_out_is_a_failure_and_so_is_an_expression_without_a_value() {
    let exited = json!({"type": "TaskStateExited"});
    let timed_out = json!({"type": "TaskTimedOut", "taskTimedOutEventDetails": {"error": "States.Timeout"}});
    assert_eq!(after_failure("Send alert", timed_out, &exited), "→ Send alert\n  States.Timeout, caught");
    let no_value = || {
        let details = json!({"error": "States.QueryEvaluationError", "cause": "no value"});
        json!({"type": "EvaluationFailed", "evaluationFailedEventDetails": details})
    };
    let lines = |state| after_failure(state, no_value(), &exited);
    assert_eq!(lines("Send alert"), "→ Send alert\n  States.QueryEvaluationError, caught: no value");
    let caught = "→ Check investigation\n  States.QueryEvaluationError, caught: no value";
    assert_eq!(lines("Check investigation"), caught);
}
