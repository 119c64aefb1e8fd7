//! Regions and graphs: a case is closed without an alert only if each finding was investigated in its own Region, in a graph with data of
//! the principal's account.

use super::*;
use gumshoe_domain::investigation::NotInvestigated;
use simulator::{ApiFault, FaultKind};
use testkit::findings::with_region;

const OWN_REGION: &str = "us-east-1";
const OTHER_REGION: &str = "ap-southeast-2";

/// A stack that investigates in these Regions.
fn fixture_in(regions: &str) -> Fixture {
    let mut fixture = Fixture::new();
    fixture.app.settings.investigation_regions = regions.parse().unwrap();
    fixture.app.detective = fixture.scene.detective_in(&fixture.app.settings.investigation_regions);
    fixture
}

fn both() -> Fixture {
    fixture_in(&format!("{OWN_REGION},{OTHER_REGION}"))
}

/// Investigations of the case's principal in these Regions, one after the other, with these scenarios as results.
async fn investigated(fixture: &Fixture, key: &CaseKey, places: &[(&str, &str)]) {
    for (region, scenario) in places {
        let scenario = Scenario::named(scenario).unwrap().with_end(simulator::EndsWhen::AfterChecks(0));
        fixture.scene.simulator.add_scenario(scenario);
        fixture.scene.investigate_in(region, key).await;
    }
}

/// Why the case counts as not investigated.
async fn why(fixture: &Fixture, key: &CaseKey) -> String {
    fixture.scene.cases.case(key).await.assessment.unwrap().not_investigated.unwrap().error.into()
}

#[tokio::test]
async fn a_quiet_investigation_of_another_region_does_not_count() {
    let fixture = both();
    let key = fixture.scene.open_or_join(&with_region(role_finding("web", "f1"), OTHER_REGION)).await;
    investigated(&fixture, &key, &[(OWN_REGION, "quiet")]).await;
    assert_eq!(
        fixture.assess(input(&key)).await.unwrap().outcome,
        AssessOutcome::Outdated,
        "it is investigated there next"
    );
    let last = Input { is_last_investigation: true, ..input(&key) };
    let output = fixture.assess(last).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
    assert_eq!(fixture.cause(&key).await, Some(AlertCause::NotInvestigated));
    assert_eq!(why(&fixture, &key).await, "RegionNotInvestigated");
}

