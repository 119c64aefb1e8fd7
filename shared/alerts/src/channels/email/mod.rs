//! The text that SNS sends as an e-mail.

mod page;
mod safe;

use crate::channels::new_issue_lines;
use crate::message::Alert;
use crate::message::GraphHealthNotice;
use crate::text::format::format_minute;
use crate::text::graph_health::REMEDY;
use crate::text::shorten::longest_fitting;
use crate::text::summary::HEADLINE_MAX_CHARS;
use askama::Template;
use gumshoe_domain::text::one_line;
use page::Page;

/// Longest body, in bytes.
pub const MAX_BYTES: usize = 24 * 1024;
/// Longest subject: SNS takes fewer than 100 characters (SNS API Reference, Publish).
const SUBJECT_MAX_CHARS: usize = 99;
const SUBJECT_PREFIX: &str = "[Gumshoe] ";
/// Number of new issues of the behavior graph that an e-mail lists.
const NEW_ISSUES_MAX: usize = 50;
/// The end of a body that was truncated.
const TRUNCATION_NOTICE: &str = "\n(shortened; the report has the rest)\n";

/// The subject: one line of ASCII, at most 99 characters (SNS API Reference, Publish). An id is never cut; a long name is
/// shortened in its middle.
#[must_use]
pub fn subject(alert: &Alert) -> String {
    let update = if alert.revision > 1 { format!(" (update {})", alert.revision) } else { String::new() };
    subject_of(&update, |limit| alert.headline(limit))
}

/// The prefix, the longest headline that fits as ASCII, and the suffix.
fn subject_of(suffix: &str, headline: impl Fn(usize) -> String) -> String {
    let room = SUBJECT_MAX_CHARS.saturating_sub(SUBJECT_PREFIX.len() + suffix.len());
    // An ellipsis is three characters of ASCII, so a headline that fits may not fit as ASCII.
    let headline = longest_fitting(room, |limit| ascii(&headline(limit)));
    format!("{SUBJECT_PREFIX}{headline}{suffix}")
}

fn ascii(text: &str) -> String {
    let letters = text.replace('…', "...");
    letters.chars().map(|letter| if letter.is_ascii() { letter } else { '?' }).collect()
}

/// The body: at most [`MAX_BYTES`] bytes. Text that attackers may have written is on one line, shortened and defanged.
#[must_use]
pub fn body(alert: &Alert) -> String {
    let mut text = String::new();
    for limits in page::LIMITS_BY_STEP {
        // Writing to a String cannot fail.
        text = Page::new(alert, limits).render().unwrap_or_default();
        if text.len() <= MAX_BYTES {
            return text;
        }
    }
    let room = MAX_BYTES - TRUNCATION_NOTICE.len();
    let end = (0..=room).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
    text.truncate(end);
    text.push_str(TRUNCATION_NOTICE);
    text
}

/// The subject of a notice of new issues of the behavior graph: one line of ASCII, at most 99 characters.
#[must_use]
pub fn graph_health_subject(notice: &GraphHealthNotice) -> String {
    subject_of("", |limit| notice.headline(limit))
}

/// The body of a notice of new issues of the behavior graph.
#[must_use]
pub fn graph_health(notice: &GraphHealthNotice) -> String {
    let health = &notice.graph_health;
    let page = GraphHealth {
        headline: notice.headline(HEADLINE_MAX_CHARS),
        new_issues: new_issue_lines(notice, NEW_ISSUES_MAX).collect(),
        may_be_duplicate: health.may_be_duplicate,
        totals: notice.totals(),
        remedy: REMEDY,
        graph: health.graph_arn.as_deref().map_or_else(|| "none".to_owned(), |arn| one_line(arn, 200)),
        at: format_minute(health.at),
        revision: health.revision,
    };
    // Writing to a String cannot fail.
    page.render().unwrap_or_default()
}

/// The values of the template `graph-health.txt`.
#[derive(Template)]
#[template(path = "graph-health.txt", escape = "none")]
struct GraphHealth {
    headline: String,
    new_issues: Vec<String>,
    may_be_duplicate: bool,
    totals: String,
    remedy: &'static str,
    graph: String,
    at: String,
    revision: u32,
}

#[cfg(test)]
mod tests;
