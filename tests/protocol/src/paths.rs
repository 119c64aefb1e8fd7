//! Scripted paths through the state machine as it is deployed, in the format of `tests/fixtures/paths`: its README says what a step
//! has.

use crate::definition::{Definition, Failure, Transition, Variables};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The result of a path.
#[derive(Debug)]
pub struct PathResult {
    /// The states as they are entered.
    pub steps: Vec<Value>,
    /// How the execution ends.
    pub ends: Value,
}

/// Runs an execution whose tasks respond with a path's attempts.
///
/// # Errors
///
/// If the execution differs from the script.
///
/// # Panics
///
/// If the definition or the path is malformed.
pub fn run_path(path: &Value) -> Result<PathResult, String> {
    let mut definition = Definition::read(|text| text);
    definition.override_start_variables(path["begins_with"].as_object().unwrap_or(&Map::new()));
    let execution = &path["execution"];
    let context = json!({"Execution": {"Input": execution["input"], "Name": execution["name"]}});
    let steps = path["steps"].as_array().expect("path has steps").iter();
    let attempts = steps.flat_map(|step| {
        let attempts = step["attempts"].as_array().into_iter().flatten();
        attempts.map(move |attempt| (step["state"].as_str().unwrap_or_default(), attempt))
    });
    let walk = Walk { definition: &definition, context, variables: Variables::new(), attempts: attempts.collect() };
    walk.run()
}

/// All transitions out of the states: by `Next`, by a Choice, by a Catch or by a retry; and all ends.
#[must_use]
pub fn transitions() -> BTreeSet<String> {
    let definition = Definition::read(|text| text);
    let mut transitions = BTreeSet::new();
    for (name, state) in definition.states() {
        for field in ["Next", "Default"] {
            transitions.extend(state[field].as_str().map(|_| format!("{name}, {field}")));
        }
        for field in ["Choices", "Catch", "Retry"] {
            let clauses = state[field].as_array().map_or(0, Vec::len);
            transitions.extend((0..clauses).map(|index| format!("{name}, {field} {index}")));
        }
        if matches!(definition.kind(name), "Succeed" | "Fail")
            || (definition.kind(name) == "Task" && state["Catch"].is_null())
        {
            transitions.insert(format!("{name}, end"));
        }
    }
    transitions
}

/// The transitions that a path takes.
#[must_use]
pub fn taken_transitions(steps: &[Value]) -> BTreeSet<String> {
    let definition = Definition::read(|text| text);
    let mut transitions = BTreeSet::new();
    for step in steps {
        let name = step["state"].as_str().unwrap_or_default();
        let state = definition.state(name);
        let errors: Vec<&str> =
            step["attempts"].as_array().into_iter().flatten().filter_map(|it| it["error"].as_str()).collect();
        let is_last_an_error =
            step["attempts"].as_array().and_then(|it| it.last()).is_some_and(|it| it["error"].is_string());
        let retried = errors.len() - usize::from(is_last_an_error);
        let retriers = errors[..retried].iter().filter_map(|error| definition.retrier(name, error));
        transitions.extend(retriers.map(|(index, _)| format!("{name}, Retry {index}")));
        let Some(next) = step["next"].as_str() else {
            transitions.insert(format!("{name}, end"));
            continue;
        };
        let chosen = || state["Choices"].as_array()?.iter().position(|it| it["Next"] == next);
        let taken = match errors.last().filter(|_| is_last_an_error) {
            Some(error) => definition.catcher(name, error).map(|index| format!("{name}, Catch {index}")),
            None if state["Next"] == next => Some(format!("{name}, Next")),
            None if state["Default"] == next => Some(format!("{name}, Default")),
            None => chosen().map(|index| format!("{name}, Choices {index}")),
        };
        transitions.extend(taken);
    }
    transitions
}

struct Walk<'a> {
    definition: &'a Definition,
    context: Value,
    variables: Variables,
    attempts: std::collections::VecDeque<(&'a str, &'a Value)>,
}

