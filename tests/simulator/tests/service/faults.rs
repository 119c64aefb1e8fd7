//! Each kind of fault, as a client sees it.

use std::time::{Duration, Instant};

use aws_sdk_detective::types::Status;
use simulator::{AccountRegionFilter, ApiFault, FaultKind};

use crate::support::{ROLE, TestServer, USER, time, until};

fn last_error(server: &TestServer) -> (u16, Option<String>) {
    let last = server.simulator.journal().pop().unwrap();
    (last.status, last.error)
}

#[tokio::test]
async fn fault_applies_for_its_times_and_carries_nothing_out() {
    let server = TestServer::new();
    server.simulator.add_fault(ApiFault::new("GetInvestigation", FaultKind::Throttle).times(3));
    let id = server.start(ROLE).await;
    let get = || server.client.get_investigation().graph_arn(&server.graph).investigation_id(&id).send();
    for _ in 0..3 {
        assert!(get().await.unwrap_err().into_service_error().is_too_many_requests_exception());
    }
    // None of the three counted as a check.
    assert_eq!(get().await.unwrap().status(), Some(&Status::Running));
    assert_eq!(get().await.unwrap().status(), Some(&Status::Running));
    assert_eq!(get().await.unwrap().status(), Some(&Status::Successful));
}

#[tokio::test]
async fn a_fault_of_an_entity_finds_it_through_the_investigation() {
    let server = TestServer::new();
    let (role, user) = (server.start(ROLE).await, server.start(USER).await);
    for operation in ["GetInvestigation", "ListIndicators", "StartInvestigation", "ListInvestigations"] {
        server.simulator.add_fault(ApiFault::new(operation, FaultKind::Internal).with_entity("*:user/*"));
    }
    let get = |id: &str| server.client.get_investigation().graph_arn(&server.graph).investigation_id(id).send();
    assert!(get(&role).await.is_ok());
    assert!(get(&user).await.is_err());
    assert!(get(&user).await.is_ok());
    let list = |id: &str| server.client.list_indicators().graph_arn(&server.graph).investigation_id(id).send();
    assert!(list(&role).await.is_ok());
    assert!(list(&user).await.is_err());
    server.start(ROLE).await;
    let raw = server.raw("/investigations/startInvestigation", server.start_members().to_string().replace(ROLE, USER));
    assert_eq!(raw.await.status, 500);
    assert!(server.client.list_investigations().graph_arn(&server.graph).send().await.is_ok());
}

#[tokio::test]
async fn fault_of_another_account_does_not_apply() {
    let server = TestServer::new();
    let elsewhere = AccountRegionFilter { account: None, region: Some("eu-west-1".into()) };
    server.simulator.add_fault_in(elsewhere, ApiFault::new("ListGraphs", FaultKind::Drop));
    assert!(server.client.list_graphs().send().await.is_ok());
}

async fn start(server: &TestServer) -> bool {
    let request = server.client.start_investigation().graph_arn(&server.graph).entity_arn(ROLE);
    let request = request.scope_start_time(time("2026-11-19T00:00:00Z")).scope_end_time(time("2026-11-20T00:00:00Z"));
    match request.send().await {
        Ok(_) => true,
        Err(error) => {
            assert!(error.as_service_error().is_none(), "{error:?}");
            false
        }
    }
}

async fn count(server: &TestServer) -> usize {
    let listed = server.client.list_investigations().graph_arn(&server.graph).send().await.unwrap();
    listed.investigation_details().len()
}

#[tokio::test]
async fn a_dropped_call_gets_no_answer_and_is_not_carried_out() {
    let server = TestServer::new();
    server.simulator.add_fault(ApiFault::new("StartInvestigation", FaultKind::Drop));
    assert!(!start(&server).await);
    assert_eq!(last_error(&server), (0, Some("dropped".into())));
    assert_eq!(count(&server).await, 0);
    assert!(start(&server).await);
}

#[tokio::test]
async fn a_call_dropped_after_work_gets_no_answer_and_is_carried_out() {
    let server = TestServer::new();
    server.simulator.add_fault(ApiFault::new("StartInvestigation", FaultKind::Drop).after_work());
    assert!(!start(&server).await);
    let last = server.simulator.journal().pop().unwrap();
    assert_eq!((last.status, last.error.as_deref()), (0, Some("dropped after work")));
    assert!(last.investigation_id.is_some());
    assert_eq!(count(&server).await, 1);
}

#[tokio::test]
async fn truncated_response_ends_early() {
    let server = TestServer::new();
    server.simulator.add_fault(ApiFault::new("StartInvestigation", FaultKind::Truncate));
    assert!(!start(&server).await);
    assert_eq!(last_error(&server), (200, Some("truncated".into())));
    assert_eq!(count(&server).await, 1);

    // The head arrives whole, half of the body too.
    server.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::Truncate));
    let request = server.http.post(format!("{}/graphs/list", server.simulator.url())).body("{}");
    let mut response = request.send().await.unwrap();
    let length = usize::try_from(response.content_length().unwrap()).unwrap();
    let mut arrived = 0;
    let broke_off = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => arrived += chunk.len(),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broke_off);
    assert_eq!(arrived, length / 2);
}

#[tokio::test]
async fn an_answer_without_a_body_is_truncated_too() {
    let server = TestServer::new();
    let id = server.start(ROLE).await;
    server.simulator.add_fault(ApiFault::new("UpdateInvestigationState", FaultKind::Truncate));
    let update = server.client.update_investigation_state().graph_arn(&server.graph).investigation_id(id);
    let error = update.state("ARCHIVED".into()).send().await.unwrap_err();
    assert!(error.as_service_error().is_none(), "{error:?}");
}

#[tokio::test]
async fn latency_fault_delays_the_response() {
    let server = TestServer::new();
    server.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::Latency).milliseconds(30));
    let began = Instant::now();
    assert!(server.client.list_graphs().send().await.is_ok());
    assert!(began.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn delayed_call_is_carried_out_immediately_and_answered_on_shutdown() {
    let server = TestServer::new();
    server.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::Latency).milliseconds(60_000));
    let call = tokio::spawn(server.client.list_graphs().send());
    until("the call", async || !server.simulator.journal().is_empty()).await;
    assert!(!call.is_finished());
    server.simulator.shutdown().await;
    assert!(call.await.unwrap().is_ok());
}
