//! What the function is asked.

use gumshoe_domain::CaseKey;
use gumshoe_domain::error::ErrorName;
use gumshoe_domain::investigation::NotInvestigated;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// What the state machine sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    pub(crate) case: CaseKey,
    /// Why there is no result to read, where an earlier step found out.
    #[serde(default)]
    pub(crate) not_investigated: Option<NotInvestigated>,
    /// No other round follows: the case takes no more findings from here on.
    #[serde(default)]
    pub(crate) last_round: bool,
    /// No other investigation follows.
    #[serde(default)]
    pub(crate) last_investigation: bool,
}

/// What was sent is no input of this function.
#[derive(Debug, Error)]
#[error("the input of assess-case cannot be read")]
pub(crate) struct InputError(#[source] serde_json::Error);

impl ErrorName for InputError {
    fn error_name(&self) -> &'static str {
        "InputNotReadable"
    }
}

impl Input {
    /// Reads an event. The runtime would bring a deserializer of its own for all that is in it, which is large.
    pub(crate) fn read(event: Value) -> Result<Self, InputError> {
        serde_json::from_value(event).map_err(InputError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::error::with_causes;
    use serde_json::json;

    #[test]
    fn what_is_wrong_with_an_input_is_named() {
        let error = Input::read(json!({"last_round": true})).unwrap_err();
        assert_eq!(error.error_name(), "InputNotReadable");
        assert!(with_causes(&error).contains("missing field `case`"), "{}", with_causes(&error));
    }
}
