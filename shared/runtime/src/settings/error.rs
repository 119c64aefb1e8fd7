//! Errors of the configuration, with their remedy.

use std::error::Error;
use thiserror::Error;

/// A setting is missing or malformed.
#[derive(Debug, Error)]
pub enum ConfigurationError {
    /// The variable is not set, or empty.
    #[error("environment variable {variable} is not set: {}", .origin.remedy("be set"))]
    Missing {
        /// The variable's name.
        variable: String,
        /// The source of its value.
        origin: Origin,
    },
    /// The variable's value cannot be parsed, or is out of range.
    #[error("environment variable {variable} is {value:?}: {}", .origin.remedy(&format!("be {expected}")))]
    Malformed {
        /// The variable's name.
        variable: String,
        /// The source of its value.
        origin: Origin,
        /// The value, cut to 80 characters.
        value: String,
        /// The valid values: `a number of hours from 3 to 720`.
        expected: String,
        /// The parser's error, if it states more than `expected`.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

/// The source of a variable's value, which the operator has to change if it is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A parameter of the stack, with its name.
    Parameter(&'static str),
    /// The template: a resource's name, a pseudo parameter or a constant.
    Template,
}

impl Origin {
    /// The remedy. `be` completes the sentence: `be set`.
    fn remedy(self, be: &str) -> String {
        match self {
            Self::Parameter(name) => format!("the stack's parameter {name} must {be}"),
            Self::Template => format!("its value in the stack's template must {be}"),
        }
    }
}
