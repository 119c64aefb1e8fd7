//! Processes cases on the local cloud once: each function works with the results of the functions before it, while its calls are
//! recorded.

use std::time::Duration;

use hyper::body::Bytes;
use local_cloud::{CaseItem, LocalCloud, STACK_ACCOUNT};
use serde_json::{Value, json};
use simulator::Scenario;

use super::aws::Targets;
use super::events::{ACCOUNT, Role, delivered, indicators, ordinary, sequence, step};
use super::function::Function;
use super::setup::{ADMINISTRATOR, GRAPH_DOCUMENT, Setup, Workload};
use crate::Error;

/// The maximum time until an alert reaches the topic's subscribers.
const ALERT_TIMEOUT: Duration = Duration::from_secs(30);
/// A state machine that does nothing: the stack's own would call the functions during recording.
const EMPTY_STATE_MACHINE: &str = r#"{"StartAt": "Nothing", "States": {"Nothing": {"Type": "Pass", "End": true}}}"#;

/// Records a workload of every function.
pub(super) async fn record(cloud: &LocalCloud, setup: &mut Setup) -> Result<(), Error> {
    redirect(cloud, setup).await?;
    let mut recorder = TraceRecorder { cloud, setup, findings: 0 };
    let first = recorder.record_open_case("open-case, an ordinary finding").await?;
    recorder.record_case(&first, 50, "assess-case, 50 indicators").await?;
    for (count, name) in [(1, "assess-case, 1 indicator"), (400, "assess-case, 400 indicators")] {
        let role = recorder.record_open_case("").await?;
        recorder.record_case(&role, count, name).await?;
    }
    let ten = recorder.roles(10).await?;
    let bodies: Vec<String> = ten.iter().map(|role| ordinary(role, &recorder.finding_id()).to_string()).collect();
    recorder.record("open-case, a batch of 10 findings", Function::OpenCase, delivered(bodies)).await?;
    let three = recorder.roles(3).await?;
    let attack = sequence(&three, &recorder.finding_id()).to_string();
    recorder.record("open-case, an attack sequence of 240 KB", Function::OpenCase, delivered([attack])).await?;
    recorder.record_relay().await?;
    recorder.record_graph().await
}

/// Invites the stack's account to the graph of another account.
pub(super) async fn invite(cloud: &LocalCloud) -> Result<(), Error> {
    let arn = cloud.simulator().graph_arn(ADMINISTRATOR, "us-east-1");
    let accounts = json!([{"AccountId": STACK_ACCOUNT, "EmailAddress": "own@example.com"}]);
    let invite = json!({"GraphArn": arn, "Accounts": accounts});
    cloud.simulator_api().post_as(ADMINISTRATOR, "detective", "/graph/members", &invite).await?;
    Ok(())
}

/// Makes open-case start the empty state machine, relay-alert post to the recording server, and open-case use the session of its
/// deployed role, because the member role trusts only that one.
async fn redirect(cloud: &LocalCloud, setup: &mut Setup) -> Result<(), Error> {
    let describe = json!({"stateMachineArn": cloud.outputs().get("CaseStateMachineArn")});
    let theirs = cloud.api().json("states", "AWSStepFunctions.DescribeStateMachine", &describe).await?;
    let create = json!({"name": "benchmark", "definition": EMPTY_STATE_MACHINE, "roleArn": theirs["roleArn"]});
    let machine = cloud.api().json("states", "AWSStepFunctions.CreateStateMachine", &create).await?;
    let machine = machine["stateMachineArn"].as_str().unwrap_or_default();

    let url = setup.aws.url();
    let here = |there: String| there.replace(&cloud.receivers().url(), &url);
    let secret = json!({
        "slack": {"webhook_url": here(cloud.receivers().slack_url())},
        "pagerduty": {"routing_key": local_cloud::RELAY_KEY, "url": here(cloud.receivers().pagerduty_url())},
        "webhook": {"url": here(cloud.receivers().webhook_url()), "key": local_cloud::RELAY_KEY},
    });
    let create = json!({"Name": "gumshoe/benchmark", "SecretString": secret.to_string(),
        "ClientRequestToken": "00000000-0000-4000-8000-000000000001"});
    let secret = cloud.api().json("secretsmanager", "secretsmanager.CreateSecret", &create).await?;
    setup.change(Function::RelayAlert, &[("RELAY_SECRET_ARN", secret["ARN"].as_str().unwrap_or_default())]);

    // An empty batch starts a process of it, which has a session of its role. By default the role may start only the stack's own
    // state machine.
    cloud.allow_on_all_resources(STACK_ACCOUNT, "gumshoe-local-open-case-", "states:StartExecution").await?;
    cloud.invoke("gumshoe-local-open-case", &json!({"Records": []})).await?;
    let session = cloud.session_of("open-case");
    let session = session.ok_or_else(|| Error::Function("open-case has no session".to_owned()))?;
    let changes = [
        ("STATE_MACHINE_ARN", machine),
        ("AWS_ACCESS_KEY_ID", &session.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &session.secret_access_key),
        ("AWS_SESSION_TOKEN", &session.session_token),
    ];
    setup.change(Function::OpenCase, &changes);
    Ok(())
}

struct TraceRecorder<'a> {
    cloud: &'a LocalCloud,
    setup: &'a mut Setup,
    findings: u32,
}

