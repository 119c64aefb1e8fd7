//! `resource` of a sample finding.

use serde_json::{Value, json};

use super::{AccountContext, Resource, Type};
use crate::guardduty::seconds;

/// The resource that a sample is about.
pub(super) fn of(kind: &Type, site: &AccountContext<'_>) -> Value {
    let mut resource = match kind.resource {
        // AWS's samples of this resource type name an instance too.
        Resource::AccessKey => json!({
            "resourceType": "AccessKey",
            "accessKeyDetails": access_key(),
            "instanceDetails": instance(site),
        }),
        Resource::Bucket => json!({
            "resourceType": "S3Bucket",
            "accessKeyDetails": access_key(),
            "s3BucketDetails": [bucket(site, Value::Null)],
        }),
        Resource::Object => json!({ "resourceType": "S3Object", "s3BucketDetails": [bucket(site, objects(site))] }),
        Resource::Instance => json!({ "resourceType": "Instance", "instanceDetails": instance(site) }),
        Resource::Eks => json!({
            "resourceType": "EKSCluster",
            "eksClusterDetails": eks_cluster(site),
            "kubernetesDetails": kubernetes(),
        }),
        Resource::Ecs => json!({ "resourceType": "ECSCluster", "ecsClusterDetails": ecs_cluster(site) }),
        Resource::Container => json!({
            "resourceType": "Container",
            "containerDetails": container(),
            "instanceDetails": instance(site),
        }),
        Resource::Function => json!({ "resourceType": "Lambda", "lambdaDetails": function(site) }),
        Resource::Database => json!({
            "resourceType": "RDSDBInstance",
            "rdsDbInstanceDetails": database(site),
            "rdsDbUserDetails": database_user(),
        }),
        Resource::Sequence => json!({ "resourceType": "AttackSequence" }),
    };
    if kind.is_malware() && kind.resource != Resource::Object {
        resource["ebsVolumeDetails"] = json!({ "scannedVolumeDetails": [volume(site)], "skippedVolumeDetails": [] });
    }
    resource
}

fn access_key() -> Value {
    json!({
        "accessKeyId": "GeneratedFindingAccessKeyId",
        "principalId": "GeneratedFindingPrincipalId",
        "userName": "GeneratedFindingUserName",
        "userType": "IAMUser",
    })
}

fn tags() -> Value {
    json!([{ "key": "GeneratedFindingTagKey", "value": "GeneratedFindingTagValue" }])
}

fn instance(site: &AccountContext<'_>) -> Value {
    json!({
        "instanceId": "i-99999999",
        "instanceType": "m3.xlarge",
        "instanceState": "running",
        "availabilityZone": "GeneratedFindingAvailabilityZone",
        "imageId": "ami-99999999",
        "imageDescription": "GeneratedFindingInstanceImageDescription",
        "launchTime": "2026-01-01T00:00:00Z",
        "outpostArn": format!("{}:outpost/op-99999999", site.arn("outposts")),
        "platform": null,
        "productCodes": [{ "productCodeId": "GeneratedFindingProductCodeId", "productCodeType": "marketplace" }],
        "iamInstanceProfile": {
            "arn": format!("{}:instance-profile/GeneratedFindingInstanceProfile", site.iam()),
            "id": "GeneratedFindingInstanceProfileId",
        },
        "networkInterfaces": [{
            "ipv6Addresses": [],
            "networkInterfaceId": "eni-99999999",
            "privateDnsName": "GeneratedFindingPrivateDnsName",
            "privateIpAddress": "10.0.0.1",
            "privateIpAddresses": [
                { "privateDnsName": "GeneratedFindingPrivateName", "privateIpAddress": "10.0.0.1" },
            ],
            "publicDnsName": "GeneratedFindingPublicDnsName",
            "publicIp": "198.51.100.0",
            "securityGroups": [
                { "groupId": "GeneratedFindingSecurityId", "groupName": "GeneratedFindingSecurityGroupName" },
            ],
            "subnetId": "GeneratedFindingSubnetId",
            "vpcId": "GeneratedFindingVPCId",
        }],
        "tags": tags(),
    })
}

fn bucket(site: &AccountContext<'_>, objects: Value) -> Value {
    let block = json!({
        "blockPublicAcls": false, "blockPublicPolicy": false,
        "ignorePublicAcls": false, "restrictPublicBuckets": false,
    });
    let access = json!({ "allowsPublicReadAccess": false, "allowsPublicWriteAccess": false });
    let mut bucket = json!({
        "arn": format!("arn:{}:s3:::GeneratedFindingBucketName", site.place.partition()),
        "name": "GeneratedFindingBucketName",
        "type": "Destination",
        "createdAt": seconds(site.now),
        "owner": { "id": "GeneratedFindingOwnerId" },
        "tags": tags(),
        "defaultServerSideEncryption": {
            "encryptionType": "SSEAlgorithm",
            "kmsMasterKeyArn": format!("{}:key/GeneratedFindingKeyId", site.arn("kms")),
        },
        "publicAccess": {
            "effectivePermission": "NOT_PUBLIC",
            "permissionConfiguration": {
                "accountLevelPermissions": { "blockPublicAccess": block },
                "bucketLevelPermissions": {
                    "accessControlList": access,
                    "blockPublicAccess": block,
                    "bucketPolicy": access,
                },
            },
        },
    });
    if !objects.is_null() {
        bucket["s3ObjectDetails"] = objects;
    }
    bucket
}

