//! Amazon EventBridge: events about cases, for the operator's own rules.

use crate::error::ApiCallError;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use gumshoe_domain::error::{ErrorName, Fault, Service};
use gumshoe_domain::text::one_line;
use thiserror::Error;

/// The `source` of every event.
const SOURCE: &str = "gumshoe";

/// Why events were not accepted.
#[derive(Debug, Error)]
pub enum EventsError {
    /// A failed call.
    #[error(transparent)]
    Call(#[from] ApiCallError),
    /// The call succeeded, and EventBridge rejected an event in it.
    #[error("EventBridge rejected an event ({code}: {message})")]
    EntryRejected {
        /// EventBridge's code.
        code: String,
        /// EventBridge's message, cut to 200 characters.
        message: String,
    },
}

impl ErrorName for EventsError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::Call(call) => call.fault.name(Service::Events),
            // EventBridge API Reference, PutEventsResultEntry: these two are transient.
            Self::EntryRejected { code, .. } if matches!(code.as_str(), "ThrottlingException" | "InternalFailure") => {
                Fault::Unavailable.name(Service::Events)
            }
            Self::EntryRejected { .. } => Fault::Rejected.name(Service::Events),
        }
    }
}

/// The account's default event bus.
#[derive(Debug, Clone)]
pub struct Events {
    client: Client,
}

impl Events {
    /// An adapter around that client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Puts events, each with its `detail-type` and its detail as JSON: 10 at most, 256 KB in total.
    ///
    /// # Errors
    ///
    /// [`EventsError`] if one of them was not accepted. The others may have been accepted: consumers have to drop duplicates.
    pub async fn put(&self, events: &[(&str, String)]) -> Result<(), EventsError> {
        let entries = events.iter().map(|(detail_type, detail)| {
            PutEventsRequestEntry::builder().source(SOURCE).detail_type(*detail_type).detail(detail).build()
        });
        let answer = self
            .client
            .put_events()
            .set_entries(Some(entries.collect()))
            .send()
            .await
            .map_err(|error| ApiCallError::new("PutEvents", error))?;
        match answer.entries().iter().find_map(|entry| Some((entry.error_code()?, entry.error_message()))) {
            None => Ok(()),
            Some((code, message)) => Err(EventsError::EntryRejected {
                code: one_line(code, 80),
                message: one_line(message.unwrap_or_default(), 200),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_eventbridge::operation::put_events::{PutEventsError, PutEventsOutput};
    use aws_sdk_eventbridge::types::PutEventsResultEntry;
    use aws_sdk_eventbridge::types::error::InternalException;
    use aws_smithy_mocks::{mock, mock_client};
    use aws_smithy_types::error::ErrorMetadata;

    async fn name_of(entry: PutEventsResultEntry) -> Option<&'static str> {
        let rule =
            mock!(Client::put_events).then_output(move || PutEventsOutput::builder().entries(entry.clone()).build());
        let client = mock_client!(aws_sdk_eventbridge, [&rule]);
        Events::new(client).put(&[("Case Alerted", "{}".into())]).await.err().map(|error| error.error_name())
    }

    #[tokio::test]
    async fn an_event_that_is_rejected_in_a_response_is_an_error_with_a_name() {
        let entry = |code: &str| PutEventsResultEntry::builder().error_code(code).error_message("m").build();
        assert_eq!(name_of(PutEventsResultEntry::builder().event_id("e").build()).await, None);
        assert_eq!(name_of(entry("ThrottlingException")).await, Some("EventsUnavailable"));
        assert_eq!(name_of(entry("NotAuthorizedForSourceException")).await, Some("EventsRefused"));
    }

    #[tokio::test]
    async fn a_failed_call_is_transient() {
        let rule = mock!(Client::put_events).then_error(|| {
            let meta = ErrorMetadata::builder().code("InternalException").build();
            PutEventsError::InternalException(InternalException::builder().meta(meta).build())
        });
        let client = mock_client!(aws_sdk_eventbridge, [&rule]);
        let error = Events::new(client).put(&[("Case Closed", "{}".into())]).await.unwrap_err();
        assert_eq!(error.error_name(), "EventsUnavailable");
    }
}
