//! What the template `email.txt` shows. The wording and the order are there; here values are selected and made safe.

use super::safe::Safe;
use crate::message::{Alert, AlertFinding, IndicatorGroup, Principal};
use crate::text::details::{self, LineLimit};
use crate::text::format::{
    COVERAGE, ELSEWHERE, RESOLVED, format_count, format_minute, join_limited, other_region_investigations, seen_range,
};
use crate::text::guardduty_summary::{self, AI_NOTICE, EntryLimit, RenderedAnswer};
use askama::Template;
use gumshoe_domain::text::{defang, one_line};
use gumshoe_domain::verdict::AlertCause;

/// How many others behind the same findings it names.
const OTHERS: usize = 5;
/// How many examples of each kind of indicator it shows.
const EXAMPLES: usize = 3;

/// How much of what may be long is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// How many findings the text lists; all are counted.
    findings: usize,
    /// How much of what the worst findings say of who and what took part.
    details: LineLimit,
    /// How much of what the others say of it.
    others: LineLimit,
    /// How much of GuardDuty's investigation.
    by_guardduty: EntryLimit,
}

/// How many of the findings are told with all details.
const DETAILED: usize = 3;
const NOTHING: LineLimit = LineLimit { lines: 0, chars: 0 };

/// What is written; then, where that would take the room of the links, what is written instead, step by step.
pub(super) const EXTENTS: [Extent; 3] = [
    Extent {
        findings: 10,
        details: LineLimit { lines: 10, chars: 240 },
        others: LineLimit { lines: 2, chars: 160 },
        by_guardduty: EntryLimit { entries: 3, chars: 240 },
    },
    Extent {
        findings: 8,
        details: LineLimit { lines: 3, chars: 120 },
        others: NOTHING,
        by_guardduty: EntryLimit { entries: 1, chars: 120 },
    },
    Extent { findings: 7, details: NOTHING, others: NOTHING, by_guardduty: EntryLimit { entries: 1, chars: 120 } },
];

/// An alert as the e-mail shows it. Text is [`Safe`] or a constant.
#[derive(Template)]
#[template(path = "email.txt", escape = "none")]
pub(super) struct Page {
    headline: Safe,
    why: Safe,
    what: Safe,
    resolved: Option<&'static str>,
    repeated: bool,
    entity: Option<Entity>,
    no_principal: Option<NoPrincipal>,
    others: Vec<Safe>,
    more_others: usize,
    accounts: Safe,
    regions: Safe,
    judged: bool,
    level: Safe,
    score: Safe,
    guardduty_severity: Option<Safe>,
    detective_severity: Option<Safe>,
    engines: Option<Safe>,
    reasons: Vec<Reason>,
    steps: Vec<Step>,
    not_investigated: Option<NotInvestigated>,
    investigation: Option<Investigation>,
    guardduty_title: &'static str,
    ai_mark: &'static str,
    no_guardduty_result: Option<Safe>,
    guardduty_result: Option<GuardDutyResult>,
    finding_count: usize,
    findings: Vec<Finding>,
    more_findings: usize,
    links: Vec<Link>,
    has_report: bool,
    case_id: Safe,
    revision: u32,
    assessed: Safe,
}

struct Entity {
    kind: Safe,
    name: Safe,
    arn: Safe,
    doubt: Option<Safe>,
    session: Option<Safe>,
}

struct NoPrincipal {
    name: Option<Safe>,
    explanation: Safe,
}

struct Reason {
    points: Safe,
    text: Safe,
}

struct Step {
    text: Safe,
    command: Option<Safe>,
}

struct NotInvestigated {
    title: &'static str,
    explanation: Safe,
}

struct Investigation {
    title: &'static str,
    id: Safe,
    reused: bool,
    start: Safe,
    end: Safe,
    elsewhere: Option<Safe>,
    coverage: Option<Safe>,
    groups: Vec<Group>,
}

