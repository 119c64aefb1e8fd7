//! Reads a request's body, up to a limit.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, Bytes, HttpBody};
use serde_json::{Map, Value};

use super::Operation;
use super::check::Wrong;
use super::error::AwsError;

/// The largest request body that is read, in bytes.
// assumed: the references give no limit.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// How much of a body that is too large is read and thrown away, in bytes, so that a client that writes all before it
/// reads gets to see the error.
const DRAINED_MAX: usize = 64 * 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the request body must have at most {BODY_BYTES_MAX} bytes; {0} or more were sent")]
    TooLarge(usize),
    #[error("the request body broke off")]
    BrokeOff(#[source] axum::Error),
}

/// The whole body.
///
/// # Errors
/// When it has more than [`BODY_BYTES_MAX`] bytes, or breaks off.
pub(crate) async fn read(mut body: Body) -> Result<Bytes, BodyError> {
    let mut read = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(BodyError::BrokeOff)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= BODY_BYTES_MAX {
            read.extend_from_slice(&data);
        } else if length > DRAINED_MAX {
            break;
        }
    }
    if length > BODY_BYTES_MAX { Err(BodyError::TooLarge(length)) } else { Ok(read.into()) }
}

/// The members of a JSON body.
///
/// # Errors
/// ValidationException or BadRequestException when the body was not read, is empty where the operation has members in
/// it, not JSON, nested deeper than 127 levels, or not an object.
// assumed: all of these; an empty body is refused too where no member is required, for the SDKs send {}. The body of an
// operation that has no members in it is not looked at.
pub(crate) fn members(operation: &Operation, body: Result<Bytes, BodyError>) -> Result<Map<String, Value>, AwsError> {
    let wrong = |message: String| operation.service.invalid(Wrong { graph_arn: false, message });
    let body = body.map_err(|error| wrong(error.to_string()))?;
    if !operation.model.has_body() {
        return Ok(Map::new());
    }
    if body.is_empty() {
        return Err(wrong("The request body is empty; a JSON object is expected.".into()));
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(wrong("The request body is not a JSON object.".into())),
        Err(error) => Err(wrong(format!("The request body is not JSON: {error}."))),
    }
}
