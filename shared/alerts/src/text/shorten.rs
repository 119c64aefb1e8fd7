//! Shortening for people: a name keeps its beginning and its end, a sentence ends after a whole word.

use gumshoe_domain::text::{defang, one_line};

/// As good as no limit on a text. Not `usize::MAX`, because it is multiplied.
pub(crate) const UNLIMITED: usize = usize::MAX / 8;
/// Longest name that is read, which bounds the time: its end is shown, so it is longer than any name in AWS.
const NAME_MAX_CHARS: usize = 2_048;

/// At most `limit` characters of a name, defanged. A longer name loses its middle, because role names, ids and finding types often
/// differ only at their ends.
pub(crate) fn shorten_middle(name: &str, limit: usize) -> String {
    shorten_middle_with(name, limit, |name| defang(name, UNLIMITED))
}

/// [`shorten_middle`] with another function that defangs. A cut must not go through a `[.]`, so the name is shortened first, and
/// further until the defanged name fits.
pub(crate) fn shorten_middle_with(name: &str, limit: usize, defang: impl Fn(&str) -> String) -> String {
    let letters: Vec<char> = one_line(name, NAME_MAX_CHARS).chars().collect();
    let whole = defang(&letters.iter().collect::<String>());
    if whole.chars().count() <= limit {
        return whole;
    }
    let shortened = |kept: usize| {
        let (start, end) = (kept.div_ceil(2), kept / 2);
        let (start, end) = (letters.iter().take(start), letters.iter().skip(letters.len().saturating_sub(end)));
        defang(&start.chain(['…'].iter()).chain(end).collect::<String>())
    };
    let fits = |text: &String| text.chars().count() <= limit;
    (0..letters.len().min(limit)).rev().map(shortened).find(fits).unwrap_or_default()
}

/// At most `limit` characters of a text that is defanged. A longer one ends after a whole word, with an ellipsis.
pub(crate) fn shorten_at_word(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let Some(kept) = limit.checked_sub(1) else { return String::new() };
    let end = text.char_indices().nth(kept).map_or(text.len(), |(end, _)| end);
    let cut = text.get(..end).unwrap_or_default();
    let is_word_end = text.get(end..).is_some_and(|rest| rest.starts_with(' '));
    // A single word that is too long is cut inside.
    let whole_words = if is_word_end { cut } else { cut.rsplit_once(' ').map_or(cut, |(words, _)| words) };
    format!("{}…", whole_words.trim_end_matches([' ', ':', ';', ',', '.', '(']))
}

/// The longest of the texts for the limits from `room` down that has at most `room` characters. For text that gets longer when it is
/// escaped: `text` returns the text for a limit, escaped.
pub(crate) fn longest_fitting(room: usize, text: impl Fn(usize) -> String) -> String {
    (0..=room).rev().map(text).find(|text| text.chars().count() <= room).unwrap_or_default()
}

/// The text with a capital first letter.
pub(crate) fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// The sentences on one line, each ended by a full stop unless it ends in a mark of its own.
pub(crate) fn join_sentences<'a>(sentences: impl IntoIterator<Item = &'a str>) -> String {
    let ended = |sentence: &str| match sentence.chars().last() {
        Some('.' | '…' | '!' | '?') => sentence.to_owned(),
        _ => format!("{sentence}."),
    };
    let sentences = sentences.into_iter().filter(|sentence| !sentence.is_empty());
    sentences.map(ended).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_name_keeps_its_beginning_and_its_end() {
        let role = "AWSReservedSSO_AdministratorAccess_0123456789abcdef";
        assert_eq!(shorten_middle(role, 25), "AWSReservedS…456789abcdef");
        assert_eq!(shorten_middle(role, 51), role);
        assert_eq!(shorten_middle("a.example@b.example", 23), "a[.]example…b[.]example");
        assert_eq!(shorten_middle("a.example@b.example", 12), "a[.]exa…mple");
        assert_eq!(shorten_middle("name", 0), "");
        let long = format!("start{}end", "-".repeat(592));
        assert_eq!(shorten_middle(&long, 13), "start-…---end");
    }

    #[test]
    fn sentence_ends_after_a_whole_word() {
        let sentence = "Calls from addresses on a threat list: 203[.]0[.]113[.]9";
        assert_eq!(shorten_at_word(sentence, 45), "Calls from addresses on a threat list…");
        assert_eq!(shorten_at_word(sentence, 37), "Calls from addresses on a threat…");
        assert_eq!(shorten_at_word(sentence, 100), sentence);
        assert_eq!(shorten_at_word("abcdef", 3), "ab…");
    }

    #[test]
    fn sentences_are_joined_with_full_stops() {
        assert_eq!(join_sentences(["A", "", "B.", "C…", "D"]), "A. B. C… D.");
        assert_eq!(capitalize("éa"), "Éa");
    }

    proptest! {
        #[test]
        fn limits_hold_and_nothing_can_be_clicked(text in any::<String>(), host in "[a-z.@:/]{0,80}", limit in 0_usize..120) {
            for text in [text, host] {
                let name = shorten_middle(&text, limit);
                prop_assert!(name.chars().count() <= limit, "{name}");
                prop_assert!(!name.contains("://") && defang(&name, 1_000) == name, "{name}");
                let sentence = shorten_at_word(&defang(&text, 1_000), limit);
                prop_assert!(sentence.chars().count() <= limit, "{sentence}");
            }
        }

        #[test]
        fn long_ascii_names_keep_both_ends(name in "[A-Za-z0-9+=,_-]{20,128}", limit in 12_usize..60) {
            let shown = shorten_middle(&name, limit);
            let (start, end) = shown.split_once('…').unwrap_or((&shown, &shown));
            prop_assert!(name.starts_with(start) && name.ends_with(end) && end.len() >= 5, "{shown}");
        }
    }
}
