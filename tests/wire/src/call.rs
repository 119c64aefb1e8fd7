//! Identifies the AWS call that a request makes.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use std::collections::BTreeMap;

const FORM: &str = "application/x-www-form-urlencoded";

/// The most attributes of a published message (SNS API Reference, Publish).
const MESSAGE_ATTRIBUTES_MAX: usize = 10;

/// One call of an AWS service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsCall {
    /// The service, as in the signature: `dynamodb`, `sns`, `states`, `sqs`, `s3`, `events`. Empty if the request is
    /// not signed.
    pub service: String,
    /// The operation's name if the request carries it, such as `TransactWriteItems`; else the method and the path, such as
    /// `POST /investigations/getInvestigation`. For S3, whose paths name objects, the method only.
    pub operation: String,
    /// The path; for S3 it names the object.
    pub path: String,
    /// The request's body.
    pub body: Bytes,
    form: BTreeMap<String, String>,
}

impl AwsCall {
    /// Parses a request.
    #[must_use]
    pub fn parse(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …
        let service = header("authorization").split('/').nth(3).unwrap_or_default().to_owned();
        let target = header("x-amz-target").rsplit('.').next().filter(|name| !name.is_empty()).map(str::to_owned);
        let form = if header("content-type").starts_with(FORM) { fields(body) } else { BTreeMap::new() };
        let named = target.or_else(|| form.get("Action").cloned());
        let path = uri.path().to_owned();
        let operation = match service.as_str() {
            "s3" => method.to_string(),
            _ => named.unwrap_or_else(|| format!("{method} {path}")),
        };
        Self { service, operation, path, body: body.clone(), form }
    }

    /// The fields of a form body, the protocol of SNS; empty if the body is not a form.
    #[must_use]
    pub fn form(&self) -> &BTreeMap<String, String> {
        &self.form
    }

    /// The body as JSON; null if it is not JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The attributes of the message in an SNS Publish call, by name.
    #[must_use]
    pub fn message_attributes(&self) -> BTreeMap<String, String> {
        let attributes = (1..=MESSAGE_ATTRIBUTES_MAX).filter_map(|number| {
            let of = |what: &str| self.form.get(&format!("MessageAttributes.entry.{number}.{what}")).cloned();
            Some((of("Name")?, of("Value.StringValue")?))
        });
        attributes.collect()
    }
}

fn fields(body: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn call(service: &str, target: &'static str, method: Method, path: &'static str, body: &'static str) -> AwsCall {
        let mut headers = HeaderMap::new();
        let authorization = format!("AWS4-HMAC-SHA256 Credential=ASIA/20260101/us-east-1/{service}/aws4_request, x=y");
        if !service.is_empty() {
            headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        }
        if !target.is_empty() {
            headers.insert("x-amz-target", HeaderValue::from_static(target));
        }
        let is_form = body.contains("Action=") && !body.contains(' ');
        let kind = if is_form { "application/x-www-form-urlencoded; charset=utf-8" } else { "application/json" };
        headers.insert("content-type", HeaderValue::from_static(kind));
        AwsCall::parse(&method, &Uri::from_static(path), &headers, &Bytes::from_static(body.as_bytes()))
    }

    fn service_and_operation(it: &AwsCall) -> (&str, &str) {
        (&it.service, &it.operation)
    }

    #[test]
    fn service_and_operation_are_read_from_every_protocol() {
        let json = call("dynamodb", "DynamoDB_20120810.UpdateItem", Method::POST, "/", "{\"a\": \"&Action=x\"}");
        assert_eq!(service_and_operation(&json), ("dynamodb", "UpdateItem"));
        assert_eq!(json.json()["a"], "&Action=x");
        assert!(json.form().is_empty());
        let form = "Version=2010-03-31&Action=Publish&MessageAttributes.entry.1.Name=case_id\
                    &MessageAttributes.entry.1.Value.StringValue=c%201+%2B";
        let query = call("sns", "", Method::POST, "/", form);
        assert_eq!(service_and_operation(&query), ("sns", "Publish"));
        assert_eq!(query.message_attributes()["case_id"], "c 1 +");
        let list = "/investigations/listIndicators";
        let rest = call("detective", "", Method::POST, list, "{\"a\": \"&Action=x\"}");
        assert_eq!(service_and_operation(&rest), ("detective", "POST /investigations/listIndicators"));
        let put = call("s3", "", Method::PUT, "/bucket/cases/1/report.html?x-id=PutObject", "Action in a document");
        assert_eq!(
            service_and_operation(&put),
            ("s3", "PUT"),
            "the path of S3 is an object key, so it is not part of the operation"
        );
        assert_eq!(put.path, "/bucket/cases/1/report.html");
        assert_eq!(service_and_operation(&call("", "", Method::POST, "/hook", "{}")), ("", "POST /hook"), "not signed");
    }
}
