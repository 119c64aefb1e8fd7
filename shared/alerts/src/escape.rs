//! Escaping of text from outside for the channels, after it is on one line, shortened and defanged.

use gumshoe_domain::text::{defang, shorten};

/// For Slack's mrkdwn, and for the markdown of Amazon Q Developer in chat applications, which forwards mentions: `&`, `<`
/// and `>` as entities, so that nothing can mention a channel or hide a link; and without what sets code, bold or strike.
///
/// Source: Slack, "Formatting text for app surfaces", escaping.
pub(crate) fn mrkdwn(text: &str, limit: usize) -> String {
    entities(&defang(text, limit))
}

/// [`mrkdwn`] for text that is already on one line and defanged.
pub(crate) fn entities(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '`' => escaped.push('\''),
            '*' => escaped.push('∗'),
            '~' => escaped.push('∼'),
            _ => escaped.push(letter),
        }
    }
    escaped.replace("](", "] (") // no link of Markdown's
}

/// For fields of plain text, which no channel should interpret as markup: `‹` and `›` instead of `<` and `>`, in case one does.
pub(crate) fn plain_text(text: &str, limit: usize) -> String {
    plain_brackets(&defang(text, limit))
}

/// [`plain_text`] for text that is already on one line, defanged and shortened.
pub(crate) fn plain_brackets(text: &str) -> String {
    text.replace('<', "‹").replace('>', "›")
}

/// At most `limit` characters of escaped text. An entity is never cut.
pub(crate) fn truncate_escaped(text: &str, limit: usize) -> String {
    let cut = shorten(text, limit);
    if cut.chars().count() == text.chars().count() {
        return cut;
    }
    match (cut.rfind('&'), cut.rfind(';')) {
        (Some(start), end) if end.is_none_or(|end| end < start) && cut.len() - start < 8 => {
            format!("{}…", cut.get(..start).unwrap_or_default())
        }
        _ => cut,
    }
}

/// A code span with text to copy. Characters that would end the span are replaced.
pub(crate) fn code_span(text: &str, limit: usize) -> String {
    let line = gumshoe_domain::text::one_line(text, limit).replace('`', "'");
    format!("`{}`", line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn untrusted_text_cannot_mention_link_or_format() {
        let untrusted = "<!channel> <https://evil.example|click> [x](//evil.example) *b* `c` & @here";
        assert_eq!(
            mrkdwn(untrusted, 200),
            "&lt;!channel&gt; &lt;hxxps[:]//evil[.]example|click&gt; [x] (//evil[.]example) ∗b∗ 'c' &amp; [@]here"
        );
        assert_eq!(plain_text("<!channel>", 20), "‹!channel›");
    }

    #[test]
    fn entity_is_never_cut() {
        assert_eq!(truncate_escaped("ab &amp; cd", 6), "ab …");
        assert_eq!(truncate_escaped("ab &amp; cd", 20), "ab &amp; cd");
        assert_eq!(truncate_escaped("ab &amp; cd", 10), "ab &amp; …");
    }

    proptest! {
        #[test]
        fn escaped_text_has_no_markup_characters(text in any::<String>(), limit in 1_usize..300) {
            let safe = mrkdwn(&text, limit);
            prop_assert!(!safe.contains(['<', '>', '`', '\n', '*']));
            prop_assert!(truncate_escaped(&safe, limit).chars().count() <= limit);
        }
    }
}
