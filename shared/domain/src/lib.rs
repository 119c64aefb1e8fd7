//! What Gumshoe knows about findings, principals, cases, investigations, indicators and verdicts.
//!
//! Pure functions and values only: no AWS SDK, no I/O, no clock. The caller passes the time, so that every decision can be
//! tested and model-checked with the code that runs.

pub mod admission;
pub mod assessment;
pub mod case;
mod code;
pub mod coverage;
pub mod error;
pub mod explanation;
pub mod finding;
pub mod guardduty;
pub mod indicator;
pub mod investigation;
pub mod mitre;
pub mod next_steps;
mod patterns;
pub mod principal;
pub mod regions;
pub mod schedule;
pub mod text;
pub mod verdict;

pub use case::{CaseKey, CaseRecord, CaseStatus};
pub use error::{ErrorName, Fault};
pub use explanation::Explanation;
pub use finding::{Finding, FindingError, ParsedFinding, Severity, SeverityBand};
pub use indicator::Indicator;
pub use investigation::{Investigation, InvestigationSeverity, InvestigationStatus};
pub use principal::Principal;
pub use regions::Regions;
pub use verdict::{Verdict, VerdictLevel};
