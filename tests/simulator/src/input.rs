//! Reads a request's members and holds each to its constraint.
//!
//! Messages follow the one real message that is known, `CreateMembersRequest.Accounts must have length less than or
//! equal to 50. Found 100.`; the wording of all others is assumed.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::aws_error::{AwsError, ErrorCode};
use crate::constraints::{Enum, Range, Text};

/// The members of one structure, and where in the request it stands.
pub(crate) struct Input<'a> {
    path: String,
    members: &'a Map<String, Value>,
}

impl<'a> Input<'a> {
    /// The members of an operation's request.
    pub(crate) fn of_request(operation: &str, members: &'a Map<String, Value>) -> Self {
        Self { path: format!("{operation}Request"), members }
    }

    /// A string that must be there.
    pub(crate) fn required_text(&self, name: &str, text: &Text) -> Result<&'a str, AwsError> {
        self.optional_text(name, text)?.ok_or_else(|| self.missing(name))
    }

    /// A string that may be left out.
    pub(crate) fn optional_text(&self, name: &str, text: &Text) -> Result<Option<&'a str>, AwsError> {
        let Some(found) = self.string(name)? else { return Ok(None) };
        let wrong = |what: String| AwsError::validation_with(text.code, format!("{}.{name} {what}", self.path));
        let length = found.chars().count();
        if length < text.min {
            return Err(wrong(format!("must have length greater than or equal to {}. Found {length}.", text.min)));
        }
        if length > text.max {
            return Err(wrong(format!("must have length less than or equal to {}. Found {length}.", text.max)));
        }
        match &text.pattern {
            Some(pattern) if !(pattern.matches)(found) => {
                Err(wrong(format!("must match {}. Found {}.", pattern.written, shown(found))))
            }
            _ => Ok(Some(found)),
        }
    }

    /// An integer that may be left out.
    pub(crate) fn optional_integer(&self, name: &str, range: &Range) -> Result<Option<usize>, AwsError> {
        let Some(value) = self.member(name) else { return Ok(None) };
        if !value.is_i64() && !value.is_u64() {
            return Err(self.wrong_type(name, "an integer"));
        }
        value
            .as_i64()
            .filter(|number| (range.min..=range.max).contains(number))
            .and_then(|number| usize::try_from(number).ok())
            .map(Some)
            .ok_or_else(|| {
                self.wrong(name, &format!("must be between {} and {}. Found {value}.", range.min, range.max))
            })
    }

    /// One of the words of an enum, that must be there.
    pub(crate) fn required_word<T: Copy>(&self, name: &str, words: &Enum<T>) -> Result<T, AwsError> {
        self.optional_word(name, words)?.ok_or_else(|| self.missing(name))
    }

    /// One of the words of an enum, that may be left out.
    pub(crate) fn optional_word<T: Copy>(&self, name: &str, words: &Enum<T>) -> Result<Option<T>, AwsError> {
        let Some(found) = self.string(name)? else { return Ok(None) };
        words
            .get(found)
            .map(Some)
            .ok_or_else(|| self.wrong(name, &format!("must be one of [{}]. Found {}.", words.words(), shown(found))))
    }

    /// A point in time, as an ISO-8601 string, that must be there.
    pub(crate) fn required_time(&self, name: &str) -> Result<Timestamp, AwsError> {
        let found = self.string(name)?.ok_or_else(|| self.missing(name))?;
        parse_time(found).ok_or_else(|| {
            self.wrong(
                name,
                &format!("must be an ISO-8601 time such as 2021-08-18T16:35:56.284Z. Found {}.", shown(found)),
            )
        })
    }

    /// A structure that may be left out.
    pub(crate) fn optional_structure(&self, name: &str) -> Result<Option<Input<'a>>, AwsError> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Input { path: format!("{}.{name}", self.path), members })),
            Some(_) => Err(self.wrong_type(name, "a structure")),
        }
    }

    /// A ValidationException about one member.
    pub(crate) fn wrong(&self, name: &str, what: &str) -> AwsError {
        AwsError::validation_with(ErrorCode::InvalidRequestBody, format!("{}.{name} {what}", self.path))
    }

    /// The member, where null counts as left out: the SDKs leave out what is not set.
    fn member(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn string(&self, name: &str) -> Result<Option<&'a str>, AwsError> {
        match self.member(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| self.wrong_type(name, "a string")),
        }
    }

    fn missing(&self, name: &str) -> AwsError {
        self.wrong(name, "is required and missing.")
    }

    fn wrong_type(&self, name: &str, expected: &str) -> AwsError {
        self.wrong(name, &format!("must be {expected}."))
    }
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
    fn other_times_are_not() {
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

    proptest! {
        #[test]
        fn no_text_makes_reading_a_time_panic(text in any::<String>()) {
            parse_time(&text);
        }

        #[test]
        fn what_is_written_is_read_back(milliseconds in 0_i64..4_000_000_000_000) {
            let time = Timestamp::from_millisecond(milliseconds).unwrap();
            prop_assert_eq!(parse_time(&format!("{time:.3}")), Some(time));
        }
    }
}
