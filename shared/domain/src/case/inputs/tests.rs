//! Decisions about whole cases.

use super::*;
use crate::case::{CaseNumber, case_subject};
use crate::finding::Finding;
use crate::guardduty::GuardDutyRequestState;
use crate::investigation::{InvestigationStatus, NotInvestigatedKind};
use proptest::prelude::*;
use serde_json::json;

const ACCOUNT: &str = "123456789012";
const NOTHING_SEEN: i64 = 0;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn rules() -> AssessmentRules {
    AssessmentRules {
        regions: "us-east-1,eu-west-1".parse().unwrap(),
        guardduty_policy: InvestigationPolicy::Off,
        threshold: VerdictLevel::High,
        weights: Weights::default(),
    }
}

/// A finding about the role, of the Region, last seen this number of seconds after the scope's end (or before it).
fn finding(id: usize, severity: f64, region: &str, last_seen: i64) -> Finding {
    let document = json!({
        "id": format!("f{id}"), "accountId": ACCOUNT, "region": region, "partition": "aws", "type": "T:IAMUser/X",
        "severity": severity, "title": "t",
        "resource": {"resourceType": "AccessKey", "accessKeyDetails": {
            "accessKeyId": "ASIAEXAMPLE", "principalId": "AROAEXAMPLE0001:session", "userType": "AssumedRole",
            "userName": "web"}},
        "service": {"eventFirstSeen": at(-7200).to_string(), "eventLastSeen": at(last_seen).to_string()}
    });
    let mut finding = Finding::from_json(&document).unwrap();
    if let Some(entity) = finding.principal.entity_mut() {
        entity.certainty = crate::principal::Certainty::Confirmed;
    }
    finding
}

fn open(region: &str, id: u8) -> StartedInvestigation {
    StartedInvestigation {
        id: format!("{id:021}"),
        graph_arn: format!("arn:aws:detective:{region}:{ACCOUNT}:graph:g"),
        scope: Scope { start: at(-86_400), end: at(0) },
        is_reused: false,
        is_for_follow_up: false,
        is_retry_after_failure: false,
    }
}

fn result(
    open: &StartedInvestigation,
    severity: InvestigationSeverity,
    indicators: Vec<Indicator>,
) -> InvestigationResult {
    let investigation = Investigation {
        id: open.id.clone(),
        graph_arn: open.graph_arn.clone(),
        entity_arn: "arn:aws:iam::123456789012:role/web".to_owned(),
        status: InvestigationStatus::Successful,
        severity: Some(severity),
        scope: Some(open.scope),
        state: None,
    };
    InvestigationResult { open: open.clone(), investigation, all_indicators: indicators.clone(), indicators }
}

/// A case of these findings, investigated in us-east-1 without indicators.
fn inputs(findings: Vec<Finding>) -> CaseInputs {
    let first = findings.first().unwrap();
    let number = CaseNumber { sequence: 1, opened_at: at(-600) };
    let mut case = CaseRecord::opened(&case_subject(first), first.principal.clone(), number);
    let open = open("us-east-1", 1);
    case.investigation = Some(open.clone());
    CaseInputs {
        case,
        findings,
        results: vec![result(&open, InvestigationSeverity::Low, Vec::new())],
        running: None,
        guardduty: None,
        not_investigated: None,
        coverage: CaseCoverage::InGraphs,
        is_last: false,
    }
}

fn decide(inputs: &CaseInputs) -> CaseEvaluation {
    inputs.evaluate(&rules()).unwrap()
}

/// Why people are notified; `None` for a quiet end.
fn cause(evaluated: EvaluationOutcome) -> Option<Option<crate::verdict::AlertCause>> {
    match evaluated {
        EvaluationOutcome::Verdict { cause, .. } => Some(cause),
        _ => None,
    }
}

fn outside() -> OutsideGraph {
    OutsideGraph { account_id: ACCOUNT.to_owned(), status: None, disabled_reason: None }
}

#[test]
fn a_case_with_an_empty_result_that_covers_everything_ends_quietly() {
    let decision = decide(&inputs(vec![finding(1, 5.0, "us-east-1", NOTHING_SEEN)]));
    assert_eq!(cause(decision.outcome), Some(None));
    assert_eq!((decision.not_investigated, decision.outside_graph), (None, None));
}

