//! Tests of GuardDuty's investigation in every channel.

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

/// The texts that each channel receives.
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
fn every_channel_shows_the_ai_notice_before_ai_text() {
    let cases =
        [fixtures::guardduty_agrees(), fixtures::guardduty_disagrees(), fixtures::hostile(), fixtures::longest()];
    for case in cases.into_iter().chain([fixtures::guardduty_alone()]) {
        for (channel, texts) in channels(&case) {
            let all = texts.join("\n");
            let parts =
                ["Reason: ", "Assessment:", "Threat assessment", "Observations", "Key observations", "ountermeasures"];
            let first = parts.into_iter().filter_map(|part| all.find(part)).min();
            let Some(mark) = all.find(AI_NOTICE) else {
                // The longest description ends before.
                assert!(channel == "chat" && first.is_none() && all.contains("GuardDuty AI risk"), "{channel}: {all}");
                continue;
            };
            let is_read_in_order = matches!(channel, "email" | "report" | "chat" | "slack");
            assert!(!is_read_in_order || first.is_some_and(|first| first > mark), "{channel}: {all}");
        }
    }
}

#[test]
fn untrusted_ai_text_is_escaped_and_defanged_in_every_channel() {
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
fn every_channel_shows_the_engine_comparison() {
    for (case, words) in [
        (fixtures::guardduty_agrees(), "Detective and GuardDuty agree: Detective High, GuardDuty AI risk High"),
        (fixtures::guardduty_disagrees(), "Detective and GuardDuty disagree: Detective Low, GuardDuty AI risk High"),
        (
            fixtures::guardduty_alone(),
            "Only GuardDuty has a rating: risk Critical (confidence Low); Detective has no result",
        ),
        (fixtures::longest(), "Detective and GuardDuty agree: Detective Critical"),
    ] {
        for (channel, texts) in channels(&case) {
            let found = texts.iter().any(|text| text.replace('’', "'").contains(words));
            assert!(found, "{channel}: {texts:#?}");
        }
        let email = email::body(&case.alert());
        assert!(!email.contains("+0   Detective and GuardDuty"), "once, and not among the reasons");
    }
}

#[test]
fn missing_result_is_explained_on_one_line_in_every_channel() {
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
        let investigation: crate::message::GuardDutyInvestigation = answer.convert();
        let begins: String = investigation.to_string().chars().take(28).collect();
        for (channel, texts) in channels(&with(answer)) {
            let text =
                texts.iter().find(|text| text.contains(&begins)).unwrap_or_else(|| panic!("{channel}: {begins}"));
            assert_eq!(text.matches(&begins).count(), 1, "{channel}: {text}");
            assert!(!text.contains(AI_NOTICE), "{channel}: no AI wrote this");
            let line = text.lines().find(|line| line.contains(&begins)).unwrap();
            assert!(line.chars().count() <= 600, "{channel}: {line}");
            let is_separate = matches!(channel, "slack" | "pagerduty" | "ocsf");
            assert!(!is_separate || text.lines().count() == 1, "{channel}: {text}");
        }
    }
}

#[test]
fn ai_proposals_are_not_next_steps() {
    let (with, without) = (fixtures::guardduty_agrees().alert(), fixtures::high_risk().alert());
    assert_eq!(with.next_steps, without.next_steps);
}

#[test]
fn resolved_alert_has_no_countermeasures() {
    let mut case = fixtures::resolved();
    case.assessment.guardduty = Some(GuardDutyResult::Completed(completed()));
    let alert = case.alert();
    let notification = Notification::Alert(Box::new(alert.clone()));
    for text in [email::body(&alert), chat::body(&alert), slack::message(&notification).to_string()] {
        assert!(text.contains("Observations") && !text.contains("Proposed countermeasures"), "{text}");
    }
}

#[test]
fn report_has_all_stored_entries() {
    let long = |word: &str| (0..10).map(|number| format!("{word}{number} {}", "1.2.3.4 ".repeat(60))).collect();
    let mut completed = completed();
    completed.summary.threat_assessment = long("assessment");
    completed.summary.key_observations = long("observation");
    completed.summary.countermeasures = long("countermeasure");
    let (_, report) = channels(&with(GuardDutyResult::Completed(completed))).remove(1);
    assert_eq!(report[0].matches("1[.]2[.]3[.]4").count(), 3 * 10 * 60);
}

#[test]
fn ai_text_never_displaces_links() {
    for case in [fixtures::longest(), fixtures::hostile()] {
        let alert = case.alert();
        let link = alert.links[0].url.clone();
        assert!(email::body(&alert).contains(&link));
        let slack = texts(&slack::message(&Notification::Alert(Box::new(alert))));
        assert!(slack.iter().any(|text| text.contains(&link.replace('&', "&amp;"))));
    }
}

#[test]
fn ai_text_is_truncated_before_other_text() {
    let mut alert = fixtures::high_risk().alert();
    let room = json::MAX_BYTES - json::body(&alert).unwrap().len();
    let mut completed = completed();
    completed.summary.key_observations = vec!["é".repeat(room / 20); 10];
    alert.guardduty = Some(GuardDutyResult::Completed(completed)).convert();
    let read: Alert = serde_json::from_str(&json::body(&alert).unwrap()).unwrap();
    assert_eq!(read.guardduty_result().unwrap().summary.key_observations.len(), 4, "one more than a channel shows");
    assert_eq!((read.findings, read.indicators), (alert.findings, alert.indicators));
}

#[test]
fn headline_states_low_confidence_and_long_names_stay_whole() {
    let mut case = fixtures::guardduty_alone();
    let headline = case.alert().summary_lines().headline;
    assert!(headline.starts_with("Critical (GuardDuty AI only, low confidence): IAM role web-role"), "{headline}");
    if let gumshoe_domain::principal::Principal::IamRole(entity) = &mut case.record.principal {
        entity.name = "n".repeat(64);
    }
    let headline = case.alert().summary_lines().headline;
    assert!(headline.contains(&"n".repeat(64)) && headline.contains("123456789012"), "{headline}");
}
