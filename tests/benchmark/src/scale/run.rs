//! One burst, from its first finding to its last case's end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use local_cloud::{CaseItem, CloudError, LocalCloud};
use serde_json::Value;
use simulator::{EndsWhen, Entry, Rate, Scenario};

use super::burst;
use super::watch::Watch;
use crate::Error;

/// The longest that a burst may take.
const PATIENCE: Duration = Duration::from_secs(900);
/// How many findings EventBridge takes in one call.
const A_CALL: usize = 10;

/// Detective's operations in the way of a case.
const OPERATIONS: [&str; 5] =
    ["ListGraphs", "ListInvestigations", "StartInvestigation", "GetInvestigation", "ListIndicators"];

/// A burst to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Burst {
    /// Tells its principals from those of others.
    pub(super) name: &'static str,
    pub(super) findings: usize,
    pub(super) principals: Principals,
    /// How often investigations are told as under way.
    pub(super) checks: u32,
    /// How many calls of each of Detective's operations pass in a real second; nothing for all.
    pub(super) rate: Option<f64>,
}

/// Whom the findings are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Principals {
    One,
    Distinct,
}

/// What came of a burst.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Outcome {
    /// Findings of cases that were closed, quietly or with an alert that was received.
    pub(super) accounted: usize,
    pub(super) cases: usize,
    /// Cases that were closed without an investigation, or told without its result.
    pub(super) not_investigated: usize,
    pub(super) investigations: usize,
    /// Alerts that the topic's subscriber received.
    pub(super) alerts: usize,
    /// How many findings the last alerts of all cases count.
    pub(super) told: u64,
    /// Calls of Detective that were let through, by operation, and those that were throttled.
    pub(super) calls: BTreeMap<String, usize>,
    pub(super) throttled: usize,
    /// From the first finding that was sent to the last case's end, in seconds.
    pub(super) drained: f64,
    /// The longest that a finding waited until it was in the table, in seconds.
    pub(super) oldest: f64,
}

/// What was received of a case.
#[derive(Debug, Default)]
struct Heard {
    times: usize,
    /// How many findings its last alert counts.
    findings: u64,
    /// Whether that had no result of an investigation.
    not_investigated: bool,
}

/// Where bursts are sent.
pub(super) struct Stage<'a> {
    pub(super) cloud: &'a LocalCloud,
    pub(super) watch: Arc<Watch>,
}

