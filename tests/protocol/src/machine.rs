//! The state machine as it is deployed: `infra/case.asl.json`, with its JSONata.

use bumpalo::Bump;
use jsonata_rs::JsonAta;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where an execution is: a state with the values of the variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place(u16);

/// What stands before the name of a task in which an execution has failed.
const FAILED_AT: &str = "failed at ";

/// What an execution waits for at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Waiting {
    Start,
    Check,
    Assess { last_round: bool, last_investigation: bool, investigated: bool },
    Send,
    Record { revision: u32 },
    LastResort,
    Succeeded,
    Failed,
}

/// What a task ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Ended {
    /// With this payload; see [`Machine::answers`].
    Answer(Answer),
    /// With an error that no retry helped against.
    Error(&'static str),
}

/// What a function answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Started,
    Successful,
    NoResult,
    Assessed(gumshoe_domain::case::steps::Outcome),
    Closed,
    Watching,
    Changed,
    Unrecorded(u32),
    Recorded,
    Published,
}

/// The bounds of the machine's loops, made small enough to be reached.
#[derive(Debug, Clone, Copy)]
pub struct Loops {
    /// From this round on, the case takes no more findings (20).
    pub seal: u32,
    /// After this round it does not settle (25).
    pub rounds: u32,
    /// So many investigations at most (4).
    pub investigations: u32,
}

struct Known {
    states: Map<String, Value>,
    places: Vec<(String, Map<String, Value>)>,
    numbers: HashMap<(String, String), Place>,
    after: HashMap<(Place, Ended), Place>,
    waiting: HashMap<Place, Waiting>,
}

/// The state machine. What was worked out once is remembered.
pub struct Machine {
    known: Mutex<Known>,
    /// Where an execution begins.
    pub(crate) start: Place,
}

