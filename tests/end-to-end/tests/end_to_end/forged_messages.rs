//! Messages and findings that an insider forges with a function's rights: none suppresses a real one.

use crate::permissions::publish;
use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use findings::republished;
use gumshoe_alerts::Alert;
use gumshoe_domain::verdict::AlertCause;
use local_cloud::DeadLetter;
use receivers::{Channel, IncidentState};
use serde_json::json;
use simulator::Outcome as Ended;
use std::time::SystemTime;

/// Publishes to the topic directly, with the session of send-alert.
async fn forge(scene: &Scene<'_>, message: &Alert) -> Outcome {
    let session = async || Ok(scene.cloud.session_of("send-alert"));
    let session = scene.cloud.poll_until("the session of send-alert", WAIT_TIMEOUT, session).await?;
    let text = serde_json::to_string(message)?;
    let topic = scene.cloud.outputs().get("AlertTopicArn");
    let publish = publish(topic, &text);
    let answer = scene.cloud.api().call_as(&session, &publish).await?;
    assert_eq!(answer.status, 200, "{answer:?}");
    Ok(())
}

/// Waits until the relay has at least the expected number of dead letters about a case. Returns them.
async fn wait_for_relay_dead_letters(
    scene: &Scene<'_>,
    case_id: &str,
    expected: usize,
) -> Result<Vec<DeadLetter>, local_cloud::CloudError> {
    let poll = async || {
        let letters = scene.cloud.find_relay_dead_letters(|body| body.contains(case_id)).await?;
        Ok((letters.len() >= expected).then_some(letters))
    };
    scene.cloud.poll_until("the relay's dead letters", WAIT_TIMEOUT, poll).await
}

pub(crate) async fn forged_messages_are_dead_lettered_and_the_real_ones_are_relayed(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    let subject = scene.subject();
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (first, _) = scene.wait_for_closed_case(&subject, 1).await?;
    let alert = scene.wait_for_alerts(&first.case_id, 1).await?.json.remove(0);

    // The alert of the next case is claimed, and its publish is held.
    let mark = scene.mark();
    let publish = scene
        .cloud
        .proxy()
        .gate(move |call| call.operation == "Publish" && String::from_utf8_lossy(&call.body).contains(&mark));
    scene.cloud.send(&[scene.finding("b")]).await?;
    publish.wait_until_held("the alert of the second case", WAIT_TIMEOUT).await?;
    let second = async || Ok(scene.cloud.cases(&subject).await?.into_iter().find(|case| case.sequence == 2));
    let case_id = scene.cloud.poll_until("the second case", WAIT_TIMEOUT, second).await?.case_id;
    // One after the other: while an invocation relays a message of a case, SQS redelivers others of that case after minutes only.
    for (index, (revision, cause)) in
        [(u32::MAX, AlertCause::Verdict), (u32::MAX, AlertCause::Resolved), (1, AlertCause::Resolved)]
            .into_iter()
            .enumerate()
    {
        forge(scene, &Alert { case_id: case_id.clone(), revision, cause, ..alert.clone() }).await?;
        wait_for_relay_dead_letters(scene, &case_id, index + 1).await?;
    }
    forge(scene, &Alert { case_id: format!("{case_id}9"), revision: 1, ..alert.clone() }).await?;
    let letters = wait_for_relay_dead_letters(scene, &case_id, 4).await?;
    let mut errors: Vec<&str> = letters.iter().map(|letter| letter.attributes["error"].as_str()).collect();
    errors.sort_unstable();
    assert_eq!(errors, ["NothingToResolve", "RevisionNotClaimed", "RevisionNotClaimed", "UnknownCase"]);
    let cause = |letter: &&DeadLetter| letter.attributes["cause"].contains("revision 4294967295 was never claimed");
    assert_eq!(letters.iter().filter(cause).count(), 2, "{letters:?}");

    // A finding joins, so that there are two real revisions.
    scene.cloud.send(&[scene.finding("c")]).await?;
    let joined = async || Ok(scene.cloud.cases(&subject).await?.into_iter().find(|case| case.join_count == 2));
    scene.cloud.poll_until("the third finding in the second case", WAIT_TIMEOUT, joined).await?;
    publish.open();
    let (case, _) = scene.wait_for_closed_case(&subject, 2).await?;
    assert_eq!(case.published_revision, 2);
    for channel in [Channel::Slack, Channel::PagerDuty, Channel::Webhook] {
        assert_eq!(scene.wait_for_deliveries(channel, &case_id, 2).await?.len(), 2, "{channel:?}");
    }
    let incidents = scene.cloud.receivers().incidents();
    let incident = incidents.iter().find(|it| it.dedup_key == case_id).unwrap();
    assert!(matches!(incident.state, IncidentState::Triggered), "{incident:?}");
    scene.cloud.delete_relay_dead_letters(|body| body.contains(&case_id)).await?;
    Ok(())
}

pub(crate) async fn a_finding_with_impossible_numbers_is_processed_and_hides_no_later_update(
    scene: &Scene<'_>,
) -> Outcome {
    scene.set_scenario("quiet");
    let (subject, mut forged) = (scene.subject(), scene.finding("a"));
    forged["service"]["count"] = json!(u64::MAX);
    forged["updatedAt"] = json!("9999-12-30T00:00:00.000Z");
    scene.cloud.send(std::slice::from_ref(&forged)).await?;
    scene.wait_for_closed_case(&subject, 1).await?;
    // The update as GuardDuty would publish it: a higher count, and updated after the forged version was received.
    let mut real = republished(&scene.finding("a"), 2, 1);
    let soon = jiff::Timestamp::try_from(SystemTime::now())? + jiff::SignedDuration::from_mins(5);
    real["updatedAt"] = json!(soon.to_string());
    scene.cloud.send(&[real]).await?;
    let (again, execution) = scene.wait_for_closed_case(&subject, 2).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    assert_eq!(again.join_count, 1);
    let id = forged["id"].as_str().unwrap();
    for reason in ["service.count is larger than an integer of 32 bits", "updatedAt is in the future"] {
        // The log is written when the invocation has ended, and it may have other findings to process.
        let logged = async || {
            let logs = scene.cloud.logs().await?;
            Ok(logs.iter().any(|line| line.contains(id) && line.contains(reason)).then_some(()))
        };
        scene.cloud.poll_until(reason, WAIT_TIMEOUT, logged).await?;
    }
    Ok(())
}

pub(crate) async fn each_version_of_a_finding_is_stored_in_the_bucket(scene: &Scene<'_>) -> Outcome {
    scene.set_manual_scenario("quiet");
    let (subject, first) = (scene.subject(), scene.finding("a"));
    let second = republished(&first, 2, 1);
    scene.cloud.send(std::slice::from_ref(&first)).await?;
    let case = scene.wait_for_investigation(|_| true).await?;
    scene.cloud.send(std::slice::from_ref(&second)).await?;
    for state in [&first, &second] {
        let key = scene.evidence_key(&case.case_id, state);
        let kept = scene.cloud.poll_until(&key, WAIT_TIMEOUT, async || scene.cloud.evidence(&key).await).await?;
        let kept: serde_json::Value = serde_json::from_str(&kept)?;
        assert_eq!(&kept["detail"], state, "the stored version must be the unchanged finding");
    }
    scene.cloud.simulator().end_investigation(case.investigation["id"].as_str().unwrap(), Ended::Successful)?;
    scene.wait_for_closed_case(&subject, 1).await?;
    Ok(())
}
