//! Shortening, stripping and defanging of text that attackers can write.
//!
//! Titles, user agents, session names, tags and locations are untrusted. The functions here are for all channels; each channel's
//! renderer adds its own escaping.

/// At most `limit` characters of `text`. If text was cut, the last character is an ellipsis.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> String {
    // A text has at most as many characters as bytes.
    if text.len() <= limit || text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    limit.checked_sub(1).map_or(String::new(), |kept| text.chars().take(kept).chain(['…']).collect())
}

/// One line of at most `limit` characters. Control characters, line separators and bidirectional or invisible formatting
/// characters are replaced by single spaces.
#[must_use]
pub fn one_line(text: &str, limit: usize) -> String {
    if is_one_line(text) {
        return shorten(text, limit);
    }
    let (mut line, mut gap) = (String::new(), false);
    // Bounds the time for long texts.
    for letter in text.chars().take(limit.saturating_mul(4).saturating_add(64)) {
        if letter.is_whitespace() || is_unsafe(letter) {
            gap = !line.is_empty();
        } else {
            if std::mem::take(&mut gap) {
                line.push(' ');
            }
            line.push(letter);
        }
    }
    shorten(&line, limit)
}

/// Whether it is a line of printable ASCII with single spaces, as nearly all texts are.
fn is_one_line(text: &str) -> bool {
    let mut before = b' ';
    let plain = text.bytes().all(|byte| {
        let fits = (byte == b' ' && before != b' ') || byte.is_ascii_graphic();
        before = byte;
        fits
    });
    plain && before != b' '
}

/// [`one_line`], with links and addresses made unclickable: `hxxps[:]//`, `198[.]51[.]100[.]23`, `evil[.]example`.
#[must_use]
pub fn defang(text: &str, limit: usize) -> String {
    let line = one_line(text, limit);
    let mut safe = String::with_capacity(line.len() + 16);
    for word in line.split(' ') {
        if !safe.is_empty() {
            safe.push(' ');
        }
        defang_word(word, &mut safe);
    }
    shorten(&safe, limit)
}

/// For text that people copy, such as an ARN: [`one_line`], or [`defang`] if it contains a link.
#[must_use]
pub fn defang_links_only(text: &str, limit: usize) -> String {
    if text.contains("://") || text.contains("www.") { defang(text, limit) } else { one_line(text, limit) }
}

/// For a finding's type: shortened if it contains only characters of GuardDuty's types, otherwise [`defang`].
#[must_use]
pub fn defang_finding_type(text: &str, limit: usize) -> String {
    let ordinary = |byte: u8| byte.is_ascii_alphanumeric() || b":/.!_-".contains(&byte);
    if text.bytes().all(ordinary) && !text.contains("//") && !text.contains("www.") {
        shorten(text, limit)
    } else {
        defang(text, limit)
    }
}

/// Brackets dots before a letter (host names), all dots of a word that has three or more (addresses), and colons in IPv6 addresses
/// and links, so that numbers and ARNs stay readable.
fn defang_word(word: &str, safe: &mut String) {
    if !word.bytes().any(|byte| matches!(byte, b'.' | b'@' | b':' | b'h' | b'H')) {
        safe.push_str(word);
        return;
    }
    let count = |wanted| word.bytes().filter(|byte| *byte == wanted).count();
    let many_dots = count(b'.') >= 3;
    let ipv6 = count(b':') >= 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.()[],;".contains(&byte));
    let (mut before, mut letters) = (None::<char>, word.chars());
    while let Some(letter) = letters.next() {
        let after = letters.clone().next();
        let joined = before.is_some_and(char::is_alphanumeric);
        before = Some(letter);
        match letter {
            '.' if joined && after.is_some_and(|next| next.is_alphabetic() || (many_dots && next.is_numeric())) => {
                safe.push_str("[.]");
            }
            '@' if safe.ends_with('[') && after == Some(']') => safe.push('@'),
            '@' => safe.push_str("[@]"),
            ':' if after == Some('/') || (ipv6 && joined) => safe.push_str("[:]"),
            'h' | 'H' if letters.as_str().starts_with(if letter == 'h' { "ttp" } else { "TTP" }) => {
                safe.push_str(if letter == 'h' { "hxxp" } else { "hXXP" });
                before = letters.nth(2);
            }
            _ => safe.push(letter),
        }
    }
}

/// Whether a character can break a line, is invisible, or changes the direction of the text around it.
fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{200B}'..='\u{200F}'   // zero width, direction marks
            | '\u{2028}'..='\u{202E}'   // separators, embeddings, overrides
            | '\u{2060}'..='\u{206F}'   // isolates, invisible operators
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}' // tags
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_breaks_escapes_and_direction_marks_are_removed() {
        assert_eq!(one_line("a\r\nSubject: b\u{1b}[31m\u{202e}gnp.exe", 80), "a Subject: b [31m gnp.exe");
    }

    #[test]
    fn links_and_addresses_cannot_be_clicked() {
        assert_eq!(defang("https://evil.example/a", 80), "hxxps[:]//evil[.]example/a");
        assert_eq!(defang("from 198.51.100.23.", 80), "from 198[.]51[.]100[.]23.");
        assert_eq!(defang("mail bob@evil.example", 80), "mail bob[@]evil[.]example");
        assert_eq!(defang("severity 8.0, Boto3/1.35.2", 80), "severity 8.0, Boto3/1.35.2");
        let arn = "arn:aws:iam::123456789012:role/a";
        assert_eq!(defang(arn, 80), arn);
        assert_eq!(defang("(2001:db8::1), new", 80), "(2001[:]db8[:]:1), new");
        assert_eq!(defang("2001:db8::1", 80), "2001[:]db8[:]:1");
        assert_eq!(defang("HTTP://a.b/?hhttp:http.a, é@[@]", 80), "hXXP[:]//a[.]b/?hhxxp:hxxp[.]a, é[@][@]");
        assert_eq!(
            defang_finding_type("UnauthorizedAccess:EC2/RDPBruteForce.Custom!DNS", 80),
            "UnauthorizedAccess:EC2/RDPBruteForce.Custom!DNS"
        );
        assert_eq!(defang_finding_type("see https://evil.example", 80), "see hxxps[:]//evil[.]example");
    }

    #[test]
    fn a_long_text_is_cut_to_the_limit() {
        assert_eq!(one_line(&"A".repeat(10_240), 40).chars().count(), 40);
    }

    proptest! {
        #[test]
        fn a_line_contains_the_words_of_the_text(text in "[ -~\u{85}\u{a0}\u{2028}é\n]{0,40}", limit in 0_usize..50) {
            let visible: String = text.chars().map(|letter| if is_unsafe(letter) { ' ' } else { letter }).collect();
            let words: Vec<&str> = visible.split_whitespace().collect();
            prop_assert_eq!(one_line(&text, limit), shorten(&words.join(" "), limit));
        }

        #[test]
        fn never_longer_than_the_limit_and_never_unsafe(text in any::<String>(), limit in 0_usize..200) {
            for safe in [one_line(&text, limit), defang(&text, limit)] {
                prop_assert!(safe.chars().count() <= limit);
                prop_assert!(!safe.chars().any(is_unsafe));
            }
        }

        #[test]
        fn defang_is_idempotent(text in "[a-zA-Z0-9 .:/@\\[\\]-]{0,60}") {
            let once = defang(&text, 400);
            prop_assert_eq!(defang(&once, 400), once);
        }
    }
}
