//! Alerts by case and revision: each was delivered once, and repeated only if the first delivery was not acknowledged or not
//! recorded.
//!
//! ```text
//! publish 1 ── SNS executes it ── the table records it ─────────────── a second publish 1 is a violation
//!                    └── the response is lost, the function killed ─── a second publish 1, marked as a repeat
//!                                     └── the record fails ─────────── a second publish 1, marked as a repeat
//! ```

use super::{Reconciliation, RunRecord};
use crate::injector::{Applied, EventKind, RevisionEvent};
use std::collections::{BTreeMap, BTreeSet};

/// An alert that was delivered again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RepeatedAlert {
    pub(crate) case_id: String,
    pub(crate) revision: u32,
    pub(crate) reason: RepeatReason,
}

/// Why an alert may be repeated: the function could not know that it had been published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RepeatReason {
    /// The response of SNS was lost, or the function was killed before it.
    ResponseLost,
    /// SNS acknowledged the publish, but the table record failed, or the function ended before it.
    NotRecorded,
}

pub(super) fn check(record: &RunRecord, result: &mut Reconciliation) {
    let mut delivered: BTreeMap<(&str, u32), Vec<bool>> = BTreeMap::new();
    for message in &record.messages {
        delivered.entry((&message.case_id, message.revision)).or_default().push(message.repeated);
    }
    let known: BTreeSet<&str> = record.cases.iter().map(|case| case.case_id.as_str()).collect();
    for ((case_id, revision), markers) in &delivered {
        let name = format!("case={case_id} revision={revision}");
        if !known.contains(case_id) {
            result.violations.push(format!("{name}: alerted, but the table has no such case"));
        }
        if markers.iter().filter(|repeated| !**repeated).count() > 1 {
            result.violations.push(format!("{name}: delivered more than once without the repeat marker"));
        }
        let (repeats, published) = repeats(&record.publish_log, case_id, *revision, result);
        if markers.len() > published {
            result.violations.push(format!("{name}: delivered {}×, published {published}×", markers.len()));
        }
        result.repeats.extend(repeats);
    }
    for case in &record.cases {
        // Whether a repeat is a violation depends on the records of published revisions: all of them have to be observed.
        let is_record = |event: &RevisionEvent| {
            matches!(event.kind, EventKind::Record { applied: Applied::Yes | Applied::Unknown })
        };
        let revision = case.published_revision;
        if revision > 0 && !events(&record.publish_log, &case.case_id, revision).any(is_record) {
            result
                .violations
                .push(format!("case={} revision={revision}: its table record was not observed", case.case_id));
        }
        let is_missing = |it: &u32| !delivered.contains_key(&(case.case_id.as_str(), *it));
        for revision in (1..=case.published_revision).filter(is_missing) {
            let tried: Vec<&EventKind> =
                events(&record.publish_log, &case.case_id, revision).map(|event| &event.kind).collect();
            let is_published = |kind: &&EventKind| matches!(kind, EventKind::Publish { applied: Applied::Yes, .. });
            // A claimed revision that was never published is skipped: the next revision contains more.
            if revision == case.published_revision || tried.iter().any(is_published) {
                result
                    .violations
                    .push(format!("case={} revision={revision}: never delivered: {tried:?}", case.case_id));
            } else {
                result.skipped += 1;
            }
        }
    }
}

fn events<'a>(log: &'a [RevisionEvent], case_id: &str, revision: u32) -> impl Iterator<Item = &'a RevisionEvent> {
    log.iter().filter(move |event| event.case_id == case_id && event.revision == revision)
}

/// The permitted repeats of a revision, and how often SNS may have published it. Other repeats are violations.
fn repeats(
    log: &[RevisionEvent],
    case_id: &str,
    revision: u32,
    result: &mut Reconciliation,
) -> (Vec<RepeatedAlert>, usize) {
    let mut repeats = Vec::new();
    let mut acknowledged_before: Option<bool> = None;
    let mut recorded = false;
    let mut count = 0;
    for event in events(log, case_id, revision) {
        match event.kind {
            EventKind::Record { applied } => recorded |= applied == Applied::Yes,
            EventKind::Publish { repeated, applied, acknowledged } => {
                if let Some(was_acknowledged) = acknowledged_before
                    && applied != Applied::No
                {
                    let reason = if was_acknowledged { RepeatReason::NotRecorded } else { RepeatReason::ResponseLost };
                    repeats.push(RepeatedAlert { case_id: case_id.to_owned(), revision, reason });
                    let name = format!("case={case_id} revision={revision}");
                    if recorded {
                        result.violations.push(format!("{name}: republished after it was recorded"));
                    }
                    if !repeated {
                        result.violations.push(format!("{name}: republished without the repeat marker"));
                    }
                }
                if applied != Applied::No {
                    count += 1;
                    acknowledged_before = Some(acknowledged);
                }
            }
        }
    }
    (repeats, count)
}
