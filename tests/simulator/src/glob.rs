//! Patterns in which `*` matches any characters, none included. Nothing else is special.

/// Whether `text` matches `pattern`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut pieces = rest.split('*');
    let Some(tail) = pieces.next_back() else { return true };
    for piece in pieces {
        // Taking each piece at its first place leaves the most text for those behind it.
        match text.find(piece) {
            Some(at) => text = &text[at + piece.len()..],
            None => return false,
        }
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "anything"),
            ("a*", "a"),
            ("*role/web*", "arn:aws:iam::111122223333:role/web-1"),
            ("a*b*c", "axbxbxc"),
            ("a**c", "ac"),
            ("*ab", "aab"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a", "ab"), ("a*a", "a"), ("a*b", "ac"), ("?", "a"), ("*b*b", "b")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn text_with_parts_replaced_by_stars_matches(a in "[ab*]{0,6}", b in "[ab]{0,6}", c in "[ab]{0,6}") {
            let pattern = format!("{a}*{c}");
            let text = format!("{a}{b}{c}");
            prop_assert!(matches(&pattern, &text));
        }
    }
}
