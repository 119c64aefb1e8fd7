//! The outcome of everything that was sent.

use super::{FindingOutcome, Reconciliation, RunRecord};
use crate::traffic::FindingState;
use local_cloud::{CaseItem, FindingItem};
use std::collections::{BTreeMap, BTreeSet};

/// An alert lists at most this many findings; it counts all of them.
const MAX_LISTED_FINDINGS: usize = 25;

pub(super) fn check(record: &RunRecord, result: &mut Reconciliation) {
    let mut states: BTreeMap<&str, Vec<&FindingState>> = BTreeMap::new();
    for state in &record.finding_states {
        states.entry(&state.finding_id).or_default().push(state);
    }
    for (id, states) in &states {
        check_finding(record, id, states, result);
    }
    for message in &record.invalid_messages {
        let dead = record.dead.iter().find(|dead| dead.body.contains(&message.marker));
        match dead.and_then(|dead| dead.error.clone()) {
            Some(error) if error == message.error => {
                result.outcomes.push((message.marker.clone(), FindingOutcome::DeadLettered { error }));
            }
            other => result.violations.push(format!(
                "invalid message {}: expected in the dead-letter queue as {}, got {other:?}",
                message.marker, message.error
            )),
        }
    }
    for dead in &record.dead {
        if !record.invalid_messages.iter().any(|message| dead.body.contains(&message.marker)) {
            result.violations.push(format!("unexpected message in the dead-letter queue: {dead:?}"));
        }
    }
    let sent: BTreeSet<(&str, &str)> =
        record.finding_states.iter().map(|it| (it.subject.as_str(), it.finding_id.as_str())).collect();
    for item in &record.findings {
        if !sent.contains(&(item.subject.as_str(), item.finding_id.as_str())) {
            result
                .violations
                .push(format!("finding={} subject={}: in the table, but never sent", item.finding_id, item.subject));
        }
    }
}

/// Checks the outcomes of the versions of one finding, in the order in which GuardDuty published them.
fn check_finding(record: &RunRecord, id: &str, states: &[&FindingState], result: &mut Reconciliation) {
    let (admitted, ignored): (Vec<&FindingState>, Vec<&FindingState>) = states.iter().partition(|it| it.is_admitted);
    for state in ignored {
        if record.ignored.contains(id) {
            result.outcomes.push((name(state), FindingOutcome::Ignored));
        } else {
            result.violations.push(format!("{}: expected ignored, but no log line says so", name(state)));
        }
    }
    let items: Vec<&FindingItem> = record.findings.iter().filter(|item| item.finding_id == id).collect();
    let Some(newest) = admitted.last() else {
        if !items.is_empty() {
            result.violations.push(format!("finding={id}: expected ignored, but the table has {items:?}"));
        }
        return;
    };
    let [item] = items.as_slice() else {
        result.violations.push(format!("LOST {}: {} items in the table, expected 1", name(newest), items.len()));
        return;
    };
    let (count, severity) = (item.finding["count"].as_u64(), item.finding["severity"].as_f64());
    if count != Some(newest.count) || severity != Some(newest.severity) {
        result.violations.push(format!(
            "LOST {}: not processed; the table has count {count:?}, severity {severity:?}",
            name(newest)
        ));
        return;
    }
    let Some(case) = record.case(&item.subject, item.case_sequence) else {
        result.violations.push(format!("{}: its case {} does not exist", name(newest), item.case_sequence));
        return;
    };
    let suppressed = usize::try_from(item.suppressed).unwrap_or(usize::MAX);
    if suppressed >= admitted.len() {
        result.violations.push(format!("{}: suppressed {suppressed}× of {} versions", name(newest), admitted.len()));
    }
    // It may have been suppressed in an earlier case, and joined this one after its severity rose.
    let is_alerted = record.cases.iter().any(|case| case.subject == item.subject && case.published_revision > 0);
    if suppressed > 0 && !is_alerted {
        result.violations.push(format!("{}: suppressed, but no case of its subject was alerted", name(newest)));
    }
    let assessed = record.assessed.get(&case.case_id).filter(|_| case.published_revision == 0);
    if assessed.is_some_and(|counts| counts.get(id).is_none_or(|count| *count < newest.count)) {
        result.violations.push(format!("LOST {} case={}: closed quietly without it", name(newest), case.case_id));
    }
    for (index, state) in admitted.iter().enumerate() {
        // The latest versions are the suppressed ones: an older version that arrives later contains nothing new.
        let is_suppressed = index >= admitted.len().saturating_sub(suppressed);
        match outcome(record, state, item, case, is_suppressed) {
            Ok(outcome) => result.outcomes.push((name(state), outcome)),
            Err(violation) => result.violations.push(violation),
        }
    }
}

fn outcome(
    record: &RunRecord,
    state: &FindingState,
    item: &FindingItem,
    case: &CaseItem,
    is_suppressed: bool,
) -> Result<FindingOutcome, String> {
    let lists = |id: &str, count: u64| {
        let mut messages = record.messages.iter();
        messages.find(|it| it.findings.iter().any(|(listed, seen)| listed == id && *seen == count))
    };
    if let Some(message) = lists(&state.finding_id, state.count) {
        return Ok(FindingOutcome::Alerted { case_id: message.case_id.clone(), revision: message.revision });
    }
    if is_suppressed {
        return Ok(FindingOutcome::Suppressed);
    }
    let Some(last) = record.messages_of(&case.case_id).max_by_key(|message| message.revision) else {
        return if case.published_revision == 0 && case.status == "CLOSED" {
            Ok(FindingOutcome::ClosedQuietly { case_id: case.case_id.clone() })
        } else {
            Err(format!("{}: no outcome; its case was neither alerted nor closed quietly: {case:?}", name(state)))
        };
    };
    // The alert may list a newer version of the finding, and a long list does not contain all findings that it counts.
    let is_listed =
        record.messages_of(&case.case_id).any(|it| it.findings.iter().any(|(id, _)| *id == item.finding_id));
    if is_listed || last.finding_count > MAX_LISTED_FINDINGS {
        Ok(FindingOutcome::Alerted { case_id: last.case_id.clone(), revision: last.revision })
    } else {
        Err(format!("{} case={}: joined, but no alert of the case lists it", name(state), case.case_id))
    }
}

/// Identifies a version of a finding in the report.
fn name(state: &FindingState) -> String {
    format!("finding={} count={} severity={}", state.finding_id, state.count, state.severity)
}
