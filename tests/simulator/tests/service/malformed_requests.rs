//! Requests that no SDK sends.

use std::collections::BTreeSet;
use std::net::TcpListener;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use simulator::Simulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{ACCOUNT, REGION, ROLE, RawResponse, TestServer, until};

const PATHS: [&str; 6] = [
    "/graphs/list",
    "/investigations/getInvestigation",
    "/investigations/listIndicators",
    "/investigations/listInvestigations",
    "/investigations/startInvestigation",
    "/investigations/updateInvestigationState",
];

#[tokio::test]
async fn body_that_is_not_a_json_object_is_rejected() {
    let server = TestServer::new();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_object = format!("{{\"GraphArn\":{}1{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    for path in PATHS {
        server.raw(path, "").await.assert_invalid("INVALID_REQUEST_BODY", "empty");
        for body in ["null", "1", "[]", "\"{}\"", "true"] {
            server.raw(path, body).await.assert_invalid("INVALID_REQUEST_BODY", "not a JSON object");
        }
        for body in ["{", "{}{}", "{'a':1}", "<xml/>", " ", "a=b", "{\"a\":1e999}", "\u{feff}{}"] {
            server.raw(path, body).await.assert_invalid("INVALID_REQUEST_BODY", "not JSON");
        }
        for body in [deep.clone(), deep_object.clone()] {
            server.raw(path, body).await.assert_invalid("INVALID_REQUEST_BODY", "recursion limit");
        }
        server.raw(path, b"\xff\xfe{}".to_vec()).await.assert_invalid("INVALID_REQUEST_BODY", "not JSON");
    }
}

