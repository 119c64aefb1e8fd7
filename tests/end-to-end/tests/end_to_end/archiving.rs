//! Quiet investigations are archived, so that Detective's list of active investigations stays short.

use crate::scene::{Outcome, Scene};
use local_cloud::{CloudError, STACK_ACCOUNT};
use serde_json::{Value, json};

/// The state of a case's investigation in Detective: ACTIVE or ARCHIVED.
async fn state(scene: &Scene<'_>, investigation: &Value) -> Result<Value, CloudError> {
    let get = json!({"GraphArn": investigation["graph_arn"], "InvestigationId": investigation["id"]});
    let path = "/investigations/getInvestigation";
    Ok(scene.cloud.simulator_api().post_as(STACK_ACCOUNT, "detective", path, &get).await?["State"].clone())
}

/// Turns archiving of quiet investigations on or off.
async fn set_archiving(scene: &Scene<'_>, value: &str) -> Result<(), CloudError> {
    for function in ["assess-case", "start-investigation"] {
        scene.cloud.set_variable(function, "ARCHIVE_QUIET_INVESTIGATIONS", value).await?;
    }
    Ok(())
}

pub(crate) async fn a_quiet_investigation_is_archived_and_restored_for_an_alert(scene: &Scene<'_>) -> Outcome {
    set_archiving(scene, "true").await?;
    scene.set_scenario("quiet");
    scene.cloud.send(&[scene.finding("a")]).await?;
    let (quiet, _) = scene.wait_for_closed_case(&scene.subject(), 1).await?;
    assert_eq!(quiet.published_revision, 0, "{}", quiet.assessment);
    assert_eq!(state(scene, &quiet.investigation).await?, "ARCHIVED");

    // A Critical finding about the same principal: the scope of the archived investigation covers its activity.
    let mut worse = scene.finding("b");
    worse["severity"] = json!(9.5);
    scene.cloud.send(&[worse]).await?;
    let (alerted, execution) = scene.wait_for_closed_case(&scene.subject(), 2).await?;
    assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
    assert_eq!(
        (&alerted.investigation["id"], &alerted.investigation["reused"]),
        (&quiet.investigation["id"], &json!(true))
    );
    scene.wait_for_alerts(&alerted.case_id, 1).await?;
    assert_eq!(state(scene, &alerted.investigation).await?, "ACTIVE");

    set_archiving(scene, "false").await?;
    Ok(())
}
