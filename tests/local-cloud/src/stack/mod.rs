//! The stack, deployed to the emulator.

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
use crate::emulator::{Emulator, Settings, check_port};
use crate::error::CloudError;
use crate::inbox::{Inbox, Mailbox};
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

/// How often something is looked at that is waited for.
const POLL_INTERVAL: Duration = Duration::from_millis(40);

/// The stack's name, as samconfig.toml has it for `local`.
pub(crate) const STACK: &str = "gumshoe-local";

/// The account that the emulator puts the stack in.
pub const STACK_ACCOUNT: &str = "000000000000";

/// How the local cloud is to be started.
pub struct Options<'a> {
    /// The emulator's port; nothing for a free one.
    pub port: Option<u16>,
    /// How the functions are built.
    pub profile: Profile,
    /// Real seconds for each second that a state machine waits.
    pub wait_scale: f64,
    /// The template's parameters, beside `Rehearsal=true` and, unless it is among them, `FollowUpHours=0`.
    pub parameters: Vec<(String, String)>,
    /// Whether the emulator may be restarted in the middle.
    pub durable: bool,
    /// Is told what happens.
    pub progress: &'a (dyn Fn(&str) + Sync),
}

/// What a template gives out.
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
    emulator: Mutex<Option<Emulator>>,
    proxy: Proxy,
    simulator: Simulator,
    receivers: Receivers,
    api: Api,
    simulated: Api,
    outputs: Outputs,
    tools: Tools,
    wait_scale: f64,
}

/// Builds the functions for [`LocalCloud::start_built`], which has to be told the same profile.
///
/// # Errors
///
/// [`CloudError`] with its mend.
pub async fn build(profile: Profile, progress: &(dyn Fn(&str) + Sync)) -> Result<(), CloudError> {
    let tools = Tools::find(profile)?;
    progress("Building the functions (sam build); the first time takes some minutes …");
    deploy::build(&tools, progress).await
}

impl LocalCloud {
    /// Builds, starts and deploys everything.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with its mend; nothing is left running.
    pub async fn start(options: &Options<'_>) -> Result<Self, CloudError> {
        options.port.map_or(Ok(()), check_port)?;
        build(options.profile, options.progress).await?;
        Self::start_built(options).await
    }

    /// Starts and deploys everything; the functions have been built.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with its mend; nothing is left running.
    pub async fn start_built(options: &Options<'_>) -> Result<Self, CloudError> {
        Self::start_from(Path::new(options.profile.stack_folder()), options).await
    }

    /// Starts everything and deploys the case stack that `sam build` laid out in that folder, such as an earlier release's.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with its mend; nothing is left running.
    pub(crate) async fn start_from(folder: &Path, options: &Options<'_>) -> Result<Self, CloudError> {
        let progress = options.progress;
        let tools = Tools::find(options.profile)?;
        let no_port = || CloudError::io("no free port on loopback");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(no_port())?;
        let simulator = Simulator::start(listener).map_err(no_port())?;
        let mailbox = Mailbox::default();
        let proxy = Proxy::start(mailbox.clone()).await?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(no_port())?;
        let receivers = Receivers::start(listener).map_err(no_port())?;
        let detective_url = simulator.url();
        let settings = Settings {
            port: options.port,
            detective_url: &detective_url,
            proxy_url: proxy.url(),
            wait_scale: options.wait_scale,
            durable: options.durable,
        };
        if options.durable {
            Emulator::forget(&tools)?;
        }
        let emulator = Emulator::start(&tools, &settings).await?;
        proxy.forward_to(emulator.url());
        progress(&format!("AWS is emulated at {}, Detective is simulated at {detective_url}", emulator.url()));

        progress("Deploying the stack (sam deploy) …");
        let api = Api::new(emulator.url())?;
        let simulated = Api::new(detective_url.clone())?;
        for (region, account) in
            REGIONS.iter().flat_map(|region| accounts::MEMBER_ACCOUNTS.map(|account| (*region, account)))
        {
            accounts::add_graph_member(&simulated, &simulator, region, account).await?;
        }
        let secret_arn = relay::make_secret(&api, &receivers).await?;
        let mut parameters =
            vec![("Rehearsal".to_owned(), "true".to_owned()), ("RelaySecretArn".to_owned(), secret_arn)];
        // Nobody is to wait for hours; whoever looks at second looks says so.
        if !options.parameters.iter().any(|(name, _)| name == "FollowUpHours") {
            parameters.push(("FollowUpHours".to_owned(), "0".to_owned()));
        }
        parameters.extend(options.parameters.iter().cloned());
        deploy::deploy(&tools, &emulator.url(), folder, &parameters, progress).await?;
        let outputs = outputs(&api, STACK).await?;
        let inbox = Inbox::subscribe(&api, outputs.get("AlertTopicArn"), mailbox).await?;
        let emulator = Mutex::new(Some(emulator));
        let wait_scale = options.wait_scale;
        Ok(Self { inbox, emulator, proxy, simulator, receivers, api, simulated, outputs, tools, wait_scale })
    }

