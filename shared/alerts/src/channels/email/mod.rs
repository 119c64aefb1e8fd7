//! Text for people, as SNS mails it.

mod page;
mod safe;

use crate::channels::new_issue_lines;
use crate::message::Alert;
use crate::message::GraphHealthNotice;
use crate::text::format::format_minute;
use crate::text::graph_health::REMEDY;
use askama::Template;
use gumshoe_domain::text::one_line;
use page::Page;

/// The most that the body holds, in bytes.
pub const LIMIT: usize = 24 * 1024;
/// How many things that got worse in the behavior graph are listed.
const NEW_ISSUES_MAX: usize = 50;
/// What stands at the end of a body that was cut.
const CUT: &str = "\n(shortened; the report has the rest)\n";

/// The subject: ASCII, at most 99 characters, one line (SNS API Reference, Publish).
#[must_use]
pub fn subject(alert: &Alert) -> String {
    let update = if alert.revision > 1 { format!(" (update {})", alert.revision) } else { String::new() };
    let text = one_line(&format!("[Gumshoe] {}", alert.headline()), 300);
    let ascii: String = text.chars().map(|letter| if letter.is_ascii() { letter } else { '?' }).collect();
    let room = 99 - update.len();
    let cut = if ascii.len() > room { format!("{}...", &ascii[..room - 3]) } else { ascii };
    cut + &update
}

/// The body: at most [`LIMIT`] bytes. What attackers may have written is on one line, shortened, and cannot be clicked.
#[must_use]
pub fn body(alert: &Alert) -> String {
    let mut text = String::new();
    for extent in page::EXTENTS {
        // Writing to a String cannot fail.
        text = Page::new(alert, extent).render().unwrap_or_default();
        if text.len() <= LIMIT {
            return text;
        }
    }
    let room = LIMIT - CUT.len();
    let end = (0..=room).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
    text.truncate(end);
    text.push_str(CUT);
    text
}

/// The subject of a notice that the behavior graph got worse: ASCII, at most 99 characters, one line.
#[must_use]
pub fn graph_health_subject(notice: &GraphHealthNotice) -> String {
    let told = &notice.graph_health;
    let line = format!("[Gumshoe] Behavior graph of {} in {} got worse", told.account_id, told.region);
    one_line(&line, 99).chars().filter(char::is_ascii).collect()
}

/// The body of such a notice.
#[must_use]
pub fn graph_health(notice: &GraphHealthNotice) -> String {
    let health = &notice.graph_health;
    let page = GraphHealth {
        headline: notice.headline(),
        worse: new_issue_lines(notice, NEW_ISSUES_MAX).collect(),
        repeated: health.may_be_duplicate,
        standing: notice.totals(),
        next: REMEDY,
        graph: health.graph_arn.as_deref().map_or_else(|| "none".to_owned(), |arn| one_line(arn, 200)),
        at: format_minute(health.at),
        revision: health.revision,
    };
    // Writing to a String cannot fail.
    page.render().unwrap_or_default()
}

/// What the body of a notice is made of.
#[derive(Template)]
#[template(path = "graph-health.txt", escape = "none")]
struct GraphHealth {
    headline: String,
    worse: Vec<String>,
    repeated: bool,
    standing: String,
    next: &'static str,
    graph: String,
    at: String,
    revision: u32,
}

#[cfg(test)]
mod tests;
