use super::*;
use crate::case::{CaseNumber, case_subject};
use crate::investigation::NotInvestigatedDetail;
use proptest::prelude::*;
use serde_json::json;

const HERE: &str = "us-east-1";
const THERE: &str = "ap-southeast-2";
const NOWHERE: &str = "sa-east-1";

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + hour * 3600).unwrap()
}

fn regions() -> Regions {
    format!("{HERE},{THERE}").parse().unwrap()
}

/// A finding about one role, with activity in the hour before `until`.
fn finding(region: &str, severity: f64, until: i64) -> Finding {
    Finding::from_json(&json!({
        "id": format!("{region}-{until}"), "accountId": "111122223333", "region": region, "partition": "aws", "type": "T",
        "severity": severity, "resource": {"accessKeyDetails": {"userType": "AssumedRole", "userName": "deploy"}},
        "service": {"eventFirstSeen": at(until - 1).to_string(), "eventLastSeen": at(until).to_string()},
    }))
    .unwrap()
}

fn scope(until: i64) -> Scope {
    Scope { start: at(until - 24), end: at(until) }
}

fn investigation(region: &str, until: i64) -> StartedInvestigation {
    StartedInvestigation {
        id: "012345678901234567890".to_owned(),
        graph_arn: format!("arn:aws:detective:{region}:111122223333:graph:0123456789abcdef0123456789abcdef"),
        scope: scope(until),
        is_reused: false,
        is_for_follow_up: false,
        is_retry_after_failure: false,
    }
}

/// The findings' case with these investigations, stored in this order.
fn case(findings: &[Finding], investigations: &[StartedInvestigation]) -> CaseRecord {
    let number = CaseNumber { sequence: 1, opened_at: at(0) };
    let mut case = CaseRecord::opened(&case_subject(&findings[0]), findings[0].principal.clone(), number);
    for investigation in investigations {
        case.other_region_investigations = case.investigations_in_other_regions(&investigation.graph_arn);
        case.investigation = Some(investigation.clone());
    }
    case
}

/// The next investigation of the findings' case: a Region, the graph's ARN of the stored one, or the reason.
fn next(findings: &[Finding], investigations: &[StartedInvestigation]) -> String {
    match next_investigation(&case(findings, investigations), findings, &regions()) {
        NextInvestigation::Start(place) => place.region.to_owned(),
        NextInvestigation::Existing(noted) => noted.graph_arn.clone(),
        NextInvestigation::None(why) => why.error.into(),
    }
}

fn why(findings: &[Finding], seen: &[(&str, Scope)]) -> Option<String> {
    uncovered_findings(findings, seen, &regions()).map(|it| it.not_investigated_reason(&regions()).error.into())
}

#[test]
fn a_case_is_investigated_in_the_region_of_its_finding() {
    for region in [HERE, THERE] {
        assert_eq!(next(&[finding(region, 5.0, 1)], &[]), region);
    }
}

#[test]
fn a_case_is_investigated_in_each_region_the_worst_first() {
    let findings = [finding(HERE, 5.0, 1), finding(THERE, 8.0, 1)];
    let (here, there) = (investigation(HERE, 2), investigation(THERE, 2));
    assert_eq!(next(&findings, &[]), THERE);
    assert_eq!(next(&findings, std::slice::from_ref(&there)), HERE);
    assert_eq!(next(&findings, &[there.clone(), here.clone()]), here.graph_arn);
    assert_eq!(next(&findings, &[here, there.clone()]), there.graph_arn);
}

#[test]
fn later_activity_in_one_region_is_investigated_in_that_region_again() {
    let investigations = [investigation(THERE, 2), investigation(HERE, 2)];
    let findings = [finding(HERE, 5.0, 1), finding(THERE, 5.0, 3)];
    assert_eq!(next(&findings, &investigations), THERE);
    let again = case(&findings, &[&investigations[..], &[investigation(THERE, 4)]].concat());
    assert_eq!(again.investigations().count(), 2, "one of each Region");
    assert_eq!(
        next(&findings, &[investigation(THERE, 2), investigation(HERE, 2), investigation(THERE, 4)]),
        again.investigation.unwrap().graph_arn
    );
}

