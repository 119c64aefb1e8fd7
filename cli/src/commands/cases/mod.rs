//! `gumshoe cases`: lists cases, the latest first.

mod filter;

use crate::context::Context;
use crate::error::CliError;
use crate::output::{self, Outcome, Report};
use clap::Args;
use filter::{Filter, State};
use futures_util::future::try_join_all;
use gumshoe_alerts::text::principal::principal_label;
use gumshoe_aws::case_table::{CaseListEntry, CaseTable};
use gumshoe_domain::VerdictLevel;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

const AFTER_HELP: &str = "\
States:
  open              is investigated now
  watching          quiet; waits for its follow-up investigation
  alerted           people were notified of it
  quiet             ended without an alert
  not-investigated  has no result of an investigation

The listing reads an index of the table, which is some seconds behind it. Cases that an earlier version assessed show no level.

Examples:
  gumshoe cases --state alerted --level high --since 24h
  gumshoe cases --principal report-exporter --account 111122223333 --since 2026-11-01
  gumshoe cases --json | jq '.cases[].case_id'";

/// Arguments of `gumshoe cases`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Only cases in this state; may be given several times.
    #[arg(long, value_enum)]
    state: Vec<State>,
    /// Only cases whose principal or subject contains this text.
    #[arg(long, value_name = "TEXT")]
    principal: Option<String>,
    /// Only cases of principals of this account.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Only cases of this level or above: informational, low, medium, high or critical.
    #[arg(long, value_parser = level, value_name = "LEVEL")]
    level: Option<VerdictLevel>,
    /// Only cases that were opened since then: 24h, 7d, a date, or a time such as 2026-11-30T22:00:00Z.
    #[arg(long, value_parser = since, default_value = "7d", value_name = "TIME")]
    since: Since,
    /// The most cases to list.
    #[arg(long, default_value_t = 50, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

/// From when cases are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Ago(SignedDuration),
    At(Timestamp),
}

impl Since {
    fn time(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(duration) => now.saturating_sub(duration).unwrap_or_default().max(Timestamp::UNIX_EPOCH),
            Self::At(time) => time,
        }
    }
}

fn since(text: &str) -> Result<Since, String> {
    let invalid =
        || "expected a duration such as 24h or 7d, a date such as 2026-11-30, or a time with a zone".to_owned();
    let hours = |unit: char, hours: i64| {
        let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
        Some(Since::Ago(SignedDuration::from_hours(i64::from(number).checked_mul(hours)?)))
    };
    if let Some(ago) = hours('h', 1).or_else(|| hours('d', 24)) {
        return Ok(ago);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Since::At(time));
    }
    let date: jiff::civil::Date = text.parse().map_err(|_| invalid())?;
    date.to_zoned(TimeZone::UTC).map(|zoned| Since::At(zoned.timestamp())).map_err(|_| invalid())
}

fn level(text: &str) -> Result<VerdictLevel, String> {
    use VerdictLevel::{Critical, High, Informational, Low, Medium};
    let levels = [Informational, Low, Medium, High, Critical].into_iter();
    let mut named = levels.filter(|level| level.to_string().eq_ignore_ascii_case(text));
    named.next().ok_or_else(|| "expected informational, low, medium, high or critical".to_owned())
}

/// The listed cases.
#[derive(Debug, Serialize)]
struct CasesReport {
    since: Timestamp,
    /// Whether there are more than the limit.
    more: bool,
    cases: Vec<CaseRow>,
}

#[derive(Debug, Serialize)]
struct CaseRow {
    case_id: String,
    opened_at: Timestamp,
    state: State,
    level: Option<VerdictLevel>,
    score: Option<u8>,
    principal: String,
    subject: String,
    account_id: Option<String>,
    alerted_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
}

impl CaseRow {
    fn of(entry: CaseListEntry) -> Self {
        Self {
            state: filter::state_of(&entry),
            principal: principal_label(&entry.principal),
            account_id: entry.principal.account_id().map(str::to_owned),
            case_id: entry.key.case_id,
            subject: entry.key.subject,
            opened_at: entry.opened_at,
            level: entry.summary.as_ref().map(|summary| summary.level),
            score: entry.summary.as_ref().map(|summary| summary.score),
            alerted_at: entry.alerted_at,
            closed_at: entry.closed_at,
        }
    }

    fn cells(&self) -> Vec<String> {
        let verdict = match (self.level, self.score) {
            (Some(level), Some(score)) => format!("{level} {score}"),
            _ => "-".to_owned(),
        };
        let opened = self.opened_at.strftime("%Y-%m-%d %H:%M:%S").to_string();
        vec![opened, verdict, self.state.to_string(), self.principal.clone(), self.case_id.clone()]
    }
}

