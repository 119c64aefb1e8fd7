//! Properties of every channel, for any content of a case.

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
use gumshoe_domain::verdict::ReasonCode;
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

/// One of the fixtures' cases with all its texts replaced.
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
                if revision % 2 == 0 {
                    write(&mut finding.finding_type);
                }
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

/// The first 300 characters state level, principal, account, the reason and the worst finding.
fn starts_with_the_summary(alert: &Alert, start: &str) -> Result<(), TestCaseError> {
    let start: String = start.chars().take(300).collect();
    let summary = alert.summary_lines();
    prop_assert!(start.contains(&summary.headline), "{start}");
    let why: String = summary.why.chars().take(40).collect();
    prop_assert!(start.contains(why.trim_end_matches('…')), "{why} in {start}");
    prop_assert!(start.contains("Worst finding"), "{start}");
    if let Some(entity) = alert.principal.entity() {
        prop_assert!(start.contains(&entity.account_id), "{start}");
        has_name(&start, &entity.name, 12)?;
    }
    Ok(())
}

/// The chat's title, within its limit.
fn chat_title(alert: &Alert) -> String {
    let chat: Value = serde_json::from_str(&chat::body(alert)).unwrap();
    let title = chat["content"]["title"].as_str().unwrap().to_owned();
    assert!(title.chars().count() <= 250, "{title}");
    title
}

/// The text has the name whole, or at least `min` characters of its beginning and its end around an ellipsis (three dots in ASCII).
fn has_name(text: &str, name: &str, min: usize) -> Result<(), TestCaseError> {
    let plain = text.replace("[.]", ".").replace("[@]", "@").replace("[:]", ":").replace("hxxp", "http");
    let is_shortened = |ellipsis: &str| {
        (1..name.len()).any(|start| {
            let ends = (1..=start + 1).filter(|end| start + end >= min);
            let mut cuts =
                ends.map(|end| format!("{}{ellipsis}{}", &name[..start], &name[name.len().saturating_sub(end)..]));
            cuts.any(|cut| plain.contains(&cut))
        })
    };
    prop_assert!(plain.contains(name) || is_shortened("…") || is_shortened("..."), "{name} in {text}");
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
        prop_assert!(body.len() <= email::MAX_BYTES);
        prop_assert!(!body.chars().any(|letter| letter.is_control() && letter != '\n'));
        starts_with_the_summary(&alert, &body)?;

        let machine = json::body(&alert).unwrap();
        prop_assert!(machine.len() <= json::MAX_BYTES, "{}", machine.len());
        let chat = chat::body(&alert);
        prop_assert!(chat.len() <= chat::MAX_BYTES, "{}", chat.len());
        let chat: Value = serde_json::from_str(&chat).unwrap();
        let content = &chat["content"];
        let count = |value: &Value| value.as_str().unwrap().chars().count();
        prop_assert!(count(&content["title"]) <= 250 && (1..=8_000).contains(&count(&content["description"])));
        prop_assert!(content["nextSteps"].as_array().unwrap().iter().all(|step| count(step) <= 350));
        prop_assert!(content["keywords"].as_array().unwrap().iter().all(|word| count(word) <= 75));
        // What SNS is sent: text once, JSON for queues and functions, chat for http and https; JSON in JSON may double.
        prop_assert!(2 * (body.len() + 2 * machine.len() + 2 * chat.to_string().len()) < 256 * 1024);

        let event = detail(&alert, CaseEvent::Alerted);
        prop_assert!(event.to_string().len() <= ocsf::MAX_BYTES, "{}", event.to_string().len());
        relayed_keeps_the_limits(&Notification::Alert(Box::new(alert)))?;
    }

    #[test]
    fn non_alert_messages_keep_channel_limits(texts in prop::collection::vec(text(), 4), reason in any::<bool>()) {
        let [case_id, subject, error, cause] = <[String; 4]>::try_from(texts).unwrap();
        let issue = Issue::DocumentWrong { why: cause.clone(), places: Vec::new() };
        relayed_keeps_the_limits(&Notification::GraphHealth(Box::new(fixtures::graph_notice_of(vec![issue]))))?;
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

    /// For every cause: level first, whole account id, whole or middle-shortened name, in every channel.
    #[test]
    fn headlines_are_never_cut_inside_a_name_or_an_id(
        which in 0_usize..100, name in "[A-Za-z0-9+=,_-]{1,64}", digits in "[0-9]{12}", account_name in text(),
        revision in 1_u32.., count in 1_usize..5_000,
    ) {
        let mut cases = fixtures::all();
        let (fixture, mut case) = cases.remove(which % cases.len());
        let Principal::IamRole(entity) = &mut case.record.principal else { return Ok(()) };
        (entity.name, entity.account_id) = (name.clone(), digits.clone());
        case.assessment.account_names.insert(digits.clone(), account_name);
        let mut alert = case.alert();
        (alert.revision, alert.finding_count) = (revision, count);
        alert.summary = Summary::default();
        let levels = ["Critical", "High", "Medium", "Low", "Informational", "Resolved"];

        let subject = email::subject(&alert);
        prop_assert!(subject.len() < 100 && subject.is_ascii(), "{subject}");
        let after_prefix = subject.strip_prefix("[Gumshoe] ").unwrap();
        prop_assert!(levels.iter().any(|level| after_prefix.starts_with(level)), "{fixture}: {subject}");
        prop_assert!(subject.contains(&format!(", account {digits}")), "{fixture}: {subject}");
        if revision > 1 {
            let suffix = format!(" (update {revision})");
            prop_assert!(subject.ends_with(&suffix), "{subject}");
        }
        has_name(&subject, &name, 4)?;
        let title = chat_title(&alert);
        prop_assert!(title.contains(&format!(", account {digits}")), "{fixture}: {title}");

        let notification = Notification::Alert(Box::new(alert));
        let slack = slack::message(&notification);
        let header = slack["blocks"][0]["text"]["text"].as_str().unwrap();
        prop_assert!(header.chars().count() <= 150 && levels.iter().any(|level| header.starts_with(level)), "{header}");
        let event = pagerduty::event(&notification, "k");
        let summary = event["payload"]["summary"].as_str().unwrap_or(header);
        for text in [header, summary] {
            prop_assert!(text.contains(&format!(", account {digits}")), "{fixture}: {text}");
            has_name(text, &name, 12)?;
        }
    }

    /// Cases without an IAM principal, with names of any kind.
    #[test]
    fn subjects_of_other_principals_keep_level_and_account(name in text(), digits in "[0-9]{12}", revision in any::<u32>()) {
        let mut case = fixtures::nothing_investigated();
        let Principal::NotInvestigable(other) = &mut case.record.principal else { panic!() };
        (other.name, other.account_id) = (Some(name), Some(digits.clone()));
        let mut alert = case.alert();
        alert.revision = revision;
        let subject = email::subject(&alert);
        prop_assert!(subject.len() < 100 && subject.is_ascii() && !subject.contains("://"), "{subject}");
        prop_assert!(subject.starts_with("[Gumshoe] High severity"), "{subject}");
        prop_assert!(subject.contains(&format!(", account {digits}")), "{subject}");
        alert.summary = Summary::default();
        let title = chat_title(&alert);
        prop_assert!(title.contains(&format!(", account {digits}")), "{title}");
    }
}

