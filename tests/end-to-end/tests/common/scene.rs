//! The context of a test: the shared cloud, and a principal that no other test uses.

use gumshoe_alerts::Alert;
use local_cloud::{CaseItem, CloudError, LocalCloud, ReceivedMessage};
use receivers::{Channel, Delivery};
use serde_json::Value;
use simulator::{EndsWhen, Entry, Scenario};
use std::error::Error;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::RwLock;

/// How long to wait for something that should happen soon.
pub(crate) const WAIT_TIMEOUT: Duration = Duration::from_secs(120);

/// The longest that one test may take.
const TIMEOUT: Duration = Duration::from_secs(240);

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;
pub(crate) type Outcome = Result<(), BoxError>;
pub(crate) type TestFn = for<'a> fn(&'a Scene<'a>) -> Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// The cloud that all tests share, behind a lock: a test that runs alone has it exclusively.
#[derive(Default)]
pub(crate) struct SharedCloud {
    cloud: RwLock<Option<LocalCloud>>,
    count: Mutex<u32>,
}

impl SharedCloud {
    pub(crate) fn put(&self, cloud: LocalCloud) {
        *self.cloud.try_write().unwrap() = Some(cloud);
    }

    pub(crate) fn take(&self) -> Option<LocalCloud> {
        self.cloud.try_write().ok()?.take()
    }

    /// Runs a test, concurrently with others or alone.
    pub(crate) async fn run(&self, alone: bool, test: TestFn) -> Result<(), String> {
        let number = {
            let mut count = self.count.lock().unwrap();
            *count += 1;
            *count
        };
        if alone {
            let cloud = self.cloud.write().await;
            with_timeout(test(&Scene { cloud: cloud.as_ref().unwrap(), number })).await
        } else {
            let cloud = self.cloud.read().await;
            with_timeout(test(&Scene { cloud: cloud.as_ref().unwrap(), number })).await
        }
    }
}

/// Runs a test for at most [`TIMEOUT`], which does not include the wait for the lock.
async fn with_timeout(test: impl Future<Output = Outcome>) -> Result<(), String> {
    let outcome = tokio::time::timeout(TIMEOUT, test)
        .await
        .map_err(|_| format!("the test did not end within {} s", TIMEOUT.as_secs()))?;
    outcome.map_err(|error| simulator::error_chain(error.as_ref()))
}

/// The context of one test.
pub(crate) struct Scene<'a> {
    pub(crate) cloud: &'a LocalCloud,
    /// The test's number, which is part of the names of its principals and findings.
    number: u32,
}

