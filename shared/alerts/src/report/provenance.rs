//! Requests to Detective and GuardDuty, and the stored evidence.

use super::ApiCall;
use super::principal::Fact;
use super::safe::{safe, span, whole};
use super::table::{Cell, Column, DEFAULT_MAX_BYTES, Table, styled_column, text_column};
use crate::message::Alert;
use crate::text::format::{COVERAGE_MAX_CHARS, OTHER_REGIONS_MAX_CHARS, other_region_investigations};

/// Number of evidence keys that are listed.
const KEYS_MAX: usize = 100;

/// The investigation; empty if there is none.
pub(super) fn investigation(alert: &Alert) -> Vec<Fact> {
    let Some(investigation) = &alert.investigation else { return Vec::new() };
    let from = if investigation.is_reused { "started earlier and reused" } else { "started for this case" };
    let mut facts = vec![
        Fact::styled("Investigation", whole(&investigation.id, 64), "mono"),
        Fact::new("Scope", span(investigation.scope.start, investigation.scope.end)),
        Fact::new("Origin", from.to_owned()),
        Fact::styled("Behavior graph", whole(&investigation.graph_arn, 200), "mono"),
    ];
    facts.extend(
        other_region_investigations(alert).map(|it| Fact::new("Other Regions", safe(&it, OTHER_REGIONS_MAX_CHARS))),
    );
    facts.extend(
        alert.coverage().map(|it| Fact::styled("Data may be incomplete", safe(&it, COVERAGE_MAX_CHARS), "doubt")),
    );
    facts
}

const API_CALL_COLUMNS: &[Column] =
    &[text_column("Operation"), styled_column("Request", "mono"), styled_column("Response", "mono")];

/// The requests and responses, in order.
pub(super) fn api_calls(calls: &[ApiCall]) -> Table {
    let mut table = Table::new("Requests and responses, in order".to_owned(), API_CALL_COLUMNS, DEFAULT_MAX_BYTES);
    for call in calls {
        table.push(|| {
            let cells = [safe(&call.operation, 60), safe(&call.request, 600), safe(&call.response, 1_200)];
            cells.map(Cell::from).into()
        });
    }
    table
}

/// The stored evidence.
pub(super) struct Evidence {
    pub(super) bucket: Option<String>,
    pub(super) keys: Vec<String>,
    pub(super) more: usize,
}

pub(super) fn evidence(alert: &Alert, keys: &[String]) -> Evidence {
    Evidence {
        bucket: alert.report.as_ref().map(|place| whole(&place.bucket, 80)),
        keys: keys.iter().take(KEYS_MAX).map(|key| whole(key, 200)).collect(),
        more: keys.len().saturating_sub(KEYS_MAX),
    }
}
