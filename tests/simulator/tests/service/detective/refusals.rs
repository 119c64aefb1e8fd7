//! What StartInvestigation refuses, which clock answers tell, and which state is listed.

use std::time::Duration;

use aws_sdk_detective::error::SdkError;
use aws_sdk_detective::operation::start_investigation::StartInvestigationError;
use aws_sdk_detective::primitives::{DateTime, DateTimeFormat};
use aws_sdk_detective::types::{ErrorCode, FilterCriteria, State, StringFilter};
use simulator::{ApiFault, FaultKind, Scenario};

use crate::support::{Bench, ROLE, USER};

/// The date in the answer to a call, in seconds since 1970.
async fn date(bench: &Bench) -> i64 {
    let answer = bench.http.get(format!("{}/nothing", bench.simulator.url())).send().await.unwrap();
    let date = answer.headers()["date"].to_str().unwrap();
    DateTime::from_str(date, DateTimeFormat::HttpDate).unwrap().secs()
}

/// Starts an investigation over a day that ends at that second. A refusal is a ValidationException; its code is given.
async fn start(bench: &Bench, entity: &str, end: i64) -> Result<(), Option<ErrorCode>> {
    let started = bench.client.start_investigation().graph_arn(&bench.graph).entity_arn(entity);
    let started = started.scope_start_time(DateTime::from_secs(end - 86_400)).scope_end_time(DateTime::from_secs(end));
    match started.send().await.map_err(SdkError::into_service_error) {
        Ok(_) => Ok(()),
        Err(StartInvestigationError::ValidationException(invalid)) => Err(invalid.error_code().cloned()),
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_scope_may_end_now_by_the_clock_that_answers_tell_and_not_later() {
    let bench = Bench::new();
    bench.simulator.set_clock_stopped(true);
    let before = date(&bench).await;
    bench.simulator.advance_clock(Duration::from_secs(3_600));
    let now = date(&bench).await;
    assert_eq!(now - before, 3_600, "answers tell the virtual clock");
    assert_eq!(start(&bench, ROLE, now).await, Ok(()));
    assert_eq!(start(&bench, ROLE, now + 1).await, Err(Some(ErrorCode::InvalidRequestBody)));
    bench.simulator.advance_clock(Duration::from_secs(1));
    assert_eq!(start(&bench, ROLE, now + 1).await, Ok(()));
}

#[tokio::test]
async fn an_entity_may_be_refused() {
    let bench = Bench::new();
    bench.simulator.add_scenario(Scenario::named("refused").unwrap().with_entity(ROLE));
    let now = date(&bench).await;
    assert_eq!(start(&bench, ROLE, now).await, Err(Some(ErrorCode::InvalidRequestBody)));
    assert_eq!(start(&bench, USER, now).await, Ok(()));
}

#[tokio::test]
async fn clocks_and_credentials_that_are_off_can_be_asked_for_of_every_operation() {
    let bench = Bench::new();
    for (error, status) in [("ExpiredTokenException", 403), ("InvalidSignatureException", 403), ("RequestExpired", 400)]
    {
        bench.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::Error).error(error));
        let answer = bench.post("/graphs/list", &serde_json::json!({})).await;
        assert_eq!((answer.status, answer.error.as_deref()), (status, Some(error)));
    }
}

#[tokio::test]
async fn archived_investigations_are_listed_where_they_are_asked_for() {
    let bench = Bench::new();
    let (active, archived) = (bench.start(ROLE).await, bench.start(ROLE).await);
    let archive = bench.client.update_investigation_state().graph_arn(&bench.graph).investigation_id(&archived);
    archive.state(State::Archived).send().await.unwrap();
    let listed = async |state: Option<&str>| {
        let state = state.map(|state| StringFilter::builder().value(state).build().unwrap());
        let filter = FilterCriteria::builder().set_state(state).build();
        let list = bench.client.list_investigations().graph_arn(&bench.graph).filter_criteria(filter);
        let details = list.send().await.unwrap().investigation_details.unwrap_or_default();
        details.into_iter().map(|one| one.investigation_id.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed(None).await, std::slice::from_ref(&active));
    assert_eq!(listed(Some("ACTIVE")).await, [active]);
    assert_eq!(listed(Some("ARCHIVED")).await, [archived]);
}
