//! Accounts whose data are not in the behavior graph. The functions cache memberships, so each test has its own account.

use crate::scene::{BoxError, Outcome, Scene};
use gumshoe_alerts::Alert;
use gumshoe_domain::coverage::MemberStatus;
use local_cloud::STACK_ACCOUNT;
use serde_json::{Value, json};
use simulator::{AccountRegionFilter, ApiFault, DisabledReason, FaultKind, Scenario};

/// A finding about the test's role in that account, and the role's ARN.
fn finding_in(scene: &Scene<'_>, account: &str) -> (Value, String) {
    let mut finding = scene.finding("a");
    finding["accountId"] = json!(account);
    (finding, format!("arn:aws:iam::{account}:role/{}", scene.role()))
}

/// Installs a named scenario for a role.
fn set_scenario(scene: &Scene<'_>, arn: &str, name: &str) {
    scene.cloud.simulator().add_scenario(Scenario { entity_arn: arn.to_owned(), ..Scenario::named(name).unwrap() });
}

/// Installs a scenario for a role in which Detective's investigation succeeds without indicators.
fn set_no_indicators(scene: &Scene<'_>, arn: &str) {
    let quiet = Scenario::named("quiet").unwrap();
    let nothing = Scenario { entity_arn: arn.to_owned(), indicators: Vec::new(), ..quiet };
    scene.cloud.simulator().add_scenario(nothing);
}

/// Makes an account a disabled member: it accepted the invitation and sends no data.
async fn add_disabled_member(scene: &Scene<'_>, account: &str) -> Outcome {
    scene.cloud.add_graph_member(account).await?;
    let administrator = AccountRegionFilter { account: Some(STACK_ACCOUNT.to_owned()), region: None };
    let (status, reason) = (simulator::MemberStatus::AcceptedButDisabled, Some(DisabledReason::VolumeTooHigh));
    Ok(scene.cloud.simulator().set_member(administrator, account, status, reason)?)
}

/// Waits for the one alert of the role's case. Returns the e-mail's text, and the alert as JSON has it.
async fn wait_for_alert(scene: &Scene<'_>, arn: &str) -> Result<(String, Alert), BoxError> {
    let (case, execution) = scene.wait_for_closed_case(arn, 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
    let mut alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    Ok((alerts.texts.remove(0).body, alerts.json.remove(0)))
}

pub(crate) async fn a_quiet_result_of_a_disabled_member_is_alerted(scene: &Scene<'_>) -> Outcome {
    const ACCOUNT: &str = "222233334444";
    add_disabled_member(scene, ACCOUNT).await?;
    let (finding, arn) = finding_in(scene, ACCOUNT);
    set_no_indicators(scene, &arn);
    scene.cloud.send(&[finding]).await?;
    let (text, alert) = wait_for_alert(scene, &arn).await?;
    let why = alert.not_investigated.as_ref().map(|it| it.error.as_str());
    assert_eq!(why, Some("AccountNotInGraph"));
    assert_eq!(alert.outside_graph.and_then(|it| it.status), Some(MemberStatus::AcceptedButDisabled));
    let status =
        format!("account {ACCOUNT} sends no data to the behavior graph: ACCEPTED_BUT_DISABLED, VOLUME_TOO_HIGH");
    for part in [status.as_str(), "NOT INVESTIGATED", "reduce the data volume"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    Ok(())
}

pub(crate) async fn earlier_data_of_a_disabled_member_counts_and_the_alert_names_the_gap(scene: &Scene<'_>) -> Outcome {
    const ACCOUNT: &str = "222233335555";
    add_disabled_member(scene, ACCOUNT).await?;
    let (finding, arn) = finding_in(scene, ACCOUNT);
    set_scenario(scene, &arn, "high");
    scene.cloud.send(&[finding]).await?;
    let (text, alert) = wait_for_alert(scene, &arn).await?;
    assert_eq!(alert.not_investigated, None);
    assert!(!alert.indicators.is_empty());
    assert!(text.contains("Detective data may be incomplete: account 222233335555 sends no data"), "{text}");
    Ok(())
}

pub(crate) async fn few_indicators_of_a_disabled_member_prevent_a_quiet_close(scene: &Scene<'_>) -> Outcome {
    const ACCOUNT: &str = "222233339999";
    add_disabled_member(scene, ACCOUNT).await?;
    let (finding, arn) = finding_in(scene, ACCOUNT);
    set_scenario(scene, &arn, "quiet");
    scene.cloud.send(&[finding]).await?;
    let (_, alert) = wait_for_alert(scene, &arn).await?;
    assert_eq!(alert.not_investigated.as_ref().map(|it| it.error.as_str()), Some("AccountNotInGraph"));
    assert!(!alert.indicators.is_empty());
    Ok(())
}

pub(crate) async fn a_principal_whose_account_is_not_a_member_is_alerted(scene: &Scene<'_>) -> Outcome {
    const ACCOUNT: &str = "222233336666";
    let (finding, arn) = finding_in(scene, ACCOUNT);
    let high = Scenario::named("high").unwrap();
    let unknown = Scenario { entity_arn: arn.clone(), known_to_graph: false, ..high };
    scene.cloud.simulator().add_scenario(unknown);
    scene.cloud.send(&[finding]).await?;
    let (text, alert) = wait_for_alert(scene, &arn).await?;
    assert_eq!(alert.not_investigated.as_ref().map(|it| it.error.as_str()), Some("AccountNotInGraph"));
    assert_eq!(alert.outside_graph.map(|it| (it.account_id, it.status)), Some((ACCOUNT.to_owned(), None)));
    for part in [&format!("account {ACCOUNT} is not a member of the behavior graph"), "make it an enabled member"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    Ok(())
}

pub(crate) async fn a_quiet_result_of_an_enabled_member_closes_quietly(scene: &Scene<'_>) -> Outcome {
    const ACCOUNT: &str = "222233337777";
    scene.cloud.add_graph_member(ACCOUNT).await?;
    let (finding, arn) = finding_in(scene, ACCOUNT);
    set_no_indicators(scene, &arn);
    // Below High: from High on there would be an alert, because the account denies the lookup of the role.
    scene.cloud.send(&[findings::with_severity(finding, 5.0)]).await?;
    assert_quiet(scene, &arn).await
}

pub(crate) async fn a_denied_lookup_prevents_a_quiet_close(scene: &Scene<'_>) -> Outcome {
    let (finding, arn) = finding_in(scene, "222233338888");
    set_no_indicators(scene, &arn);
    scene.cloud.simulator().add_fault(ApiFault::new("GetMembers", FaultKind::AccessDenied));
    scene.cloud.send(&[finding]).await?;
    let (case, execution) = scene.wait_for_closed_case(&arn, 1).await?;
    assert_eq!(execution["status"], "FAILED", "an operator has to fix the denied access: {execution}");
    let mut alerts = scene.wait_for_alerts(&case.case_id, 1).await?;
    let alert = alerts.json.remove(0);
    assert_eq!(alert.not_investigated.as_ref().map(|it| it.error.as_str()), Some("MembershipUnknown"));
    Ok(())
}

/// Checks that the role's case is closed quietly.
async fn assert_quiet(scene: &Scene<'_>, arn: &str) -> Outcome {
    let (case, execution) = scene.wait_for_closed_case(arn, 1).await?;
    assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
    assert_eq!(case.published_revision, 0, "{}", case.assessment);
    for absent in ["alert_cause", "not_investigated", "outside_graph"] {
        assert!(case.assessment[absent].is_null(), "{}", case.assessment);
    }
    scene.wait_for_alerts(&case.case_id, 0).await?;
    Ok(())
}
