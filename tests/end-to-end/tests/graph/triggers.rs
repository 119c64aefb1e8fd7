//! What starts keep-graph, and which channels its notices reach.

use crate::scene::{Outcome, Scene};
use crate::setup::{document_with, own_account};
use local_cloud::GRAPH_STACK;
use receivers::Channel;
use serde_json::{Value, json};
use simulator::{DisabledReason, MemberStatus};

pub(crate) async fn the_schedule_makes_the_graph_match_the_document(scene: &Scene<'_>) -> Outcome {
    let packages = json!({"packages": ["EKS_AUDIT"]});
    scene.write_document(&document_with(&["510000000001", "510000000002"], &packages)).await?;
    let before = scene.call_count("CreateMembers");
    let rule = scene.cloud.outputs_of(GRAPH_STACK).await?.get("GraphScheduleRuleName").to_owned();
    scene.cloud.set_schedule(&rule, "rate(1 minute)").await?;
    scene.wait_for_member("510000000001").await?;
    scene.wait_for_member("510000000002").await?;
    scene.cloud.set_schedule(&rule, "rate(1 day)").await?;
    let calls = [scene.call_count("CreateMembers") - before, scene.call_count("UpdateDatasourcePackages")];
    assert_eq!(calls, [1, 1], "expected one call that invites both accounts, and one that starts the package");
    // A second run has no changes to make.
    let before = scene.call_count("CreateMembers");
    let run = scene.invoke_keep_graph(&json!({"mode": "apply"})).await?;
    assert_eq!(run["plan"]["changes"], json!([]), "{run}");
    assert_eq!(scene.call_count("CreateMembers"), before);
    Ok(())
}

pub(crate) async fn the_rules_match_only_changes_of_the_document_and_of_the_organization(scene: &Scene<'_>) -> Outcome {
    let document = scene.cloud.graph_rule("GraphDocumentRule").await?;
    let organization = scene.cloud.graph_rule("OrganizationRule").await?;
    let changed = |name: &str, operation: &str| json!({"name": name, "type": "String", "operation": operation});
    let account = |event: &str| json!({"eventSource": "organizations.amazonaws.com", "eventName": event});
    let by_trail = "AWS Service Event via CloudTrail";
    for (rule, source, kind, detail, expected) in [
        (&document, "aws.ssm", "Parameter Store Change", changed("/gumshoe/graph", "Update"), true),
        (&document, "aws.ssm", "Parameter Store Change", changed("/gumshoe/graph/members/a", "Create"), true),
        (&document, "aws.ssm", "Parameter Store Change", changed("/gumshoe/graph/members/a", "Delete"), true),
        (&document, "aws.ssm", "Parameter Store Change", changed("/gumshoe/graph", "LabelParameterVersion"), false),
        (&document, "aws.ssm", "Parameter Store Change", changed("/other", "Update"), false),
        (&organization, "aws.organizations", by_trail, account("CreateAccountResult"), true),
        (&organization, "aws.organizations", "AWS API Call via CloudTrail", account("AcceptHandshake"), true),
        (&organization, "aws.organizations", "AWS API Call via CloudTrail", account("TagResource"), false),
        (&organization, "aws.iam", by_trail, account("CreateAccountResult"), false),
    ] {
        let event = json!({"id": "1", "account": "000000000000", "source": source, "time": "2026-01-15T12:40:00Z",
            "region": "us-east-1", "resources": [], "detail-type": kind, "detail": detail});
        let test = json!({"EventPattern": rule["EventPattern"], "Event": event.to_string()});
        let answer = scene.cloud.api().json("events", "AWSEvents.TestEventPattern", &test).await?;
        assert_eq!(answer["Result"], expected, "{source}, {kind}: {detail}");
    }
    // A message that the rules send to the queue starts keep-graph.
    scene.write_document(&document_with(&["520000000001"], &Value::Null)).await?;
    scene.cloud.request_graph_run().await?;
    scene.wait_for_member("520000000001").await?;
    Ok(())
}

pub(crate) async fn new_issues_are_notified_once_in_all_channels(scene: &Scene<'_>) -> Outcome {
    let id = "530000000001";
    scene.write_document(&document_with(&[id], &Value::Null)).await?;
    scene.invoke_keep_graph(&json!({"mode": "apply"})).await?;
    let reason = Some(DisabledReason::VolumeUnknown);
    scene.cloud.simulator().set_member(own_account(), id, MemberStatus::AcceptedButDisabled, reason)?;
    for _ in 0..2 {
        let run = scene.invoke_keep_graph(&json!({"mode": "plan"})).await?;
        assert!(run["ailments"].to_string().contains(id), "{run}");
    }
    let text = format!("Member {id} sends no data");
    let email = scene.wait_for_notices("email", &text, 1).await?;
    assert_eq!(email.len(), 1, "the issue must be notified once");
    assert!(email[0].body.contains("VOLUME_UNKNOWN") && email[0].body.contains("NEXT STEPS"), "{}", email[0].body);
    let json = scene.wait_for_notices("sqs", id, 1).await?.pop().unwrap();
    let notice: Value = serde_json::from_str(&json.body)?;
    assert_eq!(notice["graph_health"]["worse"][0]["ailment"], "member-disabled", "{notice}");
    assert_eq!(json.attributes["cause"], "GRAPH_HEALTH");
    scene.wait_for_notices("http", id, 1).await?;
    let slack = scene.wait_for_deliveries(Channel::Slack, id, 1).await?;
    assert!(slack[0].body.contains("behavior graph degraded"), "{}", slack[0].body);
    scene.wait_for_deliveries(Channel::PagerDuty, id, 1).await?;
    scene.wait_for_deliveries(Channel::Webhook, id, 1).await?;
    Ok(())
}

pub(crate) async fn an_invalid_document_is_reported_with_the_path_and_changes_nothing(scene: &Scene<'_>) -> Outcome {
    let before = scene.members().await?;
    let account = json!({"account_id": "540000000001", "email": "a@example.com"});
    scene.write_document(&json!({"graph": {"enabled": true}, "members": {"accounts": [account, account]}})).await?;
    scene.cloud.request_graph_run().await?;
    let path = "members.accounts[1].account_id: 540000000001 is listed twice";
    scene.wait_for_notices("email", path, 1).await?;
    let error = scene.invoke_keep_graph(&json!({"mode": "apply"})).await?;
    assert_eq!(error["errorType"], "GraphDocumentWrong", "{error}");
    assert!(error["errorMessage"].as_str().unwrap().contains(path), "{error}");
    assert_eq!(scene.members().await?, before);
    Ok(())
}
