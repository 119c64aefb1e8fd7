//! The time to render a case for all channels, from the alert to the bytes that are sent: subject and text, chat, JSON, Slack,
//! PagerDuty, both events and the report.

use std::hint::black_box;
use std::time::Instant;

use gumshoe_alerts::Notification;
use gumshoe_alerts::channels::ocsf::{self, CaseEvent};
use gumshoe_alerts::channels::{chat, email, json, pagerduty, slack};
use gumshoe_alerts::fixtures::{self, Case};
use gumshoe_alerts::report::{self, Report};

use crate::Error;
use crate::figure::Figure;

const ROUNDS: usize = 15;

/// Measures an ordinary case, and one of 50 findings and 400 indicators.
pub(crate) fn measure() -> Result<Vec<Figure>, Error> {
    Ok(vec![
        Figure::new("An ordinary case, rendered for every channel", "ms", per_case(&fixtures::high_risk(), 100)?)
            .at_most(2.0),
        Figure::new(
            "A case of 50 findings and 400 indicators, for every channel",
            "ms",
            per_case(&fixtures::many(), 10)?,
        )
        .at_most(15.0),
    ])
}

/// Milliseconds per case; one measurement per round.
fn per_case(case: &Case, times: u32) -> Result<Vec<f64>, Error> {
    let mut measured = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..times {
            black_box(render(black_box(case))?);
        }
        measured.push(begun.elapsed().as_secs_f64() * 1e3 / f64::from(times));
    }
    Ok(measured)
}

/// The total bytes of all channels.
pub(crate) fn render(case: &Case) -> Result<usize, Error> {
    let alert = case.alert();
    let report = report::page(&Report {
        alert: &alert,
        is_quiet: false,
        findings: &case.findings,
        indicators: &case.indicators,
        api_calls: &[],
        evidence_keys: &[],
    })?;
    let events = [CaseEvent::Alerted, CaseEvent::Closed].map(|event| ocsf::detail(&alert, event).to_string().len());
    let for_people = email::subject(&alert).len() + email::body(&alert).len() + chat::body(&alert).len();
    let for_machines = json::body(&alert)?.len();
    let notification = Notification::Alert(Box::new(alert));
    let relayed =
        slack::message(&notification).to_string().len() + pagerduty::event(&notification, "k").to_string().len();
    Ok(report.len() + events.iter().sum::<usize>() + for_people + for_machines + relayed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_measured() {
        let bytes = render(&fixtures::high_risk()).unwrap();
        assert!(bytes > 20_000, "{bytes} bytes");
    }
}
