//! Cases: all are closed, with all findings that joined, and quiet ones after a follow-up investigation. Detective was not asked
//! for more investigations than the cases need.

use super::{Reconciliation, RunRecord};
use local_cloud::CaseItem;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(record: &RunRecord, result: &mut Reconciliation) {
    let mut join_counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for case in &record.cases {
        let name = format!("case={} subject={}", case.case_id, case.subject);
        if !ids.insert(&case.case_id) {
            result.violations.push(format!("{name}: duplicate case ID; the later case has number {}", case.sequence));
        }
        *join_counts.entry(&case.subject).or_default() += case.join_count;
        if case.status != "CLOSED" {
            result.violations.push(format!("{name}: status is {}: {case:?}", case.status));
            continue;
        }
        let assessed = case.assessment["joined"].as_u64();
        if assessed != Some(case.join_count) {
            result
                .violations
                .push(format!("{name}: closed with {} joined findings, assessed with {assessed:?}", case.join_count));
        }
        let assessed = case.assessment["renewed"].as_u64();
        if case.published_revision == 0 && assessed != Some(case.renewal_count) {
            result.violations.push(format!(
                "LOST {name}: closed quietly with {} updates, assessed with {assessed:?}",
                case.renewal_count
            ));
        }
        let findings =
            record.findings.iter().filter(|it| it.subject == case.subject && it.case_sequence == case.sequence);
        let finding_count = findings.count() as u64;
        // A case that was opened to investigate the activity again gets the findings of the earlier notification from its first
        // update, without a join.
        let carried_over = if case.notified_before.is_null() { 0 } else { case.renewal_count };
        if finding_count > case.join_count + carried_over {
            result.violations.push(format!("{name}: join_count {} ≠ {finding_count} findings", case.join_count));
        }
        let already_notified = case.assessment["already_notified"] == true;
        if case.published_revision == 0 && case.second_look_at.is_empty() && !already_notified {
            result.violations.push(format!("{name}: closed quietly without a follow-up investigation"));
        }
        if !record.executions.contains_key(&case.case_id) {
            result.violations.push(format!("{name}: never had an execution"));
        }
    }
    for (subject, join_count) in join_counts {
        let states = record.finding_states.iter().filter(|it| it.subject == subject && it.is_admitted);
        let states: BTreeSet<(&str, u64)> = states.map(|it| (it.finding_id.as_str(), it.count)).collect();
        if join_count > states.len() as u64 {
            result
                .violations
                .push(format!("subject={subject}: {join_count} joins of {} finding versions", states.len()));
        }
    }
    for (entity, started) in &record.investigations {
        let cases = record.cases.iter().filter(|case| case.subject == *entity);
        // One for the first investigation, one for the follow-up, and one more if it ended FAILED.
        let of = |case: &CaseItem| {
            let more = [!case.second_look_at.is_empty(), case.investigation["after_failure"] == true];
            1 + more.into_iter().filter(|it| *it).count()
        };
        let expected: usize = cases.map(of).sum();
        if *started > expected {
            result.violations.push(format!("subject={entity}: {started} investigations started, {expected} expected"));
        }
    }
    for (name, status) in &record.executions {
        if status == "RUNNING" {
            result.violations.push(format!("execution={name}: still running"));
        }
    }
}
