//! The request of a run, from the queue or from an operator.

use aws_lambda_events::event::sqs::SqsEvent;
use gumshoe_domain::coverage::is_graph_arn;
use gumshoe_domain::text::one_line;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// The payload of an operator. All members are optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    #[serde(default)]
    pub(crate) mode: Mode,
    /// The ARN of a graph to leave.
    #[serde(default)]
    pub(crate) leave: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Performs the actions.
    #[default]
    Apply,
    /// Reports the actions and changes nothing.
    Plan,
}

/// An invalid request; a retry does not help.
#[derive(Debug, Error)]
pub(crate) enum RequestError {
    #[error("the request must be a JSON object such as {{}}, {{\"mode\": \"plan\"}} or {{\"leave\": \"GRAPH ARN\"}}")]
    NotAnObject,
    #[error("invalid request at {path}: {reason}")]
    Malformed { path: String, reason: String },
    #[error("invalid \"leave\": {value:?}; expected a graph's ARN, arn:PARTITION:detective:REGION:ACCOUNT:graph:ID")]
    InvalidGraphArn { value: String },
}

impl Request {
    /// Parses an invocation's payload.
    ///
    /// A batch of the queue is one run, whatever its messages contain. Leaving a graph requires a direct invocation of the function.
    pub(crate) fn read(payload: &Value) -> Result<Self, RequestError> {
        let members = payload.as_object().ok_or(RequestError::NotAnObject)?;
        if members.contains_key("Records") {
            return parse::<SqsEvent>(payload).map(|_| Self::default());
        }
        let request: Self = parse(payload)?;
        match &request.leave {
            Some(text) if !is_graph_arn(text) => Err(RequestError::InvalidGraphArn { value: one_line(text, 120) }),
            _ => Ok(request),
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(payload: &'a Value) -> Result<T, RequestError> {
    serde_path_to_error::deserialize(payload).map_err(|error| RequestError::Malformed {
        path: one_line(&error.path().to_string(), 120),
        reason: one_line(&error.inner().to_string(), 200),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const GRAPH: &str = "arn:aws:detective:us-east-1:111122223333:graph:0123456789abcdef0123456789abcdef";

    #[test]
    fn all_members_are_optional() {
        let read = |payload| Request::read(&payload).unwrap();
        assert_eq!(read(json!({})), Request { mode: Mode::Apply, leave: None });
        assert_eq!(read(json!({"mode": "plan"})).mode, Mode::Plan);
        assert_eq!(read(json!({"leave": GRAPH, "mode": "apply"})).leave.as_deref(), Some(GRAPH));
    }

    #[test]
    fn batch_is_one_run_and_never_a_request_to_leave() {
        let message = |body: Value| json!({"messageId": "m", "body": body.to_string(), "eventSource": "aws:sqs"});
        let scheduled = message(json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}));
        let batch = json!({"Records": [scheduled, message(json!({"leave": GRAPH}))], "leave": GRAPH});
        assert_eq!(Request::read(&batch).unwrap(), Request::default());
    }

    #[test]
    fn error_names_the_fault() {
        for (payload, named) in [
            (json!(null), "JSON object"),
            (json!(["plan"]), "JSON object"),
            (json!({"Mode": "plan"}), "`Mode`"),
            (json!({"mode": "delete"}), "at mode: unknown variant `delete`"),
            (json!({"leave": 1}), "at leave: invalid type"),
            (json!({"leave": "all\nof them"}), "\"all of them\""),
            (json!({"Records": 1}), "at Records"),
        ] {
            let error = Request::read(&payload).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
