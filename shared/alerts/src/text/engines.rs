//! Comparison of the ratings of Detective and GuardDuty's investigation, which an alert shows next to the verdict.

use super::reason;
use crate::message::{Alert, CompletedInvestigation, Convert};
use gumshoe_domain::guardduty;
use gumshoe_domain::verdict::EngineResults;

/// Whether Detective's severity and GuardDuty's risk level agree; `None` if GuardDuty has no result. It contains no text from
/// outside. It is also a reason of the verdict, with 0 points; the alert has it as a member of its own because the list of
/// reasons may be shortened.
pub(crate) fn engine_comparison(alert: &Alert) -> Option<String> {
    let completed: Option<guardduty::CompletedInvestigation> =
        alert.guardduty_result().map(CompletedInvestigation::convert);
    let results = EngineResults {
        is_investigated: alert.not_investigated.is_none(),
        severity: alert.detective_severity,
        guardduty: completed.as_ref(),
        ..EngineResults::default()
    };
    results.agreement_reason().map(|code| reason::reason(&code))
}
