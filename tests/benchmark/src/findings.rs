//! The time from a finding's text to the decision and the principals: of an ordinary finding, and of an attack sequence of the
//! maximum size of an event (EventBridge, 256 KB).
//!
//! The findings are not those of the crate `findings`: figures are compared with those of earlier releases, so the measured
//! findings must not change when tests need others.

use std::hint::black_box;
use std::time::Instant;

use gumshoe_domain::admission::AdmissionRules;
use gumshoe_domain::{Explanation, ParsedFinding};
use serde_json::{Value, json};

use crate::Error;
use crate::figure::Figure;

const ROUNDS: usize = 15;

/// Measures both findings.
pub(crate) fn measure() -> Result<Vec<Figure>, Error> {
    let ordinary = ordinary().to_string();
    let sequence = sequence().to_string();
    let microseconds = per_finding(&ordinary, 2000)?.into_iter().map(|seconds| seconds * 1e6).collect();
    let milliseconds = per_finding(&sequence, 20)?.into_iter().map(|seconds| seconds * 1e3).collect();
    Ok(vec![
        Figure::new("An ordinary finding, parsed and decided", "us", microseconds).at_most(50.0),
        Figure::new("An attack sequence of 240 KB and 400 actors, parsed and decided", "ms", milliseconds).at_most(3.0),
    ])
}

/// Seconds per finding; one measurement per round.
fn per_finding(text: &str, times: u32) -> Result<Vec<f64>, Error> {
    let admission = AdmissionRules::default();
    let mut measured = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..times {
            let parsed = ParsedFinding::from_text(black_box(text))?;
            black_box(Explanation::of(&parsed, &admission));
        }
        measured.push(begun.elapsed().as_secs_f64() / f64::from(times));
    }
    Ok(measured)
}

pub(crate) fn ordinary() -> Value {
    json!({"version": "0", "detail-type": "GuardDuty Finding", "source": "aws.guardduty", "account": "123456789012",
        "detail": {
            "schemaVersion": "2.0", "accountId": "123456789012", "region": "us-east-1", "partition": "aws",
            "id": "0123456789abcdef0123456789abcdef",
            "arn": "arn:aws:guardduty:us-east-1:123456789012:detector/d/finding/0123456789abcdef0123456789abcdef",
            "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "severity": 8,
            "title": "An API was called from an address on a list.", "description": "written for the measurement",
            "createdAt": "2026-01-15T12:40:00.000Z", "updatedAt": "2026-01-15T12:40:00.000Z",
            "resource": {"resourceType": "AccessKey", "accessKeyDetails": {"accessKeyId": "ASIAEXAMPLE000000001",
                "principalId": "AROAEXAMPLE000000001:session", "userType": "AssumedRole", "userName": "web-role"}},
            "service": {"serviceName": "guardduty", "archived": false, "count": 3, "evidence": null,
                "eventFirstSeen": "2026-01-15T12:30:00.000Z", "eventLastSeen": "2026-01-15T12:35:00.000Z",
                "action": {"actionType": "AWS_API_CALL", "awsApiCallAction": {"api": "CreateUser",
                    "callerType": "Remote IP", "remoteIpDetails": {"ipAddressV4": "198.51.100.23"}}}}}})
}

pub(crate) fn sequence() -> Value {
    let actors: Vec<Value> = (0..400)
        .map(|number| {
            json!({"id": format!("actor-{number}"), "user": {"name": format!("role-{number}"), "type": "AssumedRole",
                "uid": format!("AROAEXAMPLE{number:09}"), "credentialUid": format!("ASIAEXAMPLE{number:09}"),
                "account": {"uid": "123456789012", "account": "production"}},
                "session": {"uid": format!("session-{number}"), "mfaStatus": "DISABLED", "createdTime": 1_768_480_800}})
        })
        .collect();
    let signals: Vec<Value> = (0..100)
        .map(|number| {
            json!({"uid": format!("signal-{number}"), "type": "CLOUD_TRAIL", "name": "CreateAccessKey",
                "description": "d".repeat(1200), "severity": 8.0, "count": number, "actorIds": ["actor-1"],
                "firstSeenAt": 1_768_480_800, "lastSeenAt": 1_768_484_400})
        })
        .collect();
    let mut finding = ordinary();
    let detail = &mut finding["detail"];
    detail["type"] = json!("AttackSequence:IAM/CompromisedCredentials");
    detail["severity"] = json!(9.0);
    detail["resource"] = json!({"resourceType": "AttackSequence"});
    detail["service"]["detection"] = json!({"sequence": {"uid": "s", "description": "a sequence", "actors": actors,
        "signals": signals, "sequenceIndicators": []}});
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_has_the_size_and_the_actors_of_its_figure_name() {
        let text = sequence().to_string();
        assert!((240_000..262_144).contains(&text.len()), "{} bytes", text.len());
        assert_eq!(ParsedFinding::from_text(&text).unwrap().candidates().len(), 400);
    }
}
