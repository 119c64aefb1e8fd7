//! Control of GuardDuty over HTTP; snapshots and resets.

use aws_sdk_guardduty::types::InvestigationStatus;
use serde_json::{Value, json};
use simulator::{AccountRegionFilter, ControlError, EndsWhen, FindingScenario, GuardDutyOutcome};

use super::{Account, FINDING, Guard, MEMBER, NO_ID, finding, with};
use crate::support::{ACCOUNT, REGION};

#[tokio::test]
async fn detector_is_hidden_and_restored() {
    let guard = Guard::new();
    let listed = async || guard.client.list_detectors().send().await.unwrap().detector_ids().len();
    assert_eq!(guard.server.control("detector?region=eu-west-1", &json!({ "exists": false })).await, (200, json!({})));
    assert_eq!(listed().await, 1);
    assert_eq!(guard.server.control("detector", &json!({ "exists": false })).await.0, 200);
    assert_eq!(listed().await, 0);
    assert_eq!(guard.server.control(&format!("detector?account={ACCOUNT}"), &json!({ "exists": true })).await.0, 200);
    assert_eq!(listed().await, 1);
}

#[tokio::test]
async fn findings_are_accepted_alone_in_lists_and_in_events() {
    let guard = Guard::new();
    let event = |detail: Value| json!({ "version": "0", "detail-type": "GuardDuty Finding", "detail": detail });
    assert_eq!(guard.server.control("findings", &finding("a")).await, (200, json!({})));
    let list = json!([finding("b"), event(with(finding("c"), "/accountId", json!(MEMBER)))]);
    assert_eq!(guard.server.control("findings", &list).await.0, 200);
    let query = format!("findings?account={MEMBER}&region=eu-west-1");
    assert_eq!(guard.server.control(&query, &event(finding("d"))).await.0, 200);
    assert_eq!(guard.ids().await, ["b", "a"]);
    assert_eq!(guard.other(MEMBER).ids().await, ["c"]);
    assert_eq!(Account::of(guard.simulator(), MEMBER, "eu-west-1").ids().await, ["d"]);

    let (status, all) = guard.server.control_get("findings").await;
    assert_eq!((status, all.as_array().unwrap().len()), (200, 4));
    let expected = json!([{ "account": MEMBER, "region": "eu-west-1", "finding": finding("d") }]);
    assert_eq!(guard.server.control_get(&query).await.1, expected);
}

#[tokio::test]
async fn finding_errors_name_the_path() {
    let guard = Guard::new();
    let without = |name: &str| {
        let mut finding = finding(FINDING);
        finding.as_object_mut().unwrap().remove(name);
        finding
    };
    let long = "x".repeat(301);
    let mut cases = vec![
        (json!([finding("a"), without("severity")]), "`[1].severity` is missing".to_owned()),
        (json!({ "detail-type": "GuardDuty Finding", "detail": without("id") }), "`detail.id` is missing".into()),
        (json!([{ "detail-type": "GuardDuty Finding" }]), "`[0].detail` must be an object".into()),
        (json!({ "detail-type": "Other", "detail": finding("a") }), "`detail-type` must be".into()),
        (with(finding("a"), "/severity", json!("8")), "`severity` must be a number".into()),
        (with(finding("a"), "/accountId", json!("1")), "`accountId` must be 12 digits".into()),
        (with(finding("a"), "/region", json!("a/b")), "`region` must be".into()),
        (with(finding("a"), "/id", json!(long)), "`id` must be".into()),
        (with(finding("a"), "/resource", json!([])), "`resource` must be an object".into()),
        (with(finding("a"), "/service", json!("x")), "`service` must be an object".into()),
        (json!(1), "`.` must be an object".into()),
    ];
    for name in
        ["accountId", "arn", "createdAt", "id", "region", "resource", "schemaVersion", "severity", "type", "updatedAt"]
    {
        cases.push((without(name), format!("`{name}` is missing")));
        cases.push((with(finding("a"), &format!("/{name}"), Value::Null), format!("`{name}` is missing")));
    }
    for (body, text) in cases {
        let (status, answer) = guard.server.control("findings", &body).await;
        assert_eq!(status, 400, "{body}");
        assert!(answer["error"].as_str().unwrap().contains(&text), "{answer} should say {text}");
        let error = guard.simulator().add_finding(body).unwrap_err();
        assert!(matches!(error, ControlError::Finding { .. }) && error.to_string().contains(&text));
    }
    let (status, answer) = guard.server.control("findings?account=1", &finding("a")).await;
    assert_eq!((status, answer["error"].as_str().unwrap().contains("12 digits")), (400, true));
    assert_eq!(guard.server.control("findings?acount=1", &finding("a")).await.0, 400);
    assert!(guard.ids().await.is_empty(), "nothing is stored when something is wrong");
}