impl Walk<'_> {
    fn run(mut self) -> Result<PathResult, String> {
        let mut steps = Vec::new();
        let mut name = self.definition.start.clone();
        let ends = loop {
            let mut step = Map::from_iter([("state".to_owned(), json!(name))]);
            let left = match self.definition.kind(&name) {
                "Task" => self.task(&name, &mut step)?,
                "Succeed" => break end(steps, step, json!({"status": "SUCCEEDED"})),
                "Fail" => {
                    let value = |field| self.definition.field(&name, field, &self.variables, &self.context);
                    let values = value("Error").and_then(|error| Ok((error, value("Cause")?)));
                    let (error, cause) = values.unwrap_or_else(|it| (json!(it.error), json!(it.cause)));
                    break end(steps, step, json!({"status": "FAILED", "error": error, "cause": cause}));
                }
                kind => {
                    if kind == "Wait" {
                        let seconds = self.definition.field(&name, "Seconds", &self.variables, &self.context);
                        step.insert("seconds".to_owned(), seconds.map_err(|it| it.cause)?);
                    }
                    let left = self.definition.next(&name, &self.variables, &self.context);
                    left.map(|onward| onward.expect("state calls nothing"))
                }
            };
            match left {
                Ok(Transition { assigned, next }) => {
                    if let Some(assigned) = assigned {
                        self.variables.extend(assigned.clone());
                        step.insert("assigned".to_owned(), assigned.into());
                    }
                    step.insert("next".to_owned(), json!(next));
                    steps.push(step.into());
                    name = next;
                }
                Err(Failure { error, cause }) => {
                    break end(steps, step, json!({"status": "FAILED", "error": error, "cause": cause}));
                }
            }
        };
        match self.attempts.front() {
            Some((state, _)) => Err(format!("it ends before {state} is called")),
            None => Ok(ends),
        }
    }

    /// Attempts a task until it succeeds, or no retry is left.
    fn task(&mut self, name: &str, step: &mut Map<String, Value>) -> Result<Result<Transition, Failure>, String> {
        let (definition, variables, context) = (self.definition, &self.variables, &self.context);
        let mut retried: Vec<usize> = Vec::new();
        let mut made = Vec::new();
        let left = loop {
            let attempted = match definition.field(name, "Arguments", variables, context) {
                Err(failure) => Err(failure),
                Ok(arguments) => {
                    let (state, attempt) =
                        self.attempts.pop_front().ok_or_else(|| format!("no attempt of {name} is scripted"))?;
                    if state != name {
                        return Err(format!("an attempt of {state} is scripted, and {name} is called"));
                    }
                    step.insert("arguments".to_owned(), arguments);
                    made.push(attempt.clone());
                    match attempt["error"].as_str() {
                        Some(error) => Err(Failure::new(error, attempt["cause"].as_str().unwrap_or_default())),
                        None => definition.succeeded(name, variables, context, &attempt["result"]),
                    }
                }
            };
            let failure = match attempted {
                Ok(onward) => break Ok(onward),
                Err(failure) => failure,
            };
            match definition.retrier(name, &failure.error) {
                Some((index, most)) if retried.iter().filter(|it| **it == index).count() < most as usize => {
                    retried.push(index);
                }
                _ => break definition.caught(name, variables, context, &failure).ok_or(failure),
            }
        };
        step.insert("attempts".to_owned(), made.into());
        Ok(left)
    }
}

fn end(mut steps: Vec<Value>, step: Map<String, Value>, ends: Value) -> PathResult {
    steps.push(step.into());
    PathResult { steps, ends }
}

/// The fallback notification for cases that failed with each of these causes.
///
/// # Panics
///
/// If the definition is malformed.
pub fn messages_about(causes: &[String]) -> impl Iterator<Item = (&String, String)> {
    let definition = Definition::read(|text| text);
    let context = json!({"Execution": {"Name": "execution"}});
    causes.iter().map(move |cause| {
        let case = json!({"case_id": "c-1", "subject": format!("arn:aws:iam::111122223333:role/{cause}")});
        let failure = json!({"error": format!("E{cause}"), "cause": cause});
        let variables = Variables::from_iter([("case".to_owned(), case), ("failure".to_owned(), failure)]);
        let arguments = definition.field("Notify of failure", "Arguments", &variables, &context);
        let message = arguments.expect("arguments have a value")["Message"].clone();
        (cause, message.as_str().expect("message is a string").to_owned())
    })
}
