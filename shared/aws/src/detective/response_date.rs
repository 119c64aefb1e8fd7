//! Detective's time, from the header `Date` of its responses.

use aws_sdk_detective::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_detective::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_detective::error::BoxError;
use aws_sdk_detective::primitives::{DateTime, DateTimeFormat};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// Reads the header `Date` of the response to one call (RFC 9110, section 6.6.1: the time of the response, in whole seconds).
#[derive(Debug, Clone, Default)]
pub(super) struct ResponseDate(Arc<Mutex<Option<Timestamp>>>);

impl ResponseDate {
    /// The date of the last response; `None` if it had none.
    pub(super) fn read(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for ResponseDate {
    fn name(&self) -> &'static str {
        "ResponseDate"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, DateTimeFormat::HttpDate).ok());
        let date = date.and_then(|date| Timestamp::from_second(date.secs()).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}
