//! The way of cases, walked once on the local cloud: each function works on what those before it have left there, while its
//! calls are recorded.

use std::time::Duration;

use hyper::body::Bytes;
use local_cloud::{CaseItem, LocalCloud, STACK_ACCOUNT};
use serde_json::{Value, json};
use simulator::Scenario;

use super::aws::Targets;
use super::events::{ACCOUNT, Role, delivered, indicators, ordinary, sequence, step};
use super::function::Function;
use super::stage::{ADMINISTRATOR, GRAPH_DOCUMENT, Stage, Workload};
use crate::Error;

/// How long an alert takes to reach the topic's subscribers.
const PATIENCE: Duration = Duration::from_secs(30);
/// A machine of one state: the stack's own would call the functions while they are measured.
const MACHINE: &str = r#"{"StartAt": "Nothing", "States": {"Nothing": {"Type": "Pass", "End": true}}}"#;

/// Lets every function do what it is for.
pub(super) async fn record(cloud: &LocalCloud, stage: &mut Stage) -> Result<(), Error> {
    redirect(cloud, stage).await?;
    let mut walk = Walk { cloud, stage, findings: 0 };
    let first = walk.opens("open-case, an ordinary finding").await?;
    walk.follows(&first, 50, "assess-case, 50 indicators").await?;
    for (count, name) in [(1, "assess-case, 1 indicator"), (400, "assess-case, 400 indicators")] {
        let role = walk.opens("").await?;
        walk.follows(&role, count, name).await?;
    }
    let ten = walk.roles(10).await?;
    let bodies: Vec<String> = ten.iter().map(|role| ordinary(role, &walk.finding_id()).to_string()).collect();
    walk.does("open-case, a batch of 10 findings", Function::OpenCase, delivered(bodies)).await?;
    let three = walk.roles(3).await?;
    let attack = sequence(&three, &walk.finding_id()).to_string();
    walk.does("open-case, an attack sequence of 240 KB", Function::OpenCase, delivered([attack])).await?;
    walk.relays().await?;
    walk.keeps().await
}

/// The stack's account is invited to the graph of another.
pub(super) async fn invite(cloud: &LocalCloud) -> Result<(), Error> {
    let arn = cloud.simulator().graph_arn(ADMINISTRATOR, "us-east-1");
    let accounts = json!([{"AccountId": STACK_ACCOUNT, "EmailAddress": "own@example.com"}]);
    let invite = json!({"GraphArn": arn, "Accounts": accounts});
    cloud.simulator_api().post_as(ADMINISTRATOR, "detective", "/graph/members", &invite).await?;
    Ok(())
}

/// Leads executions to the machine that calls nobody, and the relay to where its posts are recorded; and lets open-case in
/// where only its own role is let in.
async fn redirect(cloud: &LocalCloud, stage: &mut Stage) -> Result<(), Error> {
    let describe = json!({"stateMachineArn": cloud.outputs().get("CaseStateMachineArn")});
    let theirs = cloud.api().json("states", "AWSStepFunctions.DescribeStateMachine", &describe).await?;
    let create = json!({"name": "benchmark", "definition": MACHINE, "roleArn": theirs["roleArn"]});
    let machine = cloud.api().json("states", "AWSStepFunctions.CreateStateMachine", &create).await?;
    let machine = machine["stateMachineArn"].as_str().unwrap_or_default();

    let url = stage.aws.url();
    let here = |there: String| there.replace(&cloud.receivers().url(), &url);
    let secret = json!({
        "slack": {"webhook_url": here(cloud.receivers().slack_url())},
        "pagerduty": {"routing_key": local_cloud::RELAY_KEY, "url": here(cloud.receivers().pagerduty_url())},
        "webhook": {"url": here(cloud.receivers().webhook_url()), "key": local_cloud::RELAY_KEY},
    });
    let create = json!({"Name": "gumshoe/benchmark", "SecretString": secret.to_string(),
        "ClientRequestToken": "00000000-0000-4000-8000-000000000001"});
    let secret = cloud.api().json("secretsmanager", "secretsmanager.CreateSecret", &create).await?;
    stage.change(Function::RelayAlert, &[("RELAY_SECRET_ARN", secret["ARN"].as_str().unwrap_or_default())]);

    // An empty batch starts a process of it, which has the session of its role. The role may start the stack's own machine
    // only.
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
    stage.change(Function::OpenCase, &changes);
    Ok(())
}

struct Walk<'a> {
    cloud: &'a LocalCloud,
    stage: &'a mut Stage,
    findings: u32,
}

