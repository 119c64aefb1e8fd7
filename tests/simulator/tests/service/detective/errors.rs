//! Errors without an injected fault, and their serialized form.

use aws_sdk_detective::types::State;
use serde_json::json;
use simulator::{ApiFault, FaultKind, Scenario};

use crate::support::{NO_ID, ROLE, TestServer, time};

/// The calls of all operations that need a graph, on a graph and an investigation of the caller's choice.
macro_rules! on_every_graph_operation {
    ($server:expr, $graph:expr, $id:expr, $check:ident) => {{
        let (client, graph, id) = (&$server.client, $graph, $id);
        let (start, end) = (time("2026-11-19T00:00:00Z"), time("2026-11-20T00:00:00Z"));
        let start = client.start_investigation().scope_start_time(start).scope_end_time(end).entity_arn(ROLE);
        let error = start.graph_arn(graph).send().await.unwrap_err().into_service_error();
        assert!(error.$check(), "{error:?}");
        let error = client.list_investigations().graph_arn(graph).send().await.unwrap_err().into_service_error();
        assert!(error.$check(), "{error:?}");
        on_every_investigation_operation!($server, graph, id, $check);
    }};
}

/// The calls of the operations on one investigation.
macro_rules! on_every_investigation_operation {
    ($server:expr, $graph:expr, $id:expr, $check:ident) => {{
        let (client, graph, id) = (&$server.client, $graph, $id);
        let get = client.get_investigation().graph_arn(graph).investigation_id(id);
        let error = get.send().await.unwrap_err().into_service_error();
        assert!(error.$check(), "{error:?}");
        let list = client.list_indicators().graph_arn(graph).investigation_id(id);
        let error = list.send().await.unwrap_err().into_service_error();
        assert!(error.$check(), "{error:?}");
        let update = client.update_investigation_state().graph_arn(graph).investigation_id(id);
        let error = update.state(State::Archived).send().await.unwrap_err().into_service_error();
        assert!(error.$check(), "{error:?}");
    }};
}

#[tokio::test]
async fn operation_without_throttling_error_answers_throttling_exception() {
    let server = TestServer::new();
    server.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::Throttle));
    let error = server.client.list_graphs().send().await.unwrap_err().into_service_error();
    assert_eq!(error.meta().code(), Some("ThrottlingException"));
}

#[tokio::test]
async fn validation_error_has_its_code() {
    let server = TestServer::new();
    on_every_graph_operation!(server, "arn:aws:detective:x", NO_ID, is_validation_exception);
    on_every_investigation_operation!(server, &server.graph, "1", is_validation_exception);
    let error = server.client.list_graphs().max_results(201).send().await.unwrap_err().into_service_error();
    assert!(error.is_validation_exception());
}

#[tokio::test]
async fn a_graph_that_is_not_the_callers_is_not_found() {
    let server = TestServer::new();
    let id = server.start(ROLE).await;
    for (account, region) in [("444455556666", "us-east-1"), ("111122223333", "eu-west-1")] {
        let graph = server.simulator.graph_arn(account, region);
        on_every_graph_operation!(server, &graph, &id, is_resource_not_found_exception);
    }
}

#[tokio::test]
async fn a_removed_graph_is_not_found_and_its_investigations_wait() {
    let server = TestServer::new();
    let id = server.start(ROLE).await;
    server.simulator.set_graph_exists(false);
    on_every_graph_operation!(server, &server.graph, &id, is_resource_not_found_exception);
    server.simulator.set_graph_exists(true);
    let get = server.client.get_investigation().graph_arn(&server.graph).investigation_id(&id);
    assert!(get.send().await.is_ok());
}

#[tokio::test]
async fn unknown_investigation_is_not_found() {
    let server = TestServer::new();
    on_every_investigation_operation!(server, &server.graph, NO_ID, is_resource_not_found_exception);
}

#[tokio::test]
async fn an_entity_that_the_graph_does_not_know_is_not_found() {
    let server = TestServer::new();
    server.simulator.add_scenario(Scenario { known_to_graph: false, ..Scenario::default() });
    let raw = server.post("/investigations/startInvestigation", &server.start_members()).await;
    assert_eq!((raw.status, raw.error.as_deref()), (404, Some("ResourceNotFoundException")));
    let listed = server.client.list_investigations().graph_arn(&server.graph).send().await.unwrap();
    assert!(listed.investigation_details().is_empty());
}

#[tokio::test]
async fn statuses_and_bodies_are_those_of_the_reference() {
    let server = TestServer::new();
    for (kind, status, error) in [
        (FaultKind::AccessDenied, 403, "AccessDeniedException"),
        (FaultKind::Internal, 500, "InternalServerException"),
        (FaultKind::Throttle, 429, "TooManyRequestsException"),
    ] {
        server.simulator.add_fault(ApiFault::new("ListInvestigations", kind));
        let raw = server.post("/investigations/listInvestigations", &json!({ "GraphArn": server.graph })).await;
        assert_eq!((raw.status, raw.error.as_deref()), (status, Some(error)));
        assert!(raw.body["Message"].is_string());
        assert_eq!(raw.body.as_object().unwrap().len(), 1);
    }
}
