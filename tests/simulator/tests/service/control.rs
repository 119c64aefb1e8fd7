//! The control interface over HTTP.

use aws_sdk_detective::types::{
    Account, DatasourcePackage, DatasourcePackageIngestState, MemberDisabledReason, MemberStatus, Status,
};
use serde_json::json;
use simulator::{ApiFault, Entry, FaultKind, Rate};

use crate::support::{ACCOUNT, Bench, REGION, ROLE, USER, client};

#[tokio::test]
async fn health() {
    let bench = Bench::new();
    bench.start(ROLE).await;
    let (status, body) = bench.control_get("health").await;
    assert_eq!((status, &body["status"], &body["investigations"]), (200, &json!("ok"), &json!(1)));
}

#[tokio::test]
async fn a_scenario_a_step_and_the_list_of_investigations() {
    let bench = Bench::new();
    let scenario = json!({ "name": "mine", "entity_arn": "*:role/*", "ends": "by_hand", "severity": "HIGH" });
    assert_eq!(bench.control("scenarios", &scenario).await, (200, json!({})));
    let id = bench.start(ROLE).await;
    let get = || bench.client.get_investigation().graph_arn(&bench.graph).investigation_id(&id).send();
    assert_eq!(get().await.unwrap().status(), Some(&Status::Running));
    let (_, all) = bench.control_get("investigations").await;
    let expected = json!([{
        "investigation_id": id, "account": ACCOUNT, "region": REGION, "entity_arn": ROLE,
        "status": "RUNNING", "checks": 1, "scenario": "mine",
    }]);
    assert_eq!(all, expected);
    let step = format!("investigations/{id}/step");
    let (status, body) = bench.control(&step, &json!({ "status": "RUNNING" })).await;
    assert_eq!(status, 400, "{body}");
    assert_eq!(bench.control(&step, &json!({ "status": "SUCCESSFUL" })).await.0, 200);
    assert_eq!(get().await.unwrap().status(), Some(&Status::Successful));
    assert_eq!(bench.control(&step, &json!({ "status": "FAILED" })).await.0, 409);
    assert_eq!(bench.control("investigations/1/step", &json!({ "status": "FAILED" })).await.0, 404);
}

#[tokio::test]
async fn a_list_of_scenarios_is_tried_in_its_order() {
    let bench = Bench::new();
    let list = json!([
        { "entity_arn": "*:role/*", "ends": "never" },
        { "entity_arn": "*", "outcome": "FAILED", "ends": { "after_checks": 0 } },
    ]);
    assert_eq!(bench.control("scenarios", &list).await.0, 200);
    bench.start(ROLE).await;
    bench.start(USER).await;
    let (_, all) = bench.control_get("investigations").await;
    assert_eq!((&all[0]["status"], &all[1]["status"]), (&json!("RUNNING"), &json!("FAILED")));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let bench = Bench::new();
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
        let (status, answer) = bench.control(path, &body).await;
        assert_eq!(status, 400, "{path} {body}");
        assert!(answer["error"].as_str().unwrap().contains(text), "{answer} should say {text}");
    }
    assert_eq!(bench.control("nothing", &json!({})).await.0, 404);
    assert_eq!(bench.control_get("reset").await.0, 404);
    assert_eq!(bench.control_get("journal?limit=1").await.0, 400);
}

#[tokio::test]
async fn faults_graph_and_clock() {
    let bench = Bench::new();
    let fault = json!({ "operation": "ListGraphs", "times": 1, "kind": "access_denied" });
    assert_eq!(bench.control(&format!("faults?account={ACCOUNT}"), &fault).await.0, 200);
    assert!(bench.client.list_graphs().send().await.is_err());
    assert!(bench.client.list_graphs().send().await.is_ok());

    assert_eq!(bench.control(&format!("graph?region={REGION}"), &json!({ "exists": false })).await.0, 200);
    assert!(bench.client.list_graphs().send().await.unwrap().graph_list().is_empty());
    assert_eq!(bench.control(&format!("graph?region={REGION}"), &json!({ "exists": true })).await.0, 200);

    bench.control("scenarios", &json!({ "entity_arn": "*", "ends": { "after_seconds": 600 } })).await;
    bench.start(ROLE).await;
    assert_eq!(bench.control_get("investigations").await.1[0]["status"], "RUNNING");
    let (status, answer) = bench.control("clock", &json!({ "advance_seconds": 600 })).await;
    assert_eq!(status, 200);
    assert!(answer["clock"].is_string());
    assert_eq!(bench.control_get("investigations").await.1[0]["status"], "SUCCESSFUL");
}

