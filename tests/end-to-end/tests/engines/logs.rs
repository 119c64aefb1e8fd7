//! That no log holds what none may, nor what GuardDuty's AI has written. The test runs last, over all that all functions
//! have logged.

use crate::results::says;
use crate::scene::{Outcome, SOON, Scene};
use crate::secrets::{leaks, of_this_run};
use crate::stage::Stage;
use crate::texts::hostile;
use receivers::Channel;
use serde_json::json;
use simulator::{Confidence, FindingScenario, RiskLevel};
use std::collections::BTreeMap;

pub(crate) async fn nothing_of_guarddutys_answers_is_in_any_log(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    stage.detective_finds_of_all("high");
    // The word that is looked for is in all that the AI writes.
    let actor = stage.actor("a", 9.0);
    let said = says(RiskLevel::Critical, Confidence::High);
    let summary = json!({"threatAssessment": hostile(), "keyObservations": [hostile()]});
    stage.guardduty_says(&actor, FindingScenario { risk: hostile(), title: hostile(), summary, ..said });
    stage.send(std::slice::from_ref(&actor)).await?;
    let case_id = stage.told(&actor).await?.case.case_id;
    stage.relayed(Channel::Webhook, &case_id, 1).await?;

    // The log of a function is written when its invocation has ended.
    let ended = |logs: &BTreeMap<String, Vec<String>>| {
        let of = |words: &str| logs.values().flatten().any(|line| line.contains(&case_id) && line.contains(words));
        of("requested a GuardDuty investigation") && of("sent the alert") && of("delivered")
    };
    let look = async || Ok(Some(stage.cloud.logs_by_group().await?).filter(ended));
    let logs = stage.cloud.poll_until("the last lines of the case", SOON, look).await?;
    for (function, group) in stage.cloud.functions().await? {
        assert!(logs.get(&group).is_some_and(|lines| !lines.is_empty()), "{function} has logged nothing");
    }
    let found = leaks(logs.values().flatten(), &of_this_run(stage.cloud).await?);
    assert!(found.is_empty(), "{} lines, such as {:#?}", found.len(), found.iter().take(10).collect::<Vec<_>>());
    Ok(())
}
