//! The graph matches the last document; people were notified once of each degraded member, and again only if the first notice was
//! not recorded; and invitations were answered as the member stack is configured.

use super::{Reconciliation, RunRecord};
use crate::graph::{Document, GraphStep};
use crate::injector::Applied;
use std::collections::{BTreeMap, BTreeSet};

/// The data about the graph and the memberships after a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct GraphRecord {
    /// The last document.
    pub(crate) expected: Document,
    /// The members' statuses.
    pub(crate) members: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// The started packages.
    pub(crate) packages: BTreeSet<String>,
    /// The degraded members, with their status.
    pub(crate) degraded: BTreeMap<String, String>,
    /// The notices that a subscriber's queue received, in order.
    pub(crate) notices: Vec<GraphNotice>,
    pub(crate) steps: Vec<GraphStep>,
    /// The administrators whose invitations have to be accepted.
    pub(crate) listed: BTreeSet<String>,
    /// The status of each administrator's invitation; `none` if it no longer exists.
    pub(crate) invitations: BTreeMap<String, String>,
    /// The number of remaining messages by queue.
    pub(crate) remaining: BTreeMap<String, u64>,
    /// The number of planned kills.
    pub(crate) armed: usize,
    /// The number of killed processes.
    pub(crate) killed: usize,
}

/// A notice of the graph's health.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GraphNotice {
    pub(crate) revision: u64,
    pub(crate) repeated: bool,
    /// The new issues: code and account ID.
    pub(crate) accounts: Vec<(String, String)>,
}

pub(super) fn check(record: &RunRecord, result: &mut Reconciliation) {
    let record = &record.graph;
    let mut violations = graph(record);
    violations.extend(record.degraded.iter().flat_map(|(id, status)| check_notices(record, id, status)));
    violations.extend(published(record));
    for (administrator, status) in &record.invitations {
        let expected = if record.listed.contains(administrator) { "ENABLED" } else { "none" };
        if status != expected {
            violations.push(format!("invitation of {administrator}: expected {expected}, got {status}"));
        }
    }
    let left = record.remaining.iter().filter(|(_, count)| **count > 0);
    violations.extend(left.map(|(queue, count)| format!("{count} messages remain in {queue}")));
    if record.armed > 0 && record.killed == 0 {
        violations.push(format!("{} kills were planned, but no function was killed", record.armed));
    }
    result.violations.extend(violations);
}

/// Differences between the graph and the last document.
fn graph(record: &GraphRecord) -> Vec<String> {
    let (expected, mut violations) = (&record.expected, Vec::new());
    let members: BTreeSet<String> = record.members.keys().cloned().collect();
    if members != expected.accounts {
        violations.push(format!("graph members: expected {:?}, got {members:?}", expected.accounts));
    }
    if record.tags != expected.tags {
        violations.push(format!("graph tags: expected {:?}, got {:?}", expected.tags, record.tags));
    }
    if !record.packages.is_superset(&expected.packages) {
        violations.push(format!("started packages: expected {:?}, got {:?}", expected.packages, record.packages));
    }
    for (id, status) in &record.degraded {
        if record.members.get(id) != Some(status) {
            violations.push(format!("member {id}: expected {status}, got {:?}", record.members.get(id)));
        }
    }
    violations
}

/// Violations in the notices of a degraded member.
fn check_notices(record: &GraphRecord, id: &str, status: &str) -> Vec<String> {
    let issue = if status == "VERIFICATION_FAILED" { "verification-failed" } else { "member-disabled" };
    let names = |notice: &&GraphNotice| notice.accounts.iter().any(|(what, of)| what == issue && of == id);
    let mut notices: Vec<&GraphNotice> = record.notices.iter().filter(names).collect();
    notices.sort_by_key(|notice| notice.revision);
    if notices.is_empty() {
        return vec![format!("LOST: no notice that member {id} is {status}")];
    }
    let mut violations = Vec::new();
    for pair in notices.windows(2) {
        let (first, again) = (pair[0].revision, pair[1].revision);
        let name = format!("member {id} is {status}: in notice {first} and again in {again}");
        if !pair[1].repeated {
            violations.push(format!("{name}, without the repeat marker"));
        }
        if is_recorded(&record.steps, first, again) {
            violations.push(format!("{name}, after it was recorded"));
        }
    }
    violations
}

/// Whether the first notice was recorded before the later one was published.
fn is_recorded(steps: &[GraphStep], first: u64, again: u64) -> bool {
    let before =
        steps.iter().take_while(|step| !matches!(step, GraphStep::Publish { revision, .. } if *revision == again));
    let record = |step: &GraphStep| matches!(step, GraphStep::Record { revision, claimed: false, applied: Applied::Yes } if *revision == first);
    before.into_iter().any(record)
}

/// Each published notice was delivered once, and no other.
fn published(record: &GraphRecord) -> Vec<String> {
    let mut violations = Vec::new();
    let mut delivered: BTreeMap<u64, usize> = BTreeMap::new();
    for notice in &record.notices {
        *delivered.entry(notice.revision).or_default() += 1;
    }
    let of = |revision: u64, fits: &dyn Fn(Applied) -> bool| {
        let fits = |step: &&GraphStep| matches!(step, GraphStep::Publish { revision: of, applied } if *of == revision && fits(*applied));
        record.steps.iter().filter(fits).count()
    };
    for (revision, count) in &delivered {
        let applied = of(*revision, &|applied| applied != Applied::No);
        if *count > applied {
            violations.push(format!("notice {revision}: delivered {count}×, published {applied}×"));
        }
        if *count > 1 {
            violations.push(format!("notice {revision}: delivered more than once"));
        }
    }
    for step in &record.steps {
        if let GraphStep::Publish { revision, applied: Applied::Yes } = step
            && !delivered.contains_key(revision)
        {
            violations.push(format!("notice {revision}: published, but never delivered"));
        }
    }
    violations
}

