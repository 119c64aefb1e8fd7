//! The behavior graph: the desired state (`document`), the current state (`current`), the plan from one to the other, the
//! issues of the graph (`health`), and the decision to notify people of them (`notification_state`). All of it is pure; the adapters
//! of AWS are in [`aws`].

mod account;
pub mod aws;
mod current;
mod document;
mod earlier_marks;
mod health;
mod issue;
mod member;
pub mod membership;
mod mode;
mod notice;
mod notification_state;
mod plan;
pub mod settings;

pub use account::{Account, is_email};
pub use current::{AdministratorCandidates, CurrentGraph, CurrentState, Observation};
pub use document::{
    Changes, DesiredGraph, DesiredMembers, DesiredOrganization, DesiredState, DocumentError, DocumentFault,
};
pub use gumshoe_alerts::message::{GraphReadTarget, IngestState, Issue, IssueKind, Package};
pub use health::Health;
pub use issue::{counts_by_kind, fingerprint};
pub use member::{InvitationType, Member};
pub use mode::{InvalidMode, Mode};
pub use notice::graph_notice;
pub use notification_state::{Claim, NOTIFY_CLAIM_TTL, NotifiedState, NotifyDecision};
pub use plan::{Change, DeletionConfirmation, MAX_MEMBERS, Plan, SkippedChange};
