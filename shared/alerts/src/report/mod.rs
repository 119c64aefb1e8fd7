//! The report of a case: one HTML page that needs only a browser, with more detail than an alert.
//!
//! It has no script and no external resource; links point to the AWS consoles only. Every text from outside is on one line,
//! shortened and defanged by the module `safe` before the template escapes it. Tables stop at a number of rows and of
//! bytes, so that the page stays below [`MAX_BYTES`] whatever a case holds. The page is well-formed XML as well, which tests
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

/// Longest page, in bytes.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;

/// A request to Detective or GuardDuty, and the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiCall {
    /// The operation, such as `ListIndicators`.
    pub operation: String,
    /// The request, in a few words.
    pub request: String,
    /// The response, or the error.
    pub response: String,
}

/// The data of a report. Its texts are not escaped: the report does that.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The case's alert.
    pub alert: &'a Alert,
    /// The case was closed without an alert.
    pub is_quiet: bool,
    /// All findings of the case.
    pub findings: &'a [Finding],
    /// All indicators of Detective.
    pub indicators: &'a [Indicator],
    /// The requests, in order.
    pub api_calls: &'a [ApiCall],
    /// The keys of the evidence objects in the bucket of the report.
    pub evidence_keys: &'a [String],
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The template failed.
    #[error("the report could not be rendered")]
    Template(#[from] askama::Error),
    /// The page is longer than [`MAX_BYTES`]. The limits of its parts should prevent this.
    #[error("report is {0} bytes; the limit is {MAX_BYTES}")]
    TooLong(usize),
}

/// The values of the template. None is marked as safe, so askama escapes all of them.
#[derive(Template)]
#[template(path = "report/page.html")]
struct Page {
    head: head::Head,
    verdict: verdict::VerdictSection,
    principal: Vec<principal::Fact>,
    not_investigated: Option<String>,
    not_investigated_title: &'static str,
    guardduty: Option<guardduty::Section>,
    steps: Vec<head::Step>,
    steps_title: &'static str,
    timeline: timeline::Timeline,
    locations: table::Table,
    indicators: Vec<table::Table>,
    no_indicators: &'static str,
    investigation: Vec<principal::Fact>,
    api_calls: table::Table,
    findings: table::Table,
    evidence: provenance::Evidence,
}

/// The page: at most [`MAX_BYTES`] bytes of UTF-8.
///
/// # Errors
///
/// [`ReportError`] if the template fails or the page is too long.
pub fn page(report: &Report<'_>) -> Result<String, ReportError> {
    let alert = report.alert;
    let page = Page {
        head: head::head(report),
        verdict: verdict::verdict_section(alert),
        principal: principal::principal_facts(alert),
        not_investigated: principal::not_investigated(alert),
        not_investigated_title: crate::text::guardduty_summary::not_investigated_title(alert),
        guardduty: guardduty::section(alert),
        steps: if alert.cause == AlertCause::Resolved { Vec::new() } else { head::steps(alert) },
        steps_title: if report.is_quiet { "Optional next steps" } else { "Next steps" },
        timeline: timeline::timeline(alert, report.findings),
        locations: locations::table(report.findings),
        indicators: indicators::tables(report.indicators),
        no_indicators: match alert.not_investigated {
            Some(_) => "None: Detective returned no result.",
            None => "Detective found no indicators.",
        },
        investigation: provenance::investigation(alert),
        api_calls: provenance::api_calls(report.api_calls),
        findings: findings::table(alert, report.findings),
        evidence: provenance::evidence(alert, report.evidence_keys),
    };
    let html = page.render()?;
    if html.len() > MAX_BYTES { Err(ReportError::TooLong(html.len())) } else { Ok(html) }
}

#[cfg(test)]
pub(crate) mod tests;
