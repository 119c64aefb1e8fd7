//! Times, counts and lists as all channels show them.

use crate::message::{Alert, AlertFinding, Investigation};
use gumshoe_domain::coverage::graph_region;
use jiff::Timestamp;

/// Explanation of a resolved alert.
pub(crate) const RESOLVED: &str =
    "The earlier alert is resolved: with the evidence now available, the case would not be alerted.";

/// Longest warning about incomplete data of Detective.
pub(crate) const COVERAGE_MAX_CHARS: usize = 180;

/// Longest line about investigations in other Regions.
pub(crate) const OTHER_REGIONS_MAX_CHARS: usize = 240;

/// The case's investigations in other Regions than that of the last one; `None` if there are none.
pub(crate) fn other_region_investigations(alert: &Alert) -> Option<String> {
    let named =
        |it: &Investigation| format!("{} in {}", it.id, graph_region(&it.graph_arn).unwrap_or("another Region"));
    let all: Vec<String> = alert.elsewhere.iter().map(named).collect();
    (!all.is_empty()).then(|| format!("also investigated: {}", join_limited(&all, 4)))
}

/// A point in time to the minute, in UTC.
pub(crate) fn format_minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Such as `, last seen 2026-01-15 12:35 UTC`.
pub(crate) fn last_seen_suffix(time: Timestamp) -> String {
    format!(", last seen {}", format_minute(time))
}

/// When a finding was first and last seen.
pub(crate) fn seen_range(finding: &AlertFinding) -> String {
    let [first, last] =
        [finding.first_seen, finding.last_seen].map(|at| at.map_or_else(|| "?".to_owned(), format_minute));
    format!("{first} to {last}")
}

/// `once`, or such as `3 times`.
pub(crate) fn format_count(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// At most `limit` values, and the number of the others.
pub(crate) fn join_limited(values: &[String], limit: usize) -> String {
    let shown = values.iter().take(limit).map(String::as_str).collect::<Vec<_>>().join(", ");
    match values.len().saturating_sub(limit) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
