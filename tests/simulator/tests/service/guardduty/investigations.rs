//! CreateInvestigation, GetInvestigation and ListInvestigations of an account that administers itself.

use std::time::Duration;

use aws_sdk_guardduty::types::{
    CloudProvider, Confidence, DetectorFeature, FeatureStatus, InvestigationSortCriteria, InvestigationSortField,
    InvestigationStatus, OrderBy, RiskLevel,
};
use serde_json::json;
use simulator::{
    ApiFault, Confidence as Sure, EndsWhen, FaultKind, FindingScenario, GuardDutyOutcome, RiskLevel as Level,
};

use super::{Account, FINDING, Guard, MEMBER, NO_ID, feature, finding, with};
use crate::support::{ACCOUNT, REGION};

const PROMPT: &str = "Investigate finding 1ab2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";

fn scenario(subject: &str, ends: EndsWhen) -> FindingScenario {
    FindingScenario {
        name: Some("mine".into()),
        finding_id: subject.into(),
        ends,
        risk_level: Level::High,
        risk: "Credentials are used from two places.".into(),
        confidence: Sure::Medium,
        title: "Stolen credentials".into(),
        summary: json!({ "keyObservations": ["one"], "countermeasures": [], "threatAssessment": "bad" }),
        ..FindingScenario::default()
    }
}

