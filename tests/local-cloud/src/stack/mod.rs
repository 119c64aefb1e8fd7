//! The case stack, deployed to the emulator.

mod accounts;
mod detector;
mod functions;
mod graph;
mod logs;
mod queries;
mod queues;

pub use accounts::{MEMBER_ACCOUNTS, OTHER_REGION, REGIONS};
pub use functions::deployed_name;
pub use graph::{GRAPH_STACK, MEMBER_STACK, keep_graph_role};
pub use queues::DeadLetter;

use crate::api::Api;
use crate::emulator::{Emulator, EmulatorOptions, check_port};
use crate::error::CloudError;
use crate::inbox::{Inbox, MessageStore};
use crate::profile::Profile;
use crate::proxy::Proxy;
use crate::tools::Tools;
use crate::{deploy, findings, relay};
use receivers::Receivers;
use serde_json::{Value, json};
use simulator::Simulator;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Interval between polls of an awaited condition.
const POLL_INTERVAL: Duration = Duration::from_millis(40);

/// The stack's name in the environment `local` of samconfig.toml.
pub(crate) const STACK: &str = "gumshoe-local";

/// The account of the stack in the emulator.
pub const STACK_ACCOUNT: &str = "000000000000";

/// Options of [`LocalCloud::start`].
pub struct Options<'a> {
    /// The emulator's port; `None` for a free one.
    pub port: Option<u16>,
    /// The Cargo profile of the functions.
    pub profile: Profile,
    /// Real seconds per second of a state machine's waits.
    pub wait_scale: f64,
    /// The template's parameters, in addition to `Rehearsal=true` and, unless it is given, `FollowUpHours=0`.
    pub parameters: Vec<(String, String)>,
    /// Whether the emulator persists its state, so that [`LocalCloud::restart_emulator`] can be used.
    pub durable: bool,
    /// Receives a line of text for each step.
    pub progress: &'a (dyn Fn(&str) + Sync),
}

/// The outputs of a stack.
#[derive(Debug, Clone)]
pub struct Outputs(BTreeMap<String, String>);

impl Outputs {
    /// The value of an output; empty if the template has no output of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// The emulator, the simulator, the stack and its subscribers.
pub struct LocalCloud {
    // Fields are dropped in this order: subscribers first, then the emulator with its functions, then the services they call.
    inbox: Inbox,
    emulator: Mutex<Option<Emulator>>,
    proxy: Proxy,
    simulator: Simulator,
    receivers: Receivers,
    api: Api,
    simulator_api: Api,
    outputs: Outputs,
    tools: Tools,
    wait_scale: f64,
}

/// Builds the functions for [`LocalCloud::start_built`], which needs the same profile.
///
/// # Errors
///
/// [`CloudError`] with the remedy.
pub async fn build(profile: Profile, progress: &(dyn Fn(&str) + Sync)) -> Result<(), CloudError> {
    let tools = Tools::find(profile)?;
    progress("Building the Lambda functions (sam build). The first build takes several minutes.");
    deploy::build(&tools, progress).await
}

impl LocalCloud {
    /// Builds, starts and deploys everything.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with the remedy; all started processes are stopped.
    pub async fn start(options: &Options<'_>) -> Result<Self, CloudError> {
        options.port.map_or(Ok(()), check_port)?;
        build(options.profile, options.progress).await?;
        Self::start_built(options).await
    }

    /// Starts and deploys everything. The functions must have been built.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with the remedy; all started processes are stopped.
    pub async fn start_built(options: &Options<'_>) -> Result<Self, CloudError> {
        Self::start_from(Path::new(options.profile.stack_folder()), options).await
    }

