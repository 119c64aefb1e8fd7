//! Cases: one principal, one case.
//!
//! What a case may do next is decided here, by pure functions; the table's adapter only carries a decision out as a
//! conditional write. [`flows`] has the steps of each function. The whole is model-checked:
//! tests/protocol.

mod archiving;
mod course;
mod ended;
pub mod flows;
mod inputs;
mod intake;
mod notified;
mod place;
mod progress;
mod record;
mod relaying;
mod revision;
mod second_look;
mod write;

pub use archiving::wanted_state;
pub use course::{AccountCoverage, CaseFacts, Course, CoverageUnread, NextMove, NoResult, UnseenActivity};
pub use ended::{EndedExecution, Succession, succession};
pub use inputs::{AssessmentRules, CaseCoverage, CaseInputs, Decision, InvestigationResult};
pub use intake::{Intake, IntakeRules, Known, Suppression, receive};
pub use notified::{AlertOutcome, Notified, alerted_outcome, is_already_notified};
pub use place::{Next, Place, Unseen, next_investigation, unseen};
pub use progress::{CaseNumber, CaseProgress, CaseStatus, FindingProgress, FindingRecord};
pub use record::{CaseKey, CaseRecord, OpenInvestigation, subject_of};
pub use relaying::{Claims, Refusal, believe};
pub use revision::{Claim, Ending, after_assessment, assessed_revision, cause_to_tell, claim};
pub use second_look::SecondLook;
pub use write::{CaseSide, CaseWrite, Change, Condition, IntakeWrite};