#[tokio::test]
async fn an_investigation_is_created_runs_and_completes() {
    let guard = Guard::with_analyst().await;
    guard.simulator().set_clock_stopped(true);
    guard.simulator().add_finding_scenario(scenario(FINDING, EndsWhen::AfterChecks(2)));
    let raw = guard.post("/investigation", &json!({ "triggerPrompt": PROMPT })).await;
    assert_eq!((raw.status, raw.body.as_object().unwrap().len()), (202, 1));
    let id = raw.body["investigationId"].as_str().unwrap();
    assert!(id.len() == 36 && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{id}");

    let running = guard.investigation(id).await;
    assert_eq!((running.investigation_id(), running.trigger_prompt()), (Some(id), Some(PROMPT)));
    assert_eq!(running.status(), Some(&InvestigationStatus::Running));
    assert_eq!(running.triggered_by(), Some(format!("arn:aws:iam::{ACCOUNT}:root").as_str()));
    let metadata = running.metadata().unwrap();
    assert!(metadata.version().is_some());
    assert_eq!(metadata.product().unwrap().name(), Some("Amazon GuardDuty"));
    assert_eq!(metadata.product().unwrap().feature(), Some("Investigation"));
    let cloud = running.cloud().unwrap();
    assert_eq!(
        (cloud.provider(), cloud.region(), cloud.account()),
        (Some(&CloudProvider::Aws), Some(REGION), Some(ACCOUNT))
    );
    assert!(running.start_time().is_some() && running.end_time().is_none());
    assert!(running.risk_level().is_none() && running.risk().is_none() && running.confidence().is_none());
    assert!(running.summary().is_none() && running.error().is_none());

    guard.simulator().advance_clock(Duration::from_millis(61_500));
    assert_eq!(guard.investigation(id).await.status(), Some(&InvestigationStatus::Running));
    guard.simulator().advance_clock(Duration::from_secs(60));
    let done = guard.investigation(id).await;
    assert_eq!(done.status(), Some(&InvestigationStatus::Completed));
    assert_eq!((done.risk_level(), done.confidence()), (Some(&RiskLevel::High), Some(&Confidence::Medium)));
    assert_eq!(done.risk(), Some("Credentials are used from two places."));
    let summary: serde_json::Value = serde_json::from_str(done.summary().unwrap()).unwrap();
    assert_eq!(summary["keyObservations"], json!(["one"]));
    assert!(done.error().is_none());
    assert_eq!(done.start_time(), running.start_time());
    let took = done.end_time().unwrap().to_millis().unwrap() - done.start_time().unwrap().to_millis().unwrap();
    assert_eq!(took, 61_500, "it ended at the last check that saw it running");
    assert_eq!(guard.investigation(id).await, done);
}

#[tokio::test]
async fn an_investigation_fails() {
    let guard = Guard::with_analyst().await;
    let error = Some("The finding is not supported.".to_owned());
    let failing =
        FindingScenario { outcome: GuardDutyOutcome::Failed, error, ..scenario("*", EndsWhen::AfterSeconds(30)) };
    guard.simulator().add_finding_scenario(failing.clone());
    let id = guard.create(PROMPT).await;
    assert_eq!(guard.investigation(&id).await.status(), Some(&InvestigationStatus::Running));
    guard.simulator().advance_clock(Duration::from_secs(30));
    let failed = guard.investigation(&id).await;
    assert_eq!(failed.status(), Some(&InvestigationStatus::Failed));
    assert_eq!(failed.error(), Some("The finding is not supported."));
    assert!(failed.risk_level().is_none() && failed.summary().is_none());
    let took = failed.end_time().unwrap().secs() - failed.start_time().unwrap().secs();
    assert_eq!(took, 30);
    guard.simulator().add_finding_scenario(FindingScenario { error: None, ..failing });
    let id = guard.create(PROMPT).await;
    guard.simulator().advance_clock(Duration::from_secs(30));
    assert!(guard.investigation(&id).await.error().is_some());
}

#[tokio::test]
async fn a_summary_is_text_or_a_structure_or_none() {
    let guard = Guard::with_analyst().await;
    for (summary, expected) in
        [(json!("As it is."), Some("As it is.")), (json!(["x"]), Some("[\"x\"]")), (json!(null), None)]
    {
        let scenario = FindingScenario { summary, risk: String::new(), ..scenario("*", EndsWhen::AfterChecks(0)) };
        guard.simulator().add_finding_scenario(scenario);
        let id = guard.create(PROMPT).await;
        let investigation = guard.investigation(&id).await;
        assert_eq!((investigation.summary(), investigation.risk()), (expected, None));
    }
}

#[tokio::test]
async fn the_prompt_names_what_is_investigated() {
    let guard = Guard::with_analyst().await;
    for subject in [FINDING, MEMBER, "organization"] {
        let named = FindingScenario { title: subject.into(), ..scenario(subject, EndsWhen::AfterChecks(0)) };
        guard.simulator().add_finding_scenario(named);
    }
    guard.add(with(finding("0123456789abcdef0123456789abcdef"), "/accountId", json!(MEMBER)));
    let document = with(finding(FINDING), "/accountId", json!(MEMBER));
    guard.server.control(&format!("findings?account={ACCOUNT}"), &document).await;
    for (prompt, title, account) in [
        (PROMPT.to_owned(), FINDING, MEMBER),
        (format!("{PROMPT} in account 777788889999"), FINDING, "777788889999"),
        (format!("Analyze findings in account with id {MEMBER}"), MEMBER, MEMBER),
        ("Analyze findings in my organization".to_owned(), "organization", ACCOUNT),
        (format!("{PROMPT} and 00000000000000000000000000000000"), "organization", ACCOUNT),
    ] {
        let id = guard.create(&prompt).await;
        assert_eq!(guard.investigation(&id).await.cloud().unwrap().account(), Some(account), "{prompt}");
        let list = guard.client.list_investigations().detector_id(&guard.detector).send().await.unwrap();
        assert_eq!(
            (list.investigations()[0].title(), list.investigations()[0].account_id()),
            (Some(title), Some(account))
        );
    }
    let id = guard.create("0123456789abcdef0123456789abcdef").await;
    let investigation = guard.investigation(&id).await;
    assert_eq!(
        investigation.cloud().unwrap().account(),
        Some(ACCOUNT),
        "a finding of another account's detector is not seen"
    );
}

#[tokio::test]
async fn a_client_token_is_good_for_one_investigation() {
    let guard = Guard::with_analyst().await;
    guard.simulator().add_finding_scenario(scenario("*", EndsWhen::AfterChecks(0)));
    let create = |token: &str, prompt: &str| {
        let create = guard.client.create_investigation().detector_id(&guard.detector);
        create.client_token(token).trigger_prompt(prompt).send()
    };
    let first = create("token", PROMPT).await.unwrap().investigation_id.unwrap();
    assert_eq!(guard.investigation(&first).await.status(), Some(&InvestigationStatus::Completed));
    let again = create("token", PROMPT).await.unwrap().investigation_id.unwrap();
    assert_eq!(again, first);
    let error = create("token", "another").await.unwrap_err().into_service_error();
    assert!(error.is_bad_request_exception());
    assert!(error.meta().message().unwrap().contains("clientToken"));
    let other = create("other", PROMPT).await.unwrap().investigation_id.unwrap();
    assert_ne!(other, first);
    let empty = create("", PROMPT).await.unwrap().investigation_id.unwrap();
    assert_ne!(create("", PROMPT).await.unwrap().investigation_id.unwrap(), empty);
    let elsewhere = Account::of(guard.simulator(), ACCOUNT, "eu-west-1");
    elsewhere.enable_analyst().await;
    let create = elsewhere.client.create_investigation().detector_id(&elsewhere.detector).client_token("token");
    assert_ne!(create.trigger_prompt("another").send().await.unwrap().investigation_id, Some(first));
}

#[tokio::test]
async fn an_investigation_whose_answer_was_lost_is_found_by_its_token() {
    let guard = Guard::with_analyst().await;
    guard.simulator().add_fault(ApiFault::new("CreateInvestigation", FaultKind::Drop).after_work());
    let create = || {
        let create = guard.client.create_investigation().detector_id(&guard.detector);
        create.client_token("token").trigger_prompt(PROMPT).send()
    };
    assert!(create().await.is_err());
    let id = create().await.unwrap().investigation_id.unwrap();
    let list = guard.client.list_investigations().detector_id(&guard.detector).send().await.unwrap();
    assert_eq!(list.investigations().len(), 1);
    assert_eq!(list.investigations()[0].investigation_id(), Some(id.as_str()));
}

#[tokio::test]
async fn investigations_need_the_analyst_an_enabled_detector_and_a_region() {
    let guard = Guard::new();
    let refused = async |account: &Account, text: &str| {
        let create = account.client.create_investigation().detector_id(&account.detector).trigger_prompt("x");
        let error = create.send().await.unwrap_err().into_service_error();
        assert!(error.is_bad_request_exception());
        assert!(error.meta().message().unwrap().contains(text), "{error:?} should say {text}");
    };
    refused(&guard, "AI_ANALYST").await;
    guard.enable_analyst().await;
    let id = guard.create("x").await;
    let update = || guard.client.update_detector().detector_id(&guard.detector);
    update().enable(false).send().await.unwrap();
    refused(&guard, "disabled").await;
    update().enable(true).send().await.unwrap();
    update().features(feature(DetectorFeature::AiAnalyst, FeatureStatus::Disabled)).send().await.unwrap();
    refused(&guard, "AI_ANALYST").await;
    assert_eq!(guard.investigation(&id).await.investigation_id(), Some(id.as_str()), "reading needs no feature");

    let elsewhere = Account::of(guard.simulator(), ACCOUNT, "ap-south-1");
    refused(&elsewhere, "ap-south-1").await;
    let get = elsewhere.client.get_investigation().detector_id(&elsewhere.detector).investigation_id(NO_ID);
    assert!(get.send().await.unwrap_err().into_service_error().is_bad_request_exception());
    let list = elsewhere.client.list_investigations().detector_id(&elsewhere.detector);
    assert!(list.send().await.unwrap_err().into_service_error().is_bad_request_exception());
}

/// Five investigations, a minute apart: RUNNING, COMPLETED with Low and High, FAILED, COMPLETED with Medium.
async fn five(guard: &Guard) -> Vec<String> {
    let mut ids = Vec::new();
    for (ends, outcome, level, sure) in [
        (EndsWhen::Never, GuardDutyOutcome::Completed, Level::Critical, Sure::High),
        (EndsWhen::AfterSeconds(400), GuardDutyOutcome::Completed, Level::Low, Sure::High),
        (EndsWhen::AfterSeconds(0), GuardDutyOutcome::Failed, Level::Critical, Sure::High),
        (EndsWhen::AfterSeconds(100), GuardDutyOutcome::Completed, Level::Critical, Sure::Unknown),
        (EndsWhen::AfterSeconds(5), GuardDutyOutcome::Completed, Level::Medium, Sure::Low),
    ] {
        let base = scenario("*", ends);
        guard.simulator().add_finding_scenario(FindingScenario {
            outcome,
            risk_level: level,
            confidence: sure,
            ..base
        });
        ids.push(guard.create(&format!("number {}", ids.len())).await);
        guard.simulator().advance_clock(Duration::from_secs(60));
    }
    guard.simulator().advance_clock(Duration::from_secs(600));
    ids
}

#[tokio::test]
async fn investigations_are_listed_sorted_in_pages() {
    let guard = Guard::with_analyst().await;
    let ids = five(&guard).await;
    let list = async |size: i32, sort: Option<InvestigationSortCriteria>| {
        let (mut found, mut token) = (String::new(), None);
        loop {
            let list = guard.client.list_investigations().detector_id(&guard.detector).max_results(size);
            let page = list.set_sort_criteria(sort.clone()).set_next_token(token).send().await.unwrap();
            for one in page.investigations() {
                let at = ids.iter().position(|id| Some(id.as_str()) == one.investigation_id()).unwrap();
                found.push_str(&at.to_string());
            }
            token = page.next_token;
            if let Some(token) = &token {
                assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte)));
            } else {
                return found;
            }
        }
    };
    for (field, ascending) in [
        (InvestigationSortField::StartTime, "01234"),
        (InvestigationSortField::EndTime, "02431"),
        (InvestigationSortField::Status, "01342"),
        (InvestigationSortField::RiskLevel, "02143"),
        (InvestigationSortField::Confidence, "02341"),
    ] {
        for size in [1, 2, 4, 5, 50] {
            let sort =
                |order| InvestigationSortCriteria::builder().attribute_name(field.clone()).order_by(order).build();
            assert_eq!(list(size, Some(sort(OrderBy::Asc))).await, ascending, "{field:?}");
            let down: String = ascending.chars().rev().collect();
            assert_eq!(list(size, Some(sort(OrderBy::Desc))).await, down, "{field:?}");
        }
    }
    assert_eq!(list(2, None).await, "43210");
    assert_eq!(list(2, Some(InvestigationSortCriteria::builder().order_by(OrderBy::Asc).build())).await, "01234");

    let token = || async {
        let list = guard.client.list_investigations().detector_id(&guard.detector).max_results(1);
        list.send().await.unwrap().next_token.unwrap()
    };
    let expired = token().await;
    guard.simulator().advance_clock(Duration::from_secs(24 * 60 * 60 + 1));
    let list = guard.client.list_investigations().detector_id(&guard.detector).next_token(expired);
    let error = list.send().await.unwrap_err().into_service_error();
    assert!(error.is_bad_request_exception() && error.meta().message().unwrap().contains("expired"));
}

