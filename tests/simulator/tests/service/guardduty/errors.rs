//! Every error type that the model gives each of the operations, as the SDK reads it.

use aws_sdk_guardduty::types::Feedback;
use serde_json::json;
use simulator::{ApiFault, FaultKind};

use super::{Account, FINDING, Guard, MEMBER, NO_ID};
use crate::support::REGION;

/// Makes the operation answer with each error type of its model, and sees that the SDK reads it.
macro_rules! each {
    ($guard:expr, $operation:literal, $call:expr, [$($error:literal $check:ident),*]) => {{
        $(
            let operation = concat!("guardduty:", $operation);
            $guard.simulator().add_fault(ApiFault::new(operation, FaultKind::Error).error($error));
            let answered = $call.send().await.unwrap_err().into_service_error();
            assert!(answered.$check(), "{operation} should answer {}: {answered:?}", $error);
            assert!(answered.meta().message().is_some());
            let entry = $guard.simulator().journal().pop().unwrap();
            assert_eq!((entry.operation.as_str(), entry.error.as_deref()), ($operation, Some($error)));
        )*
    }};
}

/// The calls of all operations on a detector of the caller's choice.
macro_rules! on_every_operation {
    ($account:expr, $detector:expr, $check:ident) => {{
        let (client, detector) = (&$account.client, $detector);
        let ids = || Some(vec![FINDING.to_owned()]);
        on_every_operation!(@ $check,
            client.archive_findings().detector_id(detector).set_finding_ids(ids()),
            client.create_investigation().detector_id(detector).trigger_prompt("x"),
            client.create_sample_findings().detector_id(detector),
            client.get_detector().detector_id(detector),
            client.get_findings().detector_id(detector).set_finding_ids(ids()),
            client.get_investigation().detector_id(detector).investigation_id(NO_ID),
            client.list_findings().detector_id(detector),
            client.list_investigations().detector_id(detector),
            client.unarchive_findings().detector_id(detector).set_finding_ids(ids()),
            client.update_detector().detector_id(detector),
            client.update_findings_feedback().detector_id(detector).set_finding_ids(ids()).feedback(Feedback::Useful)
        );
    }};
    (@ $check:ident, $($call:expr),*) => {
        $(
            let error = $call.send().await.unwrap_err().into_service_error();
            assert!(error.$check(), "{error:?}");
        )*
    };
}

#[tokio::test]
async fn each_error_of_each_operation() {
    let guard = Guard::new();
    let Account { client, detector } = &*guard;
    let ids = || Some(vec![FINDING.to_owned()]);
    each!(guard, "ArchiveFindings", client.archive_findings().detector_id(detector).set_finding_ids(ids()),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception]);
    each!(guard, "CreateInvestigation", client.create_investigation().detector_id(detector).trigger_prompt("x"),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception,
         "AccessDeniedException" is_access_denied_exception]);
    each!(guard, "CreateSampleFindings", client.create_sample_findings().detector_id(detector),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception]);
    each!(guard, "GetDetector", client.get_detector().detector_id(detector),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception]);
    each!(guard, "GetFindings", client.get_findings().detector_id(detector).set_finding_ids(ids()),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception]);
    each!(guard, "GetInvestigation", client.get_investigation().detector_id(detector).investigation_id(NO_ID),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception,
         "AccessDeniedException" is_access_denied_exception,
         "ResourceNotFoundException" is_resource_not_found_exception]);
    each!(guard, "ListDetectors", client.list_detectors(),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception]);
    each!(guard, "ListFindings", client.list_findings().detector_id(detector),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception]);
    each!(guard, "ListInvestigations", client.list_investigations().detector_id(detector),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception,
         "AccessDeniedException" is_access_denied_exception]);
    each!(guard, "UnarchiveFindings", client.unarchive_findings().detector_id(detector).set_finding_ids(ids()),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception]);
    each!(guard, "UpdateDetector", client.update_detector().detector_id(detector),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception]);
    each!(guard, "UpdateFindingsFeedback",
        client.update_findings_feedback().detector_id(detector).set_finding_ids(ids()).feedback(Feedback::Useful),
        ["BadRequestException" is_bad_request_exception,
         "InternalServerErrorException" is_internal_server_error_exception]);
}

#[tokio::test]
async fn bad_requests_without_injected_faults() {
    let guard = Guard::new();
    on_every_operation!(guard, "none", is_bad_request_exception);
    let strange = guard.simulator().detector_id(MEMBER, REGION);
    on_every_operation!(guard, &strange, is_bad_request_exception);
    guard.simulator().set_detector_exists(false);
    on_every_operation!(guard, &guard.detector, is_bad_request_exception);
    let error = guard.client.list_detectors().max_results(51).send().await.unwrap_err().into_service_error();
    assert!(error.is_bad_request_exception());
}

#[tokio::test]
async fn unknown_investigation_is_not_found() {
    let guard = Guard::with_analyst().await;
    let id = guard.create("x").await;
    let upper = id.to_uppercase();
    for unknown in [NO_ID, "1", "a-1", "-", "00000000-0000-4000-a000-000000000001", &upper] {
        let get = guard.client.get_investigation().detector_id(&guard.detector).investigation_id(unknown);
        let error = get.send().await.unwrap_err().into_service_error();
        assert!(error.is_resource_not_found_exception(), "{unknown}: {error:?}");
    }
}

#[tokio::test]
async fn request_members_are_checked() {
    let guard = Guard::with_analyst().await;
    for (path, body, text) in [
        ("/findings", json!({ "maxResults": 51 }), "maxResults"),
        ("/findings", json!({ "sortCriteria": { "orderBy": "UP" } }), "orderBy"),
        ("/findings", json!({ "findingCriteria": { "criterion": { "id": { "eq": "x" } } } }), "eq"),
        ("/findings/get", json!({}), "findingIds"),
        ("/findings/get", json!({ "findingIds": vec!["x"; 51] }), "findingIds"),
        ("/findings/feedback", json!({ "findingIds": [], "feedback": "GOOD" }), "feedback"),
        ("/investigation", json!({}), "triggerPrompt"),
        ("/investigation", json!({ "triggerPrompt": "x".repeat(2049) }), "triggerPrompt"),
        ("/investigation", json!({ "triggerPrompt": "x", "clientToken": "x".repeat(65) }), "clientToken"),
        ("/investigation/list", json!({ "nextToken": "!" }), "nextToken"),
        ("/investigation/list", json!({ "sortCriteria": { "attributeName": "TITLE" } }), "attributeName"),
        ("", json!({ "features": [{ "name": "FLOW_LOGS", "status": "DISABLED" }] }), "features[0]"),
    ] {
        let raw = guard.post(path, &body).await;
        assert_eq!((raw.status, raw.error.as_deref()), (400, Some("BadRequestException")), "{path} {body}");
        assert!(raw.body["message"].as_str().unwrap().contains(text), "{raw:?} should name {text}");
    }
}
