//! The findings that Detective relates to the principal, other than the case's own.

use crate::app::App;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::indicator::{with_last_seen, without_own_findings};
use gumshoe_domain::{CaseRecord, Finding, Indicator};
use std::collections::BTreeSet;

/// Removes the case's own findings from the indicators, and adds to related findings the time of their last activity. If GuardDuty does not
/// return it, they have none; the case does not wait for it. `region` is that of the behavior graph.
pub(crate) async fn with_related_findings(
    app: &App,
    case: &CaseRecord,
    findings: &[Finding],
    region: Option<&str>,
    answered: &[Indicator],
) -> Vec<Indicator> {
    let indicators = without_own_findings(findings, answered);
    let ids: BTreeSet<&str> = indicators.iter().filter_map(Indicator::related_finding_id).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    match app.guardduty.for_region(region).last_seen(&ids).await {
        Ok(times) => with_last_seen(indicators, &times),
        Err(error) => {
            tracing::warn!(case.id = %case.key.case_id, error.message = %with_causes(&error),
                "could not read when related findings were last seen; the alert names them without a time");
            indicators
        }
    }
}
