//! The graph stack without the case stack: alone, and after an earlier version in which the case stack managed the graph.

use crate::make_targets::output_of;
use crate::scene::{Outcome, Scene};
use crate::setup::document_with;
use local_cloud::{CloudError, GRAPH_STACK};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The name of a graph stack that has its own topic.
const ALONE: &str = "gumshoe-graph-alone";
/// The parameter with the document of that stack.
const DOCUMENT: &str = "/gumshoe/alone";

/// The record in a table of the issues that people were notified of; null if there is none.
async fn record(scene: &Scene<'_>, table: &str) -> Result<Value, CloudError> {
    let key = json!({"subject": {"S": "graph"}, "item": {"S": "health"}});
    let get = json!({"TableName": table, "Key": key, "ConsistentRead": true});
    Ok(scene.cloud.api().json("dynamodb", "DynamoDB_20120810.GetItem", &get).await?["Item"].clone())
}

/// Moves the record to the case stack's table, where earlier versions stored it.
pub(crate) async fn issues_notified_before_the_split_are_not_notified_again(scene: &Scene<'_>) -> Outcome {
    let (id, api) = ("560000000001", scene.cloud.api());
    scene.write_document(&document_with(&[id], &Value::Null)).await?;
    scene.invoke_keep_graph(&json!({"mode": "plan"})).await?;
    scene.wait_for_notices("sqs", id, 1).await?;
    let (own, earlier) = (scene.cloud.outputs_of(GRAPH_STACK).await?, scene.cloud.outputs());
    let (own, earlier) = (own.get("NotifiedTableName"), earlier.get("CasesTableName"));
    let stored = record(scene, own).await?;
    assert!(
        stored.is_object() && record(scene, earlier).await?.is_null(),
        "the record must be in the graph stack's own table only"
    );
    api.json("dynamodb", "DynamoDB_20120810.PutItem", &json!({"TableName": earlier, "Item": stored})).await?;
    let key = json!({"subject": stored["subject"], "item": stored["item"]});
    api.json("dynamodb", "DynamoDB_20120810.DeleteItem", &json!({"TableName": own, "Key": key})).await?;

    let run = scene.invoke_keep_graph(&json!({"mode": "plan"})).await?;
    assert!(run["ailments"].to_string().contains(id), "{run}");
    assert_eq!(record(scene, own).await?["told"], stored["told"], "the record was not copied");
    assert_eq!(record(scene, earlier).await?, stored, "the earlier record must not change");
    // A wrong second notice of the first issue would arrive before the notice of the next issue.
    let next = "560000000002";
    scene.write_document(&document_with(&[id, next], &Value::Null)).await?;
    scene.invoke_keep_graph(&json!({"mode": "plan"})).await?;
    scene.wait_for_notices("sqs", next, 1).await?;
    assert_eq!(
        scene.wait_for_notices("sqs", &format!("\"{id}\""), 1).await?.len(),
        1,
        "the first issue must be notified once"
    );
    api.json("dynamodb", "DynamoDB_20120810.DeleteItem", &json!({"TableName": earlier, "Key": key})).await?;
    Ok(())
}

pub(crate) async fn the_graph_stack_works_and_is_removed_independently(scene: &Scene<'_>) -> Outcome {
    let (cloud, id) = (scene.cloud, "570000000001");
    let parameters = [("GraphDocument", DOCUMENT), ("AlertEmail", "graph@example.com"), ("LogRetentionDays", "1")];
    let outputs = cloud.deploy_graph_stack(ALONE, &parameters, &|_| {}).await?;
    let topic = outputs.get("AlertTopicArn");
    assert_ne!(topic, cloud.outputs().get("AlertTopicArn"));
    let list = [("Action", "ListSubscriptionsByTopic"), ("Version", "2010-03-31"), ("TopicArn", topic)];
    let subscriptions = cloud.api().query("sns", &list).await?;
    assert!(subscriptions.contains("graph@example.com"), "{subscriptions}");
    cloud.write_parameter(DOCUMENT, &document_with(&[id], &Value::Null).to_string()).await?;
    let function = outputs.get("KeepGraphFunctionName");
    let run = cloud.invoke(function, &json!({})).await?;
    assert!(run["plan"].to_string().contains(id), "{run}");
    scene.wait_for_notices("email", &format!("Account {id} is not a member"), 1).await?;
    let received = cloud.inbox().received();
    assert!(
        received.iter().all(|it| it.protocol == "email" || !it.body.contains(id)),
        "a channel other than e-mail received the notice"
    );
    let more = cloud.invoke(function, &json!({"mode": "apply"})).await?;
    assert_eq!(more["errorType"], "GraphModeNotAllowed", "mode apply must be rejected by default: {more}");

    let before = resources(scene).await?;
    for (kind, names) in &before {
        assert!(names.iter().any(|it| it.contains(ALONE)), "{kind}: {names:?}");
    }
    let mut sam = cloud.command("sam");
    sam.args(["delete", "--no-prompts", "--stack-name", ALONE, "--region", "us-east-1"]);
    let (is_success, output) = output_of(sam).await?;
    assert!(is_success, "{output}");
    let after = resources(scene).await?;
    let others = before.map(|(kind, names)| (kind, names.into_iter().filter(|it| !it.contains(ALONE)).collect()));
    assert_eq!(after, others, "resources of the stack are left, or resources of other stacks changed");
    Ok(())
}

/// A kind of resource, and the names of all resources of that kind.
type Resources = (&'static str, BTreeSet<String>);

/// All functions, queues, tables, rules, topics and roles. Their names contain the name of their stack.
async fn resources(scene: &Scene<'_>) -> Result<[Resources; 6], CloudError> {
    let api = scene.cloud.api();
    let functions: Value = serde_json::from_str(&api.get("lambda", "/2015-03-31/functions").await?).unwrap();
    let queues = api.json("sqs", "AmazonSQS.ListQueues", &json!({})).await?;
    let tables = api.json("dynamodb", "DynamoDB_20120810.ListTables", &json!({})).await?;
    let rules = api.json("events", "AWSEvents.ListRules", &json!({})).await?;
    let topics = api.query("sns", &[("Action", "ListTopics"), ("Version", "2010-03-31")]).await?;
    let roles = api.query("iam", &[("Action", "ListRoles"), ("Version", "2010-05-08")]).await?;
    let named = |list: &Value, name: &str| -> BTreeSet<String> {
        list.as_array().unwrap().iter().map(|it| it[name].as_str().unwrap().to_owned()).collect()
    };
    let plain = |list: &Value| -> BTreeSet<String> {
        list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let within = |text: &str, tag: &str| -> BTreeSet<String> {
        text.split(&format!("<{tag}>")).skip(1).filter_map(|it| Some(it.split_once('<')?.0.to_owned())).collect()
    };
    Ok([
        ("functions", named(&functions["Functions"], "FunctionName")),
        ("queues", plain(&queues["QueueUrls"])),
        ("tables", plain(&tables["TableNames"])),
        ("rules", named(&rules["Rules"], "Name")),
        ("topics", within(&topics, "TopicArn")),
        ("roles", within(&roles, "RoleName")),
    ])
}
