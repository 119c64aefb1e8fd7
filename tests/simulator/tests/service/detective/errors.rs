//! Errors that come about by themselves, and how they look on the wire.

use aws_sdk_detective::types::State;
use serde_json::json;
use simulator::{ApiFault, FaultKind, Scenario};

use crate::support::{Bench, NO_ID, ROLE, time};

/// The calls of all operations that need a graph, on a graph and an investigation of the caller's choice.
macro_rules! on_every_graph_operation {
    ($bench:expr, $graph:expr, $id:expr, $check:ident) => {{
        let (client, graph, id) = (&$bench.client, $graph, $id);
        let (start, end) = (time("2026-11-19T00:00:00Z"), time("2026-11-20T00:00:00Z"));
        let start = client.start_investigation().scope_start_time(start).scope_end_time(end).entity_arn(ROLE);
        let error = start.graph_arn(graph).send().await.unwrap_err().into_service_error();
        assert!(error.$check(), "{error:?}");
        let error = client.list_investigations().graph_arn(graph).send().await.unwrap_err().into_service_error();
        assert!(error.$check(), "{error:?}");
        on_every_investigation_operation!($bench, graph, id, $check);
    }};
}

/// The calls of the operations on one investigation.
macro_rules! on_every_investigation_operation {
    ($bench:expr, $graph:expr, $id:expr, $check:ident) => {{
        let (client, graph, id) = (&$bench.client, $graph, $id);
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
async fn throttling_of_an_operation_without_an_error_for_it() {
    let bench = Bench::new();
    bench.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::Throttle));
    let error = bench.client.list_graphs().send().await.unwrap_err().into_service_error();
    assert_eq!(error.meta().code(), Some("ThrottlingException"));
}

#[tokio::test]
async fn validation() {
    let bench = Bench::new();
    on_every_graph_operation!(bench, "arn:aws:detective:x", NO_ID, is_validation_exception);
    on_every_investigation_operation!(bench, &bench.graph, "1", is_validation_exception);
    let error = bench.client.list_graphs().max_results(201).send().await.unwrap_err().into_service_error();
    assert!(error.is_validation_exception());
}

#[tokio::test]
async fn a_graph_that_is_not_the_callers_is_not_found() {
    let bench = Bench::new();
    let id = bench.start(ROLE).await;
    for (account, region) in [("444455556666", "us-east-1"), ("111122223333", "eu-west-1")] {
        let graph = bench.simulator.graph_arn(account, region);
        on_every_graph_operation!(bench, &graph, &id, is_resource_not_found_exception);
    }
}

#[tokio::test]
async fn a_removed_graph_is_not_found_and_its_investigations_wait() {
    let bench = Bench::new();
    let id = bench.start(ROLE).await;
    bench.simulator.set_graph_exists(false);
    on_every_graph_operation!(bench, &bench.graph, &id, is_resource_not_found_exception);
    bench.simulator.set_graph_exists(true);
    let get = bench.client.get_investigation().graph_arn(&bench.graph).investigation_id(&id);
    assert!(get.send().await.is_ok());
}

#[tokio::test]
async fn an_investigation_that_is_none_is_not_found() {
    let bench = Bench::new();
    on_every_investigation_operation!(bench, &bench.graph, NO_ID, is_resource_not_found_exception);
}

#[tokio::test]
async fn an_entity_that_the_graph_does_not_know_is_not_found() {
    let bench = Bench::new();
    bench.simulator.add_scenario(Scenario { known_to_graph: false, ..Scenario::default() });
    let raw = bench.post("/investigations/startInvestigation", &bench.start_members()).await;
    assert_eq!((raw.status, raw.error.as_deref()), (404, Some("ResourceNotFoundException")));
    let listed = bench.client.list_investigations().graph_arn(&bench.graph).send().await.unwrap();
    assert!(listed.investigation_details().is_empty());
}

#[tokio::test]
async fn statuses_and_bodies_are_those_of_the_reference() {
    let bench = Bench::new();
    for (kind, status, error) in [
        (FaultKind::AccessDenied, 403, "AccessDeniedException"),
        (FaultKind::Internal, 500, "InternalServerException"),
        (FaultKind::Throttle, 429, "TooManyRequestsException"),
    ] {
        bench.simulator.add_fault(ApiFault::new("ListInvestigations", kind));
        let raw = bench.post("/investigations/listInvestigations", &json!({ "GraphArn": bench.graph })).await;
        assert_eq!((raw.status, raw.error.as_deref()), (status, Some(error)));
        assert!(raw.body["Message"].is_string());
        assert_eq!(raw.body.as_object().unwrap().len(), 1);
    }
}
