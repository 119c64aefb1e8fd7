//! Checks a request's members against their shapes.
//!
//! Messages follow the one real message that is known, `CreateMembersRequest.Accounts must have length less than or
//! equal to 50. Found 100.`; the wording of all others is assumed, and so is that the first invalid member, in the
//! reference's order, is the one that is reported.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use fancy_regex::Regex;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::shape::{Member, Range, Shape, Text};

/// The constraint that a request violates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConstraintViolation {
    /// Whether the invalid member is the ARN of a graph.
    pub(crate) graph_arn: bool,
    pub(crate) message: String,
}

/// Checks a structure's members against their shapes. `path` is the path of the structure.
///
/// # Errors
/// The first invalid member.
// assumed: members that the reference does not know are ignored.
pub(crate) fn members(path: &str, members: &Map<String, Value>, shapes: &[Member]) -> Result<(), ConstraintViolation> {
    for Member { name, required, shape, .. } in shapes {
        let path = format_args!("{path}.{name}");
        // Null counts as left out: the SDKs leave out what is not set.
        match members.get(*name).filter(|value| !value.is_null()) {
            Some(value) => check(&path.to_string(), value, shape)?,
            None if *required => return Err(violation(format!("{path} is required and missing."))),
            None => {}
        }
    }
    Ok(())
}

fn check(path: &str, value: &Value, shape: &Shape) -> Result<(), ConstraintViolation> {
    let of_type = |expected: &str| violation(format!("{path} must be {expected}."));
    match shape {
        Shape::Text(text) => check_text(path, value.as_str().ok_or_else(|| of_type("a string"))?, text),
        Shape::Enum(words) => {
            let found = value.as_str().ok_or_else(|| of_type("a string"))?;
            if words.contains(&found) {
                return Ok(());
            }
            Err(violation(format!("{path} must be one of [{}]. Found {}.", words.join(", "), shown(found))))
        }
        Shape::Integer(range) => {
            if !value.is_i64() && !value.is_u64() {
                return Err(of_type("an integer"));
            }
            if value.as_i64().is_some_and(|number| range.contains(number)) {
                return Ok(());
            }
            Err(violation(format!("{path} must be between {} and {}. Found {value}.", range.min, range.max)))
        }
        Shape::Boolean => value.as_bool().map(drop).ok_or_else(|| of_type("a boolean")),
        Shape::Time => {
            let found = value.as_str().ok_or_else(|| of_type("a string"))?;
            let expected = "an ISO-8601 time such as 2021-08-18T16:35:56.284Z";
            parse_time(found)
                .map(drop)
                .ok_or_else(|| violation(format!("{path} must be {expected}. Found {}.", shown(found))))
        }
        Shape::List(length, of) => {
            let items = value.as_array().ok_or_else(|| of_type("a list"))?;
            check_length(path, items.len(), *length)?;
            items.iter().enumerate().try_for_each(|(at, item)| check(&format!("{path}[{at}]"), item, of))
        }
        Shape::Map(length, key, of) => {
            let entries = value.as_object().ok_or_else(|| of_type("a map"))?;
            check_length(path, entries.len(), *length)?;
            entries.iter().try_for_each(|(name, value)| {
                check(&format!("{path} key"), &Value::from(name.as_str()), key)?;
                check(&format!("{path}[{}]", shown(name)), value, of)
            })
        }
        Shape::Structure(shapes) => members(path, value.as_object().ok_or_else(|| of_type("a structure"))?, shapes),
    }
}

fn check_text(path: &str, found: &str, text: &Text) -> Result<(), ConstraintViolation> {
    check_length(path, found.chars().count(), text.length)?;
    match text.pattern {
        Some(pattern) if !matches(pattern, found) => {
            let message = format!("{path} must match {pattern}. Found {}.", shown(found));
            Err(ConstraintViolation { graph_arn: text.is_graph_arn, message })
        }
        _ => Ok(()),
    }
}

fn check_length(path: &str, length: usize, range: Range) -> Result<(), ConstraintViolation> {
    let found = i64::try_from(length).unwrap_or(i64::MAX);
    if found < range.min {
        return Err(violation(format!(
            "{path} must have length greater than or equal to {}. Found {found}.",
            range.min
        )));
    }
    if found > range.max {
        return Err(violation(format!("{path} must have length less than or equal to {}. Found {found}.", range.max)));
    }
    Ok(())
}

fn violation(message: String) -> ConstraintViolation {
    ConstraintViolation { graph_arn: false, message }
}

