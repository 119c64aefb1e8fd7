//! Findings of several Regions: each is investigated in the graph of its own Region.

use super::*;
use gumshoe_domain::Regions;
use gumshoe_domain::coverage::graph_region;
use gumshoe_domain::guardduty::NotRequestedReason;
use gumshoe_domain::investigation::NotInvestigatedDetail;
use testkit::findings::{with_region, with_severity};

const OWN_REGION: &str = "us-east-1";
const OTHER_REGION: &str = "ap-southeast-2";
/// A Region with GuardDuty investigations.
const GUARDDUTY_REGION: &str = "eu-west-1";
const ID: &str = "1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";

fn both() -> Regions {
    format!("{OWN_REGION},{OTHER_REGION},{GUARDDUTY_REGION}").parse().unwrap()
}

/// The Regions in which investigations were started, in order.
fn started(scene: &Scene) -> Vec<String> {
    let journal = scene.simulator.journal().into_iter();
    journal.filter(|it| it.operation == "StartInvestigation").map(|it| it.region).collect()
}

#[tokio::test]
async fn a_finding_of_another_region_is_investigated_there() {
    let scene = Scene::new();
    let key = scene.open_or_join(&with_region(role_finding("web", "f1"), OTHER_REGION)).await;
    let output = start(&app_in(&scene, InvestigationPolicy::Off, both()), &key).await.unwrap();
    assert_eq!(output.reused, Some(false));
    assert_eq!(started(&scene), [OTHER_REGION]);
    let noted = scene.cases.case(&key).await.investigation.unwrap();
    assert_eq!(noted.graph_arn, scene.graph_arn_in(OTHER_REGION));
}

#[tokio::test]
async fn a_finding_outside_the_parameter_is_not_investigated_and_the_reason_says_so() {
    let scene = Scene::new();
    let key = scene.open_or_join(&with_region(role_finding("web", "f1"), OTHER_REGION)).await;
    let output = start(&app(&scene, InvestigationPolicy::Off), &key).await.unwrap();
    assert!(matches!(output.outcome, Outcome::NothingStarted));
    let why = output.not_investigated.unwrap();
    assert_eq!(why.error.as_str(), "RegionNotListed");
    let (of, listed) = (vec![OTHER_REGION.to_owned()], vec![OWN_REGION.to_owned()]);
    assert_eq!(why.detail, Some(NotInvestigatedDetail::RegionsNotListed { regions: of, listed }));
    assert!(scene.simulator.journal().is_empty(), "no graph of another Region is called");
}

#[tokio::test]
async fn a_region_without_a_graph_is_in_the_reason() {
    let scene = Scene::new();
    scene.simulator.set_graph_exists(false);
    let key = scene.open_or_join(&with_region(role_finding("web", "f1"), OTHER_REGION)).await;
    let why = start(&app_in(&scene, InvestigationPolicy::Off, both()), &key).await.unwrap().not_investigated.unwrap();
    assert_eq!((why.error.as_str(), why.region.as_deref()), ("NoBehaviorGraph", Some(OTHER_REGION)));
    assert!(why.cause.contains(OTHER_REGION), "{}", why.cause);
}

#[tokio::test]
async fn a_configured_graph_is_used_for_its_own_region_only() {
    let scene = Scene::new();
    let mut app = app_in(&scene, InvestigationPolicy::Off, both());
    app.settings.graph_arn = Some(scene.graph_arn_in(OWN_REGION));
    let key = scene.open_or_join(&with_region(role_finding("web", "f1"), OTHER_REGION)).await;
    start(&app, &key).await.unwrap();
    assert_eq!((started(&scene), scene.count("ListGraphs")), (vec![OTHER_REGION.to_owned()], 1));
}

#[tokio::test]
async fn a_case_of_two_regions_is_investigated_in_one_after_the_other() {
    let scene = Scene::new();
    scene.set_scenario("quiet");
    let app = app_in(&scene, InvestigationPolicy::Off, both());
    let key = scene.open_or_join(&role_finding("web", "f1")).await;
    scene.open_or_join(&with_severity(with_region(role_finding("web", "f2"), OTHER_REGION), 8.5)).await;
    let first = start(&app, &key).await.unwrap().investigation_id;
    assert_eq!(started(&scene), [OTHER_REGION], "the Region of the most severe finding first");
    assert_eq!(start(&app, &key).await.unwrap().investigation_id, first, "a retry waits for the running one");
    let noted = scene.cases.case(&key).await.investigation.unwrap();
    let detective = scene.detective_in(&both());
    while detective.investigation(&noted.graph_arn, &noted.id).await.unwrap().status == InvestigationStatus::Running {}
    let second = start(&app, &key).await.unwrap().investigation_id;
    assert_ne!(second, first);
    assert_eq!(started(&scene), [OTHER_REGION, OWN_REGION]);
    let case = scene.cases.case(&key).await;
    let asked: Vec<_> = case.investigations().map(|it| graph_region(&it.graph_arn).unwrap()).collect();
    assert_eq!(asked, [OWN_REGION, OTHER_REGION]);
    assert_eq!(start(&app, &key).await.unwrap().investigation_id, second, "there is nothing left to start");
}

#[tokio::test]
async fn guardduty_is_called_in_the_findings_region_within_one_budget() {
    let scene = Scene::new();
    scene.enable_analyst_in(GUARDDUTY_REGION).await;
    let app = app_in(&scene, InvestigationPolicy::High, both());
    let key = scene.open_or_join(&with_region(role_finding("web", ID), GUARDDUTY_REGION)).await;
    start(&app, &key).await.unwrap();
    let Some(GuardDutyRequestState::Requested(open)) = scene.cases.case(&key).await.guardduty else { panic!() };
    assert_eq!(open.region.as_deref(), Some(GUARDDUTY_REGION));
    let journal = scene.simulator.journal();
    let asked = journal.iter().find(|it| it.operation == "CreateInvestigation").unwrap();
    assert_eq!(asked.region, GUARDDUTY_REGION);

    let outside =
        scene.open_or_join(&with_region(role_finding("other", "2ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6"), "sa-east-1")).await;
    start(&app, &outside).await.unwrap();
    let state = scene.cases.case(&outside).await.guardduty.unwrap();
    assert!(matches!(state, GuardDutyRequestState::NotRequested(NotRequestedReason::OtherRegion { .. })), "{state:?}");
}
