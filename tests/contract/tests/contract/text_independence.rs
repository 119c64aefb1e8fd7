//! Decisions do not depend on the sentences in stored records, and neither do orders and names.
//!
//! Each text of more than one word is replaced by another of the same length. A text of one word is a code, an id, an ARN or a name.

use gumshoe_alerts::Notification;
use gumshoe_alerts::channels::ocsf::{self, CaseEvent};
use gumshoe_alerts::channels::{json, pagerduty};
use gumshoe_alerts::fixtures::{self, Case};
use gumshoe_alerts::message::{Alert, GraphIdentity, NoticeRevision, Reason};
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::case::case_subject;
use gumshoe_domain::finding::worst_first;
use gumshoe_domain::indicator;
use gumshoe_domain::investigation::{NotInvestigated, NotInvestigatedKind};
use gumshoe_domain::next_steps::next_steps;
use gumshoe_domain::verdict::{OpenQuestions, Weights};
use gumshoe_domain::{Indicator, Principal, Verdict};
use gumshoe_graph::{GraphReadTarget, Health, Issue, NotifiedState, NotifyDecision, fingerprint, graph_notice};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Members whose values are codes even where they contain spaces: AWS's types and kinds, names of errors, and the tactics and
/// techniques whose names belong to ids of MITRE ATT&CK.
const CODES: [&str; 6] = ["type", "kind", "indicator_type", "error", "tactic", "technique"];

fn is_sentence(text: &str) -> bool {
    text.trim().contains(char::is_whitespace)
}

/// ROT13: equal texts stay equal, but have other words and another order.
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

/// The value without its sentences: order, numbers and codes.
fn without_sentences(value: impl Serialize) -> Value {
    with_sentences(serde_json::to_value(value).unwrap(), &|_| "a sentence".to_owned())
}

/// All cases but the one in which every text is one long word.
fn cases() -> Vec<(&'static str, Case)> {
    let all = fixtures::all().into_iter().chain([("travelled", fixtures::travelled())]);
    all.filter(|(name, _)| *name != "longest").collect()
}

fn reworded_case(case: &Case) -> Case {
    let mut other = case.clone();
    other.record.principal = reworded::<Principal>(&case.record.principal);
    other.findings = reworded(&case.findings);
    other.indicators = reworded(&case.indicators);
    other.assessment = reworded(&case.assessment);
    other
}

/// Whether `decide` has another result for the reworded case.
fn depends_on_sentences<T: PartialEq>(case: &Case, decide: impl Fn(&Case) -> T) -> bool {
    let other = reworded_case(case);
    let sentences = |case: &Case| (case.record.principal.clone(), case.findings.clone(), case.assessment.clone());
    assert_ne!(sentences(&other), sentences(case), "there are sentences");
    decide(case) != decide(&other)
}

fn not_investigated(why: &NotInvestigated) -> Value {
    let decisions =
        [why.is_transient(), why.needs_operator(), why.has_nothing_to_investigate(), why.is_outside_graph()];
    json!([why.error.as_str(), decisions, why.is_failed_investigation()])
}

/// All decisions about a case's records.
fn decisions(case: &Case) -> Value {
    let verdict = Verdict::score(&case.findings, &case.indicators, &Weights::default());
    let points: Vec<u8> = verdict.reasons.iter().map(|reason| reason.points).collect();
    let kinds: Vec<&str> = case.assessment.indicators.iter().map(|group| group.kind.as_str()).collect();
    let admission = AdmissionRules::default();
    let ignored = case.findings.iter().map(|it| admission.ignore_reason(it).map(|why| why.metric_name()));
    json!({
        "verdict": [verdict.level.to_string(), verdict.score, points],
        "clearance": format!("{:?}", OpenQuestions::of(&case.findings, !case.indicators.is_empty())),
        "assessed": format!("{:?}", case.assessment.summary()),
        "not_investigated": case.assessment.not_investigated.as_ref().map(not_investigated),
        "indicators": kinds,
        "ignored": ignored.collect::<Vec<_>>(),
        "subjects": case.findings.iter().map(case_subject).collect::<Vec<_>>()
    })
}

