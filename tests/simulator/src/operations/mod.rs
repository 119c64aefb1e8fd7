//! The operations, one a file, and the table that the server routes by.

mod get_investigation;
mod list_graphs;
mod list_indicators;
pub(crate) mod list_investigations;
mod start_investigation;
mod update_investigation_state;

use axum::routing::MethodFilter;
use jiff::Timestamp;
use serde_json::Value;

use crate::aws_error::AwsError;
use crate::constraints::GRAPH_ARN;
use crate::input::Input;
use crate::pages::Listing;
use crate::state::{Place, World};

/// One operation of the API.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) method: MethodFilter,
    pub(crate) path: &'static str,
    pub(crate) answer: fn(&Call<'_>, &mut World) -> Answer,
}

/// One call of an operation.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static str,
    pub(crate) place: &'a Place,
    pub(crate) input: Input<'a>,
    pub(crate) now: Timestamp,
}

/// What an operation answers: a body, or nothing where the reference gives an empty body.
pub(crate) type Answer = Result<Option<Value>, AwsError>;

/// The operations that are simulated. Methods and paths are those of the API reference.
// When GuardDuty joins: both services have `/tags/{resourceArn}`; the service in the credential scope tells them apart.
pub(crate) static OPERATIONS: [Operation; 6] = [
    post("GetInvestigation", "/investigations/getInvestigation", get_investigation::answer),
    post("ListGraphs", "/graphs/list", list_graphs::answer),
    post("ListIndicators", "/investigations/listIndicators", list_indicators::answer),
    post("ListInvestigations", "/investigations/listInvestigations", list_investigations::answer),
    post("StartInvestigation", "/investigations/startInvestigation", start_investigation::answer),
    post("UpdateInvestigationState", "/investigations/updateInvestigationState", update_investigation_state::answer),
];

const fn post(name: &'static str, path: &'static str, answer: fn(&Call<'_>, &mut World) -> Answer) -> Operation {
    Operation { name, method: MethodFilter::POST, path, answer }
}

/// Whether an operation of that name is simulated.
pub(crate) fn is_known(name: &str) -> bool {
    OPERATIONS.iter().any(|operation| operation.name == name)
}

/// The names of the operations, for a message.
pub(crate) fn names() -> String {
    OPERATIONS.iter().map(|operation| operation.name).collect::<Vec<_>>().join(", ")
}

impl<'a> Call<'a> {
    /// The member GraphArn.
    fn graph_arn(&self) -> Result<&'a str, AwsError> {
        self.input.required_text("GraphArn", &GRAPH_ARN)
    }

    /// The listing that the call asks a page of; `parts` are its parameters less NextToken and MaxResults.
    fn listing(&self, parts: &[&str]) -> Listing {
        let head = [self.operation, self.place.account.as_str(), self.place.region.as_str()];
        Listing::new(head.into_iter().chain(parts.iter().copied()))
    }
}

/// A timestamp as the API writes it: ISO-8601 with milliseconds.
fn iso(time: Timestamp) -> String {
    format!("{time:.3}")
}