    /// Starts everything and deploys the case stack that `sam build` laid out in the folder, for example of an earlier release.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with the remedy; all started processes are stopped.
    pub(crate) async fn start_from(folder: &Path, options: &Options<'_>) -> Result<Self, CloudError> {
        let progress = options.progress;
        let tools = Tools::find(options.profile)?;
        let no_port = || CloudError::io("could not bind 127.0.0.1:0");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(no_port())?;
        let simulator = Simulator::start(listener).map_err(no_port())?;
        let messages = MessageStore::default();
        let proxy = Proxy::start(messages.clone()).await?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(no_port())?;
        let receivers = Receivers::start(listener).map_err(no_port())?;
        let detective_url = simulator.url();
        let emulator_options = EmulatorOptions {
            port: options.port,
            detective_url: &detective_url,
            proxy_url: proxy.url(),
            wait_scale: options.wait_scale,
            durable: options.durable,
        };
        if options.durable {
            Emulator::delete_state(&tools)?;
        }
        let emulator = Emulator::start(&tools, &emulator_options).await?;
        proxy.forward_to(emulator.url());
        progress(&format!("AWS emulator: {}\nDetective and GuardDuty simulator: {detective_url}", emulator.url()));

        progress("Deploying the stack (sam deploy).");
        let api = Api::new(emulator.url())?;
        let simulator_api = Api::new(detective_url.clone())?;
        for (region, account) in
            REGIONS.iter().flat_map(|region| accounts::MEMBER_ACCOUNTS.map(|account| (*region, account)))
        {
            accounts::add_graph_member(&simulator_api, &simulator, region, account).await?;
        }
        let secret_arn = relay::create_secret(&api, &receivers).await?;
        let mut parameters =
            vec![("Rehearsal".to_owned(), "true".to_owned()), ("RelaySecretArn".to_owned(), secret_arn)];
        // Tests of follow-up investigations set the parameter; the others do not wait for hours.
        if !options.parameters.iter().any(|(name, _)| name == "FollowUpHours") {
            parameters.push(("FollowUpHours".to_owned(), "0".to_owned()));
        }
        parameters.extend(options.parameters.iter().cloned());
        deploy::deploy(&tools, &emulator.url(), folder, &parameters, progress).await?;
        let outputs = outputs(&api, STACK).await?;
        let inbox = Inbox::subscribe(&api, outputs.get("AlertTopicArn"), messages).await?;
        let emulator = Mutex::new(Some(emulator));
        let wait_scale = options.wait_scale;
        Ok(Self { inbox, emulator, proxy, simulator, receivers, api, simulator_api, outputs, tools, wait_scale })
    }

