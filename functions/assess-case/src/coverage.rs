//! Whether Detective had data of the principal's account to look at.

use crate::handler::AssessCase;
use gumshoe_aws::Named;
use gumshoe_aws::error::with_causes;
use gumshoe_domain::CaseRecord;
use gumshoe_domain::graph::OutsideGraph;
use jiff::Timestamp;

/// The principal's account, where it sends nothing to the graph that was asked. Nothing where it does, where nobody was
/// asked about anybody, and where that cannot be told: it holds back no case.
pub(crate) async fn outside_graph(app: &AssessCase, case: &CaseRecord, now: Timestamp) -> Option<OutsideGraph> {
    let (asked, entity) = (case.investigation.as_ref()?, case.principal.entity()?);
    match app.detective.membership(&asked.graph_arn, &entity.account_id, now).await {
        Ok(coverage) => coverage.outside(),
        Err(error) => {
            tracing::warn!(case.id = %case.key.case_id, account.id = %entity.account_id, error.name = error.name(),
                error.message = %with_causes(&error), "nobody knows whether the account is in the behavior graph");
            None
        }
    }
}
