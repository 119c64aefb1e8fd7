//! The values of the template `email.txt`. The template has wording and order; here values are selected and escaped.

use super::safe::SafeText;
use crate::message::{Alert, AlertFinding, IndicatorGroup, Principal};
use crate::text::details::{self, LineLimit};
use crate::text::format::{
    COVERAGE_MAX_CHARS, OTHER_REGIONS_MAX_CHARS, RESOLVED, format_count, format_minute, join_limited,
    other_region_investigations, seen_range,
};
use crate::text::guardduty_summary::{self, AI_NOTICE, EntryLimit, RenderedAnswer};
use askama::Template;
use gumshoe_domain::text::{defang, one_line};
use gumshoe_domain::verdict::AlertCause;

/// Number of other principals that are named.
const OTHERS_MAX: usize = 5;
/// Number of examples of each kind of indicator.
const EXAMPLES_MAX: usize = 3;

/// Limits of the parts that may be long.
#[derive(Debug, Clone, Copy)]
pub(super) struct DetailLimits {
    /// Number of findings that are listed. The count includes the others.
    findings: usize,
    /// Details of the first [`DETAILED_FINDINGS_MAX`] findings.
    details: LineLimit,
    /// Details of the other findings.
    others: LineLimit,
    /// GuardDuty's investigation.
    guardduty: EntryLimit,
}

/// Number of findings that are shown with all details.
const DETAILED_FINDINGS_MAX: usize = 3;
const NO_LINES: LineLimit = LineLimit { lines: 0, chars: 0 };

/// The limits, from the highest to the lowest: the first with which the body is short enough is used.
pub(super) const LIMITS_BY_STEP: [DetailLimits; 3] = [
    DetailLimits {
        findings: 10,
        details: LineLimit { lines: 10, chars: 240 },
        others: LineLimit { lines: 2, chars: 160 },
        guardduty: EntryLimit { entries: 3, chars: 240 },
    },
    DetailLimits {
        findings: 8,
        details: LineLimit { lines: 3, chars: 120 },
        others: NO_LINES,
        guardduty: EntryLimit { entries: 1, chars: 120 },
    },
    DetailLimits { findings: 7, details: NO_LINES, others: NO_LINES, guardduty: EntryLimit { entries: 1, chars: 120 } },
];

/// An alert as the e-mail shows it. Text is [`SafeText`] or a constant.
#[derive(Template)]
#[template(path = "email.txt", escape = "none")]
pub(super) struct Page {
    headline: SafeText,
    why: SafeText,
    what: SafeText,
    resolved: Option<&'static str>,
    may_be_duplicate: bool,
    entity: Option<Entity>,
    no_principal: Option<NoPrincipal>,
    others: Vec<SafeText>,
    more_others: usize,
    accounts: SafeText,
    regions: SafeText,
    is_scored: bool,
    level: SafeText,
    score: SafeText,
    guardduty_severity: Option<SafeText>,
    detective_severity: Option<SafeText>,
    engines: Option<SafeText>,
    reasons: Vec<Reason>,
    steps: Vec<Step>,
    not_investigated: Option<NotInvestigated>,
    investigation: Option<Investigation>,
    guardduty_title: &'static str,
    ai_mark: &'static str,
    no_guardduty_result: Option<SafeText>,
    guardduty_result: Option<GuardDutyResult>,
    finding_count: usize,
    findings: Vec<Finding>,
    more_findings: usize,
    links: Vec<Link>,
    has_report: bool,
    case_id: SafeText,
    revision: u32,
    assessed: SafeText,
}

struct Entity {
    kind: SafeText,
    name: SafeText,
    arn: SafeText,
    doubt: Option<SafeText>,
    session: Option<SafeText>,
}

struct NoPrincipal {
    name: Option<SafeText>,
    explanation: SafeText,
}

struct Reason {
    points: SafeText,
    text: SafeText,
}

struct Step {
    text: SafeText,
    command: Option<SafeText>,
}

struct NotInvestigated {
    title: &'static str,
    explanation: SafeText,
}

struct Investigation {
    title: &'static str,
    id: SafeText,
    reused: bool,
    start: SafeText,
    end: SafeText,
    elsewhere: Option<SafeText>,
    coverage: Option<SafeText>,
    groups: Vec<Group>,
}

