//! The error of a failed API call.

use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use gumshoe_domain::Fault;
use std::error::Error;
use std::fmt;

/// A failed API call: which operation, and whether a retry can help.
#[derive(Debug)]
pub struct ApiCallError {
    /// The operation's name, as in the service's API reference.
    pub(crate) operation: &'static str,
    /// The kind of failure, derived from the service's error code.
    pub fault: Fault,
    /// The service's error code; `None` if there was no response, or the request was not sent.
    pub code: Option<String>,
    source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for ApiCallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.fault {
            Fault::Throttled => "was throttled",
            Fault::Unavailable => "failed or got no answer",
            Fault::AccessDenied => "was denied",
            Fault::NotFound => "found no such resource",
            Fault::Conflict => "conflicted with another write",
            Fault::Rejected => "was rejected",
        };
        write!(formatter, "{} {outcome}", self.operation)?;
        match &self.code {
            Some(code) => write!(formatter, " ({code})"),
            None => Ok(()),
        }
    }
}

impl Error for ApiCallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

impl ApiCallError {
    /// Classifies an SDK error by the service's error code. Without a code (no response) the fault is [`Fault::Unavailable`].
    #[must_use]
    pub fn new<E>(operation: &'static str, error: E) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let code = error.meta().code().map_or_else(|| nested_error_code(&error), |code| Some(code.to_owned()));
        let fault = code.as_deref().map_or(Fault::Unavailable, classify_error_code);
        Self { operation, fault, code, source: Box::new(error) }
    }

    /// Replaces the fault, for an error whose code is ambiguous.
    pub(crate) fn with_fault(self, fault: Fault) -> Self {
        Self { fault, ..self }
    }

    /// A request that the SDK could not build, because an argument is missing or invalid.
    #[must_use]
    pub fn invalid_request(operation: &'static str, error: impl Error + Send + Sync + 'static) -> Self {
        Self { operation, fault: Fault::Rejected, code: None, source: Box::new(error) }
    }

    /// A listing with more pages than are read. `exceeded` completes the sentence: `more than 10,000 members`.
    pub(crate) fn too_many_pages(operation: &'static str, exceeded: &'static str) -> Self {
        Self { operation, fault: Fault::Unavailable, code: None, source: format!("there are {exceeded}").into() }
    }

    /// A response that ended before its body was complete.
    pub(crate) fn interrupted(operation: &'static str, error: impl Error + Send + Sync + 'static) -> Self {
        Self { operation, fault: Fault::Unavailable, code: None, source: Box::new(error) }
    }

    /// A response without a field that the API always returns.
    #[must_use]
    pub fn missing_field(operation: &'static str, what: &'static str) -> Self {
        Self { operation, fault: Fault::Unavailable, code: None, source: format!("the response lacks {what}").into() }
    }
}

/// The code of an error that caused this one. If a call needs credentials first, and AssumeRole fails, the SDK passes AssumeRole's error
/// on as a source only.
fn nested_error_code(error: &dyn Error) -> Option<String> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(refused) = cause.downcast_ref::<AssumeRoleError>() {
            return refused.meta().code().map(str::to_owned);
        }
        next = cause.source();
    }
    None
}

