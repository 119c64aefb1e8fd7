//! What the tasks of a case return, in words.

use serde_json::Value;

/// What a task of the state machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    StartInvestigation,
    CheckInvestigation,
    AssessCase,
    SendAlert,
    LastResort,
}

impl Step {
    /// What the task state of that name does. Several states can do the same.
    pub(super) fn of_state(name: &str) -> Option<Self> {
        match name {
            "Start investigation" => Some(Self::StartInvestigation),
            "Check investigation" => Some(Self::CheckInvestigation),
            "Assess case" | "Assess case again" => Some(Self::AssessCase),
            "Send alert" | "Send alert again" | "Record alert" | "Record alert again" => Some(Self::SendAlert),
            "Notify of failure" => Some(Self::LastResort),
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
            Self::LastResort => vec!["a short alert was published".to_owned()],
        }
    }
}

fn text<'a>(result: &'a Value, name: &str) -> &'a str {
    result[name].as_str().unwrap_or_default()
}

/// Why Detective has no result; nothing where it has one.
fn not_investigated(result: &Value) -> Option<String> {
    let why = result["not_investigated"].is_object().then_some(&result["not_investigated"])?;
    Some(format!("{}: {}", text(why, "error"), text(why, "cause")))
}

fn started(result: &Value) -> Vec<String> {
    let reused = if result["reused"] == true { " (reused)" } else { "" };
    let detective = result["investigation_id"].as_str().map(|id| format!("Detective investigation {id}{reused}"));
    let why_not = || not_investigated(result).map(|why| format!("no Detective investigation, {why}"));
    let guardduty = result["guardduty_investigation_id"].as_str().map(|id| format!("GuardDuty investigation {id}"));
    detective.or_else(why_not).into_iter().chain(guardduty).collect()
}

fn checked(result: &Value) -> String {
    match (text(result, "status"), not_investigated(result)) {
        ("RUNNING", _) => format!("RUNNING, look again in {} s", result["wait_seconds"]),
        (status, Some(why)) => format!("{status}, {why}"),
        (status, None) => status.to_owned(),
    }
}

fn assessed(result: &Value) -> String {
    let outcome = text(result, "outcome");
    let what_follows = match outcome {
        "CHANGED" => "; a finding joined the case, so it is assessed again",
        "OUTDATED" => {
            "; the investigation does not cover all findings or is running, so the case is investigated again"
        }
        _ => "",
    };
    format!("{outcome}: verdict {}, {} of 100{what_follows}", text(result, "level"), result["score"])
}

fn sent(result: &Value) -> String {
    let revision = &result["revision"];
    match text(result, "outcome") {
        "CHANGED" => format!("revision {revision} published; a finding joined the case, so it is assessed again"),
        "UNRECORDED" => format!("revision {revision} published, but the table did not record it"),
        "RECORDED" => format!("revision {revision} recorded as published"),
        outcome => format!("revision {revision} published, case {outcome}"),
    }
}
