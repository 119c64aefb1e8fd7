mod concurrent_requests;

use super::*;
use gumshoe_domain::guardduty::{
    Confidence, GuardDutyInvestigationStatus, GuardDutyResult, RequestedInvestigation, RiskLevel,
};
use jiff::Timestamp;
use simulator::{
    ApiFault, Confidence as TheirConfidence, EndsWhen, FaultKind, FindingScenario, GuardDutyOutcome, Organization,
    RiskLevel as TheirLevel, Simulator,
};
use std::net::TcpListener;
use testkit::{simulator_config, with_retries};

const ACCOUNT: &str = "111122223333";
const PROMPT: &str = "Investigate finding 1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6 in account 111122223333";

fn simulator() -> Simulator {
    Simulator::start(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap()
}

/// The adapter's client retries.
fn client(simulator: &Simulator, account: &str, region: &str) -> Client {
    Client::new(&with_retries(&simulator_config(&simulator.url(), account, region)))
}

fn guardduty(simulator: &Simulator) -> GuardDuty {
    GuardDuty::new(client(simulator, ACCOUNT, "us-east-1"))
}

async fn ready(simulator: &Simulator) -> (GuardDuty, String) {
    let guardduty = guardduty(simulator);
    let id = guardduty.investigation_detector().await.unwrap();
    (guardduty, id)
}

fn open(id: &str, detector_id: &str) -> RequestedInvestigation {
    let (id, detector_id) = (id.to_owned(), detector_id.to_owned());
    let prompt = PROMPT.to_owned();
    RequestedInvestigation {
        id,
        detector_id,
        prompt,
        requested_at: Timestamp::UNIX_EPOCH,
        is_reused: false,
        region: None,
    }
}

/// Sets the feature AI_ANALYST, which is off in a new detector.
async fn analyst(client: &Client, status: FeatureStatus) {
    use aws_sdk_guardduty::types::{DetectorFeature, DetectorFeatureConfiguration};
    let id = client.list_detectors().send().await.unwrap().detector_ids()[0].clone();
    let feature = DetectorFeatureConfiguration::builder().name(DetectorFeature::AiAnalyst).status(status).build();
    client.update_detector().detector_id(id).features(feature).send().await.unwrap();
}

pub(super) async fn enabled() -> (Simulator, GuardDuty, String) {
    let simulator = simulator();
    analyst(&client(&simulator, ACCOUNT, "us-east-1"), FeatureStatus::Enabled).await;
    let (guardduty, detector) = ready(&simulator).await;
    (simulator, guardduty, detector)
}

#[tokio::test]
async fn a_detector_that_cannot_investigate_is_cached_with_the_reason() {
    let simulator = simulator();
    let own = client(&simulator, ACCOUNT, "us-east-1");
    let off = guardduty(&simulator);
    assert_eq!(off.investigation_detector().await, Err(NotRequestedReason::FeatureDisabled));
    analyst(&own, FeatureStatus::Enabled).await;
    assert_eq!(
        off.investigation_detector().await,
        Err(NotRequestedReason::FeatureDisabled),
        "cached for the life of the function"
    );
    let asked = simulator.journal().iter().filter(|it| it.operation == "GetDetector").count();
    let (on, id) = ready(&simulator).await;
    for _ in 0..3 {
        assert_eq!(on.investigation_detector().await.unwrap(), id);
    }
    assert_eq!(simulator.journal().iter().filter(|it| it.operation == "GetDetector").count(), asked + 1);
    own.update_detector().detector_id(&id).enable(false).send().await.unwrap();
    assert_eq!(guardduty(&simulator).investigation_detector().await, Err(NotRequestedReason::DetectorDisabled));
    simulator.set_detector_exists(false);
    assert_eq!(guardduty(&simulator).investigation_detector().await, Err(NotRequestedReason::NoDetector));
}

#[tokio::test]
async fn a_failed_detector_lookup_is_not_cached() {
    let (simulator, ..) = enabled().await;
    let guardduty = guardduty(&simulator);
    simulator.add_fault(ApiFault::new("GetDetector", FaultKind::Internal).times(3));
    let failed = guardduty.investigation_detector().await.unwrap_err();
    assert!(matches!(&failed, NotRequestedReason::Failed { message } if message.contains("GetDetector")), "{failed:?}");
    assert!(guardduty.investigation_detector().await.is_ok());
}

#[tokio::test]
async fn a_repeated_token_returns_the_same_investigation() {
    let (simulator, guardduty, detector) = enabled().await;
    simulator.add_fault(ApiFault::new("CreateInvestigation", FaultKind::Drop).after_work());
    let (first, why) = guardduty.create(&detector, PROMPT, "token").await;
    assert_eq!(why, None, "the call is retried after the lost response");
    assert_eq!(guardduty.create(&detector, PROMPT, "token").await, (first.clone(), None));
    let listed = guardduty.list(&detector).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((first, listed[0].prompt.as_str()), (CreateResult::Created(listed[0].id.clone()), PROMPT));
}

#[tokio::test]
async fn a_rejected_request_created_nothing_and_a_failed_one_is_unknown() {
    let (simulator, guardduty, detector) = enabled().await;
    for (kind, times, created, refused) in [
        (FaultKind::AccessDenied, 1, CreateResult::Refused, true),
        (FaultKind::Throttle, 3, CreateResult::Refused, false),
        (FaultKind::Internal, 3, CreateResult::Unknown, false),
        (FaultKind::Drop, 3, CreateResult::Unknown, false),
    ] {
        simulator.add_fault(ApiFault::new("CreateInvestigation", kind).times(times));
        let (answer, why) = guardduty.create(&detector, PROMPT, "token").await;
        assert_eq!(answer, created, "{kind:?}");
        assert_eq!(matches!(why, Some(NotRequestedReason::Refused { .. })), refused, "{kind:?}: {why:?}");
    }
    assert_eq!(guardduty.list(&detector).await.unwrap(), []);
}

#[tokio::test]
async fn requests_in_a_member_account_or_a_region_without_the_preview_are_rejected() {
    let simulator = simulator();
    // Members cannot change their detectors.
    analyst(&client(&simulator, ACCOUNT, "us-east-1"), FeatureStatus::Enabled).await;
    let administrator = "444455556666".to_owned();
    let accounts = [(ACCOUNT.to_owned(), "a@example.com".to_owned())].into();
    simulator
        .set_organization(Organization {
            management_account: administrator.clone(),
            accounts,
            detective_administrator: None,
            guardduty_administrator: Some(administrator),
        })
        .unwrap();
    let (guardduty, detector) = ready(&simulator).await;
    let (created, why) = guardduty.create(&detector, PROMPT, "token").await;
    assert_eq!(created, CreateResult::Refused);
    let Some(NotRequestedReason::Refused { message: said }) = why else { panic!("{why:?}") };
    assert!(said.contains("AccessDenied"), "{said}");

    // The feature is not available there, and GuardDuty rejects the calls although the detector has it enabled.
    let elsewhere = GuardDuty::new(client(&simulator, "777788889999", "sa-east-1"));
    assert_eq!(elsewhere.investigation_detector().await, Err(NotRequestedReason::FeatureDisabled));
    let detector = simulator.detector_id("777788889999", "sa-east-1");
    assert!(elsewhere.list(&detector).await.is_err());
    assert_eq!(elsewhere.create(&detector, PROMPT, "token").await.0, CreateResult::Refused);
}

#[tokio::test]
async fn every_field_of_an_investigation_is_read() {
    let (simulator, guardduty, detector) = enabled().await;
    simulator.add_finding_scenario(FindingScenario {
        ends: EndsWhen::AfterChecks(1),
        risk_level: TheirLevel::Critical,
        risk: "Because.".to_owned(),
        confidence: TheirConfidence::Unknown,
        summary: serde_json::json!({"keyObservations": ["one"], "countermeasures": ["two"], "threatAssessment": "three"}),
        ..FindingScenario::default()
    });
    let (CreateResult::Created(id), None) = guardduty.create(&detector, PROMPT, "token").await else { panic!() };
    let running = guardduty.investigation(&detector, &id).await.unwrap();
    assert_eq!(
        (running.status, running.risk_level, running.end_time),
        (GuardDutyInvestigationStatus::Running, None, None)
    );
    let found = guardduty.investigation(&detector, &id).await.unwrap();
    assert_eq!(found.status, GuardDutyInvestigationStatus::Completed);
    assert_eq!((found.risk_level, found.confidence), (Some(RiskLevel::Critical), Some(Confidence::Unknown)));
    assert_eq!((found.trigger_prompt.as_str(), found.risk.as_deref()), (PROMPT, Some("Because.")));
    assert!(found.triggered_by.contains(ACCOUNT) && found.start_time.is_some() && found.end_time.is_some());
    assert_eq!(found.metadata.as_ref().map(|it| it.product.as_str()), Some("Amazon GuardDuty"));
    assert_eq!(found.cloud.as_ref().map(|it| it.account.as_str()), Some(ACCOUNT));
    let GuardDutyResult::Completed(completed) = GuardDutyResult::of(&open(&id, &detector), &found) else { panic!() };
    assert_eq!(completed.summary.key_observations, ["one"]);
    assert_eq!(completed.summary.countermeasures, ["two"]);
    assert_eq!(completed.summary.threat_assessment, ["three"]);
}

#[tokio::test]
async fn a_failed_investigation_has_its_reason_and_a_missing_one_is_an_error() {
    let (simulator, guardduty, detector) = enabled().await;
    simulator.add_finding_scenario(FindingScenario {
        ends: EndsWhen::AfterChecks(0),
        outcome: GuardDutyOutcome::Failed,
        error: Some("No such\nfinding.".to_owned()),
        ..FindingScenario::default()
    });
    let (CreateResult::Created(id), None) = guardduty.create(&detector, PROMPT, "token").await else { panic!() };
    let found = guardduty.investigation(&detector, &id).await.unwrap();
    let failed = GuardDutyResult::of(&open(&id, &detector), &found);
    assert!(matches!(&failed, GuardDutyResult::Failed { error, .. } if error == "No such finding."), "{failed:?}");
    assert!(guardduty.list(&detector).await.unwrap()[0].has_failed);
    let gone = guardduty.investigation(&detector, "00000000-0000-4000-a000-0000000000ff").await.unwrap_err();
    assert_eq!(gone.fault, Fault::NotFound);
}

#[tokio::test]
async fn the_listing_is_read_to_the_last_page() {
    let (simulator, guardduty, detector) = enabled().await;
    let failing = FindingScenario {
        ends: EndsWhen::AfterChecks(0),
        outcome: GuardDutyOutcome::Failed,
        ..FindingScenario::default()
    };
    simulator.add_finding_scenario(failing);
    for number in 0..120 {
        let (created, _) = guardduty.create(&detector, PROMPT, &format!("token-{number}")).await;
        assert!(matches!(created, CreateResult::Created(_)));
    }
    assert_eq!(guardduty.list(&detector).await.unwrap().len(), 120);
}

#[tokio::test]
async fn the_time_of_the_last_activity_of_findings_is_returned() {
    let simulator = simulator();
    let ids: Vec<String> = (0..60).map(|number| format!("{number:032x}")).collect();
    for id in &ids {
        simulator.add_finding(testkit::findings::role_finding("web", id)).unwrap();
    }
    let guardduty = guardduty(&simulator);
    let asked: Vec<&str> = ids.iter().map(String::as_str).chain(["unknown"]).collect();
    let seen = guardduty.last_seen(&asked).await.unwrap();
    assert_eq!(seen.len(), 60, "findings that GuardDuty does not have are omitted");
    assert!(seen.values().all(|time| time.to_string() == "2026-01-15T12:35:00Z"));
    assert!(guardduty.last_seen(&[]).await.unwrap().is_empty());
    let count = |operation: &str| simulator.journal().iter().filter(|entry| entry.operation == operation).count();
    assert_eq!((count("ListDetectors"), count("GetFindings")), (1, 2), "50 ids a call, and the detector is remembered");
    simulator.set_detector_exists(false);
    assert!(super::GuardDuty::new(client(&simulator, ACCOUNT, "us-east-1")).last_seen(&["f"]).await.is_err());
}