fn objects(site: &AccountContext<'_>) -> Value {
    json!([{
        "objectArn": format!("arn:{}:s3:::GeneratedFindingBucketName/GeneratedFindingObjectKey", site.place.partition()),
        "key": "GeneratedFindingObjectKey",
        "eTag": "GeneratedFindingETag",
        "hash": "GeneratedFindingObjectHash",
        "versionId": "GeneratedFindingVersionId",
    }])
}

fn eks_cluster(site: &AccountContext<'_>) -> Value {
    json!({
        "name": "GeneratedFindingEKSClusterName",
        "arn": format!("{}:cluster/GeneratedFindingEKSClusterName", site.arn("eks")),
        "createdAt": seconds(site.now),
        "status": "ACTIVE",
        "vpcId": "GeneratedFindingEKSClusterVpcId",
        "tags": tags(),
    })
}

fn kubernetes() -> Value {
    json!({
        "kubernetesUserDetails": {
            "username": "GeneratedFindingUserName",
            "uid": "GeneratedFindingUID",
            "groups": ["GeneratedFindingUserGroup"],
            "sessionName": ["GeneratedFindingSessionName"],
        },
        "kubernetesWorkloadDetails": {
            "name": "GeneratedFindingKubernetesWorkloadName",
            "type": "GeneratedFindingKubernetesWorkloadType",
            "uid": "GeneratedFindingKubernetesWorkloadUID",
            "namespace": "GeneratedFindingKubernetesWorkloadNamespace",
            "serviceAccountName": "GeneratedFindingServiceAccountName",
            "hostNetwork": false,
            "hostIPC": false,
            "hostPID": false,
            "containers": [container()],
            "volumes": volumes(),
        },
    })
}

fn volumes() -> Value {
    json!([{ "name": "GeneratedFindingVolumeName", "hostPath": { "path": "GeneratedFindingHostPath" } }])
}

fn container() -> Value {
    json!({
        "id": "GeneratedFindingContainerId",
        "name": "GeneratedFindingContainerName",
        "containerRuntime": "docker",
        "image": "GeneratedFindingContainerImage",
        "imagePrefix": "GeneratedFindingContainerImagePrefix",
        "volumeMounts": [{ "name": "GeneratedFindingVolumeName", "mountPath": "GeneratedFindingMountPath" }],
        "securityContext": { "privileged": true, "allowPrivilegeEscalation": true },
    })
}

fn ecs_cluster(site: &AccountContext<'_>) -> Value {
    let arn = site.arn("ecs");
    json!({
        "name": "GeneratedFindingECSClusterName",
        "arn": format!("{arn}:cluster/GeneratedFindingECSClusterName"),
        "status": "ACTIVE",
        "activeServicesCount": 1,
        "registeredContainerInstancesCount": 1,
        "runningTasksCount": 1,
        "tags": tags(),
        "taskDetails": {
            "arn": format!("{arn}:task/GeneratedFindingECSClusterName/GeneratedFindingTaskId"),
            "definitionArn": format!("{arn}:task-definition/GeneratedFindingTaskDefinition:1"),
            "version": "1",
            "createdAt": seconds(site.now),
            "startedAt": seconds(site.now),
            "startedBy": "GeneratedFindingTaskStarter",
            "group": "GeneratedFindingTaskGroup",
            "launchType": "FARGATE",
            "tags": tags(),
            "volumes": volumes(),
            "containers": [container()],
        },
    })
}

fn function(site: &AccountContext<'_>) -> Value {
    json!({
        "functionArn": format!("{}:function:GeneratedFindingLambdaFunctionName", site.arn("lambda")),
        "functionName": "GeneratedFindingLambdaFunctionName",
        "functionVersion": "$LATEST",
        "description": "GeneratedFindingLambdaFunctionDescription",
        "lastModifiedAt": seconds(site.now),
        "revisionId": "GeneratedFindingRevisionId",
        "role": format!("{}:role/GeneratedFindingLambdaFunctionRole", site.iam()),
        "vpcConfig": {
            "vpcId": "GeneratedFindingVPCId",
            "subnetIds": ["GeneratedFindingSubnetId"],
            "securityGroups": [
                { "groupId": "GeneratedFindingSecurityId", "groupName": "GeneratedFindingSecurityGroupName" },
            ],
        },
        "tags": tags(),
    })
}

fn database(site: &AccountContext<'_>) -> Value {
    json!({
        "dbInstanceIdentifier": "GeneratedFindingDBInstanceId",
        "dbInstanceArn": format!("{}:db:GeneratedFindingDBInstanceId", site.arn("rds")),
        "dbClusterIdentifier": "GeneratedFindingDBClusterId",
        "dbiResourceId": "GeneratedFindingDBResourceId",
        "engine": "aurora-postgresql",
        "engineVersion": "GeneratedFindingEngineVersion",
        "tags": tags(),
    })
}

fn database_user() -> Value {
    json!({
        "user": "GeneratedFindingUserName",
        "application": "GeneratedFindingApplicationName",
        "database": "GeneratedFindingDatabaseName",
        "ssl": "GeneratedFindingSSLVersion",
        "authMethod": "password",
    })
}

fn volume(site: &AccountContext<'_>) -> Value {
    json!({
        "volumeArn": format!("{}:volume/GeneratedFindingVolumeId", site.arn("ec2")),
        "volumeType": "gp2",
        "deviceName": "GeneratedFindingDeviceName",
        "volumeSizeInGB": 8,
        "encryptionType": "UNENCRYPTED",
        "snapshotArn": format!("{}:snapshot/GeneratedFindingSnapshotId", site.arn("ec2")),
    })
}
