//! The control interface over HTTP.

use aws_sdk_detective::types::{
    Account, DatasourcePackage, DatasourcePackageIngestState, MemberDisabledReason, MemberStatus, Status,
};
use serde_json::json;
use simulator::{ApiFault, Entry, FaultKind, Rate};

use crate::support::{ACCOUNT, REGION, ROLE, TestServer, USER, client};

#[tokio::test]
async fn health_reports_clock_and_investigations() {
    let server = TestServer::new();
    server.start(ROLE).await;
    let (status, body) = server.control_get("health").await;
    assert_eq!((status, &body["status"], &body["investigations"]), (200, &json!("ok"), &json!(1)));
}

#[tokio::test]
async fn a_scenario_a_step_and_the_list_of_investigations() {
    let server = TestServer::new();
    let scenario = json!({ "name": "mine", "entity_arn": "*:role/*", "ends": "by_hand", "severity": "HIGH" });
    assert_eq!(server.control("scenarios", &scenario).await, (200, json!({})));
    let id = server.start(ROLE).await;
    let get = || server.client.get_investigation().graph_arn(&server.graph).investigation_id(&id).send();
    assert_eq!(get().await.unwrap().status(), Some(&Status::Running));
    let (_, all) = server.control_get("investigations").await;
    let expected = json!([{
        "investigation_id": id, "account": ACCOUNT, "region": REGION, "entity_arn": ROLE,
        "status": "RUNNING", "checks": 1, "scenario": "mine",
    }]);
    assert_eq!(all, expected);
    let step = format!("investigations/{id}/step");
    let (status, body) = server.control(&step, &json!({ "status": "RUNNING" })).await;
    assert_eq!(status, 400, "{body}");
    assert_eq!(server.control(&step, &json!({ "status": "SUCCESSFUL" })).await.0, 200);
    assert_eq!(get().await.unwrap().status(), Some(&Status::Successful));
    assert_eq!(server.control(&step, &json!({ "status": "FAILED" })).await.0, 409);
    assert_eq!(server.control("investigations/1/step", &json!({ "status": "FAILED" })).await.0, 404);
}

#[tokio::test]
async fn a_list_of_scenarios_is_tried_in_its_order() {
    let server = TestServer::new();
    let list = json!([
        { "entity_arn": "*:role/*", "ends": "never" },
        { "entity_arn": "*", "outcome": "FAILED", "ends": { "after_checks": 0 } },
    ]);
    assert_eq!(server.control("scenarios", &list).await.0, 200);
    server.start(ROLE).await;
    server.start(USER).await;
    let (_, all) = server.control_get("investigations").await;
    assert_eq!((&all[0]["status"], &all[1]["status"]), (&json!("RUNNING"), &json!("FAILED")));
}

#[tokio::test]
async fn control_errors_name_the_problem() {
    let server = TestServer::new();
    for (path, body, text) in [
        ("scenarios", json!({ "entity_arn": "*", "severty": "HIGH" }), "severty"),
        ("scenarios", json!({ "entity_arn": "*", "severity": "BAD" }), "severity"),
        ("scenarios", json!({ "entity_arn": "*", "ends": { "after_checks": "3" } }), "ends.after_checks"),
        ("scenarios", json!([{ "entity_arn": "*" }, {}]), "[1]"),
        ("faults", json!({ "operation": "Nothing", "kind": "drop" }), "Nothing"),
        ("faults", json!({ "operation": "ListGraphs", "kind": "explode" }), "explode"),
        ("faults", json!({ "operation": "ListGraphs", "kind": "latency" }), "milliseconds"),
        ("faults", json!({ "operation": "ListGraphs", "kind": "latency", "milliseconds": 60_001 }), "60000"),
        ("faults", json!({ "operation": "ListGraphs", "kind": "drop", "time": 1 }), "time"),
        ("graph", json!({}), "exists"),
        ("graph", json!({ "exists": "no" }), "exists"),
        ("graph?acount=1", json!({ "exists": true }), "acount"),
        ("clock", json!({ "advance_seconds": -1 }), "advance_seconds"),
        ("scenarios", json!({ "account_id": "*", "volume_bytes": "much" }), "volume_bytes"),
        ("faults", json!({ "operation": "ListGraphs", "kind": "error" }), "error is missing"),
        ("faults", json!({ "operation": "ListGraphs", "kind": "error", "error": "ConflictException" }), "AccessDenied"),
        ("rates", json!([{ "operation": "Nothing", "calls_per_second": 1 }]), "Nothing"),
        ("rates", json!([{ "calls_per_second": 0 }]), "above 0"),
        ("rates", json!([{ "calls_per_second": 1, "burst": 0 }]), "burst"),
        ("rates", json!([{ "calls_a_second": 1 }]), "calls_a_second"),
        ("organization", json!({ "management_account": "1" }), "12 digits"),
        ("organization", json!({ "management_account": ACCOUNT, "acounts": {} }), "acounts"),
        ("members/444455556666", json!({ "status": "GONE" }), "status"),
        ("members/444455556666", json!({ "status": "ACCEPTED_BUT_DISABLED" }), "reason"),
        ("datasources", json!({ "package": "DETECTIVE", "state": "STOPPED" }), "package"),
    ] {
        let (status, answer) = server.control(path, &body).await;
        assert_eq!(status, 400, "{path} {body}");
        assert!(answer["error"].as_str().unwrap().contains(text), "{answer} should say {text}");
    }
    assert_eq!(server.control("nothing", &json!({})).await.0, 404);
    assert_eq!(server.control_get("reset").await.0, 404);
    assert_eq!(server.control_get("journal?limit=1").await.0, 400);
}

