//! What an AI has written, of what attackers may have written: nothing of it is alive in any channel.

use crate::results::says;
use crate::scene::{Outcome, Scene};
use crate::secrets::CANARY;
use crate::setup::{AlertedCase, BoxError, EnginesTest};
use gumshoe_alerts::message::GuardDutySummary;
use receivers::{Channel, slack_mentions, slack_texts};
use serde_json::{Value, json};
use simulator::{Confidence, FindingScenario, RiskLevel};

/// A text with whatever a channel might bring to life.
pub(crate) fn hostile() -> String {
    format!(
        "{CANARY} <!channel> <!here> <@U0123ABCD> @everyone <https://evil.example.com/a|click> [click](https://evil.example.com/b) \
         ![](https://evil.example.com/c.png) <a href=\"https://evil.example.com/d\">e</a> <img src=x onerror=alert(1)> \
         <script>alert(2)</script> http://198.51.100.66/f bob@evil.example.com www.evil.example.com *bold* _it_ ~no~ `code` \
         \u{202e}gnp.exe\u{202c} \u{200b}\u{1b}[31mred \r\nSubject: other\n\n# heading\n| a | b |"
    )
}

/// What of it people could click, or their programs would load, as it was written.
const CLICKABLE: [&str; 6] = ["https://evil", "http://198", "evil.example.com", "198.51.100.66", "bob@evil", "](http"];

/// What of it mentions people or is a page's, where a text is more than plain.
const MARKUP: [&str; 8] = ["<!channel>", "<!here>", "<@U0123ABCD>", "@everyone", "](", "<script", "<img", "<a href"];

/// What breaks lines, hides, or turns text round.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{1b}' | '\r')
}

fn is_harmless(what: &str, text: &str, alive: &[&str]) {
    for alive in alive.iter().chain(&CLICKABLE) {
        assert!(!text.contains(alive), "{alive} is alive in {what}:\n{text}");
    }
    assert!(!text.contains(is_hidden), "there are hidden characters in {what}: {text:?}");
}

/// That a text is marked as written by an AI, and not only by the name of what wrote it.
fn is_marked(what: &str, text: &str) {
    assert!(text.contains("written by AI"), "{what} is not marked:\n{text}");
}

/// That no control sequence of Slack's is in a text, which chat applications pass on, but our own links.
fn links_to_the_console_only(text: &str) {
    let own = slack_mentions(text);
    assert!(own.iter().all(|it| it.starts_with("<https://console.aws.amazon.com/")), "{own:?}");
}

/// Every text in JSON.
fn texts_in(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts_in).collect(),
        Value::Object(members) => members.values().flat_map(texts_in).collect(),
        _ => Vec::new(),
    }
}

/// A case of which GuardDuty's AI has that to say.
async fn with_summary(stage: &EnginesTest<'_>, tag: &str, risk: &str, summary: Value) -> Result<AlertedCase, BoxError> {
    stage.set_detective_scenario_for_all("high");
    let principal = stage.principal(tag, 9.0);
    let said = says(RiskLevel::Critical, Confidence::High);
    stage.set_guardduty_scenario(&principal, FindingScenario { risk: risk.to_owned(), summary, ..said });
    stage.send(std::slice::from_ref(&principal)).await?;
    stage.wait_for_alerted_case(&principal).await
}

pub(crate) async fn a_summary_that_is_not_json_is_shown_as_text(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    let text = "## It is bad.\n\nThe key was used from two places.";
    let told = with_summary(&stage, "a", "", json!(text)).await?;
    let summary = &told.guardduty_result().summary;
    assert_eq!(summary.threat_assessment, ["## It is bad.", "The key was used from two places."]);
    assert!(summary.key_observations.is_empty() && summary.countermeasures.is_empty());
    assert_eq!(told.guardduty_result().risk, None);
    assert!(told.text.body.contains("The key was used from two places."), "{}", told.text.body);
    is_marked("the e-mail", &told.text.body);

    // Cut off in the middle: it is shown as far as it goes.
    let told = with_summary(&stage, "b", "", json!("{\"keyObservations\": [\"One call")).await?;
    assert_eq!(told.guardduty_result().summary.threat_assessment, ["{\"keyObservations\": [\"One call"]);
    // Nothing at all.
    let told = with_summary(&stage, "c", "", json!("")).await?;
    assert_eq!(told.guardduty_result().summary, GuardDutySummary::default());
    assert_eq!(told.guardduty_result().risk_level.to_string(), "Critical");
    Ok(())
}

pub(crate) async fn a_hostile_summary_is_harmless_in_every_channel_and_marked(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    let lines = || vec![hostile(); 12];
    let summary = json!({"threatAssessment": hostile(), "keyObservations": lines(), "countermeasures": lines(),
        "more": hostile()});
    for (tag, summary) in [("a", summary), ("b", json!(hostile()))] {
        let told = with_summary(&stage, tag, &hostile(), summary).await?;
        let case_id = &told.case.case_id;
        assert!(told.text.body.contains(CANARY), "it is shown, harmless:\n{}", told.text.body);
        is_harmless("the e-mail", &told.text.body, &[]); // it is plain text
        is_harmless("the e-mail's subject", told.text.subject.as_deref().unwrap(), &MARKUP);
        is_marked("the e-mail", &told.text.body);
        for line in told.text.body.lines() {
            assert!(!line.starts_with("Subject:") && !line.starts_with('#'), "{line}");
        }

        let chat = texts_in(&told.chat).join("\n");
        is_harmless("the chat's notification", &chat, &MARKUP);
        is_marked("the chat's notification", &chat);
        links_to_the_console_only(&chat);

        let slack = stage.wait_for_deliveries(Channel::Slack, case_id, 1).await?.remove(0);
        let slack: Value = serde_json::from_str(&slack.body)?;
        let texts = slack_texts(&slack);
        for (_, text) in &texts {
            links_to_the_console_only(text);
            is_harmless("Slack's message", text, &MARKUP);
        }
        is_marked("Slack's message", &texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n"));

        let pager = stage.wait_for_deliveries(Channel::PagerDuty, case_id, 1).await?.remove(0);
        is_harmless("PagerDuty's event", &texts_in(&serde_json::from_str(&pager.body)?).join("\n"), &["<"]);

        let page = stage.cloud.evidence(&told.alert.report.as_ref().unwrap().key).await?.unwrap();
        for live in ["href=\"https://evil", "src=\"https://evil", "<script>alert", "<img src=x", "onerror=alert(1)>"] {
            assert!(!page.contains(live), "{live} is alive in the report");
        }
        assert!(page.contains(CANARY) && !page.contains(is_hidden), "the report shows it, without what hides");
        is_marked("the report", &page);
    }
    Ok(())
}
