//! The behavior graph: what it should be, what it is, and what would bring the one to the other.

mod account;
mod actual;
pub mod aws;
mod document;
mod earlier_marks;
mod health;
mod issue;
mod member;
pub mod membership;
mod mode;
mod notice;
mod plan;
pub mod settings;
mod telling;

pub use account::{Account, is_email};
pub use actual::{Actual, ActualGraph, Candidates, Read};
pub use document::{Changes, Desired, DesiredGraph, DesiredMembers, DesiredOrganization, DocumentError, DocumentFault};
pub use gumshoe_alerts::message::{GraphReadTarget, IngestState, Issue, IssueKind, Package};
pub use health::Health;
pub use issue::{counts, fingerprint};
pub use member::{InvitationType, Member};
pub use mode::{Mode, NotAMode};
pub use notice::notice;
pub use plan::{Change, Confirmed, MOST_MEMBERS, Plan, Withheld};
pub use telling::{CLAIMED, Claim, Telling, Told};