/// The fault of a service's error code. Services name the same fault differently.
fn classify_error_code(code: &str) -> Fault {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "KMSAccessDenied"
        | "KMSAccessDeniedException"
        | "KmsAccessDenied"
        | "KmsAccessDeniedException" => Fault::AccessDenied, // Step Functions
        "TooManyRequestsException"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "ExecutionLimitExceeded"
        | "SlowDown" => Fault::Throttled,
        "ResourceNotFoundException"
        | "NoSuchEntity"
        | "NoSuchEntityException"
        | "NotFound"
        | "NotFoundException"
        | "AccountNotFoundException"
        | "NoSuchBucket"
        | "ExecutionDoesNotExist" => Fault::NotFound,
        "ConditionalCheckFailedException" | "ExecutionAlreadyExists" | "ConflictException" => Fault::Conflict,
        // Another transaction was writing the item. No condition was evaluated, so this is no conflict.
        "TransactionConflictException"
        | "TransactionInProgressException"
        | "ReplicatedWriteConflictException"
        | "InternalServerException"
        | "InternalServerError"
        | "InternalServerErrorException" // GuardDuty
        | "InternalFailure"
        | "InternalError"
        | "InternalErrorException"
        | "ServiceFailure"
        | "ServiceFailureException"
        | "ServerException"
        | "InternalException" // EventBridge
        | "ServiceException" // Organizations
        | "InternalServiceError" // Secrets Manager
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "RequestTimeout"
        // Lambda froze the function in between: its clock or its credentials are outdated. The next call has new ones.
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidSignatureException"
        | "RequestExpired"
        | "RequestTimeTooSkewed" // S3
        | "SignatureDoesNotMatch" => Fault::Unavailable, // IAM, SNS and STS also return it for an expired signature
        code if code.contains("Throttl") => Fault::Throttled,
        _ => Fault::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_every_service_are_classified() {
        assert_eq!(classify_error_code("TooManyRequestsException"), Fault::Throttled);
        assert_eq!(classify_error_code("KMSThrottlingException"), Fault::Throttled);
        assert_eq!(classify_error_code("ThrottlingException"), Fault::Throttled);
        assert_eq!(classify_error_code("AuthorizationError"), Fault::AccessDenied);
        assert_eq!(classify_error_code("InternalError"), Fault::Unavailable);
        assert_eq!(classify_error_code("ServiceFailure"), Fault::Unavailable); // IAM
        assert_eq!(classify_error_code("ServerException"), Fault::Unavailable); // ECS, EKS
        assert_eq!(classify_error_code("InternalServerErrorException"), Fault::Unavailable); // GuardDuty
        assert_eq!(classify_error_code("NoSuchEntity"), Fault::NotFound);
        assert_eq!(classify_error_code("ConditionalCheckFailedException"), Fault::Conflict);
        assert_eq!(classify_error_code("TransactionConflictException"), Fault::Unavailable);
        assert_eq!(classify_error_code("ValidationException"), Fault::Rejected);
        assert_eq!(classify_error_code("KmsAccessDeniedException"), Fault::AccessDenied); // Step Functions
    }

    #[test]
    fn outdated_clock_or_credentials_after_a_freeze_are_transient() {
        for code in [
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidSignatureException",
            "RequestExpired",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
        ] {
            assert_eq!(classify_error_code(code), Fault::Unavailable, "{code}");
        }
        assert_eq!(
            classify_error_code("UnrecognizedClientException"),
            Fault::AccessDenied,
            "the service does not know these credentials"
        );
    }

    /// Errors of the adapters and of the domain, each with its causes.
    #[test]
    fn no_error_repeats_its_cause() {
        use crate::case_table::TableError;
        use crate::detective::DetectiveError;
        use crate::topic::TopicError;
        use gumshoe_domain::error::with_causes;
        use gumshoe_domain::{ParsedFinding, verdict::Weights};

        let call = || ApiCallError::missing_field("GetItem", "an item");
        let json = || serde_json::from_str::<u8>("x").unwrap_err();
        let (graph_arn, entity_arn) = (String::from("graph"), String::from("role"));
        let errors: [Box<dyn Error>; 9] = [
            Box::new(call()),
            Box::new(ApiCallError::invalid_request("Publish", json())),
            Box::new(TableError::ConditionFailed(call())),
            Box::new(TableError::Serialize(json())),
            Box::new(TableError::Call(call())),
            Box::new(DetectiveError::EntityNotInGraph { graph_arn, entity_arn, source: call() }),
            Box::new(TopicError::Message(json())),
            Box::new("{\"severity\": 1}".parse::<Weights>().unwrap_err()),
            Box::new(ParsedFinding::from_json(&serde_json::json!({"detail-type": 1})).unwrap_err()),
        ];
        for error in &errors {
            testkit::assert_causes_not_repeated(error.as_ref());
        }
        assert_eq!(
            with_causes(&TableError::ConditionFailed(call())),
            "another invocation changed the item in the meantime; read it again and retry: GetItem failed or got no answer: the response lacks an item"
        );
    }
}
