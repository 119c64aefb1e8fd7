//! The state machine as it is deployed: `infra/case/case.asl.json`, with its JSONata.

use crate::definition::{Definition, Failure, Variables};
use serde_json::{Value, json};
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
    /// Investigated: no earlier step failed, so that there may be a result of Detective's.
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
    Assessed(gumshoe_domain::case::flows::AssessOutcome),
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
    definition: Definition,
    places: Vec<(String, Variables)>,
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
        let definition = Definition::read(|mut text| {
            for (as_deployed, shorter) in [
                ("$rounds >= 20", format!("$rounds >= {}", loops.seal)),
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
        let mut known = Known {
            definition,
            places: Vec::new(),
            numbers: HashMap::new(),
            after: HashMap::new(),
            waiting: HashMap::new(),
        };
        let start = known.settle(first, Variables::new());
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
        known.definition.retrier(state, error).is_some()
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
        let payload = || {
            let arguments = self.definition.field(name, "Arguments", variables, &context());
            arguments.expect("its arguments have values")["Payload"].clone()
        };
        let function = self.definition.state(name)["Arguments"]["FunctionName"].as_str();
        match (self.definition.kind(name), function) {
            ("Succeed", _) => Waiting::Succeeded,
            ("Fail", _) => Waiting::Failed,
            (_, Some("${StartInvestigationFunctionArn}")) => Waiting::Start,
            (_, Some("${CheckInvestigationFunctionArn}")) => {
                Waiting::Check { investigated: payload()["not_investigated"].is_null() }
            }
            (_, Some("${SendAlertFunctionArn}")) => match payload()["published"].as_f64() {
                None => Waiting::Send,
                Some(revision) => Waiting::Record { revision: revision as u32 },
            },
            (_, Some("${AssessCaseFunctionArn}")) => {
                let payload = payload();
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
        let left = match ended {
            Ended::Answer(answer) => {
                let result = json!({"Payload": payload(answer)});
                self.definition.succeeded(&name, &variables, &context(), &result)
            }
            Ended::Error(error) => Err(Failure::new(error, "{}")),
        };
        // An answer that cannot be evaluated is a failure like others.
        let left = left.map_or_else(|it| self.definition.caught(&name, &variables, &context(), &it), Some);
        match left {
            Some(onward) => {
                variables.extend(onward.assigned.unwrap_or_default());
                self.settle(onward.next, variables)
            }
            // The execution has failed here, and can be redriven from here.
            None => self.place(format!("{FAILED_AT}{name}"), variables),
        }
    }

    /// Goes on to the next task or end. Waiting takes no step of its own: anything may happen before the next task begins.
    fn settle(&mut self, mut name: String, mut variables: Variables) -> Place {
        loop {
            let left = self.definition.leave(&name, &variables, &context());
            let Some(onward) = left.expect("its expressions have values") else {
                return self.place(name, variables);
            };
            variables.extend(onward.assigned.unwrap_or_default());
            name = onward.next;
        }
    }

    fn place(&mut self, name: String, mut variables: Variables) -> Place {
        let state = self.definition.get(&name);
        if state.is_some_and(|state| matches!(state["Type"].as_str(), Some("Succeed" | "Fail"))) {
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

fn context() -> Value {
    json!({"Execution": {"Input": {"case_id": "c", "subject": "s"}, "Name": "e"}})
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
