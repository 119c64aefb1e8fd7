//! Checks that no log contains forbidden text (see `secrets`). The test runs last and reads everything that the functions logged.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use crate::secrets::{CANARY, fixtures, forbidden_in_this_run, leaks, with_canaries};
use receivers::{Channel, ReceiverFault};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) async fn no_log_contains_secrets_or_findings(scene: &Scene<'_>) -> Outcome {
    let cloud = scene.cloud;
    scene.set_scenario("high");
    // Error logs contain most details: one channel cuts the connection, and one returns the request's body in its response.
    cloud.receivers().fail_next(Channel::Slack, &scene.role(), ReceiverFault::Disconnect);
    cloud.receivers().fail_next(Channel::PagerDuty, &scene.role(), ReceiverFault::Status(500));
    let mut findings = fixtures(cloud)?;
    findings.push(with_canaries(scene.finding("a")));
    findings.push(json!({"id": CANARY, "accountId": CANARY, "title": CANARY, "severity": CANARY}));
    cloud.send(&findings).await?;
    cloud.enqueue(&format!("{{\"{CANARY}\": {CANARY}")).await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    for channel in [Channel::Slack, Channel::PagerDuty, Channel::Webhook] {
        scene.wait_for_deliveries(channel, &case.case_id, 1).await?;
    }
    cloud.wait_until_drained().await?;
    let quiet = async || Ok((cloud.running().await? == 0).then_some(()));
    cloud.poll_until("the end of all executions", WAIT_TIMEOUT, quiet).await?;

    // The log of a function is written when its invocation has ended.
    let ended = |logs: &BTreeMap<String, Vec<String>>| {
        let of = |text: &str| logs.values().flatten().any(|line| line.contains(&case.case_id) && line.contains(text));
        of("sent the alert") && of("delivered")
    };
    let poll = async || Ok(Some(cloud.logs_by_group().await?).filter(ended));
    let logs = cloud.poll_until("the case's last log lines", WAIT_TIMEOUT, poll).await?;
    for (function, group) in cloud.functions().await? {
        let lines = logs.get(&group).map(Vec::len).unwrap_or_default();
        assert!(lines > 0, "{function} logged nothing");
        let names_case = logs[&group].iter().any(|line| line.contains(&case.case_id) || line.contains(&scene.role()));
        assert!(names_case, "{function} logged nothing about the case");
    }
    let found = leaks(logs.values().flatten(), &forbidden_in_this_run(cloud).await?);
    assert!(found.is_empty(), "{} lines, such as {:#?}", found.len(), found.iter().take(10).collect::<Vec<_>>());
    Ok(())
}

/// The search of the other test finds each forbidden text in each form in which it could be logged.
pub(crate) async fn each_forbidden_text_is_detected_in_a_log_line(scene: &Scene<'_>) -> Outcome {
    // A function has a session after its first invocation.
    scene.set_scenario("high");
    scene.cloud.send(&[with_canaries(scene.finding("a"))]).await?;
    let (case, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.wait_for_alerts(&case.case_id, 1).await?;
    scene.wait_for_deliveries(Channel::Webhook, &case.case_id, 1).await?;
    let all = forbidden_in_this_run(scene.cloud).await?;
    let kinds: BTreeSet<&str> = all.iter().map(|it| it.what.as_str()).collect();
    assert!(kinds.len() > 20 && all.len() > 100, "{kinds:?}");
    for it in &all {
        let bare = format!("an error: {} and more", it.text);
        let in_json = json!({"level": "ERROR", "fields": {"message": bare}}).to_string();
        let twice = json!({"message": in_json}).to_string();
        let printed = format!("Some({:?})", it.text);
        for line in [bare, in_json, twice, printed] {
            assert_eq!(leaks([line.clone()].iter(), std::slice::from_ref(it)).len(), 1, "{} in {line}", it.what);
        }
    }
    // Whole findings, alerts and messages of channels.
    let finding = with_canaries(scene.finding("a"));
    let alert = scene.wait_for_alerts(&case.case_id, 1).await?;
    for (what, line) in [
        ("a finding", finding.to_string()),
        ("a finding in the API's spelling", findings::in_pascal_case(&finding).to_string()),
        ("a finding as Rust prints it", format!("{finding:?}")),
        ("an e-mail", alert.texts[0].body.clone()),
        ("an alert as Rust prints it", format!("{:?}", alert.json[0])),
        ("a URL in an error", format!("error sending request for url ({})", scene.cloud.receivers().slack_url())),
    ] {
        assert!(!leaks([line].iter(), &all).is_empty(), "{what} is not detected");
    }
    let harmless = json!({"level": "INFO", "fields": {"message": "sent the alert", "case.id": case.case_id,
        "finding.id": finding["id"], "subject": scene.subject(), "revision": 1, "cause": "detail.resource.accessKeyDetails is \
        missing; not authorized to perform: sns:Publish"}});
    assert_eq!(leaks([harmless.to_string()].iter(), &all), Vec::<String>::new());
    Ok(())
}
