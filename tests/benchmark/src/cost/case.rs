//! One case, from its finding to the last channel that has its alert, and what it has used.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use local_cloud::{CloudError, LocalCloud, ProxiedCall};
use serde_json::{Value, json};
use simulator::{EndsWhen, Scenario};

use super::calls::Calls;
use super::capacity::{self, Sizes};
use super::history::History;
use super::prices::Prices;
use super::usage::{Item, Usage};
use crate::Error;
use crate::scale::burst;

const PATIENCE: Duration = Duration::from_secs(120);

/// The functions that work a case; the others of the stack keep the behavior graph.
const FUNCTIONS: [&str; 6] =
    ["open-case", "start-investigation", "check-investigation", "assess-case", "send-alert", "relay-alert"];

/// Where cases are counted.
pub(super) struct Stage<'a> {
    cloud: &'a LocalCloud,
    calls: Arc<Calls>,
    relay_queue: String,
    /// Gigabytes that a function has.
    memory: f64,
    gb_seconds: Item,
    cases: u32,
}

/// A case that is over.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub(super) looks: u32,
    /// The waits before the looks, in seconds.
    pub(super) waits: Vec<u64>,
    pub(super) usage: Usage,
    /// How long the functions take from the beginning of the last look until the alert is published, in seconds.
    pub(super) tell: f64,
}

impl<'a> Stage<'a> {
    pub(super) async fn set(cloud: &'a LocalCloud) -> Result<Self, Error> {
        let calls = Arc::<Calls>::default();
        cloud.proxy().set_fault_injector(calls.clone());
        let relay_queue = cloud.relay_queue_url().await?;
        let (memory, gb_seconds) = memory(cloud).await?;
        Ok(Self { cloud, calls, relay_queue, memory, gb_seconds, cases: 0 })
    }

    /// Works a case whose investigation is told as ended at the look of that number, and counts.
    pub(super) async fn count(&mut self, looks: u32, prices: &Prices) -> Result<Counted, Error> {
        self.cases += 1;
        let name = format!("cost-{}", self.cases);
        let subject = burst::subject(&name);
        let scenario = Scenario::named("high").map_err(|error| Error::Unexpected(error.to_string()))?;
        let scenario = scenario.with_entity(&subject).with_end(EndsWhen::AfterChecks(looks.saturating_sub(1)));
        self.cloud.simulator().add_scenario(scenario);
        let logged = self.logged().await?;
        let asked_of_detective = self.operations().len();
        self.calls.take();

        self.cloud.send(&[burst::finding(&name, u64::from(self.cases))]).await?;
        let case_id = self.over(&subject).await?;
        let events = self.cloud.history(&case_id).await?;
        let history = History::of(&events);
        if history.looks() != looks {
            let what = format!("the investigation of {name} was looked at {} times, not {looks}", history.looks());
            return Err(Error::Unexpected(what));
        }
        let seen = Seen {
            calls: self.calls.take(),
            of_detective: self.operations().split_off(asked_of_detective),
            logged: self.logged().await?.since(&logged),
            sizes: Sizes::of(&self.items().await?),
        };
        let (usage, tell) = (self.usage(&history, &seen, prices)?, tell(&history, &seen, prices)?);
        Ok(Counted { looks, waits: history.waits, usage, tell })
    }

    /// What Detective was asked so far.
    fn operations(&self) -> Vec<String> {
        self.cloud.simulator().journal().into_iter().map(|entry| entry.operation).collect()
    }

    /// Waits until the case is closed, its execution has ended and the channels have its alert. Gives its id.
    async fn over(&self, subject: &str) -> Result<String, CloudError> {
        let what = format!("the end of {subject}'s case");
        let case_id = self
            .cloud
            .poll_until(&what, PATIENCE, async || {
                let cases = self.cloud.cases(subject).await?;
                let Some(case) = cases.into_iter().find(|case| case.status == "CLOSED") else { return Ok(None) };
                let execution = self.cloud.execution(&case.case_id).await?;
                Ok((execution["status"] == "SUCCEEDED").then_some(case.case_id))
            })
            .await?;
        self.cloud
            .poll_until("the alert in the channels", PATIENCE, async || {
                let received = self.cloud.receivers().received();
                let relayed = received.iter().any(|it| it.is_accepted() && it.body.contains(&case_id));
                let waiting = self.cloud.depth(&self.relay_queue).await?;
                Ok((relayed && waiting == 0).then_some(()))
            })
            .await?;
        Ok(case_id)
    }

