//! What keep-graph may change in the behavior graph.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a run may change, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing is changed.
    Plan,
    /// The plan is applied.
    Apply,
    /// The plan is applied, and the graph is deleted if the document has `"enabled": false`.
    Destroy,
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Destroy => "destroy",
        })
    }
}

/// The text is not a mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid mode: expected plan, apply or destroy")]
pub struct InvalidMode;

impl FromStr for Mode {
    type Err = InvalidMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Plan, Self::Apply, Self::Destroy].into_iter().find(|mode| mode.to_string() == text).ok_or(InvalidMode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mode_is_parsed_from_its_name() {
        for mode in [Mode::Plan, Mode::Apply, Mode::Destroy] {
            assert_eq!(mode.to_string().parse(), Ok(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.to_string());
        }
        assert_eq!("off".parse::<Mode>(), Err(InvalidMode));
    }
}
