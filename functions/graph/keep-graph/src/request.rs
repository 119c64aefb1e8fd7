//! What keep-graph is asked to do, by its queue or by hand.

use crate::error::RunError;
use gumshoe_graph::Mode;
use serde::Deserialize;
use serde_json::Value;

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) mode: Mode,
    /// The ARN of the graph that may be deleted.
    pub(crate) confirm: Option<String>,
    /// Whether the queue asked: for its messages nobody reads an answer, and a document that is wrong is no reason to come
    /// again.
    pub(crate) is_from_queue: bool,
}

/// A request by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManualRequest {
    #[serde(default)]
    mode: Option<Mode>,
    #[serde(default)]
    confirm: Option<String>,
}

impl Request {
    /// Reads what the function is given: a batch of its queue, for which it does what it may short of deleting the graph, once
    /// for the whole batch; or a request by hand, which only plans unless it says otherwise.
    pub(crate) fn read(input: Value, max_mode: Mode) -> Result<Self, RunError> {
        if input.get("Records").is_some_and(Value::is_array) {
            return Ok(Self { mode: max_mode.min(Mode::Apply), confirm: None, is_from_queue: true });
        }
        // A list would be read as the members in their order.
        let ManualRequest { mode, confirm } = match input {
            Value::Null => ManualRequest { mode: None, confirm: None },
            Value::Object(_) => serde_json::from_value(input).map_err(RunError::InvalidRequest)?,
            _ => return Err(RunError::InvalidRequest(serde::de::Error::custom("it is no JSON object"))),
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
    use gumshoe_domain::Named;
    use serde_json::json;

    #[test]
    fn by_hand_nothing_is_changed_unless_it_is_said_and_allowed() {
        for input in [json!({}), Value::Null, json!({"mode": "plan"})] {
            assert_eq!(Request::read(input, Mode::Destroy).unwrap().mode, Mode::Plan);
        }
        assert_eq!(Request::read(json!({"mode": "apply"}), Mode::Apply).unwrap().mode, Mode::Apply);
        let error = |input, most| Request::read(input, most).unwrap_err();
        assert_eq!(error(json!({"mode": "apply"}), Mode::Plan).name(), "GraphModeNotAllowed");
        assert_eq!(error(json!({"mode": "destroy", "confirm": "arn"}), Mode::Apply).name(), "GraphModeNotAllowed");
        assert_eq!(error(json!({"mode": "destroy"}), Mode::Destroy).name(), "GraphNotConfirmed");
        for wrong in [json!({"mod": "plan"}), json!({"mode": "now"}), json!([]), json!("plan")] {
            assert_eq!(error(wrong, Mode::Destroy).name(), "GraphRequestWrong");
        }
    }

    #[test]
    fn the_queue_never_deletes() {
        let of = |most| Request::read(json!({"Records": [{"body": "{}"}]}), most).unwrap().mode;
        assert_eq!((of(Mode::Plan), of(Mode::Apply), of(Mode::Destroy)), (Mode::Plan, Mode::Apply, Mode::Apply));
    }
}