    /// Updates the case stack to the present build, with the parameters that are given; the others keep their values.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with its mend.
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

    /// Stops the emulator with all functions and starts it again on its port, with what AWS would have kept. Only for a
    /// cloud that is durable. Executions under way fail by that, and EventBridge is not told of it, as AWS would tell it.
    ///
    /// # Errors
    ///
    /// [`CloudError`] when it does not come up again.
    pub async fn restart_emulator(&self) -> Result<(), CloudError> {
        let emulator = self.emulator.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(emulator) = emulator else { return Ok(()) };
        let port = emulator.port();
        emulator.stop().await?;
        let settings = Settings {
            port: Some(port),
            detective_url: &self.simulator.url(),
            proxy_url: self.proxy.url(),
            wait_scale: self.wait_scale,
            durable: true,
        };
        let emulator = Emulator::start(&self.tools, &settings).await?;
        *self.emulator.lock().unwrap_or_else(PoisonError::into_inner) = Some(emulator);
        Ok(())
    }

    /// Calls to the emulator.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Calls to the simulator, in the stack's account and Region.
    #[must_use]
    pub fn simulator_api(&self) -> &Api {
        &self.simulated
    }

    /// What the template gives out.
    #[must_use]
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// What the template of another stack gives out.
    ///
    /// # Errors
    ///
    /// A failed DescribeStacks.
    pub async fn outputs_of(&self, stack: &str) -> Result<Outputs, CloudError> {
        outputs(&self.api, stack).await
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

    /// What stands before the services that the functions call.
    #[must_use]
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// What the topic's subscribers have received.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Where the project is.
    #[must_use]
    pub fn tools(&self) -> &Tools {
        &self.tools
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

    /// Asks for the second looks that are due, as the scheduled rule does.
    ///
    /// # Errors
    ///
    /// A failed SendMessage.
    pub async fn run_sweep(&self) -> Result<(), CloudError> {
        self.enqueue(r#"{"second_looks":"due"}"#).await
    }

    /// Waits until the findings queue is empty: all that was sent before is worked.
    ///
    /// # Errors
    ///
    /// A failed GetQueueAttributes, or the queue does not become empty within a minute.
    pub async fn wait_until_drained(&self) -> Result<(), CloudError> {
        let queue = self.outputs.get("FindingsQueueUrl");
        self.poll_until("an empty findings queue", Duration::from_secs(60), async || {
            Ok((self.depth(queue).await? == 0).then_some(()))
        })
        .await
    }

    /// Looks again and again until `look` finds something.
    ///
    /// # Errors
    ///
    /// [`CloudError::TimedOut`] when it finds nothing in time, or the look's own error.
    pub async fn poll_until<T>(
        &self,
        what: &str,
        timeout: Duration,
        mut look: impl AsyncFnMut() -> Result<Option<T>, CloudError>,
    ) -> Result<T, CloudError> {
        let started = Instant::now();
        loop {
            if let Some(found) = look().await? {
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
