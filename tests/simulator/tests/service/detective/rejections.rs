//! What StartInvestigation rejects, the clock of responses, and the states that are listed.

use std::time::Duration;

use aws_sdk_detective::error::SdkError;
use aws_sdk_detective::operation::start_investigation::StartInvestigationError;
use aws_sdk_detective::primitives::{DateTime, DateTimeFormat};
use aws_sdk_detective::types::{ErrorCode, FilterCriteria, State, StringFilter};
use simulator::{ApiFault, FaultKind, Scenario};

use crate::support::{ROLE, TestServer, USER};

/// The date in the answer to a call, in seconds since 1970.
async fn date(server: &TestServer) -> i64 {
    let answer = server.http.get(format!("{}/nothing", server.simulator.url())).send().await.unwrap();
    let date = answer.headers()["date"].to_str().unwrap();
    DateTime::from_str(date, DateTimeFormat::HttpDate).unwrap().secs()
}

/// Starts an investigation over a day that ends at that second. A refusal is a ValidationException; its code is given.
async fn start(server: &TestServer, entity: &str, end: i64) -> Result<(), Option<ErrorCode>> {
    let started = server.client.start_investigation().graph_arn(&server.graph).entity_arn(entity);
    let started = started.scope_start_time(DateTime::from_secs(end - 86_400)).scope_end_time(DateTime::from_secs(end));
    match started.send().await.map_err(SdkError::into_service_error) {
        Ok(_) => Ok(()),
        Err(StartInvestigationError::ValidationException(invalid)) => Err(invalid.error_code().cloned()),
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn scope_may_end_at_most_at_the_virtual_clock() {
    let server = TestServer::new();
    server.simulator.set_clock_stopped(true);
    let before = date(&server).await;
    server.simulator.advance_clock(Duration::from_secs(3_600));
    let now = date(&server).await;
    assert_eq!(now - before, 3_600, "the header Date has the virtual clock's time");
    assert_eq!(start(&server, ROLE, now).await, Ok(()));
    assert_eq!(start(&server, ROLE, now + 1).await, Err(Some(ErrorCode::InvalidRequestBody)));
    server.simulator.advance_clock(Duration::from_secs(1));
    assert_eq!(start(&server, ROLE, now + 1).await, Ok(()));
}

#[tokio::test]
async fn refused_scenario_rejects_the_entity() {
    let server = TestServer::new();
    server.simulator.add_scenario(Scenario::named("refused").unwrap().with_entity(ROLE));
    let now = date(&server).await;
    assert_eq!(start(&server, ROLE, now).await, Err(Some(ErrorCode::InvalidRequestBody)));
    assert_eq!(start(&server, USER, now).await, Ok(()));
}

#[tokio::test]
async fn clock_and_credential_errors_can_be_injected_into_every_operation() {
    let server = TestServer::new();
    for (error, status) in [("ExpiredTokenException", 403), ("InvalidSignatureException", 403), ("RequestExpired", 400)]
    {
        server.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::Error).error(error));
        let answer = server.post("/graphs/list", &serde_json::json!({})).await;
        assert_eq!((answer.status, answer.error.as_deref()), (status, Some(error)));
    }
}

#[tokio::test]
async fn archived_investigations_are_listed_only_by_a_state_filter() {
    let server = TestServer::new();
    let (active, archived) = (server.start(ROLE).await, server.start(ROLE).await);
    let archive = server.client.update_investigation_state().graph_arn(&server.graph).investigation_id(&archived);
    archive.state(State::Archived).send().await.unwrap();
    let listed = async |state: Option<&str>| {
        let state = state.map(|state| StringFilter::builder().value(state).build().unwrap());
        let filter = FilterCriteria::builder().set_state(state).build();
        let list = server.client.list_investigations().graph_arn(&server.graph).filter_criteria(filter);
        let details = list.send().await.unwrap().investigation_details.unwrap_or_default();
        details.into_iter().map(|one| one.investigation_id.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed(None).await, std::slice::from_ref(&active));
    assert_eq!(listed(Some("ACTIVE")).await, [active]);
    assert_eq!(listed(Some("ARCHIVED")).await, [archived]);
}
