//! What stored findings say of who and what took part.

use crate::shapes::{respelt, upper};
use crate::stored::{documents, fixtures};
use gumshoe_domain::{Finding, Reading};
use serde_json::Value;

fn read(document: &Value) -> Finding {
    Reading::from_json(document).unwrap().without_look_ups()
}

#[test]
fn what_analysts_miss_when_it_is_dropped_is_told() {
    let documents = documents(&fixtures());
    for (name, done, told) in [
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
        let finding = read(&documents[name]);
        assert_eq!(finding.details.in_words(), told, "{name}");
        assert_eq!(finding.activity.first().map(|it| it.describe()).as_deref(), done, "{name}");
    }
}

#[test]
fn both_spellings_say_the_same() {
    for (name, document) in documents(&fixtures()) {
        let detail = document.get("detail").unwrap_or(&document);
        let region = document.get("region").cloned().unwrap_or(Value::Null);
        let wrap = |detail: Value| serde_json::json!({"region": region, "detail": detail});
        let (own, respelt) = (read(&wrap(detail.clone())), read(&wrap(respelt(detail, &upper, 0))));
        assert_eq!(own.details, respelt.details, "{name}");
        assert_eq!(own.activity, respelt.activity, "{name}");
    }
}