#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests {
    use super::*;

    const DISABLED: &str = "660000000001";
    const LISTED: &str = "222233334444";
    const OTHER: &str = "333344445555";

    fn notice(revision: u64, repeated: bool) -> GraphNotice {
        let accounts = vec![("member-disabled".to_owned(), DISABLED.to_owned())];
        GraphNotice { revision, repeated, accounts }
    }

    fn publish(revision: u64, applied: Applied) -> GraphStep {
        GraphStep::Publish { revision, applied }
    }

    fn keep(revision: u64, claimed: bool, applied: Applied) -> GraphStep {
        GraphStep::Record { revision, claimed, applied }
    }

    fn record() -> GraphRecord {
        let expected = Document {
            accounts: [DISABLED.to_owned(), "650000000001".to_owned()].into(),
            tags: [("a".to_owned(), "b".to_owned())].into(),
            packages: ["DETECTIVE_CORE".to_owned()].into(),
        };
        let disabled = "ACCEPTED_BUT_DISABLED".to_owned();
        GraphRecord {
            members: [(DISABLED.to_owned(), disabled.clone()), ("650000000001".to_owned(), "INVITED".to_owned())]
                .into(),
            tags: expected.tags.clone(),
            packages: ["DETECTIVE_CORE".to_owned(), "EKS_AUDIT".to_owned()].into(),
            expected,
            degraded: [(DISABLED.to_owned(), disabled)].into(),
            notices: vec![notice(1, false)],
            steps: vec![keep(1, true, Applied::Yes), publish(1, Applied::Yes), keep(1, false, Applied::Yes)],
            listed: [LISTED.to_owned()].into(),
            invitations: [(LISTED.to_owned(), "ENABLED".to_owned()), (OTHER.to_owned(), "none".to_owned())].into(),
            remaining: [("queue".to_owned(), 0)].into(),
            armed: 3,
            killed: 2,
        }
    }

    /// The violations after a change of the record.
    fn violations(change: impl FnOnce(&mut GraphRecord)) -> String {
        let mut graph = record();
        change(&mut graph);
        let mut result = Reconciliation::default();
        check(&RunRecord { graph, ..RunRecord::default() }, &mut result);
        result.violations.join("\n")
    }

    #[test]
    fn a_graph_that_differs_from_the_document_is_reported() {
        assert_eq!(violations(|_| ()), "");
        assert!(violations(|it| drop(it.members.remove("650000000001"))).contains("graph members: expected"));
        let one_more = |it: &mut GraphRecord| drop(it.members.insert("1".to_owned(), "INVITED".to_owned()));
        assert!(violations(one_more).contains("graph members: expected"));
        assert!(violations(|it| it.tags.clear()).contains("graph tags: expected"));
        assert!(violations(|it| it.packages.clear()).contains("started packages: expected"));
        let enabled = |it: &mut GraphRecord| drop(it.members.insert(DISABLED.to_owned(), "ENABLED".to_owned()));
        assert!(violations(enabled).contains("member 660000000001: expected"));
    }

    #[test]
    fn missing_and_repeated_notices_of_a_member_are_reported() {
        assert!(violations(|it| it.notices.clear()).contains("LOST: no notice that member 660000000001"));
        let again = |repeated: bool, record: Applied| {
            violations(|it| {
                it.notices.push(notice(2, repeated));
                it.steps[2] = keep(1, false, record);
                it.steps.extend([keep(2, true, Applied::Yes), publish(2, Applied::Yes), keep(2, false, Applied::Yes)]);
            })
        };
        assert!(again(false, Applied::No).contains("without the repeat marker"));
        assert!(again(true, Applied::Yes).contains("after it was recorded"));
        assert_eq!(again(true, Applied::No), "", "the first notice was not recorded");
        // A later record is neither an excuse nor a violation.
        let late = violations(|it| {
            it.notices.push(notice(2, true));
            it.steps.insert(2, publish(2, Applied::Yes));
        });
        assert_eq!(late, "");
    }

    #[test]
    fn undelivered_and_duplicate_notices_are_reported() {
        assert!(
            violations(|it| it.steps.push(publish(2, Applied::Yes)))
                .contains("notice 2: published, but never delivered")
        );
        assert!(violations(|it| it.notices.push(notice(1, true))).contains("notice 1: delivered more than once"));
        assert!(
            violations(|it| it.steps.retain(|step| !matches!(step, GraphStep::Publish { .. })))
                .contains("delivered 1×, published 0×")
        );
        assert_eq!(violations(|it| it.steps.push(publish(2, Applied::No))), "");
    }

    #[test]
    fn wrong_answers_to_invitations_and_remaining_messages_are_reported() {
        let status =
            |id: &str, status: &str| violations(|it| drop(it.invitations.insert(id.to_owned(), status.to_owned())));
        assert!(status(LISTED, "INVITED").contains("expected ENABLED"));
        assert!(status(OTHER, "ENABLED").contains("expected none"));
        assert!(
            violations(|it| it.remaining.values_mut().for_each(|count| *count = 1))
                .contains("1 messages remain in queue")
        );
    }

    #[test]
    fn a_campaign_that_kills_no_function_is_reported() {
        assert!(violations(|it| it.killed = 0).contains("3 kills were planned, but no function was killed"));
    }
}
