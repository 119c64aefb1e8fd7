//! The events of the functions: messages with findings, and the inputs of the state machine's tasks.

use hyper::body::Bytes;
use local_cloud::CaseItem;
use serde_json::{Value, json};

/// The account of the findings.
pub(super) const ACCOUNT: &str = "111122223333";

/// The role of a finding's principal.
#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) name: String,
    /// Its unique id, such as `AROA…`.
    pub(super) id: String,
}

impl Role {
    /// The subject of its cases.
    pub(super) fn subject(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:role/{}", self.name)
    }
}

/// A finding of High severity about a session of a role, as EventBridge delivers it.
pub(super) fn ordinary(role: &Role, id: &str) -> Value {
    let detector = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    let key = json!({"accessKeyId": "ASIAEXAMPLE000000001", "principalId": format!("{}:session", role.id),
        "userType": "AssumedRole", "userName": role.name});
    let caller = json!({"ipAddressV4": "198.51.100.77", "country": {"countryName": "Singapore"},
        "city": {"cityName": "Singapore"}});
    let call = json!({"api": "CreateAccessKey", "serviceName": "iam.amazonaws.com", "callerType": "Remote IP",
        "affectedResources": {}, "remoteIpDetails": caller});
    let service = json!({"serviceName": "guardduty", "archived": false, "count": 3, "evidence": null,
        "eventFirstSeen": "2026-01-15T12:30:00.000Z", "eventLastSeen": "2026-01-15T12:35:00.000Z",
        "additionalInfo": {"value": "{\"threatListName\":\"example\"}", "type": "default"},
        "action": {"actionType": "AWS_API_CALL", "awsApiCallAction": call}});
    let detail = json!({"schemaVersion": "2.0", "accountId": ACCOUNT, "region": "us-east-1", "partition": "aws", "id": id,
        "arn": format!("arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/{detector}/finding/{id}"),
        "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "severity": 8,
        "title": "API CreateAccessKey was invoked from an IP address on a custom threat list.",
        "description": "An API was invoked from an IP address on a custom threat list.",
        "createdAt": "2026-01-15T12:40:00.000Z", "updatedAt": "2026-01-15T12:40:00.000Z",
        "resource": {"resourceType": "AccessKey", "accessKeyDetails": key}, "service": service});
    json!({"version": "0", "id": "6f1f6f3e-8a6c-4f0e-9a57-0d1a3b5c7e90", "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty", "account": ACCOUNT, "time": "2026-01-15T12:41:00Z", "region": "us-east-1",
        "resources": [], "detail": detail})
}

/// An attack sequence of 240 KB about several roles.
pub(super) fn sequence(roles: &[Role], id: &str) -> Value {
    let actor = |role: &Role| {
        json!({"id": format!("user:{}", role.name), "user": {"name": role.name, "type": "AssumedRole",
            "uid": format!("{}:session", role.id), "credentialUid": "ASIAEXAMPLE000000001",
            "account": {"uid": ACCOUNT, "account": "shop"}},
            "session": {"uid": "s", "mfaStatus": "DISABLED", "createdTime": "2026-01-15T12:00:00.000Z"}})
    };
    let signal = |number: u32| {
        json!({"uid": format!("signal-{number}"), "type": "CLOUD_TRAIL", "name": "CreateAccessKey",
            "description": "An API that creates long-term credentials was called. ".repeat(20), "severity": 8.0,
            "count": number, "actorIds": [format!("user:{}", roles[0].name)],
            "createdAt": "2026-01-15T12:40:00.000Z", "updatedAt": "2026-01-15T12:40:00.000Z",
            "firstSeenAt": "2026-01-15T12:30:00.000Z", "lastSeenAt": "2026-01-15T12:35:00.000Z"})
    };
    let (actors, signals) = (roles.iter().map(actor).collect::<Vec<_>>(), (0..176).map(signal).collect::<Vec<_>>());
    let mut finding = ordinary(&roles[0], id);
    let detail = &mut finding["detail"];
    detail["type"] = json!("AttackSequence:IAM/CompromisedCredentials");
    detail["severity"] = json!(9.0);
    detail["resource"] = json!({"resourceType": "AttackSequence"});
    detail["service"]["detection"] = json!({"sequence": {"uid": "s", "description": "A sequence of actions.",
        "actors": actors, "signals": signals, "sequenceIndicators": []}});
    finding
}

