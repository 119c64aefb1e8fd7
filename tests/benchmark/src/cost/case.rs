//! One case, from its finding to the delivery of its alert to all channels, and its usage.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use local_cloud::{CloudError, LocalCloud, ProxiedCall};
use serde_json::{Value, json};
use simulator::{EndsWhen, Scenario};

use super::call_recorder::CallRecorder;
use super::capacity::{self, Sizes};
use super::history::History;
use super::prices::Prices;
use super::usage::{Item, Usage};
use crate::Error;
use crate::scale::burst;

const CASE_TIMEOUT: Duration = Duration::from_secs(120);

/// The functions that process cases.
const FUNCTIONS: [&str; 6] =
    ["open-case", "start-investigation", "check-investigation", "assess-case", "send-alert", "relay-alert"];

/// A local cloud on which the usage of cases is counted.
pub(super) struct CostTest<'a> {
    cloud: &'a LocalCloud,
    calls: Arc<CallRecorder>,
    relay_queue: String,
    /// The memory of a function, in GB.
    memory_gb: f64,
    gb_seconds: Item,
    cases: u32,
}

/// The usage of a case that has ended.
#[derive(Debug, Clone)]
pub(super) struct CaseCost {
    pub(super) polls: u32,
    /// The waits before the polls, in seconds.
    pub(super) waits: Vec<u64>,
    pub(super) usage: Usage,
    /// Seconds from the start of the last poll to the publishing of the alert.
    pub(super) poll_to_alert: f64,
}

impl<'a> CostTest<'a> {
    pub(super) async fn new(cloud: &'a LocalCloud) -> Result<Self, Error> {
        let calls = Arc::<CallRecorder>::default();
        cloud.proxy().set_fault_injector(calls.clone());
        let relay_queue = cloud.relay_queue_url().await?;
        let (memory_gb, gb_seconds) = memory(cloud).await?;
        Ok(Self { cloud, calls, relay_queue, memory_gb, gb_seconds, cases: 0 })
    }

    /// Processes a case whose investigation is reported as ended by the poll with that number, and counts its usage.
    pub(super) async fn count(&mut self, polls: u32, prices: &Prices) -> Result<CaseCost, Error> {
        self.cases += 1;
        let name = format!("cost-{}", self.cases);
        let subject = burst::subject(&name);
        let scenario = Scenario::named("high").map_err(|error| Error::Unexpected(error.to_string()))?;
        let scenario = scenario.with_entity(&subject).with_end(EndsWhen::AfterChecks(polls.saturating_sub(1)));
        self.cloud.simulator().add_scenario(scenario);
        let logged = self.logged().await?;
        let earlier_operations = self.operations().len();
        self.calls.take();

        self.cloud.send(&[burst::finding(&name, u64::from(self.cases))]).await?;
        let case_id = self.wait_until_delivered(&subject).await?;
        let events = self.cloud.history(&case_id).await?;
        let history = History::of(&events);
        if history.polls() != polls {
            let what = format!("the investigation of {name} was polled {} times, not {polls}", history.polls());
            return Err(Error::Unexpected(what));
        }
        let observed = Observed {
            calls: self.calls.take(),
            detective_operations: self.operations().split_off(earlier_operations),
            logged: self.logged().await?.since(&logged),
            sizes: Sizes::of(&self.items().await?),
        };
        let (usage, poll_to_alert) =
            (self.usage(&history, &observed, prices)?, poll_to_alert(&history, &observed, prices)?);
        Ok(CaseCost { polls, waits: history.waits, usage, poll_to_alert })
    }

    /// The operations of Detective that were called so far.
    fn operations(&self) -> Vec<String> {
        self.cloud.simulator().journal().into_iter().map(|entry| entry.operation).collect()
    }

    /// Waits until the case is closed, its execution has ended and the channels have its alert. Returns the case's id.
    async fn wait_until_delivered(&self, subject: &str) -> Result<String, CloudError> {
        let what = format!("the case of {subject} to close");
        let case_id = self
            .cloud
            .poll_until(&what, CASE_TIMEOUT, async || {
                let cases = self.cloud.cases(subject).await?;
                let Some(case) = cases.into_iter().find(|case| case.status == "CLOSED") else { return Ok(None) };
                let execution = self.cloud.execution(&case.case_id).await?;
                Ok((execution["status"] == "SUCCEEDED").then_some(case.case_id))
            })
            .await?;
        self.cloud
            .poll_until("the channels to receive the alert", CASE_TIMEOUT, async || {
                let received = self.cloud.receivers().received();
                let relayed = received.iter().any(|it| it.is_accepted() && it.body.contains(&case_id));
                let waiting = self.cloud.depth(&self.relay_queue).await?;
                Ok((relayed && waiting == 0).then_some(()))
            })
            .await?;
        Ok(case_id)
    }