#[tokio::test]
async fn investigations_are_listed_and_ended_by_control() {
    let guard = Guard::with_analyst().await;
    let scenario = json!({ "name": "mine", "finding_id": "1ab2*", "ends": "by_hand", "risk_level": "Critical" });
    assert_eq!(guard.server.control("scenarios", &scenario).await.0, 200);
    let id = guard.create(FINDING).await;
    let other = guard.create("my organization").await;
    guard.investigation(&id).await;
    let (status, all) =
        guard.server.control_get("guardduty/investigations?finding_id=1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6").await;
    let expected = json!([{
        "investigation_id": id, "account": ACCOUNT, "region": REGION, "prompt": FINDING, "finding_id": FINDING,
        "status": "RUNNING", "checks": 1, "scenario": "mine",
    }]);
    assert_eq!((status, all), (200, expected));
    let (_, all) = guard.server.control_get(&format!("guardduty/investigations?account={ACCOUNT}")).await;
    assert_eq!((all.as_array().unwrap().len(), &all[1]["finding_id"]), (2, &Value::Null));
    assert_eq!(guard.server.control_get("guardduty/investigations?region=eu-west-1").await.1, json!([]));

    let step = format!("investigations/{id}/step");
    let (status, answer) = guard.server.control(&step, &json!({ "status": "SUCCESSFUL" })).await;
    assert_eq!(status, 400, "{answer}");
    assert_eq!(guard.server.control(&step, &json!({ "status": "COMPLETED" })).await, (200, json!({})));
    let done = guard.investigation(&id).await;
    assert_eq!(
        (done.status(), done.risk_level().unwrap().as_str()),
        (Some(&InvestigationStatus::Completed), "Critical")
    );
    assert!(done.end_time().is_some());
    assert_eq!(guard.server.control(&step, &json!({ "status": "FAILED" })).await.0, 409);
    let unknown = format!("investigations/{NO_ID}/step");
    assert_eq!(guard.server.control(&unknown, &json!({ "status": "FAILED" })).await.0, 404);

    guard.simulator().end_guardduty_investigation(&other, GuardDutyOutcome::Failed).unwrap();
    assert_eq!(guard.investigation(&other).await.status(), Some(&InvestigationStatus::Failed));
    let again = guard.simulator().end_guardduty_investigation(&other, GuardDutyOutcome::Failed);
    assert!(matches!(again, Err(ControlError::AlreadyEnded { .. })));
    let unknown = guard.simulator().end_guardduty_investigation("x", GuardDutyOutcome::Failed);
    assert!(matches!(unknown, Err(ControlError::NoSuchInvestigation { .. })));
}

#[tokio::test]
async fn a_snapshot_keeps_everything() {
    let guard = Guard::with_analyst().await;
    guard.simulator().set_clock_stopped(true);
    guard.simulator().add_finding_scenario(FindingScenario {
        finding_id: FINDING.into(),
        ends: EndsWhen::AfterChecks(1),
        summary: json!({ "keyObservations": [] }),
        ..FindingScenario::default()
    });
    guard.add(with(finding(FINDING), "/severity", json!(8.1)));
    guard.sample(&["Recon:EC2/Portscan", "AttackSequence:S3/CompromisedData"]).await;
    guard.client.archive_findings().detector_id(&guard.detector).finding_ids(FINDING).send().await.unwrap();
    let create = guard.client.create_investigation().detector_id(&guard.detector).trigger_prompt(FINDING);
    let id = create.client_token("token").send().await.unwrap().investigation_id.unwrap();
    guard.investigation(&id).await;
    let manual = guard.create("my organization").await;
    guard.simulator().end_guardduty_investigation(&manual, GuardDutyOutcome::Failed).unwrap();
    let elsewhere = AccountRegionFilter { account: None, region: Some("eu-west-1".into()) };
    guard.simulator().set_detector_exists_in(elsewhere, false);

    let other = Guard::new();
    other.simulator().restore(&guard.simulator().snapshot().unwrap()).unwrap();
    assert_eq!(other.simulator().snapshot().unwrap(), guard.simulator().snapshot().unwrap());
    let list = async |guard: &Guard| {
        let detector = guard.client.get_detector().detector_id(&guard.detector).send().await.unwrap();
        let ids = guard.ids().await;
        let found = guard.get(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let investigations = [guard.investigation(&id).await, guard.investigation(&manual).await];
        (detector.features, ids, found, investigations)
    };
    assert_eq!(list(&other).await, list(&guard).await);
    let create = other.client.create_investigation().detector_id(&other.detector).trigger_prompt(FINDING);
    assert_eq!(create.client_token("token").send().await.unwrap().investigation_id, Some(id.clone()));
    let new = other.create("x").await;
    assert!(new != id && new != manual);
    let elsewhere = Account::of(other.simulator(), ACCOUNT, "eu-west-1");
    assert!(elsewhere.client.list_detectors().send().await.unwrap().detector_ids().is_empty());
}

#[tokio::test]
async fn reset_deletes_everything_and_ids_do_not_repeat() {
    let guard = Guard::with_analyst().await;
    guard.add(finding(FINDING));
    let first = guard.create("x").await;
    guard.simulator().set_detector_exists(false);
    guard.simulator().reset();
    assert!(guard.ids().await.is_empty());
    let create = guard.client.create_investigation().detector_id(&guard.detector).trigger_prompt("x");
    assert!(create.send().await.is_err(), "the feature is off again");
    guard.enable_analyst().await;
    let get = guard.client.get_investigation().detector_id(&guard.detector).investigation_id(&first);
    assert!(get.send().await.unwrap_err().into_service_error().is_resource_not_found_exception());
    assert_ne!(guard.create("x").await, first);
}
