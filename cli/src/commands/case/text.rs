//! A case as text. The sentences are those of the alert; text from findings is defanged.

use super::view::{CaseView, Event, EventKind, FindingRow};
use crate::output::{Report, bold, paint, table};
use anstyle::AnsiColor;
use gumshoe_domain::case::CaseStatus;
use gumshoe_domain::case::feedback::Feedback;
use gumshoe_domain::text::{defang, defang_finding_type, defang_links_only, one_line};
use gumshoe_domain::verdict::VerdictLevel;
use jiff::Timestamp;

/// Longest sentence, in characters.
const SENTENCE_MAX_CHARS: usize = 600;
/// Longest id, URL or command.
const ID_MAX_CHARS: usize = 1000;

impl Report for CaseView {
    fn text(&self) -> String {
        let parts = [
            header(self),
            section("Timeline", timeline(self)),
            section("Findings", findings(self)),
            section("Verdict", reasons(self)),
            section("Investigations", engines(self)),
            section("Next steps", next_steps(self)),
            section("Links", links(self)),
            section("Stored", stored(self)),
            section("Feedback", feedback(self)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
    }
}

/// A heading with its lines; `None` without lines.
fn section(heading: &str, lines: Vec<String>) -> Option<String> {
    (!lines.is_empty()).then(|| format!("{}\n{}", bold(heading), lines.join("\n")))
}

fn header(view: &CaseView) -> Option<String> {
    let headline = match (&view.alert, view.level) {
        (Some(alert), Some(level)) => paint(level_color(level), &alert.headline(ID_MAX_CHARS)),
        _ => bold(&format!("Not assessed yet: {}", one_line(&view.principal, SENTENCE_MAX_CHARS))),
    };
    let account = view.account_id.as_deref().map(|id| {
        let name = view.account_name.as_deref().map(|name| format!(" ({})", defang(name, 128))).unwrap_or_default();
        format!("{}{name}", one_line(id, 40))
    });
    let level = view.level.zip(view.score).map(|(level, score)| format!("{level}, {score} of 100 points"));
    let why = view.alert.as_ref().map(|alert| alert.summary_lines().why).filter(|why| !why.is_empty());
    let rows = [
        ("Case", Some(view.case_id.clone())),
        ("Status", Some(status(view))),
        ("Level", level),
        ("Principal", Some(defang_links_only(&view.principal, SENTENCE_MAX_CHARS))),
        ("Subject", Some(defang_links_only(&view.subject, ID_MAX_CHARS))),
        ("Account", account),
        ("Reason", why),
    ];
    let rows = rows.into_iter().filter_map(|(name, value)| Some(format!("  {name:<10} {}", value?)));
    Some(std::iter::once(headline).chain(rows).collect::<Vec<_>>().join("\n"))
}

fn level_color(level: VerdictLevel) -> AnsiColor {
    match level {
        VerdictLevel::Critical | VerdictLevel::High => AnsiColor::Red,
        VerdictLevel::Medium => AnsiColor::Yellow,
        VerdictLevel::Low | VerdictLevel::Informational => AnsiColor::Green,
    }
}

fn status(view: &CaseView) -> String {
    let status = match view.status {
        CaseStatus::Open => "open",
        CaseStatus::Sealed => "open, accepts no more findings",
        CaseStatus::Watching => "watched until its follow-up investigation",
        CaseStatus::Closed => "closed",
    };
    let outcome = match (view.published_revision, view.alert_cause, view.level) {
        (1.., _, _) => format!("alerted, revision {}", view.published_revision),
        (0, Some(_), _) => "its alert is not published yet".to_owned(),
        (0, None, Some(_)) if view.is_already_notified => {
            "no alert: an earlier case notified people of the same outcome".to_owned()
        }
        (0, None, Some(_)) => "no alert: the level is below the alert threshold".to_owned(),
        (0, None, None) => "not assessed".to_owned(),
    };
    format!("{status}; {outcome}")
}

fn second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn timeline(view: &CaseView) -> Vec<String> {
    let line = |Event { at, event, detail }: &Event| {
        let what = match event {
            EventKind::Opened => "opened",
            EventKind::InvestigatedUntil => "Detective investigates the activity until here",
            EventKind::Assessed => "assessed",
            EventKind::Alerted => "alerted",
            EventKind::FollowUpStarted => "follow-up started",
            EventKind::WatchedUntil => "watched until here",
            EventKind::Closed => "closed",
        };
        let detail = detail.as_deref().map(|detail| format!(" ({})", one_line(detail, 200))).unwrap_or_default();
        format!("  {}  {what}{detail}", second(*at))
    };
    view.timeline.iter().map(line).collect()
}

fn findings(view: &CaseView) -> Vec<String> {
    if view.findings.is_empty() {
        return Vec::new();
    }
    let row = |it: &FindingRow| {
        vec![
            it.severity.to_string(),
            defang_finding_type(&it.finding_type, 120),
            one_line(&it.region, 30),
            it.count.to_string(),
            it.last_seen.map(second).unwrap_or_default(),
            one_line(&it.id, 80),
        ]
    };
    let headings = ["Severity", "Type", "Region", "Count", "Last seen", "Id"];
    vec![table(&headings, view.findings.iter().map(row)).to_string()]
}

fn reasons(view: &CaseView) -> Vec<String> {
    let line = |points: u8, text: &str| format!("  {points:>3}  {}", defang(text, SENTENCE_MAX_CHARS));
    let scored = view.reasons.iter().map(|it| line(it.points, &it.text));
    let unresolved = view.alert.as_ref().and_then(|alert| alert.unresolved_reason());
    let unresolved = unresolved.filter(|_| view.alert_cause.is_some());
    scored.chain(unresolved.map(|why| format!("  {}", defang(&why, SENTENCE_MAX_CHARS)))).collect()
}

fn engines(view: &CaseView) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(severity) = view.detective_severity {
        lines.push(format!("  Detective: severity {severity}"));
    }
    if let Some(why) = &view.not_investigated {
        lines.push(format!("  Detective: no result. {}", defang(&why.explanation(), SENTENCE_MAX_CHARS)));
    }
    lines.extend(view.investigations.iter().map(|it| format!("  Detective: investigation {}", one_line(&it.id, 40))));
    let Some(alert) = &view.alert else { return lines };
    lines.extend(alert.coverage().map(|coverage| format!("  {}", defang(&coverage, SENTENCE_MAX_CHARS))));
    let guardduty = alert.guardduty_lines();
    let indented = |(index, line): (usize, &String)| {
        if index == 0 { format!("  GuardDuty: {line}") } else { format!("    {line}") }
    };
    lines.extend(guardduty.iter().enumerate().map(indented));
    lines
}

fn next_steps(view: &CaseView) -> Vec<String> {
    let lines = view.next_steps.iter().enumerate().flat_map(|(index, step)| {
        let text = format!("  {}. {}", index + 1, defang(&step.text, SENTENCE_MAX_CHARS));
        let command = step.command.as_ref().map(|command| format!("       {}", one_line(command, ID_MAX_CHARS)));
        std::iter::once(text).chain(command)
    });
    lines.collect()
}

fn links(view: &CaseView) -> Vec<String> {
    view.links
        .iter()
        .map(|link| format!("  {}\n    {}", one_line(&link.label, 100), one_line(&link.url, ID_MAX_CHARS)))
        .collect()
}

fn stored(view: &CaseView) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(report) = &view.report {
        lines.push(format!("  Report: s3://{}/{}", report.bucket, report.key));
        lines.push(format!("          gumshoe report {} --open", view.case_id));
    }
    if let Some(evidence) = &view.evidence {
        lines.push(format!("  Evidence: {} files in {}", evidence.files.len(), evidence.folder.display()));
    }
    lines
}

