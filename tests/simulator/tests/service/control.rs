//! The control interface over HTTP.

use aws_sdk_detective::types::Status;
use serde_json::json;
use simulator::Entry;

use crate::support::{ACCOUNT, Bench, REGION, ROLE, USER};

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
async fn the_journal_tells_who_asked_what() {
    let bench = Bench::new();
    let id = bench.start(ROLE).await;
    bench.start(USER).await;
    let get = bench.client.get_investigation().graph_arn(&bench.graph).investigation_id(&id);
    get.send().await.unwrap();
    bench.raw("/graphs/list", "nonsense").await;
    let entry = |operation: &str, entity: Option<&str>, id: Option<&str>, status, error: Option<&str>| Entry {
        operation: operation.into(),
        account: ACCOUNT.into(),
        region: REGION.into(),
        entity_arn: entity.map(String::from),
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
