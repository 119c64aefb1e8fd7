//! Whether Detective has the data of the principal's account.

use crate::app::App;
use gumshoe_aws::detective::DetectiveError;
use gumshoe_domain::CaseRecord;
use gumshoe_domain::ErrorName;
use gumshoe_domain::case::CaseCoverage;
use gumshoe_domain::error::with_causes;
use jiff::Timestamp;

/// The coverage of the principal's account, and the error if it could not be read.
pub(crate) struct CoverageRead {
    pub(crate) coverage: CaseCoverage,
    pub(crate) error: Option<DetectiveError>,
}

impl From<CaseCoverage> for CoverageRead {
    fn from(coverage: CaseCoverage) -> Self {
        Self { coverage, error: None }
    }
}

/// Reads whether the account is in the graph of each of the case's investigations. If one graph lacks the account, the
/// result is `Outside`.
pub(crate) async fn read_coverage(app: &App, case: &CaseRecord, now: Timestamp) -> CoverageRead {
    let Some(entity) = case.principal.entity() else { return CaseCoverage::InGraphs.into() };
    let mut read = CoverageRead::from(CaseCoverage::InGraphs);
    for open in case.investigations() {
        match app.detective.membership(&open.graph_arn, &entity.account_id, now).await.map(|it| it.into_outside_graph())
        {
            Ok(Some(outside)) => return CaseCoverage::Outside(outside).into(),
            Ok(None) => {}
            Err(error) => {
                let cause = with_causes(&error);
                tracing::warn!(case.id = %case.key.case_id, account.id = %entity.account_id, error.name = error.error_name(),
                    error.message = %cause, "could not read the account's graph membership; check detective:GetMembers");
                let coverage = CaseCoverage::Unknown { is_transient: error.is_transient(), cause };
                read = CoverageRead { coverage, error: Some(error) };
            }
        }
    }
    read
}
