//! The state machine as it is deployed: `infra/case/case.asl.json`, with its JSONata.

use crate::definition::{Definition, Failure, Variables};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The position of an execution: a state with the values of the variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Position(u16);

/// The prefix of a task's name for an execution that has failed in this task.
const FAILED_STATE_PREFIX: &str = "failed at ";

/// The task that an execution waits for at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PendingTask {
    Start,
    /// `investigated`: no earlier step failed, so Detective may have a result.
    Check {
        investigated: bool,
    },
    Assess {
        last_round: bool,
        last_investigation: bool,
        investigated: bool,
    },
    Send,
    Record {
        revision: u32,
    },
    NotifyOfFailure,
    Succeeded,
    Failed,
}

/// The result of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TaskResult {
    /// The payload of the function's response.
    Response(Response),
    /// An error that remains after all retries.
    Error(&'static str),
}

/// The response of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Response {
    Started,
    Successful,
    NoResult,
    Assessed(gumshoe_domain::case::flows::AssessOutcome),
    Closed,
    Watching,
    Changed,
    Unrecorded(u32),
    Recorded,
    Published,
}

/// The limits of the state machine's loops, reduced so that the model reaches them. In parentheses: as deployed.
#[derive(Debug, Clone, Copy)]
pub struct LoopLimits {
    /// From this round the case is sealed (20).
    pub seal_round: u32,
    /// The last round; after it, the round limit is reported (25).
    pub rounds: u32,
    /// The most investigations (4).
    pub investigations: u32,
}

struct Cache {
    definition: Definition,
    places: Vec<(String, Variables)>,
    numbers: HashMap<(String, String), Position>,
    after: HashMap<(Position, TaskResult), Position>,
    waiting: HashMap<Position, PendingTask>,
}

/// The state machine. Transitions are cached.
pub struct Machine {
    known: Mutex<Cache>,
    /// The position in which an execution begins.
    pub(crate) start: Position,
}

impl Machine {
    /// Reads the definition and replaces the limits of its loops.
    ///
    /// # Panics
    ///
    /// If the definition does not have the expected limits.
    #[must_use]
    pub fn deployed(loops: LoopLimits) -> Self {
        let definition = Definition::read(|mut text| {
            for (as_deployed, shorter) in [
                ("$rounds >= 20", format!("$rounds >= {}", loops.seal_round)),
                ("$rounds < 25", format!("$rounds < {}", loops.rounds)),
                ("$investigations >= 4", format!("$investigations >= {}", loops.investigations)),
                ("$investigations < 4", format!("$investigations < {}", loops.investigations)),
            ] {
                assert!(text.contains(as_deployed), "{as_deployed} is not in the definition");
                text = text.replace(as_deployed, &shorter);
            }
            text
        });
        let first = definition.start.clone();
        let mut known = Cache {
            definition,
            places: Vec::new(),
            numbers: HashMap::new(),
            after: HashMap::new(),
            waiting: HashMap::new(),
        };
        let start = known.advance_to_task(first, Variables::new());
        Self { known: Mutex::new(known), start }
    }

    /// The task that an execution waits for at a position.
    pub(crate) fn waiting(&self, place: Position) -> PendingTask {
        let mut known = self.known();
        if let Some(waiting) = known.waiting.get(&place) {
            return *waiting;
        }
        let waiting = known.pending_task(place);
        known.waiting.insert(place, waiting);
        waiting
    }

    /// The next position after the task at a position has ended.
    pub(crate) fn next_position(&self, place: Position, ended: TaskResult) -> Position {
        let mut known = self.known();
        if let Some(next) = known.after.get(&(place, ended)) {
            return *next;
        }
        let next = known.leave(place, ended);
        known.after.insert((place, ended), next);
        next
    }

    /// The position in which a redriven execution resumes; `None` if it would fail again immediately.
    pub(crate) fn redriven(&self, place: Position) -> Option<Position> {
        let mut known = self.known();
        let (name, variables) = known.places[usize::from(place.0)].clone();
        name.strip_prefix(FAILED_STATE_PREFIX).map(|task| known.place(task.to_owned(), variables))
    }

    /// Whether the task there is tried again after that error.
    pub(crate) fn retries(&self, place: Position, error: &str) -> bool {
        let known = self.known();
        let (state, _) = &known.places[usize::from(place.0)];
        known.definition.retrier(state, error).is_some()
    }