#[tokio::test]
async fn control_sets_faults_graph_and_clock() {
    let server = TestServer::new();
    let fault = json!({ "operation": "ListGraphs", "times": 1, "kind": "access_denied" });
    assert_eq!(server.control(&format!("faults?account={ACCOUNT}"), &fault).await.0, 200);
    assert!(server.client.list_graphs().send().await.is_err());
    assert!(server.client.list_graphs().send().await.is_ok());

    assert_eq!(server.control(&format!("graph?region={REGION}"), &json!({ "exists": false })).await.0, 200);
    assert!(server.client.list_graphs().send().await.unwrap().graph_list().is_empty());
    assert_eq!(server.control(&format!("graph?region={REGION}"), &json!({ "exists": true })).await.0, 200);

    server.control("scenarios", &json!({ "entity_arn": "*", "ends": { "after_seconds": 600 } })).await;
    server.start(ROLE).await;
    assert_eq!(server.control_get("investigations").await.1[0]["status"], "RUNNING");
    let (status, answer) = server.control("clock", &json!({ "advance_seconds": 600 })).await;
    assert_eq!(status, 200);
    assert!(answer["clock"].is_string());
    assert_eq!(server.control_get("investigations").await.1[0]["status"], "SUCCESSFUL");
}

#[tokio::test]
async fn rates_throttle_until_the_clock_advances() {
    let server = TestServer::new();
    server.control("clock", &json!({ "stopped": true })).await;
    assert_eq!(server.control("rates", &json!([{ "calls_per_second": 0.5, "burst": 2 }])).await, (200, json!({})));
    let list = || server.client.list_graphs().send();
    assert!(list().await.is_ok() && list().await.is_ok());
    let error = list().await.unwrap_err().into_service_error();
    assert_eq!(error.meta().code(), Some("ThrottlingException"));
    server.control("clock", &json!({ "advance_seconds": 2 })).await;
    assert!(list().await.is_ok() && list().await.is_err());
    // What is throttled uses no fault up.
    server.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::AccessDenied));
    assert_eq!(list().await.unwrap_err().into_service_error().meta().code(), Some("ThrottlingException"));
    server.control("rates", &json!([])).await;
    assert_eq!(list().await.unwrap_err().into_service_error().meta().code(), Some("AccessDeniedException"));
    assert!(list().await.is_ok());
    // A snapshot holds the rates and how much of them is used up.
    server.simulator.set_rates(vec![Rate::new(1.0).of("ListGraphs")]);
    assert!(list().await.is_ok());
    let snapshot = server.simulator.snapshot().unwrap();
    server.simulator.reset();
    assert!(list().await.is_ok() && list().await.is_ok());
    server.simulator.restore(&snapshot).unwrap();
    assert!(list().await.is_err());
}

