//! Reads a request's body, up to a limit.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, Bytes, HttpBody};
use serde_json::{Map, Value};

use crate::aws_error::AwsError;
use crate::constraints::BODY_BYTES_MAX;

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
/// ValidationException when the body was not read, is empty, not JSON, nested deeper than 127 levels, or not an object.
// assumed: that all of these get a ValidationException, an empty body too where no member is required: the SDKs send {}.
pub(crate) fn members(body: Result<Bytes, BodyError>) -> Result<Map<String, Value>, AwsError> {
    let body = body.map_err(|error| AwsError::validation(error.to_string()))?;
    if body.is_empty() {
        return Err(AwsError::validation("The request body is empty; a JSON object is expected."));
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(AwsError::validation("The request body is not a JSON object.")),
        Err(error) => Err(AwsError::validation(format!("The request body is not JSON: {error}."))),
    }
}
