//! The States Language in JSONata mode, as far as `infra/case/case.asl.json` needs it: Pass, Choice, Wait, Task, Succeed and Fail.

use bumpalo::Bump;
use jsonata_rs::JsonAta;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The error of an expression without a value, or which cannot be evaluated.
const QUERY_EVALUATION_ERROR: &str = "States.QueryEvaluationError";

/// The values of an execution's variables.
pub(crate) type Variables = Map<String, Value>;

/// The definition of the state machine.
pub(crate) struct Definition {
    states: Map<String, Value>,
    /// The first state.
    pub(crate) start: String,
}

/// A transition out of a state.
#[derive(Debug)]
pub(crate) struct Transition {
    /// The variables that it assigns; `None` if it assigns none.
    pub(crate) assigned: Option<Variables>,
    /// The next state.
    pub(crate) next: String,
}

/// An error that Retry and Catch match by its name.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) error: String,
    pub(crate) cause: String,
}

impl Failure {
    pub(crate) fn new(error: &str, cause: impl Into<String>) -> Self {
        Self { error: error.to_owned(), cause: cause.into() }
    }
}

impl Definition {
    /// Reads the definition, after a change of its text.
    ///
    /// # Panics
    ///
    /// If it cannot be read or is invalid.
    pub(crate) fn read(change: impl FnOnce(String) -> String) -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/case/case.asl.json");
        let text = change(std::fs::read_to_string(path).expect("the definition can be read"));
        let definition: Value = serde_json::from_str(&text).expect("the definition is JSON");
        Self {
            states: definition["States"].as_object().expect("definition has states").clone(),
            start: definition["StartAt"].as_str().expect("definition has StartAt").to_owned(),
        }
    }

    /// The state of that name; `None` if there is none.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.states.get(name)
    }

    /// The state of that name.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub(crate) fn state(&self, name: &str) -> &Value {
        self.get(name).unwrap_or_else(|| panic!("there is no state {name}"))
    }

    /// The type of a state.
    pub(crate) fn kind(&self, name: &str) -> &str {
        self.state(name)["Type"].as_str().unwrap_or_default()
    }

    /// All states, by name.
    pub(crate) fn states(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.states.iter()
    }

    /// Makes the first state assign these values in addition to its own, or instead of them.
    pub(crate) fn override_start_variables(&mut self, variables: &Variables) {
        let start = self.start.clone();
        self.states[&start]["Assign"].as_object_mut().expect("first state has Assign").extend(variables.clone());
    }

    /// The transition out of a state that calls nothing; `None` for a task and for a final state.
    pub(crate) fn next(
        &self,
        name: &str,
        variables: &Variables,
        context: &Value,
    ) -> Result<Option<Transition>, Failure> {
        let states = json!({"context": context});
        let state = self.state(name);
        Ok(match self.kind(name) {
            "Pass" | "Wait" => Some(onward(state, &state["Next"], variables, &states)?),
            "Choice" => {
                for choice in state["Choices"].as_array().expect("Choice has Choices") {
                    if evaluate(&choice["Condition"], variables, &states)? == true {
                        return onward(choice, &choice["Next"], variables, &states).map(Some);
                    }
                }
                Some(onward(&Value::Null, &state["Default"], variables, &states)?)
            }
            _ => None,
        })
    }

    /// A field of a state, with its expressions evaluated.
    pub(crate) fn field(
        &self,
        name: &str,
        field: &str,
        variables: &Variables,
        context: &Value,
    ) -> Result<Value, Failure> {
        evaluate(&self.state(name)[field], variables, &json!({"context": context}))
    }

    /// The transition out of a task that succeeded.
    pub(crate) fn succeeded(
        &self,
        name: &str,
        variables: &Variables,
        context: &Value,
        result: &Value,
    ) -> Result<Transition, Failure> {
        let state = self.state(name);
        onward(state, &state["Next"], variables, &json!({"context": context, "result": result}))
    }

    /// The transition out of a task that failed; `None` if the error is not caught.
    ///
    /// # Panics
    ///
    /// If an expression of the clause has no value.
    pub(crate) fn caught(
        &self,
        name: &str,
        variables: &Variables,
        context: &Value,
        failure: &Failure,
    ) -> Option<Transition> {
        let catch = &self.state(name)["Catch"][self.catcher(name, &failure.error)?];
        let output = json!({"Error": failure.error, "Cause": failure.cause});
        let states = json!({"context": context, "errorOutput": output});
        Some(onward(catch, &catch["Next"], variables, &states).expect("a catch can be evaluated"))
    }

    /// The index of the first catcher of a task that matches the error.
    pub(crate) fn catcher(&self, name: &str, error: &str) -> Option<usize> {
        self.state(name)["Catch"].as_array()?.iter().position(|clause| matches(clause, error))
    }

    /// The first retrier of a task that matches the error: its index and its number of attempts.
    pub(crate) fn retrier(&self, name: &str, error: &str) -> Option<(usize, u64)> {
        let clauses = self.state(name)["Retry"].as_array()?;
        let index = clauses.iter().position(|clause| matches(clause, error))?;
        Some((index, clauses[index]["MaxAttempts"].as_u64().unwrap_or(3)))
    }
}

fn onward(clause: &Value, next: &Value, variables: &Variables, states: &Value) -> Result<Transition, Failure> {
    let assigned = match clause["Assign"].as_object() {
        Some(assignments) => {
            let values =
                assignments.iter().map(|(name, value)| Ok((name.clone(), evaluate(value, variables, states)?)));
            Some(values.collect::<Result<Variables, Failure>>()?)
        }
        None => None,
    };
    Ok(Transition { assigned, next: next.as_str().expect("state has Next").to_owned() })
}

fn matches(clause: &Value, error: &str) -> bool {
    let mut names = clause["ErrorEquals"].as_array().into_iter().flatten().filter_map(Value::as_str);
    names.any(|name| name == error || name == "States.ALL")
}

/// A value of the definition, with its expressions evaluated.
fn evaluate(value: &Value, variables: &Variables, states: &Value) -> Result<Value, Failure> {
    match value {
        Value::String(text) => match text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}")) {
            Some(expression) => jsonata(expression, variables, states),
            None => Ok(value.clone()),
        },
        Value::Array(items) => items.iter().map(|item| evaluate(item, variables, states)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, field)| Ok((name.clone(), evaluate(field, variables, states)?))).collect()
        }
        other => Ok(other.clone()),
    }
}

fn jsonata(expression: &str, variables: &Variables, states: &Value) -> Result<Value, Failure> {
    let arena = Bump::new();
    let mut bindings: HashMap<&str, &Value> = variables.iter().map(|(name, value)| (name.as_str(), value)).collect();
    bindings.insert("states", states);
    let parsed = JsonAta::new(expression, &arena).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let failed = |why: String| Failure::new(QUERY_EVALUATION_ERROR, format!("{expression}: {why}"));
    let value = parsed.evaluate(None, Some(&bindings)).map_err(|error| failed(error.to_string()))?;
    // Undefined serializes to an empty text, which differs from null.
    serde_json::from_str(&value.serialize(false)).map_err(|_| failed("it has no value".to_owned()))
}
