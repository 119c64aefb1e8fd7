//! The reasons of a verdict, in sentences. They contain text from outside: escape them for the channel.

use super::format;
use gumshoe_domain::verdict::{EngineAgreement, NamedItems, ReasonCode, RelatedFindings};

/// The reason, in a sentence.
pub(crate) fn reason(code: &ReasonCode) -> String {
    match code {
        ReasonCode::FlaggedAddresses(named) => counted(
            named,
            "Calls from an address flagged by AWS threat intelligence",
            "addresses flagged by AWS threat intelligence",
            String::clone,
        ),
        ReasonCode::TechniquesFailed(named) => counted(
            named,
            "Calls of an attack technique failed",
            "attack techniques with calls that failed",
            |(tactic, technique)| format!("{tactic} / {technique}"),
        ),
        ReasonCode::TechniquesSucceeded(named) => counted(
            named,
            "Calls of an attack technique succeeded",
            "attack techniques with calls that succeeded",
            |(tactic, technique)| format!("{tactic} / {technique}"),
        ),
        ReasonCode::WorstFinding { finding_type, severity } => format!("GuardDuty severity {severity}: {finding_type}"),
        ReasonCode::ImpossibleTravels(named) => {
            counted(named, "Impossible travel", "impossible travels", |(from, to)| format!("{from} to {to}"))
        }
        ReasonCode::UnknownIndicators(named) => counted(
            named,
            "Indicator type unknown to this version",
            "indicator types unknown to this version",
            String::clone,
        ),
        ReasonCode::NewForAccount(named) => {
            counted(named, "New for the entire account", "observations new for the entire account", String::clone)
        }
        ReasonCode::NewForPrincipal(named) => {
            counted(named, "New for this principal", "observations new for this principal", String::clone)
        }
        ReasonCode::RelatedFindingGroups(named) => {
            counted(named, "Related finding group", "related finding groups", String::clone)
        }
        ReasonCode::RelatedFindings(named) => counted(named, "Related finding", "related findings", related_findings),
        ReasonCode::EnginesAgree(engines) => engine_comparison("Detective and GuardDuty agree", engines),
        ReasonCode::EnginesDisagree(engines) => engine_comparison("Detective and GuardDuty disagree", engines),
        ReasonCode::OnlyGuardDuty(engines) => {
            let lacks =
                if engines.is_investigated { "Detective states no severity" } else { "Detective has no result" };
            format!("Only GuardDuty has a rating: {}; {lacks}", guardduty_rating(engines))
        }
        ReasonCode::LegacyText { text } => text.clone(),
    }
}

/// `one: NAME`, or `N several: NAME; NAME; and 2 more`.
fn counted<T>(named: &NamedItems<T>, one: &str, several: &str, name: impl Fn(&T) -> String) -> String {
    let names = named.names.iter().map(name).collect::<Vec<_>>().join("; ");
    let more = if named.omitted_count > 0 { format!("; and {} more", named.omitted_count) } else { String::new() };
    match named.count {
        1 => format!("{one}: {names}{more}"),
        count => format!("{count} {several}: {names}{more}"),
    }
}

/// Findings of one type, with the latest time that is known and how many there are.
fn related_findings(RelatedFindings { finding_type, count, last_seen }: &RelatedFindings) -> String {
    let count = if *count > 1 { format!(" ({count})") } else { String::new() };
    format!("{finding_type}{count}{}", last_seen.map(format::last_seen_suffix).unwrap_or_default())
}

fn engine_comparison(agreement: &str, engines: &EngineAgreement) -> String {
    let severity = engines.severity.map_or_else(|| "no severity".to_owned(), |severity| severity.to_string());
    format!("{agreement}: Detective {severity}, GuardDuty AI {}", guardduty_rating(engines))
}

fn guardduty_rating(EngineAgreement { risk_level, confidence, .. }: &EngineAgreement) -> String {
    format!("risk {risk_level} (confidence {confidence})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::InvestigationSeverity as Severity;
    use gumshoe_domain::guardduty::{Confidence, RiskLevel};

    #[test]
    fn related_findings_show_type_count_and_time() {
        let of_type = |finding_type: &str, count, last_seen: Option<&str>| RelatedFindings {
            finding_type: finding_type.to_owned(),
            count,
            last_seen: last_seen.map(|time| time.parse().unwrap()),
        };
        let impact = of_type("Impact:S3/TorIPCaller", 1, None);
        let recon = of_type("Recon:S3/TorIPCaller", 2, Some("2026-01-15T12:35:00Z"));
        let text = |count, names, omitted_count| {
            reason(&ReasonCode::RelatedFindings(NamedItems { count, names, omitted_count }))
        };
        assert_eq!(
            text(3, vec![impact.clone(), recon.clone()], 0),
            "3 related findings: Impact:S3/TorIPCaller; Recon:S3/TorIPCaller (2), last seen 2026-01-15 12:35 UTC"
        );
        assert_eq!(text(1, vec![impact.clone()], 0), "Related finding: Impact:S3/TorIPCaller");
        assert!(text(7, vec![impact], 4).ends_with("Impact:S3/TorIPCaller; and 4 more"));
    }

    #[test]
    fn engine_comparison_states_both_ratings() {
        let engines = |severity, investigated| EngineAgreement {
            is_investigated: investigated,
            severity,
            risk_level: RiskLevel::High,
            confidence: Confidence::Low,
        };
        let rating = "risk High (confidence Low)";
        assert_eq!(
            reason(&ReasonCode::EnginesAgree(engines(Some(Severity::Critical), true))),
            format!("Detective and GuardDuty agree: Detective Critical, GuardDuty AI {rating}")
        );
        assert_eq!(
            reason(&ReasonCode::EnginesDisagree(engines(Some(Severity::Informational), true))),
            format!("Detective and GuardDuty disagree: Detective Informational, GuardDuty AI {rating}")
        );
        let alone = |investigated| reason(&ReasonCode::OnlyGuardDuty(engines(None, investigated)));
        assert_eq!(alone(false), format!("Only GuardDuty has a rating: {rating}; Detective has no result"));
        assert_eq!(alone(true), format!("Only GuardDuty has a rating: {rating}; Detective states no severity"));
    }
}
