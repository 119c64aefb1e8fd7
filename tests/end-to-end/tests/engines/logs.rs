//! Checks that no log contains forbidden text (see `secrets`) or text of GuardDuty's AI. The test runs last and reads everything
//! that the functions logged during all other tests.

use crate::results::rated;
use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use crate::secrets::{forbidden_in_this_run, leaks};
use crate::setup::EnginesTest;
use crate::texts::hostile;
use receivers::Channel;
use serde_json::json;
use simulator::{Confidence, FindingScenario, RiskLevel};
use std::collections::BTreeMap;

pub(crate) async fn no_log_contains_text_of_guardduty(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    // Every text of the AI contains the canary.
    let principal = test.principal("a", 9.0);
    let result = rated(RiskLevel::Critical, Confidence::High);
    let summary = json!({"threatAssessment": hostile(), "keyObservations": [hostile()]});
    test.set_guardduty_scenario(&principal, FindingScenario { risk: hostile(), title: hostile(), summary, ..result });
    test.send(std::slice::from_ref(&principal)).await?;
    let case_id = test.wait_for_alerted_case(&principal).await?.case.case_id;
    test.wait_for_deliveries(Channel::Webhook, &case_id, 1).await?;

    // The log of a function is written when its invocation has ended.
    let ended = |logs: &BTreeMap<String, Vec<String>>| {
        let of = |text: &str| logs.values().flatten().any(|line| line.contains(&case_id) && line.contains(text));
        of("requested a GuardDuty investigation") && of("sent the alert") && of("delivered")
    };
    let poll = async || Ok(Some(test.cloud.logs_by_group().await?).filter(ended));
    let logs = test.cloud.poll_until("the case's last log lines", WAIT_TIMEOUT, poll).await?;
    for (function, group) in test.cloud.functions().await? {
        assert!(logs.get(&group).is_some_and(|lines| !lines.is_empty()), "{function} logged nothing");
    }
    let found = leaks(logs.values().flatten(), &forbidden_in_this_run(test.cloud).await?);
    assert!(found.is_empty(), "{} lines, such as {:#?}", found.len(), found.iter().take(10).collect::<Vec<_>>());
    Ok(())
}
