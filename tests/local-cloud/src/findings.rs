//! Findings on their way in.

use crate::api::Api;
use crate::error::CloudError;
use serde_json::{Value, json};

/// The source that the rule accepts beside GuardDuty's own when the stack is deployed with `Rehearsal=true`. EventBridge
/// takes no made-up event whose source begins with `aws.`.
pub const REHEARSAL_SOURCE: &str = "gumshoe.rehearsal";

/// The finding in a document: the `detail` of an EventBridge envelope, else the document itself.
#[must_use]
pub fn detail_of(document: &Value) -> &Value {
    document.get("detail").unwrap_or(document)
}

/// Sends findings through EventBridge, ten a call as its API allows.
pub(crate) async fn send(api: &Api, details: &[Value]) -> Result<(), CloudError> {
    for ten in details.chunks(10) {
        let entries: Vec<Value> = ten
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
                said: answer.to_string().chars().take(300).collect(),
            });
        }
    }
    Ok(())
}
