//! GuardDuty cannot be asked, or will not: Detective's result stands, people read why, and no slot stays taken.

use crate::scene::{Outcome, Scene};
use crate::setup::{AlertedCase, BoxError, EnginesTest};
use gumshoe_alerts::message::NotRequestedReason;
use local_cloud::{OTHER_REGION, STACK_ACCOUNT};
use serde_json::json;
use simulator::{ApiFault, FaultKind, Organization};

/// More often than the SDK tries.
const FOR_GOOD: u32 = 10_000;

/// What becomes of a case there.
async fn refused(stage: &EnginesTest<'_>, tag: &str) -> Result<AlertedCase, BoxError> {
    stage.set_detective_scenario_for_all("high");
    let principal = stage.principal(tag, 9.0);
    stage.send(std::slice::from_ref(&principal)).await?;
    let told = stage.wait_for_alerted_case(&principal).await?;
    told.assert_detective_result();
    told.assert_reason_shown();
    assert_eq!(stage.investigations().await?, [json!(null); 0], "{tag}");
    assert_eq!(stage.budget().await?.slots, [], "{tag}");
    Ok(told)
}

pub(crate) async fn detectives_result_is_kept_if_guardduty_cannot_investigate(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new_without_analyst(scene).await?;
    let told = refused(&stage, "a").await?;
    assert_eq!(told.not_requested_reason(), &NotRequestedReason::FeatureDisabled);
    assert!(told.guardduty_text().contains("AI_ANALYST"));

    let stage = EnginesTest::new(scene).await?;
    stage.cloud.update_detector(&json!({"enable": false})).await?;
    assert_eq!(refused(&stage, "b").await?.not_requested_reason(), &NotRequestedReason::DetectorDisabled);

    let stage = EnginesTest::new(scene).await?;
    stage.cloud.simulator().set_detector_exists(false);
    assert_eq!(refused(&stage, "c").await?.not_requested_reason(), &NotRequestedReason::NoDetector);

    // It has a detector and the feature, and is a member.
    let stage = EnginesTest::new(scene).await?;
    let administrator = "999988887777".to_owned();
    stage.cloud.simulator().set_organization(Organization {
        management_account: administrator.clone(),
        accounts: [(STACK_ACCOUNT.to_owned(), "stack@example.com".to_owned())].into(),
        detective_administrator: None,
        guardduty_administrator: Some(administrator),
    })?;
    let told = refused(&stage, "d").await?;
    assert!(
        matches!(told.not_requested_reason(), NotRequestedReason::Refused { .. }),
        "{:?}",
        told.not_requested_reason()
    );
    assert!(told.guardduty_text().contains("use its administrator account"));
    assert!(told.guardduty_text().contains("AccessDeniedException"));
    Ok(())
}

pub(crate) async fn detectives_result_is_kept_if_a_guardduty_call_is_rejected(scene: &Scene<'_>) -> Outcome {
    let denied = |operation: &str| ApiFault::new(operation, FaultKind::AccessDenied);
    let bad = ApiFault::new("CreateInvestigation", FaultKind::Error).error("BadRequestException");
    for (tag, fault, word) in [
        ("a", denied("CreateInvestigation"), "CreateInvestigation was denied"),
        ("b", bad, "BadRequestException"),
        ("c", ApiFault::new("CreateInvestigation", FaultKind::Throttle), "CreateInvestigation was throttled"),
        ("d", denied("guardduty:ListInvestigations"), "ListInvestigations was denied"),
        ("e", denied("GetDetector"), "GetDetector was denied"),
        ("f", denied("ListDetectors"), "ListDetectors was denied"),
        ("0", ApiFault::new("ListDetectors", FaultKind::Internal), "ListDetectors failed"),
    ] {
        let stage = EnginesTest::new(scene).await?;
        stage.cloud.simulator().add_fault(fault.times(FOR_GOOD));
        let told = refused(&stage, tag).await?;
        let why = told.guardduty_text();
        assert!(why.contains(word), "{word} is missing in {why}");
    }
    Ok(())
}

pub(crate) async fn a_finding_of_a_region_without_investigations_takes_no_slot(scene: &Scene<'_>) -> Outcome {
    let stage = EnginesTest::new(scene).await?;
    stage.set_detective_scenario_for_all("high");
    let mut principal = stage.principal("a", 9.0);
    principal.finding["region"] = json!(OTHER_REGION);
    stage.send(std::slice::from_ref(&principal)).await?;
    let told = stage.wait_for_alerted_case(&principal).await?;
    told.assert_detective_result();
    told.assert_reason_shown();
    assert_eq!(told.not_requested_reason(), &NotRequestedReason::UnsupportedRegion { region: OTHER_REGION.to_owned() });
    assert_eq!(stage.budget().await?.slots, []);
    let asked = stage.cloud.simulator().journal().into_iter().filter(|it| it.service == "guardduty");
    let to_investigate = asked.filter(|it| it.operation.contains("Investigation")).map(|it| it.operation);
    assert_eq!(to_investigate.collect::<Vec<_>>(), [""; 0], "GuardDuty is asked about no investigation");
    Ok(())
}
