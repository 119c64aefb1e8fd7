use super::*;
use crate::Finding;
use crate::finding::ActivityResult;
use serde_json::{Value, json};

/// The details of a finding with that resource and service.
fn of(resource: &Value, service: &Value) -> Details {
    details(JsonNode::new(&json!({"resource": resource, "service": service})))
}

fn of_service(service: &Value) -> Details {
    of(&Value::Null, service)
}

fn stored(details: &Details) -> Value {
    serde_json::to_value(details).unwrap()
}

/// The same document with all member names in the PascalCase of GuardDuty's API.
fn respelt(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name[..1].to_uppercase() + &name[1..], respelt(value))).collect()
        }
        Value::Array(items) => items.iter().map(respelt).collect(),
        other => other.clone(),
    }
}

fn runtime() -> Value {
    json!({"runtimeDetails": {
        "process": {
            "name": "bash", "executablePath": "/usr/bin/bash", "executableSha256": "ab".repeat(32), "pwd": "/tmp",
            "pid": 4711, "user": "www-data", "userId": 33, "uuid": "u-1", "parentUuid": "u-0", "lineage": [
                {"uuid": "u-9", "pid": 1, "executablePath": "/sbin/init"},
                {"uuid": "u-0", "pid": 900, "executablePath": "/usr/sbin/php-fpm8.2"}]},
        "context": {"scriptPath": "/tmp/.x.sh", "commandLineExample": "bash -i", "socketPath": null,
            "libraryPath": "/tmp/libx.so", "targetProcess": {"name": "sshd", "pid": 12}}}})
}

#[test]
fn a_process_is_read_with_its_path_parent_user_and_script() {
    let process = json!({
        "name": "bash", "path": "/usr/bin/bash", "pid": 4711, "user": "www-data", "user_id": 33,
        "working_directory": "/tmp", "parent": {"path": "/usr/sbin/php-fpm8.2", "pid": 900},
        "target": {"name": "sshd", "pid": 12}, "script": "/tmp/.x.sh", "command": "bash -i",
        "files": ["/tmp/libx.so"], "sha256": "ab".repeat(32)});
    assert_eq!(stored(&of_service(&runtime())), json!({"processes": [process]}));
    assert_eq!(of_service(&runtime()), details(JsonNode::new(&respelt(&json!({"service": runtime()})))));
}

#[test]
fn missing_members_of_a_process_are_none() {
    for (process, read) in [
        (json!({"name": "xmrig"}), Some(json!({"name": "xmrig"}))),
        (json!({"executablePath": "/tmp/xmrig", "userId": 0}), Some(json!({"path": "/tmp/xmrig", "user_id": 0}))),
        (json!({"user": "root", "lineage": [{"pid": 1}]}), Some(json!({"user": "root", "parent": {"pid": 1}}))),
        (json!({"lineage": [null, {}]}), None),
        (json!({"name": null, "pid": "4711", "lineage": "none"}), Some(json!({"pid": 4711}))),
        (json!({"name": "\u{200b}", "pid": -1}), None),
        (json!("bash"), None),
    ] {
        let details = of_service(&json!({"runtimeDetails": {"process": process, "context": null}}));
        assert_eq!(details.is_empty(), read.is_none());
        let read = read.map_or_else(|| json!({}), |it| json!({"processes": [it]}));
        assert_eq!(stored(&details), read, "{process}");
    }
    assert!(of_service(&json!({"runtimeDetails": null})).is_empty());
}

#[test]
fn at_most_four_processes_of_a_sequence_are_kept() {
    let actor = |number: usize| json!({"id": "a", "process": {"name": format!("p{number}"), "path": "/tmp/p"}});
    let actors: Vec<Value> = (0..40).map(actor).chain([json!({"id": "u", "user": {}})]).collect();
    let details = of_service(&json!({"detection": {"sequence": {"actors": actors}}}));
    assert_eq!(details.processes.len(), 4);
    assert_eq!(stored(&details)["processes"][0], json!({"name": "p0", "path": "/tmp/p"}));
}

