//! What must hold of GuardDuty's investigation in every channel.

use super::*;
use crate::channels::ocsf::{CaseEvent, detail};
use crate::channels::{chat, email, json, pagerduty, slack};
use crate::fixtures::{self, Case};
use crate::message::Convert;
use crate::notification::Notification;
use crate::report::{Report, page};
use gumshoe_domain::guardduty::{CompletedInvestigation, GuardDutyResult, NotRequestedReason, QuotaExhausted};
use serde_json::Value;

/// All texts of a message.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// What each channel that people read is sent, as its texts.
fn channels(case: &Case) -> Vec<(&'static str, Vec<String>)> {
    let alert = case.alert();
    let (findings, indicators) = (&case.findings, &case.indicators);
    let report = Report { alert: &alert, is_quiet: false, findings, indicators, api_calls: &[], evidence_keys: &[] };
    let notification = Notification::Alert(Box::new(alert.clone()));
    vec![
        ("email", vec![email::body(&alert)]),
        ("report", vec![page(&report).unwrap().replace("<wbr />", "").replace("&#39;", "'")]),
        ("chat", texts(&serde_json::from_str(&chat::body(&alert)).unwrap())),
        ("slack", texts(&slack::message(&notification))),
        ("pagerduty", texts(&pagerduty::event(&notification, "k"))),
        ("ocsf", texts(&detail(&alert, CaseEvent::Alerted))),
    ]
}

fn with(answer: GuardDutyResult) -> Case {
    let mut case = fixtures::one();
    case.assessment.guardduty = Some(answer);
    case
}

fn completed() -> CompletedInvestigation {
    fixtures::guardduty_agrees().assessment.guardduty.unwrap().completed().unwrap().clone()
}

#[test]
fn every_channel_says_that_an_ai_wrote_it_and_says_so_before_it() {
    let cases =
        [fixtures::guardduty_agrees(), fixtures::guardduty_disagrees(), fixtures::hostile(), fixtures::longest()];
    for case in cases.into_iter().chain([fixtures::guardduty_alone()]) {
        for (channel, texts) in channels(&case) {
            let all = texts.join("\n");
            let parts = ["Its reason", "assessment", "observ", "propose"];
            let first = parts.into_iter().filter_map(|part| all.find(part)).min();
            let Some(mark) = all.find(AI_NOTICE) else {
                // The longest description ends before.
                assert!(
                    channel == "chat" && first.is_none() && all.contains("GuardDuty's AI says"),
                    "{channel}: {all}"
                );
                continue;
            };
            let is_read_in_order = matches!(channel, "email" | "report" | "chat" | "slack");
            assert!(!is_read_in_order || first.is_some_and(|first| first > mark), "{channel}: {all}");
        }
    }
}

#[test]
fn hostile_text_in_it_is_escaped_and_defanged_in_every_channel() {
    for (channel, texts) in channels(&fixtures::hostile()) {
        for text in &texts {
            for evil in ["https://evil", "evil.example", "evil@evil", "198.51.100.66", "2001:db8::66"] {
                assert!(!text.contains(evil), "{channel}: {evil} in {text}");
            }
            assert!(!text.contains(['\u{202e}', '\u{1b}', '\r']), "{channel}: {text}");
            let markup: &[&str] = match channel {
                "chat" | "slack" => &["<!channel", "<script", "](h"],
                "report" => &["<!channel", "<script"],
                _ => &[],
            };
            assert!(!markup.iter().any(|evil| text.contains(evil)), "{channel}: {text}");
        }
        assert!(texts.iter().any(|text| text.contains("evil[.]example")), "{channel}: it is shown");
    }
}

#[test]
fn whether_the_engines_agree_is_said_in_every_channel() {
    for (case, words) in [
        (fixtures::guardduty_agrees(), "The engines agree: Detective says High, GuardDuty's AI says risk High"),
        (fixtures::guardduty_disagrees(), "The engines disagree: Detective says Low, GuardDuty's AI says risk High"),
        (fixtures::guardduty_alone(), "GuardDuty's AI says risk Critical (confidence Low); Detective has no result"),
        (fixtures::longest(), "The engines agree: Detective says Critical"),
    ] {
        for (channel, texts) in channels(&case) {
            let found = texts.iter().any(|text| text.replace('’', "'").contains(words));
            assert!(found, "{channel}: {texts:#?}");
        }
        let email = email::body(&case.alert());
        assert!(!email.contains("+0   The engines"), "once, and not among what weighs");
    }
}