impl Walk<'_> {
    /// Lets a function work on an event, in a process of its own, and keeps what was recorded under a name.
    async fn does(&mut self, name: &'static str, function: Function, event: Bytes) -> Result<Value, Error> {
        let host = |url: &str| url.trim_start_matches("http://").to_owned();
        self.stage.aws.record(Targets {
            emulator: host(self.cloud.api().url()),
            simulator: host(&self.cloud.simulator().url()),
            receivers: host(&self.cloud.receivers().url()),
        });
        let mut process = self.stage.programs(function)?.own.start(&self.stage.aws.url()).await?;
        process.first_poll().await?;
        let answer: Value = serde_json::from_slice(&process.invoke(&event).await?.body)?;
        if !answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty) {
            return Err(process.named(Error::Function("a message failed".to_owned())));
        }
        process.end().await?;
        let recording = self.stage.aws.recorded();
        if !name.is_empty() {
            self.stage.workloads.push(Workload { name, function, event, recording });
        }
        Ok(answer)
    }

    /// Roles of the findings' account, each under a path that no finding tells.
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

    /// A finding about a role opens its case.
    async fn opens(&mut self, name: &'static str) -> Result<Role, Error> {
        let Some(role) = self.roles(1).await?.pop() else { return Err(Error::Function("no role".to_owned())) };
        let finding = ordinary(&role, &self.finding_id());
        self.does(name, Function::OpenCase, delivered([finding.to_string()])).await?;
        Ok(role)
    }

    /// The state machine's steps for the role's case, whose investigation finds so many indicators. The steps beside the
    /// assessment are kept of the case with 50.
    async fn follows(&mut self, role: &Role, count: usize, assessment: &'static str) -> Result<(), Error> {
        let entity = format!("arn:aws:iam::{ACCOUNT}:role/service/web/{}", role.name);
        let scenario = json!({"entity_arn": entity, "severity": "HIGH", "ends": {"after_checks": 1},
            "indicators": indicators(count)});
        let scenario = Scenario::from_json(&scenario.to_string());
        self.cloud.simulator().add_scenario(scenario.map_err(|error| Error::Function(error.to_string()))?);
        let case = self.case(role).await?;
        let kept = |name| if count == 50 { name } else { "" };
        let none = Value::Null;
        self.does(kept("start-investigation"), Function::StartInvestigation, step(&case, &none)).await?;
        for look in 1..=2 {
            let name = if look == 1 { kept("check-investigation") } else { "" };
            self.does(name, Function::CheckInvestigation, step(&case, &json!({"look": look}))).await?;
        }
        let rounds = json!({"not_investigated": null, "last_round": false, "last_investigation": false});
        let assessed = self.does(assessment, Function::AssessCase, step(&case, &rounds)).await?;
        expect(&assessed, "ALERT")?;
        let sent = self.does(kept("send-alert"), Function::SendAlert, step(&case, &none)).await?;
        expect(&sent, "CLOSED")
    }

    async fn case(&self, role: &Role) -> Result<CaseItem, Error> {
        let case = self.cloud.cases(&role.subject()).await?.pop();
        case.ok_or_else(|| Error::Function(format!("{} has no case", role.subject())))
    }

    /// An alert, as the topic delivered it to a queue, goes to every channel. The stack's own relay has delivered it already, so
    /// it goes under the name of another case, whose row is a copy.
    async fn relays(&mut self) -> Result<(), Error> {
        let alert = async || Ok(self.cloud.inbox().received().into_iter().find(|it| it.protocol == "sqs"));
        let body = self.cloud.poll_until("an alert", PATIENCE, alert).await?.body;
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
        self.does("relay-alert", Function::RelayAlert, delivered([body])).await.map(drop)
    }

    /// The graph is as it should be, and an invitation is accepted.
    async fn keeps(&mut self) -> Result<(), Error> {
        let accounts = json!([{"account_id": ACCOUNT, "email": format!("security+{ACCOUNT}@example.com")}]);
        let document = json!({"graph": {"enabled": true}, "members": {"accounts": accounts}});
        self.cloud.write_parameter(GRAPH_DOCUMENT, &document.to_string()).await?;
        self.does("keep-graph", Function::KeepGraph, delivered(["{}".to_owned()])).await?;
        self.does("keep-membership", Function::KeepMembership, delivered(["{}".to_owned()])).await.map(drop)
    }
}

fn expect(answer: &Value, outcome: &str) -> Result<(), Error> {
    if answer["outcome"] == outcome {
        return Ok(());
    }
    Err(Error::Function(format!("{outcome} was expected: {answer}")))
}
