//! A call of a function, as it comes by.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use std::collections::BTreeMap;

/// A function's call of a service.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The service, as signatures name it: `dynamodb`, `sns`, `states`, `sqs`, `s3`, `events`.
    pub service: String,
    /// The operation, such as `TransactWriteItems`; of a service without names on the wire, the method.
    pub operation: String,
    /// The path, which of S3 names the object.
    pub path: String,
    /// What was sent.
    pub body: Bytes,
}

impl Asked {
    pub(super) fn of(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …
        let service = header("authorization").split('/').nth(3).unwrap_or_default().to_owned();
        let target = header("x-amz-target").rsplit('.').next().filter(|name| !name.is_empty()).map(str::to_owned);
        let action = || form(body).remove("Action");
        let operation = target.or_else(action).unwrap_or_else(|| method.to_string());
        Self { service, operation, path: uri.path().to_owned(), body: body.clone() }
    }

    /// The fields of a form, which is how SNS is spoken to; empty when it is none.
    #[must_use]
    pub fn form(&self) -> BTreeMap<String, String> {
        form(&self.body)
    }

    /// The attributes of a message that is to be published, from such a form.
    #[must_use]
    pub fn message_attributes(&self) -> BTreeMap<String, String> {
        let form = self.form();
        let attributes = (1..=10).filter_map(|number| {
            let of = |what: &str| form.get(&format!("MessageAttributes.entry.{number}.{what}")).cloned();
            Some((of("Name")?, of("Value.StringValue")?))
        });
        attributes.collect()
    }
}

fn form(body: &[u8]) -> BTreeMap<String, String> {
    let url = std::str::from_utf8(body).ok().filter(|text| text.contains("Action="));
    let url = url.and_then(|text| reqwest::Url::parse(&format!("http://form/?{text}")).ok());
    url.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn call(target: Option<&'static str>, service: &str, body: &'static str) -> Asked {
        let mut headers = HeaderMap::new();
        let authorization = format!("AWS4-HMAC-SHA256 Credential=ASIA/20260101/us-east-1/{service}/aws4_request, x=y");
        headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        if let Some(target) = target {
            headers.insert("x-amz-target", HeaderValue::from_static(target));
        }
        Asked::of(&Method::PUT, &Uri::from_static("/bucket/key"), &headers, &Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn service_and_operation_are_read_from_every_protocol() {
        let named = |it: &Asked| (it.service.clone(), it.operation.clone());
        let json = call(Some("DynamoDB_20120810.UpdateItem"), "dynamodb", "{}");
        assert_eq!(named(&json), ("dynamodb".to_owned(), "UpdateItem".to_owned()));
        let query = call(
            None,
            "sns",
            "Action=Publish&Version=2010-03-31&MessageAttributes.entry.1.Name=case_id&MessageAttributes.entry.1.Value.StringValue=c%201",
        );
        assert_eq!(named(&query), ("sns".to_owned(), "Publish".to_owned()));
        assert_eq!(query.message_attributes()["case_id"], "c 1");
        let rest = call(None, "s3", "Action in a document");
        assert_eq!(named(&rest), ("s3".to_owned(), "PUT".to_owned()));
    }
}
