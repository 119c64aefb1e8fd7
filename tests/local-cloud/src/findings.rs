//! Sends findings to the stack.

use crate::api::Api;
use crate::error::CloudError;
use serde_json::{Value, json};

/// The event source that the rule accepts in addition to GuardDuty's when the stack is deployed with `Rehearsal=true`.
/// PutEvents rejects sources that begin with `aws.`.
pub const REHEARSAL_SOURCE: &str = "gumshoe.rehearsal";

/// The finding in a document: the `detail` of an EventBridge envelope, else the document itself.
#[must_use]
pub fn detail_of(document: &Value) -> &Value {
    document.get("detail").unwrap_or(document)
}

/// Sends findings through EventBridge, ten per call (the limit of PutEvents).
pub(crate) async fn send(api: &Api, details: &[Value]) -> Result<(), CloudError> {
    for batch in details.chunks(10) {
        let entries: Vec<Value> = batch
            .iter()
            .map(|detail| {
                json!({"Source": REHEARSAL_SOURCE, "DetailType": "GuardDuty Finding", "Detail": detail.to_string()})
            })
            .collect();
        let answer = api.json("events", "AWSEvents.PutEvents", &json!({"Entries": entries})).await?;
        if answer["FailedEntryCount"].as_u64() != Some(0) {
            return Err(CloudError::Answer {
                operation: "PutEvents".to_owned(),
                status: 200,
                body: answer.to_string().chars().take(300).collect(),
            });
        }
    }
    Ok(())
}
