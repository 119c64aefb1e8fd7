//! Cases: all are closed, over all that joined, quiet ones after a second look; and no more was asked of Detective than there
//! are looks.

use super::{Balance, Books};
use local_cloud::CaseItem;
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
        *joined.entry(&case.subject).or_default() += case.join_count;
        if case.status != "CLOSED" {
            balance.wrong.push(format!("{name} is {}: {case:?}", case.status));
            continue;
        }
        let assessed = case.assessment["joined"].as_u64();
        if assessed != Some(case.join_count) {
            balance
                .wrong
                .push(format!("{name} was closed over {} joinings, and assessed with {assessed:?}", case.join_count));
        }
        let assessed = case.assessment["renewed"].as_u64();
        if case.published_revision == 0 && assessed != Some(case.renewal_count) {
            balance.wrong.push(format!(
                "LOST: {name} was closed quietly over {} renewals, and assessed with {assessed:?}",
                case.renewal_count
            ));
        }
        let held = books.findings.iter().filter(|it| it.subject == case.subject && it.case_sequence == case.sequence);
        let held = held.count() as u64;
        // What people were notified of before comes again with what opened the case, and joins nothing.
        let came_along = if case.notified_before.is_null() { 0 } else { case.renewal_count };
        if held > case.join_count + came_along {
            balance.wrong.push(format!("{name} counts {} joinings and holds {held} findings", case.join_count));
        }
        let already_notified = case.assessment["already_notified"] == true;
        if case.published_revision == 0 && case.second_look_at.is_empty() && !already_notified {
            balance.wrong.push(format!("{name} was closed quietly without a second look"));
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
        let cases = books.cases.iter().filter(|case| case.subject == *entity);
        // One for the first look, one for the second, and one more where it ended FAILED.
        let of = |case: &CaseItem| {
            let again = [!case.second_look_at.is_empty(), case.investigation["after_failure"] == true];
            1 + again.into_iter().filter(|it| *it).count()
        };
        let looks: usize = cases.map(of).sum();
        if *started > looks {
            balance.wrong.push(format!("{entity}: {started} investigations were started for {looks} looks"));
        }
    }
    for (name, status) in &books.executions {
        if status == "RUNNING" {
            balance.wrong.push(format!("execution {name} still runs"));
        }
    }
}