impl TraceRecorder<'_> {
    /// Runs a function with an event in a new process, and stores the recording as the workload `name`, unless it is empty.
    async fn record(&mut self, name: &'static str, function: Function, event: Bytes) -> Result<Value, Error> {
        let host = |url: &str| url.trim_start_matches("http://").to_owned();
        self.setup.aws.record(Targets {
            emulator: host(self.cloud.api().url()),
            simulator: host(&self.cloud.simulator().url()),
            receivers: host(&self.cloud.receivers().url()),
        });
        let mut process = self.setup.programs(function)?.own.start(&self.setup.aws.url()).await?;
        process.first_poll().await?;
        let answer: Value = serde_json::from_slice(&process.invoke(&event).await?.body)?;
        if !answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty) {
            return Err(process.named(Error::Function("a message of the batch failed".to_owned())));
        }
        process.end().await?;
        let recording = self.setup.aws.recorded();
        if !name.is_empty() {
            self.setup.workloads.push(Workload { name, function, event, recording });
        }
        Ok(answer)
    }

    /// Creates roles in the findings' account, each with a path that findings do not contain.
    async fn roles(&mut self, count: u32) -> Result<Vec<Role>, Error> {
        let mut roles = Vec::new();
        for number in 0..count {
            let name = format!("role-{}-{number}", self.findings);
            let id = self.cloud.create_role(ACCOUNT, "/service/web/", &name).await?;
            roles.push(Role { name, id });
        }
        Ok(roles)
    }

    fn finding_id(&mut self) -> String {
        self.findings += 1;
        format!("{:032x}", self.findings)
    }

    /// Records open-case with a finding about a new role. Returns the role.
    async fn record_open_case(&mut self, name: &'static str) -> Result<Role, Error> {
        let Some(role) = self.roles(1).await?.pop() else { return Err(Error::Function("no role".to_owned())) };
        let finding = ordinary(&role, &self.finding_id());
        self.record(name, Function::OpenCase, delivered([finding.to_string()])).await?;
        Ok(role)
    }

    /// Records the tasks of the state machine for the role's case, whose investigation has that many indicators. Of the case with
    /// 50, the other tasks are stored as well as the assessment.
    async fn record_case(&mut self, role: &Role, count: usize, assessment: &'static str) -> Result<(), Error> {
        let entity = format!("arn:aws:iam::{ACCOUNT}:role/service/web/{}", role.name);
        let scenario = json!({"entity_arn": entity, "severity": "HIGH", "ends": {"after_checks": 1},
            "indicators": indicators(count)});
        let scenario = Scenario::from_json(&scenario.to_string());
        self.cloud.simulator().add_scenario(scenario.map_err(|error| Error::Function(error.to_string()))?);
        let case = self.case(role).await?;
        let named = |name| if count == 50 { name } else { "" };
        let none = Value::Null;
        self.record(named("start-investigation"), Function::StartInvestigation, step(&case, &none)).await?;
        for poll in 1..=2 {
            let name = if poll == 1 { named("check-investigation") } else { "" };
            self.record(name, Function::CheckInvestigation, step(&case, &json!({"poll": poll}))).await?;
        }
        let rounds = json!({"not_investigated": null, "last_round": false, "last_investigation": false});
        let assessed = self.record(assessment, Function::AssessCase, step(&case, &rounds)).await?;
        expect(&assessed, "ALERT")?;
        let sent = self.record(named("send-alert"), Function::SendAlert, step(&case, &none)).await?;
        expect(&sent, "CLOSED")
    }

    async fn case(&self, role: &Role) -> Result<CaseItem, Error> {
        let case = self.cloud.cases(&role.subject()).await?.pop();
        case.ok_or_else(|| Error::Function(format!("{} has no case", role.subject())))
    }

    /// Records relay-alert with an alert that the topic delivered to a queue. The stack's own relay has delivered it already, so it
    /// gets the id of another case, whose item is a copy.
    async fn record_relay(&mut self) -> Result<(), Error> {
        let alert = async || Ok(self.cloud.inbox().received().into_iter().find(|it| it.protocol == "sqs"));
        let body = self.cloud.poll_until("the subscriber to receive an alert", ALERT_TIMEOUT, alert).await?.body;
        let alert: Value = serde_json::from_str(&body)?;
        let case_id = alert["case_id"].as_str().unwrap_or_default();
        let body = body.replace(case_id, &format!("{case_id}0"));
        let sequence: u64 = case_id.rsplit('-').next().and_then(|it| it.parse().ok()).unwrap_or_default();
        let table = self.cloud.outputs().get("CasesTableName");
        let item = |sequence: u64| json!({"S": format!("case#{sequence:010}")});
        let get = json!({"TableName": table, "Key": {"subject": {"S": alert["subject"]}, "item": item(sequence)}});
        let mut case = self.cloud.api().json("dynamodb", "DynamoDB_20120810.GetItem", &get).await?["Item"].take();
        (case["item"], case["case_id"]) = (item(sequence * 10), json!({"S": format!("{case_id}0")}));
        let put = json!({"TableName": table, "Item": case});
        self.cloud.api().json("dynamodb", "DynamoDB_20120810.PutItem", &put).await?;
        self.record("relay-alert", Function::RelayAlert, delivered([body])).await.map(drop)
    }

    /// Records keep-graph with a graph that matches its document, and keep-membership with an invitation to accept.
    async fn record_graph(&mut self) -> Result<(), Error> {
        let accounts = json!([{"account_id": ACCOUNT, "email": format!("security+{ACCOUNT}@example.com")}]);
        let document = json!({"graph": {"enabled": true}, "members": {"accounts": accounts}});
        self.cloud.write_parameter(GRAPH_DOCUMENT, &document.to_string()).await?;
        self.record("keep-graph", Function::KeepGraph, delivered(["{}".to_owned()])).await?;
        self.record("keep-membership", Function::KeepMembership, delivered(["{}".to_owned()])).await.map(drop)
    }
}

fn expect(answer: &Value, outcome: &str) -> Result<(), Error> {
    if answer["outcome"] == outcome {
        return Ok(());
    }
    Err(Error::Function(format!("expected outcome {outcome}, got {answer}")))
}
