//! The check itself is checked: what balances does, and each thing that must not be is caught.

use super::*;
use crate::witness::{Taken, What};
use serde_json::json;

const SUBJECT: &str = "arn:aws:iam::111122223333:role/a";
const ALERTED: &str = "case-alerted";

fn report(id: &str, count: u64, severity: f64) -> Report {
    let (finding_id, subject) = (id.to_owned(), SUBJECT.to_owned());
    Report { finding_id, subject, severity, count, wanted: severity >= 4.0, detail: json!(null) }
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

fn message(repeated: bool) -> Message {
    let findings = vec![("f1".to_owned(), 1), ("f2".to_owned(), 1)];
    Message { case_id: ALERTED.to_owned(), revision: 1, repeated, finding_count: 2, findings }
}

fn step(what: What) -> Step {
    Step { case_id: ALERTED.to_owned(), revision: 1, what }
}

fn publish(repeated: bool, taken: Taken, heard: bool) -> Step {
    step(What::Publish { repeated, taken, heard })
}

/// Two findings that were alerted, the second of which was seen again and suppressed; one closed quietly, one left alone,
/// and something that is none.
fn books() -> Books {
    let mark = "nonsense-0-".to_owned();
    Books {
        reports: vec![
            report("f1", 1, 8.0),
            report("f2", 1, 8.0),
            report("f2", 3, 8.0),
            report("f3", 1, 5.0),
            report("f4", 1, 2.0),
        ],
        nonsense: vec![Nonsense { mark: mark.clone(), body: String::new(), error: "NotJson" }],
        cases: vec![case(1, ALERTED, 2, 1), case(2, "case-quiet", 1, 0)],
        findings: vec![item("f1", 1, 1, 8.0, 0), item("f2", 1, 3, 8.0, 1), item("f3", 2, 1, 5.0, 0)],
        messages: vec![message(false)],
        dead: vec![Dead { body: format!("{{ {mark}"), error: Some("NotJson".to_owned()) }],
        assessed: BTreeMap::from([("case-quiet".to_owned(), BTreeMap::from([("f3".to_owned(), 1)]))]),
        left_alone: BTreeSet::from(["f4".to_owned()]),
        steps: vec![publish(false, Taken::Yes, true), step(What::Note { taken: Taken::Yes })],
        investigations: BTreeMap::from([(SUBJECT.to_owned(), 3)]),
        abandoned: Vec::new(),
        executions: [ALERTED, "case-quiet"].map(|name| (name.to_owned(), "SUCCEEDED".to_owned())).into(),
        graph: GraphBooks::default(),
    }
}

/// What is wrong with the books after a change.
fn wrong(change: impl FnOnce(&mut Books)) -> String {
    let mut books = books();
    change(&mut books);
    balance(&books).wrong.join("\n")
}

#[test]
fn every_kind_of_end_is_named() {
    let balance = balance(&books());
    assert!(balance.wrong.is_empty(), "{:?}", balance.wrong);
    let kinds: Vec<&str> = balance.ends.iter().map(|(_, end)| end.kind()).collect();
    assert_eq!(kinds, ["alerted", "alerted", "suppressed", "closed quietly", "left alone", "dead-lettered"]);
    assert_eq!(balance.ends[0].1, End::Alerted { case_id: ALERTED.to_owned(), revision: 1 });
    assert_eq!(balance.repeats, []);
}

#[test]
fn a_lost_finding_is_caught() {
    assert!(wrong(|books| drop(books.findings.remove(0))).contains("LOST: f1"));
    let lost_state = wrong(|books| books.findings[1] = item("f2", 1, 1, 8.0, 0));
    assert!(lost_state.contains("LOST: f2 (seen 3"), "{lost_state}");
    assert!(wrong(|books| books.findings[0].case_sequence = 9).contains("does not exist"));
    assert!(wrong(|books| books.left_alone.clear()).contains("f4"));
    assert!(wrong(|books| books.dead.clear()).contains("nonsense-0-"));
    let quiet_one = wrong(|books| books.findings[2].suppressed = 1);
    assert!(quiet_one.contains("suppressed 1 times of 1 states"), "{quiet_one}");
    let dead = Dead { body: "f1".to_owned(), error: None };
    assert!(wrong(|books| books.dead.push(dead)).contains("not because it is no finding"));
}

#[test]
fn an_alert_that_does_not_name_its_finding_is_caught() {
    assert!(wrong(|books| drop(books.messages[0].findings.remove(0))).contains("none of its alerts names it"));
    assert!(wrong(|books| books.messages.clear()).contains("neither alerted nor closed quietly"));
}

#[test]
fn a_state_that_its_assessment_has_not_seen_is_named() {
    let mut books = books();
    books.reports[3].count = 7;
    books.findings[2] = item("f3", 2, 7, 5.0, 0);
    let wrong = balance(&books).wrong;
    assert!(matches!(wrong.as_slice(), [one] if one.starts_with("LOST: f3 (seen 7")), "{wrong:?}");
}

#[test]
fn a_quiet_end_over_a_renewal_that_nobody_looked_at_is_caught() {
    let quiet = books().cases.iter().position(|case| case.published_revision == 0).unwrap();
    assert!(wrong(|books| books.cases[quiet].renewal_count = 1).starts_with("LOST: case case-quiet"));
}

#[test]
fn a_quiet_end_without_a_second_look_is_caught() {
    let once = |books: &mut Books| books.cases[1].second_look_at.clear();
    assert!(wrong(once).contains("was closed quietly without a second look"));
    let already_notified = |books: &mut Books| {
        once(books);
        books.cases[1].assessment["already_notified"] = json!(true);
        *books.investigations.entry(SUBJECT.to_owned()).or_default() -= 1;
    };
    assert_eq!(wrong(already_notified), "");
    assert!(wrong(|books| books.cases[1].status = "WATCHING".to_owned()).contains("is WATCHING"));
}

#[test]
fn an_open_case_is_caught() {
    assert!(wrong(|books| books.cases[1].status = "OPEN".to_owned()).contains("is OPEN"));
    assert!(wrong(|books| books.cases[0].status = "SEALED".to_owned()).contains("is SEALED"));
    assert!(
        wrong(|books| books.cases[1].assessment = json!({"joined": 0, "renewed": 0})).contains("assessed with Some(0)")
    );
    assert!(wrong(|books| drop(books.executions.remove(ALERTED))).contains("never had an execution"));
    let running = wrong(|books| drop(books.executions.insert(ALERTED.to_owned(), "RUNNING".to_owned())));
    assert!(running.contains("still runs"));
    assert!(wrong(|books| books.abandoned.push("ABANDONED".to_owned())).contains("ABANDONED"));
}

#[test]
fn a_joining_that_is_counted_twice_is_caught() {
    let twice = wrong(|books| books.cases[0] = case(1, ALERTED, 4, 1));
    assert!(twice.contains("5 joinings of 4 states"), "{twice}");
    assert!(
        wrong(|books| *books.investigations.entry(SUBJECT.to_owned()).or_default() += 1).contains("4 investigations")
    );
}

#[test]
fn two_cases_of_one_id_are_caught() {
    let twins = wrong(|books| books.cases[1].case_id = ALERTED.to_owned());
    assert!(twins.contains("two cases have the id case-alerted"), "{twins}");
}

#[test]
fn a_doubled_alert_is_caught() {
    assert!(wrong(|books| books.messages.push(message(false))).contains("more than once without a mark"));
    assert!(wrong(|books| books.messages.push(message(true))).contains("heard 2 times, and published 1 times"));
    let again = |books: &mut Books| {
        books.messages.push(message(true));
        books.steps.push(publish(true, Taken::Yes, true));
    };
    assert!(wrong(again).contains("published again after it was noted"));
    let unmarked = |books: &mut Books| books.steps = vec![publish(false, Taken::Yes, false); 2];
    assert!(wrong(unmarked).contains("published again without a mark"));
}

#[test]
fn a_record_that_was_not_recognized_is_caught() {
    assert!(wrong(|books| drop(books.steps.pop())).contains("its record was not seen"));
}

#[test]
fn an_alert_that_nobody_heard_is_caught() {
    let only_the_second = |books: &mut Books| {
        books.cases[0].published_revision = 2;
        books.messages[0].revision = 2;
        books.steps.iter_mut().for_each(|step| step.revision = 2);
    };
    assert_eq!(wrong(only_the_second), "", "the first was claimed, and the function killed before it published");
    let first_failed = |books: &mut Books| {
        only_the_second(books);
        books.steps.push(publish(false, Taken::No, true));
    };
    assert_eq!(wrong(first_failed), "", "its number is never taken again");
    let first_was_taken = |books: &mut Books| {
        only_the_second(books);
        books.steps.push(publish(false, Taken::Yes, true));
    };
    assert!(wrong(first_was_taken).contains("revision 1 was heard by nobody"));
}

#[test]
fn a_repeat_is_excused_where_nobody_could_know() {
    let repeated = |steps: Vec<Step>| {
        let mut books = books();
        books.messages.push(message(true));
        books.steps = steps;
        books.steps.push(step(What::Note { taken: Taken::Yes }));
        let balance = balance(&books);
        assert!(balance.wrong.is_empty(), "{:?}", balance.wrong);
        balance.repeats.iter().map(|repeat| repeat.because).collect::<Vec<Because>>()
    };
    let again = publish(true, Taken::Yes, true);
    assert_eq!(repeated(vec![publish(false, Taken::Yes, false), again.clone()]), [Because::AnswerLost]);
    assert_eq!(repeated(vec![publish(false, Taken::Unknown, false), again.clone()]), [Because::AnswerLost]);
    let not_noted = step(What::Note { taken: Taken::No });
    assert_eq!(repeated(vec![publish(false, Taken::Yes, true), not_noted, again]), [Because::NotNoted]);
}

#[test]
fn a_first_publish_that_failed_makes_the_second_no_repeat() {
    let mut books = books();
    books.messages = vec![message(true)];
    let note = step(What::Note { taken: Taken::Yes });
    books.steps = vec![publish(false, Taken::No, true), publish(true, Taken::Yes, true), note];
    let balance = balance(&books);
    assert_eq!((balance.wrong, balance.repeats), (Vec::<String>::new(), Vec::new()));
}
