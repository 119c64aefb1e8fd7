//! Records the calls that a function makes for one event with their responses, and replays the responses.

use std::collections::BTreeMap;
use std::fmt;

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode, Uri};
use serde_json::Value;
use wire::AwsCall;

const GET: &str = "GetItem";

/// What distinguishes calls: the service, as signatures name it, the operation, and the key that is read. A call without a
/// signature has no service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    pub(super) service: String,
    /// As [`AwsCall`] has it.
    pub(super) operation: String,
    /// The key that is read: the item, the items' subject, or the role. Cases that are processed concurrently read in any
    /// order, and each must get its own response. Empty for all other calls.
    pub(super) what: String,
}

impl Call {
    pub(super) fn of(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Self {
        let call = AwsCall::parse(method, uri, headers, body);
        let what = what(&call);
        Self { service: call.service, operation: call.operation, what }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", if self.service.is_empty() { "unsigned" } else { &self.service }, self.operation)?;
        if self.what.is_empty() { Ok(()) } else { write!(formatter, " of {}", self.what) }
    }
}

/// The key that a call reads. It does not depend on the order of a body's members, which differs between the SDKs.
fn what(call: &AwsCall) -> String {
    let parts = |place: &str, names: [&str; 2]| {
        let body = call.json();
        names.map(|name| body[place][name]["S"].as_str().unwrap_or_default().to_owned()).join(" ").trim().to_owned()
    };
    match call.operation.as_str() {
        GET => parts("Key", ["subject", "item"]),
        "Query" => parts("ExpressionAttributeValues", [":subject", ":prefix"]),
        "GetRole" => call.form().get("RoleName").cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// The response to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The calls of one invocation, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Recording(Vec<(Call, Answer)>);

impl Recording {
    pub(super) fn add(&mut self, call: Call, answer: Answer) {
        self.0.push((call, answer));
    }

    /// The calls in one line, for `calls.txt`: the functions in Python have to make the same.
    pub(super) fn summary(&self) -> String {
        self.0
            .iter()
            .map(|(call, answer)| format!("{call} ({})", answer.status.as_u16()))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Replays recorded responses: those of one operation and one key in their order, from the first in each invocation.
#[derive(Debug, Default)]
pub(super) struct Replay {
    answers: BTreeMap<Call, (Vec<Answer>, usize)>,
    unknown: Option<Call>,
    written: Written,
}

impl Replay {
    pub(super) fn of(recording: &Recording) -> Self {
        let mut answers = BTreeMap::<Call, (Vec<Answer>, usize)>::new();
        for (call, answer) in &recording.0 {
            answers.entry(call.clone()).or_default().0.push(answer.clone());
        }
        Self { answers, ..Self::default() }
    }

    /// The next response to such a call; `None` if it was not recorded, or not as often.
    pub(super) fn answer(&mut self, call: Call, body: &[u8]) -> Option<Answer> {
        let next = self.answers.get_mut(&call).and_then(|(answers, made)| {
            let answer = answers.get(*made)?.clone();
            *made += 1;
            Some(answer)
        });
        match (next, call.operation.as_str()) {
            (Some(answer), "TransactWriteItems") => {
                self.written.write(body);
                Some(answer)
            }
            (Some(answer), GET) => Some(self.written.read(body).unwrap_or(answer)),
            (None, _) => {
                self.unknown = Some(call);
                None
            }
            (answer, _) => answer,
        }
    }

    /// Starts the next invocation.
    pub(super) fn begin(&mut self) {
        self.answers.values_mut().for_each(|(_, made)| *made = 0);
        self.unknown = None;
        self.written = Written::default();
    }

    /// Checks that all recorded calls were made and no others, except those of `cached_operations`, which a warm function does
    /// not make. The error is the first difference.
    pub(super) fn check(&self, cached_operations: &[&str]) -> Result<(), String> {
        if let Some(call) = &self.unknown {
            return Err(format!("{call} was called more often than recorded"));
        }
        for (call, (answers, made)) in &self.answers {
            let expected = if cached_operations.contains(&call.operation.as_str()) { 0 } else { answers.len() };
            if *made != expected {
                return Err(format!("{call} was called {made} times, not {expected}"));
            }
        }
        Ok(())
    }
}

/// The items that this invocation has put into the table. A recorded case would differ from the one that was just written in
/// the time at which it was opened.
#[derive(Debug, Default)]
struct Written(Vec<Value>);

impl Written {
    fn write(&mut self, transaction: &[u8]) {
        let transaction: Value = serde_json::from_slice(transaction).unwrap_or_default();
        let items = transaction["TransactItems"].as_array().into_iter().flatten();
        self.0.extend(items.map(|item| item["Put"]["Item"].clone()).filter(Value::is_object));
    }

    fn read(&self, get: &[u8]) -> Option<Answer> {
        let get: Value = serde_json::from_slice(get).ok()?;
        let key = get["Key"].as_object()?;
        let item = self.0.iter().find(|item| key.iter().all(|(name, value)| item[name] == *value))?;
        let json = HeaderValue::from_static("application/x-amz-json-1.0");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, json)]);
        Some(Answer { status: StatusCode::OK, headers, body: serde_json::json!({ "Item": item }).to_string().into() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(service: &str, target: &'static str, method: Method, path: &'static str, body: &str) -> Call {
        let mut headers = HeaderMap::new();
        let authorization = format!("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, x=y");
        if !service.is_empty() {
            headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        }
        if !target.is_empty() {
            headers.insert("x-amz-target", HeaderValue::from_static(target));
        }
        if body.starts_with(|it: char| it.is_ascii_alphabetic()) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        }
        Call::of(&method, &Uri::from_static(path), &headers, &Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn items_of_a_transaction_are_read_after_it() {
        let mut recording = Recording::default();
        for operation in ["GetItem", "TransactWriteItems", "GetItem", "GetItem"] {
            recording.add(named("dynamodb", operation), answer("{}"));
        }
        let mut replay = Replay::of(&recording);
        let get = |replay: &mut Replay, item: &str| {
            let key = json!({"Key": {"subject": {"S": "s"}, "item": {"S": item}}, "TableName": "t"}).to_string();
            replay.answer(named("dynamodb", "GetItem"), key.as_bytes()).unwrap().body
        };
        assert_eq!(get(&mut replay, "case#1"), "{}", "not written yet");
        let item = json!({"subject": {"S": "s"}, "item": {"S": "case#1"}, "opened_at": {"S": "now"}});
        let items = json!({"TransactItems": [{"Put": {"Item": item}}, {"Update": {}}]}).to_string();
        replay.answer(named("dynamodb", "TransactWriteItems"), items.as_bytes()).unwrap();
        assert_eq!(get(&mut replay, "case#2"), "{}", "another item");
        assert_eq!(get(&mut replay, "case#1"), json!({ "Item": item }).to_string());
    }

    /// open-case processes the principals of an attack sequence concurrently, so its calls were recorded in any order. The
    /// function in Python makes the same calls one after the other, and must get the response for the role that it asked for.
    #[test]
    fn concurrent_reads_are_replayed_by_key() {
        let role = |name: &str| call("iam", "", Method::POST, "/", &format!("Action=GetRole&RoleName={name}"));
        let json = |target, body: &Value| call("dynamodb", target, Method::POST, "/", &body.to_string());
        let query = |subject: &str| {
            let values = json!({":subject": {"S": subject}, ":prefix": {"S": "case#"}});
            json("DynamoDB_20120810.Query", &json!({"ExpressionAttributeValues": values}))
        };
        let get = |subject: &str| {
            let key = json!({"subject": {"S": subject}, "item": {"S": "case#0000000001"}});
            json("DynamoDB_20120810.GetItem", &json!({"Key": key}))
        };
        let mut recording = Recording::default();
        for name in ["two", "one"] {
            for call in [role(name), query(name), get(name)] {
                recording.add(call, answer(name));
            }
        }
        let mut replay = Replay::of(&recording);
        for name in ["one", "two"] {
            for call in [role(name), query(name), get(name)] {
                let answer = replay.answer(call.clone(), b"{}").map(|answer| answer.body);
                assert_eq!(answer, Some(Bytes::from(name.to_owned())), "{call}");
            }
        }
        assert_eq!(replay.check(&[]), Ok(()));
        assert_eq!(replay.answer(role("three"), b""), None);
        assert!(replay.check(&[]).unwrap_err().contains("GetRole"));
    }

    fn named(service: &str, operation: &str) -> Call {
        Call { service: service.to_owned(), operation: operation.to_owned(), what: String::new() }
    }

    fn answer(body: &'static str) -> Answer {
        Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn calls_of_every_protocol_are_distinguished() {
        let post = |service, target, path, body| call(service, target, Method::POST, path, body);
        assert_eq!(post("dynamodb", "DynamoDB_20120810.Query", "/", "{}"), named("dynamodb", "Query"));
        assert_eq!(post("sns", "", "/", "TopicArn=t&Action=Publish"), named("sns", "Publish"));
        let list = "/investigations/listIndicators";
        assert_eq!(post("detective", "", list, "{\"a\": \"&Action=x\"}"), named("detective", &format!("POST {list}")));
        let get = "{\"Key\": {\"item\": {\"S\": \"case#0000000001\"}}}";
        let get = post("dynamodb", "DynamoDB_20120810.GetItem", "/", get);
        assert_eq!((get.operation.as_str(), get.what.as_str()), ("GetItem", "case#0000000001"));
        let role = post("iam", "", "/", "Action=GetRole&Version=2010-05-08&RoleName=web");
        assert_eq!(role.to_string(), "iam GetRole of web");
        let put = call("s3", "", Method::PUT, "/bucket/cases/1/report.html?x-id=PutObject", "<html>");
        assert_eq!(put, named("s3", "PUT"), "the key differs in each case");
        assert_eq!(post("", "", "/hook", "{}").to_string(), "unsigned POST /hook");
    }

    #[test]
    fn responses_are_replayed_in_order_in_each_invocation() {
        let mut recording = Recording::default();
        for (operation, body) in [("Query", "1"), ("GetItem", "2"), ("Query", "3")] {
            recording.add(named("dynamodb", operation), answer(body));
        }
        let mut replay = Replay::of(&recording);
        let next =
            |replay: &mut Replay, operation| replay.answer(named("dynamodb", operation), b"{}").map(|it| it.body);
        for _ in 0..2 {
            replay.begin();
            assert_eq!(next(&mut replay, "Query").unwrap(), "1");
            assert!(replay.check(&[]).unwrap_err().contains("dynamodb GetItem was called 0 times, not 1"));
            assert_eq!(next(&mut replay, "Query").unwrap(), "3");
            assert_eq!(replay.check(&["GetItem"]), Ok(()));
            assert_eq!(next(&mut replay, "GetItem").unwrap(), "2");
            assert_eq!(replay.check(&[]), Ok(()));
            assert!(replay.check(&["GetItem"]).is_err(), "a cached operation is not called");
        }
        assert_eq!(next(&mut replay, "Query"), None);
        assert!(replay.check(&[]).unwrap_err().contains("more often"));
    }
}
