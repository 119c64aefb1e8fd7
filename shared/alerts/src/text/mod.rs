//! Every sentence that people read about a case or the behavior graph, for all channels. Renderers escape what is from outside.

mod coverage;
pub(crate) mod details;
mod engines;
pub mod graph_health;
pub(crate) mod indicator;
pub mod summary;
pub(crate) mod words;
