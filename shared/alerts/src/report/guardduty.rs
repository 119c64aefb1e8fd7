//! GuardDuty's investigation: all that is kept of it, as an AI wrote it.

use super::principal::{Fact, sentence};
use super::safe::{safe, span, time, whole};
use super::verdict::{class, risk};
use crate::message::{Alert, CompletedInvestigation, GuardDutyInvestigation};
use crate::text::guardduty_summary::{AI_NOTICE, INVESTIGATION_TITLE};

/// How many entries of a part are shown, and how much of each: more than there can be, links broken.
const ENTRIES: usize = 10;
const LENGTH: usize = 1_000;
/// How much of its reason.
const REASON: usize = 1_500;

/// The part of the page.
pub(super) struct Section {
    pub(super) title: String,
    /// That an AI wrote it; nothing where nothing of an AI's is there.
    pub(super) mark: &'static str,
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

/// The part of the page; nothing where GuardDuty was not to be asked.
pub(super) fn section(alert: &Alert) -> Option<Section> {
    let answer = alert.guardduty.as_ref()?;
    let title = INVESTIGATION_TITLE.replace('\'', "’");
    let GuardDutyInvestigation::Completed(completed) = answer else {
        return Some(Section {
            title,
            mark: "",
            line: Some(sentence(&safe(&answer.to_string(), 600))),
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
        part("Countermeasures it proposes", &summary.countermeasures, false),
    ];
    parts.retain(|part| !part.texts.is_empty());
    Some(Section {
        title,
        mark: AI_NOTICE,
        line: None,
        level: class(risk(completed.risk_level)),
        rating: format!("{} risk, confidence {}", completed.risk_level, completed.confidence),
        reason: completed.risk.as_deref().map(|risk| safe(risk, REASON)),
        facts: facts(completed),
        parts,
    })
}

fn part(name: &'static str, texts: &[String], is_wide: bool) -> Part {
    Part { name, texts: texts.iter().take(ENTRIES).map(|text| safe(text, LENGTH)).collect(), is_wide }
}

fn facts(completed: &CompletedInvestigation) -> Vec<Fact> {
    let mut facts = vec![Fact::set("Investigation", whole(&completed.investigation_id, 80), "mono")];
    facts.extend(match (completed.start_time, completed.end_time) {
        (Some(start), Some(end)) if start <= end => Some(Fact::plain("Began and ended", span(start, end))),
        (Some(start), _) => Some(Fact::plain("Began", time(start))),
        (None, Some(end)) => Some(Fact::plain("Ended", time(end))),
        (None, None) => None,
    });
    let origin =
        if completed.is_reused { "had been asked for by another case, and was reused" } else { "asked for this case" };
    facts.push(Fact::plain("Origin", origin.to_owned()));
    facts
}