/// The orders in an assessment, computed again from the case: by codes.
fn order(case: &Case) -> Value {
    let Case { record, findings, indicators, assessment } = case;
    let groups = indicator::group(indicators);
    let groups: Vec<_> = groups.iter().map(|group| (group.kind.as_str(), group.count, group.examples.len())).collect();
    let verdict = Verdict::score(findings, indicators, &Weights::default());
    let reasons: Vec<_> = verdict.reasons.iter().map(|reason| (reason.code.code(), reason.points)).collect();
    let (investigated, outside) = (assessment.not_investigated.is_none(), assessment.outside_graph.as_ref());
    let steps = next_steps(&record.principal, findings, indicators, investigated, outside);
    json!({
        "findings": worst_first(findings).iter().map(|finding| &finding.id).collect::<Vec<_>>(),
        "indicators": groups,
        "techniques": indicator::techniques(indicators),
        "reasons": reasons,
        "next_steps": steps.iter().map(|step| step.code()).collect::<Vec<_>>()
    })
}

/// What identifies an alert for channels and subscribers, and the order of what is in it.
fn identities(case: &Case) -> Value {
    let alert = case.alert();
    let event = ocsf::detail(&alert, CaseEvent::Alerted);
    let machine: Value = serde_json::from_str(&json::body(&alert).unwrap()).unwrap();
    json!({
        "received": received(&alert),
        "event": without_sentences(event),
        "machine": without_sentences(machine)
    })
}

/// What relay-alert makes of an alert that it received: what identifies it, and what it selects.
fn received(alert: &Alert) -> Value {
    let notification = Notification::Alert(Box::new(alert.clone()));
    let incident = pagerduty::event(&notification, "key");
    let codes = |reason: &Reason| (reason.code.clone(), reason.points);
    json!({
        "delivery": notification.delivery_id(),
        "key": notification.incident_key(),
        "incident": [&incident["dedup_key"], &incident["event_action"], &incident["payload"]["severity"]],
        "reasons": alert.reasons().map(codes).collect::<Vec<_>>(),
        "strongest": alert.strongest_reasons(3).map(codes).collect::<Vec<_>>(),
        "says": [alert.coverage().is_some(), alert.engines().is_some(), alert.unresolved_reason().is_some()]
    })
}

/// The same for an alert as a subscriber receives it.
fn received_rests_on_sentences<T: PartialEq>(alert: &Alert, decide: impl Fn(&Alert) -> T) -> bool {
    let other = reworded(alert);
    assert_ne!(&other, alert, "there are sentences");
    decide(alert) != decide(&other)
}

#[test]
fn decisions_about_cases_do_not_depend_on_sentences() {
    for (name, case) in cases() {
        for (what, decide) in
            [("decisions", decisions as fn(&Case) -> Value), ("order", order), ("identities", identities)]
        {
            assert!(
                !depends_on_sentences(&case, decide),
                "{name}: {what}: {} {}",
                decide(&case),
                decide(&reworded_case(&case))
            );
        }
    }
}

#[test]
fn decisions_about_received_alerts_do_not_depend_on_sentences() {
    for (name, case) in cases() {
        let alert = case.alert();
        let other = reworded(&alert);
        assert!(!received_rests_on_sentences(&alert, received), "{name}: {} {}", received(&alert), received(&other));
    }
}