    fn usage(&self, history: &History, seen: &Seen, prices: &Prices) -> Result<Usage, Error> {
        let assumed = &prices.assumptions;
        let mut usage = Usage::default();
        usage.add(Item::StateTransitions, f64::from(history.transitions));
        let mut waited = number(seen.of_detective.len()) * prices.milliseconds("detective")?;
        for (_, call) in &seen.calls {
            waited += prices.milliseconds(&call.service)?;
            charge(&mut usage, call, &seen.sizes);
        }
        let invocations: f64 = seen.logged.invocations.values().map(|count| number(*count)).sum();
        let cold = number(seen.logged.invocations.values().filter(|count| **count > 0).count());
        let relayed = seen.logged.invocations.get("relay-alert").copied().unwrap_or_default();
        waited += number(relayed) * prices.milliseconds("relay")?;
        let milliseconds = waited + invocations * assumed.handler_milliseconds + cold * assumed.init_milliseconds;
        usage.add(Item::LambdaRequests, invocations);
        usage.add(Item::LambdaMilliseconds, milliseconds);
        usage.add(self.gb_seconds, milliseconds / 1e3 * self.memory);

        let published = usage.get(Item::SnsPublishes);
        let messages = 1.0 + published; // the finding, and each alert on its way to the relay
        usage.add(Item::SqsRequests, messages * assumed.sqs_requests_a_message);
        usage.add(Item::SnsEmails, published * assumed.email_subscribers);
        usage.add(Item::Traces, 1.0 + messages); // the execution's, and those of what works the messages
        let logged = number(seen.logged.bytes) + f64::from(history.events) * assumed.bytes_a_history_event;
        usage.add(Item::LogGigabytes, logged / 1e9);
        Ok(usage)
    }

    /// What the functions have logged so far.
    async fn logged(&self) -> Result<Logged, CloudError> {
        let mut logged = Logged::default();
        for (group, lines) in self.cloud.logs_by_group().await? {
            let Some(function) = FUNCTIONS.iter().find(|name| group.ends_with(*name)) else { continue };
            let invocations = lines.iter().filter(|line| line.starts_with("START RequestId")).count();
            logged.invocations.insert((*function).to_owned(), invocations);
            // CloudWatch Logs counts 26 bytes beside each event (PutLogEvents).
            logged.bytes += lines.iter().map(|line| line.len() + 26).sum::<usize>();
        }
        Ok(logged)
    }

    /// The whole table, as DynamoDB answers it.
    async fn items(&self) -> Result<Vec<Value>, CloudError> {
        let mut scan = json!({"TableName": self.cloud.outputs().get("CasesTableName"), "ConsistentRead": true});
        let mut items = Vec::new();
        loop {
            let answer = self.cloud.api().json("dynamodb", "DynamoDB_20120810.Scan", &scan).await?;
            items.extend(answer["Items"].as_array().into_iter().flatten().cloned());
            if !answer["LastEvaluatedKey"].is_object() {
                return Ok(items);
            }
            scan["ExclusiveStartKey"] = answer["LastEvaluatedKey"].clone();
        }
    }
}

/// What was seen of a case.
struct Seen {
    calls: Vec<(SystemTime, ProxiedCall)>,
    /// The operations that were asked of Detective, which is not behind the proxy.
    of_detective: Vec<String>,
    logged: Logged,
    sizes: Sizes,
}

/// What functions have logged.
#[derive(Default)]
struct Logged {
    invocations: BTreeMap<String, usize>,
    bytes: usize,
}