#[tokio::test]
async fn a_case_with_two_regions_is_closed_after_both_were_investigated() {
    let fixture = both();
    let key = fixture.scene.open_or_join(&role_finding("web", "f1")).await;
    fixture.scene.open_or_join(&with_region(role_finding("web", "f2"), OTHER_REGION)).await;
    investigated(&fixture, &key, &[(OWN_REGION, "quiet")]).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Outdated);
    investigated(&fixture, &key, &[(OTHER_REGION, "quiet")]).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    let objects = fixture.scene.aws.objects();
    let results: Value = serde_json::from_slice(&objects[&results_key(&key.case_id, 1)]).unwrap();
    assert_eq!(results["asked"]["graph_arn"], fixture.scene.graph_arn_in(OTHER_REGION));
    assert_eq!(results["elsewhere"][0]["asked"]["graph_arn"], fixture.scene.graph_arn_in(OWN_REGION));
    assert_eq!(results["elsewhere"][0]["indicators"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn indicators_of_one_region_count_although_the_other_is_quiet() {
    let fixture = both();
    let key = fixture.scene.open_or_join(&role_finding("web", "f1")).await;
    fixture.scene.open_or_join(&with_region(role_finding("web", "f2"), OTHER_REGION)).await;
    investigated(&fixture, &key, &[(OWN_REGION, "high"), (OTHER_REGION, "quiet")]).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    assert_eq!(fixture.cause(&key).await, Some(AlertCause::Verdict));
}

#[tokio::test]
async fn indicators_of_one_region_count_although_the_other_has_no_graph() {
    let fixture = both();
    let key = fixture.scene.open_or_join(&role_finding("web", "f1")).await;
    fixture.scene.open_or_join(&with_region(role_finding("web", "f2"), OTHER_REGION)).await;
    investigated(&fixture, &key, &[(OWN_REGION, "high")]).await;
    let no_graph = NotInvestigated::new("NoBehaviorGraph", "");
    let no_graph = Some(NotInvestigated { region: Some(OTHER_REGION.to_owned()), ..no_graph });
    assert_eq!(
        fixture.assess(Input { not_investigated: no_graph, ..input(&key) }).await.unwrap().outcome,
        AssessOutcome::Alert
    );
    let assessment = fixture.scene.cases.case(&key).await.assessment.unwrap();
    assert_eq!(assessment.alert_cause, Some(AlertCause::Verdict));
    assert_eq!(assessment.not_investigated.unwrap().error.as_str(), "NoBehaviorGraph");
    assert!(!assessment.indicators.is_empty(), "the other Region's result counts");
}

#[tokio::test]
async fn a_finding_of_an_unconfigured_region_is_alerted_without_another_round() {
    let fixture = fixture_in(OWN_REGION);
    let key = fixture.scene.open_or_join(&role_finding("web", "f1")).await;
    fixture.scene.open_or_join(&with_region(role_finding("web", "f2"), OTHER_REGION)).await;
    investigated(&fixture, &key, &[(OWN_REGION, "quiet")]).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    assert_eq!(why(&fixture, &key).await, "RegionNotListed");
}

#[tokio::test]
async fn the_investigations_of_a_quiet_case_are_archived_in_every_region() {
    let mut fixture = both();
    fixture.app.settings.archive_quiet_investigations = true;
    let key = fixture.scene.open_or_join(&role_finding("web", "f1")).await;
    fixture.scene.open_or_join(&with_region(role_finding("web", "f2"), OTHER_REGION)).await;
    investigated(&fixture, &key, &[(OWN_REGION, "quiet"), (OTHER_REGION, "quiet")]).await;
    assert_eq!(fixture.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(fixture.scene.count("UpdateInvestigationState"), 2);
}

#[tokio::test]
async fn an_unreadable_membership_does_not_close_the_case() {
    let finding = with_account(role_finding("web", "f1"), MEMBER);
    let fixture = Fixture::new();
    let key = fixture.investigated(&finding, "quiet").await;
    fixture.scene.simulator.add_fault(ApiFault::new("GetMembers", FaultKind::Throttle));
    let failed = fixture.assess(input(&key)).await.unwrap_err();
    assert_eq!(failed.error_name(), "DetectiveThrottled", "the state machine retries");
    fixture.scene.simulator.add_fault(ApiFault::new("GetMembers", FaultKind::AccessDenied));
    let output = fixture.assess(input(&key)).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, true));
    assert_eq!(why(&fixture, &key).await, "MembershipUnknown");

    let fixture = Fixture::new();
    let key = fixture.investigated(&finding, "high").await;
    fixture.scene.simulator.add_fault(ApiFault::new("GetMembers", FaultKind::Throttle));
    assert_eq!(
        fixture.assess(input(&key)).await.unwrap().outcome,
        AssessOutcome::Alert,
        "the case is alerted although the membership is unknown"
    );
    assert_eq!(fixture.cause(&key).await, Some(AlertCause::Verdict));
}

/// A finding of High severity in a Region that is not used; in the stack's own graph the role is quiet.
#[tokio::test]
async fn an_attack_in_another_region_is_not_cleared_by_the_own_graph() {
    let finding: Value = serde_json::from_str(include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/evasion/other-region.json"
    )))
    .unwrap();
    for (regions, error) in
        [(OWN_REGION.to_owned(), "RegionNotListed"), (format!("{OWN_REGION},{OTHER_REGION}"), "RegionNotInvestigated")]
    {
        let fixture = fixture_in(&regions);
        let key = fixture.scene.open_or_join(&finding).await;
        investigated(&fixture, &key, &[(OWN_REGION, "quiet")]).await;
        let last = Input { is_last_investigation: true, ..input(&key) };
        assert_eq!(fixture.assess(last).await.unwrap().outcome, AssessOutcome::Alert, "{regions}");
        assert_eq!(why(&fixture, &key).await, error);
    }
}
