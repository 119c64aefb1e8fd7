//! A notice that the behavior graph got worse, in every channel. All of its words are our own or Detective's, so that paths in a
//! document stay as they are; the reason why a document is wrong quotes it, and so is escaped, and links in it are broken.

use crate::channels::slack::{header, section};
use crate::escape::entities;
use crate::text::words::minute;
use gumshoe_domain::graph::Notice;
use gumshoe_domain::graph::notice::NEXT;
use gumshoe_domain::text::{one_line, whole};
use serde_json::{Value, json};

/// How many things an e-mail lists, and how many any other channel.
const IN_EMAIL: usize = 50;
const SHOWN: usize = 8;
/// Longest line about one thing.
const LINE: usize = 300;

/// The subject of the e-mail: ASCII, fewer than 100 characters.
#[must_use]
pub fn subject(notice: &Notice) -> String {
    let told = &notice.graph_health;
    let line = format!("[Gumshoe] Behavior graph of {} in {} got worse", told.account_id, told.region);
    one_line(&line, 99).chars().filter(char::is_ascii).collect()
}

/// The e-mail.
#[must_use]
pub fn email(notice: &Notice) -> String {
    let told = &notice.graph_health;
    let lines: Vec<String> = notice.lines(IN_EMAIL).iter().map(|line| format!("  {}", whole(line, LINE))).collect();
    let graph = told.graph_arn.as_deref().map_or_else(|| "none".to_owned(), |arn| one_line(arn, 200));
    let repeated = if told.repeated { "\nSome of this may have been told before.\n" } else { "" };
    format!(
        "{}\n\nWHAT IS WORSE\n{}\n{repeated}\nSTANDING\n  {}\n\nWHAT TO DO\n  {NEXT}\n\nGraph {graph}\nLooked at {}, notice {}\n",
        notice.headline(),
        lines.join("\n"),
        notice.standing(),
        minute(told.at),
        told.revision,
    )
}

/// What machines receive.
///
/// # Errors
///
/// The notice cannot be written as JSON.
pub fn machine(notice: &Notice) -> Result<String, serde_json::Error> {
    serde_json::to_string(notice)
}

/// A custom notification of Amazon Q Developer in chat applications.
#[must_use]
pub fn chat(notice: &Notice) -> String {
    let told = &notice.graph_health;
    let lines: Vec<String> =
        notice.lines(SHOWN).iter().map(|line| format!("• {}", entities(&whole(line, LINE)))).collect();
    json!({
        "version": "1.0",
        "source": "custom",
        "id": format!("graph-{}", told.revision),
        "content": {
            "textType": "client-markdown",
            "title": format!(":warning: {}", entities(&notice.headline())),
            "description": format!("{}\n{}", lines.join("\n"), entities(&notice.standing())),
            "nextSteps": [entities(NEXT)],
            "keywords": ["Gumshoe", "behavior graph"],
        },
        "metadata": {
            "threadId": format!("graph-{}-{}", one_line(&told.account_id, 12), one_line(&told.region, 25)),
            "summary": entities(&notice.headline()),
            "eventType": "GumshoeGraphHealth",
        },
    })
    .to_string()
}

pub(crate) fn slack(notice: &Notice) -> Value {
    let lines: Vec<String> =
        notice.lines(SHOWN).iter().map(|line| format!("• {}", entities(&whole(line, LINE)))).collect();
    let text = entities(&notice.headline());
    json!({"text": text, "blocks": [
        header(&notice.headline()),
        section(&lines.join("\n"), 2_800),
        section(&entities(&notice.standing()), 600),
        section(&entities(NEXT), 900),
    ]})
}

pub(crate) fn pagerduty(notice: &Notice) -> Value {
    let told = &notice.graph_health;
    let lines: Vec<String> = notice.lines(SHOWN).iter().map(|line| entities(&whole(line, LINE))).collect();
    json!({
        "event_action": "trigger",
        "payload": {
            "summary": entities(&notice.headline()),
            "source": one_line(told.graph_arn.as_deref().unwrap_or(&told.account_id), 700),
            "severity": "warning",
            "timestamp": told.at.to_string(),
            "component": "gumshoe",
            "custom_details": {
                "worse": lines, "standing": notice.standing(), "next": NEXT, "notice": told.revision,
                "repeated": told.repeated,
            },
        },
        "client": "Gumshoe",
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Notification;
    use gumshoe_domain::coverage::DisabledReason;
    use gumshoe_domain::graph::notice::Place;
    use gumshoe_domain::graph::{Ailment, Health};
    use jiff::Timestamp;
    use std::collections::BTreeSet;

    fn at() -> Timestamp {
        "2026-01-15T12:50:00Z".parse().unwrap()
    }

    fn of(worse: BTreeSet<Ailment>) -> Notice {
        let since = worse.iter().take(1).map(|it| (it.clone(), at())).collect();
        let health = Health { ailments: worse.clone(), since, members: 120, members_enabled: 117, ..Health::default() };
        let place = Place {
            account_id: "111122223333".to_owned(),
            region: "us-east-1".to_owned(),
            graph_arn: Some(
                "arn:aws:detective:us-east-1:111122223333:graph:0123456789abcdef0123456789abcdef".to_owned(),
            ),
        };
        Notice::new(place, &health, &worse, (3, false), at())
    }

    pub(crate) fn notice() -> Notice {
        let id = |last: u32| format!("44445555666{last}");
        of(BTreeSet::from([
            Ailment::MemberDisabled { account_id: id(1), reason: Some(DisabledReason::VolumeUnknown) },
            Ailment::AccountOutside { account_id: id(2) },
            Ailment::AccountOutside { account_id: id(3) },
            Ailment::NearLimit { percent: 90 },
        ]))
    }

    #[test]
    fn every_channel_says_what_is_worse_and_what_to_do() {
        insta::assert_snapshot!("graph_email", format!("{}\n\n{}", subject(&notice()), email(&notice())));
        assert_json!("graph_chat", serde_json::from_str::<Value>(&chat(&notice())).unwrap());
        let notification = Notification::Graph(Box::new(notice()));
        assert_json!("graph_slack", crate::channels::slack::message(&notification));
        assert_json!("graph_pagerduty", crate::channels::pagerduty::event(&notification, "key"));
    }

    #[test]
    fn the_longest_keep_the_limits_and_hostile_words_do_nothing() {
        let many = (0..3_600).map(|it| Ailment::AccountOutside { account_id: format!("{it:012}") });
        let hostile = Ailment::DocumentWrong { why: "<!channel> https://evil.example ".repeat(40) };
        let notice = of(many.chain([hostile]).collect());
        assert!(subject(&notice).len() < 100);
        assert!(email(&notice).len() < 24 * 1024);
        assert!(machine(&notice).unwrap().len() < 36 * 1024);
        assert!(chat(&notice).len() < crate::channels::chat::LIMIT);
        assert!(notice.lines(2).last().unwrap().ends_with("3599 more"));
        let notification = Notification::Graph(Box::new(notice.clone()));
        for text in [chat(&notice), crate::channels::slack::message(&notification).to_string()] {
            assert!(!text.contains("<!channel>"), "{text}");
            assert!(!text.contains("https://evil"), "{text}");
        }
        assert!(!email(&notice).contains("https://evil"), "nothing to click");
    }
}
