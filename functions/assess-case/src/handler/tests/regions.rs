//! The right place: a case ends quietly only if each finding was investigated in its own Region, in a graph that has data of the
//! principal's account.

use super::*;
use gumshoe_domain::investigation::NotInvestigated;
use simulator::{Fault as Fails, FaultKind};
use testkit::findings::with_region;

const HERE: &str = "us-east-1";
const THERE: &str = "ap-southeast-2";

/// A stack that investigates in these Regions.
fn stage_in(regions: &str) -> Stage {
    let mut stage = Stage::new();
    stage.app.settings.investigation_regions = regions.parse().unwrap();
    stage.app.detective = stage.scene.detective_in(&stage.app.settings.investigation_regions);
    stage
}

fn both() -> Stage {
    stage_in(&format!("{HERE},{THERE}"))
}

/// Investigations of the case's principal in these Regions, one after the other, that come to these scenarios.
async fn investigated(stage: &Stage, key: &CaseKey, places: &[(&str, &str)]) {
    for (region, scenario) in places {
        let scenario = Scenario::named(scenario).unwrap().ending(simulator::Ends::AfterChecks(0));
        stage.scene.simulator.add_scenario(scenario);
        stage.scene.investigate_in(region, key).await;
    }
}

/// Why the case counts as not investigated.
async fn why(stage: &Stage, key: &CaseKey) -> String {
    stage.scene.cases.case(key).await.assessment.unwrap().not_investigated.unwrap().error.into()
}

#[tokio::test]
async fn a_quiet_investigation_of_another_region_is_none() {
    let stage = both();
    let key = stage.scene.open_or_join(&with_region(role_finding("web", "f1"), THERE)).await;
    investigated(&stage, &key, &[(HERE, "quiet")]).await;
    assert_eq!(
        stage.assess(input(&key)).await.unwrap().outcome,
        AssessOutcome::Outdated,
        "it is investigated there next"
    );
    let last = Input { last_investigation: true, ..input(&key) };
    let output = stage.assess(last).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, false));
    assert_eq!(stage.cause(&key).await, Some(AlertCause::NotInvestigated));
    assert_eq!(why(&stage, &key).await, "RegionNotInvestigated");
}

