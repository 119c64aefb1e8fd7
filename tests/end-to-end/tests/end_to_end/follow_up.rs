//! Quiet cases are looked at again.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use findings::republished;
use local_cloud::{CaseItem, CloudError};
use serde_json::json;

async fn hours(scene: &Scene<'_>, value: &str) -> Result<(), CloudError> {
    for function in ["assess-case", "open-case"] {
        scene.cloud.set_variable(function, "FOLLOW_UP_HOURS", value).await?;
    }
    Ok(())
}

/// The role's case once it is watched. The findings' activity is long ago, so its second look is due then.
async fn watched(scene: &Scene<'_>) -> Result<CaseItem, CloudError> {
    let subject = scene.subject();
    let poll = async || Ok(scene.cloud.cases(&subject).await?.pop().filter(|case| case.status == "WATCHING"));
    scene.cloud.poll_until("a watched case", WAIT_TIMEOUT, poll).await
}

pub(crate) async fn a_quiet_case_is_investigated_twice_before_it_is_closed(scene: &Scene<'_>) -> Outcome {
    hours(scene, "6").await?;
    scene.set_scenario("quiet");
    let finding = scene.finding("a");
    scene.cloud.send(std::slice::from_ref(&finding)).await?;
    let case = watched(scene).await?;
    assert_eq!(scene.wait_for_execution_end(&case.case_id).await?["status"], "SUCCEEDED");
    // It comes again: the second look is postponed, and no execution starts.
    scene.cloud.send(&[republished(&finding, 7, 1)]).await?;
    let renewed = async || Ok(watched(scene).await.ok().filter(|case| case.renewal_count == 1));
    let postponed = scene.cloud.poll_until("the newer state", WAIT_TIMEOUT, renewed).await?;
    assert_eq!(postponed.execution_attempt, 1);
    for _ in 0..2 {
        scene.cloud.run_sweep().await?;
    }
    let (closed, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(scene.wait_for_execution_end(&format!("{}-2", case.case_id)).await?["status"], "SUCCEEDED");
    assert_ne!(closed.investigation["id"], case.investigation["id"]);
    assert_eq!(scene.asked("StartInvestigation").len(), 2);
    assert_eq!((closed.execution_attempt, closed.assessment["second_look"].clone()), (2, json!(true)));
    scene.cloud.run_sweep().await?;
    scene.cloud.wait_until_drained().await?;
    assert_eq!(scene.cloud.cases(&scene.subject()).await?, [closed]);
    scene.wait_for_alerts(&case.case_id, 0).await?;
    hours(scene, "0").await?;
    Ok(())
}

pub(crate) async fn results_of_the_follow_up_and_findings_before_it_are_alerted(scene: &Scene<'_>) -> Outcome {
    hours(scene, "6").await?;
    scene.set_scenario("quiet");
    scene.cloud.send(&[scene.finding("a")]).await?;
    watched(scene).await?;
    let mut worse = scene.finding("b");
    worse["severity"] = json!(9.5);
    scene.cloud.send(&[worse]).await?;
    let (told, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!((told.join_count, told.second_look_at.as_str()), (2, ""));
    scene.wait_for_alerts(&told.case_id, 1).await?;

    scene.cloud.send(&[scene.finding("c")]).await?;
    let late = watched(scene).await?;
    scene.set_scenario("high");
    scene.cloud.run_sweep().await?;
    let (told, _) = scene.wait_for_closed_case(&scene.subject(), 2).await?;
    assert_eq!(told.case_id, late.case_id);
    scene.wait_for_alerts(&told.case_id, 1).await?;
    hours(scene, "0").await?;
    Ok(())
}
