//! Investigations are polled in the Region where they were started.

use super::*;
use gumshoe_domain::Regions;
use testkit::findings::with_region;

const OTHER_REGION: &str = "ap-southeast-2";

/// A case with a running investigation in the other Region that ends without indicators before the first poll.
async fn investigated_in_other_region(scene: &Scene) -> CaseKey {
    scene.simulator.add_scenario(Scenario::named("quiet").unwrap().with_end(EndsWhen::AfterChecks(0)));
    let key = scene.open_or_join(&with_region(role_finding("web", "f1"), OTHER_REGION)).await;
    scene.investigate_in(OTHER_REGION, &key).await;
    key
}

#[tokio::test]
async fn an_investigation_is_polled_in_the_region_of_its_graph() {
    let scene = Scene::new();
    let key = investigated_in_other_region(&scene).await;
    let regions: Regions = format!("us-east-1,{OTHER_REGION}").parse().unwrap();
    let app = App { detective: scene.detective_in(&regions), ..app(&scene) };
    let output = handle(&app, Input { case: key, poll: 1, not_investigated: None }).await.unwrap();
    assert_eq!(output, Output::Successful);
    assert_eq!(scene.simulator.journal().last().unwrap().region, OTHER_REGION);
}

#[tokio::test]
async fn an_investigation_in_a_region_that_is_no_longer_configured_has_no_result() {
    let scene = Scene::new();
    let key = investigated_in_other_region(&scene).await;
    assert_eq!(why(poll(&scene, &key, 1).await.unwrap()), "RegionNotListed");
}
