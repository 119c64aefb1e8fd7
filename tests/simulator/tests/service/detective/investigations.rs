//! Each operation's success, and what holds between them.

use std::time::Duration;

use aws_sdk_detective::types::{EntityType, IndicatorType, Severity, State, Status};
use simulator::{AccountRegionFilter, EndsWhen, Outcome, Scenario};

use crate::support::{ACCOUNT, REGION, ROLE, TestServer, USER, client, time};

#[tokio::test]
async fn list_graphs_answers_the_graph() {
    let server = TestServer::new();
    let graphs = server.client.list_graphs().max_results(200).send().await.unwrap();
    assert_eq!(graphs.graph_list().len(), 1);
    assert_eq!(graphs.graph_list()[0].arn(), Some(server.graph.as_str()));
    assert!(graphs.graph_list()[0].created_time().is_some());
    assert_eq!(graphs.next_token(), None);

    server.simulator.set_graph_exists(false);
    assert!(server.client.list_graphs().send().await.unwrap().graph_list().is_empty());
    server.simulator.set_graph_exists(true);
    let again = server.client.list_graphs().send().await.unwrap();
    assert_eq!(again.graph_list(), graphs.graph_list());
}

#[tokio::test]
async fn an_investigation_runs_for_two_checks_and_ends_by_default() {
    let server = TestServer::new();
    let id = server.start(ROLE).await;
    assert_eq!(id.len(), 21);
    let get = || server.client.get_investigation().graph_arn(&server.graph).investigation_id(&id).send();
    for _ in 0..2 {
        let running = get().await.unwrap();
        assert_eq!(running.status(), Some(&Status::Running));
        assert_eq!(running.severity(), None);
    }
    let ended = get().await.unwrap();
    assert_eq!(ended.status(), Some(&Status::Successful));
    assert_eq!(ended.severity(), Some(&Severity::Informational));
    assert_eq!(ended.state(), Some(&State::Active));
    assert_eq!(ended.graph_arn(), Some(server.graph.as_str()));
    assert_eq!(ended.investigation_id(), Some(id.as_str()));
    assert_eq!(ended.entity_arn(), Some(ROLE));
    assert_eq!(ended.entity_type(), Some(&EntityType::IamRole));
    assert_eq!(ended.scope_start_time(), Some(&time("2026-11-19T00:00:00Z")));
    assert_eq!(ended.scope_end_time(), Some(&time("2026-11-20T00:00:00Z")));
    assert!(ended.created_time().is_some());
}

