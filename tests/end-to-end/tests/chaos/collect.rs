//! Collects the record of a run once everything is idle: from the table, queues, logs, subscribers and Detective.

use crate::campaign::Campaign;
use crate::graph;
use crate::ledger::{AlertMessage, DeadLetter, RunRecord};
use crate::quiesce::{self, OperatorActions};
use crate::relay::{self, DeliveryCheck, LeaseExpiry};
use gumshoe_alerts::Alert;
use local_cloud::{CaseItem, CloudError, LocalCloud, ReceivedMessage};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Runs with at least this many findings wait until the leases of killed functions expire naturally.
const LONG_RUN_MIN_FINDINGS: usize = 200;

/// The result of a run.
pub(crate) struct RunResult {
    pub(crate) record: RunRecord,
    pub(crate) operator: OperatorActions,
    pub(crate) relayed: DeliveryCheck,
    /// Number of fallback alerts, which the state machine publishes itself.
    pub(crate) fallback_alerts: usize,
    pub(crate) restarts: usize,
    /// Number of failed Detective calls.
    pub(crate) detective_faults: usize,
}

/// Collects the record of a campaign.
pub(crate) async fn collect(
    campaign: &Campaign,
    cloud: &LocalCloud,
    operator: OperatorActions,
    dead: Vec<DeadLetter>,
) -> Result<RunResult, CloudError> {
    let traffic = &campaign.traffic;
    let received: Vec<ReceivedMessage> =
        cloud.inbox().received().into_iter().filter(|received| received.protocol == "sqs").collect();
    let (forged, messages): (Vec<AlertMessage>, Vec<AlertMessage>) =
        received.iter().filter_map(message).partition(|message| message.revision == relay::FORGED_REVISION);
    let leases =
        if traffic.finding_ids().len() < LONG_RUN_MIN_FINDINGS { LeaseExpiry::Forced } else { LeaseExpiry::Natural };
    let relayed = relay::wait_for_deliveries(cloud, &messages, leases).await?;
    let refused = relay::wrongly_rejected(cloud, campaign.forged_count).await?;
    let logs = cloud.logs().await?;
    let ignored: Vec<&String> = logs.iter().filter(|line| line.contains(r#""outcome":"ignored""#)).collect();
    let says = |id: &&str| ignored.iter().any(|line| line.contains(*id));
    let journal = cloud.simulator().journal();
    let mut started: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in journal.iter().filter(|entry| entry.operation == "StartInvestigation") {
        if let (Some(entity), Some(id)) = (&entry.entity_arn, &entry.investigation_id) {
            started.entry(entity.clone()).or_default().insert(id.clone());
        }
    }
    let wrong = |error: &str| {
        ["TooManyRequests", "Throttling", "Internal", "dropped", "truncated"].iter().any(|it| error.contains(it))
    };
    let cases = cloud.all_cases().await?;
    let record = RunRecord {
        finding_states: traffic.finding_states.clone(),
        invalid_messages: traffic.invalid_messages.clone(),
        assessed: assessed(cloud, &cases).await?,
        cases,
        findings: cloud.all_findings().await?,
        dead,
        ignored: traffic.finding_ids().into_iter().filter(says).map(str::to_owned).collect(),
        publish_log: campaign.injector.steps(),
        investigations: started.into_iter().map(|(entity, ids)| (entity, ids.len())).collect(),
        executions: quiesce::executions(cloud).await?,
        not_recovered: operator.not_recovered.iter().chain(&relayed.missing).chain(&refused).cloned().collect(),
        graph: graph::record(&campaign.graph, cloud, &campaign.injector, &received).await?,
        messages,
    };
    Ok(RunResult {
        fallback_alerts: received.len() - record.messages.len() - record.graph.notices.len() - forged.len(),
        record,
        operator,
        relayed,
        restarts: campaign.restarts.len(),
        detective_faults: journal.iter().filter(|it| it.error.as_deref().is_some_and(wrong)).count(),
    })
}

/// The finding counts in the last assessments of quiet cases, from the evidence bucket. Results of an earlier assessment are
/// skipped: the last results could not be stored.
async fn assessed(
    cloud: &LocalCloud,
    cases: &[CaseItem],
) -> Result<BTreeMap<String, BTreeMap<String, u64>>, CloudError> {
    let mut assessed = BTreeMap::new();
    for case in cases.iter().filter(|case| case.published_revision == 0) {
        let key = format!("cases/{}/results-{}.json", case.case_id, case.assessment["revision"]);
        let Some(results) = cloud.evidence(&key).await? else { continue };
        let results: Value = serde_json::from_str(&results).unwrap_or_default();
        if results["assessment"]["at"] != case.assessment["at"] {
            continue;
        }
        let findings = results["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|it| Some((it["finding"]["id"].as_str()?.to_owned(), it["finding"]["count"].as_u64()?)));
        assessed.insert(case.case_id.clone(), findings.collect());
    }
    Ok(assessed)
}

fn message(received: &ReceivedMessage) -> Option<AlertMessage> {
    let alert: Alert = serde_json::from_value(serde_json::from_str::<Value>(&received.body).ok()?).ok()?;
    Some(AlertMessage {
        case_id: alert.case_id,
        revision: alert.revision,
        repeated: alert.repeated,
        finding_count: alert.finding_count,
        findings: alert.findings.into_iter().map(|finding| (finding.id, finding.count)).collect(),
    })
}