struct Group {
    count: usize,
    name: Safe,
    examples: Vec<Safe>,
    more: usize,
}

struct GuardDutyResult {
    rating: Safe,
    parts: Vec<Part>,
}

struct Part {
    name: &'static str,
    lines: Vec<Safe>,
}

struct Finding {
    severity: Safe,
    kind: Safe,
    times: Safe,
    suppressed: Option<Safe>,
    title: Safe,
    activity: Vec<Safe>,
    details: Vec<Safe>,
    seen: Safe,
    account_id: Safe,
    region: Safe,
    access_key: Option<Safe>,
    id: Safe,
}

struct Link {
    label: Safe,
    url: Safe,
}

impl Page {
    pub(super) fn new(alert: &Alert, extent: Extent) -> Self {
        let summary = alert.summary_lines();
        let is_resolved = alert.cause == AlertCause::Resolved;
        let (entity, no_principal) = principal(alert);
        let accounts: Vec<String> = alert.accounts.iter().map(|id| defang(&alert.account(id), 80)).collect();
        let (no_guardduty_result, guardduty_result) =
            match guardduty_summary::render(alert, extent.by_guardduty, defang) {
                None => (None, None),
                Some(RenderedAnswer::NoResult(line)) => (Some(Safe::line(line)), None),
                Some(RenderedAnswer::Result(shown)) => (None, Some(shown.into())),
            };
        let shown = alert.findings.iter().take(extent.findings).enumerate();
        Self {
            headline: Safe::line(summary.headline),
            why: Safe::line(summary.why),
            what: Safe::line(summary.what),
            resolved: is_resolved.then_some(RESOLVED),
            repeated: alert.repeated,
            entity,
            no_principal,
            others: alert.others.iter().take(OTHERS).map(|other| Safe::quoted(other, 160)).collect(),
            more_others: alert.others.len().saturating_sub(OTHERS) + alert.omitted_others,
            accounts: Safe::line(join_limited(&accounts, 5)),
            regions: Safe::quoted(&join_limited(&alert.regions, 5), 400),
            judged: alert.cause != AlertCause::NotInvestigated,
            level: Safe::line(alert.verdict.level),
            score: Safe::line(alert.verdict.score),
            guardduty_severity: alert.findings.first().map(|worst| Safe::line(worst.severity)),
            detective_severity: alert.detective_severity.map(Safe::line),
            engines: alert.engines().map(Safe::line),
            reasons: reasons(alert),
            steps: if is_resolved { Vec::new() } else { steps(alert) },
            not_investigated: alert.not_investigated.as_ref().map(|why| NotInvestigated {
                title: guardduty_summary::not_investigated_title(alert),
                explanation: Safe::quoted(&why.explanation(), 500),
            }),
            investigation: investigation(alert),
            guardduty_title: guardduty_summary::INVESTIGATION_TITLE,
            ai_mark: AI_NOTICE,
            no_guardduty_result,
            guardduty_result,
            finding_count: alert.finding_count,
            findings: shown.map(|(index, finding)| Finding::new(finding, extent.room(index))).collect(),
            more_findings: alert.finding_count.saturating_sub(extent.findings.min(alert.findings.len())),
            links: alert
                .links
                .iter()
                .map(|link| Link { label: Safe::line(&link.label), url: Safe::line(&link.url) })
                .collect(),
            has_report: alert.report.is_some(),
            case_id: Safe::line(&alert.case_id),
            revision: alert.revision,
            assessed: Safe::line(format_minute(alert.assessed_at)),
        }
    }
}

impl Extent {
    /// How much of what a finding says of who and what took part.
    fn room(&self, index: usize) -> LineLimit {
        if index < DETAILED { self.details } else { self.others }
    }
}

