//! A finding's Region comes from GuardDuty, not from the Region of the event.

use gumshoe_domain::Finding;
use serde_json::Value;

const OTHER_REGION: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/evasion/other-region.json"));

#[test]
fn a_forwarded_finding_keeps_its_region() {
    let mut document: Value = serde_json::from_str(OTHER_REGION).unwrap();
    let region = |document: &Value| Finding::from_json(document).unwrap().region;
    assert_eq!(region(&document), "ap-southeast-2");
    document["region"] = "us-east-1".into();
    assert_eq!(region(&document), "ap-southeast-2", "the envelope's Region is not used");
    document["detail"].as_object_mut().unwrap().remove("region");
    assert_eq!(region(&document), "ap-southeast-2", "the Region of the finding's ARN is used");
}
