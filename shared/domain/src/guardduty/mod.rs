//! GuardDuty's own investigations: a second engine next to Detective (a preview since June 2026).
//!
//! GuardDuty investigates whole findings, also those without an IAM principal, and returns text that an AI wrote. The quota is small,
//! so a [`QuotaBudget`] in the table limits the requests. [`RequestFlow`] is the flow of a request. The result is shown next to the
//! verdict and never changes the score.

mod answer;
mod budget;
mod investigation;
mod policy;
mod release_slot;
mod request;
mod request_flow;
mod request_state;
mod summary;

pub use answer::{CompletedInvestigation, GuardDutyResult};
pub use budget::{
    BudgetWrite, DAILY_QUOTA, DAILY_WINDOW, ListedInvestigation, QuotaBudget, QuotaExhausted, QuotaLimits, QuotaSlot,
    SlotRequest, TOTAL_QUOTA,
};
pub use investigation::{Cloud, Confidence, GuardDutyInvestigation, GuardDutyInvestigationStatus, Metadata, RiskLevel};
pub use policy::InvestigationPolicy;
pub use release_slot::{ReleaseSlotFlow, ReleaseSlotStep};
pub use request::{InvestigationRequest, supports_investigations};
pub use request_flow::{CreateResult, RequestFlow, RequestOutcome, RequestStep};
pub use request_state::{GuardDutyRequestState, NotRequestedReason, RequestedInvestigation};
pub use summary::Summary;
