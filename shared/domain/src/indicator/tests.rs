use super::*;
use serde_json::json;

fn related(arn: &str, last_seen: Option<&str>) -> Indicator {
    Indicator::RelatedFinding {
        arn: arn.to_owned(),
        finding_type: "Recon:IAMUser/TorIPCaller".to_owned(),
        ip_address: "198.51.100.7".to_owned(),
        last_seen: last_seen.map(|time| time.parse().unwrap()),
    }
}

fn finding(id: &str) -> Finding {
    Finding::from_json(&json!({
        "id": id, "accountId": "123456789012", "region": "us-east-1", "type": "T", "severity": 5
    }))
    .unwrap()
}

/// The codes are stored and sent, and alerts show the kinds in this order.
#[test]
fn codes_and_their_order_never_change() {
    let codes: Vec<&str> = IndicatorKind::KNOWN.iter().map(IndicatorKind::as_str).collect();
    let pinned = [
        "FLAGGED_IP_ADDRESS",
        "IMPOSSIBLE_TRAVEL",
        "TTP_OBSERVED",
        "RELATED_FINDING_GROUP",
        "RELATED_FINDING",
        "NEW_GEOLOCATION",
        "NEW_ASO",
        "NEW_USER_AGENT",
    ];
    assert_eq!(codes, pinned);
    let mut kinds = ["Z", "A", "NEW_ASO", "TTP_OBSERVED"].map(IndicatorKind::from);
    kinds.sort();
    assert_eq!(kinds.map(|kind| kind.to_string()), ["TTP_OBSERVED", "NEW_ASO", "A", "Z"]);
}

#[test]
fn stored_groups_with_legacy_text_are_read_and_kept() {
    let stored = json!([
        {"kind": "NEW_ASO", "count": 2, "examples": ["AS64500, new for this principal"]},
        {"kind": "SOMETHING_NEW", "count": 1, "examples": ["a kind that this version of Gumshoe does not know"]},
    ]);
    let read: Vec<IndicatorGroup> = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(read[0].kind, IndicatorKind::NewAso);
    assert_eq!(read[1].kind, IndicatorKind::Other("SOMETHING_NEW".to_owned()));
    assert!(matches!(&read[0].examples[0], Example::LegacyText(words) if words.starts_with("AS64500")));
    assert_eq!(serde_json::to_value(read).unwrap(), stored);
    let groups = group(&[related(ARN, None), Indicator::Unknown { indicator_type: "NEW\nKIND".to_owned() }]);
    let written = serde_json::to_value(&groups).unwrap();
    assert_eq!(written[1]["kind"], "NEW KIND");
    assert_eq!(written[0]["examples"][0]["type"], "RELATED_FINDING");
    assert_eq!(serde_json::from_value::<Vec<IndicatorGroup>>(written).unwrap(), groups);
}

#[test]
fn novelties_have_the_codes_of_their_kinds() {
    for kind in [
        json!({"type": "NEW_GEOLOCATION", "location": "n", "ip_address": "", "new_for_account": true}),
        json!({"type": "NEW_ASO", "aso": "n", "new_for_account": true}),
        json!({"type": "NEW_USER_AGENT", "user_agent": "n", "new_for_account": true}),
    ] {
        let indicator: Indicator = serde_json::from_value(kind).unwrap();
        let code = indicator.kind();
        let novelty = Evidence::Novelty { kind: code.as_str(), name: "n", for_account: true };
        assert_eq!(indicator.evidence(), novelty);
    }
}

/// One item of the table contains the whole case; DynamoDB's limit is 400 KB.
#[test]
fn examples_of_maximum_length_take_at_most_a_quarter_of_an_item() {
    let kinds = [
        json!({"type": "TTP_OBSERVED", "tactic": "", "technique": "", "procedure": "", "ip_address": "", "api_name": "",
                "successes": i64::MAX, "failures": i64::MAX}),
        json!({"type": "IMPOSSIBLE_TRAVEL", "starting_ip_address": "", "ending_ip_address": "", "starting_location": "",
                "ending_location": "", "hours": i32::MAX}),
        json!({"type": "FLAGGED_IP_ADDRESS", "ip_address": "", "reason": ""}),
        json!({"type": "NEW_GEOLOCATION", "location": "", "ip_address": "", "new_for_account": true}),
        json!({"type": "NEW_ASO", "aso": "", "new_for_account": true}),
        json!({"type": "NEW_USER_AGENT", "user_agent": "", "new_for_account": true}),
        json!({"type": "RELATED_FINDING", "arn": "", "finding_type": "", "ip_address": ""}),
        json!({"type": "RELATED_FINDING_GROUP", "id": ""}),
    ];
    assert_eq!(kinds.len(), IndicatorKind::KNOWN.len());
    let indicators = kinds.into_iter().flat_map(|kind| {
        let indicator: Indicator = serde_json::from_value(kind).unwrap();
        (0..9).map(move |number| {
            let mut indicator = indicator.clone();
            for text in indicator.texts_mut() {
                *text = format!("{number}{}", "\u{1F9ED}".repeat(2_000));
            }
            indicator
        })
    });
    let groups = group(&indicators.collect::<Vec<_>>());
    assert!(groups.iter().all(|group| group.count == 9 && group.examples.len() == MAX_EXAMPLES));
    let size = serde_json::to_string(&groups).unwrap().len();
    assert!(size < 100 * 1024, "{size} bytes");
}

const ARN: &str = "arn:aws:guardduty:us-east-1:123456789012:detector/d/finding/f1";

#[test]
fn only_guardduty_findings_have_a_related_finding_id() {
    assert_eq!(related(ARN, None).related_finding_id(), Some("f1"));
    for other in [
        "",
        "f1",
        "arn:aws:guardduty:us-east-1:123456789012:detector/d",
        "arn:aws:guardduty:us-east-1:123456789012:detector/d/finding/",
        "arn:aws:securityhub:us-east-1:123456789012:subscription/s/finding/f1",
    ] {
        assert_eq!(related(other, None).related_finding_id(), None, "{other}");
    }
    assert_eq!(Indicator::RelatedFindingGroup { id: ARN.to_owned() }.related_finding_id(), None);
}

#[test]
fn own_findings_of_a_case_are_removed() {
    let other = related(&ARN.replace("f1", "f2"), None);
    let indicators = [related(ARN, None), other.clone()];
    assert_eq!(without_own_findings(&[finding("f1"), finding("f3")], &indicators), [other]);
    assert_eq!(without_own_findings(&[], &indicators), indicators);
}

#[test]
fn examples_are_distinct() {
    let arns = ["f1", "f2", "f3"].map(|id| related(&ARN.replace("f1", id), None));
    let group = group(&arns).remove(0);
    assert_eq!((group.count, group.examples.len()), (3, 1));
}

#[test]
fn stored_related_findings_without_a_time_are_read() {
    let stored = json!({"type": "RELATED_FINDING", "arn": ARN, "finding_type": "T", "ip_address": "198.51.100.7"});
    let read: Indicator = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), stored);
}