impl Machine {
    /// Reads the definition, and makes its loops as short as that.
    ///
    /// # Panics
    ///
    /// If the definition is not what is expected.
    #[must_use]
    pub fn deployed(loops: Loops) -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/case.asl.json");
        let mut text = std::fs::read_to_string(path).expect("the definition can be read");
        for (as_deployed, shorter) in [
            ("$rounds >= 20", format!("$rounds >= {}", loops.seal)),
            ("$rounds < 25", format!("$rounds < {}", loops.rounds)),
            ("$investigations >= 4", format!("$investigations >= {}", loops.investigations)),
            ("$investigations < 4", format!("$investigations < {}", loops.investigations)),
        ] {
            assert!(text.contains(as_deployed), "{as_deployed} is not in {path}");
            text = text.replace(as_deployed, &shorter);
        }
        let definition: Value = serde_json::from_str(&text).expect("the definition is JSON");
        let states = definition["States"].as_object().expect("it has states").clone();
        let first = definition["StartAt"].as_str().expect("it starts somewhere").to_owned();
        let mut known = Known {
            states,
            places: Vec::new(),
            numbers: HashMap::new(),
            after: HashMap::new(),
            waiting: HashMap::new(),
        };
        let start = known.settle(first, Map::new());
        Self { known: Mutex::new(known), start }
    }

    /// What an execution waits for there.
    pub(crate) fn waiting(&self, place: Place) -> Waiting {
        let mut known = self.known();
        if let Some(waiting) = known.waiting.get(&place) {
            return *waiting;
        }
        let waiting = known.waits_for(place);
        known.waiting.insert(place, waiting);
        waiting
    }

    /// Where it goes on when the task there has ended.
    pub(crate) fn after(&self, place: Place, ended: Ended) -> Place {
        let mut known = self.known();
        if let Some(next) = known.after.get(&(place, ended)) {
            return *next;
        }
        let next = known.leave(place, ended);
        known.after.insert((place, ended), next);
        next
    }

    /// Where an execution that failed there goes on when it is redriven; nothing where it would only fail again.
    pub(crate) fn redriven(&self, place: Place) -> Option<Place> {
        let mut known = self.known();
        let (name, variables) = known.places[usize::from(place.0)].clone();
        name.strip_prefix(FAILED_AT).map(|task| known.place(task.to_owned(), variables))
    }

    /// Whether the task there is tried again after that error.
    pub(crate) fn retries(&self, place: Place, error: &str) -> bool {
        let known = self.known();
        let (state, _) = &known.places[usize::from(place.0)];
        matches_any(&known.states[state]["Retry"], error).is_some()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn waits_for(&self, place: Place) -> Waiting {
        let (name, variables) = &self.places[usize::from(place.0)];
        if name.starts_with(FAILED_AT) {
            return Waiting::Failed;
        }
        let state = &self.states[name];
        match (state["Type"].as_str(), state["Arguments"]["FunctionName"].as_str()) {
            (Some("Succeed"), _) => Waiting::Succeeded,
            (Some("Fail"), _) => Waiting::Failed,
            (_, Some("${StartInvestigationFunctionArn}")) => Waiting::Start,
            (_, Some("${CheckInvestigationFunctionArn}")) => Waiting::Check,
            (_, Some("${SendAlertFunctionArn}")) => {
                let payload = evaluate(&state["Arguments"]["Payload"], variables, &Value::Null);
                match payload["published"].as_f64() {
                    None => Waiting::Send,
                    Some(revision) => Waiting::Record { revision: revision as u32 },
                }
            }
            (_, Some("${AssessCaseFunctionArn}")) => {
                let payload = evaluate(&state["Arguments"]["Payload"], variables, &Value::Null);
                Waiting::Assess {
                    last_round: payload["last_round"] == true,
                    last_investigation: payload["last_investigation"] == true,
                    investigated: payload["not_investigated"].is_null(),
                }
            }
            _ => Waiting::LastResort,
        }
    }

    fn leave(&mut self, place: Place, ended: Ended) -> Place {
        let (name, mut variables) = self.places[usize::from(place.0)].clone();
        let state = self.states[&name].clone();
        let (context, clause) = match ended {
            Ended::Answer(answer) => {
                let context = json!({"result": {"Payload": payload(answer)}});
                let catch = without_a_value(&state, "Output", &variables, &context);
                (context, catch.unwrap_or(&state))
            }
            Ended::Error(error) => match matches_any(&state["Catch"], error) {
                Some(catch) => (json!({"errorOutput": {"Error": error, "Cause": "{}"}}), catch),
                // The execution has failed here, and can be redriven from here.
                None => return self.place(format!("{FAILED_AT}{name}"), variables),
            },
        };
        assign(&clause["Assign"], &mut variables, &context);
        self.settle(clause["Next"].as_str().expect("it leads somewhere").to_owned(), variables)
    }

    /// Goes on to the next task or end. Waiting takes no step of its own: anything may happen before the next task begins.
    fn settle(&mut self, mut name: String, mut variables: Map<String, Value>) -> Place {
        let context = json!({"context": {"Execution": {"Input": {"case_id": "c", "subject": "s"}, "Name": "e"}}});
        loop {
            let state = self.states[&name].clone();
            match state["Type"].as_str() {
                Some("Pass" | "Wait") => {
                    assign(&state["Assign"], &mut variables, &context);
                    name = state["Next"].as_str().expect("it leads somewhere").to_owned();
                }
                Some("Choice") => {
                    let choices = state["Choices"].as_array().expect("it has choices");
                    let taken = choices.iter().find(|it| evaluate(&it["Condition"], &variables, &context) == true);
                    if let Some(choice) = taken {
                        assign(&choice["Assign"], &mut variables, &context);
                    }
                    let next = taken.map_or(&state["Default"], |choice| &choice["Next"]);
                    name = next.as_str().expect("it leads somewhere").to_owned();
                }
                // Without an argument's value, the task is not begun.
                _ => match without_a_value(&state, "Arguments", &variables, &context) {
                    Some(catch) => {
                        assign(&catch["Assign"], &mut variables, &context);
                        name = catch["Next"].as_str().expect("it leads somewhere").to_owned();
                    }
                    None => return self.place(name, variables),
                },
            }
        }
    }

    fn place(&mut self, name: String, mut variables: Map<String, Value>) -> Place {
        if matches!(self.states.get(&name).and_then(|state| state["Type"].as_str()), Some("Succeed" | "Fail")) {
            variables.clear(); // an end is an end
        }
        let key = (name.clone(), Value::Object(variables.clone()).to_string());
        if let Some(place) = self.numbers.get(&key) {
            return *place;
        }
        let place = Place(u16::try_from(self.places.len()).expect("there are not that many"));
        self.places.push((name, variables));
        self.numbers.insert(key, place);
        place
    }
}

