//! Executes calls of the services and returns their responses.

use super::{Event, Published, State};
use http::{HeaderValue, Response, header};
use serde_json::{Value, json};
use wire::{AwsCall, Bytes, error_response};

impl State {
    /// Executes a call.
    pub(super) fn execute(&mut self, call: &AwsCall) -> Response<Bytes> {
        match (call.service.as_str(), call.operation.as_str()) {
            ("dynamodb", operation) => match self.table.execute(operation, &call.json()) {
                Ok(answer) => ok(&answer),
                Err(refused) => refused.answer(),
            },
            ("sns", "Publish") => self.publish(call),
            ("events", "PutEvents") => self.put_events(&call.json()),
            ("s3", "PUT") => {
                self.objects.insert(call.path.trim_start_matches('/').to_owned(), call.body.to_vec());
                Response::new(Bytes::new())
            }
            ("organizations", "DescribeAccount") => self.describe_account(call),
            _ => error_response::json("UnknownOperationException", "testkit does not have this operation", json!({})),
        }
    }

    fn publish(&mut self, call: &AwsCall) -> Response<Bytes> {
        let text = |name: &str| call.form().get(name).cloned().unwrap_or_default();
        self.published.push(Published {
            subject: text("Subject"),
            bodies: serde_json::from_str(&text("Message")).unwrap_or_default(),
            attributes: call.message_attributes(),
        });
        let id = self.published.len();
        let answer = format!(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
             <MessageId>00000000-0000-4000-8000-{id:012}</MessageId></PublishResult></PublishResponse>"
        );
        let mut response = Response::new(Bytes::from(answer));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
        response
    }

    fn put_events(&mut self, call: &Value) -> Response<Bytes> {
        let mut accepted = Vec::new();
        for entry in call["Entries"].as_array().into_iter().flatten() {
            let text = |name: &str| entry[name].as_str().unwrap_or_default();
            let detail = serde_json::from_str(text("Detail")).unwrap_or_default();
            self.events.push(Event { detail_type: text("DetailType").to_owned(), detail });
            accepted.push(json!({"EventId": format!("{:032}", self.events.len())}));
        }
        ok(&json!({"FailedEntryCount": 0, "Entries": accepted}))
    }

    fn describe_account(&self, call: &AwsCall) -> Response<Bytes> {
        if self.account_names.is_empty() {
            return error_response::denied(call);
        }
        let asked = call.json();
        match asked["AccountId"].as_str().and_then(|id| Some((id, self.account_names.get(id)?))) {
            Some((id, name)) => ok(&json!({"Account": {"Id": id, "Name": name}})),
            None => error_response::json("AccountNotFoundException", "no such account", json!({})),
        }
    }
}

fn ok(answer: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(answer.to_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}
