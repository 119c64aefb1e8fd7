//! Cases that were left half-way: the table is set to what a crash leaves, and the case is run again.

use crate::scene::{Outcome, SOON, Scene};
use gumshoe_alerts::Alert;
use local_cloud::ProxyFault;
use receivers::{Channel, IncidentState};
use serde_json::{Value, json};
use simulator::Outcome as Ended;
use std::error::Error;

type Anything = Box<dyn Error + Send + Sync>;

/// Sets attributes of the subject's first case.
async fn set(scene: &Scene<'_>, attributes: &[(&str, Value)]) -> Result<(), Anything> {
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

/// Has a high-risk case alerted and closed, sets it to what a crash leaves, and runs it again as the runbook says.
async fn run_again(scene: &Scene<'_>, left: &[(&str, Value)]) -> Result<String, Anything> {
    scene.set_scenario("high");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.closed(&scene.subject(), 1).await?;
    scene.alerts(&case.case_id, 1).await?;
    set(scene, left).await?;
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
    assert_eq!(scene.ended(&name).await?["status"], "SUCCEEDED");
    Ok(())
}

/// An investigation did not end in time, and people were told so; then the execution died before it closed the case, and
/// the next one sees that the investigation has ended since, with nothing of note.
pub(crate) async fn an_alert_that_no_longer_stands_is_taken_back_everywhere(scene: &Scene<'_>) -> Outcome {
    scene.set_manual_scenario("quiet");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.closed(&scene.subject(), 1).await?;
    scene.alerts(&case.case_id, 1).await?;
    scene.relayed(Channel::PagerDuty, &case.case_id, 1).await?;
    let investigation = case.investigation["id"].as_str().unwrap();
    scene.cloud.simulator().end_investigation(investigation, Ended::Successful)?;
    set(scene, &[("status", json!({"S": "OPEN"}))]).await?;
    run_next(scene, &case.case_id, &execution).await?;
    let alerts = scene.alerts(&case.case_id, 2).await?;
    let causes: Vec<&str> = alerts.attributes.iter().map(|it| it["cause"].as_str()).collect();
    assert_eq!(causes, ["NOT_INVESTIGATED", "RESOLVED"]);
    assert!(alerts.texts[1].body.starts_with("Resolved: IAM role"), "{}", alerts.texts[1].body);
    scene.relayed(Channel::PagerDuty, &case.case_id, 2).await?;
    let incident = scene.cloud.receivers().incidents().into_iter().find(|it| it.dedup_key == case.case_id).unwrap();
    assert!(matches!(incident.state, IncidentState::Resolved), "{incident:?}");
    Ok(())
}

pub(crate) async fn a_case_that_was_told_but_not_closed_is_only_closed(scene: &Scene<'_>) -> Outcome {
    let case_id = run_again(scene, &[("status", json!({"S": "OPEN"}))]).await?;
    scene.alerts(&case_id, 1).await?;
    Ok(())
}

pub(crate) async fn an_alert_that_may_not_have_arrived_is_repeated_under_its_revision(scene: &Scene<'_>) -> Outcome {
    let left = [("status", json!({"S": "OPEN"})), ("published_revision", json!({"N": "0"}))];
    let case_id = run_again(scene, &left).await?;
    let alerts = scene.alerts(&case_id, 2).await?;
    let told: Vec<(u32, bool)> = alerts.json.iter().map(|alert| (alert.revision, alert.repeated)).collect();
    assert_eq!(told, [(1, false), (1, true)]);
    Ok(())
}

pub(crate) async fn a_sealed_case_takes_no_more_findings_and_ends(scene: &Scene<'_>) -> Outcome {
    scene.set_manual_scenario("high");
    let subject = scene.subject();
    scene.cloud.send(&[scene.finding("a")]).await?;
    let case = scene.investigated(|_| true).await?;
    set(scene, &[("status", json!({"S": "SEALED"}))]).await?;
    scene.cloud.send(&[scene.finding("b")]).await?;
    let second = async || Ok(scene.cloud.cases(&subject).await?.into_iter().find(|case| case.sequence == 2));
    scene.cloud.poll_until("the second case", SOON, second).await?;
    scene.cloud.simulator().end_investigation(case.investigation["id"].as_str().unwrap(), Ended::Successful)?;
    for sequence in [1, 2] {
        let (case, _) = scene.closed(&subject, sequence).await?;
        assert_eq!(case.join_count, 1);
        assert_eq!(scene.alerts(&case.case_id, 1).await?.json[0].finding_count, 1);
    }
    Ok(())
}

pub(crate) async fn a_case_whose_execution_failed_is_taken_up_again_by_itself(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    // One try and ten retries, and one more after the last resort: so long SNS fails, and the first execution lives.
    for _ in 0..12 {
        scene.cloud.proxy().fail_next_publish(&scene.mark(), ProxyFault::Unavailable);
    }
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, first) = scene.closed(&scene.subject(), 1).await?;
    assert_eq!(first["status"], "FAILED");
    assert_eq!(scene.ended(&format!("{}-2", case.case_id)).await?["status"], "SUCCEEDED");
    let alerted = async || {
        let told = scene.cloud.inbox().received().into_iter().filter(|it| it.protocol == "sqs");
        let alerts = told.filter_map(|it| serde_json::from_str::<Alert>(&it.body).ok());
        let ours: Vec<u32> = alerts.filter(|it| it.case_id == case.case_id).map(|it| it.revision).collect();
        Ok((!ours.is_empty()).then_some(ours))
    };
    assert_eq!(scene.cloud.poll_until("the alert", SOON, alerted).await?, [1]);
    Ok(())
}