#[tokio::test]
async fn every_investigation_has_an_id_of_its_own() {
    let server = TestServer::new();
    let other = client(&server.simulator, "444455556666", "eu-west-1");
    let mut ids = vec![server.start(ROLE).await, server.start(ROLE).await, server.start(USER).await];
    let elsewhere = other
        .start_investigation()
        .graph_arn(server.simulator.graph_arn("444455556666", "eu-west-1"))
        .entity_arn(ROLE)
        .scope_start_time(time("2026-11-19T00:00:00Z"))
        .scope_end_time(time("2026-11-20T00:00:00Z"))
        .send()
        .await
        .unwrap();
    ids.push(elsewhere.investigation_id().unwrap().into());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn a_successful_investigation_has_indicators_and_no_other() {
    let server = TestServer::new();
    server.simulator.add_scenario(Scenario::named("high").unwrap().with_end(EndsWhen::Manually));
    let list = |id: &str| server.client.list_indicators().graph_arn(&server.graph).investigation_id(id).send();
    let (high, failed) = (server.start(ROLE).await, server.start(ROLE).await);
    assert!(list(&high).await.unwrap().indicators().is_empty());
    server.simulator.end_investigation(&high, Outcome::Successful).unwrap();
    server.simulator.end_investigation(&failed, Outcome::Failed).unwrap();
    assert!(list(&failed).await.unwrap().indicators().is_empty());

    let found = list(&high).await.unwrap();
    let indicators = found.indicators();
    assert_eq!(indicators.len(), 13);
    let of = |kind: IndicatorType| {
        let mut fitting = indicators.iter().filter(move |indicator| indicator.indicator_type() == Some(&kind));
        fitting.next().unwrap().indicator_detail().unwrap().clone()
    };
    assert_eq!(
        of(IndicatorType::FlaggedIpAddress).flagged_ip_address_detail().unwrap().ip_address(),
        Some("198.51.100.23")
    );
    assert_eq!(of(IndicatorType::ImpossibleTravel).impossible_travel_detail().unwrap().hourly_time_delta(), Some(1));
    assert_eq!(of(IndicatorType::TtpObserved).ttps_observed_detail().unwrap().api_success_count(), 42);
    assert!(of(IndicatorType::NewGeolocation).new_geolocation_detail().unwrap().is_new_for_entire_account());
    assert!(of(IndicatorType::NewAso).new_aso_detail().unwrap().aso().is_some());
    assert!(of(IndicatorType::NewUserAgent).new_user_agent_detail().unwrap().user_agent().is_some());
    assert!(of(IndicatorType::RelatedFinding).related_finding_detail().unwrap().arn().is_some());
    assert!(of(IndicatorType::RelatedFindingGroup).related_finding_group_detail().unwrap().id().is_some());
}

#[tokio::test]
async fn list_indicators_filters_by_type() {
    let server = TestServer::new();
    server.simulator.add_scenario(Scenario::named("high").unwrap().with_end(EndsWhen::AfterChecks(0)));
    let id = server.start(ROLE).await;
    let found = server
        .client
        .list_indicators()
        .graph_arn(&server.graph)
        .investigation_id(id)
        .indicator_type(IndicatorType::TtpObserved)
        .send()
        .await
        .unwrap();
    assert_eq!(found.indicators().len(), 3);
    assert!(found.indicators().iter().all(|found| found.indicator_type() == Some(&IndicatorType::TtpObserved)));
}

#[tokio::test]
async fn unknown_indicator_type_reaches_the_client_unchanged() {
    let server = TestServer::new();
    let text = r#"{"entity_arn":"*","ends":{"after_checks":0},"indicators":[
        {"IndicatorType":"NEW_PLANET","IndicatorDetail":{"NewPlanetDetail":{"Name":"Mars"}}}]}"#;
    server.simulator.add_scenario(Scenario::from_json(text).unwrap());
    let id = server.start(ROLE).await;
    let found = server.client.list_indicators().graph_arn(&server.graph).investigation_id(&id).send().await.unwrap();
    assert_eq!(found.indicators()[0].indicator_type().unwrap().as_str(), "NEW_PLANET");
    let raw = server
        .post("/investigations/listIndicators", &serde_json::json!({ "GraphArn": server.graph, "InvestigationId": id }))
        .await;
    assert_eq!(raw.body["Indicators"][0]["IndicatorDetail"]["NewPlanetDetail"]["Name"], "Mars");
}

#[tokio::test]
async fn update_investigation_state_archives_and_reactivates() {
    let server = TestServer::new();
    let id = server.start(ROLE).await;
    for state in [State::Archived, State::Archived, State::Active] {
        server
            .client
            .update_investigation_state()
            .graph_arn(&server.graph)
            .investigation_id(&id)
            .state(state.clone())
            .send()
            .await
            .unwrap();
        let found =
            server.client.get_investigation().graph_arn(&server.graph).investigation_id(&id).send().await.unwrap();
        assert_eq!(found.state(), Some(&state));
    }
}

