//! One run: messages are sent while faults are injected; then faults are disabled, and the run waits until everything is idle.

use crate::collect::{self, RunResult};
use crate::faults::{self, FaultPlan, GRAPH, RestartFault};
use crate::graph::{self, DEGRADED_MEMBER_COUNT, GraphCampaign};
use crate::injector::CampaignInjector;
use crate::traffic::{MINIMUM_SEVERITY, SentMessage, Traffic};
use crate::{quiesce, relay};
use fastrand::Rng;
use local_cloud::{CloudError, GRAPH_STACK, LocalCloud, Options, Profile, keep_graph_role};
use serde_json::json;
use simulator::Scenario;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Sending pauses while the findings queue has at least this many messages.
const MAX_BACKLOG: u64 = 30;
/// Visibility timeout of the findings queue, in seconds: a failed message is redelivered after it. The template has 12 minutes.
const VISIBILITY_TIMEOUT_SECONDS: u32 = 5;

/// A run and its plan.
pub(crate) struct Campaign {
    pub(crate) traffic: Traffic,
    pub(crate) injector: Arc<CampaignInjector>,
    detective_faults: Vec<(usize, simulator::ApiFault)>,
    pub(crate) restarts: BTreeMap<usize, RestartFault>,
    /// The graph part of the run.
    pub(crate) graph: GraphCampaign,
    /// The number of forged messages.
    pub(crate) forged_count: usize,
    batches: Rng,
}

impl Campaign {
    pub(crate) fn of(seed: u64, findings: usize) -> Self {
        let mut rng = Rng::with_seed(seed);
        let traffic = Traffic::of(&mut rng.fork(), findings);
        let mut plan = FaultPlan::of(&mut rng.fork(), findings, traffic.messages.len());
        let (detective_faults, restarts) = (std::mem::take(&mut plan.detective), std::mem::take(&mut plan.restarts));
        let batches = rng.fork();
        let mut graph =
            graph::Plan::of(&mut rng.fork(), traffic.messages.len(), DEGRADED_MEMBER_COUNT, faults::draw_proxy_fault);
        let calls = std::mem::take(&mut graph.calls).into_iter();
        plan.calls.extend(calls.map(|(operation, numbers)| ((GRAPH, operation), numbers)));
        let injector = Arc::new(CampaignInjector::of(plan));
        Self {
            traffic,
            injector,
            detective_faults,
            restarts,
            graph: GraphCampaign::of(graph),
            forged_count: 0,
            batches,
        }
    }

    /// The same campaign without faults, to check that the ledger has no violations then.
    pub(crate) fn without_faults(mut self) -> Self {
        self.injector.disable_faults();
        self.detective_faults.clear();
        self.graph.without_faults();
        self.restarts.clear();
        self
    }

    pub(crate) async fn run(mut self, cloud: &LocalCloud) -> Result<(Self, RunResult), CloudError> {
        let findings = cloud.outputs().get("FindingsQueueUrl").to_owned();
        let relay = cloud.relay_queue_url().await?;
        cloud.set_visibility_timeout(VISIBILITY_TIMEOUT_SECONDS).await?;
        let set = json!({"QueueUrl": relay, "Attributes": {"VisibilityTimeout": relay::VISIBILITY_TIMEOUT_SECONDS}});
        cloud.api().json("sqs", "AmazonSQS.SetQueueAttributes", &set).await?;
        for (arn, scenario) in &self.traffic.principals {
            cloud.simulator().add_scenario(scenario_for(arn, scenario));
        }
        self.graph.deploy(cloud).await?;
        cloud.proxy().set_fault_injector(self.injector.clone());
        let killer = self.graph.killer.clone();
        tokio::select! {
            sent = self.send(cloud, &findings) => sent?,
            () = killer.watch(cloud) => {}
        }
        self.injector.disable_faults();
        let (operator, dead) = quiesce::run_operator_actions(cloud, &findings).await?;
        graph::finish_runs(&mut self.graph, cloud).await?;
        let run_result = collect::collect(&self, cloud, operator, dead).await?;
        Ok((self, run_result))
    }

