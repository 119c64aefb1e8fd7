//! What the function is asked.

use gumshoe_domain::CaseKey;
use gumshoe_domain::investigation::NotInvestigated;
use serde::Deserialize;

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
