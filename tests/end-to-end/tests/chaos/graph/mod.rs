//! The stacks that manage the behavior graph, next to the case stack and with its topic: their documents, invitations and runs
//! during the campaign.
//!
//! Members that are degraded and stay so are in every document. They are degraded while no run is active: a run that had read the
//! graph before would record them as healthy, and then the next run would notify of them again.

mod document;
mod finish;
mod killer;
mod plan;
mod steps;

pub(crate) use document::Document;
pub(crate) use finish::{finish_runs, record};
pub(crate) use plan::Plan;
pub(crate) use steps::{GraphStep, is_about_graph, step};

use document::DEGRADED_MEMBERS;
use killer::FunctionKiller;
use local_cloud::{CloudError, GRAPH_STACK, LocalCloud, MEMBER_STACK, STACK_ACCOUNT};
use plan::{Event, KEEP_GRAPH, KEEP_MEMBERSHIP, LISTED};
use serde_json::json;
use simulator::{AccountRegionFilter, AccountScenario};
use std::collections::{BTreeSet, VecDeque};

/// The parameter with the graph document.
const DOCUMENT: &str = "/gumshoe/graph";
/// Visibility timeout of the graph's queues, in seconds.
const VISIBILITY_TIMEOUT_SECONDS: u32 = 6;

/// The number of members that are degraded.
pub(crate) const DEGRADED_MEMBER_COUNT: usize = DEGRADED_MEMBERS.len();

/// The queues of both stacks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queues {
    graph: String,
    graph_dead: String,
    membership: String,
    membership_dead: String,
}

impl Queues {
    /// The queue through which runs of a function are requested.
    fn of(&self, function: &str) -> &str {
        if function == KEEP_GRAPH { &self.graph } else { &self.membership }
    }
}

/// The graph part of a running campaign.
pub(crate) struct GraphCampaign {
    pub(crate) queues: Queues,
    pub(crate) killer: FunctionKiller,
    pub(crate) last: Document,
    /// How often runs were requested.
    pub(crate) requested_runs: usize,
    /// Run requests that were redriven from dead-letter queues.
    pub(crate) redriven: usize,
    /// Claims of killed runs that were expired early.
    pub(crate) expired_claims: usize,
    /// The members that have been degraded.
    pub(crate) degraded: BTreeSet<&'static str>,
    events: VecDeque<(usize, Event)>,
    degrade_from: VecDeque<usize>,
    /// The table that records what people were notified of.
    table: String,
}

impl GraphCampaign {
    pub(crate) fn of(plan: Plan) -> Self {
        Self {
            queues: Queues::default(),
            killer: FunctionKiller::default(),
            last: plan.last,
            requested_runs: 0,
            redriven: 0,
            expired_claims: 0,
            table: String::new(),
            degraded: BTreeSet::new(),
            events: plan.events.into(),
            degrade_from: plan.degrade_from.into(),
        }
    }

    /// Deploys both stacks and adds the members that will be degraded.
    pub(crate) async fn deploy(&mut self, cloud: &LocalCloud) -> Result<(), CloudError> {
        let [topic, key] = cloud.shared_topic_parameters();
        let graph = [("KeepGraph", "apply"), ("GraphDocument", DOCUMENT), ("LogRetentionDays", "1"), topic, key];
        let listed = LISTED.join(",");
        let member = [("Administrators", listed.as_str()), ("RejectOthers", "true"), ("LogRetentionDays", "1")];
        let (outputs, member) = tokio::join!(
            cloud.deploy_graph_stack(GRAPH_STACK, &graph, &|_| ()),
            cloud.deploy_member_stack(&member, &|_| ())
        );
        member?;
        let outputs = outputs?;
        self.table = outputs.get("NotifiedTableName").to_owned();
        self.queues = Queues {
            graph: outputs.get("GraphQueueUrl").to_owned(),
            graph_dead: outputs.get("DeadLetterQueueUrl").to_owned(),
            membership: cloud.queue_url(MEMBER_STACK, "MembershipQueue").await?,
            membership_dead: cloud.queue_url(MEMBER_STACK, "DeadLetterQueue").await?,
        };
        for queue in [&self.queues.graph, &self.queues.membership] {
            let set =
                json!({"QueueUrl": queue, "Attributes": {"VisibilityTimeout": VISIBILITY_TIMEOUT_SECONDS.to_string()}});
            cloud.api().json("sqs", "AmazonSQS.SetQueueAttributes", &set).await?;
        }
        for (account, ..) in DEGRADED_MEMBERS {
            let account_id = account.to_owned();
            let unknown = AccountScenario { account_id, volume_bytes: None, ..AccountScenario::default() };
            cloud.simulator().add_account_scenario(unknown);
            cloud.add_graph_member(account).await?;
        }
        Ok(())
    }

