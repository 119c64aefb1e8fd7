//! The stacks that keep the behavior graph, beside the case stack and on its topic: their documents, invitations and runs
//! while everything goes wrong.
//!
//! Members that get worse and stay so are in every document. They get worse while no run is under way: one that had read
//! the graph before would take them for well, and what it keeps then lets the next run tell of them again.

mod document;
mod end;
mod killer;
mod plan;
mod steps;

pub(crate) use document::Document;
pub(crate) use end::{books, settle};
pub(crate) use plan::Plan;
pub(crate) use steps::{GraphStep, is_about_graph, step};

use document::WORSE;
use killer::Killer;
use local_cloud::{CloudError, GRAPH_STACK, LocalCloud, MEMBER_STACK, STACK_ACCOUNT};
use plan::{Event, KEEP_GRAPH, KEEP_MEMBERSHIP, LISTED};
use serde_json::json;
use simulator::{AccountRegionFilter, AccountScenario};
use std::collections::{BTreeSet, VecDeque};

/// The parameter with the document.
const DOCUMENT: &str = "/gumshoe/graph";
/// How long a message stays with whoever received it, in seconds.
const VISIBILITY: u32 = 6;

/// How many members get worse.
pub(crate) const GET_WORSE: usize = WORSE.len();

/// The queues of both stacks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queues {
    graph: String,
    graph_dead: String,
    membership: String,
    membership_dead: String,
}

impl Queues {
    /// Where a function is asked for a run.
    fn of(&self, function: &str) -> &str {
        if function == KEEP_GRAPH { &self.graph } else { &self.membership }
    }
}

/// What happens, while it happens.
pub(crate) struct GraphWork {
    pub(crate) queues: Queues,
    pub(crate) killer: Killer,
    pub(crate) last: Document,
    /// How often runs were asked for.
    pub(crate) asked: usize,
    /// Requests for runs that were redriven from dead-letter queues.
    pub(crate) redriven: usize,
    /// Claims of killed runs that were ended early.
    pub(crate) claims: usize,
    /// Who got worse.
    pub(crate) worse: BTreeSet<&'static str>,
    events: VecDeque<(usize, Event)>,
    worse_from: VecDeque<usize>,
    /// The table with what people were told.
    table: String,
}

impl GraphWork {
    pub(crate) fn of(plan: Plan) -> Self {
        Self {
            queues: Queues::default(),
            killer: Killer::default(),
            last: plan.last,
            asked: 0,
            redriven: 0,
            claims: 0,
            table: String::new(),
            worse: BTreeSet::new(),
            events: plan.events.into(),
            worse_from: plan.worse_from.into(),
        }
    }

    /// Deploys both stacks and makes those members that will get worse.
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
            let set = json!({"QueueUrl": queue, "Attributes": {"VisibilityTimeout": VISIBILITY.to_string()}});
            cloud.api().json("sqs", "AmazonSQS.SetQueueAttributes", &set).await?;
        }
        for (account, ..) in WORSE {
            let account_id = account.to_owned();
            let unknown = AccountScenario { account_id, volume_bytes: None, ..AccountScenario::default() };
            cloud.simulator().add_account_scenario(unknown);
            cloud.add_graph_member(account).await?;
        }
        Ok(())
    }

    /// Nothing goes wrong.
    pub(crate) fn in_peace(&mut self) {
        self.events.retain(|(_, event)| !matches!(event, Event::Fault(_) | Event::Kill { .. }));
    }

    /// Lets happen what is to happen before the letter of that number.
    pub(crate) async fn until(&mut self, cloud: &LocalCloud, letter: usize) -> Result<(), CloudError> {
        while let Some((_, event)) = self.events.pop_front_if(|(at, _)| *at < letter) {
            self.happens(cloud, event).await?;
        }
        Ok(())
    }

    /// Lets those members get worse that are to before the letter of that number, each when no run is under way.
    pub(crate) async fn worse_until(&mut self, cloud: &LocalCloud, letter: usize) -> Result<(), CloudError> {
        while self.worse_from.pop_front_if(|from| *from < letter).is_some() {
            end::no_run(self, cloud).await?;
            end::end_claim(self, cloud).await?;
            self.get_worse(cloud).await?;
        }
        Ok(())
    }

    /// The next member gets worse, and the schedule asks for a run, perhaps twice.
    async fn get_worse(&mut self, cloud: &LocalCloud) -> Result<(), CloudError> {
        let (account, status, reason) = WORSE[self.worse.len()];
        let _ = cloud.simulator().set_member(own(), account, status, reason); // a member that is none is missed in the end
        self.worse.insert(account);
        self.ask(cloud, KEEP_GRAPH, 1 + self.worse.len() % 2).await
    }

    async fn happens(&mut self, cloud: &LocalCloud, event: Event) -> Result<(), CloudError> {
        match event {
            Event::Document(document) => {
                cloud.write_parameter(DOCUMENT, &document.to_string()).await?;
                self.ask(cloud, KEEP_GRAPH, 1).await
            }
            Event::Run { function, times } => self.ask(cloud, function, times).await,
            Event::Invitation(administrator) => {
                let arn = cloud.simulator().graph_arn(administrator, "us-east-1");
                let accounts = json!([{"AccountId": STACK_ACCOUNT, "EmailAddress": "own@example.com"}]);
                let invite = json!({"GraphArn": arn, "Accounts": accounts});
                cloud.simulator_api().post_as(administrator, "detective", "/graph/members", &invite).await?;
                self.ask(cloud, KEEP_MEMBERSHIP, 1).await
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

    /// Asks a function for a run by its queue, as its rule does.
    async fn ask(&mut self, cloud: &LocalCloud, function: &str, times: usize) -> Result<(), CloudError> {
        self.asked += 1;
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

/// The stack's own account, which the faults are for: those who invite it have none.
fn own() -> AccountRegionFilter {
    AccountRegionFilter { account: Some(STACK_ACCOUNT.to_owned()), region: None }
}
