//! What OCSF has no place for: the event's member `unmapped`. Texts are defanged.

use super::{CaseEvent, GUARDDUTY_LIMIT, lacks_attack_id};
use crate::message::{Alert, IndicatorGroup, Reason, Technique};
use crate::text::format::COVERAGE_MAX_CHARS;
use crate::text::guardduty_summary::{self, RenderedAnswer};
use gumshoe_domain::InvestigationSeverity;
use gumshoe_domain::text::defang;
use gumshoe_domain::verdict::AlertCause;
use serde::Serialize;

/// How many reasons, kinds of indicators and examples of each are in it.
const REASONS: usize = 12;
const KINDS: usize = 20;
const EXAMPLES: usize = 3;

/// The member `unmapped`. Its schema is docs/schemas/ocsf-unmapped.schema.json; members are only added.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Unmapped {
    /// Why people are notified of the case; nothing where the case ended quietly.
    #[cfg_attr(test, schemars(with = "Option<crate::message::schema::AlertCause>"))]
    cause: Option<AlertCause>,
    /// Counts the alerts of the case, from 1.
    revision: u32,
    /// Why the verdict is what it is, the reasons with most points first.
    reasons: Vec<WeighedReason>,
    /// Indicators by kind.
    indicators: Vec<CountedIndicators>,
    /// Detective's severity of the investigation.
    #[cfg_attr(test, schemars(with = "Option<crate::message::schema::InvestigationSeverity>"))]
    detective_severity: Option<InvestigationSeverity>,
    /// Detective's id of the investigation.
    investigation_id: Option<String>,
    /// Why there is no result of Detective's, in a sentence.
    not_investigated: Option<String>,
    /// Where the report is: `s3://BUCKET/KEY`.
    report: Option<String>,
    /// Techniques that MITRE ATT&CK has no id for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(default))]
    techniques: Vec<NamedTechnique>,
    /// Whether Detective and GuardDuty's AI say the same, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    engines: Option<String>,
    /// That Detective may not have seen everything, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<String>,
    /// Why there is no result of GuardDuty's, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    guardduty_investigation: Option<String>,
    /// True where lists were shortened so that the event is not too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    shortened: Option<bool>,
}

/// Points, and what they are for.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WeighedReason {
    /// A stable code; nothing for cases that an earlier release assessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// How many points it adds to the score.
    points: u8,
    /// Why, in a sentence.
    text: String,
}

/// Indicators of one kind, counted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CountedIndicators {
    /// Detective's name of the kind.
    kind: String,
    /// How many different ones there are.
    count: usize,
    /// Some of them in words.
    examples: Vec<String>,
}

/// A technique in the words of the service that observed it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct NamedTechnique {
    /// Its tactic.
    pub(super) tactic: String,
    /// Its name.
    pub(super) technique: String,
}

impl Unmapped {
    pub(super) fn of(alert: &Alert, event: CaseEvent) -> Self {
        let by_guardduty = match guardduty_summary::render(alert, GUARDDUTY_LIMIT, defang) {
            Some(RenderedAnswer::NoResult(line)) => Some(line),
            Some(RenderedAnswer::Result(_)) | None => None,
        };
        Self {
            cause: (event != CaseEvent::ClosedQuietly).then_some(alert.cause),
            revision: alert.revision,
            reasons: alert.verdict.reasons.iter().take(REASONS).map(reason).collect(),
            indicators: alert.indicators.iter().take(KINDS).map(counted).collect(),
            detective_severity: alert.detective_severity,
            investigation_id: alert.investigation.as_ref().map(|it| it.id.clone()),
            not_investigated: alert.not_investigated.as_ref().map(|why| defang(&why.explanation(), 500)),
            report: alert.report.as_ref().map(|place| format!("s3://{}/{}", place.bucket, place.key)),
            techniques: alert.techniques.iter().filter_map(technique).collect(),
            engines: alert.engines(),
            coverage: alert.coverage().map(|coverage| defang(&coverage, COVERAGE_MAX_CHARS)),
            guardduty_investigation: by_guardduty,
            shortened: None,
        }
    }
}

fn reason(Reason { code, points, text }: &Reason) -> WeighedReason {
    WeighedReason { code: code.clone(), points: *points, text: defang(text, 300) }
}

fn counted(group: &IndicatorGroup) -> CountedIndicators {
    CountedIndicators {
        kind: defang(&group.kind, 80),
        count: group.count,
        examples: group.examples.iter().take(EXAMPLES).map(|it| defang(it, 240)).collect(),
    }
}

fn technique(observed: &Technique) -> Option<NamedTechnique> {
    lacks_attack_id(observed)
        .then(|| NamedTechnique { tactic: defang(&observed.tactic, 80), technique: defang(&observed.technique, 80) })
}
