//! Detectors and their features.

#![expect(deprecated, reason = "the simulator has dataSources too, which features replaced")]

use std::time::Duration;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::{
    DataSourceConfigurations, DataSourceStatus, DetectorAdditionalConfiguration, DetectorFeature,
    DetectorFeatureResult, DetectorStatus, FeatureAdditionalConfiguration, FeatureStatus, FindingPublishingFrequency,
    KubernetesAuditLogsConfiguration, KubernetesConfiguration, MalwareProtectionConfiguration, S3LogsConfiguration,
    ScanEc2InstanceWithFindings,
};
use simulator::AccountRegionFilter;

use super::{Account, FINDING, Guard, MEMBER, feature, finding};
use crate::support::{ACCOUNT, REGION};

const NOT_OWNED: &str = "The request is rejected because the input detectorId is not owned by the current account.";

impl Account {
    async fn get_detector(&self) -> GetDetectorOutput {
        self.client.get_detector().detector_id(&self.detector).send().await.unwrap()
    }
}

fn status(detector: &GetDetectorOutput, name: &DetectorFeatureResult) -> FeatureStatus {
    let feature = detector.features().iter().find(|feature| feature.name() == Some(name)).unwrap();
    feature.status().unwrap().clone()
}

/// The statuses of S3, EKS and EBS as data sources.
fn sources(detector: &GetDetectorOutput) -> [DataSourceStatus; 3] {
    let sources = detector.data_sources().unwrap();
    let scan = sources.malware_protection().unwrap().scan_ec2_instance_with_findings().unwrap();
    [
        sources.s3_logs().unwrap().status().unwrap().clone(),
        sources.kubernetes().unwrap().audit_logs().unwrap().status().unwrap().clone(),
        scan.ebs_volumes().unwrap().status().unwrap().clone(),
    ]
}

#[tokio::test]
async fn every_account_and_region_has_one_detector() {
    let guard = Guard::new();
    let listed = guard.client.list_detectors().max_results(1).send().await.unwrap();
    assert_eq!(listed.detector_ids(), std::slice::from_ref(&guard.detector));
    assert_eq!(listed.next_token(), None);
    assert_eq!(guard.detector.len(), 32);
    assert!(guard.detector.bytes().all(|byte| byte.is_ascii_hexdigit()));
    for (account, region) in [(MEMBER, REGION), (ACCOUNT, "eu-west-1")] {
        let other = Account::of(guard.simulator(), account, region);
        assert_ne!(other.detector, guard.detector);
        assert_eq!(other.client.list_detectors().send().await.unwrap().detector_ids(), [other.detector]);
    }
}

#[tokio::test]
async fn get_detector_returns_all_members() {
    let guard = Guard::new();
    let detector = guard.get_detector().await;
    assert_eq!(detector.status(), Some(&DetectorStatus::Enabled));
    assert_eq!(detector.created_at(), Some("2026-01-01T00:00:00.000Z"));
    assert_eq!(detector.updated_at(), detector.created_at());
    assert_eq!(detector.finding_publishing_frequency(), Some(&FindingPublishingFrequency::SixHours));
    assert!(detector.tags().unwrap().is_empty());
    let role = format!(
        "arn:aws:iam::{ACCOUNT}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
    );
    assert_eq!(detector.service_role(), Some(role.as_str()));

    let names: Vec<_> = detector.features().iter().map(|feature| feature.name().unwrap().as_str()).collect();
    let expected = [
        "FLOW_LOGS",
        "CLOUD_TRAIL",
        "DNS_LOGS",
        "S3_DATA_EVENTS",
        "EKS_AUDIT_LOGS",
        "EBS_MALWARE_PROTECTION",
        "RDS_LOGIN_EVENTS",
        "LAMBDA_NETWORK_LOGS",
        "EKS_RUNTIME_MONITORING",
        "RUNTIME_MONITORING",
        "AI_PROTECTION",
        "AI_ANALYST",
    ];
    assert_eq!(names, expected);
    let disabled = ["EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING", "AI_PROTECTION", "AI_ANALYST"];
    for feature in detector.features() {
        let expected = if disabled.contains(&feature.name().unwrap().as_str()) { "DISABLED" } else { "ENABLED" };
        assert_eq!(feature.status().unwrap().as_str(), expected, "{feature:?}");
        assert_eq!(feature.updated_at().unwrap().secs(), 1_767_225_600);
        let agents = match feature.name().unwrap() {
            DetectorFeatureResult::RuntimeMonitoring => 3,
            DetectorFeatureResult::EksRuntimeMonitoring => 1,
            _ => 0,
        };
        assert_eq!(feature.additional_configuration().len(), agents);
    }

    let data_sources = detector.data_sources().unwrap();
    for status in [
        data_sources.cloud_trail().unwrap().status(),
        data_sources.dns_logs().unwrap().status(),
        data_sources.flow_logs().unwrap().status(),
    ] {
        assert_eq!(status, Some(&DataSourceStatus::Enabled));
    }
    assert_eq!(sources(&detector), [DataSourceStatus::Enabled, DataSourceStatus::Enabled, DataSourceStatus::Enabled]);
    let role = data_sources.malware_protection().unwrap().service_role().unwrap();
    assert!(role.ends_with(":role/aws-service-role/malware-protection.guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDutyMalwareProtection"));

    let china = Account::of(guard.simulator(), ACCOUNT, "cn-north-1").get_detector().await;
    assert!(china.service_role().unwrap().starts_with("arn:aws-cn:iam::"));
}

