//! Alerts to render in tests.

use gumshoe_domain::alert::Alert;
use gumshoe_domain::case::{Assessment, FindingRecord, OpenInvestigation, subject_of};
use gumshoe_domain::investigation::{NotInvestigated, Scope};
use gumshoe_domain::principal::Principal;
use gumshoe_domain::verdict::{VerdictLevel, Weights};
use gumshoe_domain::{CaseKey, CaseRecord, CaseStatus, Finding, Indicator, InvestigationSeverity, Verdict, indicator};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

fn moment() -> Timestamp {
    "2026-01-15T12:45:00Z".parse().unwrap()
}

fn finding(id: &str, severity: f64, title: &str, resource: &serde_json::Value) -> Finding {
    Finding::from_json(&json!({
        "id": id, "accountId": "123456789012", "region": "us-east-1", "partition": "aws",
        "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "severity": severity, "title": title,
        "resource": resource, "updatedAt": "2026-01-15T12:40:00Z",
        "service": {"count": 3, "eventFirstSeen": "2026-01-15T12:30:00Z", "eventLastSeen": "2026-01-15T12:35:00Z"}
    }))
    .unwrap()
}

fn role() -> serde_json::Value {
    json!({"resourceType": "AccessKey", "accessKeyDetails": {
        "accessKeyId": "ASIAEXAMPLEKEY000001", "principalId": "AROAEXAMPLEROLE000001:i-0abc",
        "userType": "AssumedRole", "userName": "web-role"}})
}

/// The same finding, after its role was looked up.
fn looked_up(mut finding: Finding) -> Finding {
    if let Principal::IamRole(entity) = &mut finding.principal {
        entity.arn = "arn:aws:iam::123456789012:role/service/web-role".to_owned();
        (entity.arn_is_certain, entity.doubt) = (true, None);
    }
    finding
}

fn alert(findings: Vec<Finding>, indicators: &[Indicator], not_investigated: Option<NotInvestigated>) -> Alert {
    let verdict = Verdict::weigh(&findings, indicators, &Weights::default());
    let investigated = not_investigated.is_none();
    let detective_severity = investigated.then_some(InvestigationSeverity::High);
    let case = CaseRecord {
        key: CaseKey::new(&subject_of(&findings[0]), 1, moment()),
        status: CaseStatus::Open,
        principal: findings[0].principal.clone(),
        opened_at: moment(),
        joined: findings.len() as u64,
        execution_attempt: 1,
        investigation: investigated.then(|| OpenInvestigation {
            id: "000000000000000000042".to_owned(),
            graph_arn: "arn:aws:detective:us-east-1:123456789012:graph:0123456789abcdef0123456789abcdef".to_owned(),
            scope: Scope::up_to(moment(), SignedDuration::from_hours(24), None),
            reused: false,
        }),
        assessment: None,
        claimed_revision: 0,
        published_revision: 0,
        alerted_at: None,
        closed_at: None,
    };
    let assessment = Assessment {
        at: moment(),
        joined: case.joined,
        revision: 1,
        alert_cause: verdict.alert_cause(VerdictLevel::High, detective_severity, investigated),
        verdict,
        detective_severity,
        indicators: indicator::group(indicators),
        not_investigated,
    };
    let records: Vec<FindingRecord> = findings
        .into_iter()
        .map(|finding| FindingRecord { finding, case_sequence: 1, suppressed: 0, version: 1 })
        .collect();
    Alert::new(&case, &assessment, &records, false)
}

pub(crate) fn high_risk() -> Alert {
    let ttp = |technique: &str, api: &str, successes| Indicator::TtpObserved {
        tactic: "Persistence".to_owned(),
        technique: technique.to_owned(),
        procedure: "Adding credentials".to_owned(),
        ip_address: "198.51.100.23".to_owned(),
        api_name: api.to_owned(),
        successes,
        failures: 2,
    };
    let indicators = [
        Indicator::FlaggedIpAddress {
            ip_address: "198.51.100.23".to_owned(),
            reason: "AWS_THREAT_INTELLIGENCE".to_owned(),
        },
        ttp("Account Manipulation", "CreateAccessKey", 4),
        ttp("Create Account", "CreateUser", 0),
        Indicator::NewAso { aso: "EXAMPLE-HOSTING".to_owned(), new_for_account: true },
        Indicator::NewUserAgent { user_agent: "Boto3/1.0".to_owned(), new_for_account: false },
    ];
    let findings = vec![
        finding("00000000000000000000000000000001", 8.0, "API calls from a listed address.", &role()),
        finding("00000000000000000000000000000002", 5.0, "API calls from a listed address.", &role()),
    ];
    alert(findings.into_iter().map(looked_up).collect(), &indicators, None)
}

pub(crate) fn not_investigated() -> Alert {
    let resource = json!({"resourceType": "S3Object"});
    let findings = vec![finding("00000000000000000000000000000003", 8.0, "A malicious file was found.", &resource)];
    let cause = findings[0].principal.reason().unwrap().to_string();
    let why = NotInvestigated { error: "NothingToInvestigate".to_owned(), cause };
    alert(findings, &[], Some(why))
}

pub(crate) fn hostile() -> Alert {
    let evil =
        "<!channel> <https://evil.example|click> \"><script>alert(1)</script> \u{202e}gnp.exe\u{1b}[31m\r\nSubject: x";
    let mut resource = role();
    resource["accessKeyDetails"]["principalId"] = json!(format!("AROAEXAMPLEROLE000001:{evil}"));
    let mut findings =
        vec![finding("00000000000000000000000000000004", 8.0, &format!("{evil} {}", "A".repeat(10_240)), &resource)];
    findings[0].others = (0..7).map(|number| format!("Kubernetes user {number} {evil}")).collect();
    let indicators = [
        Indicator::NewUserAgent { user_agent: evil.to_owned(), new_for_account: true },
        Indicator::NewGeolocation {
            location: evil.to_owned(),
            ip_address: "2001:db8::1".to_owned(),
            new_for_account: true,
        },
        Indicator::Unknown { indicator_type: evil.to_owned() },
        Indicator::FlaggedIpAddress { ip_address: "203.0.113.9".to_owned(), reason: evil.to_owned() },
    ];
    alert(findings, &indicators, None)
}
