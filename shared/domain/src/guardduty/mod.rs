//! GuardDuty's own investigations: a second engine beside Detective (a preview since June 2026).
//!
//! It looks at whole findings, also where no IAM principal stands behind them, and answers with text that an AI has written.
//! Few may be asked for, so a [`Budget`] in the table guards them; [`Asking`] is the way to one, step by step. What it
//! says stands beside the verdict, never under it.

mod answer;
mod asking;
mod budget;
mod giving_back;
mod investigation;
mod request;
mod standing;
mod summary;
mod when;

pub use answer::{CompletedInvestigation, GuardDutyResult};
pub use asking::{CreateResult, RequestFlow, RequestOutcome, RequestStep};
pub use budget::{
    BudgetWrite, DAILY_QUOTA, DAILY_WINDOW, ListedInvestigation, QuotaBudget, QuotaExhausted, QuotaLimits, QuotaSlot,
    SlotRequest, TOTAL_QUOTA,
};
pub use giving_back::{ReleaseSlotFlow, ReleaseSlotStep};
pub use investigation::{Cloud, Confidence, GuardDutyInvestigation, GuardDutyInvestigationStatus, Metadata, RiskLevel};
pub use request::{InvestigationRequest, supports_investigations};
pub use standing::{GuardDutyRequestState, NotRequestedReason, RequestedInvestigation};
pub use summary::Summary;
pub use when::InvestigationPolicy;
