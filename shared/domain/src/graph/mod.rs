//! The behavior graph: what it should be, what it is, and what would bring the one to the other.

mod account;
mod actual;
mod document;
mod health;
mod member;
pub mod membership;
pub mod notice;
mod plan;
mod telling;

pub use account::{Account, is_account_id, is_email};
pub use actual::{Actual, ActualGraph, Candidates, Read};
pub use document::{Changes, Desired, DesiredGraph, DesiredMembers, DesiredOrganization, DocumentError};
pub use health::{Ailment, Health, counts};
pub use member::{IngestState, InvitationType, Member, Package};
pub use notice::Notice;
pub use plan::{Change, Confirmed, MOST_MEMBERS, Plan, Withheld};
pub use telling::{CLAIMED, Claim, Telling, Told};
