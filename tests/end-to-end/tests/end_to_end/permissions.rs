//! What each function's role may do and what it may not, asked of the emulator with the session that the function itself
//! runs with. IAM is enforced: a call is let through only if the role's policies allow it.
//!
//! That each policy grants what its function calls and no more is held by the contract tests; here the policies are put
//! to the test. Not shown here: Detective's actions, for the simulator stands for it and knows no policies; and rights on KMS
//! keys, which the emulator does not enforce.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use local_cloud::{Method, RawResponse, STACK_ACCOUNT, Session, SignedRequest};
use receivers::Channel;
use serde_json::{Value, json};
use std::error::Error;

type BoxError = Box<dyn Error + Send + Sync>;

/// What the calls of the table are about.
struct Things {
    table: String,
    topic: String,
    machine: String,
    execution: String,
    findings: String,
    dead_letters: String,
    relay: String,
    bucket: String,
    subject: String,
    relay_secret: String,
    /// The test's own: what no function may touch.
    strange: Strange,
}

struct Strange {
    secret: String,
    machine: String,
    topic: String,
    bucket: String,
}

/// An action, or several of one kind, and the calls that need it.
type Row = (&'static str, fn(&Things) -> SignedRequest);

/// What each function does with its rights. The emulator lets these through, whatever it then answers.
const ALLOWED: [(&str, &[Row]); 6] = [
    (
        "open-case",
        &[
            ("dynamodb:Query", |it| query(it, &it.subject)),
            ("dynamodb:PutItem of a case", |it| item("PutItem", it, A_CASE)),
            ("states:DescribeExecution", |it| states("DescribeExecution", json!({"executionArn": it.execution}))),
            ("states:StartExecution", |it| {
                states("StartExecution", json!({"stateMachineArn": it.machine, "name": "?"}))
            }),
            ("s3:PutObject", |it| s3(Method::PUT, &it.bucket, "cases/none/permissions")),
            ("sqs:GetQueueAttributes", |it| sqs("GetQueueAttributes", &it.findings)),
            ("iam:GetRole", |_| query_api("iam", &[("Action", "GetRole"), ("RoleName", "nobody")])),
        ],
    ),
    (
        "start-investigation",
        &[
            ("dynamodb:Query", |it| query(it, &it.subject)),
            ("dynamodb:UpdateItem of a case", |it| item("UpdateItem", it, A_CASE)),
        ],
    ),
    ("check-investigation", &[("dynamodb:GetItem", |it| item("GetItem", it, &it.subject))]),
    (
        "assess-case",
        &[
            ("dynamodb:Query", |it| query(it, &it.subject)),
            ("s3:PutObject", |it| s3(Method::PUT, &it.bucket, "cases/none/permissions")),
            ("events:PutEvents", |_| put_events("gumshoe", &["Case Closed"])),
        ],
    ),
    (
        "send-alert",
        &[
            ("dynamodb:GetItem", |it| item("GetItem", it, &it.subject)),
            ("sns:Publish", |it| publish(&it.topic, "")),
            ("events:PutEvents", |_| put_events("gumshoe", &["Case Closed"])),
        ],
    ),
    (
        "relay-alert",
        &[
            ("dynamodb:UpdateItem", |it| item("UpdateItem", it, "relay/permissions")),
            ("dynamodb:GetItem", claims),
            ("secretsmanager:GetSecretValue", |it| secret(&it.relay_secret)),
            ("sqs:GetQueueAttributes", |it| sqs("GetQueueAttributes", &it.relay)),
        ],
    ),
];

/// The subject of a case of nobody's.
const A_CASE: &str = "arn:aws:iam::444455556666:role/permissions";

/// What none of them may do.
const DENIED_TO_ALL: &[Row] = &[
    ("secretsmanager:GetSecretValue of another secret", |it| secret(&it.strange.secret)),
    ("secretsmanager:PutSecretValue", |it| {
        let put = json!({"SecretId": it.relay_secret, "SecretString": "{}"});
        json_api("secretsmanager", "secretsmanager.PutSecretValue", &put)
    }),
    ("states:StartExecution of another machine", |it| {
        states("StartExecution", json!({"stateMachineArn": it.strange.machine}))
    }),
    ("states:StopExecution", |it| states("StopExecution", json!({"executionArn": it.execution}))),
    ("states:UpdateStateMachine", |it| states("UpdateStateMachine", json!({"stateMachineArn": it.machine}))),
    ("sns:Publish to another topic", |it| publish(&it.strange.topic, "hello")),
    ("sns:Subscribe", |it| {
        query_api(
            "sns",
            &[("Action", "Subscribe"), ("TopicArn", &it.topic), ("Protocol", "email"), ("Endpoint", "a@b.example")],
        )
    }),
    ("iam:CreateUser", |_| query_api("iam", &[("Action", "CreateUser"), ("UserName", "permissions")])),
    ("iam:CreateAccessKey", |_| query_api("iam", &[("Action", "CreateAccessKey"), ("UserName", "permissions")])),
    ("iam:PutRolePolicy", |_| {
        let everything = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let form =
            [("Action", "PutRolePolicy"), ("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", everything)];
        query_api("iam", &form)
    }),
    ("sts:AssumeRole", |_| {
        let role = format!("arn:aws:iam::{STACK_ACCOUNT}:role/administrator");
        query_api("sts", &[("Action", "AssumeRole"), ("RoleArn", &role), ("RoleSessionName", "permissions")])
    }),
    ("dynamodb:DeleteTable", |it| {
        json_api("dynamodb", "DynamoDB_20120810.DeleteTable", &json!({"TableName": it.table}))
    }),
    ("dynamodb:Scan", |it| json_api("dynamodb", "DynamoDB_20120810.Scan", &json!({"TableName": it.table}))),
    ("dynamodb:DeleteItem", |it| item("DeleteItem", it, &it.subject)),
    ("dynamodb:UpdateItem of the graph's health", |it| item("UpdateItem", it, "graph")),
    ("dynamodb:UpdateItem of GuardDuty's budget", |it| item("UpdateItem", it, "guardduty")),
    ("dynamodb:UpdateItem of something else", |it| item("UpdateItem", it, "permissions")),
    ("s3:GetObject of another bucket", |it| s3(Method::GET, &it.strange.bucket, "object")),
    ("s3:PutObject in another bucket", |it| s3(Method::PUT, &it.strange.bucket, "cases/object")),
    ("s3:GetObject of the evidence", |it| s3(Method::GET, &it.bucket, "cases/none/permissions")),
    ("s3:DeleteObject of the evidence", |it| s3(Method::DELETE, &it.bucket, "cases/none/permissions")),
    ("s3:PutObject beside the cases", |it| s3(Method::PUT, &it.bucket, "other/object")),
    ("sqs:PurgeQueue of the findings", |it| sqs("PurgeQueue", &it.findings)),
    ("sqs:PurgeQueue of the dead letters", |it| sqs("PurgeQueue", &it.dead_letters)),
    ("sqs:ReceiveMessage of the dead letters", |it| sqs("ReceiveMessage", &it.dead_letters)),
    ("sqs:SetQueueAttributes", |it| sqs("SetQueueAttributes", &it.findings)),
    ("lambda:InvokeFunction", |_| lambda(Method::POST, "gumshoe-local-send-alert/invocations")),
    ("lambda:GetFunction", |_| lambda(Method::GET, "gumshoe-local-relay-alert")),
    ("logs:FilterLogEvents", |_| {
        let filter = json!({"logGroupName": "/aws/lambda/gumshoe-local-relay-alert"});
        json_api("logs", "Logs_20140328.FilterLogEvents", &filter)
    }),
    ("events:PutEvents of a rehearsal", |_| put_events("gumshoe.rehearsal", &["Case Closed"])),
    ("events:PutEvents of a finding", |_| put_events("gumshoe", &["GuardDuty Finding"])),
    ("events:PutEvents of a finding beside its own", |_| put_events("gumshoe", &["Case Closed", "GuardDuty Finding"])),
    ("events:DeleteRule", |_| json_api("events", "AWSEvents.DeleteRule", &json!({"Name": "permissions"}))),
    ("cloudformation:DeleteStack", |_| {
        query_api("cloudformation", &[("Action", "DeleteStack"), ("StackName", "permissions")])
    }),
];

/// What only some of them need, with those.
const DENIED_TO_OTHERS: &[(Row, &[&str])] = &[
    (
        ("states:StartExecution", |it| states("StartExecution", json!({"stateMachineArn": it.machine, "name": "?"}))),
        &["open-case"],
    ),
    (
        ("states:DescribeExecution", |it| states("DescribeExecution", json!({"executionArn": it.execution}))),
        &["open-case"],
    ),
    (("sns:Publish", |it| publish(&it.topic, "")), &["send-alert"]),
    (("secretsmanager:GetSecretValue", |it| secret(&it.relay_secret)), &["relay-alert"]),
    (("events:PutEvents", |_| put_events("gumshoe", &["Case Closed"])), &["assess-case", "send-alert"]),
    (("s3:PutObject", |it| s3(Method::PUT, &it.bucket, "cases/none/permissions")), &["open-case", "assess-case"]),
    (("dynamodb:PutItem of a case", |it| item("PutItem", it, A_CASE)), &["open-case"]),
    (
        ("dynamodb:UpdateItem of a case", |it| item("UpdateItem", it, A_CASE)),
        &["open-case", "start-investigation", "assess-case", "send-alert"],
    ),
    (("dynamodb:UpdateItem of deliveries", |it| item("UpdateItem", it, "relay/permissions")), &["relay-alert"]),
    (("dynamodb:PutItem of deliveries", |it| item("PutItem", it, "relay/permissions")), &[]),
    (
        ("dynamodb:Query", |it| query(it, &it.subject)),
        &["open-case", "start-investigation", "assess-case", "send-alert"],
    ),
    (
        ("dynamodb:GetItem of whole items", |it| item("GetItem", it, &it.subject)),
        &["open-case", "start-investigation", "check-investigation", "assess-case", "send-alert"],
    ),
    (("sqs:SendMessage to the dead letters", |it| sqs("SendMessage", &it.dead_letters)), &["open-case"]),
    (("sqs:ReceiveMessage of the findings", |it| sqs("ReceiveMessage", &it.findings)), &["open-case"]),
    (("sqs:ReceiveMessage of the relay", |it| sqs("ReceiveMessage", &it.relay)), &["relay-alert"]),
    (("iam:GetRole", |_| query_api("iam", &[("Action", "GetRole"), ("RoleName", "nobody")])), &["open-case"]),
];

pub(crate) async fn open_case_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    does_its_work_and_no_more(scene, "open-case").await
}

