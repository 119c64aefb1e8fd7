//! That no log holds what none may, nor what GuardDuty's AI has written. The test runs last, over all that all functions
//! have logged.

use crate::results::says;
use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use crate::secrets::{leaks, of_this_run};
use crate::setup::EnginesTest;
use crate::texts::hostile;
use receivers::Channel;
use serde_json::json;
use simulator::{Confidence, FindingScenario, RiskLevel};
use std::collections::BTreeMap;

pub(crate) async fn no_log_contains_text_of_guardduty(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    // The word that is looked for is in all that the AI writes.
    let principal = stage.principal("a", 9.0);
    let said = says(RiskLevel::Critical, Confidence::High);
    let summary = json!({"threatAssessment": hostile(), "keyObservations": [hostile()]});
    stage.set_guardduty_scenario(&principal, FindingScenario { risk: hostile(), title: hostile(), summary, ..said });
    stage.send(std::slice::from_ref(&principal)).await?;
    let case_id = stage.wait_for_alerted_case(&principal).await?.case.case_id;
    stage.wait_for_deliveries(Channel::Webhook, &case_id, 1).await?;

    // The log of a function is written when its invocation has ended.
    let ended = |logs: &BTreeMap<String, Vec<String>>| {
        let of = |words: &str| logs.values().flatten().any(|line| line.contains(&case_id) && line.contains(words));
        of("requested a GuardDuty investigation") && of("sent the alert") && of("delivered")
    };
    let poll = async || Ok(Some(stage.cloud.logs_by_group().await?).filter(ended));
    let logs = stage.cloud.poll_until("the last lines of the case", WAIT_TIMEOUT, poll).await?;
    for (function, group) in stage.cloud.functions().await? {
        assert!(logs.get(&group).is_some_and(|lines| !lines.is_empty()), "{function} has logged nothing");
    }
    let found = leaks(logs.values().flatten(), &of_this_run(stage.cloud).await?);
    assert!(found.is_empty(), "{} lines, such as {:#?}", found.len(), found.iter().take(10).collect::<Vec<_>>());
    Ok(())
}
