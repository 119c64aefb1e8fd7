//! UpdateDetector: turns a detector and its features on and off.

use serde::Deserialize;

use crate::guardduty::constraints::INVESTIGATION_REGIONS;
use crate::guardduty::detector::{Agent, AgentSetting, Detector, Feature, Publishing, Status};
use crate::guardduty::organization_role::OrganizationRole;
use crate::protocol::error::{AwsError, ErrorType};
use crate::protocol::{Call, OperationResult, wire_name};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "DetectorId")]
    detector_id: String,
    enable: Option<bool>,
    finding_publishing_frequency: Option<Publishing>,
    data_sources: Option<DataSources>,
    features: Option<Vec<FeatureConfiguration>>,
}

/// DataSourceConfigurations: deprecated, another way to say some of the features.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataSources {
    s3_logs: Option<Enable>,
    kubernetes: Option<Kubernetes>,
    malware_protection: Option<MalwareProtection>,
}

#[derive(Deserialize)]
struct Enable {
    enable: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kubernetes {
    audit_logs: Enable,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MalwareProtection {
    scan_ec2_instance_with_findings: Option<ScanEc2Instance>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScanEc2Instance {
    ebs_volumes: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeatureConfiguration {
    name: Option<Feature>,
    status: Option<Status>,
    additional_configuration: Option<Vec<AgentConfiguration>>,
}

#[derive(Deserialize)]
struct AgentConfiguration {
    name: Option<Agent>,
    status: Option<Status>,
}

// assumed: a member account gets a BadRequestException; so does everyone who gives both dataSources and features;
// nothing is changed then; updatedAt moves with every call, a feature's when its status is given.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let request: Request = call.request()?;
    world.guardduty.detector(call.place, &request.detector_id)?;
    let role = OrganizationRole::of(&world.organizations, &call.place.account);
    role.require_administrator(ErrorType::BadRequest, call.operation.model.name)?;
    if request.data_sources.is_some() && request.features.is_some() {
        return Err(call.invalid_member("features", "must not be given together with dataSources."));
    }
    let features = request.features.unwrap_or_default();
    check(call, &features)?;

    let detector = world.guardduty.detector(call.place, &request.detector_id)?;
    check_runtime(call, detector, &features)?;
    detector.updated = call.now;
    if let Some(enable) = request.enable {
        detector.status = enable.into();
    }
    if let Some(publishing) = request.finding_publishing_frequency {
        detector.publishing = publishing;
    }
    if let Some(sources) = request.data_sources {
        for (feature, enable) in sources.features() {
            detector.turn(feature, Some(enable.into()), call);
        }
    }
    for FeatureConfiguration { name, status, additional_configuration } in features {
        if let Some(feature) = name {
            detector.turn(feature, status, call);
            for AgentConfiguration { name, status } in additional_configuration.into_iter().flatten() {
                detector.turn_agent(feature, name, status, call);
            }
        }
    }
    Ok(None)
}

/// Whether the features can be set so.
// assumed: a feature must be named; an agent that is not the feature's is refused; of a feature that is named twice the
// last word counts.
fn check(call: &Call<'_>, features: &[FeatureConfiguration]) -> Result<(), AwsError> {
    let names = |wanted: Feature| features.iter().any(|feature| feature.name == Some(wanted));
    if names(Feature::EksRuntimeMonitoring) && names(Feature::RuntimeMonitoring) {
        return Err(
            call.invalid_member("features", "must not hold both EKS_RUNTIME_MONITORING and RUNTIME_MONITORING.")
        );
    }
    // assumed: the error; the reference says only where investigations are available.
    if names(Feature::AiAnalyst) && !INVESTIGATION_REGIONS.contains(&call.place.region.as_str()) {
        return Err(call.invalid_member("features", &format!("must not hold AI_ANALYST in {}.", call.place.region)));
    }
    for (at, feature) in features.iter().enumerate() {
        let Some(name) = feature.name else {
            return Err(call.invalid_member(&format!("features[{at}].name"), "is required and missing."));
        };
        for agent in feature.additional_configuration.iter().flatten() {
            if !agent.name.is_some_and(|agent| name.agents().contains(&agent)) {
                let agents: Vec<String> = name.agents().iter().map(wire_name).collect();
                let what = format!("must have a name of [{}] for {}.", agents.join(", "), wire_name(name));
                return Err(call.invalid_member(&format!("features[{at}].additionalConfiguration"), &what));
            }
        }
    }
    Ok(())
}

/// Whether not both runtime features would be on: "You can add only one of these two".
fn check_runtime(call: &Call<'_>, detector: &Detector, features: &[FeatureConfiguration]) -> Result<(), AwsError> {
    let on = |wanted: Feature| {
        let given =
            features.iter().rev().find(|feature| feature.name == Some(wanted)).and_then(|feature| feature.status);
        given.unwrap_or(detector.feature(wanted)) == Status::Enabled
    };
    if on(Feature::EksRuntimeMonitoring) && on(Feature::RuntimeMonitoring) {
        return Err(
            call.invalid_member("features", "must not leave both EKS_RUNTIME_MONITORING and RUNTIME_MONITORING on.")
        );
    }
    Ok(())
}

impl DataSources {
    fn features(&self) -> impl Iterator<Item = (Feature, bool)> {
        let s3 = self.s3_logs.as_ref().map(|logs| (Feature::S3DataEvents, logs.enable));
        let eks = self.kubernetes.as_ref().map(|kubernetes| (Feature::EksAuditLogs, kubernetes.audit_logs.enable));
        let scan =
            self.malware_protection.as_ref().and_then(|malware| malware.scan_ec2_instance_with_findings.as_ref());
        let ebs = scan.and_then(|scan| scan.ebs_volumes).map(|enable| (Feature::EbsMalwareProtection, enable));
        [s3, eks, ebs].into_iter().flatten()
    }
}

impl Detector {
    fn turn(&mut self, feature: Feature, status: Option<Status>, call: &Call<'_>) {
        if let (Some(setting), Some(status)) = (self.features.get_mut(&feature), status) {
            setting.status = status;
            setting.updated = call.now;
        }
    }

    fn turn_agent(&mut self, feature: Feature, agent: Option<Agent>, status: Option<Status>, call: &Call<'_>) {
        if let (Some(setting), Some(agent), Some(status)) = (self.features.get_mut(&feature), agent, status) {
            setting.agents.insert(agent, AgentSetting { status, updated: call.now });
        }
    }
}
