//! Findings of Regions other than the stack's.

use crate::scene::{Outcome, Scene};
use findings::with_region;
use local_cloud::OTHER_REGION;
use simulator::Entry;

/// A Region in which the stack does not investigate.
const NOT_LISTED: &str = "ap-southeast-2";

/// The Regions in which investigations of the test's role were started, in order.
fn investigated_regions(scene: &Scene<'_>) -> Vec<String> {
    let region = |entry: Entry| entry.region;
    scene.calls_of("StartInvestigation").into_iter().map(region).collect()
}

pub(crate) async fn a_finding_of_another_region_is_investigated_in_its_graph(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("high");
    scene.cloud.send(&[with_region(scene.finding("a"), OTHER_REGION)]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
    assert_eq!(investigated_regions(scene), [OTHER_REGION]);
    let alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    let links = alerts.json[0].links.iter().filter(|link| link.url.contains("detective/home"));
    assert!(links.clone().count() > 0);
    for link in links {
        assert!(link.url.contains(&format!("region={OTHER_REGION}")), "{}", link.url);
    }
    Ok(())
}

pub(crate) async fn a_case_of_two_regions_is_investigated_in_both_before_a_quiet_close(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    scene.cloud.send(&[scene.finding("a"), with_region(scene.finding("b"), OTHER_REGION)]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
    assert_eq!(case.published_revision, 0, "{}", case.assessment);
    let mut regions = investigated_regions(scene);
    regions.sort();
    assert_eq!(regions, [OTHER_REGION, "us-east-1"]);
    Ok(())
}

pub(crate) async fn a_finding_of_a_region_outside_the_parameter_is_alerted(scene: &Scene<'_>) -> Outcome {
    scene.set_scenario("quiet");
    scene.cloud.send(&[with_region(scene.finding("a"), NOT_LISTED)]).await?;
    let (case, execution) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(
        execution["status"], "SUCCEEDED",
        "no operator has to fix this, so the execution must succeed: {execution}"
    );
    assert_eq!(investigated_regions(scene), [""; 0], "no investigation must be started in another Region");
    let mut alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    let why = alerts.json.remove(0).not_investigated.unwrap();
    assert_eq!(why.error.as_str(), "RegionNotListed");
    let text = &alerts.texts[0].body;
    assert!(text.contains("add the Region to InvestigationRegions"), "{text}");
    Ok(())
}
