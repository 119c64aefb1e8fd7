//! What is wrong with a setting, and what to do about it.

use std::error::Error;
use thiserror::Error;

/// What is wrong with the configuration.
#[derive(Debug, Error)]
pub enum ConfigurationError {
    /// The variable is not set, or empty.
    #[error("environment variable {variable} is not set: {}", .origin.remedy("be set"))]
    Missing {
        /// The variable's name.
        variable: String,
        /// Where its value comes from.
        origin: Origin,
    },
    /// The variable's value is not what it has to be.
    #[error("environment variable {variable} is {value:?}: {}", .origin.remedy(&format!("be {expected}")))]
    Malformed {
        /// The variable's name.
        variable: String,
        /// Where its value comes from.
        origin: Origin,
        /// What it was, shortened.
        value: String,
        /// What it has to be.
        expected: String,
        /// The parser's error, where it has more to say than `expected`.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

/// Where a variable's value comes from, and so what has to be changed when it is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A parameter of the stack, by its name.
    Parameter(&'static str),
    /// The template itself: a resource's name, a pseudo parameter or a constant.
    Template,
}

impl Origin {
    /// The remedy: what has to be changed, and to what.
    fn remedy(self, be: &str) -> String {
        match self {
            Self::Parameter(name) => format!("the stack's parameter {name} must {be}"),
            Self::Template => format!("its value in the stack's template must {be}"),
        }
    }
}
