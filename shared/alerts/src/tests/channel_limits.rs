//! What must hold in every channel, for whatever a case holds.

use crate::channels::ocsf::{CaseEvent, detail};
use crate::channels::{Channel, chat, email, json, ocsf, pagerduty, slack};
use crate::fixtures::{self, Case};
use crate::message::{Alert, Issue, Summary, VERSION};
use crate::notification::{Alarm, CaseFailure, ExecutionFailure, Notification};
use crate::report::tests::page_limits::{
    rewrite_answer, rewrite_details, rewrite_doubt, rewrite_named, written_reason, written_step,
};
use gumshoe_domain::indicator::Example;
use gumshoe_domain::principal::Principal;
use gumshoe_domain::text::defang;
use proptest::prelude::*;
use serde_json::Value;

/// Text as attackers, users and the services write it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<String>(),
        3 => "[ -~]{0,300}",
        1 => "[<>&|!@#*`~_\\[\\]()]{0,400}",
        1 => "(<!channel>|<https://evil\\.example\\|x>|\u{202e}|\u{1b}\\[31m|&amp;|\r\n){0,40}",
        1 => Just("é".repeat(10_240)),
    ]
}

/// One of the fixtures' cases, as if somebody had written all its texts anew.
fn case() -> impl Strategy<Value = Case> {
    let names = ("[A-Za-z0-9+=,.@_-]{1,64}", 0_usize..60, any::<u32>());
    (0..fixtures::all().len(), prop::collection::vec(text(), 12), names).prop_map(
        |(which, texts, (name, count, revision))| {
            let mut case = fixtures::all().remove(which).1;
            let mut next = texts.iter().cycle().cloned();
            let mut write = |text: &mut String| *text = next.next().unwrap_or_default();
            let finding = case.findings[0].clone();
            case.findings.resize(count.max(1), finding);
            for finding in &mut case.findings {
                write(&mut finding.title);
                finding.others.iter_mut().for_each(|other| rewrite_named(other, &mut write));
                for activity in &mut finding.activity {
                    write(&mut activity.name);
                }
                rewrite_details(&mut finding.details, &mut write);
            }
            if let Principal::IamRole(entity) | Principal::IamUser(entity) = &mut case.record.principal {
                entity.arn = format!("arn:aws:iam::123456789012:role/{name}");
                entity.name = name;
                entity.uncertainties.iter_mut().for_each(|doubt| rewrite_doubt(doubt, &mut write));
                entity.session_name.iter_mut().for_each(&mut write);
            }
            for group in &mut case.assessment.indicators {
                for example in &mut group.examples {
                    match example {
                        Example::Indicator(indicator) => indicator.texts_mut().into_iter().for_each(&mut write),
                        Example::LegacyText(words) => write(words),
                    }
                }
            }
            for reason in &mut case.assessment.verdict.reasons {
                reason.code = written_reason(&mut write);
            }
            for step in &mut case.assessment.next_steps {
                *step = written_step(step, &mut write);
            }
            for technique in &mut case.assessment.techniques {
                write(&mut technique.technique);
            }
            if let Some(why) = &mut case.assessment.not_investigated {
                write(&mut why.cause);
                why.detail = None;
            }
            if let Some(answer) = &mut case.assessment.guardduty {
                rewrite_answer(answer, &mut write);
            }
            case.assessment.outside_graph.iter_mut().for_each(|it| write(&mut it.account_id));
            case.assessment.account_names.values_mut().for_each(&mut write);
            case.assessment.revision = revision.max(1);
            case
        },
    )
}