    /// Removes all faults and kills from the plan.
    pub(crate) fn without_faults(&mut self) {
        self.events.retain(|(_, event)| !matches!(event, Event::Fault(_) | Event::Kill { .. }));
    }

    /// Applies the events that are due before the message of that number.
    pub(crate) async fn run_events_before(&mut self, cloud: &LocalCloud, message: usize) -> Result<(), CloudError> {
        while let Some((_, event)) = self.events.pop_front_if(|(at, _)| *at < message) {
            self.apply_event(cloud, event).await?;
        }
        Ok(())
    }

    /// Degrades the members that are due before the message of that number, each while no run is active.
    pub(crate) async fn degrade_members_before(
        &mut self,
        cloud: &LocalCloud,
        message: usize,
    ) -> Result<(), CloudError> {
        while self.degrade_from.pop_front_if(|from| *from < message).is_some() {
            finish::no_run(self, cloud).await?;
            finish::expire_claim(self, cloud).await?;
            self.degrade_next_member(cloud).await?;
        }
        Ok(())
    }

    /// Degrades the next member and requests one or two runs, as the schedule would.
    async fn degrade_next_member(&mut self, cloud: &LocalCloud) -> Result<(), CloudError> {
        let (account, status, reason) = DEGRADED_MEMBERS[self.degraded.len()];
        let _ = cloud.simulator().set_member(own(), account, status, reason); // if the account is not a member, the ledger reports it at the end
        self.degraded.insert(account);
        self.request_run(cloud, KEEP_GRAPH, 1 + self.degraded.len() % 2).await
    }

    async fn apply_event(&mut self, cloud: &LocalCloud, event: Event) -> Result<(), CloudError> {
        match event {
            Event::Document(document) => {
                cloud.write_parameter(DOCUMENT, &document.to_string()).await?;
                self.request_run(cloud, KEEP_GRAPH, 1).await
            }
            Event::Run { function, times } => self.request_run(cloud, function, times).await,
            Event::Invitation(administrator) => {
                let arn = cloud.simulator().graph_arn(administrator, "us-east-1");
                let accounts = json!([{"AccountId": STACK_ACCOUNT, "EmailAddress": "own@example.com"}]);
                let invite = json!({"GraphArn": arn, "Accounts": accounts});
                cloud.simulator_api().post_as(administrator, "detective", "/graph/members", &invite).await?;
                self.request_run(cloud, KEEP_MEMBERSHIP, 1).await
            }
            Event::Fault(fault) => {
                cloud.simulator().add_fault_in(own(), fault);
                Ok(())
            }
            Event::Kill { function, operation } => {
                self.killer.arm(cloud, function, operation);
                Ok(())
            }
        }
    }

    /// Requests a run of a function through its queue, as its rule does.
    async fn request_run(&mut self, cloud: &LocalCloud, function: &str, times: usize) -> Result<(), CloudError> {
        self.requested_runs += 1;
        for _ in 0..times {
            send(cloud, self.queues.of(function), "{}").await?;
        }
        Ok(())
    }
}

async fn send(cloud: &LocalCloud, queue: &str, body: &str) -> Result<(), CloudError> {
    let send = json!({"QueueUrl": queue, "MessageBody": body});
    cloud.api().json("sqs", "AmazonSQS.SendMessage", &send).await.map(drop)
}

/// The stack's account, which gets the faults. The accounts that invite it get none.
fn own() -> AccountRegionFilter {
    AccountRegionFilter { account: Some(STACK_ACCOUNT.to_owned()), region: None }
}
