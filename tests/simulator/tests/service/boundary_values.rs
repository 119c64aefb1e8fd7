//! Every constraint of every operation at its limit and one above it.
//!
//! The constraints are read from the simulator's own description, which `boto3.rs` compares with the API models. They are
//! tested over HTTP, because no SDK sends all invalid values. An invalid value must be answered with an error that names
//! the member; a value at the limit must be accepted.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use crate::support::{ACCOUNT, NO_ID, REGION, ROLE, RawResponse, TestServer};

/// An operation as the simulator describes it.
struct Operation {
    description: Value,
}

impl Operation {
    async fn all(server: &TestServer) -> Vec<Self> {
        let (status, operations) = server.control_get("operations").await;
        assert_eq!(status, 200);
        let all: Vec<Self> =
            operations.as_array().unwrap().iter().map(|one| Self { description: one.clone() }).collect();
        assert_eq!(all.len(), 29 + 12);
        all
    }

    fn text(&self, name: &str) -> &str {
        self.description[name].as_str().unwrap()
    }

    fn inputs(&self) -> &Map<String, Value> {
        self.description["input"].as_object().unwrap()
    }

    /// A request that holds all constraints, with every member that must be there.
    fn request(&self, server: &TestServer) -> Map<String, Value> {
        let required = self.inputs().iter().filter(|(_, shape)| shape["required"] == true);
        required.map(|(name, shape)| (name.clone(), fitting(server, name, shape))).collect()
    }

    async fn send(&self, server: &TestServer, members: &Map<String, Value>) -> RawResponse {
        let (mut path, mut query, mut body) = (self.text("path").to_owned(), Vec::new(), Map::new());
        for (name, value) in members {
            let of_list = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            let texts = of_list.iter().map(|one| one.as_str().map_or(one.to_string(), String::from));
            match self.inputs().get(name).and_then(|shape| shape["location"].as_str()) {
                Some("uri") => {
                    path = path.replace(&format!("{{{name}}}"), &texts.map(|text| encoded(&text)).collect::<String>())
                }
                Some(_) => query.extend(texts.map(|text| format!("{name}={}", encoded(&text)))),
                None => drop(body.insert(name.clone(), value.clone())),
            }
        }
        let service = self.text("service");
        let credential = format!("AWS4-HMAC-SHA256 Credential={ACCOUNT}/20261120/{REGION}/{service}/aws4_request");
        let url = format!("{}{path}?{}", server.simulator.url(), query.join("&"));
        let method = self.text("method").parse().unwrap();
        let request = server.http.request(method, url).header("authorization", credential);
        RawResponse::of(request.body(Value::Object(body).to_string()).send().await.unwrap()).await
    }

    /// The answer is that of a constraint on this member.
    #[track_caller]
    fn assert_refused(&self, raw: &RawResponse, member: &str, what: &str) {
        let (error, message) = match self.text("service") {
            "detective" => ("ValidationException", &raw.body["Message"]),
            _ => ("BadRequestException", &raw.body["message"]),
        };
        assert_eq!((raw.status, raw.error.as_deref()), (400, Some(error)), "{member} {what}: {raw:?}");
        let start = format!("{}Request.{member}", self.text("operation"));
        assert!(message.as_str().unwrap().starts_with(&start), "{member} {what}: {raw:?}");
    }

