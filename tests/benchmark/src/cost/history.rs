//! The history of an execution: its charged state transitions, and the times of its polls.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// A summary of an execution's history.
#[derive(Debug, Default, PartialEq)]
pub(super) struct History {
    /// Entered states and retries, which Step Functions charges.
    pub(super) transitions: u32,
    /// The number of all events, each of which Step Functions logs.
    pub(super) events: u32,
    /// The unscaled wait before each poll, in seconds.
    pub(super) waits: Vec<u64>,
    /// The start of the last poll.
    pub(super) last_poll: Option<Timestamp>,
    /// The number of tasks since the last poll, including the poll.
    pub(super) tasks_since_last_poll: u32,
}

impl History {
    pub(super) fn of(events: &[Value]) -> Self {
        let mut history = Self { events: u32::try_from(events.len()).unwrap_or(u32::MAX), ..Self::default() };
        let (mut state, mut tried, mut requested_wait, mut waits) = ("", false, 0, 0);
        for event in events {
            let kind = event["type"].as_str().unwrap_or_default();
            if kind.ends_with("StateEntered") {
                history.transitions += 1;
                state = event["stateEnteredEventDetails"]["name"].as_str().unwrap_or_default();
                tried = false;
            }
            match kind {
                "WaitStateEntered" => waits = requested_wait,
                "TaskScheduled" => {
                    // The first try was counted when the state was entered.
                    history.transitions += u32::from(tried);
                    if state == "Poll investigations" && !tried {
                        history.waits.push(waits);
                        history.last_poll = event["timestamp"].as_f64().and_then(moment);
                        history.tasks_since_last_poll = 0;
                    }
                    history.tasks_since_last_poll += 1;
                    tried = true;
                }
                "TaskSucceeded" => {
                    let output = event["taskSucceededEventDetails"]["output"].as_str().unwrap_or_default();
                    let output: Value = serde_json::from_str(output).unwrap_or_default();
                    requested_wait = output["Payload"]["wait_seconds"].as_u64().unwrap_or_default();
                }
                _ => {}
            }
        }
        history
    }

    /// The number of polls.
    pub(super) fn polls(&self) -> u32 {
        u32::try_from(self.waits.len()).unwrap_or(u32::MAX)
    }
}

/// A time as the JSON protocols of AWS write it: in seconds since the epoch.
fn moment(seconds: f64) -> Option<Timestamp> {
    Timestamp::UNIX_EPOCH.checked_add(SignedDuration::try_from_secs_f64(seconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entered(kind: &str, name: &str) -> Value {
        json!({"type": format!("{kind}StateEntered"), "stateEnteredEventDetails": {"name": name}})
    }

    fn succeeded(seconds: u64) -> Value {
        let output = json!({"Payload": {"wait_seconds": seconds}}).to_string();
        json!({"type": "TaskSucceeded", "taskSucceededEventDetails": {"output": output}})
    }

    #[test]
    fn retries_are_charged_and_waits_are_those_that_functions_request() {
        let of = |kind: &str| json!({"type": kind});
        let events = [
            of("ExecutionStarted"),
            entered("Task", "Start investigation"),
            of("TaskScheduled"),
            of("TaskFailed"),
            of("TaskScheduled"),
            succeeded(10),
            of("TaskStateExited"),
            entered("Wait", "Wait for next poll"),
            of("WaitStateExited"),
            entered("Task", "Poll investigations"),
            json!({"type": "TaskScheduled", "timestamp": 1_768_478_400.25}),
            succeeded(0),
            entered("Choice", "Poll, stop or assess?"),
            entered("Task", "Assess case"),
            of("TaskScheduled"),
            entered("Succeed", "Finish case"),
        ];
        let history = History::of(&events);
        assert_eq!(moment(1_768_478_400.25), "2026-01-15T12:00:00.250Z".parse().ok());
        let last_poll = moment(1_768_478_400.25);
        let expected = History { transitions: 7, events: 16, waits: vec![10], last_poll, tasks_since_last_poll: 2 };
        assert_eq!(history, expected);
        assert_eq!(history.polls(), 1);
    }
}
