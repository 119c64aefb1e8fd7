//! Data for which OCSF has no member: the event's `unmapped`. Texts are defanged.

use super::{CaseEvent, GUARDDUTY_LIMIT, lacks_attack_id};
use crate::message::{Alert, IndicatorGroup, Reason, Technique};
use crate::text::format::COVERAGE_MAX_CHARS;
use crate::text::guardduty_summary::{self, RenderedAnswer};
use gumshoe_domain::InvestigationSeverity;
use gumshoe_domain::text::defang;
use gumshoe_domain::verdict::AlertCause;
use serde::Serialize;

/// Number of reasons, of kinds of indicators, and of examples of each kind.
const REASONS_MAX: usize = 12;
const KINDS_MAX: usize = 20;
const EXAMPLES_MAX: usize = 3;

/// The member `unmapped` of Gumshoe's OCSF events. Members are only added.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Unmapped {
    /// Why the case is alerted; `null` if the case was closed without an alert.
    #[cfg_attr(test, schemars(with = "Option<crate::message::schema::AlertCause>"))]
    cause: Option<AlertCause>,
    /// The number of the alert within the case, from 1.
    revision: u32,
    /// The reasons for the score, those with the most points first.
    reasons: Vec<ScoredReason>,
    /// Detective's indicators, grouped by kind.
    indicators: Vec<IndicatorCount>,
    /// Detective's severity of the investigation; `null` if there is no result.
    #[cfg_attr(test, schemars(with = "Option<crate::message::schema::InvestigationSeverity>"))]
    detective_severity: Option<InvestigationSeverity>,
    /// Detective's id of the investigation; `null` if there is none.
    investigation_id: Option<String>,
    /// Why Detective returned no result, as a sentence; `null` if it did.
    not_investigated: Option<String>,
    /// The location of the report: `s3://BUCKET/KEY`; `null` if the report could not be written.
    report: Option<String>,
    /// The attack techniques for which MITRE ATT&CK has no id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    techniques: Vec<NamedTechnique>,
    /// A sentence that compares the ratings of Detective and GuardDuty's AI.
    #[serde(skip_serializing_if = "Option::is_none")]
    engines: Option<String>,
    /// A sentence that states why Detective's data may be incomplete.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<String>,
    /// Why GuardDuty's investigation has no result, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    guardduty_investigation: Option<String>,
    /// `true` if lists were shortened, because the event would have been too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    shortened: Option<bool>,
}

/// A reason for the score, with its points.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ScoredReason {
    /// A stable code. Missing if an earlier release assessed the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The points that the reason adds to the score; 0 if it is for information only.
    points: u8,
    /// The reason as a sentence.
    text: String,
}

/// Detective's indicators of one kind.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct IndicatorCount {
    /// Detective's name of the kind.
    kind: String,
    /// Number of distinct indicators.
    count: usize,
    /// Some of the indicators as text.
    examples: Vec<String>,
}

/// An attack technique, as named by the service that observed it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct NamedTechnique {
    /// The name of the tactic.
    pub(super) tactic: String,
    /// The name of the technique.
    pub(super) technique: String,
}

impl Unmapped {
    pub(super) fn of(alert: &Alert, event: CaseEvent) -> Self {
        let no_guardduty_result = match guardduty_summary::render(alert, GUARDDUTY_LIMIT, defang) {
            Some(RenderedAnswer::NoResult(line)) => Some(line),
            Some(RenderedAnswer::Result(_)) | None => None,
        };
        Self {
            cause: (event != CaseEvent::ClosedQuietly).then_some(alert.cause),
            revision: alert.revision,
            reasons: alert.verdict.reasons.iter().take(REASONS_MAX).map(reason).collect(),
            indicators: alert.indicators.iter().take(KINDS_MAX).map(indicator_count).collect(),
            detective_severity: alert.detective_severity,
            investigation_id: alert.investigation.as_ref().map(|it| it.id.clone()),
            not_investigated: alert.not_investigated.as_ref().map(|why| defang(&why.explanation(), 500)),
            report: alert.report.as_ref().map(|it| format!("s3://{}/{}", it.bucket, it.key)),
            techniques: alert.techniques.iter().filter_map(technique).collect(),
            engines: alert.engines(),
            coverage: alert.coverage().map(|coverage| defang(&coverage, COVERAGE_MAX_CHARS)),
            guardduty_investigation: no_guardduty_result,
            shortened: None,
        }
    }
}

fn reason(Reason { code, points, text }: &Reason) -> ScoredReason {
    ScoredReason { code: code.clone(), points: *points, text: defang(text, 300) }
}

fn indicator_count(group: &IndicatorGroup) -> IndicatorCount {
    IndicatorCount {
        kind: defang(&group.kind, 80),
        count: group.count,
        examples: group.examples.iter().take(EXAMPLES_MAX).map(|it| defang(it, 240)).collect(),
    }
}

fn technique(observed: &Technique) -> Option<NamedTechnique> {
    lacks_attack_id(observed)
        .then(|| NamedTechnique { tactic: defang(&observed.tactic, 80), technique: defang(&observed.technique, 80) })
}