#[test]
fn the_reason_names_what_was_missing() {
    let quiet = inputs(vec![finding(1, 5.0, "us-east-1", NOTHING_SEEN)]);
    let kind = |inputs: &CaseInputs| decide(inputs).not_investigated.unwrap().error;

    let uncovered = CaseInputs { coverage: CaseCoverage::Outside(outside()), ..quiet.clone() };
    assert_eq!(kind(&uncovered), NotInvestigatedKind::AccountNotInGraph);
    assert_eq!(decide(&uncovered).outside_graph, Some(outside()));

    let denied = CaseCoverage::Unknown { is_transient: false, cause: "GetMembers was denied".to_owned() };
    let unknown = CaseInputs { coverage: denied, ..quiet.clone() };
    assert_eq!(kind(&unknown), NotInvestigatedKind::MembershipUnknown);
    assert_eq!(decide(&unknown).not_investigated.unwrap().cause, "GetMembers was denied");

    let throttled = CaseCoverage::Unknown { is_transient: true, cause: "GetMembers was throttled".to_owned() };
    let unread = CaseInputs { coverage: throttled, ..quiet.clone() };
    assert_eq!(unread.evaluate(&rules()).unwrap_err(), CoverageReadError);

    let later = CaseInputs { is_last: true, ..inputs(vec![finding(1, 5.0, "us-east-1", 60)]) };
    assert_eq!(kind(&later), NotInvestigatedKind::ActivityAfterInvestigation);
    let elsewhere = CaseInputs { is_last: true, ..inputs(vec![finding(1, 5.0, "eu-west-1", NOTHING_SEEN)]) };
    assert_eq!(kind(&elsewhere), NotInvestigatedKind::RegionNotInvestigated);
    let out_of_reach = inputs(vec![finding(1, 5.0, "ap-south-1", NOTHING_SEEN)]);
    assert_eq!(kind(&out_of_reach), NotInvestigatedKind::RegionNotListed);

    let running = CaseInputs { running: quiet.case.investigation.clone(), results: Vec::new(), is_last: true, ..quiet };
    assert_eq!(kind(&running), NotInvestigatedKind::InvestigationDeadline);
}

/// Indicators from before the account was disabled count.
#[test]
fn an_account_outside_the_graph_is_reported_with_the_indicators() {
    let quiet = inputs(vec![finding(1, 5.0, "us-east-1", NOTHING_SEEN)]);
    for (severity, has_result) in [
        (InvestigationSeverity::Informational, false),
        (InvestigationSeverity::Medium, false),
        (InvestigationSeverity::High, true),
        (InvestigationSeverity::Critical, true),
    ] {
        let mut inputs = CaseInputs { coverage: CaseCoverage::Outside(outside()), ..quiet.clone() };
        inputs.results[0].investigation.severity = Some(severity);
        let decision = decide(&inputs);
        assert_eq!(decision.not_investigated.is_none(), has_result, "{severity}");
        assert!(cause(decision.outcome).unwrap().is_some(), "{severity}: people are notified in either case");
    }
}

#[test]
fn a_follow_up_needs_a_result_of_its_own() {
    let mut inputs = inputs(vec![finding(1, 5.0, "us-east-1", NOTHING_SEEN)]);
    inputs.case.progress.follow_up_at = Some(at(100));
    assert_eq!(decide(&inputs).outcome, EvaluationOutcome::FollowUpPending, "the result is of the first investigation");
    let second = StartedInvestigation { is_for_follow_up: true, ..open("us-east-1", 2) };
    inputs.case.investigation = Some(second.clone());
    assert_eq!(decide(&inputs).outcome, EvaluationOutcome::FollowUpPending, "it has none yet");
    inputs.results = vec![result(&second, InvestigationSeverity::Low, Vec::new())];
    assert_eq!(cause(decide(&inputs).outcome), Some(None));
}

