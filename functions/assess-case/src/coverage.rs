//! Whether Detective had data of the principal's account to look at.

use crate::app::App;
use gumshoe_aws::detective::DetectiveError;
use gumshoe_domain::CaseRecord;
use gumshoe_domain::Named;
use gumshoe_domain::coverage::OutsideGraph;
use gumshoe_domain::error::with_causes;
use jiff::Timestamp;

/// What is known of the account of a case's principal and the graphs that were asked.
pub(crate) enum Coverage {
    /// Its data are in all of them, or nobody was asked about anybody.
    InGraphs,
    /// It sends nothing to one of them.
    Outside(OutsideGraph),
    /// It cannot be told of one of them.
    Unknown(DetectiveError),
}

impl Coverage {
    /// The account, where it sends nothing to a graph that was asked.
    pub(crate) fn outside(&self) -> Option<&OutsideGraph> {
        match self {
            Self::Outside(outside) => Some(outside),
            Self::InGraphs | Self::Unknown(_) => None,
        }
    }
}

/// Looks the account up in the graph of each of the case's investigations.
pub(crate) async fn coverage(app: &App, case: &CaseRecord, now: Timestamp) -> Coverage {
    let Some(entity) = case.principal.entity() else { return Coverage::InGraphs };
    let mut found = Coverage::InGraphs;
    for asked in case.investigations() {
        match app.detective.membership(&asked.graph_arn, &entity.account_id, now).await.map(|it| it.outside()) {
            Ok(Some(outside)) => return Coverage::Outside(outside),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(case.id = %case.key.case_id, account.id = %entity.account_id, error.name = error.name(),
                    error.message = %with_causes(&error), "could not read the account's graph membership");
                found = Coverage::Unknown(error);
            }
        }
    }
    found
}