#[tokio::test]
async fn updates_are_returned_by_get_detector() {
    let guard = Guard::new();
    guard.simulator().set_clock_stopped(true);
    guard.simulator().advance_clock(Duration::from_secs(60));
    let update = || guard.client.update_detector().detector_id(&guard.detector);
    let agent = DetectorAdditionalConfiguration::builder()
        .name(FeatureAdditionalConfiguration::Ec2AgentManagement)
        .status(FeatureStatus::Enabled)
        .build();
    let runtime = feature(DetectorFeature::RuntimeMonitoring, FeatureStatus::Enabled);
    let runtime = aws_sdk_guardduty::types::DetectorFeatureConfiguration::builder()
        .set_name(runtime.name)
        .set_status(runtime.status)
        .additional_configuration(agent)
        .build();
    update()
        .enable(false)
        .finding_publishing_frequency(FindingPublishingFrequency::FifteenMinutes)
        .features(feature(DetectorFeature::S3DataEvents, FeatureStatus::Disabled))
        .features(runtime)
        .send()
        .await
        .unwrap();
    let detector = guard.get_detector().await;
    assert_eq!(detector.status(), Some(&DetectorStatus::Disabled));
    assert_eq!(detector.finding_publishing_frequency(), Some(&FindingPublishingFrequency::FifteenMinutes));
    assert!(detector.updated_at() > detector.created_at());
    assert_eq!(sources(&detector)[0], DataSourceStatus::Disabled);
    assert_eq!(status(&detector, &DetectorFeatureResult::S3DataEvents), FeatureStatus::Disabled);
    assert_eq!(status(&detector, &DetectorFeatureResult::EksAuditLogs), FeatureStatus::Enabled);
    let runtime = detector.features().iter().find(|one| one.name() == Some(&DetectorFeatureResult::RuntimeMonitoring));
    let agents: Vec<_> = runtime
        .unwrap()
        .additional_configuration()
        .iter()
        .map(|agent| {
            (agent.name().unwrap().as_str(), agent.status().unwrap().as_str(), agent.updated_at().unwrap().secs())
        })
        .collect();
    let now = runtime.unwrap().updated_at().unwrap().secs();
    assert!(now > 1_767_225_600);
    assert_eq!(
        agents,
        [
            ("EKS_ADDON_MANAGEMENT", "DISABLED", 1_767_225_600),
            ("ECS_FARGATE_AGENT_MANAGEMENT", "DISABLED", 1_767_225_600),
            ("EC2_AGENT_MANAGEMENT", "ENABLED", now),
        ]
    );
    update().enable(true).send().await.unwrap();
    assert_eq!(guard.get_detector().await.status(), Some(&DetectorStatus::Enabled));
}

#[tokio::test]
async fn data_sources_and_features_agree() {
    let guard = Guard::new();
    let scan = ScanEc2InstanceWithFindings::builder().ebs_volumes(false).build();
    let logs = KubernetesAuditLogsConfiguration::builder().enable(false).build();
    let off = DataSourceConfigurations::builder()
        .s3_logs(S3LogsConfiguration::builder().enable(false).build())
        .kubernetes(KubernetesConfiguration::builder().audit_logs(logs).build())
        .malware_protection(MalwareProtectionConfiguration::builder().scan_ec2_instance_with_findings(scan).build())
        .build();
    guard.client.update_detector().detector_id(&guard.detector).data_sources(off).send().await.unwrap();
    let detector = guard.get_detector().await;
    assert_eq!(
        sources(&detector),
        [DataSourceStatus::Disabled, DataSourceStatus::Disabled, DataSourceStatus::Disabled]
    );
    for name in [
        DetectorFeatureResult::S3DataEvents,
        DetectorFeatureResult::EksAuditLogs,
        DetectorFeatureResult::EbsMalwareProtection,
    ] {
        assert_eq!(status(&detector, &name), FeatureStatus::Disabled);
    }
    let nothing = DataSourceConfigurations::builder()
        .malware_protection(MalwareProtectionConfiguration::builder().build())
        .build();
    guard.client.update_detector().detector_id(&guard.detector).data_sources(nothing).send().await.unwrap();
    assert_eq!(guard.get_detector().await.features(), detector.features());
}

