//! What happened when: findings, what they say was done, and the case, on one track.
//!
//! ```text
//!            12:30     12:35     12:40     12:45
//! finding      ▇▇▇▇▇▇▇▇▇▇
//! call         ▪
//! opened                            ◆
//! scope     ‹░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
//! ```
//!
//! The track is as long as the activity and the case. What Detective looked at is often longer: it is a band behind all
//! rows, and goes on beyond the track's beginning where it does.

use super::axis::{Axis, Tick, in_css};
use super::findings::activity;
use super::safe::{finding_type, safe, span};
use super::verdict::class;
use crate::message::{Alert, Scope};
use gumshoe_domain::Finding;
use gumshoe_domain::finding::{Activity, worst_first};
use gumshoe_domain::verdict::AlertCause;
use jiff::Timestamp;

/// How many rows there are at most.
const ROWS: usize = 60;

/// A row of the timeline.
pub(super) struct Row {
    /// How it is drawn: of `style.css`.
    pub(super) class: &'static str,
    pub(super) level: &'static str,
    pub(super) time: String,
    pub(super) name: String,
    pub(super) note: String,
    pub(super) left: String,
    pub(super) width: String,
    /// It begins before the track.
    pub(super) goes_back: bool,
}

/// The timeline.
pub(super) struct Timeline {
    pub(super) ticks: Vec<Tick>,
    pub(super) rows: Vec<Row>,
    /// How many findings and calls are left out.
    pub(super) more: usize,
    /// How many findings do not say when.
    pub(super) without_time: usize,
    /// Where the band begins and ends.
    pub(super) band: Option<(String, String)>,
}

/// What happened, before it is drawn.
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
    // The worst findings stay, and calls as long as there is room; all others are counted.
    let room = ROWS - events.len() - 1;
    let mut happened = of_findings.chain(calls);
    events.extend(happened.by_ref().take(room));
    let more = happened.count();
    let scope = alert.investigation.as_ref().map(|investigation| investigation.scope);
    let axis = Axis::around(events.iter().flat_map(|event| [event.start, event.end]));
    events.extend(scope.map(looked_at));
    events.sort_by_key(|event| (event.start, event.end));
    let drawn = |axis: Axis| events.into_iter().map(move |event| row(axis, event)).collect();
    Timeline {
        ticks: axis.map(|axis| axis.ticks()).unwrap_or_default(),
        rows: axis.map(drawn).unwrap_or_default(),
        more,
        without_time: findings.iter().filter(|it| it.first_seen.or(it.last_seen).is_none()).count(),
        band: axis.zip(scope).map(|(axis, scope)| band(axis, scope)),
    }
}

fn mark(at: Timestamp, name: String, note: String) -> Event {
    Event { class: "mark", level: "", start: at, end: at, name, note }
}

fn verdict(alert: &Alert) -> String {
    match alert.cause {
        AlertCause::NotInvestigated => "not judged".to_owned(),
        _ => format!("{}, {} of 100", alert.verdict.level, alert.verdict.score),
    }
}

fn looked_at(scope: Scope) -> Event {
    let name = "Detective looked at this time".to_owned();
    Event { class: "scope", level: "", start: scope.start, end: scope.end, name, note: String::new() }
}

/// From first to last seen, with what was done where that has no times of its own.
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

/// From the earlier to the later, whichever of the two is known.
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
        left: in_css(left),
        width: in_css(right - left),
        goes_back: axis.begins_after(event.start),
    }
}

fn band(axis: Axis, scope: Scope) -> (String, String) {
    (in_css(axis.percent(scope.start)), in_css(axis.percent(scope.end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn rows_are_in_the_order_of_time_and_the_scope_goes_back() {
        let case = fixtures::high_risk();
        let timeline = timeline(&case.alert(), &case.findings);
        let classes: Vec<&str> = timeline.rows.iter().map(|row| row.class).collect();
        assert_eq!(classes, ["scope", "finding", "finding", "mark", "mark"]);
        assert!(timeline.rows[0].goes_back && timeline.rows[0].left == "0.00%");
        assert_eq!((timeline.more, timeline.without_time), (0, 0));
    }

    #[test]
    fn signals_have_rows_of_their_own_and_what_is_left_out_is_counted() {
        let mut case = fixtures::many();
        for finding in &mut case.findings {
            for call in &mut finding.activity {
                call.first_seen = finding.last_seen;
            }
        }
        case.findings[0].first_seen = None;
        case.findings[0].last_seen = None;
        let timeline = timeline(&case.alert(), &case.findings);
        assert_eq!((timeline.rows.len(), timeline.more, timeline.without_time), (ROWS, 49 + 50 - 57, 1));
        assert!(timeline.rows.iter().any(|row| row.class == "call" && row.name == "CreateAccessKey"));
    }
}
