use super::*;
use aws_sdk_detective::operation::list_graphs::{ListGraphsError, ListGraphsOutput};
use aws_sdk_detective::operation::list_indicators::ListIndicatorsOutput;
use aws_sdk_detective::operation::start_investigation::StartInvestigationError;
use aws_sdk_detective::types::error::{
    AccessDeniedException, ResourceNotFoundException, TooManyRequestsException, ValidationException,
};
use aws_sdk_detective::types::{FlaggedIpAddressDetail, Indicator as SdkIndicator, IndicatorDetail, IndicatorType};
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use jiff::SignedDuration;

const GRAPH: &str = "arn:aws:detective:us-east-1:123456789012:graph:0123456789abcdef0123456789abcdef";
const ROLE: &str = "arn:aws:iam::123456789012:role/a";

#[tokio::test]
async fn a_missing_graph_has_its_own_error() {
    let empty = mock!(Client::list_graphs).then_output(|| ListGraphsOutput::builder().build());
    let error = Detective::new(mock_client!(aws_sdk_detective, [&empty])).graph_arn("us-east-1").await.unwrap_err();
    assert_eq!(error.error_name(), "NoBehaviorGraph");
}

#[tokio::test]
async fn errors_have_the_names_that_the_state_machine_matches() {
    let denied = mock!(Client::list_graphs).then_error(|| {
        ListGraphsError::AccessDeniedException(with_code(AccessDeniedException::builder(), "AccessDeniedException"))
    });
    let error = Detective::new(mock_client!(aws_sdk_detective, [&denied])).graph_arn("us-east-1").await.unwrap_err();
    assert_eq!(error.error_name(), "DetectiveAccessDenied");

    let scope = Scope::up_to(Timestamp::UNIX_EPOCH, SignedDuration::from_hours(24), None);
    let missing = mock!(Client::start_investigation).then_error(|| {
        let error = ResourceNotFoundException::builder();
        StartInvestigationError::ResourceNotFoundException(with_code(error, "ResourceNotFoundException"))
    });
    let detective = Detective::new(mock_client!(aws_sdk_detective, [&missing]));
    assert_eq!(detective.start(GRAPH, ROLE, scope).await.unwrap_err().error_name(), "EntityNotInGraph");

    let throttled = mock!(Client::start_investigation).then_error(|| {
        let error = TooManyRequestsException::builder();
        StartInvestigationError::TooManyRequestsException(with_code(error, "TooManyRequestsException"))
    });
    let detective = Detective::new(mock_client!(aws_sdk_detective, [&throttled]));
    assert_eq!(detective.start(GRAPH, ROLE, scope).await.unwrap_err().error_name(), "DetectiveThrottled");
}

#[tokio::test]
async fn validation_errors_of_start_investigation_are_classified_by_their_code() {
    let scope = Scope::up_to(Timestamp::UNIX_EPOCH, SignedDuration::from_hours(24), None);
    for (code, name, is_transient) in [
        (Some(ErrorCode::InvalidRequestBody), "InvestigationRefused", false),
        (None, "InvestigationRefused", false),
        (Some(ErrorCode::from("A_NEW_CODE")), "InvestigationRefused", false),
        (Some(ErrorCode::InvalidGraphArn), "DetectiveRejected", false),
        (Some(ErrorCode::InternalError), "DetectiveUnavailable", true),
    ] {
        let refused = mock!(Client::start_investigation).then_error(move || {
            let error = ValidationException::builder().set_error_code(code.clone());
            StartInvestigationError::ValidationException(with_code(error, "ValidationException"))
        });
        let detective = Detective::new(mock_client!(aws_sdk_detective, [&refused]));
        let error = detective.start(GRAPH, ROLE, scope).await.unwrap_err();
        assert_eq!((error.error_name(), error.is_transient()), (name, is_transient));
    }
}