#[tokio::test]
async fn invalid_updates_change_nothing() {
    let guard = Guard::new();
    let before = guard.get_detector().await;
    let update = || guard.client.update_detector().detector_id(&guard.detector).enable(false);
    let on = |name| feature(name, FeatureStatus::Enabled);
    let agent = DetectorAdditionalConfiguration::builder()
        .name(FeatureAdditionalConfiguration::Ec2AgentManagement)
        .status(FeatureStatus::Enabled)
        .build();
    let wrong_agent = aws_sdk_guardduty::types::DetectorFeatureConfiguration::builder()
        .name(DetectorFeature::EksRuntimeMonitoring)
        .additional_configuration(agent)
        .build();
    let nameless = aws_sdk_guardduty::types::DetectorFeatureConfiguration::builder().status(FeatureStatus::Enabled);
    for (update, text) in [
        (
            update()
                .features(on(DetectorFeature::RuntimeMonitoring))
                .features(on(DetectorFeature::EksRuntimeMonitoring)),
            "both EKS_RUNTIME_MONITORING and RUNTIME_MONITORING",
        ),
        (
            update().features(on(DetectorFeature::AiAnalyst)).data_sources(DataSourceConfigurations::builder().build()),
            "together with dataSources",
        ),
        (update().features(wrong_agent), "EKS_ADDON_MANAGEMENT"),
        (update().features(nameless.build()), "features[0].name"),
    ] {
        let error = update.send().await.unwrap_err().into_service_error();
        assert!(error.is_bad_request_exception());
        assert!(error.meta().message().unwrap().contains(text), "{error:?} should say {text}");
    }
    let after = guard.get_detector().await;
    assert_eq!(
        (after.status(), after.features(), after.updated_at()),
        (before.status(), before.features(), before.updated_at())
    );
}

#[tokio::test]
async fn the_analyst_is_in_its_regions_only() {
    let guard = Guard::new();
    for (region, has) in [("ap-northeast-1", true), ("eu-north-1", true), ("ap-south-1", false)] {
        let account = Account::of(guard.simulator(), ACCOUNT, region);
        let names = account.get_detector().await;
        let found = names.features().iter().any(|one| one.name() == Some(&DetectorFeatureResult::AiAnalyst));
        assert_eq!(found, has, "{region}");
        let analyst = feature(DetectorFeature::AiAnalyst, FeatureStatus::Enabled);
        let update = account.client.update_detector().detector_id(&account.detector).features(analyst).send().await;
        assert_eq!(update.is_ok(), has, "{region}");
    }
}

#[tokio::test]
async fn foreign_detector_is_rejected() {
    let guard = Guard::new();
    let strange = guard.simulator().detector_id(MEMBER, REGION);
    let elsewhere = guard.simulator().detector_id(ACCOUNT, "eu-west-1");
    for id in [strange.as_str(), &elsewhere, "none", "x"] {
        let error = guard.client.get_detector().detector_id(id).send().await.unwrap_err().into_service_error();
        assert!(error.is_bad_request_exception());
        assert_eq!(error.meta().message(), Some(NOT_OWNED));
    }
}

#[tokio::test]
async fn restored_detector_is_unchanged() {
    let guard = Guard::with_analyst().await;
    guard.add(finding(FINDING));
    let before = guard.get_detector().await;
    let here = AccountRegionFilter { account: Some(ACCOUNT.into()), region: Some(REGION.into()) };
    guard.simulator().set_detector_exists_in(here, false);
    assert!(guard.client.list_detectors().send().await.unwrap().detector_ids().is_empty());
    let get = guard.client.get_detector().detector_id(&guard.detector).send().await;
    assert_eq!(get.unwrap_err().into_service_error().meta().message(), Some(NOT_OWNED));
    assert!(guard.client.list_findings().detector_id(&guard.detector).send().await.is_err());
    let elsewhere = guard.other(MEMBER);
    assert_eq!(elsewhere.client.list_detectors().send().await.unwrap().detector_ids().len(), 1);
    guard.simulator().set_detector_exists(true);
    assert_eq!(guard.get_detector().await.features(), before.features());
    assert_eq!(guard.ids().await, [FINDING]);
}
