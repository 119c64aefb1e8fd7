//! The findings, the worst first, with their activity.

use super::safe::{finding_type, safe, time, whole};
use super::table::{Cell, Column, Table, styled_column, text_column};
use super::verdict::class;
use crate::message::Alert;
use crate::text::finding as finding_text;
use gumshoe_domain::Finding;
use gumshoe_domain::finding::{Activity, worst_first};

/// Bytes of all rows.
const ROWS_MAX_BYTES: usize = 192 * 1024;
/// Activities of a finding.
const ACTIVITIES_MAX: usize = 5;
/// Lines of details of a finding.
const DETAILS_MAX: usize = 40;

const COLUMNS: &[Column] = &[
    styled_column("Severity", "tag"),
    styled_column("Finding", "wide"),
    styled_column("First and last seen", "time"),
    styled_column("Count", "number"),
    text_column("Account"),
    styled_column("Access key", "mono key"),
];

pub(super) fn table(alert: &Alert, findings: &[Finding]) -> Table {
    let mut table = Table::new("The worst first".to_owned(), COLUMNS, ROWS_MAX_BYTES);
    for finding in worst_first(findings) {
        table.push(|| row(alert, finding));
    }
    table
}

fn row(alert: &Alert, finding: &Finding) -> Vec<Cell> {
    let mut lines = vec![safe(&finding.title, 300)];
    lines.extend(finding.activity.iter().take(ACTIVITIES_MAX).map(activity));
    let more = finding.activity.len().saturating_sub(ACTIVITIES_MAX);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.extend(finding_text::details(&finding.details).iter().take(DETAILS_MAX).map(|line| safe(line, 600)));
    lines.push(format!("id {}", whole(&finding.id, 64)));
    let band = finding.severity.band().to_string();
    let account = match finding.owner() {
        Some(id) => alert.account(id),
        None => finding_text::account(finding),
    };
    let seen = |at: Option<_>| at.map_or_else(|| "–".to_owned(), time);
    vec![
        Cell { level: class(&band), text: format!("{:.1} {band}", finding.severity.value()), lines: Vec::new() },
        Cell { text: finding_type(&finding.finding_type), lines, level: "" },
        Cell { text: seen(finding.first_seen), lines: vec![seen(finding.last_seen)], level: "" },
        finding.count.to_string().into(),
        Cell { text: safe(&account, 80), lines: vec![safe(&finding.region, 40)], level: "" },
        finding.access_key_id.as_deref().map_or_else(|| "–".to_owned(), |key| safe(key, 128)).into(),
    ]
}

/// The activity in a sentence.
pub(super) fn activity(activity: &Activity) -> String {
    safe(&finding_text::activity(activity), 300)
}
