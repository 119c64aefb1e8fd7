//! Conversion from the SDK's types to the domain's.

use aws_sdk_guardduty::primitives::DateTime;
use aws_sdk_guardduty::types::{
    Confidence as SdkConfidence, Investigation as SdkInvestigation, InvestigationStatus, InvestigationSummary,
    RiskLevel as SdkRiskLevel,
};
use gumshoe_domain::guardduty::{
    Cloud, Confidence, GuardDutyInvestigation, GuardDutyInvestigationStatus, ListedInvestigation, Metadata, RiskLevel,
};
use jiff::Timestamp;

fn time(time: Option<&DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(time?.secs()).ok()
}

fn status(status: &InvestigationStatus) -> Option<GuardDutyInvestigationStatus> {
    match status {
        InvestigationStatus::Running => Some(GuardDutyInvestigationStatus::Running),
        InvestigationStatus::Completed => Some(GuardDutyInvestigationStatus::Completed),
        InvestigationStatus::Failed => Some(GuardDutyInvestigationStatus::Failed),
        _ => None,
    }
}

/// An entry of the listing; `None` if it has no id.
pub(super) fn listed(summary: &InvestigationSummary) -> Option<ListedInvestigation> {
    Some(ListedInvestigation {
        id: summary.investigation_id()?.to_owned(),
        has_failed: summary.status().and_then(status) == Some(GuardDutyInvestigationStatus::Failed),
        start_time: time(summary.start_time()),
        prompt: summary.trigger_prompt().unwrap_or_default().to_owned(),
    })
}

/// An investigation; `None` if this version does not know its status. An unknown risk level or confidence is omitted.
pub(super) fn investigation(id: &str, found: &SdkInvestigation) -> Option<GuardDutyInvestigation> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    Some(GuardDutyInvestigation {
        id: id.to_owned(),
        status: status(found.status()?)?,
        trigger_prompt: found.trigger_prompt().unwrap_or_default().to_owned(),
        triggered_by: found.triggered_by().unwrap_or_default().to_owned(),
        metadata: found.metadata().map(|it| Metadata {
            version: it.version().unwrap_or_default().to_owned(),
            product: it.product().and_then(|product| product.name()).unwrap_or_default().to_owned(),
            feature: text(it.product().and_then(|product| product.feature())),
        }),
        cloud: found.cloud().map(|it| Cloud {
            provider: it.provider().map_or("", |provider| provider.as_str()).to_owned(),
            region: it.region().unwrap_or_default().to_owned(),
            account: it.account().unwrap_or_default().to_owned(),
        }),
        risk_level: found.risk_level().and_then(risk_level),
        risk: text(found.risk()),
        confidence: found.confidence().and_then(confidence),
        summary: text(found.summary()),
        start_time: time(found.start_time()),
        end_time: time(found.end_time()),
        error: text(found.error()),
    })
}

fn risk_level(level: &SdkRiskLevel) -> Option<RiskLevel> {
    match level {
        SdkRiskLevel::Info => Some(RiskLevel::Info),
        SdkRiskLevel::Low => Some(RiskLevel::Low),
        SdkRiskLevel::Medium => Some(RiskLevel::Medium),
        SdkRiskLevel::High => Some(RiskLevel::High),
        SdkRiskLevel::Critical => Some(RiskLevel::Critical),
        _ => None,
    }
}

fn confidence(confidence: &SdkConfidence) -> Option<Confidence> {
    match confidence {
        SdkConfidence::UnknownValue => Some(Confidence::Unknown),
        SdkConfidence::Low => Some(Confidence::Low),
        SdkConfidence::Medium => Some(Confidence::Medium),
        SdkConfidence::High => Some(Confidence::High),
        _ => None,
    }
}
