//! Whatever the sentences in stored records say, the same is decided, in the same order and under the same names.
//!
//! Every text of more than one word is replaced by another of the same length. What has one word is a code, an id, an ARN or a
//! name.

use gumshoe_alerts::Notification;
use gumshoe_alerts::channels::ocsf::{self, CaseEvent};
use gumshoe_alerts::channels::{json, pagerduty};
use gumshoe_alerts::fixtures::{self, Case};
use gumshoe_alerts::message::{Notice, Place};
use gumshoe_domain::admission::Admission;
use gumshoe_domain::case::subject_of;
use gumshoe_domain::graph::{Health, HealthIssue, Telling, Told, Unreadable};
use gumshoe_domain::investigation::{NotInvestigated, NotInvestigatedKind};
use gumshoe_domain::verdict::{Clearance, Weights};
use gumshoe_domain::{Principal, Verdict};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Members that hold codes of AWS's, whatever is sent as such, and names that MITRE ATT&CK has ids for.
const CODES: [&str; 6] = ["type", "kind", "indicator_type", "error", "tactic", "technique"];

fn is_sentence(text: &str) -> bool {
    text.trim().contains(char::is_whitespace)
}

/// Every letter by the one 13 places further: equal texts stay equal, their order and their words do not.
fn other_words(text: &str) -> String {
    let turned = |letter: char, first: u8| char::from((letter as u8 - first + 13) % 26 + first);
    let letters = text.chars().map(|letter| match letter {
        'a'..='z' => turned(letter, b'a'),
        'A'..='Z' => turned(letter, b'A'),
        other => other,
    });
    letters.collect()
}

/// The value with `change` made to each sentence in it.
fn with_sentences(value: Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) if is_sentence(&text) => change(&text).into(),
        Value::Array(values) => values.into_iter().map(|it| with_sentences(it, change)).collect(),
        Value::Object(members) => {
            let changed = |(name, it): (String, Value)| {
                let it = if CODES.contains(&name.as_str()) { it } else { with_sentences(it, change) };
                (name, it)
            };
            Value::Object(members.into_iter().map(changed).collect())
        }
        other => other,
    }
}

fn reworded<T: Serialize + DeserializeOwned>(record: &T) -> T {
    let stored = serde_json::to_value(record).unwrap();
    serde_json::from_value(with_sentences(stored, &other_words)).unwrap()
}

/// What is left of a value without its sentences: order, numbers and codes.
fn without_sentences(value: impl Serialize) -> Value {
    with_sentences(serde_json::to_value(value).unwrap(), &|_| "a sentence".to_owned())
}

/// All cases but the one in which every text is one long word.
fn cases() -> Vec<(&'static str, Case)> {
    fixtures::all().into_iter().filter(|(name, _)| *name != "longest").collect()
}

fn reworded_case(case: &Case) -> Case {
    let mut other = case.clone();
    other.record.principal = reworded::<Principal>(&case.record.principal);
    other.findings = reworded(&case.findings);
    other.indicators = reworded(&case.indicators);
    other.assessment = reworded(&case.assessment);
    other
}

/// Whether `decide` comes to something else once the case's sentences are others.
fn rests_on_sentences<T: PartialEq>(case: &Case, decide: impl Fn(&Case) -> T) -> bool {
    let other = reworded_case(case);
    let sentences = |case: &Case| (case.record.principal.clone(), case.findings.clone(), case.assessment.clone());
    assert_ne!(sentences(&other), sentences(case), "there are sentences");
    decide(case) != decide(&other)
}

fn not_investigated(why: &NotInvestigated) -> Value {
    let decisions = [why.may_pass(), why.needs_an_operator(), why.nothing_for_detective(), why.is_outside_graph()];
    json!([why.error.as_str(), decisions, why.is_failed_investigation()])
}

/// All that is decided by a case's records.
fn decisions(case: &Case) -> Value {
    let verdict = Verdict::weigh(&case.findings, &case.indicators, &Weights::default());
    let points: Vec<u8> = verdict.reasons.iter().map(|reason| reason.points).collect();
    let kinds: Vec<&str> = case.assessment.indicators.iter().map(|group| group.kind.as_str()).collect();
    let admission = Admission::default();
    let left_alone = case.findings.iter().map(|it| admission.leaves_alone(it).map(|why| why.metric_name()));
    json!({
        "verdict": [verdict.level.to_string(), verdict.score, points],
        "clearance": format!("{:?}", Clearance::of(&case.findings, !case.indicators.is_empty())),
        "assessed": format!("{:?}", case.assessment.assessed()),
        "not_investigated": case.assessment.not_investigated.as_ref().map(not_investigated),
        "indicators": kinds,
        "left_alone": left_alone.collect::<Vec<_>>(),
        "subjects": case.findings.iter().map(subject_of).collect::<Vec<_>>(),
    })
}

