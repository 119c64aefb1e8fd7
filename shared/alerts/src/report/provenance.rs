//! What was asked of Detective, and what is kept as evidence.

use super::ApiCall;
use super::principal::Fact;
use super::safe::{safe, span, whole};
use super::table::{Cell, Column, ROOM, Table, set, text};
use crate::message::Alert;
use crate::text::format::{COVERAGE, ELSEWHERE, other_region_investigations};

/// How many keys of kept files are listed.
const KEYS: usize = 100;

/// The investigation, where there is one.
pub(super) fn investigation(alert: &Alert) -> Vec<Fact> {
    let Some(investigation) = &alert.investigation else { return Vec::new() };
    let from =
        if investigation.is_reused { "had been started before, and was reused" } else { "started for this case" };
    let mut facts = vec![
        Fact::set("Investigation", whole(&investigation.id, 64), "mono"),
        Fact::plain("Looked at", span(investigation.scope.start, investigation.scope.end)),
        Fact::plain("Origin", from.to_owned()),
        Fact::set("Behavior graph", whole(&investigation.graph_arn, 200), "mono"),
    ];
    facts.extend(other_region_investigations(alert).map(|it| Fact::plain("Other Regions", safe(&it, ELSEWHERE))));
    facts.extend(alert.coverage().map(|it| Fact::set("Not certain", safe(&it, COVERAGE), "doubt")));
    facts
}

const API_CALL_COLUMNS: &[Column] = &[text("Operation"), set("Asked", "mono"), set("Answered", "mono")];

/// The questions and answers, in order.
pub(super) fn api_calls(calls: &[ApiCall]) -> Table {
    let mut table = Table::new("Questions and answers, in order".to_owned(), API_CALL_COLUMNS, ROOM);
    for call in calls {
        table.push(|| {
            let cells = [safe(&call.operation, 60), safe(&call.request, 600), safe(&call.response, 1_200)];
            cells.map(Cell::from).into()
        });
    }
    table
}

/// The kept files.
pub(super) struct Evidence {
    pub(super) bucket: Option<String>,
    pub(super) keys: Vec<String>,
    pub(super) more: usize,
}

pub(super) fn evidence(alert: &Alert, keys: &[String]) -> Evidence {
    Evidence {
        bucket: alert.report.as_ref().map(|place| whole(&place.bucket, 80)),
        keys: keys.iter().take(KEYS).map(|key| whole(key, 200)).collect(),
        more: keys.len().saturating_sub(KEYS),
    }
}
