//! What each function's role allows and denies. The emulator decides calls that are signed with the function's own session, and it
//! enforces IAM: it rejects a call that the role's policies do not allow.
//!
//! The contract tests check that each policy grants only what its function calls. These tests check the effect of the policies. They cover
//! neither Detective's actions, because the simulator of Detective has no policies, nor rights on KMS keys, which the emulator does not
//! enforce.

use crate::scene::{BoxError, Outcome, Scene, WAIT_TIMEOUT};
use local_cloud::{Method, RawResponse, STACK_ACCOUNT, Session, SignedRequest};
use receivers::Channel;
use serde_json::{Value, json};

/// The resources that the calls of the tables use.
struct TestResources {
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
    /// Resources that do not belong to the stack.
    foreign: ForeignResources,
}

struct ForeignResources {
    secret: String,
    machine: String,
    topic: String,
    bucket: String,
}

/// A description of the action, and a call that needs the permission for it.
type PermissionCheck = (&'static str, fn(&TestResources) -> SignedRequest);

/// The calls that each function must be allowed.
const ALLOWED: [(&str, &[PermissionCheck]); 6] = [
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
            ("iam:GetRole", |_| query_api("iam", &[("Action", "GetRole"), ("RoleName", "no-such-role")])),
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

/// The subject of a case that does not exist.
const A_CASE: &str = "arn:aws:iam::444455556666:role/permissions";

/// The calls that every function must be denied.
const DENIED_TO_ALL: &[PermissionCheck] = &[
    ("secretsmanager:GetSecretValue of another secret", |it| secret(&it.foreign.secret)),
    ("secretsmanager:PutSecretValue", |it| {
        let put = json!({"SecretId": it.relay_secret, "SecretString": "{}"});
        json_api("secretsmanager", "secretsmanager.PutSecretValue", &put)
    }),
    ("states:StartExecution of another machine", |it| {
        states("StartExecution", json!({"stateMachineArn": it.foreign.machine}))
    }),
    ("states:StopExecution", |it| states("StopExecution", json!({"executionArn": it.execution}))),
    ("states:UpdateStateMachine", |it| states("UpdateStateMachine", json!({"stateMachineArn": it.machine}))),
    ("sns:Publish to another topic", |it| publish(&it.foreign.topic, "hello")),
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
    ("s3:GetObject of another bucket", |it| s3(Method::GET, &it.foreign.bucket, "object")),
    ("s3:PutObject in another bucket", |it| s3(Method::PUT, &it.foreign.bucket, "cases/object")),
    ("s3:GetObject of the evidence", |it| s3(Method::GET, &it.bucket, "cases/none/permissions")),
    ("s3:DeleteObject of the evidence", |it| s3(Method::DELETE, &it.bucket, "cases/none/permissions")),
    ("s3:PutObject outside cases/", |it| s3(Method::PUT, &it.bucket, "other/object")),
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
    ("events:PutEvents of a finding together with its own", |_| {
        put_events("gumshoe", &["Case Closed", "GuardDuty Finding"])
    }),
    ("events:DeleteRule", |_| json_api("events", "AWSEvents.DeleteRule", &json!({"Name": "permissions"}))),
    ("cloudformation:DeleteStack", |_| {
        query_api("cloudformation", &[("Action", "DeleteStack"), ("StackName", "permissions")])
    }),
];

/// The calls that must be denied to every function except the listed ones.
const DENIED_TO_OTHERS: &[(PermissionCheck, &[&str])] = &[
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
    (("iam:GetRole", |_| query_api("iam", &[("Action", "GetRole"), ("RoleName", "no-such-role")])), &["open-case"]),
];

pub(crate) async fn open_case_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    assert_required_permissions(scene, "open-case").await
}

pub(crate) async fn start_investigation_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    assert_required_permissions(scene, "start-investigation").await
}

pub(crate) async fn check_investigation_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    assert_required_permissions(scene, "check-investigation").await
}

pub(crate) async fn assess_case_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    assert_required_permissions(scene, "assess-case").await
}

pub(crate) async fn send_alert_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    assert_required_permissions(scene, "send-alert").await
}

pub(crate) async fn relay_alert_has_only_the_required_permissions(scene: &Scene<'_>) -> Outcome {
    assert_required_permissions(scene, "relay-alert").await
}

