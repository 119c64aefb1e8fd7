//! Detective's indicators, by kind and each by itself: what the channels say, and the columns and rows of the report's tables.

use crate::report::safe::{address, finding_type, safe, time, whole};
use crate::report::table::{Column, set, text};
use gumshoe_domain::indicator::{Example, Indicator, IndicatorKind};
use gumshoe_domain::mitre::{self, with_id};
use gumshoe_domain::text::one_line;
use jiff::Timestamp;

/// Longest description of an indicator, in characters.
const DESCRIPTION: usize = 240;

/// A kind of indicator as people read it.
pub(crate) struct Words<'a> {
    /// One of the kind, such as `flagged address`; Detective's own name for what this version does not know.
    pub(crate) label: &'a str,
    /// The caption of its table in the report.
    pub(crate) caption: &'static str,
    /// The columns of that table. [`row`] has a cell for each.
    pub(crate) columns: &'static [Column],
}

/// The words for a kind.
pub(crate) fn kind(kind: &IndicatorKind) -> Words<'_> {
    let (label, caption, columns): (&str, &str, &[Column]) = match kind {
        IndicatorKind::FlaggedIpAddress => {
            ("flagged address", "Flagged addresses", const { &[set("Address", "mono address"), text("Flagged by")] })
        }
        IndicatorKind::ImpossibleTravel => (
            "impossible travel",
            "Impossible travels",
            const {
                &[
                    text("From"),
                    set("Address", "mono address"),
                    text("To"),
                    set("Address", "mono address"),
                    set("Within", "number"),
                ]
            },
        ),
        IndicatorKind::TtpObserved => (
            "attack technique",
            "Attack techniques",
            const {
                &[
                    text("Tactic"),
                    text("Technique"),
                    text("Procedure"),
                    set("API", "mono"),
                    set("Succeeded", "number"),
                    set("Failed", "number"),
                    set("Address", "mono address"),
                ]
            },
        ),
        IndicatorKind::RelatedFindingGroup => {
            ("related finding group", "Related finding groups", const { &[set("Group", "mono")] })
        }
        IndicatorKind::RelatedFinding => (
            "related finding",
            "Related findings",
            const { &[text("Type"), set("Address", "mono address"), set("Last seen", "time")] },
        ),
        IndicatorKind::NewGeolocation => {
            ("new place", "New places", const { &[text("Place"), set("Address", "mono address"), text("New for")] })
        }
        IndicatorKind::NewAso => ("new network", "New networks", const { &[text("Network"), text("New for")] }),
        IndicatorKind::NewUserAgent => {
            ("new user agent", "New user agents", const { &[set("User agent", "mono"), text("New for")] })
        }
        IndicatorKind::Other(name) => {
            (name, "Kinds that this version of Gumshoe does not know; see them in Detective", const { &[text("Kind")] })
        }
    };
    Words { label, caption, columns }
}

/// An indicator's row in the report: a cell for each column of its kind.
pub(crate) fn row(indicator: &Indicator) -> Vec<String> {
    let new_for = |account: &bool| if *account { "the entire account" } else { "this principal" }.to_owned();
    match indicator {
        Indicator::FlaggedIpAddress { ip_address, reason } => vec![address(ip_address), flagged_by(reason)],
        Indicator::ImpossibleTravel {
            starting_ip_address,
            ending_ip_address,
            starting_location,
            ending_location,
            hours,
        } => vec![
            safe(starting_location, 80),
            address(starting_ip_address),
            safe(ending_location, 80),
            address(ending_ip_address),
            format!("{hours} h"),
        ],
        Indicator::TtpObserved { tactic, technique, procedure, ip_address, api_name, successes, failures } => vec![
            with_id(&safe(tactic, 80), mitre::tactic_id(tactic)),
            with_id(&safe(technique, 80), mitre::technique_id(technique)),
            safe(procedure, 160),
            safe(api_name, 80),
            successes.to_string(),
            failures.to_string(),
            address(ip_address),
        ],
        Indicator::RelatedFindingGroup { id } => vec![whole(id, 200)],
        Indicator::RelatedFinding { finding_type: kind, ip_address, last_seen, .. } => {
            let seen = last_seen.map_or_else(|| "–".to_owned(), time);
            vec![finding_type(kind), address(ip_address), seen]
        }
        Indicator::NewGeolocation { location, ip_address, new_for_account } => {
            vec![safe(location, 80), address(ip_address), new_for(new_for_account)]
        }
        Indicator::NewAso { aso, new_for_account } => vec![safe(aso, 80), new_for(new_for_account)],
        Indicator::NewUserAgent { user_agent, new_for_account } => {
            vec![safe(user_agent, 240), new_for(new_for_account)]
        }
        Indicator::Unknown { indicator_type } => vec![safe(indicator_type, 80)],
    }
}

/// The only source so far, in words.
fn flagged_by(reason: &str) -> String {
    match reason {
        "AWS_THREAT_INTELLIGENCE" => "AWS threat intelligence".to_owned(),
        other => safe(other, 80),
    }
}

/// Examples in words, on one line each. Indicators that read alike are shown once. Still to be escaped for the channel.
pub(crate) fn examples(examples: &[Example]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for example in examples {
        match example {
            Example::Words(words) => all.push(words.clone()),
            Example::Indicator(indicator) => {
                let words = one_line(&describe(indicator), DESCRIPTION);
                if !all.contains(&words) {
                    all.push(words);
                }
            }
        }
    }
    all
}

/// What an indicator says.
fn describe(indicator: &Indicator) -> String {
    let novel = |new_for_account: &bool| {
        if *new_for_account { "new for the entire account" } else { "new for this principal" }
    };
    match indicator {
        Indicator::TtpObserved { tactic, technique, procedure, ip_address, api_name, successes, failures } => format!(
            "{} / {} / {procedure}: {api_name} from {ip_address}, {successes} succeeded, {failures} failed",
            with_id(tactic, mitre::tactic_id(tactic)),
            with_id(technique, mitre::technique_id(technique)),
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
        Indicator::RelatedFinding { finding_type, ip_address, last_seen, .. } => {
            let from = Some(ip_address).filter(|address| !["", "unknown"].contains(&address.as_str()));
            let from = from.map(|address| format!(" from {address}")).unwrap_or_default();
            format!("{finding_type}{from}{}", last_seen.map(last_seen_in_words).unwrap_or_default())
        }
        Indicator::RelatedFindingGroup { id } => id.clone(),
        Indicator::Unknown { .. } => {
            "a kind that this version of Gumshoe does not know; see it in Detective".to_owned()
        }
    }
}

/// Such as `, last seen 2026-01-15 12:35 UTC`.
fn last_seen_in_words(time: Timestamp) -> String {
    format!(", last seen {}", super::words::minute(time))
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
        let stored = Example::Words("as it was stored".to_owned());
        let all: Vec<Example> = indicators.into_iter().chain([stored]).collect();
        assert_eq!(examples(&all), ["Recon:IAMUser/TorIPCaller", "as it was stored"]);
    }

    #[test]
    fn each_row_has_a_cell_for_each_column() {
        for indicator in crate::fixtures::many().indicators {
            assert_eq!(row(&indicator).len(), kind(&indicator.kind()).columns.len(), "{indicator:?}");
        }
    }
}
