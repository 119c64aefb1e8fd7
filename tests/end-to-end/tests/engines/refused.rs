//! GuardDuty cannot investigate or rejects the request: Detective's result is kept, the alert gives the reason, and no slot stays
//! taken.

use crate::scene::{Outcome, Scene};
use crate::setup::{AlertedCase, BoxError, EnginesTest};
use gumshoe_alerts::message::NotRequestedReason;
use local_cloud::{OTHER_REGION, STACK_ACCOUNT};
use serde_json::json;
use simulator::{ApiFault, FaultKind, Organization};

/// More times than the SDK retries.
const ALWAYS: u32 = 10_000;

/// Has a case alerted and checks that it has Detective's result, the reason, and neither an investigation of GuardDuty nor a slot.
async fn alerted_without_guardduty(test: &EnginesTest<'_>, tag: &str) -> Result<AlertedCase, BoxError> {
    test.set_detective_scenario_for_all("high");
    let principal = test.principal(tag, 9.0);
    test.send(std::slice::from_ref(&principal)).await?;
    let alerted = test.wait_for_alerted_case(&principal).await?;
    alerted.assert_detective_result();
    alerted.assert_reason_shown();
    assert_eq!(test.investigations().await?, [json!(null); 0], "{tag}");
    assert_eq!(test.budget().await?.slots, [], "{tag}");
    Ok(alerted)
}

pub(crate) async fn detectives_result_is_kept_if_guardduty_cannot_investigate(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new_without_analyst(scene).await?;
    let alerted = alerted_without_guardduty(&test, "a").await?;
    assert_eq!(alerted.not_requested_reason(), &NotRequestedReason::FeatureDisabled);
    assert!(alerted.guardduty_text().contains("AI_ANALYST"));

    let test = EnginesTest::new(scene).await?;
    test.cloud.update_detector(&json!({"enable": false})).await?;
    assert_eq!(
        alerted_without_guardduty(&test, "b").await?.not_requested_reason(),
        &NotRequestedReason::DetectorDisabled
    );

    let test = EnginesTest::new(scene).await?;
    test.cloud.simulator().set_detector_exists(false);
    assert_eq!(alerted_without_guardduty(&test, "c").await?.not_requested_reason(), &NotRequestedReason::NoDetector);

    // A member account with a detector and the feature: only the administrator account may request investigations.
    let test = EnginesTest::new(scene).await?;
    let administrator = "999988887777".to_owned();
    test.cloud.simulator().set_organization(Organization {
        management_account: administrator.clone(),
        accounts: [(STACK_ACCOUNT.to_owned(), "stack@example.com".to_owned())].into(),
        detective_administrator: None,
        guardduty_administrator: Some(administrator),
    })?;
    let alerted = alerted_without_guardduty(&test, "d").await?;
    assert!(
        matches!(alerted.not_requested_reason(), NotRequestedReason::Refused { .. }),
        "{:?}",
        alerted.not_requested_reason()
    );
    assert!(alerted.guardduty_text().contains("use its administrator account"));
    assert!(alerted.guardduty_text().contains("AccessDeniedException"));
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
        let test = EnginesTest::new(scene).await?;
        test.cloud.simulator().add_fault(fault.times(ALWAYS));
        let alerted = alerted_without_guardduty(&test, tag).await?;
        let reason = alerted.guardduty_text();
        assert!(reason.contains(word), "{word} is missing in {reason}");
    }
    Ok(())
}

pub(crate) async fn a_finding_of_a_region_without_investigations_takes_no_slot(scene: &Scene<'_>) -> Outcome {
    let test = EnginesTest::new(scene).await?;
    test.set_detective_scenario_for_all("high");
    let mut principal = test.principal("a", 9.0);
    principal.finding["region"] = json!(OTHER_REGION);
    test.send(std::slice::from_ref(&principal)).await?;
    let alerted = test.wait_for_alerted_case(&principal).await?;
    alerted.assert_detective_result();
    alerted.assert_reason_shown();
    assert_eq!(
        alerted.not_requested_reason(),
        &NotRequestedReason::UnsupportedRegion { region: OTHER_REGION.to_owned() }
    );
    assert_eq!(test.budget().await?.slots, []);
    let calls = test.cloud.simulator().journal().into_iter().filter(|it| it.service == "guardduty");
    let investigation_calls = calls.filter(|it| it.operation.contains("Investigation")).map(|it| it.operation);
    assert_eq!(investigation_calls.collect::<Vec<_>>(), [""; 0], "no investigation API of GuardDuty is called");
    Ok(())
}