/// Whether the whole text matches a pattern of the API reference.
// assumed: a pattern means the whole text, also where it has no anchors, and its classes mean ASCII characters.
pub(crate) fn matches(pattern: &'static str, text: &str) -> bool {
    /// Each pattern is compiled when it is first needed; there are as many as the references hold.
    static COMPILED: LazyLock<Mutex<HashMap<&'static str, Option<Regex>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let regex = compiled.entry(pattern).or_insert_with(|| {
        let built = Regex::new(&format!("^(?:{})$", ascii(pattern)));
        built.inspect_err(|error| tracing::error!(pattern, %error, "could not compile the pattern {pattern}; requests with it are rejected")).ok()
    });
    // An error means that matching took too many steps: the text is rejected.
    regex.as_ref().is_some_and(|regex| regex.is_match(text).unwrap_or(false))
}

/// The pattern with its classes `\d` and `\w` written out, so that they mean ASCII characters only.
fn ascii(pattern: &str) -> String {
    let mut written = String::new();
    let mut in_class = false;
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let class = match letters.next() {
                    Some('d') => "0-9",
                    Some('w') => "0-9A-Za-z_",
                    other => {
                        written.push('\\');
                        written.extend(other);
                        continue;
                    }
                };
                written.push_str(&if in_class { class.to_owned() } else { format!("[{class}]") });
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        written.push(letter);
    }
    written
}

/// Text from a request for a message: quoted, and at most 80 characters of it.
pub(crate) fn shown(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{more}")
}

/// `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`.
// assumed: an offset is taken as well as Z; a time without either is not.
fn parse_time(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let (date_time, rest) = bytes.split_at_checked(19)?;
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let fits = date_time.iter().zip(shape).all(|(byte, expected)| match expected {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    });
    let zone = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            &fraction[digits..]
        }
        zone => zone,
    };
    let zone_fits = matches!(zone, b"Z")
        || matches!(zone, [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()));
    if fits && zone_fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_in_the_documented_form_are_read() {
        for text in [
            "2021-08-18T16:35:56.284Z",
            "2021-08-18T16:35:56Z",
            "2021-08-18T16:35:56.123456789Z",
            "2021-08-18T16:35:56+02:00",
        ] {
            assert!(parse_time(text).is_some(), "{text}");
        }
    }

    #[test]
    fn other_times_are_rejected() {
        for text in [
            "",
            "2021-08-18",
            "2021-08-18T16:35:56",
            "2021-08-18 16:35:56Z",
            "2021-08-18T16:35Z",
            "2021-13-18T16:35:56Z",
            "2021-02-30T16:35:56Z",
            "2021-08-18T25:35:56Z",
            "2021-08-18T16:35:56.Z",
            "2021-08-18T16:35:56ZZ",
            "2021-08-18T16:35:56[Europe/Berlin]",
            "1629304556",
            "Wed, 18 Aug 2021 16:35:56 GMT",
        ] {
            assert!(parse_time(text).is_none(), "{text}");
        }
    }

    #[test]
    fn long_text_is_shortened_in_messages() {
        assert_eq!(shown(&"a".repeat(81)), format!("\"{}\"…", "a".repeat(80)));
        assert_eq!(shown("a\n"), "\"a\\n\"");
    }

    #[test]
    fn patterns_mean_ascii_and_the_whole_text() {
        assert_eq!(ascii(r"^[-\w]{2}?\d\.[\d]$"), r"^[-0-9A-Za-z_]{2}?[0-9]\.[0-9]$");
        assert!(matches(r"^[0-9]+$", "12"));
        assert!(!matches(r"^[0-9]+$", "12\n"));
        assert!(!matches(r"\d+", "\u{661}"));
        assert!(!matches("[a-f]+", "ab x"));
        assert!(matches(r"^(?!aws:)[a-z:]+$", "a:aws:"));
        assert!(!matches(r"^(?!aws:)[a-z:]+$", "aws:a"));
        assert!(matches("^arn:.*", "arn:\u{e9}"));
    }

    #[test]
    fn every_pattern_of_the_references_is_compiled() {
        fn patterns(shape: &Shape, found: &mut Vec<&'static str>) {
            match shape {
                Shape::Text(text) => found.extend(text.pattern),
                Shape::List(_, of) => patterns(of, found),
                Shape::Map(_, key, value) => [key, value].into_iter().for_each(|of| patterns(of, found)),
                Shape::Structure(members) => members.iter().for_each(|member| patterns(member.shape, found)),
                Shape::Enum(_) | Shape::Integer(_) | Shape::Boolean | Shape::Time => {}
            }
        }
        let mut found = Vec::new();
        for operation in crate::protocol::operations() {
            operation.model.input.iter().for_each(|member| patterns(member.shape, &mut found));
        }
        assert!(found.len() > 20);
        for pattern in found {
            assert!(Regex::new(&ascii(pattern)).is_ok(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_a_time_panic(text in any::<String>()) {
            parse_time(&text);
        }

        #[test]
        fn formatted_time_is_parsed_back(milliseconds in 0_i64..4_000_000_000_000) {
            let time = Timestamp::from_millisecond(milliseconds).unwrap();
            prop_assert_eq!(parse_time(&format!("{time:.3}")), Some(time));
        }
    }
}
