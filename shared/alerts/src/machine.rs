//! JSON for machines: the alert as it is.

use gumshoe_domain::Alert;

/// SNS takes 256 KiB for all bodies of a message together. This one goes to queues and to functions, each time as JSON in
/// JSON, which can double it; the text for people has 24 KiB.
pub const LIMIT: usize = 48 * 1024;

/// The alert as JSON, at most [`LIMIT`] bytes: where it would be longer, findings and then examples are left out, and
/// `finding_count` still counts all.
///
/// # Errors
///
/// When the alert cannot be written as JSON, which no alert is known to do.
pub fn body(alert: &Alert) -> Result<String, serde_json::Error> {
    let whole = serde_json::to_string(alert)?;
    if whole.len() <= LIMIT {
        return Ok(whole);
    }
    let mut shorter = alert.clone();
    shorter.findings.truncate(3);
    for group in &mut shorter.indicators {
        group.examples.clear();
    }
    shorter.indicators.truncate(20);
    shorter.verdict.reasons.truncate(20);
    shorter.accounts.truncate(50);
    shorter.regions.truncate(50);
    serde_json::to_string(&shorter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn what_machines_read_can_be_read_back() {
        let alert = fixtures::high_risk();
        assert_eq!(serde_json::from_str::<Alert>(&body(&alert).unwrap()).unwrap(), alert);
    }

    #[test]
    fn it_fits_whatever_the_case_holds() {
        let mut alert = fixtures::high_risk();
        let group = alert.indicators[0].clone();
        alert.indicators = vec![group; 2000];
        assert!(serde_json::to_string(&alert).unwrap().len() > LIMIT);
        let body = body(&alert).unwrap();
        assert!(body.len() <= LIMIT);
        assert_eq!(serde_json::from_str::<Alert>(&body).unwrap().finding_count, alert.finding_count);
    }
}
