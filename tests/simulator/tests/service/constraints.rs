//! Every constraint at its edge and one past it.

use serde_json::{Value, json};

use crate::support::{NO_ID, ROLE, TestServer};

const GET: &str = "/investigations/getInvestigation";
const INDICATORS: &str = "/investigations/listIndicators";
const LIST: &str = "/investigations/listInvestigations";
const START: &str = "/investigations/startInvestigation";
const UPDATE: &str = "/investigations/updateInvestigationState";
const BODY: &str = "INVALID_REQUEST_BODY";
const GRAPH: &str = "INVALID_GRAPH_ARN";

/// A request in order, for each operation that needs a graph, with the required members by name.
async fn requests(server: &TestServer) -> Vec<(&'static str, Value)> {
    let id = server.start(ROLE).await;
    let of_investigation = json!({ "GraphArn": server.graph, "InvestigationId": id });
    vec![
        (GET, of_investigation.clone()),
        (INDICATORS, of_investigation.clone()),
        (LIST, json!({ "GraphArn": server.graph })),
        (START, server.start_members()),
        (UPDATE, with(&of_investigation, "State", json!("ARCHIVED"))),
    ]
}

fn with(members: &Value, name: &str, value: Value) -> Value {
    let mut members = members.clone();
    members[name] = value;
    members
}

#[tokio::test]
async fn every_required_member_is_required() {
    let server = TestServer::new();
    for (path, members) in requests(&server).await {
        server.post(path, &members).await.assert_ok();
        for name in members.as_object().unwrap().keys() {
            let mut without = members.clone();
            without.as_object_mut().unwrap().remove(name);
            let missing = format!("Request.{name} is required and missing");
            let code = if name == "GraphArn" { GRAPH } else { BODY };
            for members in [without, with(&members, name, Value::Null)] {
                let raw = server.post(path, &members).await;
                assert_eq!(raw.status, 400);
                assert!(raw.body["Message"].as_str().unwrap().contains(&missing), "{raw:?}");
                assert!([BODY, code].contains(&raw.body["ErrorCode"].as_str().unwrap()));
            }
        }
    }
}

#[tokio::test]
async fn every_required_member_is_a_string() {
    let server = TestServer::new();
    for (path, members) in requests(&server).await {
        for name in members.as_object().unwrap().keys() {
            for value in [json!(1), json!(1.5), json!(true), json!([]), json!({}), json!(["x"])] {
                let raw = server.post(path, &with(&members, name, value)).await;
                raw.assert_invalid(BODY, &format!("{name} must be a string"));
            }
        }
    }
}

#[tokio::test]
async fn members_that_the_reference_does_not_know_are_ignored() {
    let server = TestServer::new();
    for (path, members) in requests(&server).await {
        server.post(path, &with(&members, "Unknown", json!(1))).await.assert_ok();
    }
}

#[tokio::test]
async fn graph_arn_is_checked() {
    let server = TestServer::new();
    let id = "a".repeat(32);
    let fitting = [
        format!("arn:aws:detective:us:111122223333:graph:{id}"),
        format!("arn:aws-234567890:detective:{}:111122223333:graph:{id}", "r".repeat(20)),
    ];
    let wrong = [
        String::new(),
        "graph".into(),
        format!("arn:aws-2345678901x:detective:us:111122223333:graph:{id}"),
        format!("arn:azure:detective:us:111122223333:graph:{id}"),
        format!("arn:aws:detective:u:111122223333:graph:{id}"),
        format!("arn:aws:detective:{}:111122223333:graph:{id}", "r".repeat(21)),
        format!("arn:aws:detective:us:11112222333:graph:{id}"),
        format!("arn:aws:detective:us:1111222233334:graph:{id}"),
        format!("arn:aws:detective:us:111122223333:graph:{}", &id[1..]),
        format!("arn:aws:detective:us:111122223333:graph:{id}a"),
        format!("arn:aws:detective:us:111122223333:graph:{}g", &id[1..]),
        format!("arn:aws:detective:us:111122223333:graph:{}", id.to_uppercase()),
        format!("arn:aws:detective:us:111122223333:graph:{id}\n"),
    ];
    for (path, members) in requests(&server).await {
        for arn in &fitting {
            let raw = server.post(path, &with(&members, "GraphArn", json!(arn))).await;
            assert_eq!(raw.error.as_deref(), Some("ResourceNotFoundException"), "{arn}");
        }
        for arn in &wrong {
            let raw = server.post(path, &with(&members, "GraphArn", json!(arn))).await;
            raw.assert_invalid(GRAPH, "GraphArn must match ^arn:aws");
        }
    }
}

