//! Pages, filters and orders of the listings.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_detective::types::{DateFilter, Field, FilterCriteria, SortCriteria, SortOrder, State, StringFilter};
use simulator::{EndsWhen, Outcome, Scenario, Severity};

use crate::support::{ROLE, TestServer, USER};

fn equal(value: &str) -> StringFilter {
    StringFilter::builder().value(value).build().unwrap()
}

/// All pages of a listing, by ids, in order; no page larger than `size`.
async fn list(
    server: &TestServer,
    size: i32,
    filter: Option<FilterCriteria>,
    sort: Option<SortCriteria>,
) -> Vec<String> {
    let mut ids = Vec::new();
    let mut token = None;
    loop {
        let page = server
            .client
            .list_investigations()
            .graph_arn(&server.graph)
            .max_results(size)
            .set_next_token(token)
            .set_filter_criteria(filter.clone())
            .set_sort_criteria(sort.clone())
            .send()
            .await
            .unwrap();
        assert!(page.investigation_details().len() <= usize::try_from(size).unwrap());
        assert!(ids.len() <= 1000, "the pages do not end");
        ids.extend(page.investigation_details().iter().map(|found| found.investigation_id().unwrap().to_owned()));
        token = page.next_token().map(String::from);
        if token.is_none() {
            return ids;
        }
    }
}

fn sort(field: Field, order: SortOrder) -> Option<SortCriteria> {
    Some(SortCriteria::builder().field(field).sort_order(order).build())
}

#[tokio::test]
async fn indicators_come_in_pages() {
    let server = TestServer::new();
    server.simulator.add_scenario(Scenario::named("high").unwrap().with_end(EndsWhen::AfterChecks(0)));
    let id = server.start(ROLE).await;
    let request = || server.client.list_indicators().graph_arn(&server.graph).investigation_id(&id);
    let all = request().send().await.unwrap();
    assert_eq!(all.next_token(), None);
    for size in [1, 5, 12, 13, 100] {
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let page = request().max_results(size).set_next_token(token).send().await.unwrap();
            found.extend(page.indicators().to_vec());
            token = page.next_token().map(String::from);
            if token.is_none() {
                break;
            }
        }
        assert_eq!(found, all.indicators(), "{size}");
    }
}

#[tokio::test]
async fn investigations_come_in_pages_newest_first() {
    let server = TestServer::new();
    let mut started = Vec::new();
    for _ in 0..7 {
        started.push(server.start(ROLE).await);
    }
    started.reverse();
    for size in [1, 3, 6, 7, 8] {
        assert_eq!(list(&server, size, None, None).await, started, "{size}");
    }
}

#[tokio::test]
async fn investigations_started_between_pages_neither_repeat_nor_hide_others() {
    let server = TestServer::new();
    for _ in 0..4 {
        server.start(ROLE).await;
    }
    for order in [SortOrder::Asc, SortOrder::Desc] {
        let before: BTreeSet<_> = list(&server, 100, None, None).await.into_iter().collect();
        let request = || {
            let sort = sort(Field::CreatedTime, order.clone());
            server.client.list_investigations().graph_arn(&server.graph).set_sort_criteria(sort)
        };
        let first = request().max_results(2).send().await.unwrap();
        server.start(ROLE).await;
        let second = request().next_token(first.next_token().unwrap()).send().await.unwrap();
        let both: Vec<_> = first.investigation_details().iter().chain(second.investigation_details()).collect();
        let ids: BTreeSet<_> = both.iter().map(|found| found.investigation_id().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), both.len());
        assert!(ids.is_superset(&before));
    }
}

#[tokio::test]
async fn tokens_expire_after_24_hours() {
    let server = TestServer::new();
    server.simulator.add_scenario(Scenario::named("high").unwrap().with_end(EndsWhen::AfterChecks(0)));
    let id = server.start(ROLE).await;
    server.start(ROLE).await;
    let indicators = || server.client.list_indicators().graph_arn(&server.graph).investigation_id(&id).max_results(1);
    let investigations = || server.client.list_investigations().graph_arn(&server.graph).max_results(1);
    let first = indicators().send().await.unwrap().next_token().unwrap().to_owned();
    let second = investigations().send().await.unwrap().next_token().unwrap().to_owned();
    server.simulator.advance_clock(Duration::from_secs(86_400 - 60));
    assert!(indicators().next_token(&first).send().await.is_ok());
    assert!(investigations().next_token(&second).send().await.is_ok());
    server.simulator.advance_clock(Duration::from_secs(61));
    let error = indicators().next_token(&first).send().await.unwrap_err().into_service_error();
    assert!(error.is_validation_exception(), "{error:?}");
    assert!(error.meta().message().unwrap().contains("expired"));
    let error = investigations().next_token(&second).send().await.unwrap_err().into_service_error();
    assert!(error.is_validation_exception(), "{error:?}");
}

