//! GuardDuty's investigation: all of it that is stored. An AI wrote its texts.

use super::principal::Fact;
use super::safe::{safe, span, time, whole};
use super::verdict::{class, risk};
use crate::message::{Alert, CompletedInvestigation, GuardDutyInvestigation};
use crate::text::guardduty_summary::{AI_NOTICE, INVESTIGATION_TITLE};
use crate::text::shorten::capitalize;

/// Entries of a part, and characters of each, defanged. Stored results have no more.
const ENTRIES_MAX: usize = 10;
const ENTRY_MAX_CHARS: usize = 1_000;
/// Characters of the reason.
const REASON_MAX_CHARS: usize = 1_500;

/// The section of the page.
pub(super) struct Section {
    pub(super) title: String,
    /// The AI notice; empty if there is no AI text.
    pub(super) ai_notice: &'static str,
    /// Why there is no result.
    pub(super) line: Option<String>,
    pub(super) level: &'static str,
    pub(super) rating: String,
    pub(super) reason: Option<String>,
    pub(super) facts: Vec<Fact>,
    pub(super) parts: Vec<Part>,
}

/// A part of the summary.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) texts: Vec<String>,
    /// Whether it needs the width of the page: others stand side by side.
    pub(super) is_wide: bool,
}

/// The section; `None` if no investigation was to be requested.
pub(super) fn section(alert: &Alert) -> Option<Section> {
    let answer = alert.guardduty.as_ref()?;
    let title = INVESTIGATION_TITLE.replace('\'', "’");
    let GuardDutyInvestigation::Completed(completed) = answer else {
        return Some(Section {
            title,
            ai_notice: "",
            line: Some(capitalize(&safe(&answer.to_string(), 600))),
            level: "",
            rating: String::new(),
            reason: None,
            facts: Vec::new(),
            parts: Vec::new(),
        });
    };
    let summary = &completed.summary;
    let mut parts = vec![
        part("Threat assessment", &summary.threat_assessment, true),
        part("Key observations", &summary.key_observations, false),
        part("Proposed countermeasures", &summary.countermeasures, false),
    ];
    parts.retain(|part| !part.texts.is_empty());
    Some(Section {
        title,
        ai_notice: AI_NOTICE,
        line: None,
        level: class(risk(completed.risk_level)),
        rating: format!("{} risk, confidence {}", completed.risk_level, completed.confidence),
        reason: completed.risk.as_deref().map(|risk| safe(risk, REASON_MAX_CHARS)),
        facts: facts(completed),
        parts,
    })
}

fn part(name: &'static str, texts: &[String], is_wide: bool) -> Part {
    Part { name, texts: texts.iter().take(ENTRIES_MAX).map(|text| safe(text, ENTRY_MAX_CHARS)).collect(), is_wide }
}

fn facts(completed: &CompletedInvestigation) -> Vec<Fact> {
    let mut facts = vec![Fact::styled("Investigation", whole(&completed.investigation_id, 80), "mono")];
    facts.extend(match (completed.start_time, completed.end_time) {
        (Some(start), Some(end)) if start <= end => Some(Fact::new("Start and end", span(start, end))),
        (Some(start), _) => Some(Fact::new("Start", time(start))),
        (None, Some(end)) => Some(Fact::new("End", time(end))),
        (None, None) => None,
    });
    let origin = if completed.is_reused { "requested by another case and reused" } else { "requested for this case" };
    facts.push(Fact::new("Origin", origin.to_owned()));
    facts
}
