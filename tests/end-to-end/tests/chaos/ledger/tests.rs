//! Tests of the ledger: a correct record has no violations, and each kind of violation is reported.

use super::*;
use crate::injector::{Applied, EventKind};
use serde_json::json;

const SUBJECT: &str = "arn:aws:iam::111122223333:role/a";
const ALERTED: &str = "case-alerted";

fn report(id: &str, count: u64, severity: f64) -> FindingState {
    let (finding_id, subject) = (id.to_owned(), SUBJECT.to_owned());
    FindingState { finding_id, subject, severity, count, is_admitted: severity >= 4.0, detail: json!(null) }
}

fn case(sequence: u32, case_id: &str, join_count: u64, published_revision: u32) -> CaseItem {
    CaseItem {
        subject: SUBJECT.to_owned(),
        case_id: case_id.to_owned(),
        sequence,
        status: "CLOSED".to_owned(),
        join_count,
        renewal_count: 0,
        execution_attempt: 1,
        first_attempt: 1,
        watch_until: String::new(),
        second_look_at: if published_revision == 0 { "2026-01-15T18:35:00Z".to_owned() } else { String::new() },
        notified_before: json!(null),
        claimed_revision: published_revision,
        published_revision,
        investigation: json!(null),
        assessment: json!({"joined": join_count, "renewed": 0}),
    }
}

fn item(id: &str, case_sequence: u32, count: u64, severity: f64, suppressed: u64) -> FindingItem {
    let finding = json!({"count": count, "severity": severity});
    FindingItem { subject: SUBJECT.to_owned(), finding_id: id.to_owned(), case_sequence, suppressed, finding }
}

fn message(repeated: bool) -> AlertMessage {
    let findings = vec![("f1".to_owned(), 1), ("f2".to_owned(), 1)];
    AlertMessage { case_id: ALERTED.to_owned(), revision: 1, repeated, finding_count: 2, findings }
}

fn event(kind: EventKind) -> RevisionEvent {
    RevisionEvent { case_id: ALERTED.to_owned(), revision: 1, kind }
}

fn publish(repeated: bool, applied: Applied, acknowledged: bool) -> RevisionEvent {
    event(EventKind::Publish { repeated, applied, acknowledged })
}

/// Two alerted findings, the second with a suppressed update; one finding that was closed quietly, one that was ignored, and an
/// invalid message.
fn record() -> RunRecord {
    let mark = "invalid-message-0-".to_owned();
    RunRecord {
        finding_states: vec![
            report("f1", 1, 8.0),
            report("f2", 1, 8.0),
            report("f2", 3, 8.0),
            report("f3", 1, 5.0),
            report("f4", 1, 2.0),
        ],
        invalid_messages: vec![InvalidMessage { marker: mark.clone(), body: String::new(), error: "NotJson" }],
        cases: vec![case(1, ALERTED, 2, 1), case(2, "case-quiet", 1, 0)],
        findings: vec![item("f1", 1, 1, 8.0, 0), item("f2", 1, 3, 8.0, 1), item("f3", 2, 1, 5.0, 0)],
        messages: vec![message(false)],
        dead: vec![DeadLetter { body: format!("{{ {mark}"), error: Some("NotJson".to_owned()) }],
        assessed: BTreeMap::from([("case-quiet".to_owned(), BTreeMap::from([("f3".to_owned(), 1)]))]),
        ignored: BTreeSet::from(["f4".to_owned()]),
        publish_log: vec![publish(false, Applied::Yes, true), event(EventKind::Record { applied: Applied::Yes })],
        investigations: BTreeMap::from([(SUBJECT.to_owned(), 3)]),
        not_recovered: Vec::new(),
        executions: [ALERTED, "case-quiet"].map(|name| (name.to_owned(), "SUCCEEDED".to_owned())).into(),
        graph: GraphRecord::default(),
    }
}

/// The violations after a change of the record.
fn violations(change: impl FnOnce(&mut RunRecord)) -> String {
    let mut record = record();
    change(&mut record);
    reconcile(&record).violations.join("\n")
}