pub(crate) async fn start_investigation_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    does_its_work_and_no_more(scene, "start-investigation").await
}

pub(crate) async fn check_investigation_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    does_its_work_and_no_more(scene, "check-investigation").await
}

pub(crate) async fn assess_case_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    does_its_work_and_no_more(scene, "assess-case").await
}

pub(crate) async fn send_alert_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    does_its_work_and_no_more(scene, "send-alert").await
}

pub(crate) async fn relay_alert_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    does_its_work_and_no_more(scene, "relay-alert").await
}

async fn does_its_work_and_no_more(scene: &Scene<'_>, function: &str) -> Outcome {
    let things = things(scene).await?;
    let session = async || Ok(scene.cloud.session_of(function));
    let session = scene.cloud.poll_until("the function's session", WAIT_TIMEOUT, session).await?;
    for (action, call) in ALLOWED.iter().find(|(name, _)| *name == function).unwrap().1 {
        let answer = ask(scene, &session, call(&things)).await?;
        assert!(!answer.is_denied() && !is_unsigned(&answer), "{function} is denied {action}: {answer:?}");
        assert!(answer.status < 300 || REFUSED_FOR_ITS_CONTENT.contains(action), "{function}, {action}: {answer:?}");
    }
    let others = DENIED_TO_OTHERS.iter().filter(|(_, need)| !need.contains(&function)).map(|(row, _)| row);
    let mut let_through = Vec::new();
    for (action, call) in DENIED_TO_ALL.iter().chain(others) {
        let answer = ask(scene, &session, call(&things)).await?;
        if !answer.is_denied() {
            let_through.push(format!("{action}: {answer:?}"));
        }
    }
    assert!(let_through.is_empty(), "{function} is not denied {let_through:#?}");
    Ok(())
}