/// A batch of messages, as Lambda gives them to a function.
pub(super) fn delivered(bodies: impl IntoIterator<Item = String>) -> Bytes {
    let records: Vec<Value> = (0..)
        .zip(bodies)
        .map(|(number, body): (u32, String)| {
            json!({"messageId": format!("00000000-0000-4000-8000-{number:012}"), "receiptHandle": "handle", "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1768480860000",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO", "ApproximateFirstReceiveTimestamp": "1768480860001"},
                "messageAttributes": {}, "md5OfBody": "0", "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue", "awsRegion": "us-east-1"})
        })
        .collect();
    json!({ "Records": records }).to_string().into()
}

/// The input of a task of the state machine: the case and further members.
pub(super) fn step(case: &CaseItem, more: &Value) -> Bytes {
    let mut input = json!({"case": {"subject": case.subject, "sequence": case.sequence, "case_id": case.case_id}});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input.to_string().into()
}

/// That many indicators: the first of a flagged address, then all eight types in turn.
pub(super) fn indicators(count: usize) -> Vec<Value> {
    (0..count)
        .map(|number| {
            let address = format!("198.51.{}.{}", 100 + number / 250, 1 + number % 250);
            let new = number % 3 == 0;
            let (kind, name, detail) = match number % 8 {
                0 => (
                    "FLAGGED_IP_ADDRESS",
                    "FlaggedIpAddressDetail",
                    json!({"IpAddress": address, "Reason": "AWS_THREAT_INTELLIGENCE"}),
                ),
                1 => (
                    "IMPOSSIBLE_TRAVEL",
                    "ImpossibleTravelDetail",
                    json!({"StartingIpAddress": "203.0.113.10", "EndingIpAddress": address, "HourlyTimeDelta": 1,
                        "StartingLocation": "Amsterdam, Netherlands", "EndingLocation": "Singapore, Singapore"}),
                ),
                2 => (
                    "TTP_OBSERVED",
                    "TTPsObservedDetail",
                    json!({"Tactic": "Persistence", "Technique": "Create Account", "IpAddress": address,
                        "Procedure": "A new access key for an existing user", "APIName": format!("Create{number}"),
                        "APISuccessCount": number, "APIFailureCount": 4}),
                ),
                3 => (
                    "NEW_GEOLOCATION",
                    "NewGeolocationDetail",
                    json!({"Location": format!("City {number}"), "IpAddress": address, "IsNewForEntireAccount": new}),
                ),
                4 => (
                    "NEW_ASO",
                    "NewAsoDetail",
                    json!({"Aso": format!("EXAMPLE-HOSTING-{number}"), "IsNewForEntireAccount": new}),
                ),
                5 => (
                    "NEW_USER_AGENT",
                    "NewUserAgentDetail",
                    json!({"UserAgent": format!("aws-cli/2.31.{number} Python/3.13.7"), "IsNewForEntireAccount": new}),
                ),
                6 => (
                    "RELATED_FINDING",
                    "RelatedFindingDetail",
                    json!({"Arn": format!("arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/d/finding/{number:032x}"),
                        "Type": "Discovery:S3/MaliciousIPCaller", "IpAddress": address}),
                ),
                _ => (
                    "RELATED_FINDING_GROUP",
                    "RelatedFindingGroupDetail",
                    json!({"Id": format!("fg-{number:08x}-5e6f-4708-8192-a3b4c5d6e7f8")}),
                ),
            };
            json!({"IndicatorType": kind, "IndicatorDetail": {name: detail}})
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::ParsedFinding;

    #[test]
    fn a_sequence_has_the_size_of_its_figure_name() {
        let role = |number| Role { name: format!("role-{number}"), id: format!("AROAEXAMPLE{number:09}") };
        let text = sequence(&[role(1), role(2), role(3)], &"a".repeat(32)).to_string();
        assert!((235_000..262_144).contains(&text.len()), "{} bytes", text.len());
        assert_eq!(ParsedFinding::from_text(&text).unwrap().candidates().len(), 3);
    }

    #[test]
    fn indicators_have_the_form_of_detectives() {
        for count in [1, 50, 400] {
            let scenario = json!({"entity_arn": "*", "indicators": indicators(count)}).to_string();
            assert_eq!(simulator::Scenario::from_json(&scenario).unwrap().indicators.len(), count);
        }
    }
}