#[test]
fn each_outcome_is_recognized() {
    let result = reconcile(&record());
    assert!(result.violations.is_empty(), "{:?}", result.violations);
    let kinds: Vec<&str> = result.outcomes.iter().map(|(_, end)| end.label()).collect();
    assert_eq!(kinds, ["alerted", "alerted", "suppressed", "closed quietly", "ignored", "dead-lettered"]);
    assert_eq!(result.outcomes[0].1, FindingOutcome::Alerted { case_id: ALERTED.to_owned(), revision: 1 });
    assert_eq!(result.repeats, []);
}

#[test]
fn a_lost_finding_is_reported() {
    assert!(violations(|record| drop(record.findings.remove(0))).contains("LOST finding=f1 "));
    let lost_state = violations(|record| record.findings[1] = item("f2", 1, 1, 8.0, 0));
    assert!(lost_state.contains("LOST finding=f2 count=3"), "{lost_state}");
    assert!(violations(|record| record.findings[0].case_sequence = 9).contains("does not exist"));
    assert!(violations(|record| record.ignored.clear()).contains("f4"));
    assert!(violations(|record| record.dead.clear()).contains("invalid-message-0-"));
    let quiet_one = violations(|record| record.findings[2].suppressed = 1);
    assert!(quiet_one.contains("suppressed 1× of 1 versions"), "{quiet_one}");
    let dead = DeadLetter { body: "f1".to_owned(), error: None };
    assert!(violations(|record| record.dead.push(dead)).contains("unexpected message in the dead-letter queue"));
}

#[test]
fn an_alert_that_omits_its_finding_is_reported() {
    assert!(violations(|record| drop(record.messages[0].findings.remove(0))).contains("no alert of the case lists it"));
    assert!(violations(|record| record.messages.clear()).contains("neither alerted nor closed quietly"));
}

#[test]
fn a_version_that_was_not_assessed_is_reported() {
    let mut record = record();
    record.finding_states[3].count = 7;
    record.findings[2] = item("f3", 2, 7, 5.0, 0);
    let violations = reconcile(&record).violations;
    assert!(matches!(violations.as_slice(), [one] if one.starts_with("LOST finding=f3 count=7")), "{violations:?}");
}

#[test]
fn a_quiet_close_with_an_unassessed_update_is_reported() {
    let quiet = record().cases.iter().position(|case| case.published_revision == 0).unwrap();
    assert!(violations(|record| record.cases[quiet].renewal_count = 1).starts_with("LOST case=case-quiet"));
}

#[test]
fn a_quiet_close_without_a_follow_up_is_reported() {
    let once = |record: &mut RunRecord| record.cases[1].second_look_at.clear();
    assert!(violations(once).contains("closed quietly without a follow-up investigation"));
    let already_notified = |record: &mut RunRecord| {
        once(record);
        record.cases[1].assessment["already_notified"] = json!(true);
        *record.investigations.entry(SUBJECT.to_owned()).or_default() -= 1;
    };
    assert_eq!(violations(already_notified), "");
    assert!(violations(|record| record.cases[1].status = "WATCHING".to_owned()).contains("status is WATCHING"));
}

#[test]
fn an_open_case_is_reported() {
    assert!(violations(|record| record.cases[1].status = "OPEN".to_owned()).contains("status is OPEN"));
    assert!(violations(|record| record.cases[0].status = "SEALED".to_owned()).contains("status is SEALED"));
    assert!(
        violations(|record| record.cases[1].assessment = json!({"joined": 0, "renewed": 0}))
            .contains("assessed with Some(0)")
    );
    assert!(violations(|record| drop(record.executions.remove(ALERTED))).contains("never had an execution"));
    let running = violations(|record| drop(record.executions.insert(ALERTED.to_owned(), "RUNNING".to_owned())));
    assert!(running.contains("still running"));
    assert!(violations(|record| record.not_recovered.push("NOT RECOVERED".to_owned())).contains("NOT RECOVERED"));
}