/// What is asked for in a way that does no harm: the emulator lets it through, and the service then finds fault with it.
const REFUSED_FOR_ITS_CONTENT: [&str; 3] = ["states:StartExecution", "sns:Publish", "iam:GetRole"];

/// Whether the session itself was not taken.
fn is_unsigned(answer: &RawResponse) -> bool {
    ["Signature", "security token", "InvalidClientTokenId"].iter().any(|word| answer.text.contains(word))
}

async fn ask(scene: &Scene<'_>, session: &Session, call: SignedRequest) -> Result<RawResponse, BoxError> {
    Ok(scene.cloud.api().call_as(session, &call).await?)
}

/// Has a case worked by all functions, and makes what no function may touch.
async fn things(scene: &Scene<'_>) -> Result<Things, BoxError> {
    scene.set_scenario("high");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.wait_for_deliveries(Channel::Webhook, &case.case_id, 1).await?;
    let (api, outputs) = (scene.cloud.api(), scene.cloud.outputs());
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    let name = format!("strange-{}", scene.role());
    let token = format!("{name:0>36}");
    let create = json!({"Name": name, "SecretString": "nobody's", "ClientRequestToken": token});
    api.json("secretsmanager", "secretsmanager.CreateSecret", &create).await?;
    let nothing = json!({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}});
    let role = format!("arn:aws:iam::{STACK_ACCOUNT}:role/{name}");
    scene.cloud.create_role(STACK_ACCOUNT, "/", &name).await?;
    let create = json!({"name": name, "definition": nothing.to_string(), "roleArn": role});
    let machine = api.json("states", "AWSStepFunctions.CreateStateMachine", &create).await?;
    // Without a policy of its own, the emulator's topic lets everybody publish.
    let root = json!({"AWS": format!("arn:aws:iam::{STACK_ACCOUNT}:root")});
    let topic = format!("arn:aws:sns:us-east-1:{STACK_ACCOUNT}:{name}");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": root, "Action": "sns:Publish", "Resource": topic}]});
    let form = [
        ("Action", "CreateTopic"),
        ("Name", &name),
        ("Attributes.entry.1.key", "Policy"),
        ("Attributes.entry.1.value", &policy.to_string()),
    ];
    api.query("sns", &form).await?;
    api.send(Method::PUT, "s3", &format!("/{name}"), Vec::new()).await?;
    api.send(Method::PUT, "s3", &format!("/{name}/object"), b"nobody's".to_vec()).await?;

    Ok(Things {
        table: outputs.get("CasesTableName").to_owned(),
        topic: outputs.get("AlertTopicArn").to_owned(),
        machine: outputs.get("CaseStateMachineArn").to_owned(),
        execution: text(&execution["executionArn"]),
        findings: outputs.get("FindingsQueueUrl").to_owned(),
        dead_letters: outputs.get("DeadLetterQueueUrl").to_owned(),
        relay: scene.cloud.relay_queue_url().await?,
        bucket: outputs.get("EvidenceBucketName").to_owned(),
        subject: scene.subject(),
        relay_secret: "gumshoe/relay".to_owned(),
        strange: Strange { secret: name.clone(), machine: text(&machine["stateMachineArn"]), topic, bucket: name },
    })
}

