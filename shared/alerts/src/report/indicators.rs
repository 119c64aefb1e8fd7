//! Detective's indicators: a table for each kind, with the columns that fit it.

use super::safe::{address, finding_type, safe, time, whole};
use super::table::{Cell, Column, DEFAULT_MAX_BYTES, Table, styled_column, text_column};
use gumshoe_domain::indicator::{Indicator, IndicatorKind};
use gumshoe_domain::mitre::{self, append_id};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The tables of the kinds that there are, in the order of the kinds. Repeats count once.
pub(super) fn tables(indicators: &[Indicator]) -> Vec<Table> {
    let mut distinct: Vec<&Indicator> = indicators.iter().collect::<BTreeSet<_>>().into_iter().collect();
    distinct.sort_by_key(|indicator| Reverse(indicator.sort_key())); // stable: equal keys stay in their order
    let mut tables: BTreeMap<IndicatorKind, Table> = BTreeMap::new();
    for it in distinct {
        let kind = match it {
            // One table for all, also where Detective gave no details of a kind that this version knows.
            Indicator::Unknown { .. } => IndicatorKind::Other(String::new()),
            _ => it.kind(),
        };
        let (caption, columns) = heads(&kind);
        let table = tables.entry(kind).or_insert_with(|| Table::new(caption.to_owned(), columns, DEFAULT_MAX_BYTES));
        table.push(|| row(it).into_iter().map(Cell::from).collect());
    }
    tables.into_values().collect()
}

/// The caption of a kind's table, and its columns. [`row`] has a cell for each.
fn heads(kind: &IndicatorKind) -> (&'static str, &'static [Column]) {
    match kind {
        IndicatorKind::FlaggedIpAddress => {
            ("Flagged addresses", const { &[styled_column("Address", "mono address"), text_column("Flagged by")] })
        }
        IndicatorKind::ImpossibleTravel => (
            "Impossible travels",
            const {
                &[
                    text_column("From"),
                    styled_column("Address", "mono address"),
                    text_column("To"),
                    styled_column("Address", "mono address"),
                    styled_column("Within", "number"),
                ]
            },
        ),
        IndicatorKind::TtpObserved => (
            "Attack techniques",
            const {
                &[
                    text_column("Tactic"),
                    text_column("Technique"),
                    text_column("Procedure"),
                    styled_column("API", "mono"),
                    styled_column("Succeeded", "number"),
                    styled_column("Failed", "number"),
                    styled_column("Address", "mono address"),
                ]
            },
        ),
        IndicatorKind::RelatedFindingGroup => ("Related finding groups", const { &[styled_column("Group", "mono")] }),
        IndicatorKind::RelatedFinding => (
            "Related findings",
            const { &[text_column("Type"), styled_column("Address", "mono address"), styled_column("Last seen", "time")] },
        ),
        IndicatorKind::NewGeolocation => (
            "New locations",
            const { &[text_column("Location"), styled_column("Address", "mono address"), text_column("New for")] },
        ),
        IndicatorKind::NewAso => ("New networks", const { &[text_column("Network"), text_column("New for")] }),
        IndicatorKind::NewUserAgent => {
            ("New user agents", const { &[styled_column("User agent", "mono"), text_column("New for")] })
        }
        IndicatorKind::Other(_) => {
            ("Kinds unknown to this version of Gumshoe; see them in Detective", const { &[text_column("Kind")] })
        }
    }
}

/// An indicator's row in the report: a cell for each column of its kind.
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
            append_id(&safe(tactic, 80), mitre::tactic_id(tactic)),
            append_id(&safe(technique, 80), mitre::technique_id(technique)),
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

/// The source that flagged an address; others are shown as Detective names them.
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
    fn every_kind_has_its_table_and_every_indicator_its_row_with_a_cell_for_each_column() {
        let mut many = fixtures::many().indicators;
        many.push(Indicator::Unknown { indicator_type: "NEW_KIND".to_owned() });
        let tables = tables(&many);
        assert_eq!(tables.len(), IndicatorKind::KNOWN.len() + 1);
        assert_eq!(tables.iter().map(|table| table.rows.len()).sum::<usize>(), many.len());
        for table in &tables {
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.caption);
        }
    }

    #[test]
    fn kinds_without_details_share_the_last_table() {
        let unknown = |name: &str| Indicator::Unknown { indicator_type: name.to_owned() };
        let flagged = Indicator::FlaggedIpAddress { ip_address: "198.51.100.7".to_owned(), reason: String::new() };
        let tables = tables(&[unknown("NEW_KIND"), unknown("FLAGGED_IP_ADDRESS"), flagged]);
        let shape: Vec<_> = tables.iter().map(|table| (table.columns.len(), table.rows.len())).collect();
        assert_eq!(shape, [(2, 1), (1, 2)]);
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