#[tokio::test]
async fn a_case_of_two_regions_ends_quietly_once_both_were_investigated() {
    let stage = both();
    let key = stage.scene.open_or_join(&role_finding("web", "f1")).await;
    stage.scene.open_or_join(&with_region(role_finding("web", "f2"), THERE)).await;
    investigated(&stage, &key, &[(HERE, "quiet")]).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Outdated);
    investigated(&stage, &key, &[(THERE, "quiet")]).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    let objects = stage.scene.aws.objects();
    let results: Value = serde_json::from_slice(&objects[&results_key(&key.case_id, 1)]).unwrap();
    assert_eq!(results["asked"]["graph_arn"], stage.scene.graph_arn_in(THERE));
    assert_eq!(results["elsewhere"][0]["asked"]["graph_arn"], stage.scene.graph_arn_in(HERE));
    assert_eq!(results["elsewhere"][0]["indicators"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_found_in_one_region_counts_although_the_other_is_quiet() {
    let stage = both();
    let key = stage.scene.open_or_join(&role_finding("web", "f1")).await;
    stage.scene.open_or_join(&with_region(role_finding("web", "f2"), THERE)).await;
    investigated(&stage, &key, &[(HERE, "high"), (THERE, "quiet")]).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    assert_eq!(stage.cause(&key).await, Some(AlertCause::Verdict));
}

#[tokio::test]
async fn what_was_found_in_one_region_counts_although_the_other_has_no_graph() {
    let stage = both();
    let key = stage.scene.open_or_join(&role_finding("web", "f1")).await;
    stage.scene.open_or_join(&with_region(role_finding("web", "f2"), THERE)).await;
    investigated(&stage, &key, &[(HERE, "high")]).await;
    let no_graph = NotInvestigated::new("NoBehaviorGraph", "");
    let no_graph = Some(NotInvestigated { region: Some(THERE.to_owned()), ..no_graph });
    assert_eq!(
        stage.assess(Input { not_investigated: no_graph, ..input(&key) }).await.unwrap().outcome,
        AssessOutcome::Alert
    );
    let assessment = stage.scene.cases.case(&key).await.assessment.unwrap();
    assert_eq!(assessment.alert_cause, Some(AlertCause::Verdict));
    assert_eq!(assessment.not_investigated.unwrap().error.as_str(), "NoBehaviorGraph");
    assert!(!assessment.indicators.is_empty(), "the other Region's result is there");
}

#[tokio::test]
async fn a_finding_of_a_region_outside_the_parameter_is_alerted_without_another_round() {
    let stage = stage_in(HERE);
    let key = stage.scene.open_or_join(&role_finding("web", "f1")).await;
    stage.scene.open_or_join(&with_region(role_finding("web", "f2"), THERE)).await;
    investigated(&stage, &key, &[(HERE, "quiet")]).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert);
    assert_eq!(why(&stage, &key).await, "RegionNotListed");
}

#[tokio::test]
async fn the_investigations_of_a_quiet_case_are_archived_in_every_region() {
    let mut stage = both();
    stage.app.settings.archive_quiet_investigations = true;
    let key = stage.scene.open_or_join(&role_finding("web", "f1")).await;
    stage.scene.open_or_join(&with_region(role_finding("web", "f2"), THERE)).await;
    investigated(&stage, &key, &[(HERE, "quiet"), (THERE, "quiet")]).await;
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Closed);
    assert_eq!(stage.scene.count("UpdateInvestigationState"), 2);
}

#[tokio::test]
async fn a_membership_that_cannot_be_read_is_no_quiet_end() {
    let finding = with_account(role_finding("web", "f1"), MEMBER);
    let stage = Stage::new();
    let key = stage.investigated(&finding, "quiet").await;
    stage.scene.simulator.add_fault(Fails::new("GetMembers", FaultKind::Throttle));
    let failed = stage.assess(input(&key)).await.unwrap_err();
    assert_eq!(failed.error_name(), "DetectiveThrottled", "the state machine tries again");
    stage.scene.simulator.add_fault(Fails::new("GetMembers", FaultKind::AccessDenied));
    let output = stage.assess(input(&key)).await.unwrap();
    assert_eq!((output.outcome, output.needs_operator), (AssessOutcome::Alert, true));
    assert_eq!(why(&stage, &key).await, "MembershipUnknown");

    let stage = Stage::new();
    let key = stage.investigated(&finding, "high").await;
    stage.scene.simulator.add_fault(Fails::new("GetMembers", FaultKind::Throttle));
    assert_eq!(stage.assess(input(&key)).await.unwrap().outcome, AssessOutcome::Alert, "people hear of it anyway");
    assert_eq!(stage.cause(&key).await, Some(AlertCause::Verdict));
}

/// A finding of High severity of a Region where nobody works; the stack's own graph knows the role as a quiet one.
#[tokio::test]
async fn an_attack_in_another_region_is_not_cleared_by_the_stacks_own_graph() {
    let finding: Value = serde_json::from_str(include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/evasion/other-region.json"
    )))
    .unwrap();
    for (regions, error) in [(HERE.to_owned(), "RegionNotListed"), (format!("{HERE},{THERE}"), "RegionNotInvestigated")]
    {
        let stage = stage_in(&regions);
        let key = stage.scene.open_or_join(&finding).await;
        investigated(&stage, &key, &[(HERE, "quiet")]).await;
        let last = Input { last_investigation: true, ..input(&key) };
        assert_eq!(stage.assess(last).await.unwrap().outcome, AssessOutcome::Alert, "{regions}");
        assert_eq!(why(&stage, &key).await, error);
    }
}
