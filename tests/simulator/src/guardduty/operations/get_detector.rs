//! GetDetector: what a detector watches.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::guardduty::constraints::INVESTIGATION_REGIONS;
use crate::guardduty::detector::{Detector, Feature, FeatureSetting, Status};
use crate::guardduty::seconds;
use crate::protocol::{Call, OperationResult, iso};
use crate::world::{AccountRegion, World};

#[derive(Deserialize)]
struct Request {
    #[serde(rename = "DetectorId")]
    detector_id: String,
}

/// What every detector watches, in the reference's order. They cannot be updated.
const FOUNDATIONAL: [&str; 3] = ["FLOW_LOGS", "CLOUD_TRAIL", "DNS_LOGS"];

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { detector_id } = call.request()?;
    let detector = world.guardduty.detector(call.place, &detector_id)?;
    Ok(Some(json!({
        "createdAt": iso(detector.created),
        "findingPublishingFrequency": detector.publishing,
        "serviceRole": role(call.place, "guardduty", "AWSServiceRoleForAmazonGuardDuty"),
        "status": detector.status,
        "updatedAt": iso(detector.updated),
        "dataSources": data_sources(detector, call.place),
        // No operation that is simulated sets tags.
        "tags": {},
        "features": features(detector, call.place),
    })))
}

/// DataSourceConfigurationsResult: the older form of some of the features.
fn data_sources(detector: &Detector, place: &AccountRegion) -> Value {
    let malware = role(place, "malware-protection.guardduty", "AWSServiceRoleForAmazonGuardDutyMalwareProtection");
    json!({
        "cloudTrail": { "status": Status::Enabled },
        "dnsLogs": { "status": Status::Enabled },
        "flowLogs": { "status": Status::Enabled },
        "s3Logs": { "status": detector.feature(Feature::S3DataEvents) },
        "kubernetes": { "auditLogs": { "status": detector.feature(Feature::EksAuditLogs) } },
        "malwareProtection": {
            "scanEc2InstanceWithFindings": {
                "ebsVolumes": { "status": detector.feature(Feature::EbsMalwareProtection) },
            },
            "serviceRole": malware,
        },
    })
}

// assumed: AI_ANALYST is not listed in a Region that has no investigations.
fn features(detector: &Detector, place: &AccountRegion) -> Value {
    let foundational = FOUNDATIONAL
        .iter()
        .map(|name| json!({ "name": name, "status": Status::Enabled, "updatedAt": seconds(detector.created) }));
    let has_analyst = INVESTIGATION_REGIONS.contains(&place.region.as_str());
    let optional = detector
        .features
        .iter()
        .filter(|(name, _)| has_analyst || **name != Feature::AiAnalyst)
        .map(|(name, setting)| feature(*name, setting));
    foundational.chain(optional).collect()
}

// assumed: additionalConfiguration is omitted if a feature has no agents; managedBy, which names a policy in AWS
// Organizations, is always omitted.
fn feature(name: Feature, setting: &FeatureSetting) -> Value {
    let mut body = json!({ "name": name, "status": setting.status, "updatedAt": seconds(setting.updated) });
    if !setting.agents.is_empty() {
        let agents = setting
            .agents
            .iter()
            .map(|(name, agent)| json!({ "name": name, "status": agent.status, "updatedAt": seconds(agent.updated) }));
        body["additionalConfiguration"] = agents.collect();
    }
    body
}

/// The ARN of the service-linked role of that name.
fn role(place: &AccountRegion, service: &str, name: &str) -> String {
    let (partition, account) = (place.partition(), &place.account);
    format!("arn:{partition}:iam::{account}:role/aws-service-role/{service}.amazonaws.com/{name}")
}
