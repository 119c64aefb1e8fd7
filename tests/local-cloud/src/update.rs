//! Tries the update of a case stack that kept the behavior graph itself: an earlier build is deployed and works a case, then the
//! present one takes its place and works another.

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
/// Where the finding's role is, and what its role for look-ups asks for.
const ACCOUNT: &str = "111122223333";
const EXTERNAL_ID: &str = "update";
/// The roles and the ids of the findings before the update and after it.
const BEFORE: (&str, &str) = ("update-before", "00000000000000000000000000be5026");
const AFTER: (&str, &str) = ("update-after", "000000000000000000000000000af7e6");
/// What the graph should be: with a member that is missing.
const DOCUMENT: &str = "/gumshoe/graph";
const MISSING: &str = "580000000001";
/// The outputs that an update may not change: what holds data, and what others know by its ARN.
const STAYING: [&str; 6] = [
    "CasesTableName",
    "EvidenceBucketName",
    "AlertTopicArn",
    "OpenCaseRoleArn",
    "CaseStateMachineArn",
    "FindingsQueueUrl",
];

/// Deploys the case stack that `sam build` laid out in the folder, works a case and has the graph looked at; then updates it, adds
/// the graph stack, and works another case.
///
/// # Errors
///
/// A [`CloudError`] that names what the update did not keep.
pub async fn update(earlier: &Path, progress: &(dyn Fn(&str) + Sync)) -> Result<(), CloudError> {
    let profile = Profile::of_environment()?;
    crate::build(profile, progress).await?;
    let text = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let common =
        [("MemberRoleName", "gumshoe-principals"), ("MemberRoleExternalId", EXTERNAL_ID), ("LogRetentionDays", "1")];
    let graph = [("KeepGraph", "plan"), ("GraphDocument", DOCUMENT)];
    let options = Options {
        port: None,
        profile,
        wait_scale: 0.05,
        parameters: text(&[&common[..], &graph].concat()),
        durable: false,
        progress,
    };
    let mut cloud = LocalCloud::start_from(earlier, &options).await?;
    cloud.simulator().add_scenario(Scenario::named("high").map_err(|it| crate::api::call_failed("the scenario", it))?);
    cloud.deploy_member_role(ACCOUNT, EXTERNAL_ID).await?;
    let document = json!({"graph": {"enabled": true}, "members": {"accounts": [
        {"account_id": MISSING, "email": "member@example.com"}]}});
    cloud.write_parameter(DOCUMENT, &document.to_string()).await?;
    cloud.allow_on_all_resources(STACK_ACCOUNT, "gumshoe-local-keep-graph-", "ssm:GetParametersByPath").await?;
    cloud.invoke("gumshoe-local-keep-graph", &json!({})).await?;
    notified(&cloud, MISSING, 1).await?;
    work(&cloud, &finding(BEFORE)?).await?;
    let before = cloud.outputs().clone();
    progress("The earlier stack has worked a case and notified of the graph; it is updated …");

    let publisher = keep_graph_role(GRAPH_STACK);
    cloud.update(&text(&[&common[..], &[("PublisherRoleArns", &publisher)]].concat()), progress).await?;
    for name in STAYING {
        same(name, &before.get(name), &cloud.outputs().get(name))?;
    }
    let parameters =
        [&cloud.shared_topic_parameters()[..], &[("EarlierTable", before.get("CasesTableName"))], &graph].concat();
    let outputs = cloud.deploy_graph_stack(GRAPH_STACK, &parameters, progress).await?;
    let run = cloud.invoke(outputs.get("KeepGraphFunctionName"), &json!({})).await?;
    same("whether keep-graph finds that a member is missing", &true, &run.to_string().contains(MISSING))?;
    work(&cloud, &finding(AFTER)?).await?;
    // It came after the run of keep-graph, so a second notice would be there.
    notified(&cloud, MISSING, 1).await?;
    same("the number of cases", &2, &cloud.all_cases().await?.len())?;
    // Suppressed by the case that the earlier stack worked.
    cloud.send(&[finding(BEFORE)?]).await?;
    cloud.wait_until_drained().await?;
    same("the number of cases after a finding came again", &2, &cloud.all_cases().await?.len())?;
    progress(
        "The updated stack has worked another case. Its table, bucket, topic, queue and roles are those of before.",
    );
    Ok(())
}

/// The demo's finding about another role.
fn finding((role, id): (&str, &str)) -> Result<Value, CloudError> {
    let document: Value =
        serde_json::from_str(FINDING).map_err(|source| crate::api::call_failed("reading the finding", source))?;
    let mut detail = detail_of(&document).clone();
    crate::demo::move_to_now(&mut detail);
    let key = &mut detail["resource"]["accessKeyDetails"];
    key["userName"] = role.into();
    key["principalId"] = format!("AROA{:0>17}:session", role.to_uppercase().replace('-', "")).into();
    detail["id"] = id.into();
    Ok(detail)
}

/// Sends the finding and waits for its alert.
async fn work(cloud: &LocalCloud, finding: &Value) -> Result<(), CloudError> {
    cloud.send(std::slice::from_ref(finding)).await?;
    let id = finding["id"].as_str().unwrap_or_default();
    let alert = format!("the alert about {id}");
    cloud
        .poll_until(&alert, TIMEOUT, async || {
            let mut received = cloud.inbox().received().into_iter();
            Ok(received.find(|it| it.protocol == "email" && it.body.contains(id)))
        })
        .await
        .map(drop)
}

/// Waits until so many e-mails name the account as missing; more are an error.
async fn notified(cloud: &LocalCloud, account: &str, times: usize) -> Result<(), CloudError> {
    let count = || {
        let received = cloud.inbox().received().into_iter();
        received.filter(|it| it.protocol == "email" && it.body.contains(account)).count()
    };
    cloud.poll_until("the notice about the graph", TIMEOUT, async || Ok((count() >= times).then_some(()))).await?;
    same("the number of notices about the graph", &times, &count())
}

fn same<T: PartialEq + Display>(what: &str, expected: &T, seen: &T) -> Result<(), CloudError> {
    if expected == seen {
        return Ok(());
    }
    Err(CloudError::Unexpected { what: what.to_owned(), expected: expected.to_string(), seen: seen.to_string() })
}
