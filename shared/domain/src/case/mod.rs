//! Cases: one principal, one case.
//!
//! Pure functions decide what a case does next; the table's adapter only executes the conditional writes. [`flows`] has the steps of
//! each function. tests/protocol model-checks all of it.

mod archive_state;
mod decision;
mod execution_restart;
pub mod feedback;
pub mod flows;
mod follow_up;
mod inputs;
mod intake;
mod message_check;
mod previous_notification;
mod progress;
mod record;
mod regions_to_investigate;
mod revision;
mod write;

pub use archive_state::desired_investigation_state;
pub use decision::{
    CaseAction, CaseDecision, CaseFacts, CoverageKind, CoverageReadError, NoResultReason, UncoveredActivity,
};
pub use execution_restart::{FailedExecution, RestartDecision, decide_restart};
pub use follow_up::FollowUpRule;
pub use inputs::{AssessmentRules, CaseCoverage, CaseEvaluation, CaseInputs, InvestigationResult};
pub use intake::{IntakeDecision, IntakeRules, KnownFinding, SuppressReason, decide_intake};
pub use message_check::{ClaimedRevisions, RejectReason, validate_message};
pub use previous_notification::{AlertOutcome, PreviousNotification, is_already_notified, last_alert_outcome};
pub use progress::{CaseNumber, CaseProgress, CaseStatus, FindingProgress, FindingRecord};
pub use record::{CaseKey, CaseRecord, StartedInvestigation, case_subject};
pub use regions_to_investigate::{
    NextInvestigation, RegionActivity, UncoveredFindings, next_investigation, uncovered_findings,
};
pub use revision::{
    AssessmentAction, ClaimDecision, decide_after_assessment, decide_claim, effective_alert_cause, next_revision,
};
pub use write::{CaseChange, CaseWrite, Change, Condition, IntakeWrite};
