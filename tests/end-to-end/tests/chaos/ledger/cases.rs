//! Cases: all are closed, over all that joined, and no more was asked of Detective than there are cases.

use super::{Balance, Books};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(books: &Books, balance: &mut Balance) {
    let mut joined: BTreeMap<&str, u64> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for case in &books.cases {
        if !ids.insert(&case.case_id) {
            balance
                .wrong
                .push(format!("two cases have the id {}; the later is number {}", case.case_id, case.sequence));
        }
        let name = format!("case {} about {}", case.case_id, case.subject);
        *joined.entry(&case.subject).or_default() += case.joined;
        if case.status != "CLOSED" {
            balance.wrong.push(format!("{name} is {}: {case:?}", case.status));
            continue;
        }
        let assessed = case.assessment["joined"].as_u64();
        if assessed != Some(case.joined) {
            balance
                .wrong
                .push(format!("{name} was closed over {} joinings, and assessed with {assessed:?}", case.joined));
        }
        let assessed = case.assessment["renewed"].as_u64();
        if case.published_revision == 0 && assessed != Some(case.renewed) {
            balance.wrong.push(format!(
                "LOST: {name} was closed quietly over {} renewals, and assessed with {assessed:?}",
                case.renewed
            ));
        }
        let held = books.findings.iter().filter(|it| it.subject == case.subject && it.case_sequence == case.sequence);
        let held = held.count() as u64;
        if held > case.joined {
            balance.wrong.push(format!("{name} counts {} joinings and holds {held} findings", case.joined));
        }
        if !books.executions.contains_key(&case.case_id) {
            balance.wrong.push(format!("{name} never had an execution"));
        }
    }
    for (subject, joined) in joined {
        let states = books.reports.iter().filter(|it| it.subject == subject && it.wanted);
        let states: BTreeSet<(&str, u64)> = states.map(|it| (it.finding_id.as_str(), it.count)).collect();
        if joined > states.len() as u64 {
            balance.wrong.push(format!("{subject}: {joined} joinings of {} states of findings", states.len()));
        }
    }
    for (entity, started) in &books.investigations {
        let cases = books.cases.iter().filter(|case| case.subject == *entity).count();
        if *started > cases {
            balance.wrong.push(format!("{entity}: {started} investigations were started for {cases} cases"));
        }
    }
    for (name, status) in &books.executions {
        if status == "RUNNING" {
            balance.wrong.push(format!("execution {name} still runs"));
        }
    }
}