#[test]
fn containers_and_their_workload_are_read_without_duplicates() {
    let resource = json!({
        "containerDetails": {"name": "ledger", "image": "registry.example/ledger:3", "id": "c0ffee"},
        "kubernetesDetails": {"kubernetesWorkloadDetails": {"name": "ledger-7c9", "type": "pods", "namespace": "pay",
            "containers": [{"name": "ledger", "image": "registry.example/ledger:3", "id": "c0ffee"}, {}, null]}},
        "ecsClusterDetails": {"taskDetails": {"containers": [{"image": "registry.example/agent:1"}]}},
    });
    let read = json!({
        "containers": [
            {"name": "ledger", "image": "registry.example/ledger:3", "id": "c0ffee"},
            {"image": "registry.example/agent:1"}],
        "workload": "pods pay/ledger-7c9"});
    assert_eq!(stored(&of(&resource, &Value::Null)), read);
    assert_eq!(details(JsonNode::new(&respelt(&json!({"resource": resource})))), of(&resource, &Value::Null));
    let nothing = json!({"kubernetesDetails": {"kubernetesWorkloadDetails": {"namespace": "pay", "containers": null}}});
    assert!(of(&nothing, &Value::Null).is_empty());
}

#[test]
fn the_account_that_used_the_credentials_is_read() {
    let with = |account: Value| of_service(&json!({"action": {"awsApiCallAction": {"remoteAccountDetails": account}}}));
    for (account, read) in [
        (
            json!({"accountId": "777788889999", "affiliated": false}),
            json!({"account_id": "777788889999", "affiliated": false}),
        ),
        (
            json!({"AccountId": 777_788_889_999_u64, "Affiliated": "true", "AwsServiceName": "AWS Lambda"}),
            json!({"account_id": "777788889999", "affiliated": true, "service": "AWS Lambda"}),
        ),
        (json!({"accountId": "777788889999", "affiliated": null}), json!({"account_id": "777788889999"})),
    ] {
        assert_eq!(stored(&with(account)), json!({"remote_account": read}));
    }
    for absent in [json!(null), json!({}), json!({"accountId": null, "affiliated": false}), json!([])] {
        assert!(with(absent.clone()).is_empty(), "{absent}");
    }
}

#[test]
fn a_mapped_kubernetes_user_is_read_with_unique_id_and_session() {
    let with = |user: &Value| of(&json!({"kubernetesDetails": {"kubernetesUserDetails": user}}), &Value::Null);
    for prefix in ["aws-iam-authenticator", "heptio-authenticator-aws"] {
        let uid = format!("{prefix}:111122223333:AROAEXAMPLE0VIEWER01");
        let user = json!({"username": "viewer", "uid": uid, "sessionName": ["irene"]});
        let caller = json!({"unique_id": "AROAEXAMPLE0VIEWER01", "account_id": "111122223333", "session": "irene"});
        assert_eq!(stored(&with(&user)), json!({"kubernetes_caller": caller}));
        assert_eq!(with(&respelt(&user)), with(&user));
        let in_other_member = json!({"kubernetesUserDetails": user});
        assert_eq!(of(&in_other_member, &Value::Null), with(&user), "the user details are in one of two members");
    }
    let session = json!({"username": "viewer", "uid": null, "sessionName": ["irene"]});
    assert_eq!(stored(&with(&session)), json!({"kubernetes_caller": {"session": "irene"}}));
    for absent in [
        json!({"uid": "0f1e2d3c-4b5a-6978", "sessionName": []}),
        json!({"uid": "aws-iam-authenticator:1:AROAEXAMPLE0VIEWER01"}),
        json!({"uid": "aws-iam-authenticator:111122223333:evil <!channel>"}),
        json!({"uid": "other-authenticator:111122223333:AROAEXAMPLE0VIEWER01", "sessionName": null}),
        json!({"sessionName": [null, ""]}),
        json!(null),
    ] {
        assert!(with(&absent).is_empty(), "{absent}");
    }
}

