//! What is sent: findings as GuardDuty publishes them, again and again, and what is none. All of it follows from the seed.

use fastrand::Rng;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The account that owns the findings.
const ACCOUNT: &str = "111122223333";
/// Findings below it are left alone.
pub(crate) const MINIMUM_SEVERITY: f64 = 4.0;
/// How the severities of new findings are spread: those of each band, as often as they stand here.
const SEVERITIES: [f64; 12] = [2.0, 4.0, 5.0, 5.0, 5.5, 6.9, 7.0, 8.0, 8.0, 8.9, 9.0, 9.5];
/// What investigations come to, as often as they stand here; each has principals of its own.
const SCENARIOS: [&str; 8] = ["high", "high", "high", "quiet", "quiet", "quiet", "failed", "unknown"];

/// One state of a finding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report {
    pub(crate) finding_id: String,
    /// Who or what it is about, as the table names it.
    pub(crate) subject: String,
    pub(crate) severity: f64,
    pub(crate) count: u64,
    /// Whether it is to be worked; otherwise the admission rules leave it alone.
    pub(crate) wanted: bool,
    pub(crate) detail: Value,
}

/// Something that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Letter {
    /// A state of a finding, by its number among the reports.
    Report(usize),
    /// Something that is no finding, by its number among those.
    Nonsense(usize),
}

/// Something that is no finding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Nonsense {
    /// Is in its body, and in no other.
    pub(crate) mark: String,
    pub(crate) body: String,
    /// The error that it is dead-lettered with.
    pub(crate) error: &'static str,
}

/// All that is sent.
#[derive(Debug)]
pub(crate) struct Traffic {
    pub(crate) reports: Vec<Report>,
    pub(crate) nonsense: Vec<Nonsense>,
    /// In the order of sending; what stands here twice is delivered twice.
    pub(crate) letters: Vec<Letter>,
    /// The ARNs of principals, each with the name of its scenario.
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
        let mut reports = Vec::new();
        let mut placed: Vec<(f64, Letter)> = Vec::new();
        for number in 0..findings {
            // A few principals have most of the findings.
            let place = rng.f64().powi(3) * principals.len() as f64;
            let principal = (rng.f64() > 0.12).then(|| principals[place as usize].0.as_str());
            let states = states(rng, principal, &format!("{number:032x}"));
            let mut at = rng.f64();
            for report in states {
                let letter = Letter::Report(reports.len());
                reports.push(report);
                placed.push((at, letter));
                while rng.f64() < 0.15 {
                    placed.push((at + (1.0 - at) * rng.f64(), letter)); // delivered again, perhaps much later
                }
                // GuardDuty publishes in order; queues may deliver otherwise.
                at = if rng.f64() < 0.85 { at + (1.0 - at) * rng.f64() * 0.5 } else { rng.f64() };
            }
        }
        let nonsense: Vec<Nonsense> = (0..findings.div_ceil(25).max(3)).map(no_finding).collect();
        placed.extend((0..nonsense.len()).map(|number| (rng.f64(), Letter::Nonsense(number))));
        placed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Self { reports, nonsense, letters: placed.into_iter().map(|(_, letter)| letter).collect(), principals }
    }

    /// The findings' ids.
    pub(crate) fn finding_ids(&self) -> BTreeSet<&str> {
        self.reports.iter().map(|report| report.finding_id.as_str()).collect()
    }
}

/// A finding, and how it is published again: more often seen, and sometimes more severe.
fn states(rng: &mut Rng, principal: Option<&str>, id: &str) -> Vec<Report> {
    let archived = rng.f64() < 0.03;
    let mut severity = SEVERITIES[rng.usize(..SEVERITIES.len())];
    let mut count = 1;
    let mut reports = Vec::new();
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
        let wanted = !archived && severity >= MINIMUM_SEVERITY;
        reports.push(Report { finding_id: id.to_owned(), subject, severity, count, wanted, detail });
    }
    reports
}

fn detail(principal: Option<&str>, id: &str, again: u32) -> Value {
    let mut detail = json!({
        "schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "partition": "aws", "id": id,
        "arn": format!("arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/0a1b2c3d4e5f60718293a4b5c6d7e8f9/finding/{id}"),
        "type": "Object:S3/MaliciousFile", "title": "A malware scan on your S3 object has detected a security risk.",
        "description": "made up",
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
fn no_finding(number: usize) -> Nonsense {
    let mark = format!("nonsense-{number}-");
    let (body, error) = match number % 3 {
        0 => (json!({"detail-type": "GuardDuty Finding", "detail": {"nonsense": mark}}).to_string(), "NotAFinding"),
        1 => (format!("{{ not JSON {mark}"), "NotJson"),
        _ => (
            json!({"detail-type": "Something Else", "source": "aws.ec2", "detail": {"it": mark}}).to_string(),
            "OtherEvent",
        ),
    };
    Nonsense { mark, body, error }
}

#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_everything() {
        let of = |seed| Traffic::of(&mut Rng::with_seed(seed), 50);
        let (one, again, other) = (of(7), of(7), of(8));
        assert_eq!((&one.reports, &one.letters), (&again.reports, &again.letters));
        assert_ne!(one.reports, other.reports);
        assert_eq!(one.finding_ids().len(), 50);
    }

    #[test]
    fn there_is_something_of_everything() {
        let traffic = Traffic::of(&mut Rng::with_seed(1), 200);
        let any = |fits: &dyn Fn(&Report) -> bool| traffic.reports.iter().any(fits);
        assert!(any(&|it| it.subject.starts_with("finding/")), "without a principal");
        assert!(any(&|it| it.subject.contains(":user/")) && any(&|it| it.subject.contains(":role/")));
        assert!(any(&|it| !it.wanted) && any(&|it| it.count > 1) && any(&|it| it.severity >= 9.0));
        assert!(traffic.letters.len() > traffic.reports.len() + traffic.nonsense.len(), "repeats");
    }
}
