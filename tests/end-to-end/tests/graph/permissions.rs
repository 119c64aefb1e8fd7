//! What keep-graph's role allows and denies. The emulator decides calls that are signed with the function's own session.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use crate::setup::{DOCUMENT, document_with};
use local_cloud::{GRAPH_STACK, Method, SignedRequest};
use serde_json::{Value, json};

fn call(service: &'static str, target: &str, body: &Value) -> SignedRequest {
    SignedRequest {
        service,
        method: Method::POST,
        path: "/".to_owned(),
        target: target.to_owned(),
        content_type: "application/x-amz-json-1.1",
        body: body.to_string().into_bytes(),
    }
}

pub(crate) async fn keep_graph_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    scene.write_document(&document_with(&[], &Value::Null)).await?;
    scene.invoke_keep_graph(&json!({})).await?;
    let session = async || Ok(scene.cloud.session_of("keep-graph"));
    let session = scene.cloud.poll_until("keep-graph's session", WAIT_TIMEOUT, session).await?;
    let table = scene.cloud.outputs_of(GRAPH_STACK).await?.get("NotifiedTableName").to_owned();
    let earlier = scene.cloud.outputs().get("CasesTableName").to_owned();
    let key = json!({"subject": {"S": "graph"}, "item": {"S": "health"}});
    let other = json!({"subject": {"S": "guardduty"}, "item": {"S": "budget"}});
    for (is_allowed, service, target, body) in [
        (true, "ssm", "AmazonSSM.GetParameter", json!({"Name": DOCUMENT})),
        (true, "dynamodb", "DynamoDB_20120810.GetItem", json!({"TableName": table, "Key": key})),
        (true, "dynamodb", "DynamoDB_20120810.GetItem", json!({"TableName": earlier, "Key": key})),
        (true, "organizations", "AWSOrganizationsV20161128.ListAccounts", json!({})),
        (true, "organizations", "AWSOrganizationsV20161128.DescribeOrganization", json!({})),
        (false, "ssm", "AmazonSSM.PutParameter", json!({"Name": DOCUMENT, "Value": "x", "Overwrite": true})),
        (false, "ssm", "AmazonSSM.GetParameter", json!({"Name": "/another"})),
        (false, "dynamodb", "DynamoDB_20120810.Scan", json!({"TableName": table})),
        (false, "dynamodb", "DynamoDB_20120810.Scan", json!({"TableName": earlier})),
        (false, "dynamodb", "DynamoDB_20120810.GetItem", json!({"TableName": earlier, "Key": other})),
        (false, "dynamodb", "DynamoDB_20120810.UpdateItem", json!({"TableName": earlier, "Key": key})),
        (false, "dynamodb", "DynamoDB_20120810.PutItem", json!({"TableName": table, "Item": key})),
        (
            false,
            "organizations",
            "AWSOrganizationsV20161128.CreateAccount",
            json!({"AccountName": "x", "Email": "a@b.example"}),
        ),
        (false, "secretsmanager", "secretsmanager.GetSecretValue", json!({"SecretId": "any"})),
    ] {
        let answer = scene.cloud.api().call_as(&session, &call(service, target, &body)).await?;
        assert_eq!(answer.is_denied(), !is_allowed, "{target} {body}: {} {}", answer.status, answer.text);
    }
    Ok(())
}