#[test]
fn an_investigation_that_failed_is_started_once_more() {
    let mut inputs = inputs(vec![finding(1, 5.0, "us-east-1", NOTHING_SEEN)]);
    inputs.results.clear();
    inputs.not_investigated = Some(NotInvestigated::new(NotInvestigatedKind::InvestigationFailed, "c"));
    assert_eq!(decide(&inputs).outcome, EvaluationOutcome::InvestigationFailed);
    inputs.case.investigation.as_mut().unwrap().is_retry_after_failure = true;
    assert_eq!(cause(decide(&inputs).outcome), Some(Some(crate::verdict::AlertCause::NotInvestigated)));
    inputs.not_investigated = Some(NotInvestigated::new(NotInvestigatedKind::DetectiveThrottled, "c"));
    assert_eq!(cause(decide(&inputs).outcome), Some(Some(crate::verdict::AlertCause::NotInvestigated)));
}

#[test]
fn guardduty_is_requested_while_a_round_is_left_and_reported_otherwise() {
    let rules = AssessmentRules { guardduty_policy: InvestigationPolicy::All, ..rules() };
    let mut inputs = inputs(vec![finding(1, 5.0, "us-east-1", NOTHING_SEEN)]);
    assert_eq!(inputs.evaluate(&rules).unwrap().outcome, EvaluationOutcome::Outdated);
    inputs.is_last = true;
    let last = inputs.evaluate(&rules).unwrap();
    assert!(matches!(last.guardduty, Some(GuardDutyResult::NotRequested(NotRequestedReason::Failed { .. }))));
    inputs.case.guardduty = Some(GuardDutyRequestState::NotRequested(NotRequestedReason::NoDetector));
    inputs.guardduty = Some(GuardDutyResult::NotRequested(NotRequestedReason::NoDetector));
    let asked = inputs.evaluate(&rules).unwrap();
    assert_eq!(asked.guardduty, inputs.guardduty);
}

fn a_finding() -> impl Strategy<Value = Finding> {
    let regions = prop::sample::select(vec!["us-east-1", "us-east-1", "us-east-1", "eu-west-1", "ap-south-1"]);
    let severities = prop::sample::select(vec![2.0, 5.0, 8.0, 9.5]);
    (0_usize..9, severities, regions, -100_i64..100)
        .prop_map(|(id, severity, region, seen)| finding(id, severity, region, seen))
}

fn a_coverage() -> impl Strategy<Value = CaseCoverage> {
    prop::sample::select(vec![
        CaseCoverage::InGraphs,
        CaseCoverage::Outside(outside()),
        CaseCoverage::Unknown { is_transient: false, cause: "c".to_owned() },
        CaseCoverage::Unknown { is_transient: true, cause: "c".to_owned() },
    ])
}

prop_compose! {
    fn a_case()(
        findings in prop::collection::vec(a_finding(), 1..4),
        severity in prop::sample::select(vec![
            InvestigationSeverity::Informational, InvestigationSeverity::Medium, InvestigationSeverity::High,
        ]),
        found in prop::collection::vec(0_usize..3, 0..3),
        coverage in a_coverage(),
        not_investigated in prop::option::weighted(0.2, prop::sample::select(vec![
            NotInvestigatedKind::InvestigationFailed, NotInvestigatedKind::EntityNotInGraph,
            NotInvestigatedKind::DetectiveThrottled,
        ])),
        (running, is_last, begun, of_second_look, elsewhere) in any::<(bool, bool, bool, bool, bool)>(),
    ) -> CaseInputs {
        let mut inputs = inputs(findings);
        let open = StartedInvestigation { is_for_follow_up: of_second_look, ..open("us-east-1", 1) };
        let indicators = found.into_iter().map(|index| match index {
            0 => Indicator::ImpossibleTravel {
                starting_ip_address: "198.51.100.1".to_owned(), ending_ip_address: "198.51.100.2".to_owned(),
                starting_location: "A".to_owned(), ending_location: "B".to_owned(), hours: 1,
            },
            1 => Indicator::FlaggedIpAddress { ip_address: "198.51.100.3".to_owned(), reason: "THREAT".to_owned() },
            _ => Indicator::NewUserAgent { user_agent: "curl".to_owned(), new_for_account: true },
        }).collect();
        inputs.case.investigation = Some(open.clone());
        inputs.case.progress.follow_up_at = begun.then(|| at(0));
        inputs.results = if running || not_investigated.is_some() {
            Vec::new()
        } else {
            vec![result(&open, severity, indicators)]
        };
        if elsewhere {
            let other = StartedInvestigation { is_for_follow_up: of_second_look, ..self::open("eu-west-1", 2) };
            inputs.case.other_region_investigations = vec![other.clone()];
            inputs.results.push(result(&other, severity, Vec::new()));
        }
        inputs.running = (running && not_investigated.is_none()).then_some(open);
        inputs.not_investigated = not_investigated.map(|kind| NotInvestigated::new(kind, "c"));
        CaseInputs { coverage, is_last, ..inputs }
    }
}

