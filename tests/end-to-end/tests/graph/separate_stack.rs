//! The graph stack apart from the case stack: by itself, and after a case stack that kept the graph.

use crate::make_targets::output_of;
use crate::scene::{Outcome, Scene};
use crate::setup::adding;
use local_cloud::{CloudError, GRAPH_STACK};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A graph stack with a topic of its own, and the document that it is given.
const ALONE: &str = "gumshoe-graph-alone";
const DOCUMENT: &str = "/gumshoe/alone";

/// What people were notified of, as a table has it; null where there is none.
async fn record(scene: &Scene<'_>, table: &str) -> Result<Value, CloudError> {
    let key = json!({"subject": {"S": "graph"}, "item": {"S": "health"}});
    let get = json!({"TableName": table, "Key": key, "ConsistentRead": true});
    Ok(scene.cloud.api().json("dynamodb", "DynamoDB_20120810.GetItem", &get).await?["Item"].clone())
}

/// The record is moved into the table of cases, where a stack that kept the graph itself has it.
pub(crate) async fn issues_notified_before_the_split_are_not_notified_again(scene: &Scene<'_>) -> Outcome {
    let (id, api) = ("560000000001", scene.cloud.api());
    scene.document(&adding(&[id], &Value::Null)).await?;
    scene.keep(&json!({"mode": "plan"})).await?;
    scene.notices("sqs", id, 1).await?;
    let (own, earlier) = (scene.cloud.outputs_of(GRAPH_STACK).await?, scene.cloud.outputs());
    let (own, earlier) = (own.get("NotifiedTableName"), earlier.get("CasesTableName"));
    let told = record(scene, own).await?;
    assert!(
        told.is_object() && record(scene, earlier).await?.is_null(),
        "the stack has written to its own table alone"
    );
    api.json("dynamodb", "DynamoDB_20120810.PutItem", &json!({"TableName": earlier, "Item": told})).await?;
    let key = json!({"subject": told["subject"], "item": told["item"]});
    api.json("dynamodb", "DynamoDB_20120810.DeleteItem", &json!({"TableName": own, "Key": key})).await?;

    let run = scene.keep(&json!({"mode": "plan"})).await?;
    assert!(run["ailments"].to_string().contains(id), "{run}");
    assert_eq!(record(scene, own).await?["told"], told["told"], "the record is copied");
    assert_eq!(record(scene, earlier).await?, told, "and stays as it is");
    // The next notice comes after the one that an error would repeat.
    let next = "560000000002";
    scene.document(&adding(&[id, next], &Value::Null)).await?;
    scene.keep(&json!({"mode": "plan"})).await?;
    scene.notices("sqs", next, 1).await?;
    assert_eq!(scene.notices("sqs", &format!("\"{id}\""), 1).await?.len(), 1, "told once");
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
    cloud.write_parameter(DOCUMENT, &adding(&[id], &Value::Null).to_string()).await?;
    let function = outputs.get("KeepGraphFunctionName");
    let run = cloud.invoke(function, &json!({})).await?;
    assert!(run["plan"].to_string().contains(id), "{run}");
    scene.notices("email", &format!("{id} should be a member"), 1).await?;
    let told = cloud.inbox().received();
    assert!(
        told.iter().all(|it| it.protocol == "email" || !it.body.contains(id)),
        "nobody else subscribes to its topic"
    );
    let more = cloud.invoke(function, &json!({"mode": "apply"})).await?;
    assert_eq!(more["errorType"], "GraphModeNotAllowed", "by default it changes nothing: {more}");

    let before = resources(scene).await?;
    for (kind, names) in &before {
        assert!(names.iter().any(|it| it.contains(ALONE)), "{kind}: {names:?}");
    }
    let mut sam = cloud.command("sam");
    sam.args(["delete", "--no-prompts", "--stack-name", ALONE, "--region", "us-east-1"]);
    let (content, said) = output_of(sam).await?;
    assert!(content, "{said}");
    let after = resources(scene).await?;
    let others = before.map(|(kind, names)| (kind, names.into_iter().filter(|it| !it.contains(ALONE)).collect()));
    assert_eq!(after, others, "nothing of the stack is left, and the other stacks are as they were");
    Ok(())
}

/// A kind of resource, and the names of all that there are.
type Resources = (&'static str, BTreeSet<String>);

/// Functions, queues, tables, rules, topics and roles, by names that hold that of their stack.
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
