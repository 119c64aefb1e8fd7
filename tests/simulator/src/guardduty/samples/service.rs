//! `service` of a sample finding: what GuardDuty saw.

use serde_json::{Value, json};

use super::{AccountContext, Resource, Type, sequence};
use crate::guardduty::seconds;
use crate::protocol::iso;

/// What was seen, of the kind that fits the type.
// assumed: which kind of action goes with which type; a type that goes with none has an empty action, as it is seen in
// published findings.
pub(super) fn of(kind: &Type, site: &AccountContext<'_>, id: &str) -> Value {
    let mut service = json!({
        "serviceName": "guardduty",
        "detectorId": site.detector_id,
        "resourceRole": if kind.resource == Resource::Instance { "ACTOR" } else { "TARGET" },
        "action": action(kind),
        "evidence": null,
        // The mark of a sample hides in a string in this shape.
        "additionalInfo": { "value": r#"{"sample":true}"#, "type": "default" },
        "eventFirstSeen": iso(site.now),
        "eventLastSeen": iso(site.now),
        "archived": false,
        "count": 1,
    });
    if kind.has(&["MaliciousIP", "Tor", "C&C", "Bitcoin", "DropPoint", "Blackhole", "Domain"]) {
        service["evidence"] = json!({ "threatIntelligenceDetails": [{
            "threatListName": "GeneratedFindingThreatListName",
            "threatNames": ["GeneratedFindingThreatName"],
        }] });
    }
    if kind.is_runtime() {
        service["featureName"] = "RuntimeMonitoring".into();
        service["runtimeDetails"] = runtime(site);
    }
    if kind.has(&["AnomalousBehavior"]) && kind.resource != Resource::Database {
        service["detection"] = anomaly();
    }
    if kind.resource == Resource::Object {
        service["malwareScanDetails"] = object_scan(site);
    } else if kind.is_malware() {
        service["ebsVolumeScanDetails"] = volume_scan(site, id);
    }
    if kind.resource == Resource::Sequence {
        service["detection"] = json!({ "sequence": sequence::of(kind, site, id) });
    }
    service
}

fn action(kind: &Type) -> Value {
    let network = ["C&C", "BitcoinTool", "DropPoint", "Blackhole", "TorClient", "TorRelay"];
    match kind.resource {
        _ if kind.is_malware() => json!({}),
        Resource::AccessKey | Resource::Bucket => api_call(),
        Resource::Database => login_attempt(),
        Resource::Eks if !kind.is_runtime() => kubernetes_call(),
        _ if kind.has(&["PortProbe"]) => port_probe(),
        _ if kind.has(&["!DNS", "DNS", "Domain"]) => dns_request(),
        Resource::Instance | Resource::Function if !kind.is_runtime() => connection(),
        _ if kind.has(&network) => connection(),
        _ => json!({}),
    }
}

fn remote_ip() -> Value {
    json!({
        "ipAddressV4": "198.51.100.0",
        "city": { "cityName": "GeneratedFindingCityName" },
        "country": { "countryName": "GeneratedFindingCountryName" },
        "geoLocation": { "lat": 0.0, "lon": 0.0 },
        "organization": {
            "asn": "64496",
            "asnOrg": "GeneratedFindingASNOrg",
            "isp": "GeneratedFindingISP",
            "org": "GeneratedFindingORG",
        },
    })
}

fn api_call() -> Value {
    json!({ "actionType": "AWS_API_CALL", "awsApiCallAction": {
        "api": "GeneratedFindingAPIName",
        "serviceName": "GeneratedFindingAPIServiceName",
        "callerType": "Remote IP",
        "userAgent": "GeneratedFindingUserAgent",
        "remoteIpDetails": remote_ip(),
        "affectedResources": {},
    } })
}

fn kubernetes_call() -> Value {
    json!({ "actionType": "KUBERNETES_API_CALL", "kubernetesApiCallAction": {
        "requestUri": "GeneratedFindingRequestURI",
        "verb": "list",
        "resource": "GeneratedFindingResource",
        "namespace": "GeneratedFindingNamespace",
        "sourceIPs": ["198.51.100.0"],
        "userAgent": "GeneratedFindingUserAgent",
        "remoteIpDetails": remote_ip(),
        "statusCode": 200,
    } })
}

// The reference spells LoginAttributes with a capital letter.
fn login_attempt() -> Value {
    json!({ "actionType": "RDS_LOGIN_ATTEMPT", "rdsLoginAttemptAction": {
        "remoteIpDetails": remote_ip(),
        "LoginAttributes": [{
            "user": "GeneratedFindingUserName",
            "application": "GeneratedFindingApplicationName",
            "failedLoginAttempts": 1,
            "successfulLoginAttempts": 1,
        }],
    } })
}

fn port_probe() -> Value {
    json!({ "actionType": "PORT_PROBE", "portProbeAction": {
        "blocked": false,
        "portProbeDetails": [{
            "localPortDetails": { "port": 80, "portName": "HTTP" },
            "localIpDetails": { "ipAddressV4": "10.0.0.23" },
            "remoteIpDetails": remote_ip(),
        }],
    } })
}

fn dns_request() -> Value {
    json!({ "actionType": "DNS_REQUEST", "dnsRequestAction": {
        "domain": "GeneratedFindingDomainName",
        "domainWithSuffix": "GeneratedFindingDomainName",
        "protocol": "UDP",
        "blocked": false,
    } })
}

fn connection() -> Value {
    json!({ "actionType": "NETWORK_CONNECTION", "networkConnectionAction": {
        "connectionDirection": "OUTBOUND",
        "blocked": false,
        "protocol": "TCP",
        "localPortDetails": { "port": 39677, "portName": "Unknown" },
        "localIpDetails": { "ipAddressV4": "10.0.0.23" },
        "remoteIpDetails": remote_ip(),
        "remotePortDetails": { "port": 80, "portName": "HTTP" },
    } })
}

fn runtime(site: &AccountContext<'_>) -> Value {
    json!({ "process": {
        "name": "GeneratedFindingProcessName",
        "executablePath": "GeneratedFindingProcessExecutablePath",
        "executableSha256": "GeneratedFindingProcessSha256",
        "namespacePid": 123,
        "pid": 1234,
        "pwd": "GeneratedFindingProcessWorkingDirectory",
        "startTime": seconds(site.now),
        "uuid": "GeneratedFindingProcessUuid",
        "parentUuid": "GeneratedFindingProcessParentUuid",
        "user": "GeneratedFindingUserName",
        "userId": 1000,
        "euid": 1000,
        "lineage": [{
            "name": "GeneratedFindingProcessName",
            "executablePath": "GeneratedFindingProcessExecutablePath",
            "pid": 1233,
            "uuid": "GeneratedFindingProcessParentUuid",
            "startTime": seconds(site.now),
        }],
    } })
}

fn anomaly() -> Value {
    let of = |subtype: &str| {
        json!({
            "profileType": "FREQUENCY",
            "profileSubtype": subtype,
            "observations": { "text": ["GeneratedFindingAPIName"] },
        })
    };
    json!({ "anomaly": {
        "profiles": { "account": { "apis": [of("FREQUENT")] } },
        "unusual": { "behavior": { "account": { "apis": of("UNSEEN") } } },
    } })
}

fn volume_scan(site: &AccountContext<'_>, id: &str) -> Value {
    json!({
        "scanId": "GeneratedFindingScanId",
        "scanType": "GUARDDUTY_INITIATED",
        "scanStartedAt": seconds(site.now),
        "scanCompletedAt": seconds(site.now),
        "triggerFindingId": id,
        "sources": ["GeneratedFindingScanSource"],
        "scanDetections": {
            "scannedItemCount": { "totalGb": 8, "files": 1000, "volumes": 1 },
            "threatsDetectedItemCount": { "files": 1 },
            "highestSeverityThreatDetails": {
                "severity": "HIGH", "threatName": "GeneratedFindingThreatName", "count": 1,
            },
            "threatDetectedByName": {
                "itemCount": 1,
                "uniqueThreatNameCount": 1,
                "shortened": false,
                "threatNames": [{
                    "name": "GeneratedFindingThreatName",
                    "severity": "HIGH",
                    "itemCount": 1,
                    "filePaths": [{
                        "filePath": "GeneratedFindingFilePath",
                        "fileName": "GeneratedFindingFileName",
                        "hash": "GeneratedFindingFileHash",
                        "volumeArn": format!("{}:volume/GeneratedFindingVolumeId", site.arn("ec2")),
                    }],
                }],
            },
        },
    })
}

fn object_scan(site: &AccountContext<'_>) -> Value {
    let bucket = format!("arn:{}:s3:::GeneratedFindingBucketName", site.place.partition());
    json!({
        "scanId": "GeneratedFindingScanId",
        "scanType": "GUARDDUTY_INITIATED",
        "scanCategory": "FULL_SCAN",
        "uniqueThreatCount": 1,
        "threats": [{
            "name": "GeneratedFindingThreatName",
            "source": "GeneratedFindingThreatSource",
            "count": 1,
            "hash": "GeneratedFindingObjectHash",
            "itemPaths": [{ "nestedItemPath": "GeneratedFindingItemPath", "hash": "GeneratedFindingObjectHash" }],
            "itemDetails": [{
                "resourceArn": bucket,
                "itemPath": "GeneratedFindingObjectKey",
                "hash": "GeneratedFindingObjectHash",
                "additionalInfo": { "versionId": "GeneratedFindingVersionId" },
            }],
        }],
    })
}
