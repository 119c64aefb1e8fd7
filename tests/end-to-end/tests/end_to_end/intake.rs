//! How findings open cases, join them or are suppressed.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use findings::{in_pascal_case, republished};
use serde_json::{Value, json};
use simulator::Outcome as Ended;

pub(crate) async fn the_same_event_twice_is_one_case_and_one_alert(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let finding = scene.finding("a");
    scene.cloud.send(&[finding.clone(), finding.clone()]).await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.cloud.send(&[finding]).await?;
    scene.cloud.send(&[scene.finding("b")]).await?;
    let (second, _) = scene.wait_for_closed_case(&scene.subject(), 2).await?;
    scene.cloud.wait_until_drained().await?;
    assert_eq!(scene.cloud.cases(&scene.subject()).await?.len(), 2);
    assert_eq!(case.join_count, 1);
    assert_eq!(scene.wait_for_alerts(&case.case_id, 1).await?.json[0].finding_count, 1);
    assert_eq!(scene.wait_for_alerts(&second.case_id, 1).await?.json[0].finding_count, 1);
    Ok(())
}

pub(crate) async fn a_repeat_is_suppressed_and_a_higher_band_is_alerted_again(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let finding = scene.finding("a");
    let id = finding["id"].as_str().unwrap();
    let subject = scene.subject();
    scene.cloud.send(std::slice::from_ref(&finding)).await?;
    let (first, _) = scene.wait_for_closed_case(&subject, 1).await?;
    scene.cloud.send(&[republished(&finding, 7, 1)]).await?;
    scene
        .cloud
        .poll_until("the suppression", WAIT_TIMEOUT, async || {
            Ok((scene.cloud.suppressed_count(&subject, id).await? == Some(1)).then_some(()))
        })
        .await?;
    assert_eq!(scene.cloud.cases(&subject).await?.len(), 1);

    let mut worse = republished(&finding, 8, 2);
    worse["severity"] = json!(9.5);
    scene.cloud.send(&[worse]).await?;
    let (second, _) = scene.wait_for_closed_case(&subject, 2).await?;
    scene.wait_for_alerts(&first.case_id, 1).await?;
    let alerts = scene.wait_for_alerts(&second.case_id, 1).await?;
    assert_eq!(alerts.json[0].findings[0].count, 8);
    assert!((alerts.json[0].findings[0].severity.value() - 9.5).abs() < f64::EPSILON);
    Ok(())
}

pub(crate) async fn fifty_findings_about_one_principal_are_one_investigation_and_one_alert(
    scene: &Scene<'_>,
) -> Outcome {
    scene.set_manual_scenario("high");
    let findings: Vec<Value> = (0..50).map(|number| scene.finding(&format!("{number:x}"))).collect();
    scene.cloud.send(&findings).await?;
    let subject = scene.subject();
    let case = scene.wait_for_investigation(|case| case.join_count == 50).await?;
    scene.cloud.simulator().end_investigation(case.investigation["id"].as_str().unwrap(), Ended::Successful)?;
    let (case, _) = scene.wait_for_closed_case(&subject, 1).await?;
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    assert_eq!(alerts.json[0].finding_count, 50);
    assert_eq!(scene.calls_of("StartInvestigation").len(), 1);
    assert_eq!(scene.cloud.cases(&subject).await?.len(), 1);
    Ok(())
}

pub(crate) async fn an_invalid_message_is_dead_lettered_with_its_cause(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    let mark = scene.role();
    let invalid = json!({"invalid": mark});
    scene.cloud.send(&[scene.finding("a"), invalid, scene.finding("b")]).await?;
    scene.cloud.enqueue(&format!("{{ not JSON {mark}")).await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert!(case.join_count >= 1);
    let letters = scene
        .cloud
        .poll_until("two dead letters", WAIT_TIMEOUT, async || {
            let letters = scene.cloud.peek_dead_letters().await?;
            let ours: Vec<_> = letters.into_iter().filter(|letter| letter.body.contains(&mark)).collect();
            Ok((ours.len() >= 2).then_some(ours))
        })
        .await?;
    let mut errors: Vec<&str> = letters.iter().map(|letter| letter.attributes["error"].as_str()).collect();
    errors.sort_unstable();
    assert_eq!(errors, ["NotAFinding", "NotJson"]);
    let cause = letters.iter().find(|letter| letter.attributes["error"] == "NotAFinding").unwrap();
    assert!(cause.attributes["cause"].contains("detail.id"), "{:?}", cause.attributes);
    assert!(
        scene.cloud.suppressed_count(&scene.subject(), scene.finding("b")["id"].as_str().unwrap()).await?.is_some()
    );
    Ok(())
}

pub(crate) async fn a_finding_of_240_kilobytes_is_processed(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let mut finding = scene.finding("a");
    finding["service"]["additionalInfo"] = json!({"filler": ""});
    let missing = 240 * 1024 - finding.to_string().len();
    finding["service"]["additionalInfo"]["filler"] = json!("x".repeat(missing));
    assert_eq!(finding.to_string().len(), 240 * 1024);
    scene.cloud.send(&[finding]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    scene.wait_for_alerts(&case.case_id, 1).await?;
    Ok(())
}

pub(crate) async fn a_finding_in_pascal_case_is_processed(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    scene.cloud.send(&[in_pascal_case(&scene.finding("a"))]).await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.wait_for_alerts(&case.case_id, 1).await?;
    Ok(())
}

pub(crate) async fn a_finding_after_a_failed_execution_starts_another(scene: &Scene<'_>) -> Outcome {
    scene.set_manual_scenario("high");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let case = scene.wait_for_investigation(|_| true).await?;
    let execution = scene.cloud.execution(&case.case_id).await?;
    let stop = json!({"executionArn": execution["executionArn"]});
    scene.cloud.api().json("states", "AWSStepFunctions.StopExecution", &stop).await?;
    assert_eq!(scene.wait_for_execution_end(&case.case_id).await?["status"], "ABORTED");

    scene.cloud.simulator().end_investigation(case.investigation["id"].as_str().unwrap(), Ended::Successful)?;
    scene.cloud.send(&[scene.finding("b")]).await?;
    let second = format!("{}-2", case.case_id);
    assert_eq!(scene.wait_for_execution_end(&second).await?["status"], "SUCCEEDED");
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    assert_eq!(alerts.json[0].finding_count, 2);
    assert_eq!(scene.calls_of("StartInvestigation").len(), 1);
    Ok(())
}
