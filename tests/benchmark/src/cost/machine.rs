//! The state machine with the plain loop that ours is held against: wait 30 seconds, look, choose.

use local_cloud::{CloudError, LocalCloud};
use serde_json::{Value, json};

/// The gap of the loop, in seconds.
pub(super) const GAP: u64 = 30;

/// The name of its choice.
const CHOICE: &str = "Has it ended?";

/// Gives the deployed state machine the plain loop. Executions from now on use it.
pub(super) async fn look_every_30_seconds(cloud: &LocalCloud) -> Result<(), CloudError> {
    let arn = json!({"stateMachineArn": cloud.outputs().get("CaseStateMachineArn")});
    let deployed = cloud.api().json("states", "AWSStepFunctions.DescribeStateMachine", &arn).await?;
    let definition = deployed["definition"].as_str().unwrap_or_default();
    let definition: Value = serde_json::from_str(definition).unwrap_or_default();
    let update = json!({"stateMachineArn": arn["stateMachineArn"], "definition": plain(definition).to_string()});
    cloud.api().json("states", "AWSStepFunctions.UpdateStateMachine", &update).await.map(drop)
}

/// The same machine with the loop of Step Functions' own examples ("Job poller"), for as long as it takes.
fn plain(mut definition: Value) -> Value {
    let states = &mut definition["States"];
    states["Wait for investigation"]["Seconds"] = json!(GAP);
    let look = &mut states["Check investigation"];
    // check-investigation ends at the schedule's last look; this loop stays before it.
    look["Arguments"]["Payload"]["look"] = json!(1);
    if let Some(look) = look.as_object_mut() {
        look.remove("Output"); // whose lack of a value ends our loop
    }
    look["Next"] = json!(CHOICE);
    states[CHOICE] = json!({"Type": "Choice", "Default": "Assess case",
        "Choices": [{"Condition": "{% $running %}", "Next": "Wait for investigation"}]});
    definition
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_what_is_changed() {
        let ours: Value = serde_json::from_str(include_str!("../../../../infra/case.asl.json")).unwrap();
        let states = &ours["States"];
        assert_eq!(states["Wait for investigation"]["Seconds"], "{% $wait_seconds %}");
        assert_eq!(states["Wait for investigation"]["Next"], "Check investigation");
        let look = &states["Check investigation"];
        assert!(look["Arguments"]["Payload"]["look"].as_str().unwrap().contains("$look"));
        assert!(look["Assign"]["running"].is_string(), "what the choice asks for");
        assert!(look["Output"].is_string(), "what ends our loop");
        let plain = plain(ours.clone());
        assert!(plain["States"]["Check investigation"]["Output"].is_null());
        assert_eq!(plain["States"]["Wait for investigation"]["Seconds"], 30);
        assert_eq!(plain["States"]["Check investigation"]["Next"], CHOICE);
    }
}
