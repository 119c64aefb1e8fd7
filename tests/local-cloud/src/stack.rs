//! The stack, deployed to the emulator.

use crate::api::Api;
use crate::cases::{self, CaseItem};
use crate::emulator::{Emulator, Settings, check_port};
use crate::error::CloudError;
use crate::inbox::{Inbox, Mailbox, Received, from_queue};
use crate::process::Watch;
use crate::proxy::SnsProxy;
use crate::tools::Tools;
use crate::{deploy, findings, relay};
use receivers::Receivers;
use serde_json::{Value, json};
use simulator::Simulator;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often something is looked at that is waited for.
const PULSE: Duration = Duration::from_millis(40);

/// The stack's name, as samconfig.toml has it for `local`.
const STACK: &str = "gumshoe-local";

/// The account that the emulator puts the stack in.
pub const OWN_ACCOUNT: &str = "000000000000";

/// How the local cloud is to be started.
pub struct Options<'a> {
    /// The emulator's port; nothing for a free one.
    pub port: Option<u16>,
    /// Real seconds for each second that a state machine waits.
    pub wait_scale: f64,
    /// The template's parameters, beside `Rehearsal=true`.
    pub parameters: Vec<(String, String)>,
    /// Is told what happens.
    pub say: &'a (dyn Fn(&str) + Sync),
}

/// What the template gives out.
#[derive(Debug, Clone)]
pub struct Outputs(BTreeMap<String, String>);

impl Outputs {
    /// The output of that name; empty when the template has none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// The emulator, the simulator, the stack and its subscribers.
pub struct LocalCloud {
    // Fields are dropped in this order: subscribers first, then the emulator with its functions, what they call last.
    inbox: Inbox,
    watch: Watch,
    _emulator: Emulator,
    proxy: SnsProxy,
    simulator: Simulator,
    receivers: Receivers,
    api: Api,
    outputs: Outputs,
    tools: Tools,
}

impl LocalCloud {
    /// Builds, starts and deploys everything.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with its mend; nothing is left running.
    pub async fn start(options: &Options<'_>) -> Result<Self, CloudError> {
        let say = options.say;
        let tools = Tools::find()?;
        options.port.map_or(Ok(()), check_port)?;
        say("Building the functions (sam build); the first time takes some minutes …");
        deploy::build(&tools, say).await?;

        let no_port = || CloudError::io("no free port on loopback");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(no_port())?;
        let simulator = Simulator::start(listener).map_err(no_port())?;
        let mailbox = Mailbox::default();
        let proxy = SnsProxy::start(mailbox.clone()).await?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(no_port())?;
        let receivers = Receivers::start(listener).map_err(no_port())?;
        let detective_url = simulator.url();
        let settings = Settings {
            port: options.port,
            detective_url: &detective_url,
            sns_url: Some(proxy.url()),
            wait_scale: options.wait_scale,
        };
        let emulator = Emulator::start(&tools, &settings).await?;
        proxy.forward_to(emulator.url());
        say(&format!("AWS is emulated at {}, Detective is simulated at {detective_url}", emulator.url()));

        say("Deploying the stack (sam deploy) …");
        let api = Api::new(emulator.url())?;
        let secret_arn = relay::make_secret(&api, &receivers).await?;
        let mut parameters =
            vec![("Rehearsal".to_owned(), "true".to_owned()), ("RelaySecretArn".to_owned(), secret_arn)];
        parameters.extend(options.parameters.iter().cloned());
        deploy::deploy(&tools, &emulator.url(), &parameters, say).await?;
        let outputs = outputs(&api).await?;
        let inbox = Inbox::subscribe(&api, outputs.get("AlertTopicArn"), mailbox).await?;
        let watch = Watch::start();
        Ok(Self { inbox, watch, _emulator: emulator, proxy, simulator, receivers, api, outputs, tools })
    }

    /// Calls to the emulator.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Deploys `infra/member-role.yaml` to another account, as a StackSet would, with the external id that the stack was
    /// given.
    ///
    /// # Errors
    ///
    /// [`CloudError`] when the emulator does not take the template.
    pub async fn add_member(&self, account: &str, external_id: &str) -> Result<(), CloudError> {
        let file = self.tools.root().join("infra/member-role.yaml");
        let template =
            std::fs::read_to_string(&file).map_err(CloudError::io("infra/member-role.yaml cannot be read"))?;
        let form = [
            ("Action", "CreateStack"),
            ("StackName", "gumshoe-member"),
            ("TemplateBody", &template),
            ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
            ("Parameters.member.1.ParameterKey", "AdministratorAccountId"),
            ("Parameters.member.1.ParameterValue", OWN_ACCOUNT),
            ("Parameters.member.2.ParameterKey", "ExternalId"),
            ("Parameters.member.2.ParameterValue", external_id),
            ("Parameters.member.3.ParameterKey", "StackName"),
            ("Parameters.member.3.ParameterValue", STACK),
        ];
        self.api.query_as(account, "cloudformation", &form).await?;
        self.eventually("the member's stack", Duration::from_secs(30), async || {
            let describe = [("Action", "DescribeStacks"), ("StackName", "gumshoe-member")];
            let answer = self.api.query_as(account, "cloudformation", &describe).await?;
            Ok(answer.contains("CREATE_COMPLETE").then_some(()))
        })
        .await
    }

