//! The result of a run as a short table.

use crate::campaign::Campaign;
use crate::collect::RunResult;
use crate::ledger::{Reconciliation, RepeatReason};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

pub(crate) fn table(
    seed: u64,
    campaign: &Campaign,
    after: &RunResult,
    result: &Reconciliation,
    took: Duration,
) -> String {
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, end) in &result.outcomes {
        *outcomes.entry(end.label()).or_default() += 1;
    }
    let mut proxy_faults: BTreeMap<String, u32> = BTreeMap::new();
    for ((service, fault), count) in campaign.injector.proxy_faults() {
        *proxy_faults.entry(format!("{service} {fault:?}")).or_default() += count;
    }
    let traffic = &campaign.traffic;
    let reason = |which| result.repeats.iter().filter(|repeat| repeat.reason == which).count();
    let mut table = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(table, "  {name:<18} {value}");
    };
    line("seed", seed.to_string());
    line(
        "messages",
        format!(
            "{} findings in {} versions, {} invalid messages; {} deliveries",
            traffic.finding_ids().len(),
            traffic.finding_states.len(),
            traffic.invalid_messages.len(),
            traffic.messages.len()
        ),
    );
    line("outcomes", listed(&outcomes));
    line("cases", format!("{}, {} executions", after.record.cases.len(), after.record.executions.len()));
    line("investigations", after.record.investigations.values().sum::<usize>().to_string());
    line(
        "alerts",
        format!(
            "{}, {} revisions skipped, {} fallback alerts",
            after.record.messages.len(),
            result.skipped,
            after.fallback_alerts
        ),
    );
    line(
        "repeats",
        format!(
            "{} response lost, {} not recorded",
            reason(RepeatReason::ResponseLost),
            reason(RepeatReason::NotRecorded)
        ),
    );
    let relayed = &after.relayed;
    line(
        "relayed",
        format!(
            "{} revisions, {} of them more than once, {} forged messages rejected; last delivery after {:.1} s",
            relayed.revisions,
            relayed.repeated,
            campaign.forged_count,
            relayed.waited.as_secs_f64()
        ),
    );
    line(
        "faults",
        format!("{} of Detective, {} restarts, {}", after.detective_faults, after.restarts, listed(&proxy_faults)),
    );
    let graph = &after.record.graph;
    let repeated = graph.notices.iter().filter(|notice| notice.repeated).count();
    line(
        "graph",
        format!(
            "{} run requests, {} members degraded, {} notices, {repeated} of them marked as repeats; {} functions killed, {} claims \
             expired early, {} requests redriven",
            campaign.graph.requested_runs,
            graph.degraded.len(),
            graph.notices.len(),
            campaign.graph.killer.killed(),
            campaign.graph.expired_claims,
            campaign.graph.redriven
        ),
    );
    line("operator", format!("redrove {} messages, started {:?}", after.operator.redriven, after.operator.started));
    line("duration", format!("{} s", took.as_secs()));
    line(
        "ledger",
        if result.violations.is_empty() {
            "no violations".to_owned()
        } else {
            format!("{} violations", result.violations.len())
        },
    );
    table
}

fn listed<K: std::fmt::Display, V: std::fmt::Display>(counts: &BTreeMap<K, V>) -> String {
    let all: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    all.join(", ")
}

/// The log lines about the findings and cases that the violations name.
pub(crate) fn log_excerpt(violations: &[String], logs: &[String]) -> Vec<String> {
    let ids = |text: &str| {
        let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '-').map(str::to_owned);
        words.filter(|word| word.len() >= 30).collect::<Vec<String>>()
    };
    let mut excerpt = Vec::new();
    for text in violations {
        excerpt.push(text.clone());
        for id in ids(text) {
            let lines = logs.iter().filter(|line| line.contains(&id));
            excerpt.extend(lines.map(|line| format!("    {}", line.trim().chars().take(600).collect::<String>())));
        }
    }
    excerpt
}