#[test]
fn a_finding_of_a_region_without_investigations_is_reported() {
    assert_eq!(next(&[finding(NOWHERE, 8.0, 1)], &[]), "RegionNotListed");
    let both = [finding(NOWHERE, 8.0, 1), finding(HERE, 5.0, 1)];
    assert_eq!(next(&both, &[]), HERE, "the other Region is investigated");
    assert_eq!(next(&both, &[investigation(HERE, 2)]), investigation(HERE, 2).graph_arn);
    let uncovered = uncovered_findings(&both, &[(HERE, scope(2))], &regions()).unwrap();
    assert_eq!(uncovered.kind(), UncoveredActivity::RegionNotListed);
    let why = uncovered.not_investigated_reason(&regions());
    assert_eq!(why.error.as_str(), "RegionNotListed");
    let Some(NotInvestigatedDetail::RegionsNotListed { regions: of, listed }) = &why.detail else { panic!("{why:?}") };
    assert!(of == &[NOWHERE] && listed.iter().any(|it| it == THERE), "{why:?}");
}

#[test]
fn only_an_investigation_of_its_own_region_covers_a_finding() {
    let findings = [finding(HERE, 5.0, 1), finding(THERE, 8.0, 1)];
    assert_eq!(why(&findings, &[(HERE, scope(2)), (THERE, scope(2))]), None);
    assert_eq!(why(&findings, &[(HERE, scope(2))]).as_deref(), Some("RegionNotInvestigated"));
    assert_eq!(why(&findings[1..], &[(HERE, scope(2))]).as_deref(), Some("RegionNotInvestigated"));
    assert_eq!(why(&findings, &[]).as_deref(), Some("RegionNotInvestigated"));
    assert_eq!(
        uncovered_findings(&findings, &[(HERE, scope(2))], &regions()).unwrap().kind(),
        UncoveredActivity::RegionNotInvestigated
    );
}

#[test]
fn activity_after_the_investigation_of_its_region_is_not_covered() {
    let findings = [finding(HERE, 5.0, 3), finding(THERE, 8.0, 1)];
    let late = why(&findings, &[(HERE, scope(2)), (THERE, scope(4))]);
    assert_eq!(late.as_deref(), Some("ActivityAfterInvestigation"), "the later investigation is of another Region");
    assert_eq!(why(&findings, &[(HERE, scope(2)), (HERE, scope(3)), (THERE, scope(4))]), None);
}

/// A Region by its number; the last is not listed.
fn region(number: usize) -> &'static str {
    [HERE, THERE, NOWHERE][number]
}

proptest! {
    /// The two decisions agree: after all investigations that the first requests, the second finds nothing left.
    #[test]
    fn requested_investigations_cover_everything(
        findings in prop::collection::vec((0_usize..3, 1_u8..=9, 1_i64..12), 1..8)
    ) {
        let findings: Vec<Finding> =
            findings.into_iter().map(|(place, severity, until)| finding(region(place), f64::from(severity), until)).collect();
        let mut asked: Vec<StartedInvestigation> = Vec::new();
        for _ in 0..3 {
            match next_investigation(&case(&findings, &asked), &findings, &regions()) {
                NextInvestigation::Start(place) => asked.push(investigation(place.region, 12)),
                NextInvestigation::Existing(_) | NextInvestigation::None(_) => break,
            }
        }
        let listed = findings.iter().filter(|finding| finding.region != NOWHERE).map(|finding| finding.region.as_str());
        prop_assert_eq!(asked.len(), listed.collect::<BTreeSet<_>>().len(), "once in each Region");
        let seen: Vec<(&str, Scope)> =
            asked.iter().map(|it| (graph_region(&it.graph_arn).unwrap(), it.scope)).collect();
        let left = uncovered_findings(&findings, &seen, &regions());
        let is_elsewhere = findings.iter().any(|finding| finding.region == NOWHERE);
        prop_assert_eq!(left.as_ref().map(UncoveredFindings::kind), is_elsewhere.then_some(UncoveredActivity::RegionNotListed));
    }

    /// A case may end quietly only if every finding is within an investigation of its own Region.
    #[test]
    fn everything_is_covered_only_if_each_finding_is_within_an_investigation_of_its_region(
        findings in prop::collection::vec((0_usize..3, 1_i64..12), 1..6),
        seen in prop::collection::vec((0_usize..3, 1_i64..12), 0..4),
    ) {
        let findings: Vec<Finding> =
            findings.into_iter().map(|(place, until)| finding(region(place), 8.0, until)).collect();
        let seen: Vec<(&str, Scope)> = seen.into_iter().map(|(place, until)| (region(place), scope(until))).collect();
        let holds = |finding: &Finding| {
            seen.iter().any(|(place, scope)| *place == finding.region && Some(scope.end) >= finding.last_seen)
        };
        prop_assert_eq!(uncovered_findings(&findings, &seen, &regions()).is_none(), findings.iter().all(holds));
    }
}
