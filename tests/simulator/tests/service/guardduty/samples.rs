//! CreateSampleFindings.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_guardduty::types::Finding;
use serde_json::Value;

use super::{Account, Guard, finding};
use crate::support::{ACCOUNT, REGION};

impl Account {
    /// All findings there are.
    async fn all(&self) -> Vec<Finding> {
        let ids = self.ids().await;
        let mut found = Vec::new();
        for ids in ids.chunks(50) {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            found.extend(self.get(&ids).await);
        }
        found
    }
}

#[tokio::test]
async fn without_types_there_is_a_sample_of_each() {
    let guard = Guard::new();
    guard.client.create_sample_findings().detector_id(&guard.detector).send().await.unwrap();
    let all = guard.all().await;
    assert!(all.len() >= 60, "{}", all.len());
    let ids: BTreeSet<_> = all.iter().map(|finding| finding.id().unwrap()).collect();
    let types: BTreeSet<_> = all.iter().map(|finding| finding.r#type().unwrap().to_owned()).collect();
    assert_eq!((ids.len(), types.len()), (all.len(), all.len()));

    // Asked for by name, there are the same.
    let other = Guard::new();
    for types in types.iter().map(String::as_str).collect::<Vec<_>>().chunks(50) {
        other.sample(types).await;
    }
    assert_eq!(other.all().await.len(), all.len());
    assert_eq!(other.ids().await.into_iter().collect::<BTreeSet<_>>(), guard.ids().await.into_iter().collect());

    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for sample in &all {
        *kinds.entry(sample.resource().unwrap().resource_type().unwrap()).or_default() += 1;
    }
    let expected = [
        "AccessKey",
        "AttackSequence",
        "Container",
        "ECSCluster",
        "EKSCluster",
        "Instance",
        "Lambda",
        "RDSDBInstance",
        "S3Bucket",
        "S3Object",
    ];
    assert_eq!(kinds.keys().copied().collect::<Vec<_>>(), expected);
    assert_eq!(kinds["AttackSequence"], 5);
}

#[tokio::test]
async fn every_sample_has_what_findings_have() {
    let guard = Guard::new();
    guard.client.create_sample_findings().detector_id(&guard.detector).send().await.unwrap();
    let samples = guard.all().await;
    assert!(!samples.is_empty());
    for sample in samples {
        let name = sample.r#type().unwrap();
        assert_eq!((sample.account_id(), sample.region()), (Some(ACCOUNT), Some(REGION)));
        let id = sample.id().unwrap();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        let arn = format!("arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{}/finding/{id}", guard.detector);
        assert_eq!(sample.arn(), Some(arn.as_str()));
        assert!((1.0..=10.0).contains(&sample.severity().unwrap()), "{name}");
        assert!(!sample.title().unwrap().is_empty() && sample.description().unwrap().contains(name));
        let service = sample.service().unwrap();
        let info = service.additional_info().unwrap();
        assert_eq!(info.r#type(), Some("default"));
        assert_eq!(serde_json::from_str::<Value>(info.value().unwrap()).unwrap()["sample"], true);
        assert_eq!((service.archived(), service.count()), (Some(false), Some(1)));
        assert_eq!(service.detector_id(), Some(guard.detector.as_str()));
        assert_eq!(service.event_first_seen(), sample.created_at());
        assert_eq!(name.contains(":Runtime/"), service.runtime_details().is_some(), "{name}");
        check_resource(&sample);
        assert!(format!("{sample:?}").contains("GeneratedFinding"), "{name}");
    }
}

/// Checks that the finding has the members of its resource type.
fn check_resource(sample: &Finding) {
    let (resource, service) = (sample.resource().unwrap(), sample.service().unwrap());
    let action = service.action().and_then(|action| action.action_type());
    let user = resource.access_key_details().and_then(|key| key.user_name());
    match resource.resource_type().unwrap() {
        "AccessKey" => {
            assert_eq!((user, action), (Some("GeneratedFindingUserName"), Some("AWS_API_CALL")));
            assert!(resource.instance_details().is_some());
        }
        "S3Bucket" => {
            assert_eq!((user, action), (Some("GeneratedFindingUserName"), Some("AWS_API_CALL")));
            assert!(resource.s3_bucket_details()[0].created_at().is_some());
        }
        "S3Object" => {
            assert_eq!(resource.s3_bucket_details()[0].s3_object_details()[0].key(), Some("GeneratedFindingObjectKey"));
            assert_eq!(service.malware_scan_details().unwrap().unique_threat_count(), Some(1));
        }
        "Instance" => {
            let profile = resource.instance_details().unwrap().iam_instance_profile().unwrap();
            assert!(profile.arn().unwrap().contains(":instance-profile/"));
        }
        "EKSCluster" => {
            let kubernetes = resource.kubernetes_details().unwrap();
            assert!(kubernetes.kubernetes_user_details().unwrap().username().is_some());
            assert_eq!(kubernetes.kubernetes_workload_details().unwrap().containers().len(), 1);
            assert!(resource.eks_cluster_details().unwrap().arn().unwrap().contains(":cluster/"));
        }
        "ECSCluster" => {
            let task = resource.ecs_cluster_details().unwrap().task_details().unwrap();
            assert!(task.definition_arn().unwrap().contains(":task-definition/"));
        }
        "Container" => {
            assert!(resource.container_details().unwrap().image().is_some());
            assert!(resource.instance_details().is_some());
        }
        "Lambda" => {
            assert!(resource.lambda_details().unwrap().role().unwrap().contains(":role/"));
            assert_eq!(action, Some("NETWORK_CONNECTION"));
        }
        "RDSDBInstance" => {
            assert!(resource.rds_db_instance_details().unwrap().db_instance_identifier().is_some());
            assert!(resource.rds_db_user_details().unwrap().user().is_some());
            let login = service.action().unwrap().rds_login_attempt_action().unwrap();
            assert_eq!(login.login_attributes().len(), 1);
        }
        "AttackSequence" => {
            assert_eq!(sample.severity(), Some(9.0));
            let sequence = service.detection().unwrap().sequence().unwrap();
            assert_eq!((sequence.signals().len(), sequence.endpoints().len()), (2, 1));
            assert!(sequence.actors()[0].user().is_some());
            let named: BTreeSet<_> = sequence.resources().iter().map(|one| one.uid().unwrap()).collect();
            assert!(!named.is_empty());
            assert!(!sequence.signals()[0].resource_uids().is_empty());
            assert!(sequence.signals()[0].resource_uids().iter().all(|uid| named.contains(uid.as_str())));
            let profiles =
                sequence.resources().iter().filter_map(|one| one.data()?.ec2_instance()?.iam_instance_profile());
            assert_eq!(profiles.count(), usize::from(sample.r#type().unwrap().contains("EC2")));
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn creating_a_sample_again_counts() {
    let guard = Guard::new();
    guard.simulator().set_clock_stopped(true);
    let types = ["Recon:EC2/Portscan", "AttackSequence:IAM/CompromisedCredentials"];
    guard.sample(&types).await;
    let first = guard.all().await;
    guard.simulator().advance_clock(Duration::from_secs(60));
    guard.sample(&types[..1]).await;
    let again = guard.all().await;
    assert_eq!(again.len(), 2);
    let [again, untouched] = [&again[0], &again[1]];
    let before = first.iter().find(|one| one.id() == again.id()).unwrap();
    assert_eq!(again.r#type(), Some(types[0]));
    assert_eq!(again.service().unwrap().count(), Some(2));
    assert_eq!(again.created_at(), before.created_at());
    assert!(again.updated_at() > before.updated_at());
    assert_eq!(again.service().unwrap().event_last_seen(), again.updated_at());
    assert_eq!(untouched.service().unwrap().count(), Some(1));
}

#[tokio::test]
async fn an_unknown_type_creates_nothing() {
    let guard = Guard::new();
    let types = Some(vec!["Recon:EC2/Portscan".to_owned(), "Recon:EC2/Nothing".to_owned()]);
    let create = guard.client.create_sample_findings().detector_id(&guard.detector).set_finding_types(types);
    let error = create.send().await.unwrap_err().into_service_error();
    assert!(error.is_bad_request_exception());
    assert!(error.meta().message().unwrap().contains("Recon:EC2/Nothing"));
    assert!(guard.ids().await.is_empty());
}

#[tokio::test]
async fn samples_are_listed_with_other_findings() {
    let guard = Guard::new();
    guard.add(finding("f"));
    guard.sample(&["Recon:EC2/Portscan"]).await;
    let ids = guard.ids().await;
    assert_eq!(ids.len(), 2);
    let elsewhere = Account::of(guard.simulator(), ACCOUNT, "eu-west-1");
    elsewhere.sample(&["Recon:EC2/Portscan"]).await;
    let there = elsewhere.ids().await;
    assert_eq!(there.len(), 1);
    assert!(!ids.contains(&there[0]));
}
