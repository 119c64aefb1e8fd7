//! Turns the history events of an execution into lines of text.
//!
//! It reads the result of a task (`TaskSucceeded`), not the state's output, which the state machine may transform. It accepts the
//! histories of AWS and of the emulator, which differ in two points: AWS also records `TaskStarted`, and AWS records an
//! expression without a value as `EvaluationFailed`, where the emulator records `TaskFailed`.

mod results;
#[cfg(test)]
mod tests;

use results::TaskKind;
use serde_json::Value;

/// Longer error messages are cut.
const ERROR_MESSAGE_MAX_CHARS: usize = 200;

/// Turns the events of one execution into lines, event by event, so that a running execution can be followed.
#[derive(Debug, Default)]
pub(crate) struct Narrator {
    state: CurrentState,
    outcome: Option<ExecutionOutcome>,
}

/// The outcome of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExecutionOutcome {
    /// The execution succeeded.
    Succeeded,
    /// The execution failed, timed out or was stopped.
    Failed,
}

/// The current state of the execution.
#[derive(Debug, Default)]
struct CurrentState {
    name: String,
    /// Whether its name has been printed.
    is_printed: bool,
    /// The failure of the last attempt. The next event shows whether it is retried or handled.
    failure: Option<Failure>,
}

#[derive(Debug)]
struct Failure {
    error: String,
    message: String,
}

impl Narrator {
    /// The lines for the next event; empty for most events.
    pub(crate) fn event(&mut self, event: &Value) -> Vec<String> {
        let mut lines = Vec::new();
        match event["type"].as_str().unwrap_or_default() {
            "TaskScheduled" => {
                // On another attempt, the state is already printed.
                lines.extend(
                    self.state.failure.take().map(|failure| format!("  failed with {}; retrying", failure.error)),
                );
                lines.extend(self.state.heading());
            }
            "TaskSucceeded" => lines.extend(self.on_task_succeeded(details(event))),
            "TaskFailed" | "TaskTimedOut" | "TaskStartFailed" | "TaskSubmitFailed" | "EvaluationFailed" => {
                self.state.failure = Some(Failure::of(details(event)));
            }
            "ExecutionSucceeded" => self.outcome = Some(ExecutionOutcome::Succeeded),
            "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted" => {
                self.outcome = Some(ExecutionOutcome::Failed);
                lines.push(Failure::of(details(event)).execution_failed_line());
            }
            other if other.ends_with("StateEntered") => lines.extend(self.on_state_entered(other, details(event))),
            other if other.ends_with("StateExited") => lines.extend(self.state.on_failure_caught()),
            _ => {}
        }
        lines
    }

    /// The outcome; `None` while the execution runs.
    pub(crate) fn outcome(&self) -> Option<ExecutionOutcome> {
        self.outcome
    }

    fn on_state_entered(&mut self, kind: &str, details: &Value) -> Option<String> {
        let name = details["name"].as_str().unwrap_or_default();
        self.state = CurrentState { name: name.to_owned(), ..CurrentState::default() };
        let is_printed = match kind {
            // A task state is printed when the task is scheduled: a state whose arguments have no value schedules nothing.
            "TaskStateEntered" | "ChoiceStateEntered" | "SucceedStateEntered" => false,
            "PassStateEntered" => name != "Initialize",
            _ => true,
        };
        is_printed.then(|| self.state.heading()).flatten()
    }

    fn on_task_succeeded(&self, details: &Value) -> Vec<String> {
        let Some(task) = TaskKind::from_state_name(&self.state.name) else { return Vec::new() };
        let output = details["output"].as_str().and_then(|text| serde_json::from_str(text).ok());
        let result = output.as_ref().map_or(&Value::Null, |output: &Value| &output["Payload"]);
        task.lines(result).into_iter().map(|line| format!("  {line}")).collect()
    }
}

impl CurrentState {
    /// The line with the state's name; `None` if it is already printed.
    fn heading(&mut self) -> Option<String> {
        let is_first = !std::mem::replace(&mut self.is_printed, true);
        is_first.then(|| format!("→ {}", self.name))
    }

    /// The lines for a failure that a Catch handled.
    fn on_failure_caught(&mut self) -> Vec<String> {
        let Some(failure) = self.failure.take() else { return Vec::new() };
        let heading = self.heading();
        heading
            .into_iter()
            .chain([format!("  failed with {}, handled{}", failure.error, failure.message_suffix())])
            .collect()
    }
}

impl Failure {
    /// The cause of a Lambda function's failure is JSON with `errorMessage`.
    fn of(details: &Value) -> Self {
        let text = |name: &str| details[name].as_str().unwrap_or_default();
        let cause: Value = serde_json::from_str(text("cause")).unwrap_or_default();
        let message = cause["errorMessage"].as_str().unwrap_or(text("cause"));
        let message = message.lines().next().unwrap_or_default().chars().take(ERROR_MESSAGE_MAX_CHARS).collect();
        Self { error: text("error").to_owned(), message }
    }

    fn message_suffix(&self) -> String {
        if self.message.is_empty() { String::new() } else { format!(": {}", self.message) }
    }

    fn execution_failed_line(&self) -> String {
        let error = if self.error.is_empty() { "no recorded error" } else { &self.error };
        format!("Execution failed with {error}{}", self.message_suffix())
    }
}

/// The details of an event. The member's name depends on the event's type and ends with `EventDetails`.
fn details(event: &Value) -> &Value {
    let members = event.as_object().into_iter().flatten();
    members.into_iter().find(|(name, _)| name.ends_with("EventDetails")).map_or(&Value::Null, |(_, details)| details)
}
