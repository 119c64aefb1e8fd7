//! Text from outside: on one line, shortened and defanged. The template escapes it afterwards.

use crate::text::format::join_limited;
use gumshoe_domain::text::{self, defang};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Text from outside: on one line, at most `limit` characters, defanged.
pub(super) fn safe(text: &str, limit: usize) -> String {
    characters(&defang(text, limit))
}

/// Text to copy, such as an ARN or a command: unchanged, unless it contains a link.
pub(super) fn whole(text: &str, limit: usize) -> String {
    characters(&text::defang_links_only(text, limit))
}

/// A finding's type.
pub(super) fn finding_type(text: &str) -> String {
    characters(&text::defang_finding_type(text, 120))
}

/// An address or the name of a host.
pub(super) fn address(text: &str) -> String {
    safe(text, 60)
}

/// A point in time, in UTC: the page says so once.
pub(super) fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// A range of time. An end on the same day has no date.
pub(super) fn span(start: Timestamp, end: Timestamp) -> String {
    let (from, to) = (time(start), time(end));
    match to.strip_prefix(from.get(..11).unwrap_or_default()) {
        _ if from == to => from,
        Some(clock) => format!("{from} to {clock}"),
        None => format!("{from} to {to}"),
    }
}

/// The first `most` texts, defanged, and the number of the others.
pub(super) fn few(texts: &BTreeSet<&str>, most: usize, limit: usize) -> String {
    join_limited(&texts.iter().map(|text| safe(text, limit)).collect::<Vec<_>>(), most)
}

/// The pieces of a text between which a line may break: finding types and ARNs after `/` and `:`, but no times.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let ends = text.as_bytes().windows(3).enumerate().filter_map(|(index, letters)| match letters {
        [_, b'/' | b':', b' ' | b'/' | b':' | b']'] => None,
        [before, b'/' | b':', after] => (!before.is_ascii_digit() || !after.is_ascii_digit()).then_some(index + 2),
        _ => None,
    });
    let mut start = 0;
    let ends = ends.chain([text.len()]);
    ends.filter_map(|end| text.get(std::mem::replace(&mut start, end)..end)).collect()
}

/// Bytes that a text takes at most in the page: `&#34;` and the like have five, and between pieces a line may break.
pub(super) fn rendered_len(text: &str) -> usize {
    let more = |byte| match byte {
        b'<' | b'>' | b'&' | b'"' | b'\'' => 4,
        b'/' | b':' => "<wbr />".len(),
        _ => 0,
    };
    text.len() + text.bytes().map(more).sum::<usize>()
}

/// Replaces two characters that XML does not allow.
fn characters(text: &str) -> String {
    text.replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_is_whole_unless_it_holds_a_link() {
        let arn = "arn:aws:iam::123456789012:role/service.example.com/web-role";
        assert_eq!(whole(arn, 600), arn);
        assert_eq!(
            whole("arn:aws:iam::1:role/https://evil.example/", 600),
            "arn:aws:iam::1:role/hxxps[:]//evil[.]example/"
        );
    }

    #[test]
    fn lines_break_within_types_and_arns_but_not_within_times() {
        assert_eq!(pieces("Recon:IAMUser/Agent"), ["Recon:", "IAMUser/", "Agent"]);
        assert_eq!(pieces("arn:aws:iam::1:role/é"), ["arn:", "aws:", "iam::", "1:", "role/", "é"]);
        for whole in ["2026-01-15 12:30", "Tactic / Technique: call", "2001[:]db8", "/", ""] {
            assert_eq!(pieces(whole), [whole]);
        }
    }

    #[test]
    fn a_span_names_its_day_once() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let start = at("2026-01-15T12:30:00Z");
        assert_eq!(span(start, at("2026-01-15T12:30:59Z")), "2026-01-15 12:30");
        assert_eq!(span(start, at("2026-01-15T14:00:00Z")), "2026-01-15 12:30 to 14:00");
        assert_eq!(span(start, at("2026-01-16T12:30:00Z")), "2026-01-15 12:30 to 2026-01-16 12:30");
    }

    #[test]
    fn characters_that_xml_forbids_are_replaced() {
        assert_eq!(safe("a\u{FFFE}b\u{0}c\u{FFFF}", 80), "a\u{FFFD}b c\u{FFFD}");
    }
}