    fn known(&self) -> MutexGuard<'_, Cache> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    fn pending_task(&self, place: Position) -> PendingTask {
        let (name, variables) = &self.places[usize::from(place.0)];
        if name.starts_with(FAILED_STATE_PREFIX) {
            return PendingTask::Failed;
        }
        let payload = || {
            let arguments = self.definition.field(name, "Arguments", variables, &context());
            arguments.expect("arguments have values")["Payload"].clone()
        };
        let function = self.definition.state(name)["Arguments"]["FunctionName"].as_str();
        match (self.definition.kind(name), function) {
            ("Succeed", _) => PendingTask::Succeeded,
            ("Fail", _) => PendingTask::Failed,
            (_, Some("${StartInvestigationFunctionArn}")) => PendingTask::Start,
            (_, Some("${CheckInvestigationFunctionArn}")) => {
                PendingTask::Check { investigated: payload()["not_investigated"].is_null() }
            }
            (_, Some("${SendAlertFunctionArn}")) => match payload()["published"].as_f64() {
                None => PendingTask::Send,
                Some(revision) => PendingTask::Record { revision: revision as u32 },
            },
            (_, Some("${AssessCaseFunctionArn}")) => {
                let payload = payload();
                PendingTask::Assess {
                    last_round: payload["last_round"] == true,
                    last_investigation: payload["last_investigation"] == true,
                    investigated: payload["not_investigated"].is_null(),
                }
            }
            _ => PendingTask::NotifyOfFailure,
        }
    }

    fn leave(&mut self, place: Position, ended: TaskResult) -> Position {
        let (name, mut variables) = self.places[usize::from(place.0)].clone();
        let left = match ended {
            TaskResult::Response(answer) => {
                let result = json!({"Payload": payload(answer)});
                self.definition.succeeded(&name, &variables, &context(), &result)
            }
            TaskResult::Error(error) => Err(Failure::new(error, "{}")),
        };
        // A response that cannot be evaluated is a failure like others.
        let left = left.map_or_else(|it| self.definition.caught(&name, &variables, &context(), &it), Some);
        match left {
            Some(onward) => {
                variables.extend(onward.assigned.unwrap_or_default());
                self.advance_to_task(onward.next, variables)
            }
            // The execution has failed in this state, where a redrive resumes.
            None => self.place(format!("{FAILED_STATE_PREFIX}{name}"), variables),
        }
    }

    /// Advances to the next task or final state. Wait states take no step: other actions may happen before the next task begins.
    fn advance_to_task(&mut self, mut name: String, mut variables: Variables) -> Position {
        loop {
            let left = self.definition.next(&name, &variables, &context());
            let Some(onward) = left.expect("expressions have values") else {
                return self.place(name, variables);
            };
            variables.extend(onward.assigned.unwrap_or_default());
            name = onward.next;
        }
    }

    fn place(&mut self, name: String, mut variables: Variables) -> Position {
        let state = self.definition.get(&name);
        if state.is_some_and(|state| matches!(state["Type"].as_str(), Some("Succeed" | "Fail"))) {
            variables.clear(); // all final states are equal
        }
        let key = (name.clone(), Value::Object(variables.clone()).to_string());
        if let Some(place) = self.numbers.get(&key) {
            return *place;
        }
        let place = Position(u16::try_from(self.places.len()).expect("position fits u16"));
        self.places.push((name, variables));
        self.numbers.insert(key, place);
        place
    }
}

fn context() -> Value {
    json!({"Execution": {"Input": {"case_id": "c", "subject": "s"}, "Name": "e"}})
}

fn payload(answer: Response) -> Value {
    match answer {
        Response::Started => json!({"outcome": "STARTED", "wait_seconds": 10}),
        Response::Successful => json!({"status": "SUCCESSFUL"}),
        Response::NoResult => {
            json!({"status": "NO_RESULT", "not_investigated": {"error": "InvestigationDeadline", "cause": ""}})
        }
        Response::Assessed(outcome) => json!({"outcome": outcome, "needs_operator": false}),
        Response::Closed => json!({"outcome": "CLOSED", "revision": 0}),
        Response::Watching => json!({"outcome": "WATCHING", "revision": 0}),
        Response::Changed => json!({"outcome": "CHANGED", "revision": 0}),
        Response::Unrecorded(revision) => json!({"outcome": "UNRECORDED", "revision": revision}),
        Response::Recorded => json!({"outcome": "RECORDED", "revision": 0}),
        Response::Published => json!({}),
    }
}
