//! The report of a case: one page of HTML that needs nothing but a browser, for whoever looks closer than an alert goes.
//!
//! No script, no outside resource; links lead into the AWS consoles only. Every text from outside is on one line,
//! shortened and defanged by what stands in `safe` before the template escapes it. Tables stop at a number of rows and of
//! bytes, so that the page stays below [`LIMIT`] whatever a case holds. The page is well-formed XML as well, which tests
//! check.

mod axis;
mod findings;
mod guardduty;
mod head;
mod indicators;
mod locations;
mod principal;
mod provenance;
pub(crate) mod safe;
pub(crate) mod table;
mod timeline;
mod verdict;

use crate::message::Alert;
use askama::Template;
use gumshoe_domain::verdict::AlertCause;
use gumshoe_domain::{Finding, Indicator};

/// The most that a page holds, in bytes.
pub const LIMIT: usize = 2 * 1024 * 1024;

/// One question to Detective and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiCall {
    /// The operation, such as `ListIndicators`.
    pub operation: String,
    /// What was asked.
    pub request: String,
    /// What was answered, or the error.
    pub response: String,
}

/// What a report is made of. Texts are as they came: they are made safe here.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The case as people are told of it.
    pub alert: &'a Alert,
    /// The case was closed quietly: nobody was alerted.
    pub is_quiet: bool,
    /// All its findings.
    pub findings: &'a [Finding],
    /// All indicators of Detective's.
    pub indicators: &'a [Indicator],
    /// What Detective was asked, in order.
    pub api_calls: &'a [ApiCall],
    /// The keys of the files that are kept beside the report, in the same bucket.
    pub evidence_keys: &'a [String],
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The template failed.
    #[error("the report could not be rendered")]
    Template(#[from] askama::Error),
    /// The page is longer than [`LIMIT`]. Its parts are bounded so that this cannot be.
    #[error("the report has {0} bytes, more than {LIMIT}")]
    TooLong(usize),
}

/// What the template shows. Nothing in it is marked as safe: askama escapes all of it.
#[derive(Template)]
#[template(path = "report/page.html")]
struct Page {
    head: head::Head,
    verdict: verdict::Weighed,
    who: Vec<principal::Fact>,
    not_investigated: Option<String>,
    not_investigated_title: &'static str,
    guardduty: Option<guardduty::Section>,
    steps: Vec<head::Step>,
    steps_title: &'static str,
    timeline: timeline::Timeline,
    places: table::Table,
    indicators: Vec<table::Table>,
    no_indicators: &'static str,
    investigation: Vec<principal::Fact>,
    api_calls: table::Table,
    findings: table::Table,
    evidence: provenance::Evidence,
}

/// The page: at most [`LIMIT`] bytes of UTF-8.
///
/// # Errors
///
/// [`ReportError`] when the template fails, or for a page that is too long, which no case makes.
pub fn page(report: &Report<'_>) -> Result<String, ReportError> {
    let alert = report.alert;
    let page = Page {
        head: head::head(report),
        verdict: verdict::weighed(alert),
        who: principal::facts(alert),
        not_investigated: principal::not_investigated(alert),
        not_investigated_title: crate::text::guardduty_summary::not_investigated_title(alert),
        guardduty: guardduty::section(alert),
        steps: if alert.cause == AlertCause::Resolved { Vec::new() } else { head::steps(alert) },
        steps_title: if report.is_quiet { "If you look into it all the same" } else { "Next steps" },
        timeline: timeline::timeline(alert, report.findings),
        places: locations::table(report.findings),
        indicators: indicators::tables(report.indicators),
        no_indicators: match alert.not_investigated {
            Some(_) => "None, because there is no result of Detective’s.",
            None => "Detective found none.",
        },
        investigation: provenance::investigation(alert),
        api_calls: provenance::api_calls(report.api_calls),
        findings: findings::table(alert, report.findings),
        evidence: provenance::evidence(alert, report.evidence_keys),
    };
    let html = page.render()?;
    if html.len() > LIMIT { Err(ReportError::TooLong(html.len())) } else { Ok(html) }
}

#[cfg(test)]
pub(crate) mod tests;