fn slack_keeps_its_limits(message: &Value) -> Result<(), TestCaseError> {
    let blocks = message["blocks"].as_array().unwrap();
    prop_assert!(blocks.len() <= 50);
    let mut total = 0;
    let mut texts = Vec::new();
    for block in blocks {
        let limit = match block["type"].as_str().unwrap() {
            "header" => 150,
            "section" => 3_000,
            _ => 2_000,
        };
        let own = block["text"]["text"].as_str();
        let fields = block["fields"].as_array().into_iter().chain(block["elements"].as_array()).flatten();
        prop_assert!(fields.clone().count() <= 10);
        for text in own.into_iter().chain(fields.filter_map(|field| field["text"].as_str())) {
            let length = text.chars().count();
            prop_assert!((1..=limit).contains(&length), "{length} of {limit}: {text}");
            total += length;
            if block["type"] != "header" {
                texts.push(text.to_owned());
            }
        }
    }
    prop_assert!(total <= 10_000, "{total} in all");
    texts.push(message["text"].as_str().unwrap().to_owned());
    for text in texts {
        prop_assert!(!text.replace("<https://console.aws.amazon.com/", "").contains('<'), "{text}");
    }
    Ok(())
}

fn pagerduty_keeps_its_limits(event: &Value) -> Result<(), TestCaseError> {
    prop_assert!(event.to_string().len() <= 512 * 1024);
    prop_assert!((1..=255).contains(&event["dedup_key"].as_str().unwrap().chars().count()));
    if event["event_action"] == "trigger" {
        let summary = event["payload"]["summary"].as_str().unwrap().chars().count();
        prop_assert!((1..=1_024).contains(&summary), "{summary}");
        prop_assert!(event["payload"]["source"].is_string());
    }
    Ok(())
}

/// What each channel makes of a notification keeps that channel's limits. A new channel has its limits here.
fn relayed_keeps_the_limits(notification: &Notification) -> Result<(), TestCaseError> {
    for channel in Channel::ALL {
        match channel {
            Channel::Slack => slack_keeps_its_limits(&slack::message(notification))?,
            Channel::PagerDuty => pagerduty_keeps_its_limits(&pagerduty::event(notification, "k"))?,
            // It is sent the JSON as it was published.
            Channel::Webhook => {}
        }
    }
    Ok(())
}

/// Whoever reads the first 300 characters knows who, how bad, why and what.
fn begins_with_what_matters(alert: &Alert, start: &str) -> Result<(), TestCaseError> {
    let start: String = start.chars().take(300).collect();
    let summary = alert.summary_lines();
    prop_assert!(start.contains(&summary.headline), "{start}");
    let why: String = summary.why.chars().take(40).collect();
    prop_assert!(start.contains(why.trim_end_matches('…')), "{why} in {start}");
    prop_assert!(start.contains("Worst finding"), "{start}");
    let account = alert.principal.account_id().or(alert.findings.first().map(|it| it.account_id.as_str()));
    if let (Some(entity), Some(account)) = (alert.principal.entity(), account) {
        let name = defang(&entity.name, 64);
        prop_assert!(start.contains(name.trim_end_matches('…')) && start.contains(account), "{start}");
    }
    Ok(())
}

