//! The stack of a member account: infra/graph/member.yaml with the real binary. In the emulator it runs in the stack's own account,
//! which another account invites.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use local_cloud::{MEMBER_STACK, STACK_ACCOUNT};
use serde_json::{Value, json};

const ADMINISTRATOR: &str = "222233334444";
const STRANGER: &str = "333344445555";

/// The status of the stack's account as a member of an administrator's graph, as the administrator reads it; `none` if it is not a
/// member.
async fn status(scene: &Scene<'_>, administrator: &str) -> Result<String, local_cloud::CloudError> {
    let arn = scene.cloud.simulator().graph_arn(administrator, "us-east-1");
    let get = json!({"GraphArn": arn, "AccountIds": [STACK_ACCOUNT]});
    let answer = scene.cloud.simulator_api().post_as(administrator, "detective", "/graph/members/get", &get).await?;
    Ok(answer["MemberDetails"][0]["Status"].as_str().unwrap_or("none").to_owned())
}

pub(crate) async fn an_invitation_is_accepted_by_the_schedule_and_left_on_request(scene: &Scene<'_>) -> Outcome {
    for administrator in [ADMINISTRATOR, STRANGER] {
        let arn = scene.cloud.simulator().graph_arn(administrator, "us-east-1");
        let accounts = json!([{"AccountId": STACK_ACCOUNT, "EmailAddress": "own@example.com"}]);
        let invite = json!({"GraphArn": arn, "Accounts": accounts});
        scene.cloud.simulator_api().post_as(administrator, "detective", "/graph/members", &invite).await?;
    }
    let parameters = [("Administrators", ADMINISTRATOR), ("Schedule", "rate(1 minute)"), ("LogRetentionDays", "1")];
    scene.cloud.deploy_member_stack(&parameters, &|_| {}).await?;
    let accepted = async || Ok((status(scene, ADMINISTRATOR).await? == "ENABLED").then_some(()));
    scene.cloud.poll_until("the accepted invitation", WAIT_TIMEOUT, accepted).await?;
    assert_eq!(
        status(scene, STRANGER).await?,
        "INVITED",
        "an invitation from an account that is not in Administrators must not be accepted"
    );
    let function = format!("{MEMBER_STACK}-keep-membership");
    let seen = scene.cloud.invoke(&function, &json!({"mode": "plan"})).await?;
    assert!(seen.to_string().contains("DETECTIVE_CORE"), "the report lacks the data sources: {seen}");
    let arn = scene.cloud.simulator().graph_arn(ADMINISTRATOR, "us-east-1");
    let left = scene.cloud.invoke(&function, &json!({"leave": arn})).await?;
    assert!(left["errorType"].is_null(), "{left}");
    assert_eq!(status(scene, ADMINISTRATOR).await?, "none");
    let wrong: Value = scene.cloud.invoke(&function, &json!({"left": arn})).await?;
    assert!(wrong["errorType"].is_string(), "{wrong}");
    Ok(())
}