#[test]
fn summary_lines_are_defanged() {
    const CLICKABLE: &str = "see bob@evil.example 198.51.100.23";
    let mut cases = Vec::new();
    for (name, mut case) in fixtures::all() {
        case.assessment.account_names.values_mut().for_each(|it| *it = CLICKABLE.to_owned());
        for finding in &mut case.findings {
            finding.finding_type = CLICKABLE.to_owned();
        }
        for reason in &mut case.assessment.verdict.reasons {
            reason.code = ReasonCode::LegacyText { text: CLICKABLE.to_owned() };
        }
        if let Principal::NotInvestigable(other) = &mut case.record.principal {
            other.name = Some(CLICKABLE.to_owned());
        }
        cases.push((name, case));
    }
    let mut has_reason = false;
    for (name, case) in cases {
        let summary = case.alert().summary_lines();
        has_reason |= summary.why.contains("bob[@]evil[.]example");
        for line in [summary.headline, summary.why, summary.what] {
            for clickable in ["evil.example", "b@e", "198.51.100.23"] {
                assert!(!line.contains(clickable), "{name}: {line}");
            }
        }
    }
    assert!(has_reason);
}

#[test]
fn longest_graph_notice_keeps_limits_and_untrusted_text_is_escaped() {
    let many = (0..3_600).map(|it| Issue::AccountOutside { account_id: format!("{it:012}") });
    let hostile = Issue::DocumentWrong { why: "<!channel> https://evil.example ".repeat(40), places: Vec::new() };
    let notice = fixtures::graph_notice_of(std::iter::once(hostile).chain(many).collect());
    assert!(email::graph_health_subject(&notice).len() < 100);
    let (body, chat) = (email::graph_health(&notice), chat::graph_health(&notice));
    assert!(body.len() < email::MAX_BYTES);
    assert!(json::graph_health(&notice).unwrap().len() < json::MAX_BYTES);
    assert!(chat.len() < chat::MAX_BYTES);
    assert!(notice.issue_lines(2).last().unwrap().ends_with("3599 more"));
    let notification = Notification::GraphHealth(Box::new(notice));
    for text in [chat, slack::message(&notification).to_string()] {
        assert!(!text.contains("<!channel>"), "{text}");
        assert!(!text.contains("https://evil"), "{text}");
    }
    assert!(!body.contains("https://evil"), "nothing to click");
}

/// Earlier releases stored headlines of up to 160 characters.
#[test]
fn stored_summary_that_is_too_long_is_not_shown() {
    let of = |headline: &str, why: &str| {
        let mut alert = fixtures::high_risk().alert();
        alert.summary.headline = headline.to_owned();
        alert.summary.why = why.to_owned();
        alert
    };
    for alert in [of(&"h".repeat(160), "Reason"), of("Headline", &"w".repeat(Summary::MAX_CHARS))] {
        assert_eq!(alert.summary_lines(), fixtures::high_risk().alert().summary);
        relayed_keeps_the_limits(&Notification::Alert(Box::new(alert))).unwrap();
    }
    assert_eq!(
        of("Headline", "Reason").summary_lines().headline,
        "Headline",
        "a stored summary of valid length is kept"
    );
}

#[test]
fn chat_title_keeps_the_account_id_if_a_name_is_all_entities() {
    let mut case = fixtures::nothing_investigated();
    let Principal::NotInvestigable(other) = &mut case.record.principal else { panic!() };
    (other.name, other.account_id) = (Some("<".repeat(400)), Some("111122223333".to_owned()));
    let title = chat_title(&case.alert());
    assert!(title.contains(", account 111122223333"), "{title}");
}
