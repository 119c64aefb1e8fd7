//! The input of the function.

use gumshoe_domain::CaseKey;
use gumshoe_domain::error::ErrorName;
use gumshoe_domain::investigation::NotInvestigated;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// The input from the state machine.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    pub(crate) case: CaseKey,
    /// Why there is no result to read, if an earlier step reported it.
    #[serde(default)]
    pub(crate) not_investigated: Option<NotInvestigated>,
    /// Whether this is round 20 or a later one: the case is sealed, so that later findings open the next case.
    #[serde(default, rename = "last_round")]
    pub(crate) is_last_round: bool,
    /// Whether no other investigation follows.
    #[serde(default, rename = "last_investigation")]
    pub(crate) is_last_investigation: bool,
}

/// The event is not a valid input.
#[derive(Debug, Error)]
#[error("the input of assess-case is invalid")]
pub(crate) struct InvalidInput(#[source] serde_json::Error);

impl ErrorName for InvalidInput {
    fn error_name(&self) -> &'static str {
        "InvalidInput"
    }
}

impl Input {
    /// Deserializes an event. By the Lambda runtime it would be deserialized from bytes, which makes the function larger.
    pub(crate) fn read(event: Value) -> Result<Self, InvalidInput> {
        serde_json::from_value(event).map_err(InvalidInput)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::error::with_causes;
    use serde_json::json;

    #[test]
    fn the_error_names_what_is_invalid() {
        let error = Input::read(json!({"last_round": true})).unwrap_err();
        assert_eq!(error.error_name(), "InvalidInput");
        assert!(with_causes(&error).contains("missing field `case`"), "{}", with_causes(&error));
    }
}