#[tokio::test]
async fn listing_summarizes_each_investigation() {
    let guard = Guard::with_analyst().await;
    five(&guard).await;
    let list = guard.client.list_investigations().detector_id(&guard.detector).send().await.unwrap();
    let [medium, _, failed, low, running] = list.investigations() else { panic!("{list:?}") };
    assert_eq!((low.trigger_prompt(), low.account_id()), (Some("number 1"), Some(ACCOUNT)));
    assert_eq!((low.risk_level(), low.confidence()), (Some(&RiskLevel::Low), Some(&Confidence::High)));
    assert_eq!((low.title(), low.status()), (Some("Stolen credentials"), Some(&InvestigationStatus::Completed)));
    assert_eq!(low.end_time().unwrap().secs() - low.start_time().unwrap().secs(), 400);
    assert_eq!(medium.risk_level(), Some(&RiskLevel::Medium));
    assert_eq!((failed.status(), failed.risk_level()), (Some(&InvestigationStatus::Failed), None));
    assert!(failed.end_time().is_some() && failed.title().is_none());
    assert_eq!(running.status(), Some(&InvestigationStatus::Running));
    assert!(running.end_time().is_none() && running.title().is_none() && running.confidence().is_none());
    assert!(running.start_time().is_some());
    for one in list.investigations() {
        let investigation = guard.investigation(one.investigation_id().unwrap()).await;
        assert_eq!((investigation.status(), investigation.risk_level()), (one.status(), one.risk_level()));
    }
}

