//! ListFindings: criteria, orders, pages.

use std::time::Duration;

use aws_sdk_guardduty::types::{Condition, FindingCriteria, OrderBy, SortCriteria};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Guard, finding, with};

impl Guard {
    /// All pages of a listing, by ids, in order; no page larger than `size`.
    async fn list(&self, size: i32, criteria: Option<FindingCriteria>, sort: Option<SortCriteria>) -> Vec<String> {
        let (mut ids, mut token) = (Vec::new(), None);
        loop {
            let list = self.client.list_findings().detector_id(&self.detector).max_results(size);
            let list = list.set_finding_criteria(criteria.clone()).set_sort_criteria(sort.clone());
            let page = list.set_next_token(token).send().await.unwrap();
            assert!(page.finding_ids().len() <= usize::try_from(size).unwrap());
            assert!(ids.len() <= 1000, "the pages do not end");
            ids.extend_from_slice(page.finding_ids());
            token = page.next_token;
            if token.is_none() {
                return ids;
            }
        }
    }

    /// Four findings that differ in all that is filtered and sorted by; the newest by updatedAt is `c`.
    fn four(&self) {
        let key = json!({ "resourceType": "AccessKey", "accessKeyDetails": { "userName": "alice" } });
        let buckets = json!({ "resourceType": "S3Bucket", "s3BucketDetails": [{ "name": "x" }, { "name": "y" }] });
        for (id, severity, kind, updated, resource, archived) in [
            ("a", 2.0, "Recon:EC2/Portscan", "2026-11-20T00:00:01Z", json!({ "resourceType": "Instance" }), false),
            ("b", 8.0, "Recon:IAMUser/TorIPCaller", "2026-11-20T00:00:02.500Z", key, true),
            ("c", 10.0, "Stealth:S3/ServerAccessLoggingDisabled", "2026-11-20T00:00:04Z", buckets, false),
            ("d", 8.0, "Trojan:EC2/DropPoint", "2026-11-20T00:00:03Z", json!({ "resourceType": "Instance" }), false),
        ] {
            let mut finding = with(finding(id), "/severity", json!(severity));
            finding = with(finding, "/type", json!(kind));
            finding = with(finding, "/updatedAt", json!(updated));
            finding = with(finding, "/resource", resource);
            self.add(with(finding, "/service", json!({ "archived": archived })));
        }
    }
}

fn condition() -> aws_sdk_guardduty::types::builders::ConditionBuilder {
    Condition::builder()
}

fn sort(attribute: &str, order: OrderBy) -> Option<SortCriteria> {
    Some(SortCriteria::builder().attribute_name(attribute).order_by(order).build())
}

#[tokio::test]
async fn findings_are_filtered() {
    let guard = Guard::new();
    guard.four();
    let second = 1_795_132_800_000_i64; // 2026-11-20T00:00:00Z
    for (attribute, condition, expected) in [
        ("severity", condition().equals("8"), "db"),
        ("severity", condition().not_equals("8").not_equals("2"), "c"),
        ("severity", condition().greater_than(8), "c"),
        ("severity", condition().greater_than_or_equal(8), "cdb"),
        ("severity", condition().less_than(8), "a"),
        ("severity", condition().less_than_or_equal(8), "dba"),
        ("severity", condition().greater_than(2).less_than(9), "db"),
        ("type", condition().equals("Recon:EC2/Portscan").equals("Trojan:EC2/DropPoint"), "da"),
        ("type", condition().matches("*:EC2/*"), "da"),
        ("type", condition().matches("Reco?:*").not_matches("*Tor*"), "a"),
        ("id", condition().equals("b"), "b"),
        ("accountId", condition().equals("none"), ""),
        ("region", condition().equals("us-east-1"), "cdba"),
        ("service.archived", condition().equals("true"), "b"),
        ("service.archived", condition().equals("false"), "cda"),
        ("updatedAt", condition().greater_than_or_equal(second + 3000), "cd"),
        ("updatedAt", condition().less_than(second + 2500), "a"),
        ("updatedAt", condition().less_than_or_equal(second + 2500), "ba"),
        ("resource.resourceType", condition().equals("Instance"), "da"),
        ("resource.accessKeyDetails.userName", condition().equals("alice"), "b"),
        ("resource.accessKeyDetails.userName", condition().not_equals("alice"), "cda"),
        ("resource.s3BucketDetails.name", condition().equals("y"), "c"),
        ("resource.s3BucketDetails.name", condition().not_equals("y"), "dba"),
        ("no.such.attribute", condition().equals("x"), ""),
    ] {
        let criteria = FindingCriteria::builder().criterion(attribute, condition.build()).build();
        let found = guard.list(2, Some(criteria.clone()), None).await;
        assert_eq!(found.concat(), expected, "{criteria:?}");
    }
    let both = FindingCriteria::builder()
        .criterion("severity", condition().equals("8").build())
        .criterion("service.archived", condition().equals("false").build());
    assert_eq!(guard.list(50, Some(both.build()), None).await, ["d"]);
    assert_eq!(guard.list(50, Some(FindingCriteria::builder().build()), None).await.concat(), "cdba");
}

#[tokio::test]
async fn the_short_names_of_conditions_mean_the_same() {
    let guard = Guard::new();
    guard.four();
    for (condition, expected) in [
        (json!({ "eq": ["8"] }), json!(["d", "b"])),
        (json!({ "neq": ["8"] }), json!(["c", "a"])),
        (json!({ "gt": 8 }), json!(["c"])),
        (json!({ "gte": 8, "lte": 9 }), json!(["d", "b"])),
        (json!({ "lt": 8 }), json!(["a"])),
        (json!({ "eq": ["8"], "neq": null }), json!(["d", "b"])),
    ] {
        let body = json!({ "findingCriteria": { "criterion": { "severity": condition } } });
        let raw = guard.post("/findings", &body).await;
        raw.assert_ok();
        assert_eq!(raw.body, json!({ "findingIds": expected }), "{condition}");
    }
}

