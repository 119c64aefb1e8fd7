//! Warning that Detective's data may be incomplete: the principal's account sends no data to the behavior graph, or findings are from
//! a Region where nothing was investigated.

use crate::message::{Alert, Convert, NotInvestigated};
use gumshoe_domain::coverage::{self, graph_region};
use gumshoe_domain::text::one_line;

/// The warning; `None` if Detective's data is complete or `not_investigated` already says so. Escape it for the channel.
pub(crate) fn coverage_warning(alert: &Alert) -> Option<String> {
    let outside = alert.outside_graph.as_ref();
    let outside = outside.filter(|_| !alert.not_investigated.as_ref().is_some_and(NotInvestigated::is_outside_graph));
    let outside = outside.map(|outside| outside_graph_sentence(&outside.convert()));
    let lacks: Vec<String> = outside.into_iter().chain(uninvestigated_regions(alert)).collect();
    (!lacks.is_empty()).then(|| format!("Detective data may be incomplete: {}", lacks.join("; ")))
}

/// Such as `account 111122223333 is not a member of the behavior graph`, or `account 111122223333 sends no data to the behavior graph:
/// ACCEPTED_BUT_DISABLED, VOLUME_TOO_HIGH`.
#[must_use]
pub fn outside_graph_sentence(outside: &coverage::OutsideGraph) -> String {
    let account = one_line(&outside.account_id, 32);
    match (outside.status, outside.disabled_reason) {
        (None, _) => format!("account {account} is not a member of the behavior graph"),
        (Some(status), None) => format!("account {account} sends no data to the behavior graph: {status}"),
        (Some(status), Some(reason)) => {
            format!("account {account} sends no data to the behavior graph: {status}, {reason}")
        }
    }
}

/// Regions with findings where nothing was investigated, if there is a result in another Region.
fn uninvestigated_regions(alert: &Alert) -> Option<String> {
    let investigation = alert.investigation.as_ref().filter(|_| alert.not_investigated.is_none())?;
    let investigated =
        || [investigation].into_iter().chain(&alert.elsewhere).filter_map(|it| graph_region(&it.graph_arn));
    let lacking: Vec<&str> =
        alert.regions.iter().map(String::as_str).filter(|region| !investigated().any(|it| it == *region)).collect();
    (!lacking.is_empty()).then(|| format!("nothing was investigated in {}", one_line(&lacking.join(", "), 120)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::case::{CaseNumber, CaseRecord, FindingRecord, StartedInvestigation, case_subject};
    use gumshoe_domain::finding::Finding;
    use gumshoe_domain::investigation::{NotInvestigated, Scope};
    use jiff::{SignedDuration, Timestamp};
    use serde_json::json;

    fn finding(region: &str, severity: f64) -> Finding {
        Finding::from_json(&json!({
            "id": "0123456789abcdef0123456789abcdef", "accountId": "111122223333", "region": region, "partition": "aws",
            "type": "T", "severity": severity,
            "resource": {"accessKeyDetails": {"userType": "AssumedRole", "userName": "deploy"}}
        }))
        .unwrap()
    }

    fn investigation(region: &str) -> StartedInvestigation {
        StartedInvestigation {
            id: "012345678901234567890".to_owned(),
            graph_arn: format!("arn:aws:detective:{region}:111122223333:graph:0123456789abcdef0123456789abcdef"),
            scope: Scope::up_to(Timestamp::UNIX_EPOCH, SignedDuration::from_hours(24), None),
            is_reused: false,
            is_for_follow_up: false,
            is_retry_after_failure: false,
        }
    }

    /// The alert of findings from the first Regions, with investigations in the second, the last first.
    fn alert(findings: &[&str], investigated: &[&str]) -> Alert {
        alert_with(findings, investigated, None)
    }

    fn alert_with(findings: &[&str], investigated: &[&str], not_investigated: Option<NotInvestigated>) -> Alert {
        let number = CaseNumber { sequence: 1, opened_at: Timestamp::UNIX_EPOCH };
        let findings: Vec<Finding> =
            findings.iter().zip([8.0, 7.0, 6.0]).map(|(region, severity)| finding(region, severity)).collect();
        let mut case = CaseRecord::opened(&case_subject(&findings[0]), findings[0].principal.clone(), number);
        let mut open = investigated.iter().map(|region| investigation(region));
        case.investigation = open.next();
        case.other_region_investigations = open.collect();
        let records: Vec<FindingRecord> = findings
            .into_iter()
            .map(|finding| FindingRecord { finding, case: number, suppressed_count: 0, version: 1 })
            .collect();
        let assessment = serde_json::from_value(json!({
            "at": "2026-01-15T12:45:00Z", "joined": 1, "renewed": 0, "revision": 1,
            "verdict": {"level": "HIGH", "score": 60, "reasons": []}, "alert_cause": "VERDICT", "detective_severity": null,
            "indicators": [], "not_investigated": not_investigated
        }));
        Alert::new(&case, &assessment.unwrap(), &records, false)
    }

    #[test]
    fn warning_names_regions_without_an_investigation() {
        assert_eq!(alert(&["us-east-1", "eu-west-1"], &["us-east-1", "eu-west-1"]).coverage(), None);
        let lacking = alert(&["us-east-1", "eu-west-1"], &["us-east-1"]).coverage().unwrap();
        assert!(lacking.ends_with("nothing was investigated in eu-west-1"), "{lacking}");
        let why = NotInvestigated::region_not_investigated(["eu-west-1"]);
        let not_investigated = alert_with(&["us-east-1", "eu-west-1"], &["us-east-1"], Some(why));
        assert_eq!(not_investigated.coverage(), None, "the reason says it");
    }

    #[test]
    fn an_account_outside_the_graph_is_named_with_its_status() {
        use gumshoe_domain::coverage::{DisabledReason, MemberStatus, OutsideGraph};
        let disabled = Some(MemberStatus::AcceptedButDisabled);
        for (status, disabled_reason, end) in [
            (None, None, "is not a member of the behavior graph"),
            (Some(MemberStatus::Invited), None, "sends no data to the behavior graph: INVITED"),
            (
                disabled,
                Some(DisabledReason::VolumeTooHigh),
                "sends no data to the behavior graph: ACCEPTED_BUT_DISABLED, VOLUME_TOO_HIGH",
            ),
        ] {
            let outside = OutsideGraph { account_id: "111122223333".to_owned(), status, disabled_reason };
            let expected = format!("account 111122223333 {end}");
            assert_eq!(outside_graph_sentence(&outside), expected);
        }
    }

    #[test]
    fn links_open_the_regions_of_findings_and_graphs() {
        let urls = |alert: Alert| alert.links.into_iter().map(|link| link.url).collect::<Vec<_>>().join("\n");
        let one = urls(alert(&["eu-west-1"], &["eu-west-1"]));
        assert_eq!(one.matches("region=eu-west-1").count(), 2, "{one}");
        let two = urls(alert(&["eu-west-1", "us-east-1"], &["us-east-1", "eu-west-1"]));
        for link in ["detective/home?region=us-east-1#", "detective/home?region=eu-west-1#"] {
            assert!(two.contains(link), "{two}");
        }
        for link in ["guardduty/home?region=us-east-1#", "guardduty/home?region=eu-west-1#"] {
            assert!(two.contains(link), "{two}");
        }
        let many = alert(&["eu-west-1", "us-east-1", "us-east-2"], &["eu-west-1", "us-east-1", "us-east-2"]);
        assert_eq!(many.links.len(), 4, "links for one other Region");
    }
}
