//! Sample GuardDuty findings for unit tests and end-to-end tests, written from the documented shapes. The crate depends on neither the
//! SDK nor Gumshoe.

use jiff::Timestamp;
use serde_json::{Value, json};

/// The account that owns the findings, unless [`with_account`] changes it.
pub const ACCOUNT: &str = "111122223333";

/// A finding of severity High about a role's credentials. Its activity was from 12:30 to 12:35 UTC on 2026-01-15.
#[must_use]
pub fn role_finding(role: &str, id: &str) -> Value {
    json!({
        "schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "partition": "aws", "id": id,
        "arn": format!("arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/0a1b2c3d4e5f60718293a4b5c6d7e8f9/finding/{id}"),
        "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "severity": 8,
        "title": "API CreateAccessKey was invoked from an IP address on a custom threat list.",
        "description": "a finding for tests",
        "createdAt": "2026-01-15T12:40:00.000Z", "updatedAt": "2026-01-15T12:40:00.000Z",
        "resource": {"resourceType": "AccessKey", "accessKeyDetails": {
            "accessKeyId": "ASIAEXAMPLE000000001", "principalId": "AROAEXAMPLE000000001:session",
            "userType": "AssumedRole", "userName": role}},
        "service": {"serviceName": "guardduty", "archived": false, "count": 1, "evidence": null,
            "action": {"actionType": "AWS_API_CALL", "awsApiCallAction": {
                "api": "CreateAccessKey", "serviceName": "iam.amazonaws.com", "callerType": "Remote IP"}},
            "eventFirstSeen": "2026-01-15T12:30:00.000Z", "eventLastSeen": "2026-01-15T12:35:00.000Z"}
    })
}

/// A finding of severity High about an IAM user's credentials, otherwise as [`role_finding`].
#[must_use]
pub fn user_finding(user: &str, id: &str) -> Value {
    let mut finding = role_finding(user, id);
    finding["resource"]["accessKeyDetails"] = json!({"accessKeyId": "AKIAEXAMPLE000000001",
        "principalId": "AIDAEXAMPLE000000001", "userType": "IAMUser", "userName": user});
    finding
}

/// A finding about a file in a bucket, which names no principal.
#[must_use]
pub fn finding_without_principal(id: &str) -> Value {
    let mut finding = role_finding("unused", id);
    finding["type"] = json!("Object:S3/MaliciousFile");
    finding["title"] = json!("A malware scan on your S3 object has detected a security risk.");
    finding["resource"] = json!({"resourceType": "S3Object", "s3BucketDetails": [{"name": "bucket"}]});
    finding
}

/// The finding as GuardDuty publishes it again after more activity: with this count, updated at 13:`minute` UTC on 2026-01-15.
#[must_use]
pub fn republished(finding: &Value, count: u64, minute: u32) -> Value {
    let mut again = finding.clone();
    again["service"]["count"] = json!(count);
    again["updatedAt"] = json!(format!("2026-01-15T13:{minute:02}:00.000Z"));
    again
}

/// The finding with another severity, from 0 to 10.
#[must_use]
pub fn with_severity(mut finding: Value, severity: f64) -> Value {
    finding["severity"] = json!(severity);
    finding
}

/// The finding, owned by another account.
#[must_use]
pub fn with_account(mut finding: Value, account: &str) -> Value {
    let arn = finding["arn"].as_str().unwrap_or_default().replace(ACCOUNT, account);
    finding["arn"] = json!(arn);
    finding["accountId"] = json!(account);
    finding
}

/// The finding, raised in another Region.
#[must_use]
pub fn with_region(mut finding: Value, region: &str) -> Value {
    let arn = finding["arn"].as_str().unwrap_or_default().replace("us-east-1", region);
    finding["arn"] = json!(arn);
    finding["region"] = json!(region);
    finding
}

/// The finding with its activity between these times.
#[must_use]
pub fn with_activity(mut finding: Value, first: Timestamp, last: Timestamp) -> Value {
    finding["service"]["eventFirstSeen"] = json!(first.to_string());
    finding["service"]["eventLastSeen"] = json!(last.to_string());
    finding
}

/// The finding with the member names of GuardDuty's API, which begin with a capital letter.
#[must_use]
pub fn in_pascal_case(finding: &Value) -> Value {
    match finding {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name[..1].to_uppercase() + &name[1..], in_pascal_case(value))).collect()
        }
        Value::Array(items) => items.iter().map(in_pascal_case).collect(),
        other => other.clone(),
    }
}

/// The EventBridge event of a finding, as it arrives in the queue.
#[must_use]
pub fn event(finding: &Value) -> Value {
    json!({"version": "0", "detail-type": "GuardDuty Finding", "source": "aws.guardduty", "account": ACCOUNT,
        "detail": finding})
}