struct Group {
    count: usize,
    name: SafeText,
    examples: Vec<SafeText>,
    more: usize,
}

struct GuardDutyResult {
    rating: SafeText,
    parts: Vec<Part>,
}

struct Part {
    name: &'static str,
    lines: Vec<SafeText>,
}

struct Finding {
    severity: SafeText,
    kind: SafeText,
    times: SafeText,
    suppressed: Option<SafeText>,
    title: SafeText,
    activity: Vec<SafeText>,
    details: Vec<SafeText>,
    seen: SafeText,
    account_id: SafeText,
    region: SafeText,
    access_key: Option<SafeText>,
    id: SafeText,
}

struct Link {
    label: SafeText,
    url: SafeText,
}

impl Page {
    pub(super) fn new(alert: &Alert, limits: DetailLimits) -> Self {
        let summary = alert.summary_lines();
        let is_resolved = alert.cause == AlertCause::Resolved;
        let (entity, no_principal) = principal(alert);
        let accounts: Vec<String> = alert.accounts.iter().map(|id| defang(&alert.account(id), 80)).collect();
        let (no_guardduty_result, guardduty_result) = match guardduty_summary::render(alert, limits.guardduty, defang) {
            None => (None, None),
            Some(RenderedAnswer::NoResult(line)) => (Some(SafeText::trusted(line)), None),
            Some(RenderedAnswer::Result(shown)) => (None, Some(shown.into())),
        };
        let shown = alert.findings.iter().take(limits.findings).enumerate();
        Self {
            headline: SafeText::trusted(summary.headline),
            why: SafeText::trusted(summary.why),
            what: SafeText::trusted(summary.what),
            resolved: is_resolved.then_some(RESOLVED),
            may_be_duplicate: alert.repeated,
            entity,
            no_principal,
            others: alert.others.iter().take(OTHERS_MAX).map(|other| SafeText::untrusted(other, 160)).collect(),
            more_others: alert.others.len().saturating_sub(OTHERS_MAX) + alert.omitted_others,
            accounts: SafeText::trusted(join_limited(&accounts, 5)),
            regions: SafeText::untrusted(&join_limited(&alert.regions, 5), 400),
            is_scored: alert.cause != AlertCause::NotInvestigated,
            level: SafeText::trusted(alert.verdict.level),
            score: SafeText::trusted(alert.verdict.score),
            guardduty_severity: alert.findings.first().map(|worst| SafeText::trusted(worst.severity)),
            detective_severity: alert.detective_severity.map(SafeText::trusted),
            engines: alert.engines().map(SafeText::trusted),
            reasons: reasons(alert),
            steps: if is_resolved { Vec::new() } else { steps(alert) },
            not_investigated: alert.not_investigated.as_ref().map(|why| NotInvestigated {
                title: guardduty_summary::not_investigated_title(alert),
                explanation: SafeText::untrusted(&why.explanation(), 500),
            }),
            investigation: investigation(alert),
            guardduty_title: guardduty_summary::INVESTIGATION_TITLE,
            ai_mark: AI_NOTICE,
            no_guardduty_result,
            guardduty_result,
            finding_count: alert.finding_count,
            findings: shown.map(|(index, finding)| Finding::new(finding, limits.of_finding(index))).collect(),
            more_findings: alert.finding_count.saturating_sub(limits.findings.min(alert.findings.len())),
            links: alert
                .links
                .iter()
                .map(|link| Link { label: SafeText::trusted(&link.label), url: SafeText::trusted(&link.url) })
                .collect(),
            has_report: alert.report.is_some(),
            case_id: SafeText::trusted(&alert.case_id),
            revision: alert.revision,
            assessed: SafeText::trusted(format_minute(alert.assessed_at)),
        }
    }
}

impl DetailLimits {
    fn of_finding(&self, index: usize) -> LineLimit {
        if index < DETAILED_FINDINGS_MAX { self.details } else { self.others }
    }
}

