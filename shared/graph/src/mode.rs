//! How much may be done to the behavior graph.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How much is done, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing is changed.
    Plan,
    /// The plan is carried out.
    Apply,
    /// The plan is carried out, and the graph is deleted where the document says that there should be none.
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

/// The text names no mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not plan, apply or destroy")]
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
    fn a_mode_is_read_as_it_is_written() {
        for mode in [Mode::Plan, Mode::Apply, Mode::Destroy] {
            assert_eq!(mode.to_string().parse(), Ok(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.to_string());
        }
        assert_eq!("off".parse::<Mode>(), Err(InvalidMode));
    }
}