pub(crate) fn json_api(service: &'static str, target: &str, body: &Value) -> SignedRequest {
    SignedRequest {
        service,
        method: Method::POST,
        path: "/".to_owned(),
        target: target.to_owned(),
        content_type: "application/x-amz-json-1.0",
        body: body.to_string().into_bytes(),
    }
}

pub(crate) fn query_api(service: &'static str, form: &[(&str, &str)]) -> SignedRequest {
    let body = local_cloud::form_encoded(form).into_bytes();
    SignedRequest { content_type: "application/x-www-form-urlencoded", body, ..json_api(service, "", &Value::Null) }
}

fn secret(id: &str) -> SignedRequest {
    json_api("secretsmanager", "secretsmanager.GetSecretValue", &json!({"SecretId": id}))
}

fn states(operation: &str, body: Value) -> SignedRequest {
    json_api("states", &format!("AWSStepFunctions.{operation}"), &body)
}

pub(crate) fn publish(topic: &str, message: &str) -> SignedRequest {
    query_api("sns", &[("Action", "Publish"), ("TopicArn", topic), ("Message", message)])
}

/// Events of that source and these types.
fn put_events(source: &str, types: &[&str]) -> SignedRequest {
    let entry = |of_type: &&str| json!({"Source": source, "DetailType": of_type, "Detail": "{}"});
    let entries: Vec<Value> = types.iter().map(entry).collect();
    json_api("events", "AWSEvents.PutEvents", &json!({ "Entries": entries }))
}

