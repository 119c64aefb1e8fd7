//! Publishing an alert to the topic.

use crate::scene::{BoxError, Outcome, Scene, WAIT_TIMEOUT};
use local_cloud::ProxyFault;

pub(crate) async fn a_failed_publish_is_retried_and_alerts_once(scene: &Scene<'_>) -> Outcome {
    scene.cloud.proxy().fail_next_publish(&scene.mark(), ProxyFault::Unavailable);
    let alerts = alert_high_risk(scene, 1).await?;
    assert_eq!(alerts[0], (1, true), "the first attempt may have been delivered, so the second is marked as repeated");
    Ok(())
}

pub(crate) async fn a_function_killed_before_publishing_loses_no_alert(scene: &Scene<'_>) -> Outcome {
    scene.cloud.proxy().fail_next_publish(&scene.mark(), ProxyFault::KillBefore);
    let alerts = alert_high_risk(scene, 1).await?;
    assert_eq!(alerts[0], (1, true));
    assert_killed_once(scene).await
}

pub(crate) async fn a_function_killed_after_publishing_repeats_the_same_revision(scene: &Scene<'_>) -> Outcome {
    scene.cloud.proxy().fail_next_publish(&scene.mark(), ProxyFault::KillAfter);
    let alerts = alert_high_risk(scene, 2).await?;
    assert_eq!(alerts, [(1, false), (1, true)]);
    assert_killed_once(scene).await
}

/// Checks that the function was killed once.
async fn assert_killed_once(scene: &Scene<'_>) -> Outcome {
    let case = scene.cloud.cases(&scene.subject()).await?.pop().unwrap();
    let history = scene.cloud.history(&case.case_id).await?;
    let deaths = history.iter().filter(|event| event.to_string().contains("Runtime.ExitError")).count();
    assert_eq!(deaths, 1, "{history:?}");
    Ok(())
}

/// Has a high-risk case alerted, and returns the revision of each message and whether it is marked as repeated.
async fn alert_high_risk(scene: &Scene<'_>, messages: usize) -> Result<Vec<(u32, bool)>, BoxError> {
    scene.set_scenario("high");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED");
    assert_eq!(case.published_revision, 1);
    let alerts = scene.wait_for_alerts(&case.case_id, messages).await?;
    assert!(alerts.json.iter().all(|alert| alert.case_id == case.case_id));
    Ok(alerts.json.iter().map(|alert| (alert.revision, alert.repeated)).collect())
}

pub(crate) async fn a_finding_that_joins_during_the_publish_is_in_the_next_revision(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    // The first alert is assessed before the second finding joins, and published after.
    let mark = scene.mark();
    let publish = scene
        .cloud
        .proxy()
        .gate(move |call| call.operation == "Publish" && String::from_utf8_lossy(&call.body).contains(&mark));
    let subject = scene.subject();
    scene.cloud.send(&[scene.finding("a")]).await?;
    publish.wait_until_held("the first publish", WAIT_TIMEOUT).await?;
    scene.cloud.send(&[scene.finding("b")]).await?;
    let joined = async || Ok(scene.cloud.cases(&subject).await?.pop().filter(|case| case.join_count == 2));
    scene.cloud.poll_until("the second finding in the case", WAIT_TIMEOUT, joined).await?;
    publish.open();
    let (case, _) = scene.wait_for_closed_case(&subject, 1).await?;
    assert_eq!((case.join_count, case.published_revision), (2, 2));
    let alerts = scene.wait_for_alerts(&case.case_id, 2).await?;
    let revisions: Vec<u32> = alerts.json.iter().map(|alert| alert.revision).collect();
    assert_eq!(revisions, [1, 2]);
    let counts: Vec<usize> = alerts.json.iter().map(|alert| alert.finding_count).collect();
    assert_eq!(counts, [1, 2], "the first was assessed before the second finding joined");
    assert!(alerts.texts[1].subject.as_deref().unwrap().ends_with("(update 2)"));
    Ok(())
}

pub(crate) async fn an_alert_that_cannot_be_sent_ends_in_a_fallback_notification(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    for _ in 0..40 {
        scene.cloud.proxy().fail_next_publish(&scene.mark(), ProxyFault::Unavailable);
    }
    scene.cloud.send(&[scene.finding("a")]).await?;
    let subject = scene.subject();
    let case =
        scene.cloud.poll_until("the case", WAIT_TIMEOUT, async || Ok(scene.cloud.cases(&subject).await?.pop())).await?;
    let execution = scene.wait_for_execution_end(&case.case_id).await?;
    assert_eq!((&execution["status"], &execution["error"]), (&"FAILED".into(), &"TopicUnavailable".into()));
    // The state machine publishes the fallback alert directly, without send-alert.
    let fallback = scene
        .cloud
        .poll_until("the fallback alert", WAIT_TIMEOUT, async || {
            let received = scene.cloud.inbox().received().into_iter();
            Ok(received.clone().find(|it| it.protocol == "http" && it.body.contains(&case.case_id)))
        })
        .await?;
    let chat: serde_json::Value = serde_json::from_str(&fallback.body)?;
    assert_eq!(chat["metadata"]["threadId"], case.case_id);
    assert!(chat["content"]["title"].as_str().unwrap().contains("could not process a case"), "{chat}");
    assert!(chat["content"]["description"].as_str().unwrap().contains("TopicUnavailable"), "{chat}");
    Ok(())
}

impl Scene<'_> {
    /// A part of the request body that only alerts about this test's role have: `role-1, account` of the headline, form-encoded.
    pub(crate) fn mark(&self) -> String {
        format!("{}%2C%20account", self.role())
    }
}