#[tokio::test]
async fn a_token_belongs_to_its_request() {
    let server = TestServer::new();
    server.simulator.add_scenario(Scenario::named("high").unwrap().with_end(EndsWhen::AfterChecks(0)));
    let (id, other) = (server.start(ROLE).await, server.start(ROLE).await);
    let request = |id: &str| server.client.list_indicators().graph_arn(&server.graph).investigation_id(id);
    let token = request(&id).max_results(1).send().await.unwrap().next_token().unwrap().to_owned();
    // The size of a page may change on the way.
    assert!(request(&id).max_results(2).next_token(&token).send().await.is_ok());
    assert!(request(&other).next_token(&token).send().await.is_err());
    let list = server.client.list_investigations().graph_arn(&server.graph);
    assert!(list.next_token(&token).send().await.is_err());
}

/// Four investigations: HIGH of a role, LOW of a user, one FAILED and archived, one RUNNING; in that order.
async fn four(server: &TestServer) -> [String; 4] {
    let mut ids = Vec::new();
    for (entity, severity) in
        [(ROLE, Severity::High), (USER, Severity::Low), (ROLE, Severity::Medium), (ROLE, Severity::Medium)]
    {
        server.simulator.add_scenario(Scenario { severity, ends: EndsWhen::Manually, ..Scenario::default() });
        ids.push(server.start(entity).await);
        // A day between any two.
        server.simulator.advance_clock(Duration::from_secs(86_400));
    }
    let ids: [String; 4] = ids.try_into().unwrap();
    server.simulator.end_investigation(&ids[0], Outcome::Successful).unwrap();
    server.simulator.end_investigation(&ids[1], Outcome::Successful).unwrap();
    server.simulator.end_investigation(&ids[2], Outcome::Failed).unwrap();
    let update = server.client.update_investigation_state().graph_arn(&server.graph);
    update.investigation_id(&ids[2]).state(State::Archived).send().await.unwrap();
    ids
}

#[tokio::test]
async fn investigations_are_filtered() {
    let server = TestServer::new();
    let [high, low, failed, running] = four(&server).await;
    let filter = FilterCriteria::builder;
    let get = server.client.get_investigation().graph_arn(&server.graph).investigation_id(&low);
    let created = *get.send().await.unwrap().created_time().unwrap();
    let exactly = DateFilter::builder().start_inclusive(created).end_inclusive(created).build().unwrap();
    for (criteria, expected) in [
        (filter().severity(equal("HIGH")), vec![&high]),
        (filter().severity(equal("MEDIUM")), vec![]),
        (filter().severity(equal("high")), vec![]),
        (filter().status(equal("RUNNING")), vec![&running]),
        (filter().status(equal("SUCCESSFUL")), vec![&low, &high]),
        (filter().state(equal("ARCHIVED")), vec![&failed]),
        (filter().state(equal("ACTIVE")), vec![&running, &low, &high]),
        (filter().entity_arn(equal(USER)), vec![&low]),
        (filter().created_time(exactly), vec![&low]),
        (filter().entity_arn(equal(ROLE)).status(equal("SUCCESSFUL")), vec![&high]),
        (filter().entity_arn(equal(USER)).status(equal("FAILED")), vec![]),
        (filter(), vec![&running, &low, &high]),
    ] {
        let criteria = criteria.build();
        let found = list(&server, 2, Some(criteria.clone()), None).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{criteria:?}");
    }
}

#[tokio::test]
async fn investigations_are_sorted() {
    let server = TestServer::new();
    let [high, low, failed, running] = four(&server).await;
    // Only active ones are listed where no state is asked for.
    let update = server.client.update_investigation_state().graph_arn(&server.graph);
    update.investigation_id(&failed).state(State::Active).send().await.unwrap();
    for (field, ascending) in [
        (Field::CreatedTime, [&high, &low, &failed, &running]),
        (Field::Severity, [&failed, &running, &low, &high]),
        (Field::Status, [&running, &failed, &high, &low]),
    ] {
        for size in [1, 3, 4] {
            let found = list(&server, size, None, sort(field.clone(), SortOrder::Asc)).await;
            assert_eq!(found.iter().collect::<Vec<_>>(), ascending, "{field:?}");
            let mut found = list(&server, size, None, sort(field.clone(), SortOrder::Desc)).await;
            found.reverse();
            assert_eq!(found.iter().collect::<Vec<_>>(), ascending, "{field:?}");
        }
    }
}