fn principal(alert: &Alert) -> (Option<Entity>, Option<NoPrincipal>) {
    match &alert.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => {
            let shown = Entity {
                kind: SafeText::trusted(alert.principal.kind_label()),
                name: SafeText::untrusted(&entity.name, 64),
                arn: SafeText::copyable(&entity.arn, 700),
                doubt: entity.doubt.as_ref().map(|doubt| SafeText::untrusted(doubt, 400)),
                session: entity.session_name.as_ref().map(|session| SafeText::untrusted(session, 80)),
            };
            (Some(shown), None)
        }
        Principal::NotInvestigable(other) => {
            let is_named = other.name.is_some() || other.account_id.is_some();
            let shown = NoPrincipal {
                name: is_named.then(|| SafeText::untrusted(&alert.principal.to_string(), 200)),
                explanation: SafeText::untrusted(&other.explanation(), 400),
            };
            (None, Some(shown))
        }
    }
}

fn reasons(alert: &Alert) -> Vec<Reason> {
    let reason =
        |points, text: &str| Reason { points: SafeText::trusted(points), text: SafeText::untrusted(text, 300) };
    alert.reasons().map(|it| reason(it.points, &it.text)).collect()
}

fn steps(alert: &Alert) -> Vec<Step> {
    let command = |command: &String| SafeText::trusted(one_line(command, 300));
    alert
        .next_steps
        .iter()
        .map(|step| Step { text: SafeText::untrusted(&step.text, 500), command: step.command.as_ref().map(command) })
        .collect()
}

fn investigation(alert: &Alert) -> Option<Investigation> {
    let investigation = alert.investigation.as_ref()?;
    Some(Investigation {
        title: guardduty_summary::detective_investigation_title(alert),
        id: SafeText::trusted(&investigation.id),
        reused: investigation.is_reused,
        start: SafeText::trusted(format_minute(investigation.scope.start)),
        end: SafeText::trusted(format_minute(investigation.scope.end)),
        elsewhere: other_region_investigations(alert)
            .map(|elsewhere| SafeText::trusted(one_line(&elsewhere, OTHER_REGIONS_MAX_CHARS))),
        coverage: alert.coverage().map(|coverage| SafeText::untrusted(&coverage, COVERAGE_MAX_CHARS)),
        groups: alert.indicators.iter().map(Group::new).collect(),
    })
}

impl Group {
    fn new(group: &IndicatorGroup) -> Self {
        Self {
            count: group.count,
            name: SafeText::untrusted(group.label(), 60),
            examples: group
                .examples
                .iter()
                .take(EXAMPLES_MAX)
                .map(|example| SafeText::untrusted(example, 240))
                .collect(),
            more: group.count.saturating_sub(EXAMPLES_MAX),
        }
    }
}

impl From<guardduty_summary::RenderedResult> for GuardDutyResult {
    fn from(shown: guardduty_summary::RenderedResult) -> Self {
        let part = |part: &guardduty_summary::Part| Part {
            name: part.name,
            lines: part.lines().map(SafeText::trusted).collect(),
        };
        Self { rating: SafeText::trusted(&shown.rating), parts: shown.parts.iter().map(part).collect() }
    }
}

impl Part {
    /// The only line, which is shown after the name on the same line; `None` if there are several.
    fn only(&self) -> Option<&SafeText> {
        if let [only] = self.lines.as_slice() { Some(only) } else { None }
    }
}

impl Finding {
    fn new(finding: &AlertFinding, room: LineLimit) -> Self {
        Self {
            severity: SafeText::trusted(finding.severity),
            kind: SafeText::finding_type(&finding.finding_type),
            times: SafeText::trusted(format_count(finding.count)),
            suppressed: (finding.suppressed > 0).then(|| SafeText::trusted(format_count(finding.suppressed))),
            title: SafeText::untrusted(&finding.title, 200),
            activity: finding.activity.iter().map(|activity| SafeText::untrusted(activity, 240)).collect(),
            details: details::detail_lines(finding, room, defang).into_iter().map(SafeText::trusted).collect(),
            seen: SafeText::trusted(seen_range(finding)),
            account_id: SafeText::untrusted(&finding.account_id, 80),
            region: SafeText::untrusted(&finding.region, 80),
            access_key: finding.access_key_id.as_ref().map(|key| SafeText::untrusted(key, 128)),
            id: SafeText::copyable(&finding.id, 64),
        }
    }
}
