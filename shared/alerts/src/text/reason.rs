//! What a verdict's points are for, in sentences. They hold text from outside, still to be escaped for the channel.

use super::format;
use gumshoe_domain::verdict::{EngineAgreement, NamedItems, ReasonCode, RelatedFindings};

/// The sentence.
pub(crate) fn reason(code: &ReasonCode) -> String {
    match code {
        ReasonCode::FlaggedAddresses(named) => counted(
            named,
            "Calls came from an address that AWS threat intelligence flags",
            "addresses that AWS threat intelligence flags",
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
        ReasonCode::WorstFinding { finding_type, severity } => format!("GuardDuty rates {finding_type} {severity}"),
        ReasonCode::ImpossibleTravels(named) => {
            counted(named, "Impossible travel", "impossible travels", |(from, to)| format!("{from} to {to}"))
        }
        ReasonCode::UnknownIndicators(named) => counted(
            named,
            "Indicator type that this version does not know",
            "indicator types that this version does not know",
            String::clone,
        ),
        ReasonCode::NewForAccount(named) => {
            counted(named, "New for the entire account", "things new for the entire account", String::clone)
        }
        ReasonCode::NewForPrincipal(named) => {
            counted(named, "New for this principal", "things new for this principal", String::clone)
        }
        ReasonCode::RelatedFindingGroups(named) => {
            counted(named, "Related finding group", "related finding groups", String::clone)
        }
        ReasonCode::RelatedFindings(named) => counted(named, "Related finding", "related findings", related_findings),
        ReasonCode::EnginesAgree(engines) => engines_say("The engines agree", engines),
        ReasonCode::EnginesDisagree(engines) => engines_say("The engines disagree", engines),
        ReasonCode::OnlyGuardDuty(engines) => {
            let lacks = if engines.is_investigated { "gives no severity" } else { "has no result" };
            format!("{}; Detective {lacks} to hold against it", guardduty_says(engines))
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

fn engines_say(agreement: &str, engines: &EngineAgreement) -> String {
    let severity = engines.severity.map_or_else(|| "nothing".to_owned(), |severity| severity.to_string());
    format!("{agreement}: Detective says {severity}, {}", guardduty_says(engines))
}

fn guardduty_says(EngineAgreement { risk_level, confidence, .. }: &EngineAgreement) -> String {
    format!("GuardDuty's AI says risk {risk_level} (confidence {confidence})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::InvestigationSeverity as Severity;
    use gumshoe_domain::guardduty::{Confidence, RiskLevel};

    #[test]
    fn related_findings_are_told_by_type_and_time_and_counted_each() {
        let of_type = |finding_type: &str, count, last_seen: Option<&str>| RelatedFindings {
            finding_type: finding_type.to_owned(),
            count,
            last_seen: last_seen.map(|time| time.parse().unwrap()),
        };
        let impact = of_type("Impact:S3/TorIPCaller", 1, None);
        let recon = of_type("Recon:S3/TorIPCaller", 2, Some("2026-01-15T12:35:00Z"));
        let told = |count, names, left_out| {
            reason(&ReasonCode::RelatedFindings(NamedItems { count, names, omitted_count: left_out }))
        };
        assert_eq!(
            told(3, vec![impact.clone(), recon.clone()], 0),
            "3 related findings: Impact:S3/TorIPCaller; Recon:S3/TorIPCaller (2), last seen 2026-01-15 12:35 UTC"
        );
        assert_eq!(told(1, vec![impact.clone()], 0), "Related finding: Impact:S3/TorIPCaller");
        assert!(told(7, vec![impact], 4).ends_with("Impact:S3/TorIPCaller; and 4 more"));
    }

    #[test]
    fn the_engines_are_held_against_each_other_in_words() {
        let engines = |severity, investigated| EngineAgreement {
            is_investigated: investigated,
            severity,
            risk_level: RiskLevel::High,
            confidence: Confidence::Low,
        };
        let says = "GuardDuty's AI says risk High (confidence Low)";
        assert_eq!(
            reason(&ReasonCode::EnginesAgree(engines(Some(Severity::Critical), true))),
            format!("The engines agree: Detective says Critical, {says}")
        );
        assert_eq!(
            reason(&ReasonCode::EnginesDisagree(engines(Some(Severity::Informational), true))),
            format!("The engines disagree: Detective says Informational, {says}")
        );
        let alone = |investigated| reason(&ReasonCode::OnlyGuardDuty(engines(None, investigated)));
        assert_eq!(alone(false), format!("{says}; Detective has no result to hold against it"));
        assert_eq!(alone(true), format!("{says}; Detective gives no severity to hold against it"));
    }
}
