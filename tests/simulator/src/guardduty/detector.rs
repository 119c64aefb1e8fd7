//! A detector: GuardDuty itself in an account and Region, with what it watches.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The creation time of every detector.
pub(super) const INITIAL_CREATED_AT_SECONDS: i64 = 1_767_225_600; // 2026-01-01

/// One detector.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Detector {
    pub(super) id: String,
    pub(super) status: Status,
    pub(super) publishing: Publishing,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) features: BTreeMap<Feature, FeatureSetting>,
}

/// DetectorStatus, DataSourceStatus and FeatureStatus of the API reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    Enabled,
    Disabled,
}

/// How often repeats of a finding are published. Source: FindingPublishingFrequency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Publishing {
    FifteenMinutes,
    OneHour,
    SixHours,
}

/// What can be turned on and off. Source: DetectorFeature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Feature {
    S3DataEvents,
    EksAuditLogs,
    EbsMalwareProtection,
    RdsLoginEvents,
    LambdaNetworkLogs,
    EksRuntimeMonitoring,
    RuntimeMonitoring,
    AiProtection,
    AiAnalyst,
}

/// Whether GuardDuty manages an agent automatically. Source: FeatureAdditionalConfiguration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Agent {
    #[serde(rename = "EKS_ADDON_MANAGEMENT")]
    EksAddon,
    #[serde(rename = "ECS_FARGATE_AGENT_MANAGEMENT")]
    EcsFargate,
    #[serde(rename = "EC2_AGENT_MANAGEMENT")]
    Ec2,
}

/// A feature's status, and that of the agents it uses.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FeatureSetting {
    pub(super) status: Status,
    pub(super) updated: Timestamp,
    pub(super) agents: BTreeMap<Agent, AgentSetting>,
}

/// An agent's status.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct AgentSetting {
    pub(super) status: Status,
    pub(super) updated: Timestamp,
}

impl Feature {
    /// All features, in the order of the API reference.
    pub(super) const ALL: [Self; 9] = [
        Self::S3DataEvents,
        Self::EksAuditLogs,
        Self::EbsMalwareProtection,
        Self::RdsLoginEvents,
        Self::LambdaNetworkLogs,
        Self::EksRuntimeMonitoring,
        Self::RuntimeMonitoring,
        Self::AiProtection,
        Self::AiAnalyst,
    ];

    /// The agents that the feature's additionalConfiguration is about.
    // assumed: which belong to which; the reference does not say.
    pub(super) const fn agents(self) -> &'static [Agent] {
        match self {
            Self::EksRuntimeMonitoring => &[Agent::EksAddon],
            Self::RuntimeMonitoring => &[Agent::EksAddon, Agent::EcsFargate, Agent::Ec2],
            _ => &[],
        }
    }

    /// The status in a new detector. Source: CreateDetector, all optional features but RUNTIME_MONITORING are enabled
    /// by default.
    // assumed: EKS_RUNTIME_MONITORING, which excludes the other, is DISABLED too; and so are AI_PROTECTION and
    // AI_ANALYST, which are newer than that sentence.
    const fn initial(self) -> Status {
        match self {
            Self::S3DataEvents
            | Self::EksAuditLogs
            | Self::EbsMalwareProtection
            | Self::RdsLoginEvents
            | Self::LambdaNetworkLogs => Status::Enabled,
            Self::EksRuntimeMonitoring | Self::RuntimeMonitoring | Self::AiProtection | Self::AiAnalyst => {
                Status::Disabled
            }
        }
    }
}

impl Detector {
    pub(super) fn new(id: String) -> Self {
        let created = Timestamp::from_second(INITIAL_CREATED_AT_SECONDS).unwrap_or_default();
        let agent = |agent: &Agent| (*agent, AgentSetting { status: Status::Disabled, updated: created });
        let setting = |feature: Feature| FeatureSetting {
            status: feature.initial(),
            updated: created,
            agents: feature.agents().iter().map(agent).collect(),
        };
        Self {
            id,
            // assumed: a detector is on from the start, and publishes repeats every six hours.
            status: Status::Enabled,
            publishing: Publishing::SixHours,
            created,
            updated: created,
            features: Feature::ALL.into_iter().map(|feature| (feature, setting(feature))).collect(),
        }
    }

    /// The status of a feature.
    pub(super) fn feature(&self, feature: Feature) -> Status {
        self.features.get(&feature).map_or(Status::Disabled, |setting| setting.status)
    }
}

impl From<bool> for Status {
    fn from(enabled: bool) -> Self {
        if enabled { Self::Enabled } else { Self::Disabled }
    }
}
