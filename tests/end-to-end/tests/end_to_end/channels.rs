//! All channels that notify people and machines of a case.

use crate::scene::{BoxError, Outcome, Scene, WAIT_TIMEOUT};
use local_cloud::{CaseItem, RELAY_KEY, ReceivedMessage};
use receivers::{Channel, IncidentState, ReceiverFault};
use serde_json::{Value, json};

impl Scene<'_> {
    /// Waits until EventBridge has received at least the expected number of events about a case. Returns them.
    async fn wait_for_events(&self, case_id: &str, expected: usize) -> Result<Vec<Value>, BoxError> {
        let of = || -> Vec<ReceivedMessage> {
            let received = self.cloud.inbox().received().into_iter();
            received.filter(|it| it.protocol == "events" && it.body.contains(case_id)).collect()
        };
        let poll = async || Ok((of().len() >= expected).then_some(()));
        self.cloud.poll_until(&format!("{expected} events about {case_id}"), WAIT_TIMEOUT, poll).await?;
        Ok(of().iter().map(|it| serde_json::from_str(&it.body)).collect::<Result<_, _>>()?)
    }

    /// Has a high-risk case alerted and closed, and returns it.
    async fn close_high_risk_case(&self) -> Result<CaseItem, BoxError> {
        self.set_scenario("high");
        self.cloud.send(&[self.finding("a")]).await?;
        let (case, execution) = self.wait_for_closed_case(&self.subject(), 1).await?;
        assert_eq!(execution["status"], "SUCCEEDED");
        Ok(case)
    }
}

pub(crate) async fn chat_receives_a_thread_with_next_steps(scene: &Scene<'_>) -> Outcome {
    let case = scene.close_high_risk_case().await?;
    let chat = scene.wait_for_alerts(&case.case_id, 1).await?.chats.remove(0);
    assert_eq!((&chat["version"], &chat["source"]), (&json!("1.0"), &json!("custom")));
    assert_eq!(chat["metadata"]["threadId"], case.case_id);
    assert!(chat["content"]["title"].as_str().unwrap().contains(&scene.role()), "{chat}");
    assert!(chat["content"]["description"].as_str().unwrap().contains("flagged by AWS threat intelligence"), "{chat}");
    assert!(!chat["content"]["nextSteps"].as_array().unwrap().is_empty(), "{chat}");
    Ok(())
}

pub(crate) async fn slack_pagerduty_and_the_webhook_are_notified_once(scene: &Scene<'_>) -> Outcome {
    let case = scene.close_high_risk_case().await?;
    let slack = scene.wait_for_deliveries(Channel::Slack, &case.case_id, 1).await?;
    let slack: Value = serde_json::from_str(&slack[0].body)?;
    assert!(slack["text"].as_str().unwrap().contains(&scene.role()), "{slack}");
    scene.wait_for_deliveries(Channel::PagerDuty, &case.case_id, 1).await?;
    let incident = scene.cloud.receivers().incidents().into_iter().find(|it| it.dedup_key == case.case_id).unwrap();
    assert!(matches!(incident.state, IncidentState::Triggered), "{incident:?}");
    let hook = scene.wait_for_deliveries(Channel::Webhook, &case.case_id, 1).await?.remove(0);
    let alert: Value = serde_json::from_str(&hook.body)?;
    assert_eq!(alert["case_id"], case.case_id);
    let signature = &hook.headers["x-gumshoe-signature"];
    assert!(signature.starts_with("t=") && !signature.contains(RELAY_KEY), "{signature}");
    assert!(signature.contains(",v1=") && signature.contains(",v2="), "both signatures are expected: {signature}");
    assert_eq!(hook.headers["x-gumshoe-delivery"], format!("{}/1", case.case_id));
    for channel in [Channel::Slack, Channel::PagerDuty, Channel::Webhook] {
        assert_eq!(scene.wait_for_deliveries(channel, &case.case_id, 1).await?.len(), 1, "{channel:?}");
    }
    Ok(())
}

pub(crate) async fn a_failing_channel_is_retried_and_does_not_delay_the_others(scene: &Scene<'_>) -> Outcome {
    let receivers = scene.cloud.receivers();
    let role = scene.role();
    receivers.fail_next(Channel::Slack, &role, ReceiverFault::RateLimited { retry_after: Some("1".to_owned()) });
    receivers.fail_next(Channel::Slack, &role, ReceiverFault::Status(500));
    let case = scene.close_high_risk_case().await?;
    for channel in [Channel::Slack, Channel::PagerDuty, Channel::Webhook] {
        assert_eq!(scene.wait_for_deliveries(channel, &case.case_id, 1).await?.len(), 1, "{channel:?}");
    }
    let to_slack =
        receivers.received().into_iter().filter(|it| it.channel == Channel::Slack && it.body.contains(&role));
    assert_eq!(to_slack.map(|it| it.status).collect::<Vec<_>>(), [Some(429), Some(500), Some(200)]);
    Ok(())
}

