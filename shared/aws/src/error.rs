//! A call to AWS that failed.

use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use gumshoe_domain::Fault;
use std::error::Error;
use std::fmt;

/// A call to a service that failed.
#[derive(Debug)]
pub struct ApiCallError {
    /// The operation's name, as in the service's API reference.
    pub(crate) operation: &'static str,
    /// What kind of failure.
    pub fault: Fault,
    /// The service's error code, where it answered with one.
    pub code: Option<String>,
    source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for ApiCallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.fault {
            Fault::Throttled => "was throttled",
            Fault::Unavailable => "failed or got no answer",
            Fault::AccessDenied => "was denied",
            Fault::NotFound => "found nothing",
            Fault::Conflict => "met another change",
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
    /// Classifies an SDK error by the code that the service answered with.
    #[must_use]
    pub fn new<E>(operation: &'static str, error: E) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let code = error.meta().code().map_or_else(|| nested_error_code(&error), |code| Some(code.to_owned()));
        let fault = code.as_deref().map_or(Fault::Unavailable, classify_error_code);
        Self { operation, fault, code, source: Box::new(error) }
    }

    /// The same failure, known to be of another kind than its code tells.
    pub(crate) fn with_fault(self, fault: Fault) -> Self {
        Self { fault, ..self }
    }

    /// A request that the SDK would not build.
    #[must_use]
    pub fn invalid_request(operation: &'static str, error: impl Error + Send + Sync + 'static) -> Self {
        Self { operation, fault: Fault::Rejected, code: None, source: Box::new(error) }
    }

    /// A listing with more pages than are read. `exceeded` completes the sentence: `more than 10,000 members`.
    pub(crate) fn too_many_pages(operation: &'static str, exceeded: &'static str) -> Self {
        Self { operation, fault: Fault::Unavailable, code: None, source: format!("there are {exceeded}").into() }
    }

    /// A response without a field that the API always returns.
    #[must_use]
    pub fn missing_field(operation: &'static str, what: &'static str) -> Self {
        Self { operation, fault: Fault::Unavailable, code: None, source: format!("the answer lacks {what}").into() }
    }
}

/// The code of a failure beneath: of the call for credentials that had to come first, such as AssumeRole's. The SDK passes
/// it on as a cause only.
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

/// The kind of failure behind an error code. Codes differ between protocols and services only in their endings.
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
        | "KmsAccessDeniedException" => Fault::AccessDenied, // the last one is Step Functions'
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
        // Another transaction held the item for a moment. Nothing was decided: not a condition that failed.
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
        // A function that was frozen has a clock and credentials of another moment: the next call has new ones.
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidSignatureException"
        | "RequestExpired"
        | "RequestTimeTooSkewed" // S3
        | "SignatureDoesNotMatch" => Fault::Unavailable, // IAM, SNS and STS say so of a signature that has expired, too
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
    fn a_clock_or_credentials_of_before_a_freeze_may_pass() {
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
            "nobody knows these credentials"
        );
    }

    /// What errors of the adapters and of the domain say, each with its causes.
    #[test]
    fn each_cause_is_said_once() {
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
            "the case was changed by somebody else in the meantime: GetItem failed or got no answer: the answer lacks an item"
        );
    }
}
