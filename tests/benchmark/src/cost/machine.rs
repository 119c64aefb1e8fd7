//! The state machine with a fixed polling loop, for comparison: the same states, with a poll every 30 seconds.

use local_cloud::{CloudError, LocalCloud};
use serde_json::{Value, json};

/// The interval of the fixed loop.
pub(super) const POLL_INTERVAL_SECONDS: u64 = 30;

/// Gives the deployed state machine the fixed loop. Later executions use it.
pub(super) async fn poll_every_30_seconds(cloud: &LocalCloud) -> Result<(), CloudError> {
    let arn = json!({"stateMachineArn": cloud.outputs().get("CaseStateMachineArn")});
    let deployed = cloud.api().json("states", "AWSStepFunctions.DescribeStateMachine", &arn).await?;
    let definition = deployed["definition"].as_str().unwrap_or_default();
    let definition: Value = serde_json::from_str(definition).unwrap_or_default();
    let update =
        json!({"stateMachineArn": arn["stateMachineArn"], "definition": with_fixed_loop(definition).to_string()});
    cloud.api().json("states", "AWSStepFunctions.UpdateStateMachine", &update).await.map(drop)
}

/// The same state machine with the fixed wait of Step Functions' example "Job poller", without a limit of polls.
fn with_fixed_loop(mut definition: Value) -> Value {
    let states = &mut definition["States"];
    states["Wait for next poll"]["Seconds"] = json!(POLL_INTERVAL_SECONDS);
    // check-investigation stops at the schedule's last poll, which poll 1 never reaches.
    states["Poll investigations"]["Arguments"]["Payload"]["poll"] = json!(1);
    definition
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_machine_has_the_states_that_are_changed() {
        let ours: Value = serde_json::from_str(include_str!("../../../../infra/case/case.asl.json")).unwrap();
        let states = &ours["States"];
        assert_eq!(states["Wait for next poll"]["Seconds"], "{% $wait_seconds %}");
        assert_eq!(states["Wait for next poll"]["Next"], "Poll investigations");
        assert!(states["Poll investigations"]["Arguments"]["Payload"]["poll"].as_str().unwrap().contains("$poll"));
        // Two hours of polls every 30 seconds are below the limit of the state machine.
        let bound = states["Poll, stop or assess?"]["Choices"][0]["Condition"].as_str().unwrap();
        assert!(bound.contains("$polls < 320") && 320 > 2 * 60 * 60 / POLL_INTERVAL_SECONDS, "{bound}");
        let fixed = with_fixed_loop(ours.clone());
        assert_eq!(fixed["States"]["Wait for next poll"]["Seconds"], 30);
        assert_eq!(fixed["States"]["Poll investigations"]["Arguments"]["Payload"]["poll"], 1);
    }
}