#[tokio::test]
async fn the_journal_names_finding_and_investigation() {
    let guard = Guard::with_analyst().await;
    let id = guard.create(PROMPT).await;
    guard.investigation(&id).await;
    let fault = ApiFault::new("guardduty:GetInvestigation", FaultKind::Throttle).for_finding("1ab2*");
    guard.simulator().add_fault(fault);
    let get = guard.client.get_investigation().detector_id(&guard.detector).investigation_id(&id);
    assert_eq!(get.send().await.unwrap_err().into_service_error().meta().code(), Some("ThrottlingException"));
    guard.create("my organization").await;
    let journal = guard.simulator().journal();
    let entries: Vec<_> = journal
        .iter()
        .map(|entry| (entry.operation.as_str(), entry.finding_id.as_deref(), entry.status, entry.service.as_str()))
        .collect();
    let expected = [
        ("UpdateDetector", None, 200, "guardduty"),
        ("CreateInvestigation", Some(FINDING), 202, "guardduty"),
        ("GetInvestigation", Some(FINDING), 200, "guardduty"),
        ("GetInvestigation", Some(FINDING), 400, "guardduty"),
        ("CreateInvestigation", None, 202, "guardduty"),
    ];
    assert_eq!(entries, expected);
    for entry in &journal[1..4] {
        assert_eq!(entry.investigation_id.as_deref(), Some(id.as_str()));
        assert_eq!(entry.entity_arn, None);
    }
}
