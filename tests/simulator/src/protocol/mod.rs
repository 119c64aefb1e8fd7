//! The protocol of both services (AWS rest-json): from a connection to a call, and from its answer back.

pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod check;
pub(crate) mod digest;
pub(crate) mod error;
pub(crate) mod exchange;
pub(crate) mod pages;
pub(crate) mod request;
pub(crate) mod server;
pub(crate) mod shape;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::world::{AccountRegion, World};
use crate::{detective, guardduty};
use error::{AwsError, ErrorCode, ErrorType};
use pages::{Key, Listing, Order};
use shape::Model;

/// A service that is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Detective,
    GuardDuty,
}

/// One operation: its model, and the function that answers it.
pub(crate) struct Operation {
    pub(crate) service: Service,
    pub(crate) model: &'static Model,
    pub(crate) answer: fn(&Call<'_>, &mut World) -> OperationResult,
}

/// One call of an operation.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) place: &'a AccountRegion,
    /// What the request holds, in path, query and body.
    pub(crate) members: &'a Map<String, Value>,
    pub(crate) now: Timestamp,
}

/// Which page of a listing is asked for, as Detective's requests have it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Paging {
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// The result of an operation: a body, or `None` if the reference gives an empty body.
pub(crate) type OperationResult = Result<Option<Value>, AwsError>;

/// All operations that are simulated.
pub(crate) fn operations() -> impl Iterator<Item = &'static Operation> {
    detective::OPERATIONS.iter().chain(&guardduty::OPERATIONS)
}

/// The operation of a name: `GetInvestigation`, or `guardduty:GetInvestigation` as in a policy's actions. Of operations
/// that both services have, the bare name means Detective's.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    operations().find(|operation| match name.split_once(':') {
        None => operation.model.name == name,
        Some((service, name)) => operation.service.name() == service && operation.model.name == name,
    })
}

impl Service {
    /// The prefix of its actions in a policy, and its name in a signature.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Detective => "detective",
            Self::GuardDuty => "guardduty",
        }
    }

    /// What a request gets that does not hold a constraint.
    pub(crate) fn invalid(self, wrong: check::ConstraintViolation) -> AwsError {
        match self {
            Self::Detective if wrong.graph_arn => AwsError::validation_with(ErrorCode::InvalidGraphArn, wrong.message),
            Self::Detective => AwsError::validation(wrong.message),
            Self::GuardDuty => AwsError::bad_request(wrong.message),
        }
    }

    /// What a call gets that fails through no fault of the caller.
    pub(crate) const fn internal(self) -> ErrorType {
        match self {
            Self::Detective => ErrorType::InternalServer,
            Self::GuardDuty => ErrorType::InternalServerError,
        }
    }
}

impl Operation {
    /// `guardduty:GetInvestigation`.
    pub(crate) fn action(&self) -> String {
        format!("{}:{}", self.service.name(), self.model.name)
    }

    /// What the operation answers when there are too many calls.
    // assumed: an operation whose model has no TooManyRequestsException answers the ThrottlingException that the
    // references list as common to all operations.
    pub(crate) fn throttled(&self) -> AwsError {
        let modeled = self.model.errors.contains(&ErrorType::TooManyRequests);
        let kind = if modeled { ErrorType::TooManyRequests } else { ErrorType::Throttling };
        AwsError::new(
            kind,
            "The request cannot be completed because too many other requests are occurring at the same time.",
        )
    }
}

impl Call<'_> {
    /// The request as a typed value. Its members have been checked against their constraints.
    ///
    /// # Errors
    /// Only if the type and the constraints disagree, which is a defect of the simulator.
    pub(crate) fn request<T: DeserializeOwned>(&self) -> Result<T, AwsError> {
        serde_path_to_error::deserialize(Value::Object(self.members.clone())).map_err(|error| {
            let service = self.operation.service;
            AwsError::new(
                service.internal(),
                format!("{}: the request type does not match the constraints: {error}", self.operation.action()),
            )
        })
    }

    /// The error of a member that satisfies its shape but is invalid.
    pub(crate) fn invalid_member(&self, member: &str, what: &str) -> AwsError {
        let message = format!("{}Request.{member} {what}", self.operation.model.name);
        self.operation.service.invalid(check::ConstraintViolation { graph_arn: false, message })
    }

    /// The page that is asked for, and the token of the next; of `size` items where MaxResults is left out.
    ///
    /// # Errors
    /// As [`Listing::read`].
    pub(crate) fn page<T>(
        &self,
        items: impl IntoIterator<Item = (Key, T)>,
        order: Order,
        paging: &Paging,
        size: usize,
    ) -> Result<(Vec<T>, Option<String>), AwsError> {
        let size = paging.max_results.unwrap_or(size);
        self.listing().page(items, order, paging.next_token.as_deref(), size, self.now)
    }

    /// The listing that the call asks a page of: parameters other than NextToken and MaxResults identify it.
    pub(crate) fn listing(&self) -> Listing {
        let others: Map<String, Value> = self
            .members
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("NextToken") && !name.eq_ignore_ascii_case("MaxResults"))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let action = self.operation.action();
        Listing::new(
            self.operation.service,
            [action.as_str(), &self.place.account, &self.place.region, &Value::Object(others).to_string()],
        )
    }
}

/// The serialized name of an enum value, such as `ACTIVE`.
pub(crate) fn wire_name(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(String::from)).unwrap_or_default()
}

/// A timestamp as Detective writes it: ISO-8601 with milliseconds.
pub(crate) fn iso(time: Timestamp) -> String {
    format!("{time:.3}")
}
