//! One burst, from its first finding to the end of its last case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use local_cloud::{CaseItem, CloudError, LocalCloud};
use serde_json::Value;
use simulator::{EndsWhen, Entry, Rate, Scenario};

use super::burst;
use super::table_observer::TableObserver;
use crate::Error;

/// The maximum duration of a burst.
const BURST_TIMEOUT: Duration = Duration::from_secs(900);
/// The maximum number of entries of a call (EventBridge API Reference, PutEvents).
const PUT_EVENTS_MAX_ENTRIES: usize = 10;

/// The operations of Detective that a case calls.
const OPERATIONS: [&str; 5] =
    ["ListGraphs", "ListInvestigations", "StartInvestigation", "GetInvestigation", "ListIndicators"];

/// A burst of findings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Burst {
    /// The prefix of its principals' names, which distinguishes them from those of other bursts.
    pub(super) name: &'static str,
    pub(super) findings: usize,
    pub(super) principals: Principals,
    /// The number of polls that report an investigation as running.
    pub(super) checks: u32,
    /// The allowed calls of each of Detective's operations per real second; `None` for no limit.
    pub(super) rate: Option<f64>,
}

/// The principals of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Principals {
    One,
    Distinct,
}

/// The outcome of a burst.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Outcome {
    /// Findings of cases that were closed quietly, or with an alert that the subscriber received.
    pub(super) accounted: usize,
    pub(super) cases: usize,
    /// Cases that were closed without an investigation, or alerted without its result.
    pub(super) not_investigated: usize,
    pub(super) investigations: usize,
    /// Alerts that the topic's subscriber received.
    pub(super) alerts: usize,
    /// The sum of the findings that the last alerts of all cases count.
    pub(super) findings_in_alerts: u64,
    /// Calls of Detective that were not throttled, by operation.
    pub(super) calls: BTreeMap<String, usize>,
    /// Throttled calls of Detective.
    pub(super) throttled: usize,
    /// Seconds from the first sent finding to the end of the last case.
    pub(super) total_seconds: f64,
    /// The longest time from the sending of a finding to its write to the table, in seconds.
    pub(super) max_wait_seconds: f64,
}

/// The alerts of a case that the subscriber received.
#[derive(Debug, Default)]
struct AlertCounts {
    times: usize,
    /// The findings that the last alert counts.
    findings: u64,
    /// Whether the last alert had no result of an investigation.
    not_investigated: bool,
}

/// A local cloud to which bursts are sent.
pub(super) struct ScaleTest<'a> {
    pub(super) cloud: &'a LocalCloud,
    pub(super) observer: Arc<TableObserver>,
}

impl ScaleTest<'_> {
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
        for some in findings.chunks(PUT_EVENTS_MAX_ENTRIES) {
            let details: Vec<Value> = some.iter().map(|(_, detail)| detail.clone()).collect();
            sent.extend(some.iter().map(|(id, _)| (id.clone(), Instant::now())));
            self.cloud.send(&details).await?;
        }
        let what = format!("the cases of {} findings to close", burst.findings);
        let (last, max_wait_seconds) =
            self.cloud.poll_until(&what, BURST_TIMEOUT, async || Ok(self.completion(&sent))).await?;

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
            alerts: alerts.values().map(|counts| counts.times).sum(),
            findings_in_alerts: alerts.values().map(|counts| counts.findings).sum(),
            cases: cases.len(),
            calls,
            throttled: refused.len(),
            total_seconds: last.duration_since(begun).as_secs_f64(),
            max_wait_seconds: max_wait_seconds.as_secs_f64(),
        })
    }

    /// When the last case was closed, and the longest time until a finding was in the table; `None` until all findings are in the
    /// table and all cases are closed.
    fn completion(&self, sent: &BTreeMap<String, Instant>) -> Option<(Instant, Duration)> {
        let writes = self.observer.writes();
        let waited = sent.iter().map(|(id, at)| Some(writes.admitted.get(id)?.duration_since(*at)));
        let waited = waited.collect::<Option<Vec<_>>>()?;
        let all_closed = writes.opened.iter().all(|case_id| writes.closed.contains_key(case_id));
        let last = writes.closed.values().max().copied().filter(|_| all_closed)?;
        Some((last, waited.into_iter().max().unwrap_or_default()))
    }

    /// The number of findings whose case is closed, and whose alert was received if it has one.
    async fn accounted(
        &self,
        cases: &[CaseItem],
        alerts: &BTreeMap<String, AlertCounts>,
        sent: &BTreeMap<String, Instant>,
    ) -> Result<usize, CloudError> {
        let is_notified = |case: &&CaseItem| case.published_revision == 0 || alerts.contains_key(&case.case_id);
        let ended: BTreeSet<(&str, u32)> = cases
            .iter()
            .filter(|case| case.status == "CLOSED")
            .filter(is_notified)
            .map(|case| (case.subject.as_str(), case.sequence))
            .collect();
        let findings = self.cloud.all_findings().await?;
        let ours = findings.iter().filter(|it| sent.contains_key(&it.finding_id));
        Ok(ours.filter(|it| ended.contains(&(it.subject.as_str(), it.case_sequence))).count())
    }

    /// The alerts of these cases that the topic's subscriber received, after all published ones have arrived or a timeout.
    async fn alerts(&self, cases: &[CaseItem]) -> Result<BTreeMap<String, AlertCounts>, CloudError> {
        let ids: BTreeSet<&str> = cases.iter().map(|case| case.case_id.as_str()).collect();
        let published: usize = cases.iter().map(|case| case.published_revision as usize).sum();
        let received = || {
            let mut received: BTreeMap<String, AlertCounts> = BTreeMap::new();
            for message in self.cloud.inbox().received().into_iter().filter(|it| it.protocol == "sqs") {
                if let Some(id) = message.attributes.get("case_id").filter(|id| ids.contains(id.as_str())) {
                    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
                    let counts = received.entry(id.clone()).or_default();
                    counts.times += 1;
                    counts.findings = counts.findings.max(body["finding_count"].as_u64().unwrap_or_default());
                    counts.not_investigated = !body["not_investigated"].is_null();
                }
            }
            received
        };
        let all_received =
            async || Ok((received().values().map(|counts| counts.times).sum::<usize>() >= published).then_some(()));
        match self.cloud.poll_until("the subscriber to receive all alerts", Duration::from_secs(60), all_received).await
        {
            Ok(()) | Err(CloudError::TimedOut { .. }) => Ok(received()), // the figures show missing alerts
            Err(error) => Err(error),
        }
    }
}

fn without_result(case: &CaseItem, alerts: &BTreeMap<String, AlertCounts>) -> bool {
    !case.investigation["id"].is_string() || alerts.get(&case.case_id).is_some_and(|counts| counts.not_investigated)
}

impl Burst {
    /// The rates of all operations that a case calls, each with a token bucket of one second's calls.
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
