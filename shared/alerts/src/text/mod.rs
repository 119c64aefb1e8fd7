//! Every sentence that people read about a case, for all channels. Renderers escape what is from outside.

mod coverage;
pub(crate) mod details;
mod engines;
pub(crate) mod indicator;
pub mod summary;
pub(crate) mod words;
