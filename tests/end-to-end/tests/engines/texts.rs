//! Text of GuardDuty's AI, which can repeat text of attackers, has no active links, mentions or markup in any channel.

use crate::results::rated;
use crate::scene::{Outcome, Scene};
use crate::secrets::CANARY;
use crate::setup::{AlertedCase, BoxError, EnginesTest};
use gumshoe_alerts::message::GuardDutySummary;
use receivers::{Channel, slack_mentions, slack_texts};
use serde_json::{Value, json};
use simulator::{Confidence, FindingScenario, RiskLevel};

/// A text with mentions, links, markup and hidden characters of all channels.
pub(crate) fn hostile() -> String {
    format!(
        "{CANARY} <!channel> <!here> <@U0123ABCD> @everyone <https://evil.example.com/a|click> [click](https://evil.example.com/b) \
         ![](https://evil.example.com/c.png) <a href=\"https://evil.example.com/d\">e</a> <img src=x onerror=alert(1)> \
         <script>alert(2)</script> http://198.51.100.66/f bob@evil.example.com www.evil.example.com *bold* _it_ ~no~ `code` \
         \u{202e}gnp.exe\u{202c} \u{200b}\u{1b}[31mred \r\nSubject: other\n\n# heading\n| a | b |"
    )
}

/// The parts of [`hostile`] that a mail or chat program would make clickable or load.
const CLICKABLE: [&str; 6] = ["https://evil", "http://198", "evil.example.com", "198.51.100.66", "bob@evil", "](http"];

/// The parts of [`hostile`] that notify people or are markup, in channels whose text is not plain.
const MARKUP: [&str; 8] = ["<!channel>", "<!here>", "<@U0123ABCD>", "@everyone", "](", "<script", "<img", "<a href"];

/// Characters that break lines, are invisible, or reverse the text direction.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{1b}' | '\r')
}

/// Checks that a text has no hidden characters, nothing of [`CLICKABLE`] and nothing of `forbidden`.
fn assert_harmless(what: &str, text: &str, forbidden: &[&str]) {
    for part in forbidden.iter().chain(&CLICKABLE) {
        assert!(!text.contains(part), "{what} has {part} unescaped:\n{text}");
    }
    assert!(!text.contains(is_hidden), "{what} has hidden characters: {text:?}");
}

/// Checks that a text says that it was written by AI. The name of the AI alone does not count.
fn assert_marked(what: &str, text: &str) {
    assert!(text.contains("written by AI"), "{what} does not say that AI wrote it:\n{text}");
}

/// Checks that a text has no control sequences of Slack except links to the AWS console.
fn assert_links_only_to_console(text: &str) {
    let own = slack_mentions(text);
    assert!(own.iter().all(|it| it.starts_with("<https://console.aws.amazon.com/")), "{own:?}");
}

/// All strings in a JSON value.
fn texts_in(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts_in).collect(),
        Value::Object(members) => members.values().flat_map(texts_in).collect(),
        _ => Vec::new(),
    }
}

/// Has a case alerted in which GuardDuty's result has that risk text and that summary.
async fn alerted_with_summary(
    test: &EnginesTest<'_>,
    tag: &str,
    risk: &str,
    summary: Value,
) -> Result<AlertedCase, BoxError> {
    test.set_detective_scenario_for_all("high");
    let principal = test.principal(tag, 9.0);
    let result = rated(RiskLevel::Critical, Confidence::High);
    test.set_guardduty_scenario(&principal, FindingScenario { risk: risk.to_owned(), summary, ..result });
    test.send(std::slice::from_ref(&principal)).await?;
    test.wait_for_alerted_case(&principal).await
}

pub(crate) async fn a_summary_that_is_not_json_is_shown_as_text(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    let text = "## It is bad.\n\nThe key was used from two places.";
    let alerted = alerted_with_summary(&test, "a", "", json!(text)).await?;
    let summary = &alerted.guardduty_result().summary;
    assert_eq!(summary.threat_assessment, ["## It is bad.", "The key was used from two places."]);
    assert!(summary.key_observations.is_empty() && summary.countermeasures.is_empty());
    assert_eq!(alerted.guardduty_result().risk, None);
    assert!(alerted.text.body.contains("The key was used from two places."), "{}", alerted.text.body);
    assert_marked("the e-mail", &alerted.text.body);

    // Truncated JSON is shown as text.
    let alerted = alerted_with_summary(&test, "b", "", json!("{\"keyObservations\": [\"One call")).await?;
    assert_eq!(alerted.guardduty_result().summary.threat_assessment, ["{\"keyObservations\": [\"One call"]);
    // An empty summary.
    let alerted = alerted_with_summary(&test, "c", "", json!("")).await?;
    assert_eq!(alerted.guardduty_result().summary, GuardDutySummary::default());
    assert_eq!(alerted.guardduty_result().risk_level.to_string(), "Critical");
    Ok(())
}

pub(crate) async fn a_hostile_summary_is_harmless_in_every_channel_and_marked(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    let lines = || vec![hostile(); 12];
    let summary = json!({"threatAssessment": hostile(), "keyObservations": lines(), "countermeasures": lines(),
        "more": hostile()});
    for (tag, summary) in [("a", summary), ("b", json!(hostile()))] {
        let alerted = alerted_with_summary(&test, tag, &hostile(), summary).await?;
        let case_id = &alerted.case.case_id;
        assert!(alerted.text.body.contains(CANARY), "the e-mail does not show the summary:\n{}", alerted.text.body);
        assert_harmless("the e-mail", &alerted.text.body, &[]); // it is plain text
        assert_harmless("the e-mail's subject", alerted.text.subject.as_deref().unwrap(), &MARKUP);
        assert_marked("the e-mail", &alerted.text.body);
        for line in alerted.text.body.lines() {
            assert!(!line.starts_with("Subject:") && !line.starts_with('#'), "{line}");
        }

        let chat = texts_in(&alerted.chat).join("\n");
        assert_harmless("the chat's notification", &chat, &MARKUP);
        assert_marked("the chat's notification", &chat);
        assert_links_only_to_console(&chat);

        let slack = test.wait_for_deliveries(Channel::Slack, case_id, 1).await?.remove(0);
        let slack: Value = serde_json::from_str(&slack.body)?;
        let texts = slack_texts(&slack);
        for (_, text) in &texts {
            assert_links_only_to_console(text);
            assert_harmless("Slack's message", text, &MARKUP);
        }
        assert_marked("Slack's message", &texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n"));

        let pager = test.wait_for_deliveries(Channel::PagerDuty, case_id, 1).await?.remove(0);
        assert_harmless("PagerDuty's event", &texts_in(&serde_json::from_str(&pager.body)?).join("\n"), &["<"]);

        let page = test.cloud.evidence(&alerted.alert.report.as_ref().unwrap().key).await?.unwrap();
        for live in ["href=\"https://evil", "src=\"https://evil", "<script>alert", "<img src=x", "onerror=alert(1)>"] {
            assert!(!page.contains(live), "the report has {live} unescaped");
        }
        assert!(
            page.contains(CANARY) && !page.contains(is_hidden),
            "the report lacks the summary or has hidden characters"
        );
        assert_marked("the report", &page);
    }
    Ok(())
}
