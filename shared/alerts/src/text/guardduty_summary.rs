//! GuardDuty's investigation, as all channels show it. An AI wrote its texts and may repeat what attackers wrote: each channel escapes
//! them, limits their length, and shows the [`AI_NOTICE`] before them.

use crate::message::{Alert, CompletedInvestigation, GuardDutyInvestigation};
use crate::text::format::format_minute;
use gumshoe_domain::text::defang;
use gumshoe_domain::verdict::AlertCause;

/// Shown before every text that an AI wrote.
pub(crate) const AI_NOTICE: &str = "written by AI: check before you act";
/// The title of the part.
pub(crate) const INVESTIGATION_TITLE: &str = "GuardDuty's investigation";
/// Longest line about an investigation without a result.
const NO_RESULT_MAX_CHARS: usize = 480;

/// How much of the result a channel shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryLimit {
    /// Entries of each part.
    pub(crate) entries: usize,
    /// Characters of each entry.
    pub(crate) chars: usize,
}

/// GuardDuty's investigation of a case, escaped for the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RenderedAnswer {
    /// A result. Show it with [`AI_NOTICE`].
    Result(RenderedResult),
    /// Why there is no result, on one line.
    NoResult(String),
}

/// The result, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RenderedResult {
    /// Risk level, confidence and end time.
    pub(crate) rating: String,
    /// Reason, assessment, observations and proposed countermeasures, without empty parts.
    pub(crate) parts: Vec<Part>,
}

/// A part of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its name for people.
    pub(crate) name: &'static str,
    /// Its name in JSON.
    pub(crate) key: &'static str,
    /// Its entries.
    pub(crate) texts: Vec<String>,
    /// Shown after the entries if others are omitted.
    pub(crate) omitted_note: Option<&'static str>,
}

impl Part {
    /// The entries, and the note that others are omitted.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str).chain(self.omitted_note)
    }

    /// The part as lines of text: a single entry follows the name, several are below it, each after `bullet`.
    pub(crate) fn to_lines(&self, bullet: &str) -> Vec<String> {
        match (self.texts.as_slice(), self.omitted_note) {
            ([only], None) => vec![format!("{}: {only}", self.name)],
            _ => {
                let name = format!("{}:", self.name);
                std::iter::once(name).chain(self.lines().map(|line| format!("{bullet}{line}"))).collect()
            }
        }
    }
}

/// GuardDuty's investigation for a channel; `None` if none was to be requested. `escape` escapes a text for the channel, defanged, on
/// one line and with at most the given number of characters.
pub(crate) fn render(
    alert: &Alert,
    limit: EntryLimit,
    escape: impl Fn(&str, usize) -> String,
) -> Option<RenderedAnswer> {
    let answer = alert.guardduty.as_ref()?;
    let GuardDutyInvestigation::Completed(completed) = answer else {
        return Some(RenderedAnswer::NoResult(escape(&answer.to_string(), NO_RESULT_MAX_CHARS)));
    };
    let more = if alert.report.is_some() { "and more in the report" } else { "and more" };
    let summary = &completed.summary;
    let part = |name, key, texts: &[String]| Part {
        name,
        key,
        texts: texts.iter().take(limit.entries).map(|text| escape(text, limit.chars)).collect(),
        omitted_note: (texts.len() > limit.entries).then_some(more),
    };
    let mut parts = vec![
        part("Reason", "risk", completed.risk.as_slice()),
        part("Assessment", "threat_assessment", &summary.threat_assessment),
        part("Observations", "key_observations", &summary.key_observations),
    ];
    // A resolved alert has no countermeasures.
    if alert.cause != AlertCause::Resolved {
        parts.push(part("Proposed countermeasures", "countermeasures", &summary.countermeasures));
    }
    parts.retain(|part| !part.texts.is_empty());
    Some(RenderedAnswer::Result(RenderedResult { rating: rating(completed), parts }))
}

/// The investigation as lines of text, with the notice, defanged; empty if none was to be requested.
pub(crate) fn lines(alert: &Alert) -> Vec<String> {
    match render(alert, EntryLimit { entries: 5, chars: 400 }, defang) {
        None => Vec::new(),
        Some(RenderedAnswer::NoResult(why)) => vec![why],
        Some(RenderedAnswer::Result(RenderedResult { rating, parts })) => {
            let parts = parts.iter().flat_map(|part| part.to_lines("- "));
            std::iter::once(format!("{rating} ({AI_NOTICE})")).chain(parts).collect()
        }
    }
}

/// Risk level, confidence and end time.
fn rating(completed: &CompletedInvestigation) -> String {
    let ended = completed.end_time.map(|at| format!(", ended {}", format_minute(at))).unwrap_or_default();
    format!("{} risk, confidence {}{ended}", completed.risk_level, completed.confidence)
}

/// The title of Detective's investigation: with its owner if GuardDuty has one as well.
pub(crate) fn detective_investigation_title(alert: &Alert) -> &'static str {
    if alert.guardduty.is_some() { "Detective's investigation" } else { "Investigation" }
}

/// The title above the reason for which Detective has no result.
pub(crate) fn not_investigated_title(alert: &Alert) -> &'static str {
    if alert.guardduty_result().is_some() { "Not investigated by Detective" } else { "Not investigated" }
}

#[cfg(test)]
mod tests;