#[tokio::test]
async fn investigation_id_is_checked() {
    let server = TestServer::new();
    for (path, members) in requests(&server).await {
        if members.get("InvestigationId").is_none() {
            continue;
        }
        let post = |id: String| {
            let members = with(&members, "InvestigationId", json!(id));
            let server = &server;
            async move { server.post(path, &members).await }
        };
        assert_eq!(post(NO_ID.into()).await.status, 404);
        assert_eq!(post("0".repeat(21)).await.status, 404);
        post("1".repeat(20)).await.assert_invalid(BODY, "length greater than or equal to 21. Found 20.");
        post("1".repeat(22)).await.assert_invalid(BODY, "length less than or equal to 21. Found 22.");
        post(String::new()).await.assert_invalid(BODY, "Found 0.");
        post(format!("{}x", "1".repeat(20))).await.assert_invalid(BODY, "must match ^[0-9]+$");
        post("\u{661}".repeat(21)).await.assert_invalid(BODY, "must match ^[0-9]+$");
    }
}

#[tokio::test]
async fn max_results_is_checked() {
    let server = TestServer::new();
    let mut paths = requests(&server).await;
    paths.retain(|(path, _)| [INDICATORS, LIST].contains(path));
    let mut paths: Vec<_> = paths.into_iter().map(|(path, members)| (path, members, 100)).collect();
    paths.push(("/graphs/list", json!({}), 200));
    for (path, members, most) in paths {
        for number in [1, most] {
            server.post(path, &with(&members, "MaxResults", json!(number))).await.assert_ok();
        }
        for number in [json!(0), json!(-1), json!(most + 1), json!(i64::MIN), json!(u64::MAX)] {
            let raw = server.post(path, &with(&members, "MaxResults", number)).await;
            raw.assert_invalid(BODY, &format!("MaxResults must be between 1 and {most}"));
        }
        for value in [json!("10"), json!(1.5), json!(1e300), json!(true), json!([1])] {
            let raw = server.post(path, &with(&members, "MaxResults", value)).await;
            raw.assert_invalid(BODY, "MaxResults must be an integer");
        }
    }
}

#[tokio::test]
async fn next_token_is_checked() {
    let server = TestServer::new();
    let mut paths = requests(&server).await;
    paths.retain(|(path, _)| [INDICATORS, LIST].contains(path));
    let mut paths: Vec<_> = paths.into_iter().map(|(path, members)| (path, members, 2048)).collect();
    paths.push(("/graphs/list", json!({}), 1024));
    for (path, members, most) in paths {
        let post = |token: Value| {
            let members = with(&members, "NextToken", token);
            let server = &server;
            async move { server.post(path, &members).await }
        };
        post(json!("")).await.assert_invalid(BODY, "NextToken must have length greater than or equal to 1");
        post(json!("x".repeat(most))).await.assert_invalid(BODY, "NextToken was not issued for this request");
        post(json!("x")).await.assert_invalid(BODY, "NextToken was not issued for this request");
        post(json!("x".repeat(most + 1))).await.assert_invalid(BODY, &format!("Found {}.", most + 1));
        post(json!(1)).await.assert_invalid(BODY, "NextToken must be a string");
    }
}

#[tokio::test]
async fn entity_arn_is_checked() {
    let server = TestServer::new();
    let post = |arn: &str| {
        let members = with(&server.start_members(), "EntityArn", json!(arn));
        let server = &server;
        async move { server.post(START, &members).await }
    };
    for arn in [ROLE, "arn:aws:iam::111122223333:user/alice", "arn:aws-cn:iam::111122223333:role/a/b/c"] {
        post(arn).await.assert_ok();
    }
    for arn in [
        "",
        "web-role",
        "arn:",
        "arn:aws:iam::111122223333:root",
        "arn:aws:sts::111122223333:assumed-role/web-role/session",
        "arn:aws:iam::111122223333:instance-profile/web",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:ec2:us-east-1:111122223333:instance/i-0abc",
        "AROAEXAMPLEID",
    ] {
        post(arn).await.assert_invalid(BODY, "EntityArn must");
    }
}

#[tokio::test]
async fn scope_is_checked() {
    let server = TestServer::new();
    let post = |start: &str, end: &str| {
        let members = with(&server.start_members(), "ScopeStartTime", json!(start));
        let members = with(&members, "ScopeEndTime", json!(end));
        let server = &server;
        async move { server.post(START, &members).await }
    };
    post("2026-11-01T00:00:00Z", "2026-11-01T03:00:00Z").await.assert_ok();
    post("2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z").await.assert_ok();
    post("2026-11-01T02:00:00+02:00", "2026-11-01T03:00:00.000Z").await.assert_ok();
    let short = "ScopeEndTime must be at least 3 hours after";
    post("2026-11-01T00:00:00Z", "2026-11-01T02:59:59.999Z").await.assert_invalid(BODY, short);
    post("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z").await.assert_invalid(BODY, short);
    post("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z").await.assert_invalid(BODY, short);
    let long = "ScopeEndTime must be at most 30 days after";
    post("2026-10-01T00:00:00Z", "2026-10-31T00:00:00.001Z").await.assert_invalid(BODY, long);
    post("0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z").await.assert_invalid(BODY, long);
}

