//! An execution's history: what is charged of it, and when it looked.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// What a history tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct History {
    /// States that were entered, and retries: what Step Functions charges.
    pub(super) transitions: u32,
    /// All events, which is what it logs.
    pub(super) events: u32,
    /// The waits before the looks, in seconds as the state machine has them: one for each look.
    pub(super) waits: Vec<u64>,
    /// When the last look began.
    pub(super) last_look: Option<Timestamp>,
    /// How many tasks there were from then on, that look among them.
    pub(super) tasks_from_there: u32,
}

impl History {
    pub(super) fn of(events: &[Value]) -> Self {
        let mut history = Self { events: u32::try_from(events.len()).unwrap_or(u32::MAX), ..Self::default() };
        let (mut state, mut tried, mut asked_to_wait, mut waits) = ("", false, 0, 0);
        for event in events {
            let kind = event["type"].as_str().unwrap_or_default();
            if kind.ends_with("StateEntered") {
                history.transitions += 1;
                state = event["stateEnteredEventDetails"]["name"].as_str().unwrap_or_default();
                tried = false;
            }
            match kind {
                "WaitStateEntered" => waits = asked_to_wait,
                "TaskScheduled" => {
                    // The first try was counted when the state was entered.
                    history.transitions += u32::from(tried);
                    if state == "Check investigation" && !tried {
                        history.waits.push(waits);
                        history.last_look = event["timestamp"].as_f64().and_then(moment);
                        history.tasks_from_there = 0;
                    }
                    history.tasks_from_there += 1;
                    tried = true;
                }
                "TaskSucceeded" => {
                    let output = event["taskSucceededEventDetails"]["output"].as_str().unwrap_or_default();
                    let output: Value = serde_json::from_str(output).unwrap_or_default();
                    asked_to_wait = output["Payload"]["wait_seconds"].as_u64().unwrap_or_default();
                }
                _ => {}
            }
        }
        history
    }

    /// How often investigations were looked at.
    pub(super) fn looks(&self) -> u32 {
        u32::try_from(self.waits.len()).unwrap_or(u32::MAX)
    }
}

/// A moment as the JSON protocols of AWS write it: in seconds.
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
    fn retries_are_charged_and_waits_are_what_the_functions_asked_for() {
        let of = |kind: &str| json!({"type": kind});
        let events = [
            of("ExecutionStarted"),
            entered("Task", "Start investigation"),
            of("TaskScheduled"),
            of("TaskFailed"),
            of("TaskScheduled"),
            succeeded(10),
            of("TaskStateExited"),
            entered("Wait", "Wait for investigation"),
            of("WaitStateExited"),
            entered("Task", "Check investigation"),
            json!({"type": "TaskScheduled", "timestamp": 1_768_478_400.25}),
            succeeded(0),
            entered("Choice", "Investigation running?"),
            entered("Task", "Assess case"),
            of("TaskScheduled"),
            entered("Succeed", "Finish case"),
        ];
        let history = History::of(&events);
        assert_eq!(moment(1_768_478_400.25), "2026-01-15T12:00:00.250Z".parse().ok());
        let last_look = moment(1_768_478_400.25);
        let expected = History { transitions: 7, events: 16, waits: vec![10], last_look, tasks_from_there: 2 };
        assert_eq!(history, expected);
        assert_eq!(history.looks(), 1);
    }
}
