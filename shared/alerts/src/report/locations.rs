//! Where the findings' activity came from: a row for each place, with the addresses and networks seen there. The places that
//! Detective names are in the tables of its indicators.

use super::safe::{few, safe};
use super::table::{Column, ROOM, Table, set, text};
use gumshoe_domain::Finding;
use gumshoe_domain::finding::Remote;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many addresses and networks of a place are named.
const EACH: usize = 4;

const COLUMNS: &[Column] = &[text("Place"), set("Addresses", "mono address"), text("Networks")];

/// What is known of one place.
#[derive(Default)]
struct Seen<'a> {
    /// How many calls and connections of the findings came from there.
    count: usize,
    addresses: BTreeSet<&'a str>,
    networks: BTreeSet<&'a str>,
}

/// The places of the findings, those seen most often first.
pub(super) fn table(findings: &[Finding]) -> Table {
    let mut places: BTreeMap<String, Seen<'_>> = BTreeMap::new();
    for remote in findings.iter().flat_map(|it| &it.activity).filter_map(|it| it.remote.as_ref()) {
        let Some(name) = name(remote) else { continue };
        let seen = places.entry(name).or_default();
        seen.count += 1;
        seen.addresses.extend(remote.ip_address.as_deref());
        seen.networks.extend(remote.network.as_deref());
    }
    let mut places: Vec<(String, Seen<'_>)> = places.into_iter().collect();
    places.sort_by_key(|(_, seen)| Reverse(seen.count));
    let mut table = Table::new("The most frequent first".to_owned(), COLUMNS, ROOM);
    for (name, Seen { addresses, networks, .. }) in &places {
        table.push(|| {
            let (addresses, networks) = (few(addresses, EACH, 60), few(networks, EACH, 80));
            vec![safe(name, 80).into(), or_dash(addresses).into(), or_dash(networks).into()]
        });
    }
    table
}

/// A place's name; where a finding gives coordinates only, those to a tenth of a degree.
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
    fn a_place_has_one_row_with_all_its_addresses() {
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
    fn the_place_that_most_findings_name_comes_first() {
        let rows = rows(&fixtures::travelled().findings);
        assert_eq!((rows.len(), rows[0][0].as_str()), (8, "Amsterdam, Netherlands"));
    }

    #[test]
    fn a_place_without_a_name_is_given_in_degrees() {
        assert_eq!(in_degrees((-33.86, 151.21)), "33.9° S, 151.2° E");
        let mut findings = fixtures::one().findings;
        let remote = findings[0].activity[0].remote.as_mut().unwrap();
        (remote.place, remote.network) = (None, None);
        assert_eq!(rows(&findings)[0], ["52.4° N, 4.9° E", "198[.]51[.]100[.]23", "–"]);
    }
}
