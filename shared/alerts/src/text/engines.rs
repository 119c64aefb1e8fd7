//! What the two engines make of each other, as an alert says it beside the verdict.

use super::reason;
use crate::message::{Alert, CompletedInvestigation, Convert};
use gumshoe_domain::guardduty;
use gumshoe_domain::verdict::EngineResults;

/// Whether Detective and GuardDuty say the same; nothing where GuardDuty has no result. It is also a reason of the verdict, at no
/// points, and stands here as well because reasons may have been shortened. No text from outside is in it.
pub(crate) fn engines(alert: &Alert) -> Option<String> {
    let completed: Option<guardduty::CompletedInvestigation> =
        alert.guardduty_result().map(CompletedInvestigation::convert);
    let opinions = EngineResults {
        is_investigated: alert.not_investigated.is_none(),
        severity: alert.detective_severity,
        guardduty: completed.as_ref(),
        ..EngineResults::default()
    };
    opinions.agreement_reason().map(|code| reason::reason(&code))
}
