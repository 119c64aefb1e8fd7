//! The parts of the text, in the order in which an analyst asks: who, how bad, why, what to do, what there is.

use crate::guardduty::{self, Amount, MARK, Told};
use crate::message::{Alert, AlertFinding, Principal};
use crate::text::details::{self, Room};
use crate::text::words::{COVERAGE, ELSEWHERE, RESOLVED, elsewhere, listed, minute, seen, times};
use gumshoe_domain::text::{defanged, finding_type, one_line, shorten, whole};
use gumshoe_domain::verdict::AlertCause;
use std::fmt::{self, Write};

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
    details: Room,
    /// How much of what the others say of it.
    others: Room,
    /// How much of GuardDuty's investigation.
    by_guardduty: Amount,
}

/// How many of the findings are told with all details.
const DETAILED: usize = 3;
const NOTHING: Room = Room { lines: 0, length: 0 };

/// What is written; then, where that would take the room of the links, what is written instead, step by step.
pub(super) const EXTENTS: [Extent; 3] = [
    Extent {
        findings: 10,
        details: Room { lines: 10, length: 240 },
        others: Room { lines: 2, length: 160 },
        by_guardduty: Amount { entries: 3, length: 240 },
    },
    Extent {
        findings: 8,
        details: Room { lines: 3, length: 120 },
        others: NOTHING,
        by_guardduty: Amount { entries: 1, length: 120 },
    },
    Extent { findings: 7, details: NOTHING, others: NOTHING, by_guardduty: Amount { entries: 1, length: 120 } },
];

pub(super) fn write(out: &mut String, alert: &Alert, extent: Extent) -> fmt::Result {
    let lead = alert.lead();
    writeln!(out, "{}\n{}\n{}\n", lead.headline, lead.why, lead.what)?;
    if alert.cause == AlertCause::Resolved {
        writeln!(out, "{RESOLVED}\n")?;
    }
    if alert.repeated {
        writeln!(out, "This message may have reached you before: the first time, SNS did not confirm it.\n")?;
    }
    principal(out, alert)?;
    verdict(out, alert)?;
    next_steps(out, alert)?;
    investigation(out, alert)?;
    by_guardduty(out, alert, extent.by_guardduty)?;
    findings(out, alert, extent)?;
    if !alert.links.is_empty() {
        writeln!(out, "LOOK")?;
        for link in &alert.links {
            writeln!(out, "  {}:\n    {}", link.label, link.url)?;
        }
        if alert.report.is_none() {
            writeln!(out, "  There is no report: it could not be written. The function's log says why.")?;
        }
        writeln!(out)?;
    }
    writeln!(out, "Case {}, revision {}, assessed {}", alert.case_id, alert.revision, minute(alert.assessed_at))
}

fn principal(out: &mut String, alert: &Alert) -> fmt::Result {
    writeln!(out, "WHO")?;
    match &alert.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => {
            writeln!(out, "  {} {}", alert.principal.kind(), defanged(&entity.name, 64))?;
            writeln!(out, "  {}", whole(&entity.arn, 700))?;
            if let Some(doubt) = &entity.doubt {
                writeln!(out, "  Not certain: {}", defanged(doubt, 400))?;
            }
            if let Some(session) = &entity.session_name {
                writeln!(out, "  session {}", defanged(session, 80))?;
            }
        }
        Principal::NotInvestigable(other) => {
            if other.name.is_some() || other.account_id.is_some() {
                writeln!(out, "  {}", defanged(&alert.principal.in_words(), 200))?;
            }
            writeln!(out, "  No IAM principal: {}", defanged(&other.explanation(), 400))?;
        }
    }
    for (index, other) in alert.others.iter().take(OTHERS).enumerate() {
        let word = if index == 0 { "also in these findings:" } else { "                       " };
        writeln!(out, "  {word} {}", defanged(other, 160))?;
    }
    let more = alert.others.len().saturating_sub(OTHERS) + alert.others_left_out;
    if more > 0 {
        writeln!(out, "  and {more} more")?;
    }
    let accounts: Vec<String> = alert.accounts.iter().map(|id| defanged(&alert.account(id), 80)).collect();
    writeln!(out, "  account {}, Region {}\n", listed(&accounts, 5), listed(&alert.regions, 5))
}