#[tokio::test]
async fn timestamps_are_checked() {
    let server = TestServer::new();
    for name in ["ScopeStartTime", "ScopeEndTime"] {
        for value in [
            json!(""),
            json!("yesterday"),
            json!("2026-11-19"),
            json!("2026-11-19T00:00:00"),
            json!("2026-13-19T00:00:00Z"),
        ] {
            let raw = server.post(START, &with(&server.start_members(), name, value)).await;
            raw.assert_invalid(BODY, &format!("{name} must be an ISO-8601 time"));
        }
        let raw = server.post(START, &with(&server.start_members(), name, json!(1_763_510_400))).await;
        raw.assert_invalid(BODY, &format!("{name} must be a string"));
    }
}

#[tokio::test]
async fn enums_are_checked() {
    let server = TestServer::new();
    let requests = requests(&server).await;
    let of = |wanted: &str| requests.iter().find(|(path, _)| *path == wanted).unwrap().1.clone();
    let sort = |field: Value| with(&of(LIST), "SortCriteria", field);
    for word in ["ACTIVE", "ARCHIVED"] {
        server.post(UPDATE, &with(&of(UPDATE), "State", json!(word))).await.assert_ok();
    }
    for word in ["", "active", "DELETED"] {
        let raw = server.post(UPDATE, &with(&of(UPDATE), "State", json!(word))).await;
        raw.assert_invalid(BODY, "State must be one of [ACTIVE, ARCHIVED]");
    }
    for word in [
        "TTP_OBSERVED",
        "IMPOSSIBLE_TRAVEL",
        "FLAGGED_IP_ADDRESS",
        "NEW_GEOLOCATION",
        "NEW_ASO",
        "NEW_USER_AGENT",
        "RELATED_FINDING",
        "RELATED_FINDING_GROUP",
    ] {
        server.post(INDICATORS, &with(&of(INDICATORS), "IndicatorType", json!(word))).await.assert_ok();
    }
    let raw = server.post(INDICATORS, &with(&of(INDICATORS), "IndicatorType", json!("NEW_PLANET"))).await;
    raw.assert_invalid(BODY, "IndicatorType must be one of [TTP_OBSERVED");
    for field in ["SEVERITY", "STATUS", "CREATED_TIME"] {
        for order in ["ASC", "DESC"] {
            server.post(LIST, &sort(json!({ "Field": field, "SortOrder": order }))).await.assert_ok();
        }
    }
    server.post(LIST, &sort(json!({}))).await.assert_ok();
    let raw = server.post(LIST, &sort(json!({ "Field": "STATE" }))).await;
    raw.assert_invalid(BODY, "SortCriteria.Field must be one of [SEVERITY, STATUS, CREATED_TIME]");
    let raw = server.post(LIST, &sort(json!({ "SortOrder": "asc" }))).await;
    raw.assert_invalid(BODY, "SortCriteria.SortOrder must be one of [ASC, DESC]");
    server.post(LIST, &sort(json!("ASC"))).await.assert_invalid(BODY, "SortCriteria must be a structure");
}

#[tokio::test]
async fn filters_are_checked() {
    let server = TestServer::new();
    let filter = |criteria: Value| json!({ "GraphArn": server.graph, "FilterCriteria": criteria });
    for name in ["Severity", "Status", "State", "EntityArn"] {
        let post = |value: Value| {
            let members = filter(json!({ name: { "Value": value } }));
            let server = &server;
            async move { server.post(LIST, &members).await }
        };
        post(json!("x")).await.assert_ok();
        post(json!("x".repeat(500))).await.assert_ok();
        // Characters count, not bytes.
        post(json!("é".repeat(500))).await.assert_ok();
        let at = format!("FilterCriteria.{name}.Value must have length");
        post(json!("")).await.assert_invalid(BODY, &at);
        post(json!("x".repeat(501))).await.assert_invalid(BODY, &at);
        post(json!(1)).await.assert_invalid(BODY, "Value must be a string");
        post(Value::Null).await.assert_invalid(BODY, "Value is required and missing");
        let raw = server.post(LIST, &filter(json!({ name: "x" }))).await;
        raw.assert_invalid(BODY, &format!("FilterCriteria.{name} must be a structure"));
    }
    server.post(LIST, &filter(json!([]))).await.assert_invalid(BODY, "FilterCriteria must be a structure");
    let created = |start: Value, end: Value| {
        let members = filter(json!({ "CreatedTime": { "StartInclusive": start, "EndInclusive": end } }));
        let server = &server;
        async move { server.post(LIST, &members).await }
    };
    let (early, late) = (json!("2026-01-01T00:00:00Z"), json!("2026-01-01T00:00:01Z"));
    created(early.clone(), late.clone()).await.assert_ok();
    created(early.clone(), early.clone()).await.assert_ok();
    created(late, early.clone()).await.assert_invalid(BODY, "EndInclusive must not be before StartInclusive");
    created(Value::Null, early.clone()).await.assert_invalid(BODY, "CreatedTime.StartInclusive is required");
    created(early.clone(), Value::Null).await.assert_invalid(BODY, "CreatedTime.EndInclusive is required");
    created(early, json!(1)).await.assert_invalid(BODY, "EndInclusive must be a string");
}
