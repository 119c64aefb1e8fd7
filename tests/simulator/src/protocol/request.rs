//! Puts a request together from its path, its query and its body.

use axum::extract::RawPathParams;
use serde_json::{Map, Value};

use super::Operation;
use super::check;
use super::error::AwsError;
use super::shape::{Location, Member, Shape};

/// The members of a request, checked against the constraints of its operation.
///
/// # Errors
/// ValidationException or BadRequestException for a violated constraint.
pub(crate) fn members(
    operation: &Operation,
    path: &RawPathParams,
    query: &str,
    body: Map<String, Value>,
) -> Result<Map<String, Value>, AwsError> {
    let mut members = body;
    for member in operation.model.input {
        match member.location {
            Location::Body => {}
            Location::Uri => {
                members.remove(member.name);
                if let Some((_, value)) = path.iter().find(|(name, _)| *name == member.name) {
                    members.insert(member.name.into(), value.into());
                }
            }
            Location::Query => {
                members.remove(member.name);
                if let Some(value) = from_query(member, query) {
                    members.insert(member.name.into(), value);
                }
            }
        }
    }
    let at = format!("{}Request", operation.model.name);
    check::members(&at, &members, operation.model.input).map_err(|wrong| operation.service.invalid(wrong))?;
    Ok(members)
}

/// A member's value in a query: all of a list's, the first of anything else; numbers as numbers.
fn from_query(member: &Member, query: &str) -> Option<Value> {
    let mut values = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == member.name)
        .map(|(_, value)| value.into_owned())
        .peekable();
    values.peek()?;
    match member.shape {
        Shape::List(..) => Some(values.collect()),
        Shape::Integer(_) => values.next().map(|text| text.parse::<i64>().map_or(Value::from(text), Value::from)),
        _ => values.next().map(Value::from),
    }
}
