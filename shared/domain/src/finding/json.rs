//! Text that should be JSON.

use super::FindingError;
use super::multiple_documents::count_documents;
use serde_json::Value;

/// What a character that is none becomes: U+FFFD, as an escape of the same length.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// Reads a document.
///
/// JSON's grammar (RFC 8259, 8.2) lets half of a surrogate pair stand alone (`\ud800`), which is no character; readers differ in
/// what they make of it, and serde_json refuses the whole document. Attackers write names and user agents: one such escape
/// must not keep a finding from being worked. It becomes U+FFFD.
///
/// # Errors
///
/// [`FindingError::NotJson`] with the place; [`FindingError::NotOneFinding`] where the text holds several documents.
pub fn read_json(text: &str) -> Result<Value, FindingError> {
    let error = match serde_json::from_str(text) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    let repaired = replace_lone_surrogates(text);
    let error = match repaired.as_deref().map(serde_json::from_str) {
        Some(Ok(document)) => return Ok(document),
        Some(Err(error)) => error,
        None => error,
    };
    Err(match count_documents(repaired.as_deref().unwrap_or(text)) {
        Some(found) => FindingError::NotOneFinding { found },
        None => FindingError::NotJson(error),
    })
}

/// The text without surrogates that stand alone; nothing where there are none.
pub(super) fn replace_lone_surrogates(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut repaired = false;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += found;
        let pair = matches!(surrogate(&bytes, at), Some(0xd800..=0xdbff))
            && matches!(surrogate(&bytes, at + REPLACEMENT.len()), Some(0xdc00..=0xdfff));
        at += match surrogate(&bytes, at) {
            Some(_) if pair => 2 * REPLACEMENT.len(),
            Some(_) => {
                if let Some(alone) = bytes.get_mut(at..at + REPLACEMENT.len()) {
                    alone.copy_from_slice(REPLACEMENT);
                    repaired = true;
                }
                REPLACEMENT.len()
            }
            None => 2, // another escape, of a backslash perhaps
        };
    }
    if repaired { String::from_utf8(bytes).ok() } else { None }
}

/// The surrogate that is escaped there, if one is.
fn surrogate(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + REPLACEMENT.len())?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|it| it.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..=0xdfff).contains(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        read_json(text).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn half_a_surrogate_pair_becomes_a_replacement_and_nothing_else_changes() {
        assert_eq!(read(r#""a\ud800b""#), "a\u{fffd}b");
        assert_eq!(read(r#""a\uDFFFb""#), "a\u{fffd}b");
        assert_eq!(read(r#""\ud83d\ud83d\ude00""#), "\u{fffd}😀");
        assert_eq!(read(r#""\ude00\ud83d""#), "\u{fffd}\u{fffd}");
        assert_eq!(read(r#""\\ud800 \ud800 é""#), "\\ud800 \u{fffd} é", "a backslash is a backslash");
        assert_eq!(read(r#""\ud83d\ude00 \u00e9""#), "😀 é");
    }

    #[test]
    fn several_documents_are_counted() {
        for (text, count) in [("{}{}", 2), ("{}\n[]\n7", 3), (r#"{"a": "\ud800"} {}"#, 2)] {
            let error = read_json(text).unwrap_err().to_string();
            assert!(error.ends_with(&format!("found {count} JSON documents, one after the other")), "{error}");
        }
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in ["", "{", "{} {", "{}, {}", r#""\ud8"#, r#""\ud800"#, r#""\u""#, "\\", r#""\ud800\"#] {
            assert!(matches!(read_json(text), Err(FindingError::NotJson(_))), "{text}");
        }
    }
}