fn feedback(view: &CaseView) -> Vec<String> {
    let line = |it: &Feedback| {
        let note = it.note.as_deref().map(|note| format!(": {}", defang(note, SENTENCE_MAX_CHARS))).unwrap_or_default();
        format!("  {}  {} by {}{note}", second(it.at), it.rating.as_str(), one_line(&it.by, 200))
    };
    view.feedback.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_alerts::fixtures::{self, Case};
    use gumshoe_domain::CaseRecord;
    use gumshoe_domain::case::feedback::Rating;
    use gumshoe_domain::case::{CaseProgress, FindingRecord};

    fn view(case: Case, change: impl FnOnce(&mut CaseProgress)) -> CaseView {
        let mut progress = case.record.progress;
        change(&mut progress);
        let record = |finding| FindingRecord { finding, case: progress.number, suppressed_count: 0, version: 1 };
        let findings: Vec<FindingRecord> = case.findings.into_iter().map(record).collect();
        CaseView::new(&CaseRecord { assessment: Some(case.assessment), progress, ..case.record }, &findings)
    }

    fn plain(view: &CaseView) -> String {
        anstream::adapter::strip_str(&view.text()).to_string()
    }

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    fn alerted(progress: &mut CaseProgress) {
        (progress.status, progress.published_revision) = (CaseStatus::Closed, 1);
        progress.alerted_at = at("2026-01-15T12:45:03Z");
        progress.closed_at = at("2026-01-15T12:45:04Z");
    }

    #[test]
    fn an_alerted_case_is_shown_with_all_that_is_known() {
        let view = view(fixtures::guardduty_disagrees(), alerted);
        insta::assert_snapshot!("alerted", plain(&view));
        insta::with_settings!({sort_maps => true}, { insta::assert_json_snapshot!("alerted-json", view) });
    }

    #[test]
    fn a_case_without_a_result_says_why() {
        insta::assert_snapshot!("not-investigated", plain(&view(fixtures::nothing_investigated(), alerted)));
    }

    #[test]
    fn a_quiet_case_says_why_there_is_no_alert() {
        let mut case = fixtures::one();
        case.assessment.alert_cause = None;
        let watching = |progress: &mut CaseProgress| {
            (progress.status, progress.watch_until) = (CaseStatus::Watching, at("2026-01-15T18:35:00Z"));
        };
        let view = view(case, watching);
        assert!(
            status(&view).starts_with("watched until its follow-up investigation; no alert: "),
            "{}",
            status(&view)
        );
        let lines = timeline(&view);
        assert!(lines.iter().any(|line| line.contains("assessed (quiet)")), "{lines:?}");
        assert_eq!(lines.last().unwrap(), "  2026-01-15 18:35:00 UTC  watched until here");
    }

    #[test]
    fn feedback_is_shown_with_its_author() {
        let mut view = view(fixtures::one(), alerted);
        let by = "arn:aws:sts::111122223333:assumed-role/operators/alice";
        view.feedback = vec![Feedback::new(Rating::Expected, Some("ticket 4711"), by, Timestamp::UNIX_EPOCH)];
        let text = plain(&view);
        let line = format!("Feedback\n  1970-01-01 00:00:00 UTC  expected by {by}: ticket 4711");
        assert!(text.ends_with(&line), "{text}");
    }

    #[test]
    fn a_case_that_is_not_assessed_is_shown() {
        let case = fixtures::one();
        let view = CaseView::new(&CaseRecord { assessment: None, ..case.record }, &[]);
        let text = plain(&view);
        assert!(text.starts_with("Not assessed yet: IAM role web-role"), "{text}");
        assert!(text.contains("open; not assessed"), "{text}");
    }

    /// Names, titles and AI texts that attackers wrote have no control characters and no links to click.
    #[test]
    fn hostile_text_is_defanged() {
        let text = plain(&view(fixtures::hostile(), alerted));
        let own_url = |line: &&str| line.trim_start().starts_with("https://console.");
        let others: Vec<&str> = text.lines().filter(|line| !own_url(line)).collect();
        assert!(others.iter().all(|line| !line.contains("://") || line.contains("s3://")), "{others:#?}");
        assert!(!text.chars().any(|it| it.is_control() && it != '\n'), "{text:?}");
    }
}
