//! Findings that Detective relates to the principal.

use super::*;
use gumshoe_domain::indicator::{Example, IndicatorGroup};
use gumshoe_domain::verdict::{NamedItems, Reason, ReasonCode, RelatedFindings};
use jiff::Timestamp;
use serde_json::json;
use simulator::{ApiFault, EndsWhen, FaultKind, Indicator};

const OWN: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const OTHER: &str = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";

fn related(id: &str) -> Indicator {
    let arn = format!("arn:aws:guardduty:us-east-1:111122223333:detector/d/finding/{id}");
    Indicator {
        indicator_type: "RELATED_FINDING".to_owned(),
        indicator_detail: json!({"RelatedFindingDetail": {
            "Arn": arn, "Type": "Recon:IAMUser/TorIPCaller", "IpAddress": "198.51.100.7"}}),
    }
}

/// A case with the finding `OWN`, and these related findings.
async fn case_with(related_findings: Vec<Indicator>) -> (Fixture, CaseKey) {
    let fixture = Fixture::new();
    let scenario = Scenario { indicators: related_findings, ..Scenario::default() };
    fixture.scene.simulator.add_scenario(scenario.with_end(EndsWhen::AfterChecks(0)));
    let key = fixture.scene.open_or_join(&role_finding("web", OWN)).await;
    fixture.scene.investigate(&key).await;
    (fixture, key)
}

async fn assessed(fixture: &Fixture, key: &CaseKey) -> gumshoe_domain::assessment::Assessment {
    fixture.assess(input(key)).await.unwrap();
    fixture.scene.cases.case(key).await.assessment.unwrap()
}

/// The time of the last activity of the group's first example, a related finding.
fn last_seen(group: &IndicatorGroup) -> Option<Timestamp> {
    match &group.examples[0] {
        Example::Indicator(gumshoe_domain::Indicator::RelatedFinding { last_seen, .. }) => *last_seen,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_cases_own_finding_is_neither_counted_nor_shown_but_stored() {
    let (fixture, key) = case_with(Vec::new()).await;
    let without = assessed(&fixture, &key).await;
    let (fixture, key) = case_with(vec![related(OWN)]).await;
    let with = assessed(&fixture, &key).await;
    assert_eq!((with.verdict, with.indicators), (without.verdict, Vec::new()));
    assert_eq!(fixture.scene.count("GetFindings"), 0, "no other finding is related");
    let objects = fixture.scene.aws.objects();
    let results: Value = serde_json::from_slice(&objects[&results_key(&key.case_id, 1)]).unwrap();
    assert_eq!(results["indicators"][0]["type"], "RELATED_FINDING");
}

#[tokio::test]
async fn a_related_finding_is_shown_with_its_type_and_time() {
    let (fixture, key) = case_with(vec![related(OWN), related(OTHER)]).await;
    fixture.scene.simulator.add_finding(role_finding("web", OTHER)).unwrap();
    let assessment = assessed(&fixture, &key).await;
    let group = &assessment.indicators[0];
    assert_eq!((group.count, group.examples.len()), (1, 1));
    let seen = Some("2026-01-15T12:35:00Z".parse().unwrap());
    assert_eq!(last_seen(group), seen);
    let expected = RelatedFindings { finding_type: "Recon:IAMUser/TorIPCaller".to_owned(), count: 1, last_seen: seen };
    let code = ReasonCode::RelatedFindings(NamedItems { count: 1, names: vec![expected], omitted_count: 0 });
    assert!(assessment.verdict.reasons.contains(&Reason { points: 10, code }), "{assessment:?}");
    assert_eq!((fixture.scene.count("ListDetectors"), fixture.scene.count("GetFindings")), (1, 1));
}

#[tokio::test]
async fn a_finding_that_guardduty_does_not_return_is_shown_without_a_time() {
    for fault in [None, Some("guardduty:GetFindings"), Some("guardduty:ListDetectors")] {
        let (fixture, key) = case_with(vec![related(OTHER)]).await;
        if let Some(operation) = fault {
            fixture.scene.simulator.add_fault(ApiFault::new(operation, FaultKind::AccessDenied));
        }
        let assessment = assessed(&fixture, &key).await;
        assert_eq!(last_seen(&assessment.indicators[0]), None, "{fault:?}");
    }
}
