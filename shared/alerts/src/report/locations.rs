//! Locations of the findings' activity: a row for each, with its addresses and networks. The tables of the indicators have the
//! locations that Detective names.

use super::safe::{few, safe};
use super::table::{Column, DEFAULT_MAX_BYTES, Table, styled_column, text_column};
use gumshoe_domain::Finding;
use gumshoe_domain::finding::Remote;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Number of addresses and of networks of a location.
const VALUES_MAX: usize = 4;

const COLUMNS: &[Column] =
    &[text_column("Location"), styled_column("Addresses", "mono address"), text_column("Networks")];

/// The activity at one location.
#[derive(Default)]
struct LocationActivity<'a> {
    /// Number of calls and connections.
    count: usize,
    addresses: BTreeSet<&'a str>,
    networks: BTreeSet<&'a str>,
}

/// The locations of the findings, the most frequent first.
pub(super) fn table(findings: &[Finding]) -> Table {
    let mut locations: BTreeMap<String, LocationActivity<'_>> = BTreeMap::new();
    for remote in findings.iter().flat_map(|it| &it.activity).filter_map(|it| it.remote.as_ref()) {
        let Some(name) = name(remote) else { continue };
        let seen = locations.entry(name).or_default();
        seen.count += 1;
        seen.addresses.extend(remote.ip_address.as_deref());
        seen.networks.extend(remote.network.as_deref());
    }
    let mut locations: Vec<(String, LocationActivity<'_>)> = locations.into_iter().collect();
    locations.sort_by_key(|(_, seen)| Reverse(seen.count));
    let mut table = Table::new("The most frequent first".to_owned(), COLUMNS, DEFAULT_MAX_BYTES);
    for (name, LocationActivity { addresses, networks, .. }) in &locations {
        table.push(|| {
            let (addresses, networks) = (few(addresses, VALUES_MAX, 60), few(networks, VALUES_MAX, 80));
            vec![safe(name, 80).into(), or_dash(addresses).into(), or_dash(networks).into()]
        });
    }
    table
}

/// The name of the location; its coordinates, to a tenth of a degree, if the finding has no name.
fn name(remote: &Remote) -> Option<String> {
    remote.place.clone().or_else(|| remote.position.map(in_degrees))
}

/// Such as `52.4° N, 4.9° E`.
fn in_degrees((latitude, longitude): (f64, f64)) -> String {
    let north = if latitude < 0.0 { 'S' } else { 'N' };
    let east = if longitude < 0.0 { 'W' } else { 'E' };
    format!("{:.1}° {north}, {:.1}° {east}", latitude.abs(), longitude.abs())
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "–".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn rows(findings: &[Finding]) -> Vec<[String; 3]> {
        let table = table(findings);
        table.rows.iter().map(|row| [0, 1, 2].map(|column| row[column].text.clone())).collect()
    }

    #[test]
    fn location_has_one_row_with_all_its_addresses() {
        let mut findings = fixtures::high_risk().findings;
        let mut other = findings[0].clone();
        other.activity[0].remote.as_mut().unwrap().ip_address = Some("198.51.100.24".to_owned());
        findings.push(other);
        assert_eq!(
            rows(&findings),
            [["Amsterdam, Netherlands", "198[.]51[.]100[.]23, 198[.]51[.]100[.]24", "EXAMPLE-HOSTING"]]
        );
    }

    #[test]
    fn most_frequent_location_comes_first() {
        let rows = rows(&fixtures::travelled().findings);
        assert_eq!((rows.len(), rows[0][0].as_str()), (8, "Amsterdam, Netherlands"));
    }

    #[test]
    fn location_without_a_name_is_shown_in_degrees() {
        assert_eq!(in_degrees((-33.86, 151.21)), "33.9° S, 151.2° E");
        let mut findings = fixtures::one().findings;
        let remote = findings[0].activity[0].remote.as_mut().unwrap();
        (remote.place, remote.network) = (None, None);
        assert_eq!(rows(&findings)[0], ["52.4° N, 4.9° E", "198[.]51[.]100[.]23", "–"]);
    }
}