proptest! {
    // Shrinking writes all messages for each try.
    #![proptest_config(ProptestConfig { max_shrink_iters: 256, ..ProptestConfig::with_cases(120) })]

    #[test]
    fn every_message_of_every_channel_keeps_its_limits(case in case()) {
        let alert = case.alert();
        let summary = alert.summary_lines();
        let length: usize = [&summary.headline, &summary.why, &summary.what].map(|line| line.chars().count()).iter().sum();
        prop_assert!(length <= Summary::MAX_CHARS, "{length}: {summary:?}");

        let subject = email::subject(&alert);
        prop_assert!(subject.len() < 100 && subject.is_ascii() && !subject.contains(['\n', '\r']), "{subject}");
        let body = email::body(&alert);
        prop_assert!(body.len() <= email::LIMIT);
        prop_assert!(!body.chars().any(|letter| letter.is_control() && letter != '\n'));
        begins_with_what_matters(&alert, &body)?;

        let machine = json::body(&alert).unwrap();
        prop_assert!(machine.len() <= json::LIMIT, "{}", machine.len());
        let chat = chat::body(&alert);
        prop_assert!(chat.len() <= chat::LIMIT, "{}", chat.len());
        let chat: Value = serde_json::from_str(&chat).unwrap();
        let content = &chat["content"];
        let count = |value: &Value| value.as_str().unwrap().chars().count();
        prop_assert!(count(&content["title"]) <= 250 && (1..=8_000).contains(&count(&content["description"])));
        prop_assert!(content["nextSteps"].as_array().unwrap().iter().all(|step| count(step) <= 350));
        prop_assert!(content["keywords"].as_array().unwrap().iter().all(|word| count(word) <= 75));
        // What SNS is sent: text once, JSON for queues and functions, chat for http and https; JSON in JSON may double.
        prop_assert!(2 * (body.len() + 2 * machine.len() + 2 * chat.to_string().len()) < 256 * 1024);

        let event = detail(&alert, CaseEvent::Alerted);
        prop_assert!(event.to_string().len() <= ocsf::LIMIT, "{}", event.to_string().len());
        relayed_keeps_the_limits(&Notification::Alert(Box::new(alert)))?;
    }

    #[test]
    fn what_is_no_alert_keeps_the_limits_as_well(texts in prop::collection::vec(text(), 4), reason in any::<bool>()) {
        let [case_id, subject, error, cause] = <[String; 4]>::try_from(texts).unwrap();
        let worse = Issue::DocumentWrong { why: cause.clone(), places: Vec::new() };
        relayed_keeps_the_limits(&Notification::GraphHealth(Box::new(fixtures::graph_notice_of(vec![worse]))))?;
        relayed_keeps_the_limits(&Notification::Alarm(Alarm {
            alarm_name: subject.clone(),
            alarm_description: reason.then(|| cause.clone()),
            new_state_value: case_id.clone(),
            new_state_reason: reason.then(|| error.clone()),
            state_change_time: reason.then(|| cause.clone()),
            account_id: reason.then(|| error.clone()),
        }))?;
        relayed_keeps_the_limits(&Notification::CaseFailed(CaseFailure {
            version: VERSION,
            execution: case_id.clone(),
            case_id,
            subject,
            failure: ExecutionFailure { error, cause },
        }))?;
    }

    #[test]
    fn a_lead_is_safe_to_read(case in case()) {
        let summary = case.alert().summary_lines();
        for line in [summary.headline, summary.why, summary.what] {
            prop_assert_eq!(defang(&line, 1_000).replace("[.]", ".").replace("[@]", "@"), line.replace("[.]", ".").replace("[@]", "@"));
            prop_assert!(!line.contains("://"));
        }
    }
}

#[test]
fn the_longest_notice_of_the_graph_keeps_the_limits_and_hostile_words_do_nothing() {
    let many = (0..3_600).map(|it| Issue::AccountOutside { account_id: format!("{it:012}") });
    let hostile = Issue::DocumentWrong { why: "<!channel> https://evil.example ".repeat(40), places: Vec::new() };
    let notice = fixtures::graph_notice_of(std::iter::once(hostile).chain(many).collect());
    assert!(email::graph_health_subject(&notice).len() < 100);
    let (body, chat) = (email::graph_health(&notice), chat::graph_health(&notice));
    assert!(body.len() < email::LIMIT);
    assert!(json::graph_health(&notice).unwrap().len() < json::LIMIT);
    assert!(chat.len() < chat::LIMIT);
    assert!(notice.issue_lines(2).last().unwrap().ends_with("3599 more"));
    let notification = Notification::GraphHealth(Box::new(notice));
    for text in [chat, slack::message(&notification).to_string()] {
        assert!(!text.contains("<!channel>"), "{text}");
        assert!(!text.contains("https://evil"), "{text}");
    }
    assert!(!body.contains("https://evil"), "nothing to click");
}