#[tokio::test]
async fn rates_throttle_until_the_clock_has_gone_on() {
    let bench = Bench::new();
    bench.control("clock", &json!({ "stopped": true })).await;
    assert_eq!(bench.control("rates", &json!([{ "calls_per_second": 0.5, "burst": 2 }])).await, (200, json!({})));
    let list = || bench.client.list_graphs().send();
    assert!(list().await.is_ok() && list().await.is_ok());
    let error = list().await.unwrap_err().into_service_error();
    assert_eq!(error.meta().code(), Some("ThrottlingException"));
    bench.control("clock", &json!({ "advance_seconds": 2 })).await;
    assert!(list().await.is_ok() && list().await.is_err());
    // What is throttled uses no fault up.
    bench.simulator.add_fault(ApiFault::new("ListGraphs", FaultKind::AccessDenied));
    assert_eq!(list().await.unwrap_err().into_service_error().meta().code(), Some("ThrottlingException"));
    bench.control("rates", &json!([])).await;
    assert_eq!(list().await.unwrap_err().into_service_error().meta().code(), Some("AccessDeniedException"));
    assert!(list().await.is_ok());
    // A snapshot holds the rates and how much of them is used up.
    bench.simulator.set_rates(vec![Rate::new(1.0).of("ListGraphs")]);
    assert!(list().await.is_ok());
    let snapshot = bench.simulator.snapshot().unwrap();
    bench.simulator.reset();
    assert!(list().await.is_ok() && list().await.is_ok());
    bench.simulator.restore(&snapshot).unwrap();
    assert!(list().await.is_err());
}

#[tokio::test]
async fn the_journal_tells_who_asked_what() {
    let bench = Bench::new();
    let id = bench.start(ROLE).await;
    bench.start(USER).await;
    let get = bench.client.get_investigation().graph_arn(&bench.graph).investigation_id(&id);
    get.send().await.unwrap();
    bench.raw("/graphs/list", "nonsense").await;
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
    let journal = bench.simulator.journal();
    assert_eq!(journal.len(), 4);
    assert_eq!(journal[0], entry("StartInvestigation", Some(ROLE), Some(&id), 200, None));
    assert_eq!(journal[2], entry("GetInvestigation", Some(ROLE), Some(&id), 200, None));
    assert_eq!(journal[3], entry("ListGraphs", None, None, 400, Some("ValidationException")));

    let (_, all) = bench.control_get("journal").await;
    assert_eq!(serde_json::from_value::<Vec<Entry>>(all).unwrap(), journal);
    let count = |answer: (u16, serde_json::Value)| answer.1.as_array().unwrap().len();
    assert_eq!(count(bench.control_get("journal?operation=StartInvestigation").await), 2);
    assert_eq!(count(bench.control_get(&format!("journal?entity_arn={ROLE}")).await), 2);
    assert_eq!(count(bench.control_get(&format!("journal?entity_arn={USER}&operation=GetInvestigation")).await), 0);
    assert_eq!(count(bench.control_get("journal?account=444455556666").await), 0);
}

#[tokio::test]
async fn reset_forgets() {
    let bench = Bench::new();
    bench.control("scenarios", &json!({ "entity_arn": "*", "known_to_graph": false })).await;
    bench.control("faults", &json!({ "operation": "ListGraphs", "kind": "drop", "times": 9 })).await;
    bench.control("graph", &json!({ "exists": false })).await;
    assert_eq!(bench.control("reset", &json!({})).await.0, 200);
    assert!(bench.simulator.journal().is_empty());
    let first = bench.start(ROLE).await;
    bench.simulator.reset();
    assert!(bench.client.list_graphs().send().await.is_ok());
    let get = bench.client.get_investigation().graph_arn(&bench.graph).investigation_id(&first);
    assert!(get.send().await.unwrap_err().into_service_error().is_resource_not_found_exception());
    assert_ne!(bench.start(ROLE).await, first);
}

#[tokio::test]
async fn organizations_members_and_packages() {
    let bench = Bench::new();
    let organization = json!({
        "management_account": "999900001111",
        "accounts": { ACCOUNT: "a@example.com", "444455556666": "b@example.com" },
    });
    assert_eq!(bench.control("organization", &organization).await, (200, json!({})));
    let management = client(&bench.simulator, "999900001111", REGION);
    management.enable_organization_admin_account().account_id(ACCOUNT).send().await.unwrap();
    let account = Account::builder().account_id("444455556666").email_address("b@example.com").build().unwrap();
    let create = bench.client.create_members().graph_arn(&bench.graph).accounts(account);
    assert_eq!(create.send().await.unwrap().members()[0].status(), Some(&MemberStatus::Enabled));

    let disabled = json!({ "status": "ACCEPTED_BUT_DISABLED", "reason": "VOLUME_TOO_HIGH" });
    assert_eq!(bench.control("members/444455556666?account=222233334444", &disabled).await.0, 404);
    let at = format!("members/444455556666?account={ACCOUNT}");
    assert_eq!(bench.control(&at, &disabled).await, (200, json!({})));
    let listed = bench.client.list_members().graph_arn(&bench.graph).send().await.unwrap();
    assert_eq!(listed.member_details()[0].disabled_reason(), Some(&MemberDisabledReason::VolumeTooHigh));

    let stopped = json!({ "package": "DETECTIVE_CORE", "state": "STOPPED" });
    assert_eq!(bench.control("datasources", &stopped).await, (200, json!({})));
    let packages = bench.client.list_datasource_packages().graph_arn(&bench.graph).send().await.unwrap();
    let core = &packages.datasource_packages().unwrap()[&DatasourcePackage::DetectiveCore];
    assert_eq!(core.datasource_package_ingest_state(), Some(&DatasourcePackageIngestState::Stopped));
}

