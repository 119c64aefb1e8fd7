//! Reads a request's body, up to a limit.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::Operation;
use super::check::ConstraintViolation;
use super::error::{AwsError, ErrorType};

/// The largest request body that is read, in bytes.
// assumed: the references give no limit.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;

/// How long a body may take to arrive.
// assumed: the references give no limit.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// How much of a too large body is read and discarded, in bytes, so that a client that writes everything before it reads
/// receives the error.
const DRAIN_MAX_BYTES: usize = 64 * 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the request body must have at most {most} bytes; {sent} or more were sent")]
    TooLarge { most: usize, sent: usize },
    #[error("the request body did not arrive within {} seconds", READ_TIMEOUT.as_secs())]
    Late,
    #[error("the client closed the connection before the end of the request body")]
    BrokeOff(#[source] axum::Error),
}

/// The whole body.
///
/// # Errors
/// When it has more than `most` bytes, breaks off or does not arrive.
pub(crate) async fn read(body: Body, most: usize) -> Result<Bytes, BodyError> {
    tokio::time::timeout(READ_TIMEOUT, read_all(body, most)).await.unwrap_or(Err(BodyError::Late))
}

async fn read_all(mut body: Body, most: usize) -> Result<Bytes, BodyError> {
    let mut read = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(BodyError::BrokeOff)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= most {
            read.extend_from_slice(&data);
        } else if length > most.max(DRAIN_MAX_BYTES) {
            break;
        }
    }
    if length > most { Err(BodyError::TooLarge { most, sent: length }) } else { Ok(read.into()) }
}

/// Checks that the header Content-Type is JSON or missing.
///
/// # Errors
/// UnsupportedMediaTypeException if it is another type and the operation has members in its body.
// assumed: the error, which other rest-json services of AWS answer; and that a request without the header is taken.
pub(crate) fn is_json(operation: &Operation, headers: &HeaderMap) -> Result<(), AwsError> {
    let Some(given) = headers.get(header::CONTENT_TYPE).filter(|_| operation.model.has_body()) else { return Ok(()) };
    let kind = given.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "application/json" || kind.starts_with("application/x-amz-json") {
        return Ok(());
    }
    let message = "The request body must be JSON, and Content-Type say application/json.";
    Err(AwsError::new(ErrorType::UnsupportedMediaType, message))
}

/// The members of a JSON body.
///
/// # Errors
/// ValidationException or BadRequestException when the body was not read, is empty where the operation has members in
/// it, not JSON, nested deeper than 127 levels, or not an object.
// assumed: all of these; an empty body is refused too where no member is required, for the SDKs send {}. The body of an
// operation without body members is not read.
pub(crate) fn members(operation: &Operation, body: Result<Bytes, BodyError>) -> Result<Map<String, Value>, AwsError> {
    let invalid = |message: String| operation.service.invalid(ConstraintViolation { graph_arn: false, message });
    let body = body.map_err(|error| invalid(error.to_string()))?;
    if !operation.model.has_body() {
        return Ok(Map::new());
    }
    if body.is_empty() {
        return Err(invalid("The request body is empty; a JSON object is expected.".into()));
    }
    match serde_json::from_slice(&body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(invalid("The request body is not a JSON object.".into())),
        Err(error) => Err(invalid(format!("The request body is not JSON: {error}."))),
    }
}