#[test]
fn other_calls_are_read_next_to_the_text_and_in_it() {
    let calls = json!({"apiCalls": [
        {"name": "ListUsers", "count": 18, "firstSeen": 1_512_692_639, "lastSeen": 1_512_692_839},
        {"name": "ListUsers", "count": 2, "firstSeen": 1_512_692_600, "lastSeen": 1_512_692_601},
        {"name": "CreateUser", "count": null}, {"name": null}, null]});
    let text = json!({"value": calls.to_string(), "type": "default"});
    for information in [calls.clone(), respelt(&calls), text.clone(), respelt(&text), json!({"value": calls})] {
        let details = of_service(&json!({"additionalInfo": information}));
        let calls: Vec<_> = details.other_calls.iter().map(|call| (call.name.as_str(), call.count)).collect();
        assert_eq!(calls, [("ListUsers", Some(20)), ("CreateUser", None)], "{information}");
        let first = &details.other_calls[0];
        let times = [first.first_seen, first.last_seen].map(|time| time.unwrap().as_second());
        assert_eq!(times, [1_512_692_600, 1_512_692_839]);
    }
}

#[test]
fn anomalous_calls_are_read_in_each_published_form() {
    let text =
        "iam.amazonaws.com:[ListUsers:success , CreateUser:AccessDenied] , s3.amazonaws.com:[ListBuckets:success]";
    let call = |name: &str, service: Option<&str>, result: ActivityResult| {
        (name.to_owned(), service.map(str::to_owned), result)
    };
    let (iam, s3) = (Some("iam.amazonaws.com"), Some("s3.amazonaws.com"));
    let denied = || ActivityResult::Failed("AccessDenied".to_owned());
    for (anomalous, read) in [
        (
            json!(text),
            vec![
                call("ListUsers", iam, ActivityResult::Succeeded),
                call("CreateUser", iam, denied()),
                call("ListBuckets", s3, ActivityResult::Succeeded),
            ],
        ),
        (
            json!(["iam:CreateUser", "ListBuckets"]),
            vec![
                call("CreateUser", Some("iam"), ActivityResult::Unknown),
                call("ListBuckets", None, ActivityResult::Unknown),
            ],
        ),
        (json!({"s3.amazonaws.com": ["ListBuckets", 7]}), vec![call("ListBuckets", s3, ActivityResult::Unknown)]),
        (
            json!("CreateUser,ListBuckets:success"),
            vec![
                call("CreateUser", None, ActivityResult::Unknown),
                call("ListBuckets", None, ActivityResult::Succeeded),
            ],
        ),
    ] {
        let value = json!({"anomalies": {"anomalousAPIs": anomalous}}).to_string();
        let details = of_service(&json!({"additionalInfo": {"value": value, "type": "default"}}));
        let calls = details.other_calls.iter().map(|it| (it.name.clone(), it.service.clone(), it.result.clone()));
        assert_eq!(calls.collect::<Vec<_>>(), read, "{anomalous}");
        let next_to_text = of_service(&json!({"additionalInfo": {"anomalies": {"anomalousAPIs": anomalous}}}));
        assert_eq!(next_to_text, details);
    }
    for nothing in [json!(""), json!("[]"), json!(" , :[ , ] "), json!(null), json!(7), json!([null])] {
        assert!(of_service(&json!({"additionalInfo": {"anomalousAPIs": nothing}})).is_empty(), "{nothing}");
    }
    assert!(of_service(&json!({"additionalInfo": {"value": "{\"apiCalls\": [", "type": "default"}})).is_empty());
}

#[test]
fn the_call_of_the_action_is_excluded_and_omitted_calls_are_counted() {
    let calls: Vec<Value> = (0..30).map(|number| json!({"name": format!("Call{number}")})).collect();
    let action = json!({"awsApiCallAction": {"api": "Call7"}});
    let details = of_service(&json!({"action": action, "additionalInfo": {"apiCalls": calls}}));
    assert_eq!((details.other_calls.len(), details.omitted_other_calls), (12, 17));
    assert!(details.other_calls.iter().all(|call| call.name != "Call7" && call.result == ActivityResult::Unknown));
}

#[test]
fn the_custom_detection_rule_is_read_by_name() {
    for name in ["customDetectionRuleName", "CustomDetectionRuleName"] {
        let details = details(JsonNode::new(&json!({name: "VPCFlowLogsDeleted"})));
        assert_eq!(stored(&details), json!({"detection_rule": "VPCFlowLogsDeleted"}));
    }
    assert!(details(JsonNode::new(&json!({"customDetectionRuleName": null}))).is_empty());
}