#[tokio::test]
async fn a_stopped_clock_stands_still() {
    let bench = Bench::new();
    let (_, stopped) = bench.control("clock", &json!({ "stopped": true })).await;
    assert_eq!(stopped["stopped"], true);
    let created = |id: String| {
        let get = bench.client.get_investigation().graph_arn(&bench.graph).investigation_id(id);
        async move { get.send().await.unwrap().created_time().unwrap().to_millis().unwrap() }
    };
    let (first, second) = (bench.start(ROLE).await, bench.start(ROLE).await);
    let first = created(first).await;
    assert_eq!(created(second).await, first);
    let (_, moved) = bench.control("clock", &json!({ "advance_seconds": 5 })).await;
    assert_eq!(moved["stopped"], true);
    assert_eq!(created(bench.start(ROLE).await).await, first + 5000);
    assert_eq!(bench.control("clock", &json!({ "stopped": false })).await.1["stopped"], false);
}

#[tokio::test]
async fn a_snapshot_goes_on_in_another_simulator() {
    let bench = Bench::new();
    bench
        .control("scenarios", &json!({ "entity_arn": "*", "ends": { "after_seconds": 60 }, "severity": "HIGH" }))
        .await;
    bench.control("faults", &json!({ "operation": "ListGraphs", "kind": "internal" })).await;
    bench.control("clock", &json!({ "advance_seconds": 1_000_000 })).await;
    let account = Account::builder().account_id("444455556666").email_address("b@example.com").build().unwrap();
    bench.client.create_members().graph_arn(&bench.graph).accounts(account).send().await.unwrap();
    bench.client.tag_resource().resource_arn(&bench.graph).tags("team", "blue").send().await.unwrap();
    let id = bench.start(ROLE).await;
    let (status, snapshot) = bench.control_get("snapshot").await;
    assert_eq!(status, 200);

    let other = Bench::new();
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
    assert_ne!(other.start(ROLE).await, id, "ids go on behind those of the snapshot");

    // What is no snapshot changes nothing.
    let mut strange = snapshot.clone();
    strange["version"] = json!(999);
    let mut broken = snapshot;
    broken["detective"]["seats"] = json!(1);
    for (body, text) in [(strange, "999"), (broken, "detective.seats"), (json!({}), "version")] {
        let answer = put(body.to_string()).await.unwrap();
        assert_eq!(answer.status(), 400);
        let told: serde_json::Value = answer.json().await.unwrap();
        assert!(told["error"].as_str().unwrap().contains(text), "{told}");
        assert!(get().await.is_ok());
    }
}

#[tokio::test]
async fn a_large_snapshot_goes_on_and_what_is_too_deep_for_one_is_refused() {
    let bench = Bench::new();
    bench.control("scenarios", &serde_json::to_value(simulator::Scenario::named("high").unwrap()).unwrap()).await;
    for _ in 0..800 {
        bench.start(ROLE).await;
    }
    let (_, snapshot) = bench.control_get("snapshot").await;
    assert!(snapshot.to_string().len() > 1024 * 1024);
    let put = bench.http.put(format!("{}/_control/snapshot", bench.simulator.url())).body(snapshot.to_string());
    assert_eq!(put.send().await.unwrap().status(), 200);

    let nested = |depth: usize| {
        let resource = (0..depth).fold(json!(1), |inner, _| json!([inner]));
        json!({ "finding_id": "*", "summary": resource })
    };
    assert_eq!(bench.control("scenarios", &nested(60)).await.0, 200);
    let (status, told) = bench.control("scenarios", &nested(70)).await;
    assert_eq!(status, 400);
    assert!(told["error"].as_str().unwrap().contains("levels deep"), "{told}");
    assert_eq!(bench.control_get("snapshot").await.0, 200);
}

#[tokio::test]
async fn packages_of_a_graph_that_nobody_asked_for_yet() {
    let bench = Bench::new();
    let at = format!("datasources?account={ACCOUNT}&region={REGION}");
    bench.control(&at, &json!({ "package": "EKS_AUDIT", "state": "STARTED" })).await;
    let packages = bench.client.list_datasource_packages().graph_arn(&bench.graph).send().await.unwrap();
    let eks = &packages.datasource_packages().unwrap()[&DatasourcePackage::EksAudit];
    assert_eq!(eks.datasource_package_ingest_state(), Some(&DatasourcePackageIngestState::Started));
}
