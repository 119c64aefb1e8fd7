//! Parsing of JSON text, with replacement of lone surrogates.

use super::FindingError;
use super::multiple_documents::count_documents;
use serde_json::Value;

/// The replacement for a lone surrogate: U+FFFD, as an escape of the same length.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// Parses a JSON document and replaces lone surrogates by U+FFFD.
///
/// JSON's grammar (RFC 8259, 8.2) allows an escaped lone surrogate (`\ud800`), which is not a character. Parsers handle it
/// differently; serde_json rejects the whole document. Attackers can put such an escape into a name or a user agent, and it must
/// not prevent the finding from being processed.
///
/// # Errors
///
/// [`FindingError::NotJson`] with the position; [`FindingError::NotOneFinding`] if the text contains several documents.
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

/// The text with lone surrogates replaced; `None` if there are none.
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
            None => 2, // another escape, such as an escaped backslash
        };
    }
    if repaired { String::from_utf8(bytes).ok() } else { None }
}

/// The surrogate whose escape begins at `at`; `None` if there is another escape or none.
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
    fn only_lone_surrogates_are_replaced() {
        assert_eq!(read(r#""a\ud800b""#), "a\u{fffd}b");
        assert_eq!(read(r#""a\uDFFFb""#), "a\u{fffd}b");
        assert_eq!(read(r#""\ud83d\ud83d\ude00""#), "\u{fffd}😀");
        assert_eq!(read(r#""\ude00\ud83d""#), "\u{fffd}\u{fffd}");
        assert_eq!(
            read(r#""\\ud800 \ud800 é""#),
            "\\ud800 \u{fffd} é",
            "an escaped backslash is not an escape of a surrogate"
        );
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
    fn invalid_json_stays_an_error() {
        for text in ["", "{", "{} {", "{}, {}", r#""\ud8"#, r#""\ud800"#, r#""\u""#, "\\", r#""\ud800\"#] {
            assert!(matches!(read_json(text), Err(FindingError::NotJson(_))), "{text}");
        }
    }
}
