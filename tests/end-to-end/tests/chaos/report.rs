//! What a run came to, in a short table.

use crate::campaign::Campaign;
use crate::ledger::{Balance, Because};
use crate::stock::Aftermath;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

pub(crate) fn table(seed: u64, campaign: &Campaign, after: &Aftermath, balance: &Balance, took: Duration) -> String {
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, end) in &balance.ends {
        *ends.entry(end.kind()).or_default() += 1;
    }
    let mut mishaps: BTreeMap<String, u32> = BTreeMap::new();
    for ((service, mishap), count) in campaign.witness.mishaps() {
        *mishaps.entry(format!("{service} {mishap:?}")).or_default() += count;
    }
    let traffic = &campaign.traffic;
    let because = |which| balance.repeats.iter().filter(|repeat| repeat.because == which).count();
    let mut table = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(table, "  {name:<18} {value}");
    };
    line("seed", seed.to_string());
    line(
        "sent",
        format!(
            "{} findings in {} states, {} that are none; {} deliveries",
            traffic.finding_ids().len(),
            traffic.reports.len(),
            traffic.nonsense.len(),
            traffic.letters.len()
        ),
    );
    line("ends", listed(&ends));
    line("cases", format!("{}, {} executions", after.books.cases.len(), after.books.executions.len()));
    line("investigations", after.books.investigations.values().sum::<usize>().to_string());
    line(
        "alerts",
        format!(
            "{}, {} revisions skipped, {} last resorts",
            after.books.messages.len(),
            balance.skipped,
            after.last_resorts
        ),
    );
    line(
        "repeats",
        format!(
            "{} as SNS's answer was lost, {} as the table was not told",
            because(Because::AnswerLost),
            because(Because::NotNoted)
        ),
    );
    let relayed = &after.relayed;
    line(
        "relayed",
        format!(
            "{} revisions, {} of them more than once, {} forged messages refused; the last was waited for {:.1} s",
            relayed.revisions,
            relayed.repeated,
            campaign.forged,
            relayed.waited.as_secs_f64()
        ),
    );
    line(
        "faults",
        format!("{} of Detective's, {} restarts, {}", after.detective_faults, after.restarts, listed(&mishaps)),
    );
    let graph = &after.books.graph;
    let repeated = graph.notices.iter().filter(|notice| notice.repeated).count();
    line(
        "graph",
        format!(
            "{} requests for runs, {} got worse, {} notices, {repeated} of them marked as repeats; {} functions killed by \
             hand, {} claims ended early, {} requests redriven",
            campaign.graph.asked,
            graph.worse.len(),
            graph.notices.len(),
            campaign.graph.killer.killed(),
            campaign.graph.claims,
            campaign.graph.redriven
        ),
    );
    line("an operator", format!("redrove {} messages, started {:?}", after.operator.redriven, after.operator.started));
    line("took", format!("{} s", took.as_secs()));
    line(
        "balance",
        if balance.wrong.is_empty() { "balanced".to_owned() } else { format!("{} WRONG", balance.wrong.len()) },
    );
    table
}

fn listed<K: std::fmt::Display, V: std::fmt::Display>(counts: &BTreeMap<K, V>) -> String {
    let all: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    all.join(", ")
}

/// What the functions have logged about the findings and cases that something wrong names.
pub(crate) fn known(wrong: &[String], logs: &[String]) -> Vec<String> {
    let names = |text: &str| {
        let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '-').map(str::to_owned);
        words.filter(|word| word.len() >= 30).collect::<Vec<String>>()
    };
    let mut known = Vec::new();
    for text in wrong {
        known.push(text.clone());
        for name in names(text) {
            let lines = logs.iter().filter(|line| line.contains(&name));
            known.extend(lines.map(|line| format!("    {}", line.trim().chars().take(600).collect::<String>())));
        }
    }
    known
}