#[tokio::test]
async fn indicators_are_read_to_the_last_page_including_unknown_kinds() {
    let page = |address: &'static str, next: Option<&'static str>| {
        move || {
            let flagged = FlaggedIpAddressDetail::builder().ip_address(address).build();
            let detail = IndicatorDetail::builder().flagged_ip_address_detail(flagged).build();
            let known =
                SdkIndicator::builder().indicator_type(IndicatorType::FlaggedIpAddress).indicator_detail(detail);
            let unknown = SdkIndicator::builder().indicator_type(IndicatorType::from("NEW_KIND"));
            ListIndicatorsOutput::builder()
                .indicators(known.build())
                .indicators(unknown.build())
                .set_next_token(next.map(str::to_owned))
                .build()
        }
    };
    let first = mock!(Client::list_indicators)
        .match_requests(|request| request.next_token().is_none())
        .then_output(page("192.0.2.1", Some("more")));
    let second = mock!(Client::list_indicators)
        .match_requests(|request| request.next_token() == Some("more"))
        .then_output(page("192.0.2.2", None));
    let client = mock_client!(aws_sdk_detective, RuleMode::MatchAny, [&first, &second]);
    let indicators = Detective::new(client).indicators(GRAPH, "012345678901234567890").await.unwrap();
    assert_eq!(indicators.len(), 4);
    assert_eq!(indicators.iter().filter(|indicator| indicator.kind().as_str() == "NEW_KIND").count(), 2);
}

/// The SDK reads the code from the response; a mock has to set it.
trait WithMeta {
    type Error;
    fn finish(self, meta: aws_smithy_types::error::ErrorMetadata) -> Self::Error;
}

macro_rules! with_meta {
    ($($module:ident :: $name:ident),*) => {$(
        impl WithMeta for aws_sdk_detective::types::error::builders::$name {
            type Error = aws_sdk_detective::types::error::$module;
            fn finish(self, meta: aws_smithy_types::error::ErrorMetadata) -> Self::Error {
                self.meta(meta).build()
            }
        }
    )*};
}

with_meta!(
    AccessDeniedException::AccessDeniedExceptionBuilder,
    ResourceNotFoundException::ResourceNotFoundExceptionBuilder,
    TooManyRequestsException::TooManyRequestsExceptionBuilder,
    ValidationException::ValidationExceptionBuilder
);

fn with_code<B: WithMeta>(builder: B, code: &str) -> B::Error {
    builder.finish(aws_smithy_types::error::ErrorMetadata::builder().code(code).build())
}

/// In the simulator, each account and Region has a graph of its own.
#[tokio::test]
async fn a_graph_is_found_and_called_in_its_own_region_only() {
    let simulator = simulator::Simulator::start(std::net::TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
    let configuration = testkit::simulator_config(&simulator.url(), "123456789012", "us-east-1");
    let detective = Detective::for_regions(&configuration, &"us-east-1,ap-southeast-2".parse().unwrap());
    let scope = Scope::up_to(testkit::now(), SignedDuration::from_hours(24), None);
    for region in ["us-east-1", "ap-southeast-2"] {
        let graph = detective.graph_arn(region).await.unwrap();
        assert_eq!(graph_region(&graph), Some(region));
        let id = detective.start(&graph, ROLE, scope).await.unwrap();
        assert_eq!(detective.investigation(&graph, &id).await.unwrap().id, id);
        assert!(detective.membership(&graph, "444455556666", testkit::now()).await.is_ok());
    }
    let asked: Vec<String> = simulator.journal().into_iter().map(|call| call.region).collect();
    assert_eq!(asked.len(), 8);
    assert!(asked[..4].iter().all(|it| it == "us-east-1") && asked[4..].iter().all(|it| it == "ap-southeast-2"));

    let elsewhere = "arn:aws:detective:sa-east-1:123456789012:graph:0123456789abcdef0123456789abcdef";
    let error = detective.investigation(elsewhere, "012345678901234567890").await.unwrap_err();
    assert_eq!((error.error_name(), error.is_transient()), ("RegionNotListed", false));
    assert_eq!(detective.graph_arn("sa-east-1").await.unwrap_err().error_name(), "RegionNotListed");
    assert_eq!(simulator.journal().len(), 8, "no service was called");
}
