//! Detective's indicators in sentences, and labels of their kinds.

use super::format::last_seen_suffix;
use gumshoe_domain::indicator::{Example, Indicator, IndicatorKind};
use gumshoe_domain::mitre::{self, append_id};
use gumshoe_domain::text::one_line;

/// Longest description of an indicator, in characters.
const DESCRIPTION_MAX_CHARS: usize = 240;

/// The label of a kind, such as `flagged address`; Detective's own name for a kind that this version does not know.
pub(crate) fn kind(kind: &IndicatorKind) -> &str {
    match kind {
        IndicatorKind::FlaggedIpAddress => "flagged address",
        IndicatorKind::ImpossibleTravel => "impossible travel",
        IndicatorKind::TtpObserved => "attack technique",
        IndicatorKind::RelatedFindingGroup => "related finding group",
        IndicatorKind::RelatedFinding => "related finding",
        IndicatorKind::NewGeolocation => "new location",
        IndicatorKind::NewAso => "new network",
        IndicatorKind::NewUserAgent => "new user agent",
        IndicatorKind::Other(name) => name,
    }
}

/// Examples, on one line each. Indicators with equal descriptions are shown once. Escape them for the channel.
pub(crate) fn examples(examples: &[Example]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for example in examples {
        match example {
            Example::LegacyText(words) => all.push(words.clone()),
            Example::Indicator(indicator) => {
                let words = one_line(&describe(indicator), DESCRIPTION_MAX_CHARS);
                if !all.contains(&words) {
                    all.push(words);
                }
            }
        }
    }
    all
}

/// The description of an indicator.
fn describe(indicator: &Indicator) -> String {
    let novel = |new_for_account: &bool| {
        if *new_for_account { "new for the entire account" } else { "new for this principal" }
    };
    match indicator {
        Indicator::TtpObserved { tactic, technique, procedure, ip_address, api_name, successes, failures } => format!(
            "{} / {} / {procedure}: {api_name} from {ip_address}, {successes} succeeded, {failures} failed",
            append_id(tactic, mitre::tactic_id(tactic)),
            append_id(technique, mitre::technique_id(technique)),
        ),
        Indicator::ImpossibleTravel {
            starting_ip_address,
            ending_ip_address,
            starting_location,
            ending_location,
            hours,
        } => format!(
            "{starting_location} ({starting_ip_address}) to {ending_location} ({ending_ip_address}) within {hours} h"
        ),
        Indicator::FlaggedIpAddress { ip_address, reason } => format!("{ip_address}, flagged by {reason}"),
        Indicator::NewGeolocation { location, ip_address, new_for_account } => {
            format!("{location} ({ip_address}), {}", novel(new_for_account))
        }
        Indicator::NewAso { aso, new_for_account } => format!("{aso}, {}", novel(new_for_account)),
        Indicator::NewUserAgent { user_agent, new_for_account } => {
            format!("{}, {}", one_line(user_agent, 160), novel(new_for_account))
        }
        Indicator::RelatedFinding { finding_type, ip_address, last_seen: time, .. } => {
            let from = Some(ip_address).filter(|address| !["", "unknown"].contains(&address.as_str()));
            let from = from.map(|address| format!(" from {address}")).unwrap_or_default();
            format!("{finding_type}{from}{}", time.map(last_seen_suffix).unwrap_or_default())
        }
        Indicator::RelatedFindingGroup { id } => id.clone(),
        Indicator::Unknown { .. } => "a kind unknown to this version of Gumshoe; see it in Detective".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn related(ip_address: &str, last_seen: Option<&str>) -> Indicator {
        Indicator::RelatedFinding {
            arn: "arn:aws:guardduty:us-east-1:123456789012:detector/d/finding/f1".to_owned(),
            finding_type: "Recon:IAMUser/TorIPCaller".to_owned(),
            ip_address: ip_address.to_owned(),
            last_seen: last_seen.map(|time| time.parse().unwrap()),
        }
    }

    #[test]
    fn a_related_finding_is_described_by_its_type_and_time_and_not_by_its_arn() {
        assert_eq!(describe(&related("198.51.100.7", None)), "Recon:IAMUser/TorIPCaller from 198.51.100.7");
        let known = related("198.51.100.7", Some("2026-01-15T12:35:20Z"));
        assert_eq!(describe(&known), "Recon:IAMUser/TorIPCaller from 198.51.100.7, last seen 2026-01-15 12:35 UTC");
        assert_eq!(describe(&related("unknown", None)), "Recon:IAMUser/TorIPCaller");
    }

    #[test]
    fn examples_do_not_repeat_each_other_and_stored_words_stay() {
        let indicators = ["unknown", ""].map(|address| Example::Indicator(related(address, None)));
        let stored = Example::LegacyText("as it was stored".to_owned());
        let all: Vec<Example> = indicators.into_iter().chain([stored]).collect();
        assert_eq!(examples(&all), ["Recon:IAMUser/TorIPCaller", "as it was stored"]);
    }
}