/// Checks the function's rows of [`ALLOWED`], [`DENIED_TO_ALL`] and [`DENIED_TO_OTHERS`].
async fn assert_required_permissions(scene: &Scene<'_>, function: &str) -> Outcome {
    let resources = resources(scene).await?;
    let session = async || Ok(scene.cloud.session_of(function));
    let session = scene.cloud.poll_until("the function's session", WAIT_TIMEOUT, session).await?;
    for (action, call) in ALLOWED.iter().find(|(name, _)| *name == function).unwrap().1 {
        let answer = call_as(scene, &session, call(&resources)).await?;
        assert!(!answer.is_denied() && !is_session_rejected(&answer), "{function} is denied {action}: {answer:?}");
        assert!(answer.status < 300 || REJECTED_FOR_CONTENT.contains(action), "{function}, {action}: {answer:?}");
    }
    let others = DENIED_TO_OTHERS.iter().filter(|(_, need)| !need.contains(&function)).map(|(row, _)| row);
    let mut allowed = Vec::new();
    for (action, call) in DENIED_TO_ALL.iter().chain(others) {
        let answer = call_as(scene, &session, call(&resources)).await?;
        if !answer.is_denied() {
            allowed.push(format!("{action}: {answer:?}"));
        }
    }
    assert!(allowed.is_empty(), "{function} must be denied these calls, but was not: {allowed:#?}");
    Ok(())
}

/// Calls that the tests make without effect: IAM allows them, and the service then rejects their content.
const REJECTED_FOR_CONTENT: [&str; 3] = ["states:StartExecution", "sns:Publish", "iam:GetRole"];

/// Whether the service rejected the signature or the session.
fn is_session_rejected(answer: &RawResponse) -> bool {
    ["Signature", "security token", "InvalidClientTokenId"].iter().any(|word| answer.text.contains(word))
}

async fn call_as(scene: &Scene<'_>, session: &Session, call: SignedRequest) -> Result<RawResponse, BoxError> {
    Ok(scene.cloud.api().call_as(session, &call).await?)
}

/// Has a case processed by all functions, so that each has a session, and creates the resources that do not belong to the stack.
async fn resources(scene: &Scene<'_>) -> Result<TestResources, BoxError> {
    scene.set_scenario("high");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    scene.wait_for_deliveries(Channel::Webhook, &case.case_id, 1).await?;
    let (api, outputs) = (scene.cloud.api(), scene.cloud.outputs());
    let text = |value: &Value| value.as_str().unwrap().to_owned();

    let name = format!("foreign-{}", scene.role());
    let token = format!("{name:0>36}");
    let create = json!({"Name": name, "SecretString": "unused", "ClientRequestToken": token});
    api.json("secretsmanager", "secretsmanager.CreateSecret", &create).await?;
    let nothing = json!({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}});
    let role = format!("arn:aws:iam::{STACK_ACCOUNT}:role/{name}");
    scene.cloud.create_role(STACK_ACCOUNT, "/", &name).await?;
    let create = json!({"name": name, "definition": nothing.to_string(), "roleArn": role});
    let machine = api.json("states", "AWSStepFunctions.CreateStateMachine", &create).await?;
    // Without its own policy, a topic of the emulator lets every principal publish.
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
    api.send(Method::PUT, "s3", &format!("/{name}/object"), b"unused".to_vec()).await?;

    Ok(TestResources {
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
        foreign: ForeignResources {
            secret: name.clone(),
            machine: text(&machine["stateMachineArn"]),
            topic,
            bucket: name,
        },
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

fn query(it: &TestResources, subject: &str) -> SignedRequest {
    let body = json!({"TableName": it.table, "KeyConditionExpression": "subject = :subject",
        "ExpressionAttributeValues": {":subject": {"S": subject}}});
    json_api("dynamodb", "DynamoDB_20120810.Query", &body)
}

/// A read of the attributes of a case that relay-alert may read.
fn claims(it: &TestResources) -> SignedRequest {
    let key = json!({"subject": {"S": it.subject}, "item": {"S": "permissions"}});
    let body = json!({"TableName": it.table, "Key": key, "ProjectionExpression": "case_id, claimed_revision"});
    json_api("dynamodb", "DynamoDB_20120810.GetItem", &body)
}

fn item(operation: &str, it: &TestResources, subject: &str) -> SignedRequest {
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
        "ReceiveMessage" => body["VisibilityTimeout"] = json!(0), // so that the message stays visible to others
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
