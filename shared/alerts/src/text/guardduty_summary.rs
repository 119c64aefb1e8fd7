//! GuardDuty's investigation, in the words that every channel uses. An AI wrote its texts, of what attackers may have
//! written: each channel escapes them in its way, shows little, and has the [`AI_NOTICE`] above.

use crate::message::{Alert, CompletedInvestigation, GuardDutyInvestigation};
use crate::text::format::format_minute;
use gumshoe_domain::verdict::AlertCause;

/// What stands above all that an AI wrote.
pub(crate) const AI_NOTICE: &str = "written by AI: check before you act";
/// What the part is called.
pub(crate) const INVESTIGATION_TITLE: &str = "GuardDuty's investigation";
/// The longest line about an investigation that has no result.
const NO_RESULT_MAX_CHARS: usize = 480;

/// How much of it a channel shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryLimit {
    /// How many entries of each part.
    pub(crate) entries: usize,
    /// How many characters of each.
    pub(crate) chars: usize,
}

/// What a channel tells of GuardDuty's side of a case. All of it is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RenderedAnswer {
    /// A result, to be marked as an AI's.
    Result(RenderedResult),
    /// There is none, and why, on one line.
    NoResult(String),
}

/// A result, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RenderedResult {
    /// How bad, how sure and when.
    pub(crate) rating: String,
    /// Why it thinks so, what it makes of it, what it saw and what it proposes: those that there are.
    pub(crate) parts: Vec<Part>,
}

/// A part of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// What it is, for people.
    pub(crate) name: &'static str,
    /// What it is, for machines.
    pub(crate) key: &'static str,
    /// Its entries.
    pub(crate) texts: Vec<String>,
    /// Said where there are more.
    pub(crate) omitted_note: Option<&'static str>,
}

impl Part {
    /// The entries, and that there are more.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str).chain(self.omitted_note)
    }

    /// The part as lines of text: beside its name where it has one entry only, else below it, each after `bullet`.
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

/// What is told of it; nothing where GuardDuty was not to be asked. `escape` makes a text safe for the channel, at no more
/// characters than it is given, defanged and on one line.
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
        part("Its reason", "risk", completed.risk.as_slice()),
        part("Its assessment", "threat_assessment", &summary.threat_assessment),
        part("It observed", "key_observations", &summary.key_observations),
    ];
    // What no longer stands asks for nothing to be done.
    if alert.cause != AlertCause::Resolved {
        parts.push(part("It proposes", "countermeasures", &summary.countermeasures));
    }
    parts.retain(|part| !part.texts.is_empty());
    Some(RenderedAnswer::Result(RenderedResult { rating: rating(completed), parts }))
}

/// How bad, how sure and when: of GuardDuty's own words and a time.
fn rating(completed: &CompletedInvestigation) -> String {
    let ended = completed.end_time.map(|at| format!(", ended {}", format_minute(at))).unwrap_or_default();
    format!("{} risk, confidence {}{ended}", completed.risk_level, completed.confidence)
}

/// What Detective's investigation is called: where there are two, whose it is.
pub(crate) fn detective_investigation_title(alert: &Alert) -> &'static str {
    if alert.guardduty.is_some() { "Detective's investigation" } else { "Investigation" }
}

/// Whom a case was not investigated by, for the title above the reason.
pub(crate) fn not_investigated_title(alert: &Alert) -> &'static str {
    if alert.guardduty_result().is_some() { "Not investigated by Detective" } else { "Not investigated" }
}

#[cfg(test)]
mod tests;
