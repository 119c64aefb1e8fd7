use super::*;
use serde_json::{Value, json};
use std::path::Path;

/// A finding of tests/fixtures.
fn stored(name: &str) -> Finding {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/findings");
    Finding::from_text(&std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()).unwrap()
}

/// The details as text, parsed from their stored form.
fn words(stored: Value) -> Vec<String> {
    details(&serde_json::from_value(stored).unwrap())
}

#[test]
fn invalid_account_id_is_marked() {
    let document = json!({"id": "f", "accountId": "1234567890123", "region": "us-east-1", "type": "T", "severity": 5});
    assert_eq!(account(&Finding::from_json(&document).unwrap()), "1234567890123 (not an account id)");
    assert_eq!(account(&stored("iam-user")), "111122223333");
}

#[test]
fn activity_states_its_direction() {
    let remote = Remote {
        ip_address: Some("10.20.0.9".to_owned()),
        more_addresses: vec!["10.20.0.10".to_owned()],
        place: Some("Chile".to_owned()),
        network: Some("EXAMPLE-HOSTING".to_owned()),
        position: None,
    };
    let call = Activity {
        name: "list secrets".to_owned(),
        service: None,
        result: ActivityResult::Failed("status 403".to_owned()),
        count: Some(3),
        first_seen: None,
        last_seen: None,
        is_outbound: false,
        remote: Some(remote),
    };
    let from = "list secrets, failed: status 403, 3 times, from 10.20.0.9, 10.20.0.10, Chile, EXAMPLE-HOSTING";
    assert_eq!(activity(&call), from);
    let outbound = Activity { is_outbound: true, ..call.clone() };
    assert_eq!(activity(&outbound), from.replace("from", "to"));
    let nothing = Activity { remote: Some(Remote::default()), result: ActivityResult::Unknown, count: None, ..call };
    assert_eq!(activity(&nothing), "list secrets");
}

#[test]
fn unknown_parts_of_a_process_are_omitted() {
    for (process, said) in [
        (json!({"name": "xmrig"}), vec!["process xmrig"]),
        (json!({"path": "/tmp/xmrig", "user_id": 0}), vec!["process /tmp/xmrig, user id 0"]),
        (json!({"user": "root", "parent": {"pid": 1}}), vec!["process user root", "parent process pid 1"]),
        (json!({"pid": 4711, "target": {"name": "sshd"}}), vec!["process pid 4711", "target process sshd"]),
        (json!({"sha256": "ab"}), vec!["SHA-256 of the executable ab"]),
        (json!({}), vec![]),
    ] {
        assert_eq!(words(json!({"processes": [process]})), said, "{process}");
    }
    assert_eq!(
        words(json!({"containers": [{"image": "agent:1"}, {"id": "c0ffee"}], "workload": "pods pay/ledger-7c9"})),
        ["container without a name, image agent:1", "container c0ffee", "workload pods pay/ledger-7c9"]
    );
}

#[test]
fn callers_are_named_with_their_accounts() {
    for (account, said) in [
        (json!({"affiliated": false}), ", not affiliated with the finding's account"),
        (
            json!({"affiliated": true, "service": "AWS Lambda"}),
            ", affiliated with the finding's account, through AWS Lambda",
        ),
        (json!({}), ""),
    ] {
        let mut account = account;
        account["account_id"] = json!("777788889999");
        assert_eq!(
            words(json!({"remote_account": account})),
            [format!("credentials used from account 777788889999{said}")]
        );
    }
    assert_eq!(words(json!({"kubernetes_caller": {"session": "irene"}})), ["authenticated by IAM: session irene"]);
}

#[test]
fn omitted_calls_and_values_are_counted() {
    let call = |number: usize| json!({"name": format!("Call{number}"), "result": "UNKNOWN"});
    let calls: Vec<Value> = (0..12).map(call).collect();
    let line = words(json!({"other_calls": calls, "other_calls_left_out": 17})).remove(0);
    assert_eq!(line, "other API calls: Call0; Call1; Call2; Call3; Call4; Call5; and 23 more");
    let indicator =
        json!({"kind": "SENSITIVE_DATA", "title": "Personal data", "values": ["a", "b"], "values_left_out": 3});
    assert_eq!(
        words(json!({"sequence_indicators": [indicator]})),
        ["sequence indicator sensitive data (Personal data): a, b and 3 more"]
    );
}

#[test]
fn details_include_process_container_and_caller() {
    for (name, done, said) in [
        (
            "process-in-a-container",
            None,
            vec![
                "process sh (/bin/dash), pid 20311, user thumb (id 1001), in /srv/uploads".to_owned(),
                "parent process node (/usr/local/bin/node), pid 20100".to_owned(),
                "script /srv/uploads/run.sh".to_owned(),
                "container thumbnailer, image registry.example/thumbnailer:12, id 9f86d081884c".to_owned(),
                "command sh run.sh".to_owned(),
                "file /srv/uploads/miner".to_owned(),
                format!("SHA-256 of the executable {}", "cd".repeat(32)),
            ],
        ),
        (
            "kubernetes-call-by-listed-addresses",
            Some("create selfsubjectaccessreviews, succeeded, from 203.0.113.200, 10.30.4.5"),
            vec![
                "authenticated by IAM: unique id AROAEXAMPLE0CIDEPLO1, account 111122223333, session build-812"
                    .to_owned(),
            ],
        ),
        (
            "role-used-from-another-account",
            Some("ListBuckets (s3), succeeded, from 10.1.2.3"),
            vec![
                "credentials used from account 999900001111, affiliated with the finding's account".to_owned(),
                "other API calls: GetObject, 31 times".to_owned(),
            ],
        ),
        (
            "custom-detection-rule",
            Some("AddUserToGroup (iam), succeeded, from 198.51.100.77"),
            vec![
                "custom detection rule IAMUserAddedToAdminGroup".to_owned(),
                "other API calls: CreateLoginProfile (iam), failed: AccessDenied; ListBuckets (s3), succeeded"
                    .to_owned(),
            ],
        ),
        (
            "sequence-with-indicators-of-2026",
            Some("Execution:Runtime/NewBinaryExecuted"),
            vec![
                "process perl (/usr/bin/perl)".to_owned(),
                "sequence indicator malicious package: pypi/reqeusts@2.0".to_owned(),
                "sequence indicator vulnerability (Known vulnerabilities): CVE-2026-31337".to_owned(),
                "sequence indicator reachability: 0.0.0.0/0 to port 22".to_owned(),
                "sequence indicator misconfiguration: IMDSv1 enabled".to_owned(),
                "sequence indicator sensitive data: arn:aws:s3:::shop-reports".to_owned(),
                "sequence indicator attack tactic: Execution".to_owned(),
                "sequence indicator NEXT_YEARS_KIND".to_owned(),
                format!("SHA-256 of the executable {}", "ef".repeat(32)),
            ],
        ),
        ("govcloud", Some("GetSecretValue (iam), succeeded, from 198.51.100.77, Singapore, Singapore"), Vec::new()),
    ] {
        let finding = stored(name);
        assert_eq!(details(&finding.details), said, "{name}");
        assert_eq!(finding.activity.first().map(activity).as_deref(), done, "{name}");
    }
}
