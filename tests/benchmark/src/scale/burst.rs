//! The findings of a burst.

use local_cloud::detail_of;
use serde_json::{Value, json};

/// The account of the findings, a member of the behavior graph.
const ACCOUNT: &str = "111122223333";

/// A finding of High severity about a role, as GuardDuty writes it.
pub(crate) fn finding(role: &str, number: u64) -> Value {
    let text = include_str!("../../../fixtures/findings/role-credentials-from-listed-address.json");
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let mut finding = detail_of(&document).clone();
    let id = id(role, number);
    finding["arn"] =
        json!(format!("arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/0a1b2c3d4e5f60718293a4b5c6d7e8f9/finding/{id}"));
    finding["id"] = json!(id);
    finding["resource"]["accessKeyDetails"]["userName"] = json!(role);
    finding
}

/// 32 hexadecimal digits, distinct for each role and number.
pub(crate) fn id(role: &str, number: u64) -> String {
    // FNV-1a: it only has to distinguish names.
    let hash = role
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}{number:016x}")
}

/// The subject of the role's cases.
pub(crate) fn subject(role: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{role}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_valid_and_distinct() {
        let (one, other) = (finding("a", 1), finding("b", 1));
        assert_ne!(one["id"], other["id"]);
        assert_ne!(finding("a", 2)["id"], one["id"]);
        let envelope =
            json!({"detail-type": "GuardDuty Finding", "source": "aws.guardduty", "account": ACCOUNT, "detail": one});
        let parsed = gumshoe_domain::ParsedFinding::from_text(&envelope.to_string()).unwrap();
        assert_eq!(parsed.candidates().len(), 1);
    }
}
