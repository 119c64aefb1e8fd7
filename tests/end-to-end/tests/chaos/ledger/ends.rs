//! The one end of everything that was sent.

use super::{Balance, Books, End};
use crate::traffic::Report;
use local_cloud::{CaseItem, FindingItem};
use std::collections::{BTreeMap, BTreeSet};

/// How many findings an alert lists at most; all are counted.
const LISTED: usize = 25;

pub(super) fn settle(books: &Books, balance: &mut Balance) {
    let mut states: BTreeMap<&str, Vec<&Report>> = BTreeMap::new();
    for report in &books.reports {
        states.entry(&report.finding_id).or_default().push(report);
    }
    for (id, states) in &states {
        finding(books, id, states, balance);
    }
    for nonsense in &books.nonsense {
        let dead = books.dead.iter().find(|dead| dead.body.contains(&nonsense.mark));
        match dead.and_then(|dead| dead.error.clone()) {
            Some(error) if error == nonsense.error => {
                balance.ends.push((nonsense.mark.clone(), End::DeadLettered { error }));
            }
            other => balance.wrong.push(format!(
                "{} is no finding and should be dead-lettered as {}: {other:?}",
                nonsense.mark, nonsense.error
            )),
        }
    }
    for dead in &books.dead {
        if !books.nonsense.iter().any(|nonsense| dead.body.contains(&nonsense.mark)) {
            balance.wrong.push(format!("in the dead-letter queue, and not because it is no finding: {dead:?}"));
        }
    }
    let sent: BTreeSet<(&str, &str)> =
        books.reports.iter().map(|it| (it.subject.as_str(), it.finding_id.as_str())).collect();
    for item in &books.findings {
        if !sent.contains(&(item.subject.as_str(), item.finding_id.as_str())) {
            balance
                .wrong
                .push(format!("the table holds finding {} about {}, never sent", item.finding_id, item.subject));
        }
    }
}

/// The ends of the states of one finding, as GuardDuty published them.
fn finding(books: &Books, id: &str, states: &[&Report], balance: &mut Balance) {
    let (wanted, unwanted): (Vec<&Report>, Vec<&Report>) = states.iter().partition(|it| it.wanted);
    for state in unwanted {
        if books.left_alone.contains(id) {
            balance.ends.push((name(state), End::LeftAlone));
        } else {
            balance.wrong.push(format!("{} should have been left alone, and no log says so", name(state)));
        }
    }
    let items: Vec<&FindingItem> = books.findings.iter().filter(|item| item.finding_id == id).collect();
    let Some(newest) = wanted.last() else {
        if !items.is_empty() {
            balance.wrong.push(format!("finding {id} should have been left alone, and the table holds {items:?}"));
        }
        return;
    };
    let [item] = items.as_slice() else {
        balance.wrong.push(format!("LOST: {} is in the table {} times", name(newest), items.len()));
        return;
    };
    let (count, severity) = (item.finding["count"].as_u64(), item.finding["severity"].as_f64());
    if count != Some(newest.count) || severity != Some(newest.severity) {
        balance.wrong.push(format!(
            "LOST: {} was never worked; the table knows count {count:?}, severity {severity:?}",
            name(newest)
        ));
        return;
    }
    let Some(case) = books.case(&item.subject, item.case_sequence) else {
        balance.wrong.push(format!("{} belongs to case {}, which does not exist", name(newest), item.case_sequence));
        return;
    };
    let suppressed = usize::try_from(item.suppressed).unwrap_or(usize::MAX);
    if suppressed >= wanted.len() {
        balance.wrong.push(format!("{} was suppressed {suppressed} times of {} states", name(newest), wanted.len()));
    }
    // It may have been suppressed in an earlier case, and climbed into this one.
    let alerted = books.cases.iter().any(|case| case.subject == item.subject && case.published_revision > 0);
    if suppressed > 0 && !alerted {
        balance.wrong.push(format!("{} was suppressed, and no case of its subject was ever alerted", name(newest)));
    }
    let assessed = books.assessed.get(&case.case_id).filter(|_| case.published_revision == 0);
    if assessed.is_some_and(|seen| seen.get(id).is_none_or(|seen| *seen < newest.count)) {
        balance.wrong.push(format!("LOST: {} is in case {}, closed quietly without it", name(newest), case.case_id));
    }
    for (index, state) in wanted.iter().enumerate() {
        // What was suppressed is the latest of it: an older state that comes later says nothing.
        let is_suppressed = index >= wanted.len().saturating_sub(suppressed);
        match end(books, state, item, case, is_suppressed) {
            Ok(end) => balance.ends.push((name(state), end)),
            Err(wrong) => balance.wrong.push(wrong),
        }
    }
}

fn end(books: &Books, state: &Report, item: &FindingItem, case: &CaseItem, is_suppressed: bool) -> Result<End, String> {
    let lists = |id: &str, count: u64| {
        let mut messages = books.messages.iter();
        messages.find(|it| it.findings.iter().any(|(listed, seen)| listed == id && *seen == count))
    };
    if let Some(message) = lists(&state.finding_id, state.count) {
        return Ok(End::Alerted { case_id: message.case_id.clone(), revision: message.revision });
    }
    if is_suppressed {
        return Ok(End::Suppressed);
    }
    let Some(last) = books.messages_of(&case.case_id).max_by_key(|message| message.revision) else {
        return if case.published_revision == 0 && case.status == "CLOSED" {
            Ok(End::ClosedQuietly { case_id: case.case_id.clone() })
        } else {
            Err(format!("{} has no end: its case {case:?} was neither alerted nor closed quietly", name(state)))
        };
    };
    // A newer state of it may be the one that was told; a long list does not name all that it counts.
    let named = books.messages_of(&case.case_id).any(|it| it.findings.iter().any(|(id, _)| *id == item.finding_id));
    if named || last.finding_count > LISTED {
        Ok(End::Alerted { case_id: last.case_id.clone(), revision: last.revision })
    } else {
        Err(format!("{} joined case {}, and none of its alerts names it", name(state), case.case_id))
    }
}

/// A finding's state, as people find it again.
fn name(state: &Report) -> String {
    format!("{} (seen {}, severity {})", state.finding_id, state.count, state.severity)
}