/// The clause that catches it when an expression in that field of a task has no value. Only where it is caught by its name:
/// elsewhere it would be a mistake.
fn without_a_value<'a>(
    task: &'a Value,
    field: &str,
    variables: &Map<String, Value>,
    states: &Value,
) -> Option<&'a Value> {
    let names = |catch: &Value| catch["ErrorEquals"] == json!(["States.QueryEvaluationError"]);
    let catch = task["Catch"].as_array()?.iter().find(|catch| names(catch))?;
    lacks_a_value(&task[field], variables, states).then_some(catch)
}

/// The first clause that names the error.
fn matches_any<'a>(clauses: &'a Value, error: &str) -> Option<&'a Value> {
    clauses.as_array()?.iter().find(|clause| {
        let names = clause["ErrorEquals"].as_array().into_iter().flatten();
        names.filter_map(Value::as_str).any(|name| name == error || name == "States.ALL")
    })
}

fn payload(answer: Answer) -> Value {
    match answer {
        Answer::Started => json!({"outcome": "STARTED", "wait_seconds": 10}),
        Answer::Successful => json!({"status": "SUCCESSFUL"}),
        Answer::NoResult => {
            json!({"status": "NO_RESULT", "not_investigated": {"error": "InvestigationDeadline", "cause": ""}})
        }
        Answer::Assessed(outcome) => json!({"outcome": outcome, "needs_operator": false}),
        Answer::Closed => json!({"outcome": "CLOSED", "revision": 0}),
        Answer::Watching => json!({"outcome": "WATCHING", "revision": 0}),
        Answer::Changed => json!({"outcome": "CHANGED", "revision": 0}),
        Answer::Unrecorded(revision) => json!({"outcome": "UNRECORDED", "revision": revision}),
        Answer::Recorded => json!({"outcome": "RECORDED", "revision": 0}),
        Answer::Published => json!({}),
    }
}

fn assign(assignments: &Value, variables: &mut Map<String, Value>, states: &Value) {
    let before = variables.clone();
    for (name, value) in assignments.as_object().into_iter().flatten() {
        variables.insert(name.clone(), evaluate(value, &before, states));
    }
}

/// A value of the definition, with its expressions evaluated.
fn evaluate(value: &Value, variables: &Map<String, Value>, states: &Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}")) {
            Some(expression) => jsonata(expression, variables, states).unwrap_or_default(),
            None => value.clone(),
        },
        Value::Object(fields) => {
            fields.iter().map(|(name, field)| (name.clone(), evaluate(field, variables, states))).collect()
        }
        other => other.clone(),
    }
}

/// Whether one of the expressions has no value, which is something else than null.
fn lacks_a_value(value: &Value, variables: &Map<String, Value>, states: &Value) -> bool {
    let expression = |text: &str| Some(text.strip_prefix("{%")?.strip_suffix("%}")?.to_owned());
    match value {
        Value::String(text) => expression(text).is_some_and(|it| jsonata(&it, variables, states).is_none()),
        Value::Object(fields) => fields.values().any(|field| lacks_a_value(field, variables, states)),
        _ => false,
    }
}

fn jsonata(expression: &str, variables: &Map<String, Value>, states: &Value) -> Option<Value> {
    let arena = Bump::new();
    let mut bindings: HashMap<&str, &Value> = variables.iter().map(|(name, value)| (name.as_str(), value)).collect();
    bindings.insert("states", states);
    let parsed = JsonAta::new(expression, &arena).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let value = parsed.evaluate(None, Some(&bindings)).unwrap_or_else(|error| panic!("{expression}: {error}"));
    serde_json::from_str(&value.serialize(false)).ok()
}
