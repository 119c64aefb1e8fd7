//! One run: everything is sent while everything goes wrong; then nothing does any more, and it comes to rest.

use crate::faults::{self, Aftershock, GRAPH, Plan};
use crate::graph::{self, GET_WORSE, GraphWork};
use crate::stock::{self, Aftermath};
use crate::traffic::{Letter, MINIMUM_SEVERITY, Traffic};
use crate::witness::Witness;
use crate::{relay, settle};
use fastrand::Rng;
use local_cloud::{CloudError, GRAPH_STACK, LocalCloud, Options, Profile, keep_graph_role};
use serde_json::json;
use simulator::Scenario;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How many messages may wait before more are sent.
const BACKLOG: u64 = 30;
/// How long a message stays with whoever received it, in seconds: what is not worked comes back that soon. In the template
/// it is 12 minutes.
const VISIBILITY: u32 = 5;

/// What a run is made of.
pub(crate) struct Campaign {
    pub(crate) traffic: Traffic,
    pub(crate) witness: Arc<Witness>,
    plan_detective: Vec<(usize, simulator::ApiFault)>,
    pub(crate) restarts: BTreeMap<usize, Aftershock>,
    /// The behavior graph, beside the cases.
    pub(crate) graph: GraphWork,
    /// How many messages were forged.
    pub(crate) forged: usize,
    batches: Rng,
}

impl Campaign {
    pub(crate) fn of(seed: u64, findings: usize) -> Self {
        let mut rng = Rng::with_seed(seed);
        let traffic = Traffic::of(&mut rng.fork(), findings);
        let mut plan = Plan::of(&mut rng.fork(), findings, traffic.letters.len());
        let (plan_detective, restarts) = (std::mem::take(&mut plan.detective), std::mem::take(&mut plan.restarts));
        let batches = rng.fork();
        let mut graph = graph::Plan::of(&mut rng.fork(), traffic.letters.len(), GET_WORSE, faults::mishap);
        let calls = std::mem::take(&mut graph.calls).into_iter();
        plan.calls.extend(calls.map(|(operation, numbers)| ((GRAPH, operation), numbers)));
        let witness = Arc::new(Witness::of(plan));
        Self { traffic, witness, plan_detective, restarts, graph: GraphWork::of(graph), forged: 0, batches }
    }

    /// The same without a fault, to see that the ledger balances by itself.
    pub(crate) fn in_peace(mut self) -> Self {
        self.witness.calm();
        self.plan_detective.clear();
        self.graph.in_peace();
        self.restarts.clear();
        self
    }

    pub(crate) async fn run(mut self, cloud: &LocalCloud) -> Result<(Self, Aftermath), CloudError> {
        let findings = cloud.outputs().get("FindingsQueueUrl").to_owned();
        let relay = cloud.relay_queue_url().await?;
        cloud.set_visibility_timeout(VISIBILITY).await?;
        let set = json!({"QueueUrl": relay, "Attributes": {"VisibilityTimeout": relay::VISIBILITY}});
        cloud.api().json("sqs", "AmazonSQS.SetQueueAttributes", &set).await?;
        for (arn, scenario) in &self.traffic.principals {
            cloud.simulator().add_scenario(scenario_for(arn, scenario));
        }
        self.graph.deploy(cloud).await?;
        cloud.proxy().set_fault_injector(self.witness.clone());
        let killer = self.graph.killer.clone();
        tokio::select! {
            sent = self.send(cloud, &findings) => sent?,
            () = killer.watch(cloud) => {}
        }
        self.witness.calm();
        let (operator, dead) = settle::operate(cloud, &findings).await?;
        graph::settle(&mut self.graph, cloud).await?;
        let aftermath = stock::take(&self, cloud, operator, dead).await?;
        Ok((self, aftermath))
    }

    async fn send(&mut self, cloud: &LocalCloud, queue: &str) -> Result<(), CloudError> {
        // Once in between everything comes to rest, so that what follows meets cases that have ended.
        let rest = self.traffic.letters.len() * 3 / 5;
        let mut detective = std::mem::take(&mut self.plan_detective).into_iter().peekable();
        let mut next = 0;
        while next < self.traffic.letters.len() {
            let end = (next + self.batches.usize(1..=10)).min(self.traffic.letters.len());
            while let Some((_, fault)) = detective.next_if(|(letter, _)| *letter < end) {
                cloud.simulator().add_fault(fault);
            }
            self.graph.until(cloud, end).await?;
            self.send_some(cloud, next..end).await?;
            // Sweeps come at any time: before a case is watched, beside a finding that joins it, and twice.
            for _ in 0..self.batches.usize(..3) {
                cloud.run_sweep().await?;
            }
            if (next..end).contains(&rest) {
                self.come_to_rest(cloud, queue, rest).await?;
                self.forged = relay::forge(cloud).await?;
            }
            if let Some((_, aftershock)) = self.restarts.range(next..end).next() {
                settle::busy(cloud, queue).await?;
                cloud.restart_emulator().await?;
                self.witness.shake(*aftershock);
                tell_of_ends(cloud).await?;
            }
            let timeout = Duration::from_secs(300);
            cloud
                .poll_until(
                    "a shorter queue",
                    timeout,
                    async || Ok((cloud.depth(queue).await? < BACKLOG).then_some(())),
                )
                .await?;
            next = end;
        }
        self.come_to_rest(cloud, queue, usize::MAX).await
    }

    /// Waits until nothing moves any more. Meanwhile members of the graph get worse, as many as by that letter.
    async fn come_to_rest(&mut self, cloud: &LocalCloud, queue: &str, letter: usize) -> Result<(), CloudError> {
        let worse = self.graph.worse_until(cloud, letter);
        tokio::try_join!(settle::settled(cloud, queue), worse).map(drop)
    }

    async fn send_some(&self, cloud: &LocalCloud, letters: std::ops::Range<usize>) -> Result<(), CloudError> {
        let mut details = Vec::new();
        for letter in &self.traffic.letters[letters] {
            match *letter {
                Letter::Report(index) => details.push(self.traffic.reports[index].detail.clone()),
                Letter::Nonsense(index) => cloud.enqueue(&self.traffic.nonsense[index].body).await?,
            }
        }
        cloud.send(&details).await
    }
}

/// How the cloud is to be started for a run.
pub(crate) fn options(progress: &(dyn Fn(&str) + Sync)) -> Options<'_> {
    let minimum = MINIMUM_SEVERITY.to_string();
    let publisher = keep_graph_role(GRAPH_STACK);
    let parameters = [
        ("MinimumSeverity", minimum.as_str()),
        ("DeadlineMinutes", "20"),
        ("LogRetentionDays", "1"),
        // The activity is long ago: a second look is due as soon as its case is watched.
        ("FollowUpHours", "1"),
        ("PublisherRoleArns", &publisher),
    ];
    Options {
        port: None,
        profile: Profile::of_environment().unwrap(),
        // A second of the state machine is 20 ms.
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

/// Tells of the executions that a restart of the emulator has ended, as Step Functions tells EventBridge and the rule the
/// queue: the emulator forgets to. Of those that had failed before it tells again, as EventBridge may.
async fn tell_of_ends(cloud: &LocalCloud) -> Result<(), CloudError> {
    for (name, _) in settle::executions(cloud).await?.into_iter().filter(|(_, status)| status == "FAILED") {
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
