//! Detective's indicators: a table for each kind, with the columns that fit it.

use super::safe::{address, finding_type, safe, time, whole};
use super::table::{Cell, Column, ROOM, Table, set, text};
use gumshoe_domain::mitre::{self, with_id};
use gumshoe_domain::{Indicator, indicator};
use std::collections::BTreeSet;

const FLAGGED: &[Column] = &[set("Address", "mono address"), text("Flagged by")];
const TRAVEL: &[Column] = &[
    text("From"),
    set("Address", "mono address"),
    text("To"),
    set("Address", "mono address"),
    set("Within", "number"),
];
const TECHNIQUE: &[Column] = &[
    text("Tactic"),
    text("Technique"),
    text("Procedure"),
    set("API", "mono"),
    set("Succeeded", "number"),
    set("Failed", "number"),
    set("Address", "mono address"),
];
const GROUP: &[Column] = &[set("Group", "mono")];
const RELATED: &[Column] = &[text("Type"), set("Address", "mono address"), set("Last seen", "time")];
const PLACE: &[Column] = &[text("Place"), set("Address", "mono address"), text("New for")];
const NETWORK: &[Column] = &[text("Network"), text("New for")];
const AGENT: &[Column] = &[set("User agent", "mono"), text("New for")];
const UNKNOWN: &[Column] = &[text("Kind")];

/// The kinds, in the order of [`indicator::place`].
const KINDS: [(&str, &[Column]); 9] = [
    ("Flagged addresses", FLAGGED),
    ("Impossible travels", TRAVEL),
    ("Attack techniques", TECHNIQUE),
    ("Related finding groups", GROUP),
    ("Related findings", RELATED),
    ("New places", PLACE),
    ("New networks", NETWORK),
    ("New user agents", AGENT),
    ("Kinds that this version of Gumshoe does not know; see them in Detective", UNKNOWN),
];

/// The tables of the kinds that there are. Repeats count once.
pub(super) fn tables(indicators: &[Indicator]) -> Vec<Table> {
    let mut distinct: Vec<&Indicator> = indicators.iter().collect::<BTreeSet<_>>().into_iter().collect();
    distinct.sort_by_key(|indicator| std::cmp::Reverse(indicator.weight())); // stable: else in the order of their words
    let mut tables = KINDS.map(|(caption, columns)| Table::new(caption.to_owned(), columns, ROOM));
    for indicator in distinct {
        if let Some(table) = tables.get_mut(indicator::place(indicator.kind())) {
            table.push(|| row(indicator).into_iter().map(Cell::from).collect());
        }
    }
    tables.into_iter().filter(|table| table.count() > 0).collect()
}

fn row(indicator: &Indicator) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn every_kind_has_its_table_and_every_indicator_its_row() {
        let many = fixtures::many().indicators;
        let tables = tables(&many);
        assert_eq!(tables.len(), 8);
        assert_eq!(tables.iter().map(|table| table.rows.len()).sum::<usize>(), 400);
        for table in &tables {
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.caption);
        }
    }

    #[test]
    fn what_succeeded_comes_first_and_repeats_count_once() {
        let mut indicators = fixtures::many().indicators;
        indicators.extend(fixtures::many().indicators);
        let tables = tables(&indicators);
        let techniques = tables.iter().find(|table| table.caption == "Attack techniques").unwrap();
        let succeeded: Vec<&str> = techniques.rows.iter().map(|row| row[4].text.as_str()).collect();
        assert_eq!(techniques.count(), 50);
        assert!(succeeded.is_sorted_by(|a, b| a >= b), "{succeeded:?}");
    }
}
