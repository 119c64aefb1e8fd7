//! Detective's indicators: a table for each kind, with the columns that fit it.

use super::table::{Cell, ROOM, Table};
use crate::text::indicator;
use gumshoe_domain::indicator::{Indicator, IndicatorKind};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The tables of the kinds that there are, in the order of the kinds. Repeats count once.
pub(super) fn tables(indicators: &[Indicator]) -> Vec<Table> {
    let mut distinct: Vec<&Indicator> = indicators.iter().collect::<BTreeSet<_>>().into_iter().collect();
    distinct.sort_by_key(|indicator| Reverse(indicator.weight())); // stable: equal weights stay in their order
    let mut tables: BTreeMap<IndicatorKind, Table> = BTreeMap::new();
    for it in distinct {
        let kind = match it {
            // One table for all, also where Detective gave no details of a kind that this version knows.
            Indicator::Unknown { .. } => IndicatorKind::Other(String::new()),
            _ => it.kind(),
        };
        let words = indicator::kind(&kind);
        let new = || Table::new(words.caption.to_owned(), words.columns, ROOM);
        let table = tables.entry(kind.clone()).or_insert_with(new);
        table.push(|| indicator::row(it).into_iter().map(Cell::from).collect());
    }
    tables.into_values().collect()
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