    fn usage(&self, history: &History, observed: &Observed, prices: &Prices) -> Result<Usage, Error> {
        let assumed = &prices.assumptions;
        let mut usage = Usage::default();
        usage.add(Item::StateTransitions, f64::from(history.transitions));
        let mut waited = number(observed.detective_operations.len()) * prices.milliseconds("detective")?;
        for (_, call) in &observed.calls {
            waited += prices.milliseconds(&call.service)?;
            charge(&mut usage, call, &observed.sizes);
        }
        let invocations: f64 = observed.logged.invocations.values().map(|count| number(*count)).sum();
        let cold = number(observed.logged.invocations.values().filter(|count| **count > 0).count());
        let relayed = observed.logged.invocations.get("relay-alert").copied().unwrap_or_default();
        waited += number(relayed) * prices.milliseconds("relay")?;
        let milliseconds = waited + invocations * assumed.handler_milliseconds + cold * assumed.init_milliseconds;
        usage.add(Item::LambdaRequests, invocations);
        usage.add(Item::LambdaMilliseconds, milliseconds);
        usage.add(self.gb_seconds, milliseconds / 1e3 * self.memory_gb);

        let published = usage.get(Item::SnsPublishes);
        let messages = 1.0 + published; // the finding, and each alert in the relay's queue
        usage.add(Item::SqsRequests, messages * assumed.sqs_requests_per_message);
        usage.add(Item::SnsEmails, published * assumed.email_subscribers);
        usage.add(Item::Traces, 1.0 + messages); // that of the execution, and one for each message
        let logged = number(observed.logged.bytes) + f64::from(history.events) * assumed.bytes_per_history_event;
        usage.add(Item::LogGigabytes, logged / 1e9);
        Ok(usage)
    }

    /// The invocations and log bytes of the functions so far.
    async fn logged(&self) -> Result<Logged, CloudError> {
        let mut logged = Logged::default();
        for (group, lines) in self.cloud.logs_by_group().await? {
            let Some(function) = FUNCTIONS.iter().find(|name| group.ends_with(*name)) else { continue };
            let invocations = lines.iter().filter(|line| line.starts_with("START RequestId")).count();
            logged.invocations.insert((*function).to_owned(), invocations);
            // CloudWatch Logs adds 26 bytes to each event (API Reference, PutLogEvents).
            logged.bytes += lines.iter().map(|line| line.len() + 26).sum::<usize>();
        }
        Ok(logged)
    }

    /// All items of the table, as DynamoDB returns them.
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

/// What a case did.
struct Observed {
    calls: Vec<(SystemTime, ProxiedCall)>,
    /// The operations of Detective that were called. Detective is not behind the proxy.
    detective_operations: Vec<String>,
    logged: Logged,
    sizes: Sizes,
}

/// The invocations of each function, and the bytes of their logs.
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

/// Seconds from the start of the last poll to the publishing of the alert: the durations of the functions' calls, and the cold
/// starts of the functions that run for the first time.
fn poll_to_alert(history: &History, observed: &Observed, prices: &Prices) -> Result<f64, Error> {
    let from = history
        .last_poll
        .ok_or_else(|| Error::Unexpected("the investigation of a case was never polled".to_owned()))?;
    let mut milliseconds = 0.0;
    for (at, call) in &observed.calls {
        if Timestamp::try_from(*at).is_ok_and(|at| at >= from) {
            milliseconds += prices.milliseconds(&call.service)?;
            if call.operation == "Publish" {
                break;
            }
        }
    }
    // Each poll calls GetInvestigation once; assess-case calls it again after the last poll.
    let earlier_polls = history.waits.len().saturating_sub(1);
    let polls = observed.detective_operations.iter().enumerate().filter(|(_, it)| *it == "GetInvestigation");
    let last = polls.map(|(index, _)| index).nth(earlier_polls).unwrap_or_default();
    milliseconds += number(observed.detective_operations.len() - last) * prices.milliseconds("detective")?;
    let tasks = f64::from(history.tasks_since_last_poll);
    let assumed = &prices.assumptions;
    milliseconds += tasks * assumed.handler_milliseconds + (tasks - 1.0) * assumed.init_milliseconds;
    Ok(milliseconds / 1e3)
}

/// The usage of a call, in addition to the function's duration.
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

/// The memory of the deployed functions in GB, and the price item of their GB-seconds.
async fn memory(cloud: &LocalCloud) -> Result<(f64, Item), Error> {
    let answer = cloud.api().get("lambda", "/2015-03-31/functions").await?;
    let answer: Value = serde_json::from_str(&answer)?;
    let functions = answer["Functions"].as_array().into_iter().flatten();
    let processes_cases =
        |it: &&Value| FUNCTIONS.iter().any(|name| it["FunctionName"].as_str().is_some_and(|it| it.ends_with(name)));
    let mut sizes: Vec<(u64, &str)> = functions
        .filter(processes_cases)
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
        // The durations of all functions are counted in one sum, so they must have one price.
        several => Err(Error::Unexpected(format!("the functions differ in memory or architecture: {several:?}"))),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn number(count: usize) -> f64 {
    count as f64
}