    async fn send(&mut self, cloud: &LocalCloud, queue: &str) -> Result<(), CloudError> {
        // Wait once until everything is idle, so that the remaining messages meet closed cases.
        let pause_at = self.traffic.messages.len() * 3 / 5;
        let mut detective = std::mem::take(&mut self.detective_faults).into_iter().peekable();
        let mut next = 0;
        while next < self.traffic.messages.len() {
            let end = (next + self.batches.usize(1..=10)).min(self.traffic.messages.len());
            while let Some((_, fault)) = detective.next_if(|(message, _)| *message < end) {
                cloud.simulator().add_fault(fault);
            }
            self.graph.run_events_before(cloud, end).await?;
            self.send_some(cloud, next..end).await?;
            // Sweeps run at any time: before a case is WATCHING, concurrently with a joining finding, and twice.
            for _ in 0..self.batches.usize(..3) {
                cloud.run_sweep().await?;
            }
            if (next..end).contains(&pause_at) {
                self.wait_until_idle(cloud, queue, pause_at).await?;
                self.forged_count = relay::forge(cloud).await?;
            }
            if let Some((_, restart_fault)) = self.restarts.range(next..end).next() {
                quiesce::wait_until_busy(cloud, queue).await?;
                cloud.restart_emulator().await?;
                self.injector.start_restart_fault(*restart_fault);
                send_end_events(cloud).await?;
            }
            let timeout = Duration::from_secs(300);
            cloud
                .poll_until(&format!("fewer than {MAX_BACKLOG} messages in {queue}"), timeout, async || {
                    Ok((cloud.depth(queue).await? < MAX_BACKLOG).then_some(()))
                })
                .await?;
            next = end;
        }
        self.wait_until_idle(cloud, queue, usize::MAX).await
    }

    /// Waits until everything is idle. Meanwhile, the graph members that are due before that message are degraded.
    async fn wait_until_idle(&mut self, cloud: &LocalCloud, queue: &str, message: usize) -> Result<(), CloudError> {
        let worse = self.graph.degrade_members_before(cloud, message);
        tokio::try_join!(quiesce::wait_until_idle(cloud, queue), worse).map(drop)
    }

    async fn send_some(&self, cloud: &LocalCloud, messages: std::ops::Range<usize>) -> Result<(), CloudError> {
        let mut details = Vec::new();
        for message in &self.traffic.messages[messages] {
            match *message {
                SentMessage::Finding(index) => details.push(self.traffic.finding_states[index].detail.clone()),
                SentMessage::Invalid(index) => cloud.enqueue(&self.traffic.invalid_messages[index].body).await?,
            }
        }
        cloud.send(&details).await
    }
}

/// The local cloud's options for a run.
pub(crate) fn options(progress: &(dyn Fn(&str) + Sync)) -> Options<'_> {
    let minimum = MINIMUM_SEVERITY.to_string();
    let publisher = keep_graph_role(GRAPH_STACK);
    let parameters = [
        ("MinimumSeverity", minimum.as_str()),
        ("DeadlineMinutes", "20"),
        ("LogRetentionDays", "1"),
        // The activity is long ago, so a follow-up investigation is due as soon as its case is WATCHING.
        ("FollowUpHours", "1"),
        ("PublisherRoleArns", &publisher),
    ];
    Options {
        port: None,
        profile: Profile::of_environment().unwrap(),
        // A second of the state machine's waits takes 20 ms.
        wait_scale: 0.02,
        parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        durable: true,
        progress,
    }
}

fn scenario_for(arn: &str, name: &str) -> Scenario {
    let mut scenario = Scenario::named(if name == "unknown" { "quiet" } else { name }).unwrap();
    scenario.known_to_graph = name != "unknown";
    scenario.with_entity(arn)
}

/// Sends the events of executions that a restart of the emulator has ended, as Step Functions would send them through EventBridge
/// to the queue: the emulator sends none. Events of executions that had failed before are sent again, as EventBridge may do.
async fn send_end_events(cloud: &LocalCloud) -> Result<(), CloudError> {
    for (name, _) in quiesce::executions(cloud).await?.into_iter().filter(|(_, status)| status == "FAILED") {
        let execution = cloud.execution(&name).await?;
        let event = json!({"version": "0", "source": "aws.states",
            "detail-type": "Step Functions Execution Status Change",
            "resources": [execution["executionArn"]],
            "detail": {"executionArn": execution["executionArn"], "stateMachineArn": execution["stateMachineArn"],
                "name": name, "status": "FAILED", "input": execution["input"]}});
        cloud.enqueue(&event.to_string()).await?;
    }
    Ok(())
}
