//! The findings that Detective relates to the principal, beside the case's own.

use crate::app::App;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::indicator::{with_last_seen, without_own_findings};
use gumshoe_domain::{CaseRecord, Finding, Indicator};
use std::collections::BTreeSet;

/// The indicators without the case's own findings; related findings with the time that GuardDuty gives. Where it does not
/// answer they have none, and nothing waits for it. `region` is that of the behavior graph.
pub(crate) async fn beside_own(
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