#[tokio::test]
async fn journal_records_callers_and_operations() {
    let server = TestServer::new();
    let id = server.start(ROLE).await;
    server.start(USER).await;
    let get = server.client.get_investigation().graph_arn(&server.graph).investigation_id(&id);
    get.send().await.unwrap();
    server.raw("/graphs/list", "not JSON").await;
    let entry = |operation: &str, entity: Option<&str>, id: Option<&str>, status, error: Option<&str>| Entry {
        service: "detective".into(),
        operation: operation.into(),
        account: ACCOUNT.into(),
        region: REGION.into(),
        entity_arn: entity.map(String::from),
        finding_id: None,
        investigation_id: id.map(String::from),
        status,
        error: error.map(String::from),
    };
    let journal = server.simulator.journal();
    assert_eq!(journal.len(), 4);
    assert_eq!(journal[0], entry("StartInvestigation", Some(ROLE), Some(&id), 200, None));
    assert_eq!(journal[2], entry("GetInvestigation", Some(ROLE), Some(&id), 200, None));
    assert_eq!(journal[3], entry("ListGraphs", None, None, 400, Some("ValidationException")));

    let (_, all) = server.control_get("journal").await;
    assert_eq!(serde_json::from_value::<Vec<Entry>>(all).unwrap(), journal);
    let count = |answer: (u16, serde_json::Value)| answer.1.as_array().unwrap().len();
    assert_eq!(count(server.control_get("journal?operation=StartInvestigation").await), 2);
    assert_eq!(count(server.control_get(&format!("journal?entity_arn={ROLE}")).await), 2);
    assert_eq!(count(server.control_get(&format!("journal?entity_arn={USER}&operation=GetInvestigation")).await), 0);
    assert_eq!(count(server.control_get("journal?account=444455556666").await), 0);
}

#[tokio::test]
async fn reset_deletes_everything() {
    let server = TestServer::new();
    server.control("scenarios", &json!({ "entity_arn": "*", "known_to_graph": false })).await;
    server.control("faults", &json!({ "operation": "ListGraphs", "kind": "drop", "times": 9 })).await;
    server.control("graph", &json!({ "exists": false })).await;
    assert_eq!(server.control("reset", &json!({})).await.0, 200);
    assert!(server.simulator.journal().is_empty());
    let first = server.start(ROLE).await;
    server.simulator.reset();
    assert!(server.client.list_graphs().send().await.is_ok());
    let get = server.client.get_investigation().graph_arn(&server.graph).investigation_id(&first);
    assert!(get.send().await.unwrap_err().into_service_error().is_resource_not_found_exception());
    assert_ne!(server.start(ROLE).await, first);
}

#[tokio::test]
async fn control_sets_organizations_members_and_packages() {
    let server = TestServer::new();
    let organization = json!({
        "management_account": "999900001111",
        "accounts": { ACCOUNT: "a@example.com", "444455556666": "b@example.com" },
    });
    assert_eq!(server.control("organization", &organization).await, (200, json!({})));
    let management = client(&server.simulator, "999900001111", REGION);
    management.enable_organization_admin_account().account_id(ACCOUNT).send().await.unwrap();
    let account = Account::builder().account_id("444455556666").email_address("b@example.com").build().unwrap();
    let create = server.client.create_members().graph_arn(&server.graph).accounts(account);
    assert_eq!(create.send().await.unwrap().members()[0].status(), Some(&MemberStatus::Enabled));

    let disabled = json!({ "status": "ACCEPTED_BUT_DISABLED", "reason": "VOLUME_TOO_HIGH" });
    assert_eq!(server.control("members/444455556666?account=222233334444", &disabled).await.0, 404);
    let at = format!("members/444455556666?account={ACCOUNT}");
    assert_eq!(server.control(&at, &disabled).await, (200, json!({})));
    let listed = server.client.list_members().graph_arn(&server.graph).send().await.unwrap();
    assert_eq!(listed.member_details()[0].disabled_reason(), Some(&MemberDisabledReason::VolumeTooHigh));

    let stopped = json!({ "package": "DETECTIVE_CORE", "state": "STOPPED" });
    assert_eq!(server.control("datasources", &stopped).await, (200, json!({})));
    let packages = server.client.list_datasource_packages().graph_arn(&server.graph).send().await.unwrap();
    let core = &packages.datasource_packages().unwrap()[&DatasourcePackage::DetectiveCore];
    assert_eq!(core.datasource_package_ingest_state(), Some(&DatasourcePackageIngestState::Stopped));
}

#[tokio::test]
async fn stopped_clock_does_not_advance() {
    let server = TestServer::new();
    let (_, stopped) = server.control("clock", &json!({ "stopped": true })).await;
    assert_eq!(stopped["stopped"], true);
    let created = |id: String| {
        let get = server.client.get_investigation().graph_arn(&server.graph).investigation_id(id);
        async move { get.send().await.unwrap().created_time().unwrap().to_millis().unwrap() }
    };
    let (first, second) = (server.start(ROLE).await, server.start(ROLE).await);
    let first = created(first).await;
    assert_eq!(created(second).await, first);
    let (_, moved) = server.control("clock", &json!({ "advance_seconds": 5 })).await;
    assert_eq!(moved["stopped"], true);
    assert_eq!(created(server.start(ROLE).await).await, first + 5000);
    assert_eq!(server.control("clock", &json!({ "stopped": false })).await.1["stopped"], false);
}