fn query(it: &Things, subject: &str) -> SignedRequest {
    let body = json!({"TableName": it.table, "KeyConditionExpression": "subject = :subject",
        "ExpressionAttributeValues": {":subject": {"S": subject}}});
    json_api("dynamodb", "DynamoDB_20120810.Query", &body)
}

/// What relay-alert may read of a case.
fn claims(it: &Things) -> SignedRequest {
    let key = json!({"subject": {"S": it.subject}, "item": {"S": "permissions"}});
    let body = json!({"TableName": it.table, "Key": key, "ProjectionExpression": "case_id, claimed_revision"});
    json_api("dynamodb", "DynamoDB_20120810.GetItem", &body)
}

fn item(operation: &str, it: &Things, subject: &str) -> SignedRequest {
    let key = json!({"subject": {"S": subject}, "item": {"S": "permissions"}});
    let body = match operation {
        "PutItem" => json!({"TableName": it.table, "Item": key}),
        _ => json!({"TableName": it.table, "Key": key}),
    };
    json_api("dynamodb", &format!("DynamoDB_20120810.{operation}"), &body)
}

pub(crate) fn sqs(operation: &str, queue: &str) -> SignedRequest {
    let mut body = json!({ "QueueUrl": queue });
    match operation {
        "GetQueueAttributes" => body["AttributeNames"] = json!(["QueueArn"]),
        "SetQueueAttributes" => body["Attributes"] = json!({"VisibilityTimeout": "720"}),
        "SendMessage" => body["MessageBody"] = json!("permissions"),
        "ReceiveMessage" => body["VisibilityTimeout"] = json!(0), // others see it all the same
        _ => {}
    }
    json_api("sqs", &format!("AmazonSQS.{operation}"), &body)
}

pub(crate) fn s3(method: Method, bucket: &str, key: &str) -> SignedRequest {
    let path = format!("/{bucket}/{key}");
    let content_type = "application/octet-stream";
    SignedRequest { service: "s3", method, path, target: String::new(), content_type, body: Vec::new() }
}

fn lambda(method: Method, rest: &str) -> SignedRequest {
    let path = format!("/2015-03-31/functions/{rest}");
    let (content_type, body) = ("application/json", b"{}".to_vec());
    SignedRequest { service: "lambda", method, path, target: String::new(), content_type, body }
}
