//! The request of a run, from the queue or from an operator.

use crate::error::RunError;
use gumshoe_graph::Mode;
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) mode: Mode,
    /// The ARN of the graph to delete.
    pub(crate) confirm: Option<String>,
    /// Whether the queue invoked the function: then no one reads the response, and an invalid document is no reason for a retry.
    pub(crate) is_from_queue: bool,
}

/// The payload of an operator.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManualRequest {
    #[serde(default)]
    mode: Option<Mode>,
    #[serde(default)]
    confirm: Option<String>,
}

impl Request {
    /// Parses the payload. A batch of the queue is one run in the mode that the stack allows, but never `destroy`. A manual request has
    /// mode `plan` unless it contains another one.
    pub(crate) fn read(input: Value, max_mode: Mode) -> Result<Self, RunError> {
        if input.get("Records").is_some_and(Value::is_array) {
            return Ok(Self { mode: max_mode.min(Mode::Apply), confirm: None, is_from_queue: true });
        }
        // Serde would accept an array as a struct, with its elements as the fields in order.
        let ManualRequest { mode, confirm } = match input {
            Value::Null => ManualRequest { mode: None, confirm: None },
            Value::Object(_) => serde_json::from_value(input).map_err(RunError::InvalidRequest)?,
            _ => return Err(RunError::InvalidRequest(serde::de::Error::custom("expected a JSON object"))),
        };
        let mode = mode.unwrap_or(Mode::Plan);
        if mode > max_mode {
            return Err(RunError::ModeNotAllowed { mode, max_mode });
        }
        match (mode, &confirm) {
            (Mode::Destroy, None) => {
                Err(RunError::NotConfirmed { why: "confirm is missing: give the graph's ARN".to_owned() })
            }
            _ => Ok(Self { mode, confirm, is_from_queue: false }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::ErrorName;
    use serde_json::json;

    #[test]
    fn manual_request_plans_unless_another_mode_is_given_and_allowed() {
        for input in [json!({}), Value::Null, json!({"mode": "plan"})] {
            assert_eq!(Request::read(input, Mode::Destroy).unwrap().mode, Mode::Plan);
        }
        assert_eq!(Request::read(json!({"mode": "apply"}), Mode::Apply).unwrap().mode, Mode::Apply);
        let error = |input, max_mode| Request::read(input, max_mode).unwrap_err();
        assert_eq!(error(json!({"mode": "apply"}), Mode::Plan).error_name(), "GraphModeNotAllowed");
        assert_eq!(
            error(json!({"mode": "destroy", "confirm": "arn"}), Mode::Apply).error_name(),
            "GraphModeNotAllowed"
        );
        assert_eq!(error(json!({"mode": "destroy"}), Mode::Destroy).error_name(), "GraphNotConfirmed");
        for invalid in [json!({"mod": "plan"}), json!({"mode": "now"}), json!([]), json!("plan")] {
            assert_eq!(error(invalid, Mode::Destroy).error_name(), "GraphRequestWrong");
        }
    }

    #[test]
    fn queue_never_deletes_the_graph() {
        let mode_of = |max_mode| Request::read(json!({"Records": [{"body": "{}"}]}), max_mode).unwrap().mode;
        assert_eq!(
            (mode_of(Mode::Plan), mode_of(Mode::Apply), mode_of(Mode::Destroy)),
            (Mode::Plan, Mode::Apply, Mode::Apply)
        );
    }
}