#[test]
fn sequence_indicators_are_sorted_by_importance() {
    let indicator = |kind: &str, values: &[&str]| json!({"key": kind, "values": values, "title": null});
    let sequence = json!({
        "sequenceIndicators": [
            indicator("ATTACK_TACTIC", &["Persistence"]),
            indicator("VULNERABILITY", &["CVE-2026-0001"]),
            indicator("QUANTUM_LEAP", &[]),
            {"key": "SENSITIVE_DATA", "values": ["arn:aws:s3:::shop"], "title": "Personal data"},
            indicator("MISCONFIGURATION", &["a", "b", "c", "d", "e", "f"]),
            null, {"key": null}],
        "signals": [{"signalIndicators": [
            indicator("VULNERABILITY", &["CVE-2026-0001", "CVE-2026-0002"]),
            indicator("MALICIOUS_PACKAGE", &["left-pad"]),
            indicator("REACHABILITY", &["internet"])]}]});
    let details = of_service(&json!({"detection": {"sequence": sequence}}));
    let read = json!([
        {"kind": "MALICIOUS_PACKAGE", "values": ["left-pad"]},
        {"kind": "VULNERABILITY", "values": ["CVE-2026-0001", "CVE-2026-0002"]},
        {"kind": "REACHABILITY", "values": ["internet"]},
        {"kind": "MISCONFIGURATION", "values": ["a", "b", "c"], "values_left_out": 3},
        {"kind": "SENSITIVE_DATA", "title": "Personal data", "values": ["arn:aws:s3:::shop"]},
        {"kind": "ATTACK_TACTIC", "values": ["Persistence"]},
        {"kind": "QUANTUM_LEAP"},
    ]);
    assert_eq!(stored(&details), json!({"sequence_indicators": read}));
    assert_eq!(
        details,
        super::details(JsonNode::new(&respelt(&json!({"service": {"detection": {"sequence": sequence}}}))))
    );
}

/// With as many and as long values as a document can contain.
#[test]
fn details_are_bounded_and_on_one_line() {
    let long = format!("a\n\u{202e}{}", "é\"".repeat(300));
    let name = |number: usize| format!("{number} {long}");
    let indicators: Vec<Value> = (0..400)
        .map(|number| json!({"key": format!("K{}", number % 50), "title": long, "values": (0..60).map(name).collect::<Vec<_>>()}))
        .collect();
    let mut service = runtime();
    for (_, text) in
        service["runtimeDetails"]["process"].as_object_mut().unwrap().iter_mut().filter(|it| it.1.is_string())
    {
        *text = json!(long);
    }
    service["detection"] = json!({"sequence": {"sequenceIndicators": indicators}});
    service["additionalInfo"] =
        json!({"apiCalls": (0..5_000).map(|number| json!({"name": name(number)})).collect::<Vec<_>>()});
    let resource = json!({"containerDetails": {"name": long, "image": long, "id": long},
        "kubernetesDetails": {"kubernetesUserDetails": {"sessionName": [long]}}});
    let details = of(&resource, &service);
    let stored = serde_json::to_string(&details).unwrap();
    assert!(stored.len() < 40 * 1024, "{}", stored.len());
    assert!(!stored.contains("\\n") && !stored.contains('\u{202e}'));
    assert_eq!(serde_json::from_str::<Details>(&stored).unwrap(), details);
}

#[test]
fn a_stored_finding_without_details_is_read() {
    let document = json!({"id": "f", "accountId": "123456789012", "region": "us-east-1", "type": "T", "severity": 5});
    let finding = Finding::from_json(&document).unwrap();
    let stored = serde_json::to_value(&finding).unwrap();
    assert!(stored.get("details").is_none(), "empty details are not stored");
    assert_eq!(serde_json::from_value::<Finding>(stored).unwrap(), finding);
    let with = Finding { details: of_service(&runtime()), ..finding };
    let mut stored = serde_json::to_value(&with).unwrap();
    stored["details"]["something_new"] = json!(1);
    assert_eq!(serde_json::from_value::<Finding>(stored).unwrap(), with);
}
