//! Cases that a crash left unfinished: a test sets the table to the state after the crash and runs the case again.

use crate::scene::{BoxError, Outcome, Scene, WAIT_TIMEOUT};
use gumshoe_alerts::Alert;
use local_cloud::ProxyFault;
use receivers::{Channel, IncidentState};
use serde_json::{Value, json};
use simulator::Outcome as Ended;

/// Sets attributes of the subject's first case.
async fn set_attributes(scene: &Scene<'_>, attributes: &[(&str, Value)]) -> Result<(), BoxError> {
    let names: Vec<String> = (0..attributes.len()).map(|index| format!("#a{index} = :a{index}")).collect();
    let update = json!({
        "TableName": scene.cloud.outputs().get("CasesTableName"),
        "Key": {"subject": {"S": scene.subject()}, "item": {"S": "case#0000000001"}},
        "UpdateExpression": format!("SET {}", names.join(", ")),
        "ExpressionAttributeNames": attributes.iter().enumerate()
            .map(|(index, (name, _))| (format!("#a{index}"), json!(name))).collect::<serde_json::Map<_, _>>(),
        "ExpressionAttributeValues": attributes.iter().enumerate()
            .map(|(index, (_, value))| (format!(":a{index}"), value.clone())).collect::<serde_json::Map<_, _>>(),
    });
    scene.cloud.api().json("dynamodb", "DynamoDB_20120810.UpdateItem", &update).await?;
    Ok(())
}

/// Has a high-risk case alerted and closed, sets the attributes as a crash would leave them, and runs the case again as the runbook
/// says. Returns the case's ID.
async fn run_again(scene: &Scene<'_>, crashed: &[(&str, Value)]) -> Result<String, BoxError> {
    scene.set_scenario("high");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.wait_for_alerts(&case.case_id, 1).await?;
    set_attributes(scene, crashed).await?;
    run_next(scene, &case.case_id, &execution).await?;
    let case = scene.cloud.cases(&scene.subject()).await?.pop().unwrap();
    assert_eq!((case.status.as_str(), case.published_revision), ("CLOSED", 1));
    Ok(case.case_id)
}

/// Starts a case's second execution, and waits for its end.
async fn run_next(scene: &Scene<'_>, case_id: &str, first: &Value) -> Outcome {
    let name = format!("{case_id}-2");
    let start = json!({"stateMachineArn": scene.cloud.outputs().get("CaseStateMachineArn"), "name": name,
        "input": first["input"]});
    scene.cloud.api().json("states", "AWSStepFunctions.StartExecution", &start).await?;
    assert_eq!(scene.wait_for_execution_end(&name).await?["status"], "SUCCEEDED");
    Ok(())
}

/// An investigation did not end before the deadline, and people were alerted. Then the execution failed before it closed the case. The
/// next execution finds that the investigation has ended since, with a quiet result.
pub(crate) async fn an_outdated_alert_is_resolved_in_all_channels(scene: &Scene<'_>) -> Outcome {
    scene.set_manual_scenario("quiet");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.wait_for_alerts(&case.case_id, 1).await?;
    scene.wait_for_deliveries(Channel::PagerDuty, &case.case_id, 1).await?;
    let investigation = case.investigation["id"].as_str().unwrap();
    scene.cloud.simulator().end_investigation(investigation, Ended::Successful)?;
    set_attributes(scene, &[("status", json!({"S": "OPEN"}))]).await?;
    run_next(scene, &case.case_id, &execution).await?;
    let alerts = scene.wait_for_alerts(&case.case_id, 2).await?;
    let causes: Vec<&str> = alerts.attributes.iter().map(|it| it["cause"].as_str()).collect();
    assert_eq!(causes, ["NOT_INVESTIGATED", "RESOLVED"]);
    assert!(alerts.texts[1].body.starts_with("Resolved: IAM role"), "{}", alerts.texts[1].body);
    scene.wait_for_deliveries(Channel::PagerDuty, &case.case_id, 2).await?;
    let incident = scene.cloud.receivers().incidents().into_iter().find(|it| it.dedup_key == case.case_id).unwrap();
    assert!(matches!(incident.state, IncidentState::Resolved), "{incident:?}");
    Ok(())
}

pub(crate) async fn an_alerted_case_that_is_still_open_is_only_closed(scene: &Scene<'_>) -> Outcome {
    let case_id = run_again(scene, &[("status", json!({"S": "OPEN"}))]).await?;
    scene.wait_for_alerts(&case_id, 1).await?;
    Ok(())
}

pub(crate) async fn an_unacknowledged_alert_is_repeated_under_its_revision(scene: &Scene<'_>) -> Outcome {
    let crashed = [("status", json!({"S": "OPEN"})), ("published_revision", json!({"N": "0"}))];
    let case_id = run_again(scene, &crashed).await?;
    let alerts = scene.wait_for_alerts(&case_id, 2).await?;
    let revisions: Vec<(u32, bool)> = alerts.json.iter().map(|alert| (alert.revision, alert.repeated)).collect();
    assert_eq!(revisions, [(1, false), (1, true)]);
    Ok(())
}

pub(crate) async fn a_sealed_case_takes_no_more_findings_and_ends(scene: &Scene<'_>) -> Outcome {
    scene.set_manual_scenario("high");
    let subject = scene.subject();
    scene.cloud.send(&[scene.finding("a")]).await?;
    let case = scene.wait_for_investigation(|_| true).await?;
    set_attributes(scene, &[("status", json!({"S": "SEALED"}))]).await?;
    scene.cloud.send(&[scene.finding("b")]).await?;
    let second = async || Ok(scene.cloud.cases(&subject).await?.into_iter().find(|case| case.sequence == 2));
    scene.cloud.poll_until("the second case", WAIT_TIMEOUT, second).await?;
    scene.cloud.simulator().end_investigation(case.investigation["id"].as_str().unwrap(), Ended::Successful)?;
    for sequence in [1, 2] {
        let (case, _) = scene.wait_for_closed_case(&subject, sequence).await?;
        assert_eq!(case.join_count, 1);
        assert_eq!(scene.wait_for_alerts(&case.case_id, 1).await?.json[0].finding_count, 1);
    }
    Ok(())
}

pub(crate) async fn a_failed_execution_is_restarted_automatically(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    // SNS fails for all calls of the first execution: one attempt, ten retries, and one after the fallback alert.
    for _ in 0..12 {
        scene.cloud.proxy().fail_next_publish(&scene.mark(), ProxyFault::Unavailable);
    }
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, first) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(first["status"], "FAILED");
    assert_eq!(scene.wait_for_execution_end(&format!("{}-2", case.case_id)).await?["status"], "SUCCEEDED");
    let alerted = async || {
        let received = scene.cloud.inbox().received().into_iter().filter(|it| it.protocol == "sqs");
        let alerts = received.filter_map(|it| serde_json::from_str::<Alert>(&it.body).ok());
        let ours: Vec<u32> = alerts.filter(|it| it.case_id == case.case_id).map(|it| it.revision).collect();
        Ok((!ours.is_empty()).then_some(ours))
    };
    assert_eq!(scene.cloud.poll_until("the alert", WAIT_TIMEOUT, alerted).await?, [1]);
    Ok(())
}
