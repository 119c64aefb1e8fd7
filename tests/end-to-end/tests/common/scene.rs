//! What a test works with: the shared cloud, and a principal of its own.

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

/// How long something is waited for that should happen soon.
pub(crate) const WAIT_TIMEOUT: Duration = Duration::from_secs(120);

/// The longest that one test may take.
const TIMEOUT: Duration = Duration::from_secs(240);

pub(crate) type Outcome = Result<(), Box<dyn Error + Send + Sync>>;
pub(crate) type TestFn = for<'a> fn(&'a Scene<'a>) -> Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// The cloud that all tests share.
#[derive(Default)]
pub(crate) struct Shared {
    cloud: RwLock<Option<LocalCloud>>,
    count: Mutex<u32>,
}

impl Shared {
    pub(crate) fn put(&self, cloud: LocalCloud) {
        *self.cloud.try_write().unwrap() = Some(cloud);
    }

    pub(crate) fn take(&self) -> Option<LocalCloud> {
        self.cloud.try_write().ok()?.take()
    }

    /// Runs a test, beside others or alone.
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

/// Runs a test to its end; what it waited for the cloud does not count.
async fn with_timeout(test: impl Future<Output = Outcome>) -> Result<(), String> {
    let outcome = tokio::time::timeout(TIMEOUT, test).await.map_err(|_| "it took too long".to_owned())?;
    outcome.map_err(|error| simulator::error_chain(error.as_ref()))
}

/// One test's view of the cloud.
pub(crate) struct Scene<'a> {
    pub(crate) cloud: &'a LocalCloud,
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

    /// A finding about that role; `tag` of up to 8 hexadecimal digits tells it from others.
    pub(crate) fn finding(&self, tag: &str) -> Value {
        findings::role_finding(&self.role(), &format!("{:08x}{tag:0>24}", self.number))
    }

    /// Where a state of a finding is kept as it came.
    pub(crate) fn evidence_key(&self, case_id: &str, finding: &Value) -> String {
        let text = |name: &str| finding[name].as_str().unwrap();
        let updated: String = text("updatedAt").chars().filter(|it| it.is_ascii_alphanumeric()).collect();
        format!("cases/{case_id}/findings/{}/{updated}-{}.json", text("id"), finding["service"]["count"])
    }

    /// Decides what the investigation of that role will find.
    pub(crate) fn scenario(&self, name: &str) -> Scenario {
        let mut scenario = Scenario::named(name).unwrap();
        scenario.entity_arn = self.subject();
        scenario
    }

    /// Installs a named scenario for that role.
    pub(crate) fn set_scenario(&self, name: &str) {
        self.cloud.simulator().add_scenario(self.scenario(name));
    }

    /// Installs a named scenario for that role whose investigations end only when they are told to.
    pub(crate) fn set_manual_scenario(&self, name: &str) {
        let scenario = Scenario { ends: EndsWhen::Manually, ..self.scenario(name) };
        self.cloud.simulator().add_scenario(scenario);
    }

    /// Waits until one of the role's cases that `fits` has an investigation.
    pub(crate) async fn wait_for_investigation(
        &self,
        fits: impl Fn(&CaseItem) -> bool,
    ) -> Result<CaseItem, CloudError> {
        let subject = self.subject();
        let poll = async || {
            let cases = self.cloud.cases(&subject).await?;
            Ok(cases.into_iter().find(|case| case.investigation["id"].is_string() && fits(case)))
        };
        self.cloud.poll_until("the investigation", WAIT_TIMEOUT, poll).await
    }

    /// Waits until the subject's case of that number is closed, and its execution has ended.
    pub(crate) async fn wait_for_closed_case(
        &self,
        subject: &str,
        sequence: u32,
    ) -> Result<(CaseItem, Value), Box<dyn Error + Send + Sync>> {
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
    pub(crate) async fn wait_for_execution_end(&self, name: &str) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let what = format!("the end of execution {name}");
        let ended = self.cloud.poll_until(&what, WAIT_TIMEOUT, async || {
            let execution = self.cloud.execution(name).await.unwrap_or_default();
            Ok((execution["status"].is_string() && execution["status"] != "RUNNING").then_some(execution))
        });
        Ok(ended.await?)
    }

    /// Everything about a case that the topic's subscribers have received, once as many messages as expected are there:
    /// the text for people and the JSON for machines, in order of arrival.
    pub(crate) async fn wait_for_alerts(
        &self,
        case_id: &str,
        expected: usize,
    ) -> Result<Alerts, Box<dyn Error + Send + Sync>> {
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
        Ok(Alerts { texts, json, chats, attributes: bodies.into_iter().map(|it| it.attributes).collect() })
    }

    /// What stands for a channel's service has taken about a case, once as many messages as expected are there.
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

    /// What was asked of Detective about that role.
    pub(crate) fn asked(&self, operation: &str) -> Vec<Entry> {
        let subject = self.subject();
        let journal = self.cloud.simulator().journal().into_iter();
        journal.filter(|it| it.operation == operation && it.entity_arn.as_deref() == Some(&subject)).collect()
    }
}

/// What the subscribers received.
pub(crate) struct Alerts {
    pub(crate) texts: Vec<ReceivedMessage>,
    pub(crate) json: Vec<Alert>,
    pub(crate) chats: Vec<Value>,
    pub(crate) attributes: Vec<std::collections::BTreeMap<String, String>>,
}