fn verdict(out: &mut String, alert: &Alert) -> fmt::Result {
    writeln!(out, "HOW BAD")?;
    if alert.cause == AlertCause::NotInvestigated {
        writeln!(out, "  Gumshoe:   not judged; the findings alone score {} of 100", alert.verdict.score)?;
    } else {
        writeln!(out, "  Gumshoe:   {}, {} of 100", alert.verdict.level, alert.verdict.score)?;
    }
    if let Some(worst) = alert.findings.first() {
        writeln!(out, "  GuardDuty: {}", worst.severity)?;
    }
    if let Some(severity) = alert.detective_severity {
        writeln!(out, "  Detective: {severity}")?;
    }
    if let Some(engines) = alert.engines() {
        writeln!(out, "  {engines}")?;
    }
    writeln!(out, "\nWHY")?;
    for reason in alert.reasons() {
        writeln!(out, "  +{:<3} {}", reason.points, defanged(&reason.text, 300))?;
    }
    writeln!(out)
}

fn next_steps(out: &mut String, alert: &Alert) -> fmt::Result {
    if alert.next_steps.is_empty() || alert.cause == AlertCause::Resolved {
        return Ok(());
    }
    writeln!(out, "NEXT")?;
    for (index, step) in alert.next_steps.iter().enumerate() {
        writeln!(out, "  {}. {}", index + 1, defanged(&step.text, 500))?;
        if let Some(command) = &step.command {
            writeln!(out, "     {}", one_line(command, 300))?;
        }
    }
    writeln!(out)
}

fn investigation(out: &mut String, alert: &Alert) -> fmt::Result {
    if let Some(not_investigated) = &alert.not_investigated {
        let title = guardduty::not_investigated(alert).to_uppercase();
        writeln!(out, "{title}\n  {}\n", defanged(&not_investigated.explanation(), 500))?;
    }
    let Some(investigation) = &alert.investigation else { return Ok(()) };
    writeln!(out, "{}", guardduty::investigation(alert).to_uppercase())?;
    let reused = if investigation.reused { ", started earlier and reused" } else { "" };
    writeln!(out, "  {}{reused}", investigation.id)?;
    let (start, end) = (minute(investigation.scope.start), minute(investigation.scope.end));
    writeln!(out, "  looked at {start} to {end}")?;
    if let Some(elsewhere) = elsewhere(alert) {
        writeln!(out, "  {}", one_line(&elsewhere, ELSEWHERE))?;
    }
    if let Some(coverage) = alert.coverage() {
        writeln!(out, "  {}", defanged(&coverage, COVERAGE))?;
    }
    for group in &alert.indicators {
        writeln!(out, "  {} x {}", group.count, defanged(group.in_words(), 60))?;
        for example in group.examples.iter().take(EXAMPLES) {
            writeln!(out, "      {}", defanged(example, 240))?;
        }
        if group.count > EXAMPLES {
            writeln!(out, "      and {} more", group.count - EXAMPLES)?;
        }
    }
    writeln!(out)
}

fn by_guardduty(out: &mut String, alert: &Alert, amount: Amount) -> fmt::Result {
    let title = guardduty::TITLE.to_uppercase();
    match guardduty::told(alert, amount, defanged) {
        None => return Ok(()),
        Some(Told::Line(line)) => writeln!(out, "{title}\n  {line}")?,
        Some(Told::Result(shown)) => {
            writeln!(out, "{title} ({MARK})\n  {}", shown.rating)?;
            for line in shown.parts.iter().flat_map(|part| part.written("  - ")) {
                writeln!(out, "  {line}")?;
            }
        }
    }
    writeln!(out)
}

fn findings(out: &mut String, alert: &Alert, extent: Extent) -> fmt::Result {
    writeln!(out, "FINDINGS ({})", alert.finding_count)?;
    let most = extent.findings;
    for (index, finding) in alert.findings.iter().take(most).enumerate() {
        let AlertFinding { finding_type: kind, severity, title, count, account_id, region, .. } = finding;
        writeln!(out, "  {severity} {}, seen {}", finding_type(kind, 120), times(*count))?;
        if finding.suppressed > 0 {
            writeln!(out, "      came again {} without an alert", times(finding.suppressed))?;
        }
        writeln!(out, "      {}", defanged(title, 200))?;
        for activity in &finding.activity {
            writeln!(out, "      {}", defanged(activity, 240))?;
        }
        let room = if index < DETAILED { extent.details } else { extent.others };
        for line in details::lines(finding, room, defanged) {
            writeln!(out, "      {line}")?;
        }
        writeln!(out, "      {}, account {account_id}, {region}", seen(finding))?;
        if let Some(key) = &finding.access_key_id {
            writeln!(out, "      access key {}", defanged(key, 128))?;
        }
        writeln!(out, "      id {}", shorten(&finding.id, 64))?;
    }
    let more = alert.finding_count.saturating_sub(most.min(alert.findings.len()));
    if more > 0 {
        writeln!(out, "  and {more} more")?;
    }
    writeln!(out)
}