pub(crate) async fn eventbridge_receives_the_alert_and_the_close(scene: &Scene<'_>) -> Outcome {
    let case = scene.close_high_risk_case().await?;
    let events = scene.wait_for_events(&case.case_id, 2).await?;
    let kinds: Vec<&str> = events.iter().map(|it| it["detail-type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Case Alerted", "Case Closed"]);
    for (event, activity) in events.iter().zip([1, 2]) {
        let detail = &event["detail"];
        assert_eq!((&event["source"], &detail["class_uid"]), (&json!("gumshoe"), &json!(2004)));
        assert_eq!((&detail["activity_id"], &detail["type_uid"]), (&json!(activity), &json!(200_400 + activity)));
        assert_eq!(detail["resources"][0]["uid"], scene.subject());
    }
    Ok(())
}

pub(crate) async fn report_results_and_findings_are_in_the_bucket(scene: &Scene<'_>) -> Outcome {
    let case = scene.close_high_risk_case().await?;
    let alert = scene.wait_for_alerts(&case.case_id, 1).await?.json.remove(0);
    let report = alert.report.unwrap();
    assert_eq!(report.bucket, scene.cloud.outputs().get("EvidenceBucketName"));
    let page = text_of(&scene.cloud.evidence(&report.key).await?.unwrap());
    for part in [&scene.subject(), "flagged by AWS threat intelligence", "Singapore", "ListIndicators"] {
        assert!(page.contains(part), "{part} is missing in the report");
    }
    let results = scene.cloud.evidence(&format!("cases/{}/results-1.json", case.case_id)).await?.unwrap();
    let results: Value = serde_json::from_str(&results)?;
    assert_eq!(results["investigation"]["id"], case.investigation["id"]);
    assert!(results["indicators"].as_array().unwrap().len() > 5);
    let finding = scene.finding("a");
    let key = scene.evidence_key(&case.case_id, &finding);
    let kept: Value = serde_json::from_str(&scene.cloud.evidence(&key).await?.unwrap())?;
    assert_eq!(kept["detail"], finding, "the stored finding must be the unchanged event");
    assert!(page.contains(&key), "the report lacks the key of the finding: {key}");
    Ok(())
}

/// A page's text without its elements. Long words contain elements that allow line breaks.
fn text_of(page: &str) -> String {
    let parts = page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.collect()
}

pub(crate) async fn a_quiet_case_has_a_report_and_an_event_and_no_alert(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    let events = scene.wait_for_events(&case.case_id, 1).await?;
    assert_eq!((events.len(), &events[0]["detail-type"]), (1, &json!("Case Closed")));
    let detail = &events[0]["detail"];
    assert_eq!(
        (&detail["activity_id"], &detail["is_alert"], &detail["unmapped"]["cause"]),
        (&json!(3), &json!(false), &Value::Null)
    );
    let key = case.assessment["report"]["key"].as_str().unwrap();
    assert!(text_of(&scene.cloud.evidence(key).await?.unwrap()).contains(&scene.subject()));
    let is_notified = scene.cloud.receivers().received().into_iter().any(|it| it.body.contains(&case.case_id));
    assert!(!is_notified, "a quiet case must not notify a channel");
    Ok(())
}

pub(crate) async fn an_alert_has_the_name_of_the_account(scene: &Scene<'_>) -> Outcome {
    let api = scene.cloud.api();
    let create = json!({"AccountName": "Shop production", "Email": "shop@example.com"});
    api.json("organizations", "AWSOrganizationsV20161128.CreateAccount", &create).await?;
    let list = api.json("organizations", "AWSOrganizationsV20161128.ListAccounts", &json!({})).await?;
    let accounts = list["Accounts"].as_array().unwrap();
    let account = accounts.iter().find(|it| it["Name"] == "Shop production").unwrap()["Id"].as_str().unwrap();
    let mut finding = scene.finding("a");
    finding["accountId"] = json!(account);
    finding["arn"] = json!(finding["arn"].as_str().unwrap().replace(findings::ACCOUNT, account));
    let subject = format!("arn:aws:iam::{account}:role/{}", scene.role());
    let scenario = simulator::Scenario { entity_arn: subject.clone(), ..scene.scenario("high") };
    scene.cloud.simulator().add_scenario(scenario);
    scene.cloud.send(&[finding]).await?;
    let (case, _) = scene.wait_for_closed_case(&subject, 1).await?;
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    assert_eq!(alerts.json[0].account_names.get(account).map(String::as_str), Some("Shop production"));
    assert!(alerts.texts[0].body.contains(&format!("{account} (Shop production)")), "{}", alerts.texts[0].body);
    Ok(())
}

pub(crate) async fn fallback_alerts_are_relayed_too(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    for _ in 0..40 {
        scene.cloud.proxy().fail_next_publish(&scene.mark(), local_cloud::ProxyFault::Unavailable);
    }
    scene.cloud.send(&[scene.finding("a")]).await?;
    let subject = scene.subject();
    let case =
        scene.cloud.poll_until("the case", WAIT_TIMEOUT, async || Ok(scene.cloud.cases(&subject).await?.pop())).await?;
    let slack = scene.wait_for_deliveries(Channel::Slack, &case.case_id, 1).await?;
    assert!(slack[0].body.contains("Case not processed: "), "{}", slack[0].body);
    scene.wait_for_deliveries(Channel::PagerDuty, &case.case_id, 1).await?;
    Ok(())
}
