//! The messages of a campaign: findings as GuardDuty publishes and updates them, and invalid messages. The seed determines all of
//! them.

use fastrand::Rng;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The account that owns the findings.
const ACCOUNT: &str = "111122223333";
/// Findings below this severity are ignored.
pub(crate) const MINIMUM_SEVERITY: f64 = 4.0;
/// Severities of new findings, each with the probability of its number of entries.
const SEVERITIES: [f64; 12] = [2.0, 4.0, 5.0, 5.0, 5.5, 6.9, 7.0, 8.0, 8.0, 8.9, 9.0, 9.5];
/// Scenarios of investigations, each with the probability of its number of entries. Each has its own principals.
const SCENARIOS: [&str; 8] = ["high", "high", "high", "quiet", "quiet", "quiet", "failed", "unknown"];

/// One version of a finding, as GuardDuty published it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FindingState {
    pub(crate) finding_id: String,
    /// The subject in the table: the principal's ARN, or the finding.
    pub(crate) subject: String,
    pub(crate) severity: f64,
    pub(crate) count: u64,
    /// Whether the admission rules admit it; otherwise it is ignored.
    pub(crate) is_admitted: bool,
    pub(crate) detail: Value,
}

/// A message to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SentMessage {
    /// A version of a finding, by its index in [`Traffic::finding_states`].
    Finding(usize),
    /// An invalid message, by its index in [`Traffic::invalid_messages`].
    Invalid(usize),
}

/// A message that is not a finding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InvalidMessage {
    /// A text that only this body contains.
    pub(crate) marker: String,
    pub(crate) body: String,
    /// The error name with which it is dead-lettered.
    pub(crate) error: &'static str,
}

/// All messages of a campaign.
#[derive(Debug)]
pub(crate) struct Traffic {
    pub(crate) finding_states: Vec<FindingState>,
    pub(crate) invalid_messages: Vec<InvalidMessage>,
    /// In the order of sending. A duplicate entry is a duplicate delivery.
    pub(crate) messages: Vec<SentMessage>,
    /// The principals' ARNs with the names of their scenarios.
    pub(crate) principals: Vec<(String, &'static str)>,
}

impl Traffic {
    pub(crate) fn of(rng: &mut Rng, findings: usize) -> Self {
        let principals: Vec<(String, &str)> = (0..findings.div_ceil(4).max(4))
            .map(|number| {
                let scenario = SCENARIOS[rng.usize(..SCENARIOS.len())];
                let kind = if rng.f64() < 0.2 { "user" } else { "role" };
                (format!("arn:aws:iam::{ACCOUNT}:{kind}/{scenario}-{number}"), scenario)
            })
            .collect();
        let mut finding_states = Vec::new();
        let mut placed: Vec<(f64, SentMessage)> = Vec::new();
        for number in 0..findings {
            // A few principals have most of the findings.
            let place = rng.f64().powi(3) * principals.len() as f64;
            let principal = (rng.f64() > 0.12).then(|| principals[place as usize].0.as_str());
            let states = states(rng, principal, &format!("{number:032x}"));
            let mut at = rng.f64();
            for report in states {
                let message = SentMessage::Finding(finding_states.len());
                finding_states.push(report);
                placed.push((at, message));
                while rng.f64() < 0.15 {
                    placed.push((at + (1.0 - at) * rng.f64(), message)); // a duplicate delivery, perhaps much later
                }
                // GuardDuty publishes in order; queues may reorder.
                at = if rng.f64() < 0.85 { at + (1.0 - at) * rng.f64() * 0.5 } else { rng.f64() };
            }
        }
        let invalid_messages: Vec<InvalidMessage> = (0..findings.div_ceil(25).max(3)).map(no_finding).collect();
        placed.extend((0..invalid_messages.len()).map(|number| (rng.f64(), SentMessage::Invalid(number))));
        placed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Self {
            finding_states,
            invalid_messages,
            messages: placed.into_iter().map(|(_, message)| message).collect(),
            principals,
        }
    }