#[tokio::test]
async fn findings_are_sorted_and_come_in_pages() {
    let guard = Guard::new();
    guard.four();
    // Of those that sort alike, the one that was there first is first.
    for (attribute, ascending) in [
        ("severity", "abdc"),
        ("type", "abcd"),
        ("id", "abcd"),
        ("updatedAt", "abdc"),
        ("service.archived", "acdb"),
        ("resource.resourceType", "badc"),
        ("resource.s3BucketDetails.name", "abdc"),
        ("no.such.attribute", "abcd"),
    ] {
        for size in [1, 2, 3, 4, 50] {
            let up = guard.list(size, None, sort(attribute, OrderBy::Asc)).await;
            let mut down = guard.list(size, None, sort(attribute, OrderBy::Desc)).await;
            down.reverse();
            assert_eq!((up.concat().as_str(), down.concat().as_str()), (ascending, ascending), "{attribute} {size}");
        }
    }
    assert_eq!(guard.list(1, None, None).await.concat(), "cdba");
    let up_only = SortCriteria::builder().order_by(OrderBy::Asc).build();
    assert_eq!(guard.list(1, None, Some(up_only)).await.concat(), "abdc");
    let attribute_only = SortCriteria::builder().attribute_name("id").build();
    assert_eq!(guard.list(3, None, Some(attribute_only)).await.concat(), "dcba");
}

#[tokio::test]
async fn findings_added_between_pages_neither_repeat_nor_hide_others() {
    for order in [OrderBy::Asc, OrderBy::Desc] {
        let guard = Guard::new();
        guard.four();
        let list = || {
            let sort = sort("type", order.clone());
            guard.client.list_findings().detector_id(&guard.detector).set_sort_criteria(sort)
        };
        let first = list().max_results(2).send().await.unwrap();
        for kind in ["A:x/First", "Recon:IAMUser/TorIPCaller", "Recon:z/Between", "Z:x/Last"] {
            guard.add(with(finding(kind), "/type", json!(kind)));
        }
        let second = list().next_token(first.next_token().unwrap()).send().await.unwrap();
        let mut all = [first.finding_ids(), second.finding_ids()].concat();
        all.retain(|id| id.len() == 1);
        all.sort();
        assert_eq!(all, ["a", "b", "c", "d"], "{order:?}");
        assert_eq!(second.next_token(), None);
    }
}

#[tokio::test]
async fn tokens_are_for_their_request_and_expire() {
    let guard = Guard::new();
    guard.four();
    let list = || guard.client.list_findings().detector_id(&guard.detector);
    let token = list().max_results(1).send().await.unwrap().next_token.unwrap();
    assert!(list().next_token(&token).max_results(3).send().await.is_ok());
    let other = list().next_token(&token).set_sort_criteria(sort("id", OrderBy::Asc));
    assert!(other.send().await.unwrap_err().into_service_error().is_bad_request_exception());
    let sealed = &token[..128];
    for wrong in ["x", sealed, &format!("{sealed}00"), &format!("{sealed}+1"), &format!("{token}00"), &token[1..]] {
        let error = list().next_token(wrong).send().await.unwrap_err().into_service_error();
        assert!(error.is_bad_request_exception(), "{wrong}");
    }
    guard.simulator().advance_clock(Duration::from_secs(24 * 60 * 60 + 1));
    let error = list().next_token(&token).send().await.unwrap_err().into_service_error();
    assert!(error.meta().message().unwrap().contains("expired"), "{error:?}");
}

#[tokio::test]
async fn fifty_findings_are_a_page() {
    let guard = Guard::new();
    guard.add((0..51).map(|number| finding(&format!("{number}"))).collect());
    let page = guard.client.list_findings().detector_id(&guard.detector).send().await.unwrap();
    assert_eq!(page.finding_ids().len(), 50);
    assert_eq!(guard.ids().await.len(), 51);
}

/// A condition, in order or not.
fn any_condition() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("eq"),
        Just("neq"),
        Just("gt"),
        Just("gte"),
        Just("lt"),
        Just("lte"),
        Just("equals"),
        Just("notEquals"),
        Just("greaterThan"),
        Just("lessThanOrEqual"),
        Just("matches"),
        Just("notMatches"),
    ];
    let value = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::collection::vec("[*?a.]{0,4}|\\PC{0,4}", 0..3).prop_map(Value::from),
        Just(Value::Null),
    ];
    prop::collection::hash_map(name.prop_map(String::from), value, 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_criteria_make_listing_panic(
        criteria in prop::collection::hash_map(
            prop_oneof![Just("type".to_owned()), Just("severity".to_owned()), "[a-z.]{0,8}", any::<String>()],
            any_condition(),
            0..4,
        ),
        attribute in prop_oneof![Just("resource".to_owned()), any::<String>()],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let guard = Guard::new();
            guard.four();
            let criteria: Value = Value::Object(criteria.into_iter().collect());
            let body = json!({
                "findingCriteria": { "criterion": criteria },
                "sortCriteria": { "attributeName": attribute },
                "maxResults": 1,
            });
            let raw = guard.post("/findings", &body).await;
            assert!([200, 400].contains(&raw.status), "{raw:?}");
            assert_eq!(guard.ids().await.len(), 4);
        });
    }
}
