//! Narrates each recorded history in `tests/fixtures/histories`; see the README there for how they were recorded.

use super::results::TaskKind;
use super::{ExecutionOutcome, Narrator};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The recorded paths through the state machine.
const PATHS: [&str; 10] =
    ["failed", "fallback", "guardduty", "high", "joined", "no_principal", "outdated", "quiet", "retried", "stuck"];

/// The recorded histories with their file names.
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

fn narrate(history: &[Value]) -> (String, Option<ExecutionOutcome>) {
    let mut narrator = Narrator::default();
    let lines: Vec<String> = history.iter().flat_map(|event| narrator.event(event)).collect();
    (lines.join("\n"), narrator.outcome())
}

/// Adds the events that only AWS records.
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
fn recorded_histories_are_narrated_as_in_the_snapshots() {
    for (name, history) in histories() {
        insta::assert_snapshot!(name, narrate(&history).0);
    }
}

#[test]
fn the_outcome_is_known_only_after_the_last_event() {
    for (name, history) in histories() {
        let expected = if name == "fallback" { ExecutionOutcome::Failed } else { ExecutionOutcome::Succeeded };
        assert_eq!(narrate(&history).1, Some(expected), "{name}");
        assert_eq!(narrate(&history[..history.len() - 1]).1, None, "{name}");
    }
}

#[test]
fn histories_of_aws_and_of_the_emulator_give_the_same_text() {
    for (name, history) in histories() {
        let aws = as_aws_records_it(&history);
        assert_ne!(aws, history, "{name}");
        assert_eq!(narrate(&aws), narrate(&history), "{name}");
    }
}

#[test]
fn a_history_in_two_parts_gives_the_same_text() {
    let history = history("high");
    for split in 0..history.len() {
        let mut narrator = Narrator::default();
        let parts = [&history[..split], &history[split..]];
        let lines: Vec<String> = parts.into_iter().flatten().flat_map(|event| narrator.event(event)).collect();
        assert_eq!(lines.join("\n"), narrate(&history).0);
    }
}

/// Fails if a state is renamed or added without the narration.
#[test]
fn every_task_state_has_a_kind() {
    let text = std::fs::read_to_string(project().join("infra/case/case.asl.json")).unwrap();
    let machine: Value = serde_json::from_str(&text).unwrap();
    let states = machine["States"].as_object().unwrap();
    let tasks: Vec<&String> =
        states.iter().filter(|(_, state)| state["Type"] == "Task").map(|(name, _)| name).collect();
    assert!(tasks.len() > 5, "{tasks:?}");
    for task in tasks {
        assert!(TaskKind::from_state_name(task).is_some(), "{task}");
    }
    assert_eq!(machine["StartAt"], "Initialize");
    for (name, history) in histories() {
        for event in history {
            let entered = &event["stateEnteredEventDetails"]["name"];
            assert!(
                entered.as_str().is_none_or(|state| states.contains_key(state)),
                "{name}: state {entered} no longer exists"
            );
        }
    }
}

/// The text for a failed attempt of a task and the event that follows.
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
fn a_failure_is_printed_with_its_handling() {
    let cause =
        json!({"errorType": "TableUnavailable", "errorMessage": "the table did not answer\nat all"}).to_string();
    let failed =
        || json!({"type": "TaskFailed", "taskFailedEventDetails": {"error": "TableUnavailable", "cause": cause}});
    let scheduled = json!({"type": "TaskScheduled"});
    let exited = json!({"type": "TaskStateExited", "stateExitedEventDetails": {"name": "Assess case"}});
    let ended = json!({"type": "ExecutionFailed", "executionFailedEventDetails": {"error": "Other", "cause": "why"}});
    let lines = |next| after_failure("Assess case", failed(), next);
    assert_eq!(lines(&scheduled), "→ Assess case\n  failed with TableUnavailable; retrying");
    assert_eq!(lines(&exited), "→ Assess case\n  failed with TableUnavailable, handled: the table did not answer");
    assert_eq!(lines(&ended), "→ Assess case\nExecution failed with Other: why");
}

#[test]
fn timeouts_and_expressions_without_a_value_are_failures() {
    let exited = json!({"type": "TaskStateExited"});
    let timed_out = json!({"type": "TaskTimedOut", "taskTimedOutEventDetails": {"error": "States.Timeout"}});
    assert_eq!(after_failure("Send alert", timed_out, &exited), "→ Send alert\n  failed with States.Timeout, handled");
    let no_value = || {
        let details = json!({"error": "States.QueryEvaluationError", "cause": "no value"});
        json!({"type": "EvaluationFailed", "evaluationFailedEventDetails": details})
    };
    let lines = |state| after_failure(state, no_value(), &exited);
    assert_eq!(lines("Send alert"), "→ Send alert\n  failed with States.QueryEvaluationError, handled: no value");
    let caught = "→ Poll investigations\n  failed with States.QueryEvaluationError, handled: no value";
    assert_eq!(lines("Poll investigations"), caught);
}
