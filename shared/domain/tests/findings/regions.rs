//! A finding's Region is what GuardDuty says it is, wherever the event comes from.

use gumshoe_domain::Finding;
use serde_json::Value;

const OTHER_REGION: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/evasion/other-region.json"));

#[test]
fn a_forwarded_finding_keeps_the_region_in_which_it_was_raised() {
    let mut document: Value = serde_json::from_str(OTHER_REGION).unwrap();
    let region = |document: &Value| Finding::from_json(document).unwrap().region;
    assert_eq!(region(&document), "ap-southeast-2");
    document["region"] = "us-east-1".into();
    assert_eq!(region(&document), "ap-southeast-2", "an envelope of another Region says nothing of the finding");
    document["detail"].as_object_mut().unwrap().remove("region");
    assert_eq!(region(&document), "ap-southeast-2", "its ARN does");
}
