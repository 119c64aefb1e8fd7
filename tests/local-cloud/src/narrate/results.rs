//! Text for the results of the state machine's tasks.

use serde_json::Value;

/// A kind of task. Several states can have the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskKind {
    StartInvestigation,
    CheckInvestigation,
    AssessCase,
    SendAlert,
    FallbackAlert,
}

impl TaskKind {
    /// The kind of the task state of that name in `case.asl.json`; `None` if it is not a task.
    pub(super) fn from_state_name(name: &str) -> Option<Self> {
        match name {
            "Start investigation" => Some(Self::StartInvestigation),
            "Poll investigations" => Some(Self::CheckInvestigation),
            "Assess case" | "Retry assess case" => Some(Self::AssessCase),
            "Send alert" | "Retry send alert" | "Record alert" | "Retry record alert" => Some(Self::SendAlert),
            "Notify of failure" => Some(Self::FallbackAlert),
            _ => None,
        }
    }

    /// The lines for a result.
    pub(super) fn lines(self, result: &Value) -> Vec<String> {
        match self {
            Self::StartInvestigation => started(result),
            Self::CheckInvestigation => vec![checked(result)],
            Self::AssessCase => vec![assessed(result)],
            Self::SendAlert => vec![sent(result)],
            Self::FallbackAlert => vec!["fallback alert published".to_owned()],
        }
    }
}

fn text<'a>(result: &'a Value, name: &str) -> &'a str {
    result[name].as_str().unwrap_or_default()
}

/// Why Detective has no result; `None` if it has one.
fn not_investigated(result: &Value) -> Option<String> {
    let reason = result["not_investigated"].is_object().then_some(&result["not_investigated"])?;
    Some(format!("{} ({})", text(reason, "error"), text(reason, "cause")))
}

fn started(result: &Value) -> Vec<String> {
    let reused = if result["reused"] == true { " (reused existing)" } else { "" };
    let detective = result["investigation_id"].as_str().map(|id| format!("Detective investigation {id}{reused}"));
    let not_started = || not_investigated(result).map(|reason| format!("Detective not started: {reason}"));
    let guardduty = result["guardduty_investigation_id"].as_str().map(|id| format!("GuardDuty investigation {id}"));
    detective.or_else(not_started).into_iter().chain(guardduty).collect()
}

fn checked(result: &Value) -> String {
    match (text(result, "status"), not_investigated(result)) {
        ("RUNNING", _) => format!("RUNNING, next poll in {} s", result["wait_seconds"]),
        (status, Some(reason)) => format!("{status}: {reason}"),
        (status, None) => status.to_owned(),
    }
}

fn assessed(result: &Value) -> String {
    let outcome = text(result, "outcome");
    let next_step = match outcome {
        "CHANGED" => "; a finding joined the case, reassessing",
        "OUTDATED" => "; the investigation is running or does not cover all findings, investigating again",
        _ => "",
    };
    format!("outcome {outcome}, verdict {}, score {}/100{next_step}", text(result, "level"), result["score"])
}

fn sent(result: &Value) -> String {
    let revision = &result["revision"];
    match text(result, "outcome") {
        "CHANGED" => format!("revision {revision} published; a finding joined the case, reassessing"),
        "UNRECORDED" => format!("revision {revision} published, not recorded yet"),
        "RECORDED" => format!("revision {revision} recorded as published"),
        outcome => format!("revision {revision} published, case status {outcome}"),
    }
}
