//! Findings, their activity and the case, on one time axis.
//!
//! ```text
//!            12:30     12:35     12:40     12:45
//! finding      ▇▇▇▇▇▇▇▇▇▇
//! call         ▪
//! opened                            ◆
//! scope     ‹░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
//! ```
//!
//! The axis covers the activity and the case. The scope of Detective's investigation is often longer: it is a band behind all rows,
//! and its bar has an open end if it starts before the axis.

use super::axis::{Axis, Tick, css_percent};
use super::findings::activity;
use super::safe::{finding_type, safe, span};
use super::verdict::class;
use crate::message::{Alert, Scope};
use gumshoe_domain::Finding;
use gumshoe_domain::finding::{Activity, worst_first};
use gumshoe_domain::verdict::AlertCause;
use jiff::Timestamp;

/// Number of rows.
const ROWS_MAX: usize = 60;

/// A row of the timeline.
pub(super) struct Row {
    /// The class in `style.css`.
    pub(super) class: &'static str,
    pub(super) level: &'static str,
    pub(super) time: String,
    pub(super) name: String,
    pub(super) note: String,
    pub(super) left: String,
    pub(super) width: String,
    /// It starts before the axis.
    pub(super) starts_before_axis: bool,
}

/// The timeline.
pub(super) struct Timeline {
    pub(super) ticks: Vec<Tick>,
    pub(super) rows: Vec<Row>,
    /// Number of omitted findings and calls.
    pub(super) more: usize,
    /// Number of findings without a time.
    pub(super) without_time: usize,
    /// Start and end of the scope's band, in percent.
    pub(super) scope_band: Option<(String, String)>,
}

/// An event, before its position on the axis is known.
struct Event {
    class: &'static str,
    level: &'static str,
    start: Timestamp,
    end: Timestamp,
    name: String,
    note: String,
}

pub(super) fn timeline(alert: &Alert, findings: &[Finding]) -> Timeline {
    let mut events = vec![
        mark(alert.opened_at, "Case opened".to_owned(), String::new()),
        mark(alert.assessed_at, "Case assessed".to_owned(), verdict(alert)),
    ];
    let findings = worst_first(findings);
    let of_findings = findings.iter().filter_map(|finding| of_finding(finding));
    let calls = findings.iter().flat_map(|it| it.activity.iter().chain(&it.details.other_calls)).filter_map(of_call);
    // The worst findings come first, then calls up to the limit; the others are only counted.
    let room = ROWS_MAX - events.len() - 1;
    let mut happened = of_findings.chain(calls);
    events.extend(happened.by_ref().take(room));
    let more = happened.count();
    let scope = alert.investigation.as_ref().map(|investigation| investigation.scope);
    let axis = Axis::around(events.iter().flat_map(|event| [event.start, event.end]));
    events.extend(scope.map(scope_event));
    events.sort_by_key(|event| (event.start, event.end));
    let drawn = |axis: Axis| events.into_iter().map(move |event| row(axis, event)).collect();
    Timeline {
        ticks: axis.map(|axis| axis.ticks()).unwrap_or_default(),
        rows: axis.map(drawn).unwrap_or_default(),
        more,
        without_time: findings.iter().filter(|it| it.first_seen.or(it.last_seen).is_none()).count(),
        scope_band: axis.zip(scope).map(|(axis, scope)| scope_band(axis, scope)),
    }
}

fn mark(at: Timestamp, name: String, note: String) -> Event {
    Event { class: "mark", level: "", start: at, end: at, name, note }
}

fn verdict(alert: &Alert) -> String {
    match alert.cause {
        AlertCause::NotInvestigated => "no level (not investigated)".to_owned(),
        _ => format!("{}, {} of 100", alert.verdict.level, alert.verdict.score),
    }
}

fn scope_event(scope: Scope) -> Event {
    let name = "Scope of Detective’s investigation".to_owned();
    Event { class: "scope", level: "", start: scope.start, end: scope.end, name, note: String::new() }
}

/// From first to last seen, with the activity that has no times of its own.
fn of_finding(finding: &Finding) -> Option<Event> {
    let (start, end) = times(finding.first_seen, finding.last_seen)?;
    let untimed = || finding.activity.iter().filter(|it| times(it.first_seen, it.last_seen).is_none());
    let more = match untimed().count() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let done = untimed().next().map(|first| activity(first) + &more).unwrap_or_default();
    let band = finding.severity.band().to_string();
    let name = format!("{} {}", finding_type(&finding.finding_type), finding.severity);
    Some(Event { class: "finding", level: class(&band), start, end, name, note: done })
}

/// A call or a signal that has its own times.
fn of_call(call: &Activity) -> Option<Event> {
    let (start, end) = times(call.first_seen, call.last_seen)?;
    let name = safe(&call.name, 160);
    let note = activity(call).strip_prefix(&format!("{name}, ")).map(str::to_owned).unwrap_or_default();
    Some(Event { class: "call", level: "", start, end, name, note })
}

/// From the earlier to the later; one of the two is enough.
fn times(first: Option<Timestamp>, last: Option<Timestamp>) -> Option<(Timestamp, Timestamp)> {
    let (first, last) = (first.or(last)?, last.or(first)?);
    Some((first.min(last), first.max(last)))
}

fn row(axis: Axis, event: Event) -> Row {
    let (left, right) = (axis.percent(event.start), axis.percent(event.end));
    Row {
        class: event.class,
        level: event.level,
        time: span(event.start, event.end),
        name: event.name,
        note: event.note,
        left: css_percent(left),
        width: css_percent(right - left),
        starts_before_axis: axis.starts_after(event.start),
    }
}

fn scope_band(axis: Axis, scope: Scope) -> (String, String) {
    (css_percent(axis.percent(scope.start)), css_percent(axis.percent(scope.end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn rows_are_in_the_order_of_time_and_the_scope_starts_before_axis() {
        let case = fixtures::high_risk();
        let timeline = timeline(&case.alert(), &case.findings);
        let classes: Vec<&str> = timeline.rows.iter().map(|row| row.class).collect();
        assert_eq!(classes, ["scope", "finding", "finding", "mark", "mark"]);
        assert!(timeline.rows[0].starts_before_axis && timeline.rows[0].left == "0.00%");
        assert_eq!((timeline.more, timeline.without_time), (0, 0));
    }

    #[test]
    fn timed_calls_have_rows_and_omitted_ones_are_counted() {
        let mut case = fixtures::many();
        for finding in &mut case.findings {
            for call in &mut finding.activity {
                call.first_seen = finding.last_seen;
            }
        }
        case.findings[0].first_seen = None;
        case.findings[0].last_seen = None;
        let timeline = timeline(&case.alert(), &case.findings);
        assert_eq!((timeline.rows.len(), timeline.more, timeline.without_time), (ROWS_MAX, 49 + 50 - 57, 1));
        assert!(timeline.rows.iter().any(|row| row.class == "call" && row.name == "CreateAccessKey"));
    }
}