/// The tests above find decisions and orders that depend on sentences.
#[test]
fn a_decision_that_depends_on_a_sentence_is_found() {
    let case = fixtures::nothing_investigated();
    assert!(depends_on_sentences(&case, |case| case.findings[0].title.contains("malicious file")));
    let by_title = |case: &Case| {
        let mut titles: Vec<_> = case.findings.iter().map(|it| (it.title.clone(), it.id.clone())).collect();
        titles.sort_unstable();
        titles.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    };
    assert!(cases().iter().any(|(_, case)| depends_on_sentences(case, by_title)), "an order by words");
    let by_place = |case: &Case| {
        let travels = case.indicators.iter().filter_map(|it| match it {
            Indicator::ImpossibleTravel { starting_location, starting_ip_address, .. } => {
                Some((starting_location.clone(), starting_ip_address.clone()))
            }
            _ => None,
        });
        let mut travels: Vec<_> = travels.collect();
        travels.sort_unstable();
        travels.into_iter().map(|(_, address)| address).collect::<Vec<_>>()
    };
    assert!(depends_on_sentences(&fixtures::travelled(), by_place), "indicators in an order by words");
}

#[test]
fn a_decision_about_a_received_alert_that_depends_on_a_sentence_is_found() {
    let alert = fixtures::guardduty_agrees().alert();
    let by_words = |alert: &Alert| {
        alert.verdict.reasons.iter().position(|it| it.text.starts_with("Detective and GuardDuty agree"))
    };
    assert!(received_rests_on_sentences(&alert, by_words), "a reason that is known by its words");
    let by_label = |alert: &Alert| {
        let mut links: Vec<_> = alert.links.iter().map(|it| (it.label.clone(), it.code.clone())).collect();
        links.sort_unstable();
        links.into_iter().map(|(_, code)| code).collect::<Vec<_>>()
    };
    assert!(received_rests_on_sentences(&alert, by_label), "an order by words");
}

#[test]
fn a_missing_result_is_identified_by_its_kind() {
    let kinds = NotInvestigatedKind::KNOWN.iter().cloned().chain([NotInvestigatedKind::from("States.Timeout")]);
    for kind in kinds {
        let why = NotInvestigated::new(kind, "account 111122223333 is not in the behavior graph");
        let other = reworded(&why);
        assert_ne!(why.cause, other.cause);
        assert_eq!(not_investigated(&why), not_investigated(&other));
    }
}

#[test]
fn issues_of_the_graph_are_identified_by_their_codes() {
    let sentence = || "the list of accounts (ListAccounts was denied)".to_owned();
    let issues = vec![
        Issue::DocumentWrong { why: sentence(), places: vec!["members.accounts[1].email".to_owned()] },
        Issue::NotReadable { part: Some(GraphReadTarget::Administrator), what: sentence() },
        Issue::NotReadable { part: Some(GraphReadTarget::Organization), what: sentence() },
        Issue::AccountOutside { account_id: "111122223333".to_owned() },
    ];
    let others: Vec<Issue> = reworded(&issues);
    assert_ne!(issues, others);
    let known =
        |issues: &[Issue]| issues.iter().map(|issue| (issue.kind().code(), fingerprint(issue))).collect::<Vec<_>>();
    assert_eq!(known(&issues), known(&others));
    let health = |issues: Vec<Issue>| Health { issues: issues.into_iter().collect(), ..Health::default() };
    let (health, other) = (health(issues), health(others));
    let now = Timestamp::UNIX_EPOCH;
    let NotifyDecision::Notify { new_issues, notified, .. } = NotifiedState::default().decide(&health, true, now)
    else {
        panic!()
    };
    assert_eq!(notified.decide(&other, true, now), NotifyDecision::NoChange, "people know of it");
    let sent = |health: &Health| {
        let place =
            GraphIdentity { account_id: "111122223333".to_owned(), region: "us-east-1".to_owned(), graph_arn: None };
        let number = NoticeRevision { revision: 1, may_be_duplicate: false };
        let notice = graph_notice(place, health, &health.issues, number, now);
        let notification = Notification::GraphHealth(Box::new(notice.clone()));
        (notification.delivery_id(), without_sentences(notice))
    };
    assert_eq!(new_issues.len(), 4);
    assert_eq!(sent(&health), sent(&other));
}
