//! GuardDuty cannot be asked, or will not: Detective's result stands, people read why, and no slot stays taken.

use crate::scene::{Outcome, Scene};
use crate::stage::{Anything, Stage, Told};
use gumshoe_alerts::message::NotRequestedReason;
use local_cloud::{OTHER_REGION, STACK_ACCOUNT};
use serde_json::json;
use simulator::{ApiFault, FaultKind, Organization};

/// More often than the SDK tries.
const FOR_GOOD: u32 = 10_000;

/// What becomes of a case there.
async fn refused(stage: &Stage<'_>, tag: &str) -> Result<Told, Anything> {
    stage.detective_finds_of_all("high");
    let actor = stage.actor(tag, 9.0);
    stage.send(std::slice::from_ref(&actor)).await?;
    let told = stage.told(&actor).await?;
    told.has_detectives_result();
    told.says_why();
    assert_eq!(stage.investigations().await?, [json!(null); 0], "{tag}");
    assert_eq!(stage.budget().await?.slots, [], "{tag}");
    Ok(told)
}

pub(crate) async fn where_the_account_cannot_investigate_detectives_result_stands(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::without_feature(scene).await?;
    let told = refused(&stage, "a").await?;
    assert_eq!(told.not_asked(), &NotRequestedReason::FeatureDisabled);
    assert!(told.by_guardduty().contains("AI_ANALYST"));

    let stage = Stage::set(scene).await?;
    stage.cloud.update_detector(&json!({"enable": false})).await?;
    assert_eq!(refused(&stage, "b").await?.not_asked(), &NotRequestedReason::DetectorDisabled);

    let stage = Stage::set(scene).await?;
    stage.cloud.simulator().set_detector_exists(false);
    assert_eq!(refused(&stage, "c").await?.not_asked(), &NotRequestedReason::NoDetector);

    // It has a detector and the feature, and is a member.
    let stage = Stage::set(scene).await?;
    let administrator = "999988887777".to_owned();
    stage.cloud.simulator().set_organization(Organization {
        management_account: administrator.clone(),
        accounts: [(STACK_ACCOUNT.to_owned(), "stack@example.com".to_owned())].into(),
        detective_administrator: None,
        guardduty_administrator: Some(administrator),
    })?;
    let told = refused(&stage, "d").await?;
    assert!(matches!(told.not_asked(), NotRequestedReason::Refused { .. }), "{:?}", told.not_asked());
    assert!(told.by_guardduty().contains("only its administrator account may ask"));
    assert!(told.by_guardduty().contains("AccessDeniedException"));
    Ok(())
}

pub(crate) async fn where_a_call_is_refused_detectives_result_stands(scene: &Scene<'_>) -> Outcome {
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
        let stage = Stage::set(scene).await?;
        stage.cloud.simulator().add_fault(fault.times(FOR_GOOD));
        let told = refused(&stage, tag).await?;
        let why = told.by_guardduty();
        assert!(why.contains(word), "{word} is missing in {why}");
    }
    Ok(())
}

pub(crate) async fn a_finding_of_a_region_without_investigations_takes_no_slot(scene: &Scene<'_>) -> Outcome {
    let stage = Stage::set(scene).await?;
    stage.detective_finds_of_all("high");
    let mut actor = stage.actor("a", 9.0);
    actor.finding["region"] = json!(OTHER_REGION);
    stage.send(std::slice::from_ref(&actor)).await?;
    let told = stage.told(&actor).await?;
    told.has_detectives_result();
    told.says_why();
    assert_eq!(told.not_asked(), &NotRequestedReason::UnsupportedRegion { region: OTHER_REGION.to_owned() });
    assert_eq!(stage.budget().await?.slots, []);
    let asked = stage.cloud.simulator().journal().into_iter().filter(|it| it.service == "guardduty");
    let to_investigate = asked.filter(|it| it.operation.contains("Investigation")).map(|it| it.operation);
    assert_eq!(to_investigate.collect::<Vec<_>>(), [""; 0], "GuardDuty is asked about no investigation");
    Ok(())
}
