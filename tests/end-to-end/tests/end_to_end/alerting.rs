//! The results of investigations, and the alerts about them.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use gumshoe_domain::{InvestigationSeverity, VerdictLevel};
use serde_json::{Value, json};
use simulator::Outcome as Ended;
use std::time::SystemTime;

pub(crate) async fn high_risk_is_alerted_once_with_all_details(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let finding = scene.finding("a");
    scene.cloud.send(std::slice::from_ref(&finding)).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;

    let alert = &alerts.json[0];
    assert_eq!((alert.case_id.as_str(), alert.revision, alert.repeated), (case.case_id.as_str(), 1, false));
    assert_eq!(alert.principal.entity_arn(), Some(scene.subject().as_str()));
    assert_eq!(alert.accounts, [findings::ACCOUNT]);
    assert_eq!(alert.findings[0].id, finding["id"].as_str().unwrap());
    assert!(alert.verdict.level >= VerdictLevel::High, "{:?}", alert.verdict);
    assert!(alert.detective_severity >= Some(InvestigationSeverity::High));
    let kinds: Vec<&str> = alert.indicators.iter().map(|group| group.kind.as_str()).collect();
    for kind in ["FLAGGED_IP_ADDRESS", "IMPOSSIBLE_TRAVEL", "TTP_OBSERVED", "NEW_USER_AGENT", "RELATED_FINDING_GROUP"] {
        assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
    }
    assert_eq!(alert.investigation.as_ref().map(|it| it.id.as_str()), case.investigation["id"].as_str());
    assert_eq!(alerts.attributes[0]["case_id"], case.case_id);
    assert_eq!(alerts.attributes[0]["revision"], "1");

    let text = &alerts.texts[0];
    let subject = text.subject.as_deref().unwrap();
    assert!(subject.starts_with("[Gumshoe] Critical risk: IAM role") && subject.contains(&scene.role()), "{subject}");
    for part in [
        scene.subject().as_str(),
        findings::ACCOUNT,
        finding["id"].as_str().unwrap(),
        "flagged by AWS threat intelligence",
        "Impossible travel",
        "Detective: ",
        "https://console.aws.amazon.com/detective/home?region=us-east-1#entities/AwsRole/AROAEXAMPLE000000001",
        "https://console.aws.amazon.com/guardduty/home?region=us-east-1#/findings",
    ] {
        assert!(text.body.contains(part), "{part} is missing in\n{}", text.body);
    }
    Ok(())
}

pub(crate) async fn a_quiet_case_is_closed_and_recorded_without_an_alert(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    assert_eq!(case.published_revision, 0);
    assert!(case.assessment["verdict"]["score"].as_u64().unwrap() < 60, "{}", case.assessment);
    assert!(case.assessment["alert_cause"].is_null());
    assert!(case.investigation["id"].is_string());
    scene.wait_for_alerts(&case.case_id, 0).await?;
    Ok(())
}

pub(crate) async fn a_failed_investigation_is_alerted(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("failed");
    not_investigated(scene, "InvestigationFailed").await?;
    assert_eq!(
        scene.calls_of("StartInvestigation").len(),
        2,
        "a failed investigation must be started once more before the alert"
    );
    Ok(())
}

pub(crate) async fn an_investigation_that_never_ends_is_alerted_at_the_deadline(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("stuck");
    not_investigated(scene, "InvestigationDeadline").await?;
    let polls = scene.calls_of("GetInvestigation").len();
    assert!((15..40).contains(&polls), "{polls} polls in 20 minutes");
    Ok(())
}

async fn not_investigated(scene: &Scene<'_>, error: &str) -> Outcome {
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    assert_eq!(alerts.json[0].not_investigated.as_ref().map(|it| it.error.as_str()), Some(error));
    assert!(alerts.texts[0].body.contains("NOT INVESTIGATED"), "{}", alerts.texts[0].body);
    Ok(())
}