#[test]
fn a_join_that_is_counted_twice_is_reported() {
    let twice = violations(|record| record.cases[0] = case(1, ALERTED, 4, 1));
    assert!(twice.contains("5 joins of 4 finding versions"), "{twice}");
    assert!(
        violations(|record| *record.investigations.entry(SUBJECT.to_owned()).or_default() += 1)
            .contains("4 investigations started")
    );
}

#[test]
fn two_cases_with_one_id_are_reported() {
    let twins = violations(|record| record.cases[1].case_id = ALERTED.to_owned());
    assert!(twins.contains("duplicate case ID"), "{twins}");
}

#[test]
fn a_duplicate_alert_is_reported() {
    assert!(
        violations(|record| record.messages.push(message(false))).contains("more than once without the repeat marker")
    );
    assert!(violations(|record| record.messages.push(message(true))).contains("delivered 2×, published 1×"));
    let again = |record: &mut RunRecord| {
        record.messages.push(message(true));
        record.publish_log.push(publish(true, Applied::Yes, true));
    };
    assert!(violations(again).contains("republished after it was recorded"));
    let unmarked = |record: &mut RunRecord| record.publish_log = vec![publish(false, Applied::Yes, false); 2];
    assert!(violations(unmarked).contains("republished without the repeat marker"));
}

#[test]
fn an_unobserved_record_is_reported() {
    assert!(violations(|record| drop(record.publish_log.pop())).contains("its table record was not observed"));
}

#[test]
fn an_undelivered_alert_is_reported() {
    let only_the_second = |record: &mut RunRecord| {
        record.cases[0].published_revision = 2;
        record.messages[0].revision = 2;
        record.publish_log.iter_mut().for_each(|event| event.revision = 2);
    };
    assert_eq!(violations(only_the_second), "", "the first was claimed, and the function killed before it published");
    let first_failed = |record: &mut RunRecord| {
        only_the_second(record);
        record.publish_log.push(publish(false, Applied::No, true));
    };
    assert_eq!(violations(first_failed), "", "a skipped revision is not published again");
    let first_was_taken = |record: &mut RunRecord| {
        only_the_second(record);
        record.publish_log.push(publish(false, Applied::Yes, true));
    };
    assert!(violations(first_was_taken).contains("revision=1: never delivered"));
}

#[test]
fn a_repeat_is_allowed_if_the_publish_was_not_acknowledged_or_not_recorded() {
    let repeated = |steps: Vec<RevisionEvent>| {
        let mut record = record();
        record.messages.push(message(true));
        record.publish_log = steps;
        record.publish_log.push(event(EventKind::Record { applied: Applied::Yes }));
        let result = reconcile(&record);
        assert!(result.violations.is_empty(), "{:?}", result.violations);
        result.repeats.iter().map(|repeat| repeat.reason).collect::<Vec<RepeatReason>>()
    };
    let again = publish(true, Applied::Yes, true);
    assert_eq!(repeated(vec![publish(false, Applied::Yes, false), again.clone()]), [RepeatReason::ResponseLost]);
    assert_eq!(repeated(vec![publish(false, Applied::Unknown, false), again.clone()]), [RepeatReason::ResponseLost]);
    let not_noted = event(EventKind::Record { applied: Applied::No });
    assert_eq!(repeated(vec![publish(false, Applied::Yes, true), not_noted, again]), [RepeatReason::NotRecorded]);
}

#[test]
fn a_publish_after_a_failed_one_is_not_a_repeat() {
    let mut record = record();
    record.messages = vec![message(true)];
    let note = event(EventKind::Record { applied: Applied::Yes });
    record.publish_log = vec![publish(false, Applied::No, true), publish(true, Applied::Yes, true), note];
    let result = reconcile(&record);
    assert_eq!((result.violations, result.repeats), (Vec::<String>::new(), Vec::new()));
}
