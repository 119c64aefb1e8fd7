//! Each kind of fault, as a client sees it.

use std::time::{Duration, Instant};

use aws_sdk_detective::types::Status;
use simulator::{AccountRegionFilter, ApiFault, FaultKind};

use crate::support::{Bench, ROLE, USER, time, until};

fn last_error(bench: &Bench) -> (u16, Option<String>) {
    let last = bench.simulator.journal().pop().unwrap();
    (last.status, last.error)
}

#[tokio::test]
async fn a_fault_lasts_for_its_times_and_carries_nothing_out() {
    let bench = Bench::new();
    bench.simulator.add_fault(ApiFault::new("GetInvestigation", FaultKind::Throttle).times(3));
    let id = bench.start(ROLE).await;
    let get = || bench.client.get_investigation().graph_arn(&bench.graph).investigation_id(&id).send();
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
    let bench = Bench::new();
    let (role, user) = (bench.start(ROLE).await, bench.start(USER).await);
    for operation in ["GetInvestigation", "ListIndicators", "StartInvestigation", "ListInvestigations"] {
        bench.simulator.add_fault(ApiFault::new(operation, FaultKind::Internal).with_entity("*:user/*"));
    }
    let get = |id: &str| bench.client.get_investigation().graph_arn(&bench.graph).investigation_id(id).send();
    assert!(get(&role).await.is_ok());
    assert!(get(&user).await.is_err());
    assert!(get(&user).await.is_ok());
    let list = |id: &str| bench.client.list_indicators().graph_arn(&bench.graph).investigation_id(id).send();
    assert!(list(&role).await.is_ok());
    assert!(list(&user).await.is_err());
    bench.start(ROLE).await;
    let raw = bench.raw("/investigations/startInvestigation", bench.start_members().to_string().replace(ROLE, USER));
    assert_eq!(raw.await.status, 500);
    assert!(bench.client.list_investigations().graph_arn(&bench.graph).send().await.is_ok());
}

#[tokio::test]
async fn a_fault_elsewhere_does_not_strike_here() {
    let bench = Bench::new();
    let elsewhere = AccountRegionFilter { account: None, region: Some("eu-west-1".into()) };
    bench.simulator.add_fault_in(elsewhere, ApiFault::new("ListGraphs", FaultKind::Drop));
    assert!(bench.client.list_graphs().send().await.is_ok());
}

async fn start(bench: &Bench) -> bool {
    let request = bench.client.start_investigation().graph_arn(&bench.graph).entity_arn(ROLE);
    let request = request.scope_start_time(time("2026-11-19T00:00:00Z")).scope_end_time(time("2026-11-20T00:00:00Z"));
    match request.send().await {
        Ok(_) => true,
        Err(error) => {
            assert!(error.as_service_error().is_none(), "{error:?}");
            false
        }
    }
}

async fn count(bench: &Bench) -> usize {
    let listed = bench.client.list_investigations().graph_arn(&bench.graph).send().await.unwrap();
    listed.investigation_details().len()
}

#[tokio::test]
async fn a_dropped_call_gets_no_answer_and_is_not_carried_out() {
    let bench = Bench::new();
    bench.simulator.add_fault(ApiFault::new("StartInvestigation", FaultKind::Drop));
    assert!(!start(&bench).await);
    assert_eq!(last_error(&bench), (0, Some("dropped".into())));
    assert_eq!(count(&bench).await, 0);
    assert!(start(&bench).await);
}

#[tokio::test]
async fn a_call_dropped_after_work_gets_no_answer_and_is_carried_out() {
    let bench = Bench::new();
    bench.simulator.add_fault(ApiFault::new("StartInvestigation", FaultKind::Drop).after_work());
    assert!(!start(&bench).await);
    let last = bench.simulator.journal().pop().unwrap();
    assert_eq!((last.status, last.error.as_deref()), (0, Some("dropped after work")));
    assert!(last.investigation_id.is_some());
    assert_eq!(count(&bench).await, 1);
}

#[tokio::test]
async fn a_truncated_answer_breaks_off() {
    let bench = Bench::new();
    bench.simulator.add_fault(ApiFault::new("StartInvestigation", FaultKind::Truncate));
    assert!(!start(&bench).await);
    assert_eq!(last_error(&bench), (200, Some("truncated".into())));
    assert_eq!(count(&bench).await, 1);

    // The head arrives whole, half of the body too.
    bench.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::Truncate));
    let request = bench.http.post(format!("{}/graphs/list", bench.simulator.url())).body("{}");
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
    let bench = Bench::new();
    let id = bench.start(ROLE).await;
    bench.simulator.add_fault(ApiFault::new("UpdateInvestigationState", FaultKind::Truncate));
    let update = bench.client.update_investigation_state().graph_arn(&bench.graph).investigation_id(id);
    let error = update.state("ARCHIVED".into()).send().await.unwrap_err();
    assert!(error.as_service_error().is_none(), "{error:?}");
}

#[tokio::test]
async fn a_late_answer_is_late() {
    let bench = Bench::new();
    bench.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::Latency).milliseconds(30));
    let began = Instant::now();
    assert!(bench.client.list_graphs().send().await.is_ok());
    assert!(began.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn a_late_answer_is_worked_at_once_and_goes_out_when_the_simulator_ends() {
    let bench = Bench::new();
    bench.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::Latency).milliseconds(60_000));
    let call = tokio::spawn(bench.client.list_graphs().send());
    until("the call", async || !bench.simulator.journal().is_empty()).await;
    assert!(!call.is_finished());
    bench.simulator.shutdown().await;
    assert!(call.await.unwrap().is_ok());
}