#[test]
fn why_there_is_no_result_is_one_line_in_every_channel() {
    let long = "x\r\ny ".repeat(1_000);
    let id = || "0123".to_owned();
    for answer in [
        GuardDutyResult::Failed { investigation_id: id(), error: long.clone() },
        GuardDutyResult::StillRunning { investigation_id: id() },
        GuardDutyResult::ReadFailed { investigation_id: id(), why: long.clone() },
        GuardDutyResult::NotRequested(NotRequestedReason::NoSlot { full: QuotaExhausted::Daily { limit: 10 } }),
        GuardDutyResult::NotRequested(NotRequestedReason::FeatureDisabled),
        GuardDutyResult::NotRequested(NotRequestedReason::NoDetector),
        GuardDutyResult::NotRequested(NotRequestedReason::OtherRegion {
            region: long.clone(),
            stack_regions: "us-east-1".to_owned(),
        }),
        GuardDutyResult::NotRequested(NotRequestedReason::Refused { message: long.clone() }),
        GuardDutyResult::NotRequested(NotRequestedReason::Failed { message: long }),
    ] {
        let told: crate::message::GuardDutyInvestigation = answer.convert();
        let begins: String = told.to_string().chars().take(28).collect();
        for (channel, texts) in channels(&with(answer)) {
            let text =
                texts.iter().find(|text| text.contains(&begins)).unwrap_or_else(|| panic!("{channel}: {begins}"));
            assert_eq!(text.matches(&begins).count(), 1, "{channel}: {text}");
            assert!(!text.contains(AI_NOTICE), "{channel}: no AI wrote this");
            let line = text.lines().find(|line| line.contains(&begins)).unwrap();
            assert!(line.chars().count() <= 600, "{channel}: {line}");
            let stands_alone = matches!(channel, "slack" | "pagerduty" | "ocsf");
            assert!(!stands_alone || text.lines().count() == 1, "{channel}: {text}");
        }
    }
}

#[test]
fn what_an_ai_proposes_is_no_next_step() {
    let (with, without) = (fixtures::guardduty_agrees().alert(), fixtures::high_risk().alert());
    assert_eq!(with.next_steps, without.next_steps);
}

#[test]
fn what_no_longer_stands_asks_for_nothing_to_be_done() {
    let mut case = fixtures::resolved();
    case.assessment.guardduty = Some(GuardDutyResult::Completed(completed()));
    let alert = case.alert();
    let notification = Notification::Alert(Box::new(alert.clone()));
    for text in [email::body(&alert), chat::body(&alert), slack::message(&notification).to_string()] {
        assert!(text.contains("It observed") && !text.contains("It proposes"), "{text}");
    }
}

#[test]
fn the_report_has_all_that_is_kept() {
    let long = |word: &str| (0..10).map(|number| format!("{word}{number} {}", "1.2.3.4 ".repeat(60))).collect();
    let mut completed = completed();
    completed.summary.threat_assessment = long("assessment");
    completed.summary.key_observations = long("observation");
    completed.summary.countermeasures = long("countermeasure");
    let (_, report) = channels(&with(GuardDutyResult::Completed(completed))).remove(1);
    assert_eq!(report[0].matches("1[.]2[.]3[.]4").count(), 3 * 10 * 60);
}

#[test]
fn what_an_ai_wrote_does_not_take_the_room_of_the_links() {
    for case in [fixtures::longest(), fixtures::hostile()] {
        let alert = case.alert();
        let link = alert.links[0].url.clone();
        assert!(email::body(&alert).contains(&link));
        let slack = texts(&slack::message(&Notification::Alert(Box::new(alert))));
        assert!(slack.iter().any(|text| text.contains(&link.replace('&', "&amp;"))));
    }
}

#[test]
fn what_an_ai_wrote_gives_way_first() {
    let mut alert = fixtures::high_risk().alert();
    let room = json::LIMIT - json::body(&alert).unwrap().len();
    let mut completed = completed();
    completed.summary.key_observations = vec!["é".repeat(room / 20); 10];
    alert.guardduty = Some(GuardDutyResult::Completed(completed)).convert();
    let read: Alert = serde_json::from_str(&json::body(&alert).unwrap()).unwrap();
    assert_eq!(read.guardduty_result().unwrap().summary.key_observations.len(), 4, "one more than a channel shows");
    assert_eq!((read.findings, read.indicators), (alert.findings, alert.indicators));
}

#[test]
fn an_unsure_ai_is_said_to_be_unsure_and_names_stay_whole() {
    let mut case = fixtures::guardduty_alone();
    let headline = case.alert().summary_lines().headline;
    assert!(
        headline.starts_with("Only GuardDuty's AI looked, says Critical (unsure): IAM role web-role"),
        "{headline}"
    );
    if let gumshoe_domain::principal::Principal::IamRole(entity) = &mut case.record.principal {
        entity.name = "n".repeat(64);
    }
    let headline = case.alert().summary_lines().headline;
    assert!(headline.contains(&"n".repeat(64)) && headline.contains("123456789012"), "{headline}");
}