fn principal(alert: &Alert) -> (Option<Entity>, Option<NoPrincipal>) {
    match &alert.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => {
            let shown = Entity {
                kind: Safe::line(alert.principal.kind_label()),
                name: Safe::quoted(&entity.name, 64),
                arn: Safe::whole(&entity.arn, 700),
                doubt: entity.doubt.as_ref().map(|doubt| Safe::quoted(doubt, 400)),
                session: entity.session_name.as_ref().map(|session| Safe::quoted(session, 80)),
            };
            (Some(shown), None)
        }
        Principal::NotInvestigable(other) => {
            let is_named = other.name.is_some() || other.account_id.is_some();
            let shown = NoPrincipal {
                name: is_named.then(|| Safe::quoted(&alert.principal.to_string(), 200)),
                explanation: Safe::quoted(&other.explanation(), 400),
            };
            (None, Some(shown))
        }
    }
}

fn reasons(alert: &Alert) -> Vec<Reason> {
    let reason = |points, text: &str| Reason { points: Safe::line(points), text: Safe::quoted(text, 300) };
    alert.reasons().map(|it| reason(it.points, &it.text)).collect()
}

fn steps(alert: &Alert) -> Vec<Step> {
    let command = |command: &String| Safe::line(one_line(command, 300));
    alert
        .next_steps
        .iter()
        .map(|step| Step { text: Safe::quoted(&step.text, 500), command: step.command.as_ref().map(command) })
        .collect()
}

fn investigation(alert: &Alert) -> Option<Investigation> {
    let investigation = alert.investigation.as_ref()?;
    Some(Investigation {
        title: guardduty_summary::detective_investigation_title(alert),
        id: Safe::line(&investigation.id),
        reused: investigation.is_reused,
        start: Safe::line(format_minute(investigation.scope.start)),
        end: Safe::line(format_minute(investigation.scope.end)),
        elsewhere: other_region_investigations(alert).map(|elsewhere| Safe::line(one_line(&elsewhere, ELSEWHERE))),
        coverage: alert.coverage().map(|coverage| Safe::quoted(&coverage, COVERAGE)),
        groups: alert.indicators.iter().map(Group::new).collect(),
    })
}

impl Group {
    fn new(group: &IndicatorGroup) -> Self {
        Self {
            count: group.count,
            name: Safe::quoted(group.label(), 60),
            examples: group.examples.iter().take(EXAMPLES).map(|example| Safe::quoted(example, 240)).collect(),
            more: group.count.saturating_sub(EXAMPLES),
        }
    }
}

impl From<guardduty_summary::RenderedResult> for GuardDutyResult {
    fn from(shown: guardduty_summary::RenderedResult) -> Self {
        let part =
            |part: &guardduty_summary::Part| Part { name: part.name, lines: part.lines().map(Safe::line).collect() };
        Self { rating: Safe::line(&shown.rating), parts: shown.parts.iter().map(part).collect() }
    }
}

impl Part {
    /// The only line, which is shown beside the name.
    fn only(&self) -> Option<&Safe> {
        if let [only] = self.lines.as_slice() { Some(only) } else { None }
    }
}

impl Finding {
    fn new(finding: &AlertFinding, room: LineLimit) -> Self {
        Self {
            severity: Safe::line(finding.severity),
            kind: Safe::finding_type(&finding.finding_type),
            times: Safe::line(format_count(finding.count)),
            suppressed: (finding.suppressed > 0).then(|| Safe::line(format_count(finding.suppressed))),
            title: Safe::quoted(&finding.title, 200),
            activity: finding.activity.iter().map(|activity| Safe::quoted(activity, 240)).collect(),
            details: details::detail_lines(finding, room, defang).into_iter().map(Safe::line).collect(),
            seen: Safe::line(seen_range(finding)),
            account_id: Safe::quoted(&finding.account_id, 80),
            region: Safe::quoted(&finding.region, 80),
            access_key: finding.access_key_id.as_ref().map(|key| Safe::quoted(key, 128)),
            id: Safe::whole(&finding.id, 64),
        }
    }
}
