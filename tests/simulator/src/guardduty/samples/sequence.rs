//! `service.detection.sequence` of a sample attack sequence: who did what to what, in two signals.

use serde_json::{Value, json};

use super::{AccountContext, Type};
use crate::guardduty::seconds;

/// The sequence of a type: with the resources that its name mentions.
pub(super) fn of(kind: &Type, site: &AccountContext<'_>, id: &str) -> Value {
    let resources = resources(kind, site);
    let uids: Vec<Value> = resources.iter().map(|resource| resource["uid"].clone()).collect();
    let of_process = kind.has(&[":EKS/", ":ECS/", ":EC2/"]);
    let first = if of_process {
        ("RUNTIME_MONITORING", "GeneratedFindingRuntimeEvent")
    } else {
        ("CLOUD_TRAIL", "GeneratedFindingAPIName")
    };
    json!({
        "uid": id,
        "description": format!("A sample sequence of the type {}.", kind.name),
        "actors": if of_process { json!([user(site), process()]) } else { json!([user(site)]) },
        "resources": resources,
        "endpoints": [endpoint()],
        "signals": [
            signal(site, "GeneratedFindingSignal1", first.0, first.1, &uids),
            signal(site, "GeneratedFindingSignal2", "FINDING", "GeneratedFindingType", &uids),
        ],
        "sequenceIndicators": indicators(),
        "additionalSequenceTypes": [],
    })
}

fn user(site: &AccountContext<'_>) -> Value {
    json!({
        "id": "GeneratedFindingActorId",
        "user": {
            "name": "GeneratedFindingUserName",
            "uid": "GeneratedFindingPrincipalId",
            "type": "IAMUser",
            "credentialUid": "GeneratedFindingAccessKeyId",
            "account": { "uid": site.place.account, "account": "GeneratedFindingAccountName" },
        },
        "session": {
            "uid": "GeneratedFindingSessionId",
            "mfaStatus": "DISABLED",
            "createdTime": seconds(site.now),
            "issuer": format!("{}:user/GeneratedFindingUserName", site.iam()),
        },
    })
}

fn process() -> Value {
    json!({
        "id": "GeneratedFindingProcessActorId",
        "process": {
            "name": "GeneratedFindingProcessName",
            "path": "GeneratedFindingProcessExecutablePath",
            "sha256": "GeneratedFindingProcessSha256",
        },
    })
}

fn endpoint() -> Value {
    json!({
        "id": "GeneratedFindingEndpointId",
        "ip": "198.51.100.0",
        "domain": "GeneratedFindingDomainName",
        "port": 443,
        "location": { "city": "GeneratedFindingCityName", "country": "GeneratedFindingCountryName", "lat": 0.0, "lon": 0.0 },
        "autonomousSystem": { "name": "GeneratedFindingASNOrg", "number": 64496 },
        "connection": { "direction": "INBOUND" },
    })
}

fn signal(site: &AccountContext<'_>, uid: &str, kind: &str, name: &str, resources: &[Value]) -> Value {
    json!({
        "uid": uid,
        "type": kind,
        "name": name,
        "description": format!("A sample signal of the type {kind}."),
        "createdAt": seconds(site.now),
        "updatedAt": seconds(site.now),
        "firstSeenAt": seconds(site.now),
        "lastSeenAt": seconds(site.now),
        "severity": 8.0,
        "count": 1,
        "resourceUids": resources,
        "actorIds": ["GeneratedFindingActorId"],
        "endpointIds": ["GeneratedFindingEndpointId"],
        "signalIndicators": indicators(),
    })
}

fn indicators() -> Value {
    json!([
        { "key": "ATTACK_TACTIC", "title": "Attack tactic", "values": ["Exfiltration"] },
        { "key": "MALICIOUS_IP", "title": "Malicious address", "values": ["198.51.100.0"] },
    ])
}

