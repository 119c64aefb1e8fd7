//! Findings of every known type, and of types that do not exist yet.

use crate::fixtures::{explain, summary};
use gumshoe_domain::explanation::Decision;
use gumshoe_domain::finding::known_types;
use serde_json::{Value, json};
use std::collections::HashSet;

const TYPES: &str = include_str!("../../../../tests/fixtures/finding-types.tsv");
const ROLE: &str = "~arn:aws:iam::111122223333:role/shop < iam:GetRole shop in account 111122223333";
const PROFILE: &str = "instance < iam:GetInstanceProfile hosts in account 111122223333";
const TASK: &str = "task < ecs:DescribeTaskDefinition basket:3 in account 111122223333, eu-west-1";

/// A resource of that type, and the principal that is expected for it.
fn resource(resource_type: &str) -> (Value, &'static str) {
    let key = json!({"accessKeyId": "ASIAEXAMPLE0SHOP0001", "principalId": "AROAEXAMPLE0SHOP0001:s",
        "userType": "AssumedRole", "userName": "shop"});
    let instance = json!({"instanceId": "i-0c0ffee0123456789",
        "iamInstanceProfile": {"arn": "arn:aws:iam::111122223333:instance-profile/hosts", "id": "AIPAEXAMPLEHOSTS"}});
    let (mut resource, expected_principal) = match resource_type {
        "AccessKey" => (json!({"accessKeyDetails": key}), ROLE),
        "S3Bucket" => (json!({"accessKeyDetails": key, "s3BucketDetails": [{"name": "shop"}]}), ROLE),
        "Instance" => (json!({"instanceDetails": instance}), PROFILE),
        "Container" => (json!({"instanceDetails": instance, "containerDetails": {"name": "c"}}), PROFILE),
        "EKSCluster" => (
            json!({"eksClusterDetails": {"name": "shop"}, "kubernetesDetails": {"kubernetesUserDetails": {
                "username": "arn:aws:sts::111122223333:assumed-role/shop/s"}}}),
            ROLE,
        ),
        "ECSCluster" => (
            json!({"ecsClusterDetails": {"taskDetails": {
                "definitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/basket:3"}}}),
            TASK,
        ),
        "Lambda" => (
            json!({"lambdaDetails": {"functionName": "f", "role": "arn:aws:iam::111122223333:role/shop"}}),
            "arn:aws:iam::111122223333:role/shop",
        ),
        "RDSDBInstance" => (json!({"rdsDbUserDetails": {"user": "app"}}), "database-user"),
        "RDSLimitlessDB" => {
            (json!({"rdsDbUserDetails": {"user": "app"}, "rdsLimitlessDbDetails": {}}), "database-user")
        }
        _ => (json!({"somethingDetails": {"arn": "arn:aws:x:eu-west-1:111122223333:y"}}), "none"),
    };
    resource["resourceType"] = json!(resource_type);
    (resource, expected_principal)
}

fn document(finding_type: &str, resource: &Value) -> Value {
    json!({"detail-type": "GuardDuty Finding", "source": "aws.guardduty", "detail": {
        "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-west-1", "partition": "aws",
        "id": "0123456789abcdef0123456789abcdef", "type": finding_type, "severity": 5, "title": finding_type,
        "resource": resource, "service": {"count": 1, "archived": false}}})
}

fn check(finding_type: &str, resource: &Value, expected_principal: &str) {
    let explanation = explain(&document(finding_type, resource)).unwrap();
    assert_eq!(explanation.finding_type, finding_type);
    assert_eq!(explanation.principals.iter().map(summary).collect::<Vec<_>>(), [expected_principal], "{finding_type}");
    let is_not_investigable = matches!(expected_principal, "database-user" | "none");
    let expected = if is_not_investigable { Decision::AlertOnly } else { Decision::Investigate };
    assert_eq!(explanation.decision, expected, "{finding_type}");
}

#[test]
fn every_known_type_is_parsed_with_each_of_its_resource_types() {
    let mut seen = 0;
    for line in TYPES.lines().filter(|line| !line.starts_with('#')) {
        let (finding_type, resource_types) = line.split_once('\t').unwrap();
        seen += 1;
        for resource_type in resource_types.split('|') {
            let (resource, expected_principal) = resource(resource_type);
            if resource_type == "AttackSequence" {
                sequence(finding_type, &resource);
            } else {
                check(finding_type, &resource, expected_principal);
            }
        }
    }
    assert_eq!(seen, 201);
}

#[test]
fn every_type_with_known_resource_types_is_a_known_type() {
    let known: HashSet<&str> = known_types().collect();
    for line in TYPES.lines().filter(|line| !line.starts_with('#')) {
        let (finding_type, _) = line.split_once('\t').unwrap();
        assert!(known.contains(finding_type), "{finding_type}");
    }
}

fn sequence(finding_type: &str, resource: &Value) {
    let mut document = document(finding_type, resource);
    document["detail"]["service"]["detection"] = json!({"sequence": {"uid": "s", "actors": [{"id": "a", "user": {
        "type": "AssumedRole", "name": "shop", "uid": "AROAEXAMPLE0SHOP0001", "account": {"uid": "111122223333"}}}]}});
    let explanation = explain(&document).unwrap();
    assert_eq!(summary(&explanation.principals[0]), ROLE, "{finding_type}");
}

#[test]
fn unknown_types_are_parsed_as_usual() {
    for finding_type in ["Hijack:Satellite/Uplink", "no-colon", "Ümlaut:X/Y", "a:b:c/d/e!f"] {
        for resource_type in ["AccessKey", "Instance", "ECSCluster", "Satellite", "🛰"] {
            let (resource, expected_principal) = resource(resource_type);
            check(finding_type, &resource, expected_principal);
        }
    }
}

#[test]
fn the_resource_type_has_no_effect() {
    let (mut resource, expected_principal) = resource("AccessKey");
    resource["resourceType"] = json!("Satellite");
    check("Recon:IAMUser/TorIPCaller", &resource, expected_principal);
    resource.as_object_mut().unwrap().remove("resourceType");
    check("Recon:IAMUser/TorIPCaller", &resource, expected_principal);
}