    /// The finding IDs.
    pub(crate) fn finding_ids(&self) -> BTreeSet<&str> {
        self.finding_states.iter().map(|report| report.finding_id.as_str()).collect()
    }
}

/// A finding and its updates: with higher counts, and sometimes with a higher severity.
fn states(rng: &mut Rng, principal: Option<&str>, id: &str) -> Vec<FindingState> {
    let archived = rng.f64() < 0.03;
    let mut severity = SEVERITIES[rng.usize(..SEVERITIES.len())];
    let mut count = 1;
    let mut finding_states = Vec::new();
    for again in 0..=[0, 0, 0, 1, 1, 2][rng.usize(..6)] {
        if again > 0 {
            count += rng.u64(1..6);
            if rng.f64() < 0.4 {
                severity = (severity + 2.0_f64).min(9.9);
            }
        }
        let mut detail = detail(principal, id, again);
        detail["severity"] = json!(severity);
        detail["service"]["count"] = json!(count);
        detail["service"]["archived"] = json!(archived);
        let subject = principal.map_or_else(|| format!("finding/{ACCOUNT}/us-east-1/{id}"), str::to_owned);
        let is_admitted = !archived && severity >= MINIMUM_SEVERITY;
        finding_states.push(FindingState { finding_id: id.to_owned(), subject, severity, count, is_admitted, detail });
    }
    finding_states
}

fn detail(principal: Option<&str>, id: &str, again: u32) -> Value {
    let mut detail = json!({
        "schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "partition": "aws", "id": id,
        "arn": format!("arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/0a1b2c3d4e5f60718293a4b5c6d7e8f9/finding/{id}"),
        "type": "Object:S3/MaliciousFile", "title": "A malware scan on your S3 object has detected a security risk.",
        "description": "sample",
        "createdAt": "2026-01-15T12:40:00.000Z", "updatedAt": format!("2026-01-15T13:{again:02}:00.000Z"),
        "resource": {"resourceType": "S3Object", "s3BucketDetails": [{"name": "bucket"}]},
        "service": {"serviceName": "guardduty", "eventFirstSeen": "2026-01-15T12:30:00.000Z",
            "eventLastSeen": format!("2026-01-15T12:{:02}:00.000Z", 35 + again)},
    });
    if let Some(arn) = principal {
        let (kind, name) = arn.rsplit(':').next().and_then(|it| it.split_once('/')).unwrap();
        let (kind, letter) = if kind == "user" { ("IAMUser", 'I') } else { ("AssumedRole", 'O') };
        detail["type"] = json!("UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom");
        detail["resource"] = json!({"resourceType": "AccessKey", "accessKeyDetails": {
            "accessKeyId": format!("A{}IAEXAMPLE000000001", if kind == "IAMUser" { 'K' } else { 'S' }),
            "principalId": if letter == 'I' { "AIDAEXAMPLE000000001" } else { "AROAEXAMPLE000000001:session" },
            "userType": kind, "userName": name}});
    }
    detail
}

/// Something that is no finding: another document, another event, or no JSON.
fn no_finding(number: usize) -> InvalidMessage {
    let marker = format!("invalid-message-{number}-");
    let (body, error) = match number % 3 {
        0 => (json!({"detail-type": "GuardDuty Finding", "detail": {"invalid": marker}}).to_string(), "NotAFinding"),
        1 => (format!("{{ not JSON {marker}"), "NotJson"),
        _ => (
            json!({"detail-type": "Something Else", "source": "aws.ec2", "detail": {"it": marker}}).to_string(),
            "OtherEvent",
        ),
    };
    InvalidMessage { marker, body, error }
}

#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests {
    use super::*;

    #[test]
    fn the_seed_determines_the_traffic() {
        let of = |seed| Traffic::of(&mut Rng::with_seed(seed), 50);
        let (one, again, other) = (of(7), of(7), of(8));
        assert_eq!((&one.finding_states, &one.messages), (&again.finding_states, &again.messages));
        assert_ne!(one.finding_states, other.finding_states);
        assert_eq!(one.finding_ids().len(), 50);
    }

    #[test]
    fn the_traffic_has_all_kinds_of_messages() {
        let traffic = Traffic::of(&mut Rng::with_seed(1), 200);
        let any = |fits: &dyn Fn(&FindingState) -> bool| traffic.finding_states.iter().any(fits);
        assert!(any(&|it| it.subject.starts_with("finding/")), "without a principal");
        assert!(any(&|it| it.subject.contains(":user/")) && any(&|it| it.subject.contains(":role/")));
        assert!(any(&|it| !it.is_admitted) && any(&|it| it.count > 1) && any(&|it| it.severity >= 9.0));
        assert!(traffic.messages.len() > traffic.finding_states.len() + traffic.invalid_messages.len(), "repeats");
    }
}
