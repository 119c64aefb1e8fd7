//! Tests the update of a case stack that managed the behavior graph itself: an earlier build is deployed and processes a case,
//! then the stack is updated to the current build and processes another case.

use crate::demo::TIMEOUT;
use crate::error::CloudError;
use crate::findings::detail_of;
use crate::profile::Profile;
use crate::stack::{GRAPH_STACK, LocalCloud, Options, STACK_ACCOUNT, keep_graph_role};
use serde_json::{Value, json};
use simulator::Scenario;
use std::fmt::Display;
use std::path::Path;

const FINDING: &str = include_str!("../../fixtures/findings/role-credentials-from-listed-address.json");
/// The account of the finding's role, and the external ID that its lookup role requires.
const ACCOUNT: &str = "111122223333";
const EXTERNAL_ID: &str = "update";
/// Role name and finding ID of the findings that are sent before and after the update.
const FIRST_FINDING: (&str, &str) = ("update-before", "00000000000000000000000000be5026");
const SECOND_FINDING: (&str, &str) = ("update-after", "000000000000000000000000000af7e6");
/// The parameter with the graph document, which lists a member that the graph lacks.
const GRAPH_PARAMETER: &str = "/gumshoe/graph";
const MISSING_ACCOUNT: &str = "580000000001";
/// The outputs that an update must not change: resources with data, and resources that others reference by ARN.
const RETAINED_RESOURCES: [&str; 6] = [
    "CasesTableName",
    "EvidenceBucketName",
    "AlertTopicArn",
    "OpenCaseRoleArn",
    "CaseStateMachineArn",
    "FindingsQueueUrl",
];

/// Deploys the case stack that `sam build` laid out in the folder, processes a case and runs keep-graph; then updates the stack,
/// adds the graph stack and processes another case.
///
/// # Errors
///
/// A [`CloudError`] that names what the update did not retain.
pub async fn update(earlier: &Path, progress: &(dyn Fn(&str) + Sync)) -> Result<(), CloudError> {
    let profile = Profile::of_environment()?;
    crate::build(profile, progress).await?;
    let text = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let common =
        [("MemberRoleName", "gumshoe-principals"), ("MemberRoleExternalId", EXTERNAL_ID), ("LogRetentionDays", "1")];
    let graph = [("KeepGraph", "plan"), ("GraphDocument", GRAPH_PARAMETER)];
    let options = Options {
        port: None,
        profile,
        wait_scale: 0.05,
        parameters: text(&[&common[..], &graph].concat()),
        durable: false,
        progress,
    };
    let mut cloud = LocalCloud::start_from(earlier, &options).await?;
    cloud
        .simulator()
        .add_scenario(Scenario::named("high").map_err(|it| crate::api::call_failed("load the scenario", it))?);
    cloud.deploy_member_role(ACCOUNT, EXTERNAL_ID).await?;
    let document = json!({"graph": {"enabled": true}, "members": {"accounts": [
        {"account_id": MISSING_ACCOUNT, "email": "member@example.com"}]}});
    cloud.write_parameter(GRAPH_PARAMETER, &document.to_string()).await?;
    cloud.allow_on_all_resources(STACK_ACCOUNT, "gumshoe-local-keep-graph-", "ssm:GetParametersByPath").await?;
    cloud.invoke("gumshoe-local-keep-graph", &json!({})).await?;
    assert_notices(&cloud, MISSING_ACCOUNT, 1).await?;
    process(&cloud, &finding(FIRST_FINDING)?).await?;
    let before = cloud.outputs().clone();
    progress("The earlier stack processed a case and published a notice about the graph. Updating the stack …");

    let publisher = keep_graph_role(GRAPH_STACK);
    cloud.update(&text(&[&common[..], &[("PublisherRoleArns", &publisher)]].concat()), progress).await?;
    for name in RETAINED_RESOURCES {
        assert_same(name, &before.get(name), &cloud.outputs().get(name))?;
    }
    let parameters =
        [&cloud.shared_topic_parameters()[..], &[("EarlierTable", before.get("CasesTableName"))], &graph].concat();
    let outputs = cloud.deploy_graph_stack(GRAPH_STACK, &parameters, progress).await?;
    let run = cloud.invoke(outputs.get("KeepGraphFunctionName"), &json!({})).await?;
    assert_same("whether keep-graph reports the missing member", &true, &run.to_string().contains(MISSING_ACCOUNT))?;
    process(&cloud, &finding(SECOND_FINDING)?).await?;
    // This alert was published after the run of keep-graph, so a second notice would have arrived.
    assert_notices(&cloud, MISSING_ACCOUNT, 1).await?;
    assert_same("the number of cases", &2, &cloud.all_cases().await?.len())?;
    // Suppressed by the case that the earlier stack processed.
    cloud.send(&[finding(FIRST_FINDING)?]).await?;
    cloud.wait_until_drained().await?;
    assert_same("the number of cases after a repeated finding", &2, &cloud.all_cases().await?.len())?;
    progress("The updated stack processed another case. Its table, bucket, topic, queue and roles are unchanged.");
    Ok(())
}

/// The demo's finding with another role and ID.
fn finding((role, id): (&str, &str)) -> Result<Value, CloudError> {
    let document: Value =
        serde_json::from_str(FINDING).map_err(|source| crate::api::call_failed("parse the finding", source))?;
    let mut detail = detail_of(&document).clone();
    crate::demo::shift_to_now(&mut detail);
    let key = &mut detail["resource"]["accessKeyDetails"];
    key["userName"] = role.into();
    key["principalId"] = format!("AROA{:0>17}:session", role.to_uppercase().replace('-', "")).into();
    detail["id"] = id.into();
    Ok(detail)
}

/// Sends the finding and waits for its alert.
async fn process(cloud: &LocalCloud, finding: &Value) -> Result<(), CloudError> {
    cloud.send(std::slice::from_ref(finding)).await?;
    let id = finding["id"].as_str().unwrap_or_default();
    let alert = format!("the alert e-mail about finding {id}");
    cloud
        .poll_until(&alert, TIMEOUT, async || {
            let mut received = cloud.inbox().received().into_iter();
            Ok(received.find(|it| it.protocol == "email" && it.body.contains(id)))
        })
        .await
        .map(drop)
}

/// Waits for `times` e-mails that list the account as missing; more are an error.
async fn assert_notices(cloud: &LocalCloud, account: &str, times: usize) -> Result<(), CloudError> {
    let count = || {
        let received = cloud.inbox().received().into_iter();
        received.filter(|it| it.protocol == "email" && it.body.contains(account)).count()
    };
    cloud
        .poll_until(&format!("the graph notice about account {account}"), TIMEOUT, async || {
            Ok((count() >= times).then_some(()))
        })
        .await?;
    assert_same("the number of notices about the graph", &times, &count())
}

fn assert_same<T: PartialEq + Display>(what: &str, expected: &T, actual: &T) -> Result<(), CloudError> {
    if expected == actual {
        return Ok(());
    }
    Err(CloudError::Unexpected { what: what.to_owned(), expected: expected.to_string(), actual: actual.to_string() })
}