impl Logged {
    fn since(self, before: &Self) -> Self {
        let earlier = |function: &String| before.invocations.get(function).copied().unwrap_or_default();
        let invocations = self.invocations.into_iter().map(|(function, count)| {
            let since = count.saturating_sub(earlier(&function));
            (function, since)
        });
        Self { invocations: invocations.collect(), bytes: self.bytes.saturating_sub(before.bytes) }
    }
}

/// How long the functions take from the beginning of the last look until the alert is published, in seconds: their calls,
/// and the cold starts of those that come for the first time.
fn tell(history: &History, seen: &Seen, prices: &Prices) -> Result<f64, Error> {
    let from = history.last_look.ok_or_else(|| Error::Unexpected("a case was never looked at".to_owned()))?;
    let mut milliseconds = 0.0;
    for (at, call) in &seen.calls {
        if Timestamp::try_from(*at).is_ok_and(|at| at >= from) {
            milliseconds += prices.milliseconds(&call.service)?;
            if call.operation == "Publish" {
                break;
            }
        }
    }
    // Each look asks Detective once, and what comes after the looks asks again.
    let earlier_looks = history.waits.len().saturating_sub(1);
    let looks = seen.of_detective.iter().enumerate().filter(|(_, it)| *it == "GetInvestigation");
    let last = looks.map(|(index, _)| index).nth(earlier_looks).unwrap_or_default();
    milliseconds += number(seen.of_detective.len() - last) * prices.milliseconds("detective")?;
    let tasks = f64::from(history.tasks_from_there);
    let assumed = &prices.assumptions;
    milliseconds += tasks * assumed.handler_milliseconds + (tasks - 1.0) * assumed.init_milliseconds;
    Ok(milliseconds / 1e3)
}

/// What is charged of a call beside the function's time.
fn charge(usage: &mut Usage, call: &ProxiedCall, sizes: &Sizes) {
    match (call.service.as_str(), call.operation.as_str()) {
        ("dynamodb", operation) => {
            let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
            let units = capacity::of_call(operation, &body, sizes);
            usage.add(Item::DynamodbReadUnits, units.read);
            usage.add(Item::DynamodbWriteUnits, units.write);
        }
        ("sns", "Publish") => usage.add(Item::SnsPublishes, 1.0),
        ("sqs", _) => usage.add(Item::SqsRequests, 1.0),
        ("s3", "GET" | "HEAD") => usage.add(Item::S3Gets, 1.0),
        ("s3", _) => usage.add(Item::S3Puts, 1.0),
        ("events", "PutEvents") => {
            let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
            let entries = body["Entries"].as_array().into_iter().flatten();
            usage.add(Item::Events, entries.map(|entry| (number(entry.to_string().len()) / 65_536.0).ceil()).sum());
        }
        _ => {}
    }
}

/// The memory of the functions in GB and what their time is charged as, as they are deployed.
async fn memory(cloud: &LocalCloud) -> Result<(f64, Item), Error> {
    let answer = cloud.api().get("lambda", "/2015-03-31/functions").await?;
    let answer: Value = serde_json::from_str(&answer)?;
    let functions = answer["Functions"].as_array().into_iter().flatten();
    let works_cases =
        |it: &&Value| FUNCTIONS.iter().any(|name| it["FunctionName"].as_str().is_some_and(|it| it.ends_with(name)));
    let mut sizes: Vec<(u64, &str)> = functions
        .filter(works_cases)
        .map(|it| (it["MemorySize"].as_u64().unwrap_or_default(), it["Architectures"][0].as_str().unwrap_or_default()))
        .collect();
    sizes.dedup();
    match sizes.as_slice() {
        [(megabytes, "arm64")] => {
            Ok((number(usize::try_from(*megabytes).unwrap_or_default()) / 1024.0, Item::LambdaGbSecondsArm))
        }
        [(megabytes, _)] => {
            Ok((number(usize::try_from(*megabytes).unwrap_or_default()) / 1024.0, Item::LambdaGbSecondsX86))
        }
        // The waiting is counted for all functions together.
        several => Err(Error::Unexpected(format!("the functions differ in memory or architecture: {several:?}"))),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn number(count: usize) -> f64 {
    count as f64
}
