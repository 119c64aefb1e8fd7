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

pub use archiving::desired_investigation_state;
pub use course::{
    CaseAction, CaseDecision, CaseFacts, CoverageKind, CoverageReadError, NoResultReason, UncoveredActivity,
};
pub use ended::{FailedExecution, RestartDecision, decide_restart};
pub use inputs::{AssessmentRules, CaseCoverage, CaseEvaluation, CaseInputs, InvestigationResult};
pub use intake::{IntakeDecision, IntakeRules, KnownFinding, SuppressReason, decide_intake};
pub use notified::{AlertOutcome, PreviousNotification, is_already_notified, last_alert_outcome};
pub use place::{NextInvestigation, RegionActivity, UncoveredFindings, next_investigation, uncovered_findings};
pub use progress::{CaseNumber, CaseProgress, CaseStatus, FindingProgress, FindingRecord};
pub use record::{CaseKey, CaseRecord, StartedInvestigation, case_subject};
pub use relaying::{ClaimedRevisions, RejectReason, validate_message};
pub use revision::{
    AssessmentAction, ClaimDecision, decide_after_assessment, decide_claim, effective_alert_cause, next_revision,
};
pub use second_look::FollowUpRule;
pub use write::{CaseChange, CaseWrite, Change, Condition, IntakeWrite};