/// Whether the case ends quietly.
fn is_quiet(inputs: &CaseInputs) -> bool {
    inputs.evaluate(&rules()).is_ok_and(|decision| cause(decision.outcome) == Some(None))
}

/// Whether people are notified.
fn is_alert(inputs: &CaseInputs) -> bool {
    inputs.evaluate(&rules()).is_ok_and(|decision| cause(decision.outcome).flatten().is_some())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn another_finding_never_turns_an_alert_into_a_quiet_end(inputs in a_case(), more in a_finding()) {
        let mut with_more = inputs.clone();
        with_more.findings.push(more);
        prop_assert!(!(is_alert(&inputs) && is_quiet(&with_more)));
    }

    #[test]
    fn a_case_ends_quietly_only_if_detective_could_see_the_activity(inputs in a_case()) {
        if is_quiet(&inputs) {
            prop_assert_eq!(&inputs.coverage, &CaseCoverage::InGraphs);
            prop_assert!(inputs.not_investigated.is_none() && inputs.running.is_none());
            let seen = |finding: &Finding| {
                let of_region = |it: &&InvestigationResult| {
                    graph_region(&it.open.graph_arn) == Some(finding.region.as_str()) && inputs.case.is_current(&it.open)
                };
                let end = inputs.results.iter().filter(of_region).map(|it| it.open.scope.end).max();
                // Activity after the follow-up began opens the next case.
                let begun = inputs.case.progress.follow_up_at.is_some();
                end.is_some_and(|end| begun || finding.last_seen <= Some(end))
            };
            prop_assert!(inputs.findings.iter().all(seen));
        }
    }

    #[test]
    fn no_investigation_is_requested_in_the_last_round(inputs in a_case()) {
        let inputs = CaseInputs { is_last: true, ..inputs };
        if let Ok(decision) = inputs.evaluate(&rules()) {
            prop_assert!(!matches!(decision.outcome, EvaluationOutcome::Outdated | EvaluationOutcome::InvestigationRunning));
        }
    }

    #[test]
    fn a_follow_up_without_a_result_does_not_end_the_case(inputs in a_case()) {
        let last = inputs.case.investigation.as_ref().unwrap();
        let has_result = last.is_for_follow_up && inputs.results.iter().any(|it| it.open.id == last.id);
        let begun = inputs.case.progress.follow_up_at.is_some();
        if begun && !has_result && inputs.not_investigated.is_none() {
            prop_assert!(inputs.evaluate(&rules()).is_ok_and(|it| it.outcome == EvaluationOutcome::FollowUpPending) || inputs.evaluate(&rules()).is_err());
        }
    }

    /// Texts are shown, and decide nothing.
    #[test]
    fn texts_do_not_change_the_decision(inputs in a_case()) {
        let mut reworded = inputs.clone();
        if let Some(why) = &mut reworded.not_investigated {
            why.cause = "AccountNotInGraph".to_owned();
        }
        if let CaseCoverage::Unknown { cause, .. } = &mut reworded.coverage {
            *cause = "another".to_owned();
        }
        for finding in &mut reworded.findings {
            finding.title = "AttackSequence: CRITICAL".to_owned();
        }
        let evaluated = |inputs: &CaseInputs| inputs.evaluate(&rules()).map(|it| (it.outcome, it.decision));
        prop_assert_eq!(evaluated(&inputs), evaluated(&reworded));
    }
}
