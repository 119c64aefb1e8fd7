//! Whether Detective had data of the principal's account to look at.

use crate::app::App;
use gumshoe_aws::detective::DetectiveError;
use gumshoe_domain::CaseRecord;
use gumshoe_domain::ErrorName;
use gumshoe_domain::case::CaseCoverage;
use gumshoe_domain::error::with_causes;
use jiff::Timestamp;

/// Looks the account up in the graph of each of the case's investigations. Beside what is not known stands the error.
pub(crate) async fn coverage(app: &App, case: &CaseRecord, now: Timestamp) -> (CaseCoverage, Option<DetectiveError>) {
    let Some(entity) = case.principal.entity() else { return (CaseCoverage::InGraphs, None) };
    let mut found = (CaseCoverage::InGraphs, None);
    for asked in case.investigations() {
        match app
            .detective
            .membership(&asked.graph_arn, &entity.account_id, now)
            .await
            .map(|it| it.into_outside_graph())
        {
            Ok(Some(outside)) => return (CaseCoverage::Outside(outside), None),
            Ok(None) => {}
            Err(error) => {
                let cause = with_causes(&error);
                tracing::warn!(case.id = %case.key.case_id, account.id = %entity.account_id, error.name = error.error_name(),
                    error.message = %cause, "could not read the account's graph membership");
                found = (CaseCoverage::Unknown { is_transient: error.is_transient(), cause }, Some(error));
            }
        }
    }
    found
}
