//! The texts of a message, and how Slack would interpret them.

use serde_json::Value;

/// All texts of a message, each with whether Slack reads it as mrkdwn: the message's own (counted as mrkdwn even if the
/// message says that it is not, to be safe), then those of its blocks, block by block.
#[must_use]
pub fn slack_texts(message: &Value) -> Vec<(bool, String)> {
    let own = message["text"].as_str().map(|text| (true, text.to_owned()));
    own.into_iter().chain(of_blocks(message)).collect()
}

pub(super) fn of_blocks(message: &Value) -> Vec<(bool, String)> {
    let mut texts = Vec::new();
    collect(&message["blocks"], &mut texts);
    texts
}

fn collect(value: &Value, texts: &mut Vec<(bool, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(members) => match (value["type"].as_str(), value["text"].as_str()) {
            (Some(kind @ ("mrkdwn" | "plain_text")), Some(text)) => texts.push((kind == "mrkdwn", text.to_owned())),
            _ => members.values().for_each(|member| collect(member, texts)),
        },
        _ => {}
    }
}

/// The control sequences in a mrkdwn text that mention a person, a group or a channel or make a link, such as `<!here>`, `<@U1>`, `<#C1>`,
/// `<https://example.com>` and `<https://example.com|here>`, in order and with their brackets:
/// <https://docs.slack.dev/messaging/formatting-message-text>. Escaped text has none.
///
/// What Slack finds without brackets, such as bare URLs and `#channel`, is not searched: `verbatim` turns that off.
#[must_use]
pub fn slack_mentions(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let ends = text.match_indices('>').map(|(end, _)| end);
    let mut from = 0;
    for end in ends {
        if let Some(start) = text[from..end].rfind('<').map(|start| from + start)
            && is_control(&text[start + 1..end])
        {
            found.push(text[start..=end].to_owned());
        }
        from = end + 1;
    }
    found
}

fn is_control(inner: &str) -> bool {
    let lower = inner.to_ascii_lowercase();
    inner.starts_with(['!', '@', '#'])
        || inner.contains('|')
        || ["http", "mailto:", "tel:"].iter().any(|it| lower.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::{slack_mentions, slack_texts};
    use serde_json::json;

    #[test]
    fn slack_texts_returns_all_texts() {
        let plain = |text: &str| json!({"type": "plain_text", "text": text});
        let mrkdwn = |text: &str| json!({"type": "mrkdwn", "text": text});
        let message = json!({"text": "own", "blocks": [
            {"type": "header", "text": plain("header")},
            {"type": "section", "text": mrkdwn("section")},
            {"type": "section", "fields": [mrkdwn("field"), plain("other field")]},
            {"type": "divider"},
            {"type": "context", "elements": [mrkdwn("element")]},
            {"type": "actions", "elements": [{"type": "button", "text": plain("button"), "url": "https://example.com"}]},
        ]});
        let expected = [
            (true, "own"),
            (false, "header"),
            (true, "section"),
            (true, "field"),
            (false, "other field"),
            (true, "element"),
            (false, "button"),
        ];
        assert_eq!(slack_texts(&message), expected.map(|(mrkdwn, text)| (mrkdwn, text.to_owned())));
        assert!(slack_texts(&json!({"blocks": []})).is_empty());
    }

    #[test]
    fn slack_mentions_finds_mentions_and_links() {
        for control in [
            "<!here>",
            "<!subteam^S1>",
            "<!date^1392734382^{date}|then>",
            "<@U1>",
            "<@U1|name>",
            "<#C1>",
            "<http://a.example>",
            "<HTTPS://a.example>",
            "<mailto:a@a.example>",
            "<tel:1>",
            "<a.example|here>",
            "<!he\nre>",
        ] {
            assert_eq!(slack_mentions(control), [control]);
            assert_eq!(slack_mentions(&format!("a < b > c <{control} d>")), [control]);
        }
        assert_eq!(slack_mentions("<@U1> and <#C1><!here>"), ["<@U1>", "<#C1>", "<!here>"]);
    }

    #[test]
    fn slack_mentions_ignores_plain_text() {
        let texts =
            ["", "a", "&lt;!here&gt;", "@here", "<!here", "!here>", ">!here<", "<>", "<b>", "a < b | c", "🔎<🔎>"];
        for text in texts {
            assert!(slack_mentions(text).is_empty(), "{text}");
        }
    }
}