    /// The answer is not that of a constraint on this member: the operation was processed.
    #[track_caller]
    fn assert_is_accepted(&self, raw: &RawResponse, member: &str, what: &str) {
        let message = raw.body["Message"].as_str().or(raw.body["message"].as_str()).unwrap_or_default();
        let shape_words =
            ["must have length", "must match", "must be between", "must be one of", "is required and missing"];
        let by_shape = message.starts_with(&format!("{}Request.{member}", self.text("operation")))
            && shape_words.iter().any(|words| message.contains(words));
        assert!(!by_shape && raw.status < 500, "{member} {what}: {raw:?}");
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A value that holds a shape's constraints, of the given length where the shape has one.
fn fitting(server: &TestServer, name: &str, shape: &Value) -> Value {
    match name {
        "GraphArn" | "ResourceArn" => return json!(server.graph),
        "GraphArns" => return json!([server.graph]),
        "InvestigationId" if shape["min"] == 21 => return json!(NO_ID),
        "EntityArn" if shape["type"] == "string" => return json!(ROLE),
        "ScopeStartTime" | "StartInclusive" => return json!("2026-11-19T00:00:00Z"),
        "ScopeEndTime" | "EndInclusive" => return json!("2026-11-20T00:00:00Z"),
        "EmailAddress" => return json!("a@example.com"),
        _ => {}
    }
    match shape["type"].as_str().unwrap() {
        "string" => match shape.get("enum") {
            Some(words) => words[0].clone(),
            None => json!(text_of(shape, shape["min"].as_u64().unwrap_or(1).max(1))),
        },
        "integer" => json!(shape["min"].as_i64().unwrap_or(1)),
        "boolean" => json!(true),
        "timestamp" => json!("2026-11-19T00:00:00Z"),
        "list" => items(server, shape, shape["min"].as_u64().unwrap_or(1).max(1)),
        "map" => entries(server, shape, 1),
        "structure" => {
            let members = shape["members"].as_object().unwrap().iter().filter(|(_, shape)| shape["required"] == true);
            members.map(|(name, shape)| (name.clone(), fitting(server, name, shape))).collect::<Map<_, _>>().into()
        }
        other => panic!("unknown type {other}"),
    }
}

/// A text of so many characters that matches the shape's pattern, as far as patterns of free length go.
fn text_of(shape: &Value, length: u64) -> String {
    let digits =
        shape["pattern"].as_str().is_some_and(|pattern| pattern.contains("0-9") && !pattern.contains("a-zA-Z"));
    (if digits { "1" } else { "a" }).repeat(usize::try_from(length).unwrap())
}

fn items(server: &TestServer, shape: &Value, count: u64) -> Value {
    let of = &shape["member"];
    let item = |at: u64| match of.get("pattern") {
        // Accounts must be unique.
        Some(_) if of["min"] == 12 => json!(format!("{:012}", 300_000_000_000_u64 + at)),
        Some(pattern) if pattern.as_str().unwrap().contains("graph") => json!(server.graph),
        _ if of["members"]["AccountId"].is_object() => {
            json!({ "AccountId": format!("{:012}", 300_000_000_000_u64 + at), "EmailAddress": "a@example.com" })
        }
        _ => fitting(server, "", of),
    };
    (0..count).map(item).collect()
}

fn entries(server: &TestServer, shape: &Value, count: u64) -> Value {
    let name = |at: u64| -> String { at.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect() };
    (0..count).map(|at| (name(at), fitting(server, "", &shape["value"]))).collect::<Map<_, _>>().into()
}

/// Values, each with a word about it.
type Values = Vec<(String, Value)>;

/// A value inside a member: the path that messages give it, its shape, and the whole member with a value
/// put there.
struct JsonPath {
    path: String,
    shape: Value,
    put: Box<dyn Fn(Value) -> Value>,
}

/// Values at the edges of a shape, and values past them; each with a word about it.
fn edges(server: &TestServer, shape: &Value) -> (Values, Values) {
    let (mut within, mut past) = (Vec::new(), Vec::new());
    let (min, max) = (shape["min"].as_i64(), shape["max"].as_i64());
    let sized = |size: i64| -> Value {
        let size = u64::try_from(size).unwrap();
        match shape["type"].as_str().unwrap() {
            "string" => json!(text_of(shape, size)),
            "list" => items(server, shape, size),
            _ => entries(server, shape, size),
        }
    };
    match shape["type"].as_str().unwrap() {
        "integer" => {
            for (edge, step) in [(min, -1), (max, 1)] {
                let Some(edge) = edge else { continue };
                within.push((format!("at {edge}"), json!(edge)));
                past.push((format!("past {edge}"), json!(edge + step)));
            }
            past.extend([json!(1.5), json!([]), json!("x")].map(|value| ("of another type".into(), value)));
        }
        "boolean" => past.extend([json!(1), json!("true"), json!([])].map(|value| ("of another type".into(), value))),
        "timestamp" => {
            past.extend([json!(1_763_510_400), json!("today"), json!([])].map(|value| ("no time".into(), value)));
        }
        "string" if shape.get("enum").is_some() => {
            within.extend(shape["enum"].as_array().unwrap().iter().map(|word| (word.to_string(), word.clone())));
            past.extend(["", "NO_SUCH_WORD"].map(|word| (format!("{word:?}"), json!(word))));
            past.extend([json!(1), json!({})].map(|value| ("of another type".into(), value)));
        }
        "string" | "list" | "map" => {
            let fixed =
                shape["pattern"].as_str().is_some_and(|pattern| pattern.contains(":graph:") || pattern.contains('@'));
            if let Some(max) = max.filter(|_| !fixed) {
                within.push((format!("of length {max}"), sized(max)));
                past.push((format!("of length {}", max + 1), sized(max + 1)));
            }
            if let Some(min) = min.filter(|min| *min > 0 && !fixed) {
                within.push((format!("of length {min}"), sized(min)));
                past.push((format!("of length {}", min - 1), sized(min - 1)));
            }
            if let Some(pattern) = shape["pattern"].as_str() {
                let length = usize::try_from(min.unwrap_or(4).max(4)).unwrap();
                past.push((format!("not matching {pattern}"), json!("\u{e9}".repeat(length))));
                past.push((format!("with more than {pattern}"), json!(format!("{}\n", "1".repeat(length - 1)))));
            }
            past.extend([json!(1), json!(true)].map(|value| ("of another type".into(), value)));
        }
        "structure" => past.extend([json!(1), json!("x"), json!([])].map(|value| ("of another type".into(), value))),
        other => panic!("unknown type {other}"),
    }
    (within, past)
}

/// Every value inside a shape: how to set it, its own shape, and the path that messages give.
fn places(server: &TestServer, name: &str, shape: &Value) -> Vec<JsonPath> {
    let whole = JsonPath { path: name.to_owned(), shape: shape.clone(), put: Box::new(|value| value) };
    let mut found = vec![whole];
    let mut inside = |inner: Vec<JsonPath>, around: Rc<dyn Fn(Value) -> Value>| {
        for JsonPath { path, shape, put } in inner {
            let around = around.clone();
            found.push(JsonPath { path, shape, put: Box::new(move |value| around(put(value))) });
        }
    };
    match shape["type"].as_str().unwrap() {
        "list" => {
            let items = places(server, &format!("{name}[0]"), &shape["member"]);
            inside(items, Rc::new(|item| json!([item])));
        }
        "map" => {
            let value = fitting(server, "", &shape["value"]);
            let key = JsonPath { path: format!("{name} key"), shape: shape["key"].clone(), put: Box::new(|key| key) };
            let with_key = move |key: Value| json!({ (key.as_str().unwrap_or_default()): value });
            inside(vec![key], Rc::new(with_key));
            let values = places(server, &format!("{name}[\"a\"]"), &shape["value"]);
            inside(values, Rc::new(|value| json!({ "a": value })));
        }
        "structure" => {
            for (member, inner) in shape["members"].as_object().unwrap() {
                let (whole, of_member) = (fitting(server, "", shape), member.clone());
                let with_member = move |value| {
                    let mut whole = whole.clone();
                    whole[of_member.as_str()] = value;
                    whole
                };
                inside(places(server, &format!("{name}.{member}"), inner), Rc::new(with_member));
            }
        }
        _ => {}
    }
    found
}

#[tokio::test]
async fn constraints_hold_at_their_limits() {
    let server = TestServer::new();
    let (mut tried_within, mut tried_past) = (0, 0);
    for operation in Operation::all(&server).await {
        for (name, shape) in operation.inputs() {
            let in_path = shape["location"] == "uri";
            for JsonPath { path, shape: inner, put } in places(&server, name, shape) {
                let (within, past) = edges(&server, &inner);
                let text_only = shape["location"].is_string();
                for (what, value) in within {
                    let mut members = operation.request(&server);
                    members.insert(name.clone(), put(value));
                    let raw = operation.send(&server, &members).await;
                    operation.assert_is_accepted(&raw, &path, &what);
                    tried_within += 1;
                }
                for (what, value) in past {
                    // In a path or a query all is text, and an empty part of a path is another path.
                    if (text_only && what == "of another type")
                        || (in_path && value == "")
                        || (text_only && value == json!([]))
                    {
                        continue;
                    }
                    // A key of a map is always a string.
                    if path.ends_with(" key") && !value.is_string() {
                        continue;
                    }
                    let mut members = operation.request(&server);
                    members.insert(name.clone(), put(value));
                    let raw = operation.send(&server, &members).await;
                    operation.assert_refused(&raw, path.split("[\"").next().unwrap(), &what);
                    tried_past += 1;
                }
            }
        }
    }
    assert!(tried_within > 150 && tried_past > 500, "{tried_within} at an edge and {tried_past} past one");
}

#[tokio::test]
async fn every_required_member_is_required() {
    let server = TestServer::new();
    let mut tried = 0;
    for operation in Operation::all(&server).await {
        for (name, shape) in operation.inputs() {
            for JsonPath { path, shape: inner, put } in places(&server, name, shape) {
                if inner["required"] != true || inner["location"] == "uri" {
                    continue;
                }
                let mut members = operation.request(&server);
                members.insert(name.clone(), put(Value::Null));
                if inner["location"].is_string() {
                    members.remove(name);
                }
                let raw = operation.send(&server, &members).await;
                operation.assert_refused(&raw, path.split("[\"").next().unwrap(), "left out");
                tried += 1;
            }
        }
    }
    assert!(tried > 30, "{tried}");
}

#[tokio::test]
async fn members_that_the_reference_does_not_know_are_ignored() {
    for operation in Operation::all(&TestServer::new()).await {
        // Of a simulator of its own each: what the first changes would meet the second.
        let (server, other) = (TestServer::new(), TestServer::new());
        let plain = operation.send(&other, &operation.request(&other)).await;
        let mut more = operation.request(&server);
        more.insert("Unknown".into(), json!({ "a": [1] }));
        let raw = operation.send(&server, &more).await;
        operation.assert_is_accepted(&raw, "Unknown", "ignored");
        assert_eq!((raw.status, raw.error), (plain.status, plain.error), "{}", operation.text("operation"));
    }
}
