//! The books, once nothing moves any more: what table, queues, logs, subscribers and Detective know.

use crate::campaign::Campaign;
use crate::graph;
use crate::ledger::{Books, Dead, Message};
use crate::relay::{self, Leases, Relayed};
use crate::settle::{self, Operator};
use gumshoe_alerts::Alert;
use local_cloud::{CaseItem, CloudError, LocalCloud, ReceivedMessage};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// From so many findings on, a run also waits until the leases of killed functions end by themselves.
const LONG: usize = 200;

/// What is known when it is over.
pub(crate) struct Aftermath {
    pub(crate) books: Books,
    pub(crate) operator: Operator,
    pub(crate) relayed: Relayed,
    /// Cases that the state machine itself said it could not work.
    pub(crate) last_resorts: usize,
    pub(crate) restarts: usize,
    /// How many calls of Detective went wrong.
    pub(crate) detective_faults: usize,
}

/// Takes the books of a campaign.
pub(crate) async fn take(
    campaign: &Campaign,
    cloud: &LocalCloud,
    operator: Operator,
    dead: Vec<Dead>,
) -> Result<Aftermath, CloudError> {
    let traffic = &campaign.traffic;
    let received: Vec<ReceivedMessage> =
        cloud.inbox().received().into_iter().filter(|received| received.protocol == "sqs").collect();
    let (forged, messages): (Vec<Message>, Vec<Message>) =
        received.iter().filter_map(message).partition(|message| message.revision == relay::FORGED);
    let leases = if traffic.finding_ids().len() < LONG { Leases::Early } else { Leases::ByThemselves };
    let relayed = relay::complete(cloud, &messages, leases).await?;
    let refused = relay::wrongly_refused(cloud, campaign.forged).await?;
    let logs = cloud.logs().await?;
    let left_alone: Vec<&String> = logs.iter().filter(|line| line.contains(r#""outcome":"ignored""#)).collect();
    let says = |id: &&str| left_alone.iter().any(|line| line.contains(*id));
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
    let books = Books {
        reports: traffic.reports.clone(),
        nonsense: traffic.nonsense.clone(),
        assessed: assessed(cloud, &cases).await?,
        cases,
        findings: cloud.all_findings().await?,
        dead,
        left_alone: traffic.finding_ids().into_iter().filter(says).map(str::to_owned).collect(),
        steps: campaign.witness.steps(),
        investigations: started.into_iter().map(|(entity, ids)| (entity, ids.len())).collect(),
        executions: settle::executions(cloud).await?,
        abandoned: operator.abandoned.iter().chain(&relayed.missing).chain(&refused).cloned().collect(),
        graph: graph::books(&campaign.graph, cloud, &campaign.witness, &received).await?,
        messages,
    };
    Ok(Aftermath {
        last_resorts: received.len() - books.messages.len() - books.graph.notices.len() - forged.len(),
        books,
        operator,
        relayed,
        restarts: campaign.restarts.len(),
        detective_faults: journal.iter().filter(|it| it.error.as_deref().is_some_and(wrong)).count(),
    })
}

/// What the last assessments of quiet cases have seen, as the evidence bucket has it. What it has of an earlier one, as the last
/// could not be kept, tells nothing.
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

fn message(received: &ReceivedMessage) -> Option<Message> {
    let alert: Alert = serde_json::from_value(serde_json::from_str::<Value>(&received.body).ok()?).ok()?;
    Some(Message {
        case_id: alert.case_id,
        revision: alert.revision,
        repeated: alert.repeated,
        finding_count: alert.finding_count,
        findings: alert.findings.into_iter().map(|finding| (finding.id, finding.count)).collect(),
    })
}