pub(crate) async fn a_finding_without_an_iam_principal_is_alerted_without_an_investigation(
    scene: &Scene<'_>,
) -> Outcome {
    let finding = findings::finding_without_principal(scene.finding("a")["id"].as_str().unwrap());
    let id = finding["id"].as_str().unwrap().to_owned();
    scene.cloud.send(&[finding]).await?;
    let subject = format!("finding/{}/us-east-1/{id}", findings::ACCOUNT);
    let (case, execution) = scene.wait_for_closed_case(&subject, 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    assert!(case.investigation.is_null());
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    assert_eq!(alerts.json[0].not_investigated.as_ref().map(|it| it.error.as_str()), Some("NothingToInvestigate"));
    assert!(alerts.texts[0].body.contains("the finding names no principal"), "{}", alerts.texts[0].body);
    Ok(())
}

pub(crate) async fn a_recent_investigation_is_reused(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (first, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.cloud.send(&[scene.finding("b")]).await?;
    let (second, _) = scene.wait_for_closed_case(&scene.subject(), 2).await?;
    assert_eq!(first.investigation["id"], second.investigation["id"]);
    assert_eq!(second.investigation["reused"], true);
    assert_eq!(scene.calls_of("StartInvestigation").len(), 1);
    let alerts = scene.wait_for_alerts(&second.case_id, 1).await?;
    assert!(alerts.texts[0].body.contains("started earlier and reused"));
    Ok(())
}

pub(crate) async fn activity_after_the_investigation_is_investigated_again(scene: &Scene<'_>) -> Outcome {
    scene.set_manual_scenario("quiet");
    let subject = scene.subject();
    scene.cloud.send(&[scene.finding("a")]).await?;
    let first = scene.wait_for_investigation(|_| true).await?.investigation;
    // Scopes end at whole seconds, so activity two seconds later is outside.
    let mut later = scene.finding("b");
    later["service"]["eventLastSeen"] = json!(later_than(&first["scope"]["end"], 2));
    scene.cloud.send(&[later]).await?;
    let joined = async || Ok(scene.cloud.cases(&subject).await?.into_iter().find(|case| case.join_count == 2));
    scene.cloud.poll_until("the second finding in the case", WAIT_TIMEOUT, joined).await?;
    let activity_end = later_than(&first["scope"]["end"], 3);
    let passed =
        async || Ok((jiff::Timestamp::try_from(SystemTime::now()).unwrap().to_string() > activity_end).then_some(()));
    scene.cloud.poll_until("the activity to be over", WAIT_TIMEOUT, passed).await?;
    scene.cloud.simulator().end_investigation(first["id"].as_str().unwrap(), Ended::Successful)?;

    let second = scene.wait_for_investigation(|case| case.investigation["id"] != first["id"]).await?.investigation;
    assert!(second["scope"]["end"].as_str() > first["scope"]["end"].as_str());
    scene.cloud.simulator().end_investigation(second["id"].as_str().unwrap(), Ended::Successful)?;
    let (case, execution) = scene.wait_for_closed_case(&subject, 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    scene.wait_for_alerts(&case.case_id, 0).await?;
    Ok(())
}

pub(crate) async fn activity_outside_every_scope_is_alerted(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    let mut finding = scene.finding("a");
    finding["service"]["eventLastSeen"] = json!("2199-01-01T00:00:00Z"); // from a machine whose clock is wrong
    scene.cloud.send(&[finding]).await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    let why = alerts.json[0].not_investigated.as_ref().map(|it| it.error.as_str());
    assert_eq!(why, Some("ActivityAfterInvestigation"));
    assert_eq!(
        scene.calls_of("StartInvestigation").len(),
        4,
        "the investigation must be repeated three times, and no more"
    );
    Ok(())
}

fn later_than(time: &Value, seconds: i64) -> String {
    let time: jiff::Timestamp = time.as_str().unwrap().parse().unwrap();
    (time + jiff::SignedDuration::from_secs(seconds)).to_string()
}
