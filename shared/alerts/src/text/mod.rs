//! Every sentence that people read about a case or the behavior graph, for all channels: one module for each kind. Renderers escape
//! what is from outside.

pub mod coverage;
pub(crate) mod details;
pub(crate) mod engines;
pub mod explanation;
pub(crate) mod finding;
pub(crate) mod format;
pub mod graph_health;
mod guardduty;
pub(crate) mod guardduty_summary;
pub(crate) mod indicator;
pub(crate) mod next_step;
pub(crate) mod not_investigated;
pub(crate) mod operations;
pub mod principal;
pub(crate) mod reason;
mod remedy;
pub(crate) mod shorten;
pub(crate) mod summary;