impl Scene<'_> {
    /// The name of a role that no other test uses.
    pub(crate) fn role(&self) -> String {
        format!("role-{}", self.number)
    }

    /// The ARN of that role, which is also the subject of its cases.
    pub(crate) fn subject(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", findings::ACCOUNT, self.role())
    }

    /// A finding about that role. `tag`, of up to 8 hexadecimal digits, distinguishes the findings of one test.
    pub(crate) fn finding(&self, tag: &str) -> Value {
        findings::role_finding(&self.role(), &format!("{:08x}{tag:0>24}", self.number))
    }

    /// The key in the evidence bucket under which a version of a finding is stored unchanged.
    pub(crate) fn evidence_key(&self, case_id: &str, finding: &Value) -> String {
        let text = |name: &str| finding[name].as_str().unwrap();
        let updated: String = text("updatedAt").chars().filter(|it| it.is_ascii_alphanumeric()).collect();
        format!("cases/{case_id}/findings/{}/{updated}-{}.json", text("id"), finding["service"]["count"])
    }

    /// A named scenario for that role, which is not installed yet.
    pub(crate) fn scenario(&self, name: &str) -> Scenario {
        let mut scenario = Scenario::named(name).unwrap();
        scenario.entity_arn = self.subject();
        scenario
    }

    /// Installs a named scenario for that role.
    pub(crate) fn set_scenario(&self, name: &str) {
        self.cloud.simulator().add_scenario(self.scenario(name));
    }

    /// Installs a named scenario for that role whose investigations run until the test ends them.
    pub(crate) fn set_manual_scenario(&self, name: &str) {
        let scenario = Scenario { ends: EndsWhen::Manually, ..self.scenario(name) };
        self.cloud.simulator().add_scenario(scenario);
    }

    /// Waits until one of the role's cases that match has an investigation.
    pub(crate) async fn wait_for_investigation(
        &self,
        matches: impl Fn(&CaseItem) -> bool,
    ) -> Result<CaseItem, CloudError> {
        let subject = self.subject();
        let poll = async || {
            let cases = self.cloud.cases(&subject).await?;
            Ok(cases.into_iter().find(|case| case.investigation["id"].is_string() && matches(case)))
        };
        self.cloud.poll_until("the case's investigation", WAIT_TIMEOUT, poll).await
    }

    /// Waits until the subject's case with that sequence number is closed and its first execution has ended. Returns both.
    pub(crate) async fn wait_for_closed_case(
        &self,
        subject: &str,
        sequence: u32,
    ) -> Result<(CaseItem, Value), BoxError> {
        let what = format!("the end of case {sequence} of {subject}");
        let case = self
            .cloud
            .poll_until(&what, WAIT_TIMEOUT, async || {
                let cases = self.cloud.cases(subject).await?;
                Ok(cases.into_iter().find(|case| case.sequence == sequence && case.status == "CLOSED"))
            })
            .await?;
        let execution = self.wait_for_execution_end(&case.case_id).await?;
        Ok((case, execution))
    }

    /// Waits until the execution of that name has ended.
    pub(crate) async fn wait_for_execution_end(&self, name: &str) -> Result<Value, BoxError> {
        let what = format!("the end of execution {name}");
        let ended = self.cloud.poll_until(&what, WAIT_TIMEOUT, async || {
            let execution = self.cloud.execution(name).await.unwrap_or_default();
            Ok((execution["status"].is_string() && execution["status"] != "RUNNING").then_some(execution))
        });
        Ok(ended.await?)
    }

    /// Waits until every subscriber of the topic has received the expected number of alerts of a case, and checks that none has more.
    /// Returns them in order of arrival.
    pub(crate) async fn wait_for_alerts(&self, case_id: &str, expected: usize) -> Result<ReceivedAlerts, BoxError> {
        let of = |protocol| {
            let received = self.cloud.inbox().received().into_iter();
            received.filter(|it| it.protocol == protocol && it.body.contains(case_id)).collect::<Vec<ReceivedMessage>>()
        };
        self.cloud
            .poll_until(&format!("{expected} alerts of case {case_id}"), WAIT_TIMEOUT, async || {
                let there = ["email", "sqs", "http"].into_iter().all(|protocol| of(protocol).len() >= expected);
                Ok(there.then_some(()))
            })
            .await?;
        let (texts, bodies) = (of("email"), of("sqs"));
        let chats: Vec<Value> = of("http").iter().map(|it| serde_json::from_str(&it.body)).collect::<Result<_, _>>()?;
        let json = bodies.iter().map(|it| serde_json::from_str(&it.body)).collect::<Result<Vec<Alert>, _>>()?;
        assert_eq!((texts.len(), json.len(), chats.len()), (expected, expected, expected), "alerts of case {case_id}");
        Ok(ReceivedAlerts { texts, json, chats, attributes: bodies.into_iter().map(|it| it.attributes).collect() })
    }

    /// Waits until a channel's receiver has accepted at least the expected number of messages about a case. Returns them.
    pub(crate) async fn wait_for_deliveries(
        &self,
        channel: Channel,
        case_id: &str,
        expected: usize,
    ) -> Result<Vec<Delivery>, CloudError> {
        let of = || -> Vec<Delivery> {
            let accepted = self.cloud.receivers().accepted(channel).into_iter();
            accepted.filter(|it| it.body.contains(case_id)).collect()
        };
        let what = format!("{expected} messages to {channel:?} about {case_id}");
        let poll = async || Ok((of().len() >= expected).then_some(()));
        self.cloud.poll_until(&what, WAIT_TIMEOUT, poll).await?;
        Ok(of())
    }

    /// The calls of an operation of Detective about that role.
    pub(crate) fn calls_of(&self, operation: &str) -> Vec<Entry> {
        let subject = self.subject();
        let journal = self.cloud.simulator().journal().into_iter();
        journal.filter(|it| it.operation == operation && it.entity_arn.as_deref() == Some(&subject)).collect()
    }
}

/// The alerts of one case as the topic's subscribers received them, in order of arrival.
pub(crate) struct ReceivedAlerts {
    /// The e-mails.
    pub(crate) texts: Vec<ReceivedMessage>,
    /// The JSON that the queue received.
    pub(crate) json: Vec<Alert>,
    /// The chat notifications.
    pub(crate) chats: Vec<Value>,
    /// The message attributes, without their types.
    pub(crate) attributes: Vec<std::collections::BTreeMap<String, String>>,
}