#[tokio::test]
async fn snapshot_is_restored_in_another_simulator() {
    let server = TestServer::new();
    server
        .control("scenarios", &json!({ "entity_arn": "*", "ends": { "after_seconds": 60 }, "severity": "HIGH" }))
        .await;
    server.control("faults", &json!({ "operation": "ListGraphs", "kind": "internal" })).await;
    server.control("clock", &json!({ "advance_seconds": 1_000_000 })).await;
    let account = Account::builder().account_id("444455556666").email_address("b@example.com").build().unwrap();
    server.client.create_members().graph_arn(&server.graph).accounts(account).send().await.unwrap();
    server.client.tag_resource().resource_arn(&server.graph).tags("team", "blue").send().await.unwrap();
    let id = server.start(ROLE).await;
    let (status, snapshot) = server.control_get("snapshot").await;
    assert_eq!(status, 200);

    let other = TestServer::new();
    let url = format!("{}/_control/snapshot", other.simulator.url());
    let put = |body: String| other.http.put(&url).body(body).send();
    assert_eq!(put(snapshot.to_string()).await.unwrap().status(), 200);
    assert!(other.client.list_graphs().send().await.is_err(), "the fault is still there");
    let get = || other.client.get_investigation().graph_arn(&other.graph).investigation_id(&id).send();
    assert_eq!(get().await.unwrap().status(), Some(&Status::Running));
    other.control("clock", &json!({ "advance_seconds": 60 })).await;
    assert_eq!(get().await.unwrap().status(), Some(&Status::Successful));
    let members = other.client.list_members().graph_arn(&other.graph).send().await.unwrap();
    assert_eq!(members.member_details()[0].account_id(), Some("444455556666"));
    let tags = other.client.list_tags_for_resource().resource_arn(&other.graph).send().await.unwrap();
    assert_eq!(tags.tags().unwrap()["team"], "blue");
    assert_ne!(other.start(ROLE).await, id, "ids continue after those of the snapshot");

    // What is no snapshot changes nothing.
    let mut strange = snapshot.clone();
    strange["version"] = json!(999);
    let mut broken = snapshot;
    broken["detective"]["seats"] = json!(1);
    for (body, text) in [(strange, "999"), (broken, "detective.seats"), (json!({}), "version")] {
        let answer = put(body.to_string()).await.unwrap();
        assert_eq!(answer.status(), 400);
        let body: serde_json::Value = answer.json().await.unwrap();
        assert!(body["error"].as_str().unwrap().contains(text), "{body}");
        assert!(get().await.is_ok());
    }
}

#[tokio::test]
async fn large_snapshot_is_restored_and_deep_json_is_rejected() {
    let server = TestServer::new();
    server.control("scenarios", &serde_json::to_value(simulator::Scenario::named("high").unwrap()).unwrap()).await;
    for _ in 0..800 {
        server.start(ROLE).await;
    }
    let (_, snapshot) = server.control_get("snapshot").await;
    assert!(snapshot.to_string().len() > 1024 * 1024);
    let put = server.http.put(format!("{}/_control/snapshot", server.simulator.url())).body(snapshot.to_string());
    assert_eq!(put.send().await.unwrap().status(), 200);

    let nested = |depth: usize| {
        let resource = (0..depth).fold(json!(1), |inner, _| json!([inner]));
        json!({ "finding_id": "*", "summary": resource })
    };
    assert_eq!(server.control("scenarios", &nested(60)).await.0, 200);
    let (status, body) = server.control("scenarios", &nested(70)).await;
    assert_eq!(status, 400);
    assert!(body["error"].as_str().unwrap().contains("levels deep"), "{body}");
    assert_eq!(server.control_get("snapshot").await.0, 200);
}

#[tokio::test]
async fn packages_can_be_set_before_a_graph_is_used() {
    let server = TestServer::new();
    let at = format!("datasources?account={ACCOUNT}&region={REGION}");
    server.control(&at, &json!({ "package": "EKS_AUDIT", "state": "STARTED" })).await;
    let packages = server.client.list_datasource_packages().graph_arn(&server.graph).send().await.unwrap();
    let eks = &packages.datasource_packages().unwrap()[&DatasourcePackage::EksAudit];
    assert_eq!(eks.datasource_package_ingest_state(), Some(&DatasourcePackageIngestState::Started));
}
