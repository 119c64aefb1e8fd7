//! Findings, made up from the documented shapes.

use serde_json::{Value, json};

/// The account that owns them.
pub(crate) const ACCOUNT: &str = "111122223333";

/// A finding of High severity about a role's credentials. Its activity lies an hour back.
pub(crate) fn about_role(role: &str, id: &str) -> Value {
    json!({
        "schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "partition": "aws", "id": id,
        "arn": format!("arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/0a1b2c3d4e5f60718293a4b5c6d7e8f9/finding/{id}"),
        "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "severity": 8,
        "title": "API CreateAccessKey was invoked from an IP address on a custom threat list.",
        "description": "made up",
        "createdAt": "2026-01-15T12:40:00.000Z", "updatedAt": "2026-01-15T12:40:00.000Z",
        "resource": {"resourceType": "AccessKey", "accessKeyDetails": {
            "accessKeyId": "ASIAEXAMPLE000000001", "principalId": "AROAEXAMPLE000000001:session",
            "userType": "AssumedRole", "userName": role}},
        "service": {"serviceName": "guardduty", "archived": false, "count": 1, "evidence": null,
            "eventFirstSeen": "2026-01-15T12:30:00.000Z", "eventLastSeen": "2026-01-15T12:35:00.000Z"}
    })
}

/// A finding about a file in a bucket: no principal is in it.
pub(crate) fn about_nobody(id: &str) -> Value {
    let mut finding = about_role("nobody", id);
    finding["type"] = json!("Object:S3/MaliciousFile");
    finding["title"] = json!("A malware scan on your S3 object has detected a security risk.");
    finding["resource"] = json!({"resourceType": "S3Object", "s3BucketDetails": [{"name": "bucket"}]});
    finding
}

/// The same finding, as GuardDuty publishes it again after more activity.
pub(crate) fn seen_again(finding: &Value, count: u64, minute: u32) -> Value {
    let mut again = finding.clone();
    again["service"]["count"] = json!(count);
    again["updatedAt"] = json!(format!("2026-01-15T13:{minute:02}:00.000Z"));
    again
}

/// The same finding as GuardDuty's API spells it, where every name begins with a capital.
pub(crate) fn in_the_apis_spelling(finding: &Value) -> Value {
    match finding {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name[..1].to_uppercase() + &name[1..], in_the_apis_spelling(value)))
            .collect(),
        Value::Array(items) => items.iter().map(in_the_apis_spelling).collect(),
        other => other.clone(),
    }
}
