//! Narrates an execution: lines of text for the events of its history.
//!
//! The narration reads what a task returned (`TaskSucceeded`), not the state's output, which the state machine may shape
//! as it needs. It understands the histories of AWS and of the emulator. They differ in two points: AWS records
//! `TaskStarted` as well, and it records an expression without a value as `EvaluationFailed`, where the emulator records
//! `TaskFailed`. Both are failures.

mod results;
#[cfg(test)]
mod tests;

use results::Step;
use serde_json::Value;

/// The longest message of an error that is shown, in characters.
const LONGEST_MESSAGE: usize = 200;

/// Turns the events of one execution into lines. It takes them in order, so a running execution can be followed.
#[derive(Debug, Default)]
pub(crate) struct Narrator {
    state: State,
    ended: Option<Ending>,
}

/// How the execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It reached its end.
    Succeeded,
    /// It failed, took too long or was stopped.
    Failed,
}

/// The state that the execution is in.
#[derive(Debug, Default)]
struct State {
    name: String,
    /// Whether its name has been shown.
    is_shown: bool,
    /// The failure of its last attempt. The next event says what the state machine does about it.
    failure: Option<Failure>,
}

#[derive(Debug)]
struct Failure {
    error: String,
    message: String,
}

impl Narrator {
    /// The lines for the next event; none for most events.
    pub(crate) fn event(&mut self, event: &Value) -> Vec<String> {
        let mut lines = Vec::new();
        match event["type"].as_str().unwrap_or_default() {
            "TaskScheduled" => {
                // The state is already shown where this is another attempt.
                lines.extend(self.state.failure.take().map(|failure| format!("  {}, retried", failure.error)));
                lines.extend(self.state.show());
            }
            "TaskSucceeded" => lines.extend(self.succeeded(details(event))),
            "TaskFailed" | "TaskTimedOut" | "TaskStartFailed" | "TaskSubmitFailed" | "EvaluationFailed" => {
                self.state.failure = Some(Failure::of(details(event)));
            }
            "ExecutionSucceeded" => self.ended = Some(Ending::Succeeded),
            "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted" => {
                self.ended = Some(Ending::Failed);
                lines.push(Failure::of(details(event)).ended_the_execution());
            }
            other if other.ends_with("StateEntered") => lines.extend(self.entered(other, details(event))),
            other if other.ends_with("StateExited") => lines.extend(self.state.caught()),
            _ => {}
        }
        lines
    }

    /// How the execution ended; nothing while it runs.
    pub(crate) fn ended(&self) -> Option<Ending> {
        self.ended
    }

    fn entered(&mut self, kind: &str, details: &Value) -> Option<String> {
        let name = details["name"].as_str().unwrap_or_default();
        self.state = State { name: name.to_owned(), ..State::default() };
        let is_shown = match kind {
            // A task is shown when it is scheduled: a state whose arguments have no value calls nothing.
            "TaskStateEntered" | "ChoiceStateEntered" | "SucceedStateEntered" => false,
            "PassStateEntered" => name != "Initialize",
            _ => true,
        };
        is_shown.then(|| self.state.show()).flatten()
    }

    fn succeeded(&self, details: &Value) -> Vec<String> {
        let Some(step) = Step::of_state(&self.state.name) else { return Vec::new() };
        let output = details["output"].as_str().and_then(|text| serde_json::from_str(text).ok());
        let result = output.as_ref().map_or(&Value::Null, |output: &Value| &output["Payload"]);
        step.lines(result).into_iter().map(|line| format!("  {line}")).collect()
    }
}

impl State {
    /// The line with the state's name, once.
    fn show(&mut self) -> Option<String> {
        let is_first = !std::mem::replace(&mut self.is_shown, true);
        is_first.then(|| format!("→ {}", self.name))
    }

    /// The lines for a failure after which the execution left the state.
    fn caught(&mut self) -> Vec<String> {
        let Some(failure) = self.failure.take() else { return Vec::new() };
        let heading = self.show();
        heading.into_iter().chain([format!("  {}, caught{}", failure.error, failure.after_colon())]).collect()
    }
}

impl Failure {
    /// A Lambda function's failure has JSON as its cause, with a message in it.
    fn of(details: &Value) -> Self {
        let text = |name: &str| details[name].as_str().unwrap_or_default();
        let cause: Value = serde_json::from_str(text("cause")).unwrap_or_default();
        let message = cause["errorMessage"].as_str().unwrap_or(text("cause"));
        let message = message.lines().next().unwrap_or_default().chars().take(LONGEST_MESSAGE).collect();
        Self { error: text("error").to_owned(), message }
    }

    fn after_colon(&self) -> String {
        if self.message.is_empty() { String::new() } else { format!(": {}", self.message) }
    }

    fn ended_the_execution(&self) -> String {
        let error = if self.error.is_empty() { "no error is recorded" } else { &self.error };
        format!("The execution failed, {error}{}", self.after_colon())
    }
}

/// The details of an event: each type of event has its own name for them.
fn details(event: &Value) -> &Value {
    let members = event.as_object().into_iter().flatten();
    members.into_iter().find(|(name, _)| name.ends_with("EventDetails")).map_or(&Value::Null, |(_, details)| details)
}