    /// Makes a role under a path in an account, which nobody can take on, and answers its unique id.
    ///
    /// # Errors
    ///
    /// A failed CreateRole.
    pub async fn make_role(&self, account: &str, path: &str, name: &str) -> Result<String, CloudError> {
        let nobody = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let form = [("Action", "CreateRole"), ("Path", path), ("RoleName", name), ("AssumeRolePolicyDocument", nobody)];
        let answer = self.api.query_as(account, "iam", &form).await?;
        let (_, rest) = answer.split_once("<RoleId>").unwrap_or_default();
        Ok(rest.split('<').next().unwrap_or_default().to_owned())
    }

    /// Lets a role of the stack, named by how its name begins, take an action on everything: the emulator knows no resource
    /// of some actions, and so lets nothing through that a policy allows on named resources.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn allow_everywhere(&self, role: &str, action: &str) -> Result<(), CloudError> {
        let roles = self.api.query("iam", &[("Action", "ListRoles")]).await?;
        let names = roles.split("<RoleName>").skip(1).filter_map(|rest| rest.split('<').next());
        let policy =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
        for name in names.filter(|name| name.starts_with(role)) {
            let form = [
                ("Action", "PutRolePolicy"),
                ("RoleName", name),
                ("PolicyName", "for-the-emulator"),
                ("PolicyDocument", &policy.to_string()),
            ];
            self.api.query("iam", &form).await?;
        }
        Ok(())
    }

    /// What the template gives out.
    #[must_use]
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// Detective.
    #[must_use]
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// What stands for Slack, PagerDuty and the webhook.
    #[must_use]
    pub fn receivers(&self) -> &Receivers {
        &self.receivers
    }