#[tokio::test]
async fn named_scenarios_end_as_documented() {
    for (name, checks, status, severity) in [
        ("high", 3, Status::Successful, Some(Severity::Critical)),
        ("quiet", 2, Status::Successful, Some(Severity::Low)),
        ("failed", 2, Status::Failed, None),
        ("stuck", 50, Status::Running, None),
    ] {
        let server = TestServer::new();
        server.simulator.add_scenario(Scenario::named(name).unwrap());
        let id = server.start(USER).await;
        let get = || server.client.get_investigation().graph_arn(&server.graph).investigation_id(&id).send();
        for _ in 0..checks {
            assert_eq!(get().await.unwrap().status(), Some(&Status::Running), "{name}");
        }
        let ended = get().await.unwrap();
        assert_eq!((ended.status(), ended.severity()), (Some(&status), severity.as_ref()), "{name}");
    }
}

#[tokio::test]
async fn an_investigation_ends_with_the_virtual_clock() {
    let server = TestServer::new();
    server.simulator.add_scenario(Scenario::default().with_end(EndsWhen::AfterSeconds(3600)));
    let id = server.start(ROLE).await;
    let get = || server.client.get_investigation().graph_arn(&server.graph).investigation_id(&id).send();
    assert_eq!(get().await.unwrap().status(), Some(&Status::Running));
    server.simulator.advance_clock(Duration::from_secs(3600));
    assert_eq!(get().await.unwrap().status(), Some(&Status::Successful));
}

#[tokio::test]
async fn latest_matching_scenario_applies() {
    let server = TestServer::new();
    server.simulator.add_scenario(Scenario::named("stuck").unwrap().with_entity("*:role/web-*"));
    let elsewhere = AccountRegionFilter { account: Some("444455556666".into()), region: None };
    server.simulator.add_scenario_in(elsewhere, Scenario::named("failed").unwrap());
    let ids = [server.start(ROLE).await, server.start(USER).await];
    server.simulator.add_scenario(Scenario::named("failed").unwrap().with_end(EndsWhen::AfterChecks(0)));
    let late = server.start(ROLE).await;
    let mut statuses = Vec::new();
    for id in [&ids[0], &ids[1], &late] {
        let mut last = None;
        for _ in 0..3 {
            let found =
                server.client.get_investigation().graph_arn(&server.graph).investigation_id(id).send().await.unwrap();
            last = found.status().cloned();
        }
        statuses.push(last.unwrap());
    }
    assert_eq!(statuses, [Status::Running, Status::Successful, Status::Failed]);
}

#[tokio::test]
async fn accounts_and_regions_are_separate() {
    let server = TestServer::new();
    let id = server.start(ROLE).await;
    for (account, region) in [("444455556666", REGION), (ACCOUNT, "eu-central-1"), ("AKIAIOSFODNN7EXAMPLE", REGION)] {
        let other = client(&server.simulator, account, region);
        let graphs = other.list_graphs().send().await.unwrap();
        let theirs = graphs.graph_list()[0].arn().unwrap().to_owned();
        assert_ne!(theirs, server.graph);
        let found = other.list_investigations().graph_arn(&theirs).send().await.unwrap();
        assert!(found.investigation_details().is_empty());
        for graph in [&theirs, &server.graph] {
            let error = other.get_investigation().graph_arn(graph).investigation_id(&id).send().await.unwrap_err();
            assert!(error.into_service_error().is_resource_not_found_exception());
        }
    }
    let unknown = client(&server.simulator, "AKIAIOSFODNN7EXAMPLE", REGION).list_graphs().send().await.unwrap();
    assert!(unknown.graph_list()[0].arn().unwrap().contains(":000000000000:"));
}

#[tokio::test]
async fn graph_is_removed_in_one_account_and_region_only() {
    let server = TestServer::new();
    let here = AccountRegionFilter { account: Some(ACCOUNT.into()), region: Some(REGION.into()) };
    server.simulator.set_graph_exists_in(here, false);
    assert!(server.client.list_graphs().send().await.unwrap().graph_list().is_empty());
    let other = client(&server.simulator, ACCOUNT, "eu-west-1").list_graphs().send().await.unwrap();
    assert_eq!(other.graph_list().len(), 1);
}
