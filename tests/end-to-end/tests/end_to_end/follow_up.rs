//! Follow-up investigations of quiet cases.

use crate::scene::{Outcome, Scene, WAIT_TIMEOUT};
use findings::republished;
use local_cloud::{CaseItem, CloudError};
use serde_json::json;

/// Sets the parameter `FollowUpHours` of the functions; 0 turns follow-up investigations off.
async fn set_follow_up_hours(scene: &Scene<'_>, value: &str) -> Result<(), CloudError> {
    for function in ["assess-case", "open-case"] {
        scene.cloud.set_variable(function, "FOLLOW_UP_HOURS", value).await?;
    }
    Ok(())
}

/// Waits until the role's case is in the status WATCHING. The findings' activity is long ago, so its follow-up investigation is due
/// immediately.
async fn wait_for_watched_case(scene: &Scene<'_>) -> Result<CaseItem, CloudError> {
    let subject = scene.subject();
    let poll = async || Ok(scene.cloud.cases(&subject).await?.pop().filter(|case| case.status == "WATCHING"));
    scene.cloud.poll_until("a case in the status WATCHING", WAIT_TIMEOUT, poll).await
}

pub(crate) async fn a_quiet_case_is_investigated_twice_before_it_is_closed(scene: &Scene<'_>) -> Outcome {
    set_follow_up_hours(scene, "6").await?;
    scene.set_scenario("quiet");
    let finding = scene.finding("a");
    scene.cloud.send(std::slice::from_ref(&finding)).await?;
    let case = wait_for_watched_case(scene).await?;
    assert_eq!(scene.wait_for_execution_end(&case.case_id).await?["status"], "SUCCEEDED");
    // The finding is updated: the follow-up investigation is postponed, and no execution starts.
    scene.cloud.send(&[republished(&finding, 7, 1)]).await?;
    let renewed = async || Ok(wait_for_watched_case(scene).await.ok().filter(|case| case.renewal_count == 1));
    let postponed = scene.cloud.poll_until("the update of the finding in the case", WAIT_TIMEOUT, renewed).await?;
    assert_eq!(postponed.execution_attempt, 1);
    for _ in 0..2 {
        scene.cloud.run_sweep().await?;
    }
    let (closed, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(scene.wait_for_execution_end(&format!("{}-2", case.case_id)).await?["status"], "SUCCEEDED");
    assert_ne!(closed.investigation["id"], case.investigation["id"]);
    assert_eq!(scene.calls_of("StartInvestigation").len(), 2);
    assert_eq!((closed.execution_attempt, closed.assessment["second_look"].clone()), (2, json!(true)));
    scene.cloud.run_sweep().await?;
    scene.cloud.wait_until_drained().await?;
    assert_eq!(scene.cloud.cases(&scene.subject()).await?, [closed]);
    scene.wait_for_alerts(&case.case_id, 0).await?;
    set_follow_up_hours(scene, "0").await?;
    Ok(())
}

pub(crate) async fn results_of_the_follow_up_and_findings_before_it_are_alerted(scene: &Scene<'_>) -> Outcome {
    set_follow_up_hours(scene, "6").await?;
    scene.set_scenario("quiet");
    scene.cloud.send(&[scene.finding("a")]).await?;
    wait_for_watched_case(scene).await?;
    let mut worse = scene.finding("b");
    worse["severity"] = json!(9.5);
    scene.cloud.send(&[worse]).await?;
    let (alerted, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!((alerted.join_count, alerted.second_look_at.as_str()), (2, ""));
    scene.wait_for_alerts(&alerted.case_id, 1).await?;

    scene.cloud.send(&[scene.finding("c")]).await?;
    let late = wait_for_watched_case(scene).await?;
    scene.set_scenario("high");
    scene.cloud.run_sweep().await?;
    let (alerted, _) = scene.wait_for_closed_case(&scene.subject(), 2).await?;
    assert_eq!(alerted.case_id, late.case_id);
    scene.wait_for_alerts(&alerted.case_id, 1).await?;
    set_follow_up_hours(scene, "0").await?;
    Ok(())
}
