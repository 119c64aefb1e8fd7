//! Making text from outside safe, each channel in its way. All of it is on one line, shortened and defanged first.

use gumshoe_domain::text::{defang, shorten};

/// For Slack's mrkdwn, and for the markdown of Amazon Q Developer in chat applications, which passes mentions on: `&`, `<`
/// and `>` as entities, so that nothing can mention a channel or hide a link; and without what sets code, bold or strike.
///
/// Source: Slack, "Formatting text for app surfaces", escaping.
pub(crate) fn mrkdwn(text: &str, limit: usize) -> String {
    entities(&defang(text, limit))
}

/// The same for text that is on one line and defanged already.
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

/// For fields of plain text, which no channel reads as markup: look-alikes instead of `<` and `>`, should one do so all
/// the same.
pub(crate) fn plain(text: &str, limit: usize) -> String {
    defang(text, limit).replace('<', "‹").replace('>', "›")
}

/// At most `limit` characters of text that is escaped already: an entity is not cut in two.
pub(crate) fn cut_escaped(text: &str, limit: usize) -> String {
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

/// A code span for what is to be copied, without what would end it.
pub(crate) fn code(text: &str, limit: usize) -> String {
    let line = gumshoe_domain::text::one_line(text, limit).replace('`', "'");
    format!("`{}`", line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_mentions_links_or_formats() {
        let evil = "<!channel> <https://evil.example|click> [x](//evil.example) *b* `c` & @here";
        assert_eq!(
            mrkdwn(evil, 200),
            "&lt;!channel&gt; &lt;hxxps[:]//evil[.]example|click&gt; [x] (//evil[.]example) ∗b∗ 'c' &amp; [@]here"
        );
        assert_eq!(plain("<!channel>", 20), "‹!channel›");
    }

    #[test]
    fn an_entity_is_not_cut_in_two() {
        assert_eq!(cut_escaped("ab &amp; cd", 6), "ab …");
        assert_eq!(cut_escaped("ab &amp; cd", 20), "ab &amp; cd");
        assert_eq!(cut_escaped("ab &amp; cd", 10), "ab &amp; …");
    }

    proptest! {
        #[test]
        fn no_angle_bracket_and_no_code_is_ever_left(text in any::<String>(), limit in 1_usize..300) {
            let safe = mrkdwn(&text, limit);
            prop_assert!(!safe.contains(['<', '>', '`', '\n', '*']));
            prop_assert!(cut_escaped(&safe, limit).chars().count() <= limit);
        }
    }
}
