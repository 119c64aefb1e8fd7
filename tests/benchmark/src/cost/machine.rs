//! The state machine with the plain loop that ours is held against: the same states, with a look every 30 seconds.

use local_cloud::{CloudError, LocalCloud};
use serde_json::{Value, json};

/// The gap of the loop, in seconds.
pub(super) const GAP: u64 = 30;

/// Gives the deployed state machine the plain loop. Executions from now on use it.
pub(super) async fn look_every_30_seconds(cloud: &LocalCloud) -> Result<(), CloudError> {
    let arn = json!({"stateMachineArn": cloud.outputs().get("CaseStateMachineArn")});
    let deployed = cloud.api().json("states", "AWSStepFunctions.DescribeStateMachine", &arn).await?;
    let definition = deployed["definition"].as_str().unwrap_or_default();
    let definition: Value = serde_json::from_str(definition).unwrap_or_default();
    let update = json!({"stateMachineArn": arn["stateMachineArn"], "definition": plain(definition).to_string()});
    cloud.api().json("states", "AWSStepFunctions.UpdateStateMachine", &update).await.map(drop)
}

/// The same machine with the waits of Step Functions' own examples ("Job poller"), for as long as it takes.
fn plain(mut definition: Value) -> Value {
    let states = &mut definition["States"];
    states["Wait for investigation"]["Seconds"] = json!(GAP);
    // check-investigation ends at the schedule's last look; this loop stays before it.
    states["Check investigation"]["Arguments"]["Payload"]["look"] = json!(1);
    definition
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_what_is_changed() {
        let ours: Value = serde_json::from_str(include_str!("../../../../infra/case/case.asl.json")).unwrap();
        let states = &ours["States"];
        assert_eq!(states["Wait for investigation"]["Seconds"], "{% $wait_seconds %}");
        assert_eq!(states["Wait for investigation"]["Next"], "Check investigation");
        assert!(states["Check investigation"]["Arguments"]["Payload"]["look"].as_str().unwrap().contains("$look"));
        // Two hours of looks every 30 seconds are fewer than what the machine allows.
        let bound = states["Investigation running?"]["Choices"][0]["Condition"].as_str().unwrap();
        assert!(bound.contains("$looks < 320") && 320 > 2 * 60 * 60 / GAP, "{bound}");
        let plain = plain(ours.clone());
        assert_eq!(plain["States"]["Wait for investigation"]["Seconds"], 30);
        assert_eq!(plain["States"]["Check investigation"]["Arguments"]["Payload"]["look"], 1);
    }
}
