//! Amazon Detective.

mod constraints;
mod datasource;
mod entity;
mod graph;
mod indicators;
mod investigation;
mod member;
mod operations;
mod organization;
mod state;

pub use datasource::{IngestState, Package};
pub use indicators::Indicator;
pub use investigation::{Outcome, Severity};
pub use member::{DisabledReason, MemberStatus};

pub(crate) use investigation::{Investigation, Status};
pub(crate) use operations::OPERATIONS;
pub(crate) use state::{State, first_graph_arn};
