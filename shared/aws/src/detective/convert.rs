//! Conversion between the SDK's types and the domain's.

use aws_sdk_detective::primitives::DateTime;
use aws_sdk_detective::types::{Indicator as SdkIndicator, IndicatorDetail, Severity, State, Status};
use gumshoe_domain::investigation::{InvestigationState, Scope};
use gumshoe_domain::{Indicator, InvestigationSeverity, InvestigationStatus};
use jiff::Timestamp;

pub(super) fn to_sdk(time: Timestamp) -> DateTime {
    DateTime::from_secs(time.as_second())
}

pub(super) fn scope(start: Option<&DateTime>, end: Option<&DateTime>) -> Option<Scope> {
    let from_sdk = |time: &DateTime| Timestamp::from_second(time.secs()).ok();
    Some(Scope { start: from_sdk(start?)?, end: from_sdk(end?)? })
}

pub(super) fn status(status: &Status) -> Option<InvestigationStatus> {
    match status {
        Status::Running => Some(InvestigationStatus::Running),
        Status::Successful => Some(InvestigationStatus::Successful),
        Status::Failed => Some(InvestigationStatus::Failed),
        _ => None,
    }
}

pub(super) fn state(state: &State) -> Option<InvestigationState> {
    match state {
        State::Active => Some(InvestigationState::Active),
        State::Archived => Some(InvestigationState::Archived),
        _ => None,
    }
}

pub(super) fn state_to_sdk(state: InvestigationState) -> State {
    match state {
        InvestigationState::Active => State::Active,
        InvestigationState::Archived => State::Archived,
    }
}

pub(super) fn severity(severity: &Severity) -> Option<InvestigationSeverity> {
    match severity {
        Severity::Informational => Some(InvestigationSeverity::Informational),
        Severity::Low => Some(InvestigationSeverity::Low),
        Severity::Medium => Some(InvestigationSeverity::Medium),
        Severity::High => Some(InvestigationSeverity::High),
        Severity::Critical => Some(InvestigationSeverity::Critical),
        _ => None,
    }
}

/// An indicator without a detail, or with a detail of another kind than its type, is converted to one of an unknown type: it is listed,
/// and not dropped.
pub(super) fn indicator(indicator: &SdkIndicator) -> Indicator {
    let known = indicator.indicator_detail().and_then(detail);
    known.unwrap_or_else(|| Indicator::Unknown {
        indicator_type: indicator.indicator_type().map_or("(no type)", |kind| kind.as_str()).to_owned(),
    })
}

fn detail(detail: &IndicatorDetail) -> Option<Indicator> {
    let text = |value: Option<&str>| value.unwrap_or("unknown").to_owned();
    if let Some(ttp) = detail.ttps_observed_detail() {
        return Some(Indicator::TtpObserved {
            tactic: text(ttp.tactic()),
            technique: text(ttp.technique()),
            procedure: text(ttp.procedure()),
            ip_address: text(ttp.ip_address()),
            api_name: text(ttp.api_name()),
            successes: ttp.api_success_count(),
            failures: ttp.api_failure_count(),
        });
    }
    if let Some(travel) = detail.impossible_travel_detail() {
        return Some(Indicator::ImpossibleTravel {
            starting_ip_address: text(travel.starting_ip_address()),
            ending_ip_address: text(travel.ending_ip_address()),
            starting_location: text(travel.starting_location()),
            ending_location: text(travel.ending_location()),
            hours: travel.hourly_time_delta().unwrap_or_default(),
        });
    }
    if let Some(flagged) = detail.flagged_ip_address_detail() {
        let reason = flagged.reason().map_or("unknown", |reason| reason.as_str()).to_owned();
        return Some(Indicator::FlaggedIpAddress { ip_address: text(flagged.ip_address()), reason });
    }
    if let Some(place) = detail.new_geolocation_detail() {
        return Some(Indicator::NewGeolocation {
            location: text(place.location()),
            ip_address: text(place.ip_address()),
            new_for_account: place.is_new_for_entire_account(),
        });
    }
    if let Some(network) = detail.new_aso_detail() {
        let new_for_account = network.is_new_for_entire_account();
        return Some(Indicator::NewAso { aso: text(network.aso()), new_for_account });
    }
    if let Some(agent) = detail.new_user_agent_detail() {
        let new_for_account = agent.is_new_for_entire_account();
        return Some(Indicator::NewUserAgent { user_agent: text(agent.user_agent()), new_for_account });
    }
    if let Some(related) = detail.related_finding_detail() {
        return Some(Indicator::RelatedFinding {
            arn: text(related.arn()),
            finding_type: text(related.r#type()),
            ip_address: text(related.ip_address()),
            last_seen: None,
        });
    }
    let group = detail.related_finding_group_detail()?;
    Some(Indicator::RelatedFindingGroup { id: text(group.id()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_detective::types::{
        FlaggedIpAddressDetail, ImpossibleTravelDetail, IndicatorType, NewAsoDetail, NewGeolocationDetail,
        NewUserAgentDetail, RelatedFindingDetail, RelatedFindingGroupDetail, TtPsObservedDetail,
    };
    use gumshoe_domain::indicator::IndicatorKind;

    /// An SDK indicator of that kind.
    fn of_kind(kind: &IndicatorKind) -> SdkIndicator {
        let detail = IndicatorDetail::builder();
        let detail = match kind {
            IndicatorKind::FlaggedIpAddress => {
                detail.flagged_ip_address_detail(FlaggedIpAddressDetail::builder().build())
            }
            IndicatorKind::ImpossibleTravel => {
                detail.impossible_travel_detail(ImpossibleTravelDetail::builder().build())
            }
            IndicatorKind::TtpObserved => detail.ttps_observed_detail(TtPsObservedDetail::builder().build()),
            IndicatorKind::RelatedFindingGroup => {
                detail.related_finding_group_detail(RelatedFindingGroupDetail::builder().build())
            }
            IndicatorKind::RelatedFinding => detail.related_finding_detail(RelatedFindingDetail::builder().build()),
            IndicatorKind::NewGeolocation => detail.new_geolocation_detail(NewGeolocationDetail::builder().build()),
            IndicatorKind::NewAso => detail.new_aso_detail(NewAsoDetail::builder().build()),
            IndicatorKind::NewUserAgent => detail.new_user_agent_detail(NewUserAgentDetail::builder().build()),
            IndicatorKind::Other(_) => detail,
        };
        let name = IndicatorType::from(kind.as_str());
        SdkIndicator::builder().indicator_type(name).indicator_detail(detail.build()).build()
    }

    #[test]
    fn every_known_kind_is_converted() {
        for kind in IndicatorKind::KNOWN.iter().cloned().chain([IndicatorKind::Other("NEW_KIND".to_owned())]) {
            assert_eq!(indicator(&of_kind(&kind)).kind(), kind);
        }
    }

    /// A new version of the SDK may add a kind.
    #[test]
    fn every_kind_of_the_sdk_is_known() {
        for name in IndicatorType::values() {
            let kind = IndicatorKind::from(*name);
            assert!(IndicatorKind::KNOWN.contains(&kind), "{name}");
        }
    }
}