    /// An object of the evidence bucket; nothing where there is none.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn evidence(&self, key: &str) -> Result<Option<String>, CloudError> {
        let path = format!("/{}/{key}", self.outputs.get("EvidenceBucketName"));
        match self.api.get("s3", &path).await {
            Err(CloudError::Answer { status: 404, .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    /// SNS's front.
    #[must_use]
    pub fn sns(&self) -> &SnsProxy {
        &self.proxy
    }

    /// What the topic's subscribers have received.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// What functions have spoken to beside this machine, as /proc/net writes addresses.
    #[must_use]
    pub fn strangers(&self) -> Vec<String> {
        self.watch.strangers()
    }

    /// Where the project is.
    #[must_use]
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// All that the functions have logged, function by function.
    ///
    /// # Errors
    ///
    /// A failed FilterLogEvents.
    pub async fn logs(&self) -> Result<Vec<String>, CloudError> {
        let mut lines = Vec::new();
        for function in deploy::functions(&self.tools)? {
            let mut next = Value::Null;
            loop {
                let mut filter = json!({"logGroupName": format!("/aws/lambda/{STACK}-{function}")});
                if next.is_string() {
                    filter["nextToken"] = next;
                }
                let answer = self.api.json("logs", "Logs_20140328.FilterLogEvents", &filter).await?;
                let events = answer["events"].as_array().into_iter().flatten();
                lines.extend(events.map(|event| event["message"].as_str().unwrap_or_default().to_owned()));
                next = answer["nextToken"].clone();
                if !next.is_string() {
                    break;
                }
            }
        }
        Ok(lines)
    }

    /// Writes all that the functions have logged beside the other logs, and gives the file.
    ///
    /// # Errors
    ///
    /// As [`LocalCloud::logs`], or the file cannot be written.
    pub async fn keep_logs(&self) -> Result<std::path::PathBuf, CloudError> {
        let file = self.tools.scratch()?.join("functions.log");
        let lines = self.logs().await?;
        std::fs::write(&file, lines.join("\n")).map_err(CloudError::io("the functions' log cannot be written"))?;
        Ok(file)
    }

    /// Sends findings through EventBridge, as rehearsals.
    ///
    /// # Errors
    ///
    /// A failed PutEvents.
    pub async fn send(&self, details: &[Value]) -> Result<(), CloudError> {
        findings::send(&self.api, details).await
    }

    /// Puts a message into the findings queue as it is, past EventBridge.
    ///
    /// # Errors
    ///
    /// A failed SendMessage.
    pub async fn enqueue(&self, body: &str) -> Result<(), CloudError> {
        let send = json!({"QueueUrl": self.outputs.get("FindingsQueueUrl"), "MessageBody": body});
        self.api.json("sqs", "AmazonSQS.SendMessage", &send).await.map(drop)
    }

    /// The subject's cases, oldest first.
    ///
    /// # Errors
    ///
    /// A failed Query.
    pub async fn cases(&self, subject: &str) -> Result<Vec<CaseItem>, CloudError> {
        cases::of(&self.api, self.outputs.get("CasesTableName"), subject).await
    }

    /// All cases there are.
    ///
    /// # Errors
    ///
    /// A failed Scan.
    pub async fn all_cases(&self) -> Result<Vec<CaseItem>, CloudError> {
        cases::all(&self.api, self.outputs.get("CasesTableName")).await
    }

    /// How many of a finding's re-publications were suppressed; nothing when the finding is not known.
    ///
    /// # Errors
    ///
    /// A failed Query.
    pub async fn suppressed(&self, subject: &str, finding_id: &str) -> Result<Option<u64>, CloudError> {
        cases::suppressed(&self.api, self.outputs.get("CasesTableName"), subject, finding_id).await
    }

    /// Waits until the findings queue is empty: all that was sent before is worked.
    ///
    /// # Errors
    ///
    /// A failed GetQueueAttributes, or the queue does not become empty within a minute.
    pub async fn drained(&self) -> Result<(), CloudError> {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let get = json!({"QueueUrl": self.outputs.get("FindingsQueueUrl"), "AttributeNames": names});
        self.eventually("an empty findings queue", Duration::from_secs(60), async || {
            let answer = self.api.json("sqs", "AmazonSQS.GetQueueAttributes", &get).await?;
            Ok(names.iter().all(|name| answer["Attributes"][name] == "0").then_some(()))
        })
        .await
    }

    /// The messages in the dead-letter queue. They stay there, and can be seen again at once.
    ///
    /// # Errors
    ///
    /// A failed ReceiveMessage.
    pub async fn dead_letters(&self) -> Result<Vec<Received>, CloudError> {
        let receive = json!({"QueueUrl": self.outputs.get("DeadLetterQueueUrl"), "MaxNumberOfMessages": 10,
            "VisibilityTimeout": 0, "MessageAttributeNames": ["All"]});
        let answer = self.api.json("sqs", "AmazonSQS.ReceiveMessage", &receive).await?;
        Ok(answer["Messages"].as_array().into_iter().flatten().map(|message| from_queue("sqs", message)).collect())
    }

    /// An execution's status, error and history, under the case's id.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn execution(&self, case_id: &str) -> Result<Value, CloudError> {
        let arn = self.execution_arn(case_id);
        self.api.json("states", "AWSStepFunctions.DescribeExecution", &json!({"executionArn": arn})).await
    }

    /// The events of an execution, in order.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn history(&self, case_id: &str) -> Result<Vec<Value>, CloudError> {
        let get = json!({"executionArn": self.execution_arn(case_id), "maxResults": 1000});
        let answer = self.api.json("states", "AWSStepFunctions.GetExecutionHistory", &get).await?;
        Ok(answer["events"].as_array().cloned().unwrap_or_default())
    }

    fn execution_arn(&self, case_id: &str) -> String {
        let machine = self.outputs.get("CaseStateMachineArn").replacen(":stateMachine:", ":execution:", 1);
        format!("{machine}:{case_id}")
    }

    /// Looks again and again until `look` finds something.
    ///
    /// # Errors
    ///
    /// [`CloudError::TimedOut`] when it finds nothing in time, or the look's own error.
    pub async fn eventually<T>(
        &self,
        what: &str,
        patience: Duration,
        mut look: impl AsyncFnMut() -> Result<Option<T>, CloudError>,
    ) -> Result<T, CloudError> {
        let started = Instant::now();
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if started.elapsed() > patience {
                return Err(CloudError::TimedOut { what: what.to_owned(), seconds: patience.as_secs(), hint: None });
            }
            tokio::time::sleep(PULSE).await;
        }
    }
}

async fn outputs(api: &Api) -> Result<Outputs, CloudError> {
    let form = [("Action", "DescribeStacks"), ("Version", "2010-05-15"), ("StackName", STACK)];
    let xml = api.query("cloudformation", &form).await?;
    let document =
        roxmltree::Document::parse(&xml).map_err(|source| crate::api::call_failed("DescribeStacks", source))?;
    let text = |node: &roxmltree::Node<'_, '_>, name: &str| {
        let child = node.children().find(|child| child.tag_name().name() == name);
        child.and_then(|child| child.text()).unwrap_or_default().to_owned()
    };
    let keys = document.descendants().filter(|node| node.tag_name().name() == "OutputKey");
    let pairs = keys.filter_map(|key| key.parent()).map(|it| (text(&it, "OutputKey"), text(&it, "OutputValue")));
    Ok(Outputs(pairs.collect()))
}
