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

pub use answer::{Answer, Completed};
pub use asking::{Asked, Asking, AskingStep, Created};
pub use budget::{A_DAY, Budget, BudgetWrite, Full, IN_ALL, Limits, Listed, Slot, Take, WINDOW};
pub use giving_back::{GivingBack, GivingBackStep};
pub use investigation::{Cloud, Confidence, Investigation, Metadata, RiskLevel, Status};
pub use request::{Request, investigates};
pub use standing::{NotAsked, OpenInvestigation, Standing};
pub use summary::Summary;
pub use when::When;