#[tokio::test]
async fn random_bodies_get_errors_in_aws_shape() {
    let server = TestServer::new();
    let bodies: Vec<Vec<u8>> = [
        &b""[..],
        b"null",
        b"[]",
        b"{",
        b"<xml/>",
        b"\xff\xfe{}",
        b"{\"GraphArn\":{}}",
        b"{\"GraphArn\":\"\\ud800\"}",
        b"{\"findingIds\":[[]]}",
    ]
    .map(<[u8]>::to_vec)
    .into_iter()
    .chain([vec![b'['; 100_000], vec![b'x'; 10_000_000]])
    .collect();
    for (method, path) in server.routes().await {
        for body in &bodies {
            for content_type in ["application/json", "text/xml", "application/x-www-form-urlencoded", "\u{e9}"] {
                if body.len() > 1000 && content_type != "text/xml" {
                    continue;
                }
                let url = format!("{}{path}", server.simulator.url());
                let request = server.http.request(method.parse().unwrap(), url).header("content-type", content_type);
                let raw = RawResponse::of(request.body(body.clone()).send().await.unwrap()).await;
                let message = raw.body.get("Message").or(raw.body.get("message"));
                assert!(raw.status < 300 || message.is_some_and(Value::is_string), "{method} {path}: {raw:?}");
                assert!(raw.status < 500 && (raw.status < 300) == raw.error.is_none(), "{method} {path}: {raw:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_concurrent_connections_are_answered() {
    let server = TestServer::new();
    rlimit::increase_nofile_limit(8192).unwrap();
    let body = server.start_members().to_string();
    let request = format!(
        "POST /investigations/startInvestigation HTTP/1.1\r\nhost: simulator\r\nauthorization: AWS4-HMAC-SHA256 \
         Credential={ACCOUNT}/20261120/{REGION}/detective/aws4_request\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut streams = Vec::new();
    for _ in 0..1000 {
        let mut stream = TcpStream::connect(server.simulator.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    // All are open and none has sent its body yet; the simulator answers others all the same.
    server.raw("/graphs/list", "{}").await.assert_ok();
    let mut clients = tokio::task::JoinSet::new();
    for mut stream in streams {
        let body = body.clone();
        clients.spawn(async move {
            stream.write_all(body.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"}") {
                assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "closed without an answer");
            }
            String::from_utf8(answer).unwrap()
        });
    }
    let answers = clients.join_all().await;
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 200 OK")));
    let (_, stored) = server.control_get("investigations").await;
    let ids: BTreeSet<&str> =
        stored.as_array().unwrap().iter().map(|one| one["investigation_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 1000);
    assert!(answers.iter().all(|answer| ids.iter().any(|id| answer.contains(id))));
}

#[tokio::test]
async fn too_large_body_is_rejected() {
    let server = TestServer::new();
    let largest = format!("{{\"a\":\"{}\"}}", "x".repeat(1024 * 1024 - 8));
    assert_eq!(largest.len(), 1024 * 1024);
    server.raw("/graphs/list", largest.clone()).await.assert_ok();
    let one_more = largest.clone() + " ";
    server.raw("/graphs/list", one_more).await.assert_invalid("INVALID_REQUEST_BODY", "1048576 bytes");
    for path in PATHS {
        server.raw(path, vec![b'x'; 10_000_000]).await.assert_invalid("INVALID_REQUEST_BODY", "10000000");
    }
}

#[tokio::test]
async fn an_unknown_path_or_method_is_answered_in_aws_shape() {
    let server = TestServer::new();
    for path in
        ["/", "/graphs", "/graphs/list/", "/graphs//list", "/GRAPHS/LIST", "/investigations/%00", "/tags", "/tags/a/b"]
    {
        let raw = server.raw(path, "{}").await;
        assert_eq!((raw.status, raw.error.as_deref()), (404, Some("UnknownOperationException")), "{path}");
        assert!(raw.body["Message"].is_string());
    }
    let routes = server.routes().await;
    for (_, path) in &routes {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
            if routes.iter().any(|(known, other)| other == path && known == method) {
                continue;
            }
            let url = format!("{}{path}", server.simulator.url());
            let raw = RawResponse::of(server.http.request(method.parse().unwrap(), url).send().await.unwrap()).await;
            assert_eq!((raw.status, raw.error.as_deref()), (404, Some("UnknownOperationException")), "{method} {path}");
        }
    }
    // A path's parameter that is no UTF-8.
    let raw = server.raw("/detector/%ff/findings", "{}").await;
    assert!(raw.status == 404 || raw.status == 400, "{raw:?}");
    assert_eq!(server.raw("/none", vec![b'x'; 10_000_000]).await.status, 404);
    assert_eq!(server.simulator.journal()[0].operation, "POST /");
    assert_eq!(server.simulator.journal()[0].service, "");
}

#[tokio::test]
async fn headers_do_not_change_errors() {
    let server = TestServer::new();
    let url = format!("{}/graphs/list", server.simulator.url());
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("content-type", "application/x-amz-json-1.1"),
        ("authorization", "AWS4-HMAC-SHA256 Credential=////////"),
        ("authorization", ""),
        ("expect", "100-continue"),
    ] {
        let raw = RawResponse::of(server.http.post(&url).header(name, value).body("{}").send().await.unwrap()).await;
        raw.assert_ok();
        assert!(raw.body["GraphList"][0]["Arn"].as_str().unwrap().contains(":us-east-1:000000000000:"));
    }
}

#[tokio::test]
async fn body_with_another_content_type_is_rejected() {
    let server = TestServer::new();
    let url = format!("{}/investigations/startInvestigation", server.simulator.url());
    for kind in ["application/xml", "text/plain", "application/x-www-form-urlencoded", ""] {
        let request = server.http.post(&url).header("content-type", kind).body(server.start_members().to_string());
        let raw = RawResponse::of(request.send().await.unwrap()).await;
        assert_eq!((raw.status, raw.error.as_deref()), (415, Some("UnsupportedMediaTypeException")), "{kind}");
    }
    assert_eq!(server.control_get("investigations").await.1, serde_json::json!([]));
}

#[tokio::test]
async fn malformed_http_does_not_stop_the_simulator() {
    let server = TestServer::new();
    for bytes in [
        b"\0\0\0\0".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        vec![b'A'; 1_000_000],
        b"POST /graphs/list HTTP/1.1\r\ncontent-length: 5\r\n\r\n{}".to_vec(),
        b"POST /graphs/list HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec(),
    ] {
        let mut stream = TcpStream::connect(server.simulator.address()).await.unwrap();
        // The simulator may close while this is still writing.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
    server.start(ROLE).await;
}

#[test]
fn random_json_gets_validation_errors() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(async { TestServer::new() });
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just(serde_json::to_string(&server.graph).unwrap()),
        Just("\"100000000000000000001\"".to_owned()),
        Just("{\"Value\":\"x\"}".to_owned()),
    ];
    let names = prop_oneof![
        Just("GraphArn"),
        Just("InvestigationId"),
        Just("EntityArn"),
        Just("MaxResults"),
        Just("NextToken"),
        Just("FilterCriteria"),
        Just("SortCriteria"),
        Just("ScopeStartTime"),
        Just("State"),
    ];
    let bodies = prop::collection::vec((names, leaf), 0..6).prop_map(|members| {
        let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    });
    let paths = prop::sample::select(&PATHS[..]);
    TestRunner::new(Config { source_file: Some(file!()), ..Config::default() })
        .run(&(paths, bodies), |(path, body)| {
            let raw = runtime.block_on(server.raw(path, body));
            prop_assert!([200, 400, 404].contains(&raw.status), "{:?}", raw);
            prop_assert_eq!(raw.error.is_none(), raw.status == 200);
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn stalled_client_does_not_delay_shutdown() {
    let server = TestServer::new();
    let mut stream = TcpStream::connect(server.simulator.address()).await.unwrap();
    stream.write_all(b"POST /graphs/list HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n{").await.unwrap();
    server.start(ROLE).await;
    let address = server.simulator.address();
    server.simulator.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_dropped_simulator_stops() {
    let simulator = Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
    let address = simulator.address();
    drop(simulator);
    until("the end of the simulator", async || TcpStream::connect(address).await.is_err()).await;
}

#[test]
fn start_fails_outside_of_a_runtime() {
    assert!(Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).is_err());
}