/// The order of what an assessment stores.
fn order(case: &Case) -> Value {
    without_sentences(&case.assessment)
}

/// What channels and subscribers know an alert by, and the order of what is in it.
fn identities(case: &Case) -> Value {
    let alert = case.alert();
    let event = ocsf::detail(&alert, CaseEvent::Alerted);
    let machine: Value = serde_json::from_str(&json::body(&alert).unwrap()).unwrap();
    let notification = Notification::Alert(Box::new(alert));
    let incident = pagerduty::event(&notification, "key");
    json!({
        "delivery": notification.delivery(),
        "incident": [&incident["dedup_key"], &incident["event_action"], &incident["payload"]["severity"]],
        "event": without_sentences(event),
        "machine": without_sentences(machine),
    })
}

#[test]
fn cases_come_to_the_same_whatever_their_sentences_say() {
    for (name, case) in cases() {
        for (what, decide) in
            [("decisions", decisions as fn(&Case) -> Value), ("order", order), ("identities", identities)]
        {
            assert!(
                !rests_on_sentences(&case, decide),
                "{name}: {what}: {} {}",
                decide(&case),
                decide(&reworded_case(&case))
            );
        }
    }
}

/// The tests here would find a decision by words.
#[test]
fn a_decision_that_reads_a_sentence_is_found() {
    let case = fixtures::nothing_investigated();
    assert!(rests_on_sentences(&case, |case| case.findings[0].title.contains("malicious file")));
    let by_title = |case: &Case| {
        let mut titles: Vec<_> = case.findings.iter().map(|it| (it.title.clone(), it.id.clone())).collect();
        titles.sort_unstable();
        titles.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    };
    assert!(cases().iter().any(|(_, case)| rests_on_sentences(case, by_title)), "an order by words");
}

#[test]
fn a_missing_result_is_known_by_its_kind_alone() {
    let kinds = NotInvestigatedKind::KNOWN.iter().cloned().chain([NotInvestigatedKind::from("States.Timeout")]);
    for kind in kinds {
        let why = NotInvestigated::new(kind, "account 111122223333 is not in the behavior graph");
        let other = reworded(&why);
        assert_ne!(why.cause, other.cause);
        assert_eq!(not_investigated(&why), not_investigated(&other));
    }
}

#[test]
fn issues_of_the_graph_are_known_by_their_codes_alone() {
    let sentence = || "the list of accounts (ListAccounts was denied)".to_owned();
    let issues = vec![
        HealthIssue::DocumentWrong { why: sentence(), places: vec!["members.accounts[1].email".to_owned()] },
        HealthIssue::NotReadable { part: Some(Unreadable::Administrator), what: sentence() },
        HealthIssue::NotReadable { part: Some(Unreadable::Organization), what: sentence() },
        HealthIssue::AccountOutside { account_id: "111122223333".to_owned() },
    ];
    let others: Vec<HealthIssue> = reworded(&issues);
    assert_ne!(issues, others);
    let known = |issues: &[HealthIssue]| {
        issues.iter().map(|issue| (issue.kind().code(), issue.fingerprint())).collect::<Vec<_>>()
    };
    assert_eq!(known(&issues), known(&others));
    let health = |issues: Vec<HealthIssue>| Health { issues: issues.into_iter().collect(), ..Health::default() };
    let (health, other) = (health(issues), health(others));
    let now = Timestamp::UNIX_EPOCH;
    let Telling::Tell { worse, after, .. } = Told::default().telling(&health, now) else { panic!() };
    assert_eq!(after.telling(&other, now), Telling::Nothing, "people know of it");
    let notice = |health: &Health| {
        let place = Place { account_id: "111122223333".to_owned(), region: "us-east-1".to_owned(), graph_arn: None };
        let notice = Notice::new(place, health, &health.issues, (1, false), now);
        let notification = Notification::GraphHealth(Box::new(notice.clone()));
        (notification.delivery(), without_sentences(notice))
    };
    assert_eq!(worse.len(), 4);
    assert_eq!(notice(&health), notice(&other));
}
