//! Cases: one principal, one case.
//!
//! What a case may do next is decided here, by pure functions; the table's adapter only carries a decision out as a
//! conditional write.

mod ended;
mod intake;
mod record;
mod revision;

pub use ended::{EndedExecution, Succession};
pub use intake::{Intake, Known, Suppression, receive};
pub use record::{
    Assessment, CaseKey, CaseRecord, CaseStatus, FindingRecord, OpenInvestigation, ReportPlace, subject_of,
};
pub use revision::{Claim, Ending, after_assessment, assessed_revision, cause_to_tell, claim};