impl Report for CasesReport {
    fn text(&self) -> String {
        if self.cases.is_empty() {
            return format!("No such cases since {}.", self.since);
        }
        let headings = ["OPENED (UTC)", "VERDICT", "STATE", "PRINCIPAL", "CASE"];
        let table = output::table(&headings, self.cases.iter().map(CaseRow::cells));
        let note = if self.more {
            format!("The latest {} cases; there are more: raise --limit or narrow the filters.", self.cases.len())
        } else {
            format!("{} case(s) since {}. Details: gumshoe case CASE", self.cases.len(), self.since)
        };
        format!("{table}\n{note}")
    }
}

/// Lists the cases.
pub(crate) async fn run(arguments: Arguments, context: &Context) -> Result<Outcome, CliError> {
    let name = context.stack().await?.output("CasesTableName")?.to_owned();
    let table = CaseTable::new(aws_sdk_dynamodb::Client::new(context.config().await?), name);
    let since = arguments.since.time(context.now());
    let limit = arguments.limit as usize;
    let filter = Filter {
        states: arguments.state,
        principal: arguments.principal,
        account: arguments.account,
        level: arguments.level,
    };
    let progress = context.output.progress("Listing the cases");
    // One more than the limit shows whether there are more.
    let listings =
        filter.statuses().map(|status| table.list_cases(status, since, limit + 1, |entry| filter.selects(entry)));
    let listed = try_join_all(listings).await?;
    drop(progress);
    let (cases, more) = latest(listed.into_iter().flatten().collect(), limit);
    context.output.print(&CasesReport { since, more, cases: cases.into_iter().map(CaseRow::of).collect() })?;
    Ok(Outcome::Done)
}

/// The latest cases, and whether there are others. A case whose status changes during the listing may be listed twice.
fn latest(mut cases: Vec<CaseListEntry>, limit: usize) -> (Vec<CaseListEntry>, bool) {
    cases.sort_by(|one, other| (other.opened_at, &other.key.case_id).cmp(&(one.opened_at, &one.key.case_id)));
    cases.dedup_by(|one, other| one.key == other.key);
    let more = cases.len() > limit;
    cases.truncate(limit);
    (cases, more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use filter::tests::entry;
    use gumshoe_domain::CaseStatus;

    #[test]
    fn times_are_durations_dates_or_instants() {
        let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        let of = |text: &str| since(text).unwrap().time(now).to_string();
        assert_eq!(of("24h"), "2026-11-29T12:00:00Z");
        assert_eq!(of("7d"), "2026-11-23T12:00:00Z");
        assert_eq!(of("2026-11-01"), "2026-11-01T00:00:00Z");
        assert_eq!(of("2026-11-01T08:00:00+02:00"), "2026-11-01T06:00:00Z");
        assert_eq!(of("4294967295d"), "1970-01-01T00:00:00Z");
        for text in ["", "d", "-1d", "7 days", "yesterday", "2026-13-01"] {
            assert!(since(text).unwrap_err().contains("expected a duration"), "{text}");
        }
    }

    #[test]
    fn levels_are_read_in_any_case() {
        assert_eq!(level("HIGH"), Ok(VerdictLevel::High));
        assert!(level("severe").is_err());
    }

    #[test]
    fn the_latest_cases_are_listed_once() {
        let entries = vec![entry(CaseStatus::Open, 1), entry(CaseStatus::Closed, 3), entry(CaseStatus::Closed, 1)];
        let (cases, more) = latest(entries.clone(), 2);
        let times: Vec<i64> = cases.iter().map(|case| case.opened_at.as_second()).collect();
        assert_eq!((times, more), (vec![3, 1], false));
        assert!(latest(entries, 1).1);
    }

    #[test]
    fn the_text_is_a_table_with_what_to_do_next() {
        let since = Timestamp::UNIX_EPOCH;
        let mut unassessed = entry(CaseStatus::Open, 2);
        unassessed.summary = None;
        let cases = vec![CaseRow::of(unassessed), CaseRow::of(entry(CaseStatus::Closed, 1))];
        let report = CasesReport { since, more: false, cases };
        insta::assert_snapshot!(report.text());
        insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
        let none = CasesReport { since, more: false, cases: Vec::new() };
        assert_eq!(none.text(), "No such cases since 1970-01-01T00:00:00Z.");
    }
}