impl Stage<'_> {
    pub(super) async fn run(&self, burst: &Burst) -> Result<Outcome, Error> {
        let simulator = self.cloud.simulator();
        let scenario = Scenario::named("high").map_err(|error| Error::Unexpected(error.to_string()))?;
        let ours = format!("{}-{}-", burst.name, burst.findings);
        let scenario = scenario.with_entity(burst::subject(&format!("{ours}*")));
        simulator.add_scenario(scenario.with_end(EndsWhen::AfterChecks(burst.checks)));
        simulator.set_rates(burst.rates());
        let asked = simulator.journal().len();

        let findings: Vec<(String, Value)> = (0..burst.findings).map(|number| burst.finding(number)).collect();
        let mut sent = BTreeMap::new();
        let begun = Instant::now();
        for some in findings.chunks(A_CALL) {
            let details: Vec<Value> = some.iter().map(|(_, detail)| detail.clone()).collect();
            sent.extend(some.iter().map(|(id, _)| (id.clone(), Instant::now())));
            self.cloud.send(&details).await?;
        }
        let what = format!("the end of {} findings", burst.findings);
        let (last, oldest) = self.cloud.poll_until(&what, PATIENCE, async || Ok(self.over(&sent))).await?;

        let journal = simulator.journal().split_off(asked);
        let is_ours = |case: &CaseItem| case.subject.contains(&format!(":role/{ours}"));
        let cases: Vec<CaseItem> = self.cloud.all_cases().await?.into_iter().filter(is_ours).collect();
        let alerts = self.alerts(&cases).await?;
        let mut calls = BTreeMap::new();
        let (refused, passed): (Vec<Entry>, Vec<Entry>) = journal.into_iter().partition(|it| it.error.is_some());
        for entry in passed {
            *calls.entry(entry.operation).or_default() += 1;
        }
        Ok(Outcome {
            accounted: self.accounted(&cases, &alerts, &sent).await?,
            not_investigated: cases.iter().filter(|case| without_result(case, &alerts)).count(),
            investigations: calls.get("StartInvestigation").copied().unwrap_or_default(),
            alerts: alerts.values().map(|heard| heard.times).sum(),
            told: alerts.values().map(|heard| heard.findings).sum(),
            cases: cases.len(),
            calls,
            throttled: refused.len(),
            drained: last.duration_since(begun).as_secs_f64(),
            oldest: oldest.as_secs_f64(),
        })
    }

    /// Once all findings are taken in and all cases closed: when the last was, and the longest that a finding waited.
    fn over(&self, sent: &BTreeMap<String, Instant>) -> Option<(Instant, Duration)> {
        let seen = self.watch.seen();
        let waited = sent.iter().map(|(id, at)| Some(seen.taken.get(id)?.duration_since(*at)));
        let waited = waited.collect::<Option<Vec<_>>>()?;
        let all_closed = seen.opened.iter().all(|case_id| seen.closed.contains_key(case_id));
        let last = seen.closed.values().max().copied().filter(|_| all_closed)?;
        Some((last, waited.into_iter().max().unwrap_or_default()))
    }

    /// How many of the findings are part of a case that is closed, and was heard of where it is alerted.
    async fn accounted(
        &self,
        cases: &[CaseItem],
        alerts: &BTreeMap<String, Heard>,
        sent: &BTreeMap<String, Instant>,
    ) -> Result<usize, CloudError> {
        let is_told = |case: &&CaseItem| case.published_revision == 0 || alerts.contains_key(&case.case_id);
        let ended: BTreeSet<(&str, u32)> = cases
            .iter()
            .filter(|case| case.status == "CLOSED")
            .filter(is_told)
            .map(|case| (case.subject.as_str(), case.sequence))
            .collect();
        let findings = self.cloud.all_findings().await?;
        let ours = findings.iter().filter(|it| sent.contains_key(&it.finding_id));
        Ok(ours.filter(|it| ended.contains(&(it.subject.as_str(), it.case_sequence))).count())
    }

    /// What the topic's subscriber has received of each of these cases, once all that is published has come.
    async fn alerts(&self, cases: &[CaseItem]) -> Result<BTreeMap<String, Heard>, CloudError> {
        let ids: BTreeSet<&str> = cases.iter().map(|case| case.case_id.as_str()).collect();
        let published: usize = cases.iter().map(|case| case.published_revision as usize).sum();
        let received = || {
            let mut received: BTreeMap<String, Heard> = BTreeMap::new();
            for message in self.cloud.inbox().received().into_iter().filter(|it| it.protocol == "sqs") {
                if let Some(id) = message.attributes.get("case_id").filter(|id| ids.contains(id.as_str())) {
                    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
                    let heard = received.entry(id.clone()).or_default();
                    heard.times += 1;
                    heard.findings = heard.findings.max(body["finding_count"].as_u64().unwrap_or_default());
                    heard.not_investigated = !body["not_investigated"].is_null();
                }
            }
            received
        };
        let look =
            async || Ok((received().values().map(|heard| heard.times).sum::<usize>() >= published).then_some(()));
        match self.cloud.poll_until("the last alert", Duration::from_secs(60), look).await {
            Ok(()) | Err(CloudError::TimedOut { .. }) => Ok(received()), // what is missing is in the figures
            Err(error) => Err(error),
        }
    }
}

fn without_result(case: &CaseItem, alerts: &BTreeMap<String, Heard>) -> bool {
    !case.investigation["id"].is_string() || alerts.get(&case.case_id).is_some_and(|heard| heard.not_investigated)
}

impl Burst {
    /// The rates of all operations that a case needs; each has a bucket of its own that holds a second's calls.
    fn rates(&self) -> Vec<Rate> {
        let rate = |per_second: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some tens")]
            let burst = per_second.ceil().max(1.0) as u32;
            OPERATIONS.map(|operation| Rate::new(per_second).of(operation).with_burst(burst))
        };
        self.rate.map(rate).into_iter().flatten().collect()
    }

    fn finding(&self, number: usize) -> (String, Value) {
        let role = match self.principals {
            Principals::One => format!("{}-{}-all", self.name, self.findings),
            Principals::Distinct => format!("{}-{}-{number}", self.name, self.findings),
        };
        let number = u64::try_from(number).unwrap_or_default();
        (burst::id(&role, number), burst::finding(&role, number))
    }
}