    /// Updates the case stack to the current build, with the given parameters; the others keep their values.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with the remedy.
    pub(crate) async fn update(
        &mut self,
        parameters: &[(String, String)],
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<(), CloudError> {
        let folder = Path::new(self.tools.profile().stack_folder());
        deploy::deploy(&self.tools, self.api.url(), folder, parameters, progress).await?;
        self.outputs = outputs(&self.api, STACK).await?;
        Ok(())
    }

    /// Stops the emulator with all functions and restarts it on the same port, with its persisted state. Only for a cloud with
    /// [`Options::durable`]. Running executions fail; unlike AWS, the emulator sends no EventBridge event about that.
    ///
    /// # Errors
    ///
    /// [`CloudError`] if it does not start.
    pub async fn restart_emulator(&self) -> Result<(), CloudError> {
        let emulator = self.emulator.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(emulator) = emulator else { return Ok(()) };
        let port = emulator.port();
        emulator.stop().await?;
        let emulator_options = EmulatorOptions {
            port: Some(port),
            detective_url: &self.simulator.url(),
            proxy_url: self.proxy.url(),
            wait_scale: self.wait_scale,
            durable: true,
        };
        let emulator = Emulator::start(&self.tools, &emulator_options).await?;
        *self.emulator.lock().unwrap_or_else(PoisonError::into_inner) = Some(emulator);
        Ok(())
    }

    /// Client of the emulator.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Client of the simulator.
    #[must_use]
    pub fn simulator_api(&self) -> &Api {
        &self.simulator_api
    }

    /// The outputs of the case stack.
    #[must_use]
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// The outputs of another stack.
    ///
    /// # Errors
    ///
    /// A failed DescribeStacks.
    pub async fn outputs_of(&self, stack: &str) -> Result<Outputs, CloudError> {
        outputs(&self.api, stack).await
    }

    /// The simulator of Detective and GuardDuty.
    #[must_use]
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// The receivers that represent Slack, PagerDuty and the webhook.
    #[must_use]
    pub fn receivers(&self) -> &Receivers {
        &self.receivers
    }

    /// The proxy between the functions and the services that they call.
    #[must_use]
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// The messages that the topic's subscribers received.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// The project's folder and its tools.
    #[must_use]
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Sends findings through EventBridge as rehearsal events.
    ///
    /// # Errors
    ///
    /// A failed PutEvents.
    pub async fn send(&self, details: &[Value]) -> Result<(), CloudError> {
        findings::send(&self.api, details).await
    }

    /// Sends a message directly to the findings queue, without EventBridge.
    ///
    /// # Errors
    ///
    /// A failed SendMessage.
    pub async fn enqueue(&self, body: &str) -> Result<(), CloudError> {
        let send = json!({"QueueUrl": self.outputs.get("FindingsQueueUrl"), "MessageBody": body});
        self.api.json("sqs", "AmazonSQS.SendMessage", &send).await.map(drop)
    }

    /// Requests the follow-up investigations that are due, as the scheduled rule does.
    ///
    /// # Errors
    ///
    /// A failed SendMessage.
    pub async fn run_sweep(&self) -> Result<(), CloudError> {
        self.enqueue(r#"{"second_looks":"due"}"#).await
    }

    /// Waits until the findings queue is empty, so that all messages sent before have been processed.
    ///
    /// # Errors
    ///
    /// A failed GetQueueAttributes, or the queue is not empty within a minute.
    pub async fn wait_until_drained(&self) -> Result<(), CloudError> {
        let queue = self.outputs.get("FindingsQueueUrl");
        self.poll_until(&format!("an empty findings queue ({queue})"), Duration::from_secs(60), async || {
            Ok((self.depth(queue).await? == 0).then_some(()))
        })
        .await
    }

    /// Calls `poll` every 40 ms until it returns a value. `what` describes the awaited condition, for the error.
    ///
    /// # Errors
    ///
    /// [`CloudError::TimedOut`] if there is no value within `timeout`, or the error of `poll`.
    pub async fn poll_until<T>(
        &self,
        what: &str,
        timeout: Duration,
        mut poll: impl AsyncFnMut() -> Result<Option<T>, CloudError>,
    ) -> Result<T, CloudError> {
        let started = Instant::now();
        loop {
            if let Some(found) = poll().await? {
                return Ok(found);
            }
            if started.elapsed() > timeout {
                return Err(CloudError::TimedOut { what: what.to_owned(), seconds: timeout.as_secs(), hint: None });
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }
}

async fn outputs(api: &Api, stack: &str) -> Result<Outputs, CloudError> {
    let form = [("Action", "DescribeStacks"), ("Version", "2010-05-15"), ("StackName", stack)];
    let xml = api.query("cloudformation", &form).await?;
    let document = roxmltree::Document::parse(&xml)
        .map_err(|source| crate::api::call_failed("parse the DescribeStacks response", source))?;
    let text = |node: &roxmltree::Node<'_, '_>, name: &str| {
        let child = node.children().find(|child| child.tag_name().name() == name);
        child.and_then(|child| child.text()).unwrap_or_default().to_owned()
    };
    let keys = document.descendants().filter(|node| node.tag_name().name() == "OutputKey");
    let pairs = keys.filter_map(|key| key.parent()).map(|it| (text(&it, "OutputKey"), text(&it, "OutputValue")));
    Ok(Outputs(pairs.collect()))
}