fn resources(kind: &Type, site: &AccountContext<'_>) -> Vec<Value> {
    let of = |uid: String, name: &str, kind: &str, data: Value| {
        json!({
            "uid": uid,
            "name": name,
            "accountId": site.place.account,
            "resourceType": kind,
            "region": site.place.region,
            "cloudPartition": site.place.partition(),
            "tags": [],
            "data": data,
        })
    };
    let instance = "i-99999999";
    let mut resources = Vec::new();
    if kind.has(&[":IAM/", ":S3/"]) {
        let data = json!({ "accessKey": {
            "principalId": "GeneratedFindingPrincipalId",
            "userName": "GeneratedFindingUserName",
            "userType": "IAMUser",
        } });
        resources.push(of("GeneratedFindingAccessKeyId".into(), "GeneratedFindingAccessKeyId", "ACCESS_KEY", data));
    }
    if kind.has(&[":S3/"]) {
        let arn = format!("arn:{}:s3:::GeneratedFindingBucketName", site.place.partition());
        let data = json!({ "s3Bucket": {
            "ownerId": "GeneratedFindingOwnerId",
            "createdAt": seconds(site.now),
            "effectivePermission": "NOT_PUBLIC",
            "publicReadAccess": "BLOCKED",
            "publicWriteAccess": "BLOCKED",
        } });
        resources.push(of(arn, "GeneratedFindingBucketName", "S3_BUCKET", data));
    }
    if kind.has(&[":EKS/"]) {
        let arn = format!("{}:cluster/GeneratedFindingEKSClusterName", site.arn("eks"));
        let data = json!({ "eksCluster": {
            "arn": arn, "createdAt": seconds(site.now), "status": "ACTIVE", "vpcId": "GeneratedFindingVPCId",
            "ec2InstanceUids": [instance],
        } });
        resources.push(of(arn.clone(), "GeneratedFindingEKSClusterName", "EKS_CLUSTER", data));
        let data = json!({ "kubernetesWorkload": {
            "namespace": "GeneratedFindingNamespace", "type": "PODS", "containerUids": ["GeneratedFindingContainerId"],
        } });
        let workload = "GeneratedFindingKubernetesWorkloadName";
        resources.push(of(format!("{arn}/{workload}"), workload, "KUBERNETES_WORKLOAD", data));
    }
    if kind.has(&[":ECS/"]) {
        let (cluster, task) = ("GeneratedFindingECSClusterName", "GeneratedFindingTaskId");
        let arn = site.arn("ecs");
        let data = json!({ "ecsCluster": { "status": "ACTIVE", "ec2InstanceUids": [] } });
        resources.push(of(format!("{arn}:cluster/{cluster}"), cluster, "ECS_CLUSTER", data));
        let data = json!({ "ecsTask": {
            "createdAt": seconds(site.now),
            "taskDefinitionArn": format!("{arn}:task-definition/GeneratedFindingTaskDefinition:1"),
            "launchType": "FARGATE",
            "containerUids": ["GeneratedFindingContainerId"],
        } });
        resources.push(of(format!("{arn}:task/{cluster}/{task}"), task, "ECS_TASK", data));
    }
    if kind.has(&[":EKS/", ":ECS/"]) {
        let data = json!({ "container": { "image": "GeneratedFindingContainerImage" } });
        let id = "GeneratedFindingContainerId";
        resources.push(of(id.into(), "GeneratedFindingContainerName", "CONTAINER", data));
    }
    if kind.has(&[":EC2/"]) {
        let profile = format!("{}:instance-profile/GeneratedFindingInstanceProfile", site.iam());
        // The reference spells IamInstanceProfile with a capital letter here.
        let data = json!({ "ec2Instance": {
            "availabilityZone": "GeneratedFindingAvailabilityZone",
            "instanceState": "running",
            "instanceType": "m3.xlarge",
            "IamInstanceProfile": { "arn": profile, "id": "GeneratedFindingInstanceProfileId" },
        } });
        resources.push(of(format!("{}:instance/{instance}", site.arn("ec2")), instance, "EC2_INSTANCE", data));
        let data = json!({ "iamInstanceProfile": { "ec2InstanceUids": [instance] } });
        resources.push(of(profile, "GeneratedFindingInstanceProfile", "IAM_INSTANCE_PROFILE", data));
    }
    resources
}
