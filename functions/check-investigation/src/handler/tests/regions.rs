//! Investigations of other Regions are looked at where they were started.

use super::*;
use gumshoe_domain::Regions;
use testkit::findings::with_region;

const THERE: &str = "ap-southeast-2";

/// A case whose investigation is under way there, and has found nothing by the first look.
async fn investigated_there(scene: &Scene) -> CaseKey {
    scene.simulator.add_scenario(Scenario::named("quiet").unwrap().ending(Ends::AfterChecks(0)));
    let key = scene.open_or_join(&with_region(role_finding("web", "f1"), THERE)).await;
    scene.investigate_in(THERE, &key).await;
    key
}

#[tokio::test]
async fn an_investigation_is_looked_at_in_the_region_of_its_graph() {
    let scene = Scene::new();
    let key = investigated_there(&scene).await;
    let regions: Regions = format!("us-east-1,{THERE}").parse().unwrap();
    let app = App { detective: scene.detective_in(&regions), ..app(&scene) };
    let output = handle(&app, Input { case: key, look: 1, not_investigated: None }).await.unwrap();
    assert_eq!(output, Output::Successful);
    assert_eq!(scene.simulator.journal().last().unwrap().region, THERE);
}

#[tokio::test]
async fn one_of_a_region_that_was_taken_off_the_parameter_has_no_result() {
    let scene = Scene::new();
    let key = investigated_there(&scene).await;
    assert_eq!(why(look(&scene, &key, 1).await.unwrap()), "RegionNotListed");
}
