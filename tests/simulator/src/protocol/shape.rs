//! The shapes of requests, as the API references give them, written so that each line can be compared with its line
//! there. `check.rs` checks requests against them.

use axum::http::Method;

use super::error::ErrorType;

/// The model of one operation, from the API reference.
pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    /// As the reference writes it: `/detector/{DetectorId}`.
    pub(crate) path: &'static str,
    /// The HTTP status of success.
    pub(crate) status: u16,
    pub(crate) input: &'static [Member],
    /// The error types it can answer with.
    pub(crate) errors: &'static [ErrorType],
}

/// A member of a structure.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) location: Location,
    pub(crate) shape: &'static Shape,
}

/// The part of a request that contains a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Location {
    Body,
    /// In the path, percent-encoded.
    Uri,
    /// In the query; a list by repeating its name.
    Query,
}

/// What a member's value must be.
pub(crate) enum Shape {
    Text(Text),
    /// One of these words.
    Enum(&'static [&'static str]),
    Integer(Range),
    Boolean,
    /// An ISO-8601 string.
    Time,
    /// A list of so many values.
    List(Range, &'static Shape),
    /// A map of so many keys to values.
    Map(Range, &'static Shape, &'static Shape),
    Structure(&'static [Member]),
}

/// The constraints of a string.
pub(crate) struct Text {
    /// How many characters.
    pub(crate) length: Range,
    /// What the whole of it must match, as the reference writes it.
    pub(crate) pattern: Option<&'static str>,
    /// Whether it is the ARN of a graph, for which Detective's ValidationException has a code of its own.
    pub(crate) is_graph_arn: bool,
}

/// Inclusive bounds, of a length in characters or items, or of a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) min: i64,
    pub(crate) max: i64,
}

/// No bounds.
pub(crate) const ANY: Range = Range { min: i64::MIN, max: i64::MAX };

pub(crate) const fn range(min: i64, max: i64) -> Range {
    Range { min, max }
}

/// A string of so many characters.
pub(crate) const fn text(length: Range) -> Shape {
    Shape::Text(Text { length, pattern: None, is_graph_arn: false })
}

/// A string of so many characters that matches a pattern.
pub(crate) const fn pattern(length: Range, pattern: &'static str) -> Shape {
    Shape::Text(Text { length, pattern: Some(pattern), is_graph_arn: false })
}

/// A member of the body that must be there.
pub(crate) const fn required(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: true, location: Location::Body, shape }
}

/// A member of the body that may be left out.
pub(crate) const fn optional(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: false, location: Location::Body, shape }
}

impl Member {
    /// The same member in the path.
    pub(crate) const fn in_uri(self) -> Self {
        Self { location: Location::Uri, ..self }
    }

    /// The same member in the query.
    pub(crate) const fn in_query(self) -> Self {
        Self { location: Location::Query, ..self }
    }
}

impl Range {
    pub(crate) fn contains(self, number: i64) -> bool {
        (self.min..=self.max).contains(&number)
    }
}

impl Model {
    /// Whether any member is in the body.
    pub(crate) fn has_body(&self) -> bool {
        self.input.iter().any(|member| member.location == Location::Body)
    }
}
