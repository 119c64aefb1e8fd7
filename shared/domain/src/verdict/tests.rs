use super::*;
use crate::InvestigationSeverity;
use crate::finding::{ActivityKind, Severity};
use crate::guardduty::{CompletedInvestigation, Confidence, RiskLevel, Summary};
use crate::principal::{Certainty, Inference, NotInvestigableReason, Principal};
use proptest::prelude::*;

fn finding(severity: f64) -> Finding {
    Finding {
        id: "0123456789abcdef0123456789abcdef".to_owned(),
        account_id: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        partition: Some("aws".to_owned()),
        finding_type: "Discovery:S3/AnomalousBehavior".to_owned(),
        severity: Severity::new(severity).unwrap(),
        title: String::new(),
        resource_type: None,
        principal: Principal::none(NotInvestigableReason::NoName),
        others: Vec::new(),
        omitted_others: 0,
        activity: Vec::new(),
        activity_kind: ActivityKind::Credentials,
        uses_host_network: false,
        details: crate::finding::Details::default(),
        access_key_id: None,
        first_seen: None,
        last_seen: None,
        updated_at: None,
        count: 1,
        is_archived: false,
        is_sample: false,
        has_sample_ids: false,
    }
}

fn ttp(technique: &str, successes: i64, failures: i64) -> Indicator {
    Indicator::TtpObserved {
        tactic: "Persistence".to_owned(),
        technique: technique.to_owned(),
        procedure: "p".to_owned(),
        ip_address: "198.51.100.7".to_owned(),
        api_name: "CreateUser".to_owned(),
        successes,
        failures,
    }
}

fn novelty() -> impl Strategy<Value = Indicator> {
    ("[a-z]{1,3}", any::<bool>(), 0_u8..3).prop_map(|(name, new_for_account, kind)| match kind {
        0 => Indicator::NewGeolocation { location: name, ip_address: "192.0.2.1".to_owned(), new_for_account },
        1 => Indicator::NewAso { aso: name, new_for_account },
        _ => Indicator::NewUserAgent { user_agent: name, new_for_account },
    })
}

fn indicator() -> impl Strategy<Value = Indicator> {
    prop_oneof![
        novelty(),
        ("[a-d]", 0_i64..3, 0_i64..3).prop_map(|(technique, yes, no)| ttp(&technique, yes, no)),
        "[a-d]".prop_map(|ip_address| Indicator::FlaggedIpAddress { ip_address, reason: String::new() }),
        ("[a-d]", "[a-d]").prop_map(|(from, to)| Indicator::ImpossibleTravel {
            starting_ip_address: String::new(),
            ending_ip_address: String::new(),
            starting_location: from,
            ending_location: to,
            hours: 1
        }),
        "[a-d]".prop_map(|arn| Indicator::RelatedFinding {
            arn,
            finding_type: String::new(),
            ip_address: String::new(),
            last_seen: None
        }),
        "[a-d]".prop_map(|id| Indicator::RelatedFindingGroup { id }),
        "[a-d]".prop_map(|indicator_type| Indicator::Unknown { indicator_type })
    ]
}

fn indicators() -> impl Strategy<Value = Vec<Indicator>> {
    prop::collection::vec(indicator(), 0..25)
}

fn verdict_of(findings: &[Finding], indicators: &[Indicator]) -> Verdict {
    Verdict::score(findings, indicators, &Weights::default())
}

proptest! {
    #[test]
    fn it_never_falls_when_evidence_is_added(some in indicators(), more in indicator(), severity in 1.0_f64..10.0, worse in 1.0_f64..10.0) {
        let findings = [finding(severity)];
        let before = verdict_of(&findings, &some);
        let all: Vec<Indicator> = some.iter().cloned().chain([more]).collect();
        prop_assert!(verdict_of(&findings, &all).score >= before.score);
        prop_assert!(verdict_of(&[finding(severity), finding(worse)], &some).score >= before.score);
    }

    #[test]
    fn it_is_bounded_and_each_point_has_a_reason(some in indicators(), severity in 1.0_f64..10.0) {
        let verdict = verdict_of(&[finding(severity)], &some);
        let points: u32 = verdict.reasons.iter().map(|reason| u32::from(reason.points)).sum();
        prop_assert_eq!(u32::from(verdict.score), points.min(100));
    }

    #[test]
    fn order_and_repeats_do_not_matter(some in indicators(), severity in 1.0_f64..10.0) {
        let findings = [finding(severity)];
        let verdict = verdict_of(&findings, &some);
        let backwards: Vec<Indicator> = some.iter().rev().cloned().collect();
        prop_assert_eq!(&verdict_of(&findings, &backwards), &verdict);
        let twice: Vec<Indicator> = some.iter().chain(&some).cloned().collect();
        prop_assert_eq!(&verdict_of(&findings, &twice), &verdict);
    }

    #[test]
    fn novelty_alone_is_never_high_risk(some in prop::collection::vec(novelty(), 0..60), severity in 1.0_f64..9.0) {
        prop_assert!(verdict_of(&[finding(severity)], &some).level < VerdictLevel::High);
    }

    #[test]
    fn an_unknown_kind_is_listed_and_scores_nothing(some in indicators()) {
        let with: Vec<Indicator> =
            some.iter().cloned().chain([Indicator::Unknown { indicator_type: "NEW_KIND".to_owned() }]).collect();
        let verdict = verdict_of(&[], &with);
        prop_assert_eq!(verdict.score, verdict_of(&[], &some).score);
        let is_listed = verdict.reasons.iter().any(|reason| match &reason.code {
            ReasonCode::UnknownIndicators(named) => {
                reason.points == 0 && (named.omitted_count > 0 || named.names.contains(&"NEW_KIND".to_owned()))
            }
            _ => false
        });
        prop_assert!(is_listed);
    }
}

#[test]
fn evidence_that_is_enough_for_high() {
    let level = |severity, indicators: &[Indicator]| verdict_of(&[finding(severity)], indicators).level;
    let flagged = Indicator::FlaggedIpAddress { ip_address: "198.51.100.7".into(), reason: String::new() };
    assert!(level(2.0, &[flagged]) >= VerdictLevel::High);
    assert!(level(8.0, &[ttp("a", 1, 0)]) >= VerdictLevel::High);
    assert!(level(8.0, &[ttp("a", 0, 9)]) < VerdictLevel::High);
    assert!(level(9.0, &[]) >= VerdictLevel::High);
    assert!(level(8.0, &[]) < VerdictLevel::High);
}

#[test]
fn novelty_for_the_account_scores_more_than_for_the_principal() {
    let aso = |new_for_account| Indicator::NewAso { aso: "x".into(), new_for_account };
    let score = |indicator| verdict_of(&[], &[indicator]).score;
    assert!(score(aso(true)) > score(aso(false)));
}

#[test]
fn people_are_notified_of_high_not_investigated_or_disputed_cases() {
    let quiet = verdict_of(&[finding(8.0)], &[]);
    let of =
        |severity, investigated| EngineResults { severity, is_investigated: investigated, ..EngineResults::default() };
    let cause = |severity, investigated| {
        quiet.alert_cause(VerdictLevel::High, &of(severity, investigated), &OpenQuestions::default())
    };
    assert_eq!(cause(Some(InvestigationSeverity::Low), true), None);
    assert_eq!(cause(None, false), Some(AlertCause::NotInvestigated));
    assert_eq!(cause(Some(InvestigationSeverity::Critical), true), Some(AlertCause::DetectiveDisagrees));
    assert_eq!(
        quiet.alert_cause(VerdictLevel::Low, &of(None, true), &OpenQuestions::default()),
        Some(AlertCause::Verdict)
    );
}

/// A role, inferred for this reason or confirmed.
fn role(inference: Option<Inference>) -> Principal {
    let arn = "arn:aws:iam::123456789012:role/web-role";
    let stored = serde_json::json!({"kind": "IamRole", "arn": arn, "arn_is_certain": true, "account_id": "123456789012",
        "name": "web-role", "certainty": inference.map_or(Certainty::Confirmed, Certainty::Inferred)});
    serde_json::from_value(stored).unwrap()
}

#[test]
fn a_quiet_result_disproves_neither_a_workload_finding_nor_another_principal() {
    let cause = |severity, activity_kind, inference, found| {
        let finding = Finding { activity_kind, principal: role(inference), ..finding(severity) };
        OpenQuestions::of(&[finding], found).alert_cause()
    };
    let uncertain = Some(AlertCause::PrincipalUncertain);
    let not_cleared = Some(AlertCause::WorkloadNotCleared);
    for (severity, severe) in [(2.0, false), (6.9, false), (7.0, true), (9.5, true)] {
        let only = |cause: Option<AlertCause>| cause.filter(|_| severe);
        assert_eq!(cause(severity, ActivityKind::Credentials, None, false), None);
        assert_eq!(cause(severity, ActivityKind::Workload, None, true), only(not_cleared));
        assert_eq!(cause(severity, ActivityKind::Undetermined, None, false), only(not_cleared));
        for why in [Inference::TaskDefinition, Inference::Recreated, Inference::KubernetesName] {
            assert_eq!(cause(severity, ActivityKind::Credentials, Some(why), true), only(uncertain), "{why:?}");
        }
        assert_eq!(cause(severity, ActivityKind::Credentials, Some(Inference::NotLookedUp), false), only(uncertain));
        assert_eq!(cause(severity, ActivityKind::Credentials, Some(Inference::NotLookedUp), true), None);
    }
}

#[test]
fn the_most_severe_uncertain_finding_is_reported() {
    let of = |severity, inference| Finding { principal: role(inference), ..finding(severity) };
    let findings = [of(5.0, Some(Inference::InstanceProfile)), of(8.0, Some(Inference::Recreated)), of(9.0, None)];
    let clearance = OpenQuestions::of(&findings, false);
    assert_eq!(clearance.principal_inference, Some(Inference::Recreated));
    assert_eq!(clearance.alert_cause(), Some(AlertCause::PrincipalUncertain));
    // Below High people are not notified, and the record has the reason.
    let clearance = OpenQuestions::of(&findings[..1], false);
    assert_eq!((clearance.principal_inference, clearance.alert_cause()), (Some(Inference::InstanceProfile), None));
}

fn completed(risk_level: RiskLevel, confidence: Confidence) -> CompletedInvestigation {
    CompletedInvestigation {
        investigation_id: "1".to_owned(),
        risk_level,
        confidence,
        risk: None,
        summary: Summary::default(),
        start_time: None,
        end_time: None,
        is_reused: false,
    }
}

const RISK_LEVELS: [RiskLevel; 5] =
    [RiskLevel::Info, RiskLevel::Low, RiskLevel::Medium, RiskLevel::High, RiskLevel::Critical];
const CONFIDENCES: [Confidence; 4] = [Confidence::Unknown, Confidence::Low, Confidence::Medium, Confidence::High];
const SEVERITIES: [Option<InvestigationSeverity>; 6] = [
    None,
    Some(InvestigationSeverity::Informational),
    Some(InvestigationSeverity::Low),
    Some(InvestigationSeverity::Medium),
    Some(InvestigationSeverity::High),
    Some(InvestigationSeverity::Critical),
];

/// GuardDuty's result changes neither level nor score. It causes an alert only with a High or Critical risk level, a confidence above
/// Low, and an indicator of Detective.
#[test]
fn the_risk_level_never_changes_the_score() {
    let quiet = verdict_of(&[finding(5.0)], &[]);
    for (risk_level, confidence) in RISK_LEVELS.into_iter().flat_map(|it| CONFIDENCES.map(|of| (it, of))) {
        let completed = completed(risk_level, confidence);
        for (severity, investigated, found_something) in
            SEVERITIES.into_iter().flat_map(|it| [(it, true, true), (it, true, false), (it, false, false)])
        {
            let without = EngineResults {
                is_investigated: investigated,
                has_indicators: found_something,
                severity,
                guardduty: None,
            };
            let with = EngineResults { guardduty: Some(&completed), ..without };
            let noted = quiet.clone().with_engine_agreement(&with);
            assert_eq!((noted.level, noted.score), (quiet.level, quiet.score));
            assert_eq!(noted.reasons.len(), quiet.reasons.len() + 1);
            let cause = |opinions| quiet.alert_cause(VerdictLevel::High, opinions, &OpenQuestions::default());
            let ground = risk_level >= RiskLevel::High && confidence >= Confidence::Medium && found_something;
            match cause(&without) {
                None if ground => assert_eq!(cause(&with), Some(AlertCause::GuardDutyDisagrees)),
                same => assert_eq!(cause(&with), same, "{with:?}"),
            }
        }
    }
}

#[test]
fn the_engines_are_compared() {
    let code = |severity, risk_level, investigated| {
        let completed = completed(risk_level, Confidence::Low);
        let guardduty = Some(&completed);
        let opinions = EngineResults { is_investigated: investigated, has_indicators: true, severity, guardduty };
        let reason = verdict_of(&[], &[]).with_engine_agreement(&opinions).reasons.remove(0);
        let engines =
            EngineAgreement { is_investigated: investigated, severity, risk_level, confidence: Confidence::Low };
        assert_eq!(reason.points, 0);
        (reason.code, engines)
    };
    use InvestigationSeverity as Severity;
    for (severity, risk_level) in [(Severity::High, RiskLevel::Critical), (Severity::Medium, RiskLevel::Info)] {
        let (code, engines) = code(Some(severity), risk_level, true);
        assert_eq!(code, ReasonCode::EnginesAgree(engines));
    }
    for (severity, risk_level) in [(Severity::High, RiskLevel::Medium), (Severity::Informational, RiskLevel::High)] {
        let (code, engines) = code(Some(severity), risk_level, true);
        assert_eq!(code, ReasonCode::EnginesDisagree(engines));
    }
    for investigated in [true, false] {
        let (code, engines) = code(None, RiskLevel::Critical, investigated);
        assert_eq!(code, ReasonCode::OnlyGuardDuty(engines));
    }
}

fn weight() -> impl Strategy<Value = Weight> {
    (any::<u8>(), any::<u8>(), 0..=100_u8).prop_map(|(first, further, most)| Weight {
        first: first.min(most),
        further,
        most,
    })
}

/// Weights that a deployment may set.
fn weights() -> impl Strategy<Value = Weights> {
    let kinds = prop::collection::vec(weight(), 6);
    let novelty = (0..20_u8, any::<u8>(), 0..15_u8, any::<u8>());
    (kinds, novelty, 0..10_u8, 0..10_u8, 10..25_u8, 25..=100_u8).prop_map(
        |(kinds, novelty, low, more, high, critical)| {
            let (account, further, principal, step) = novelty;
            Weights {
                flagged_address: kinds[0],
                impossible_travel: kinds[1],
                technique_succeeded: kinds[2],
                technique_failed: kinds[3],
                related_finding: kinds[4],
                related_finding_group: kinds[5],
                new_for_account: Weight { first: account, further, most: account },
                new_for_principal: Weight { first: principal, further: step, most: principal },
                severity: SeverityWeights { low: low.min(more), medium: more, high, critical },
            }
        },
    )
}

proptest! {
    #[test]
    fn all_valid_weights_satisfy_the_rules(
        table in weights(), some in indicators(), more in indicator(), new in prop::collection::vec(novelty(), 0..60),
        severity in 1.0_f64..9.0
    ) {
        let findings = [finding(severity)];
        let before = Verdict::score(&findings, &some, &table);
        let all: Vec<Indicator> = some.iter().cloned().chain([more]).collect();
        prop_assert!(Verdict::score(&findings, &all, &table).score >= before.score);
        prop_assert!(before.score <= 100);
        prop_assert!(Verdict::score(&findings, &new, &table).level < VerdictLevel::High);
    }
}

fn related(id: &str, finding_type: &str, last_seen: Option<&str>) -> Indicator {
    Indicator::RelatedFinding {
        arn: format!("arn:aws:guardduty:us-east-1:123456789012:detector/d/finding/{id}"),
        finding_type: finding_type.to_owned(),
        ip_address: "198.51.100.7".to_owned(),
        last_seen: last_seen.map(|time| time.parse().unwrap()),
    }
}

#[test]
fn a_related_finding_of_the_case_itself_scores_nothing() {
    let own = finding(5.0);
    let without = verdict_of(std::slice::from_ref(&own), &[]);
    assert_eq!(verdict_of(std::slice::from_ref(&own), &[related(&own.id, "T", None)]), without);
    let both = [related(&own.id, "T", None), related("another", "T", None)];
    assert_eq!(verdict_of(&[own], &both).score, without.score + 10);
}

#[test]
fn related_findings_are_listed_by_type_and_time_and_counted_each() {
    let indicators = [
        related("1", "Recon:S3/TorIPCaller", Some("2026-01-15T12:35:00Z")),
        related("2", "Recon:S3/TorIPCaller", None),
        related("2", "Recon:S3/TorIPCaller", Some("2026-01-15T11:00:00Z")),
        related("3", "Impact:S3/TorIPCaller", None),
    ];
    let of_type = |finding_type: &str, count, last_seen: Option<&str>| RelatedFindings {
        finding_type: finding_type.to_owned(),
        count,
        last_seen: last_seen.map(|time| time.parse().unwrap()),
    };
    let reason = verdict_of(&[], &indicators).reasons.remove(0);
    let names = vec![
        of_type("Impact:S3/TorIPCaller", 1, None),
        of_type("Recon:S3/TorIPCaller", 2, Some("2026-01-15T12:35:00Z")),
    ];
    let named = NamedItems { count: 3, names, omitted_count: 0 };
    assert_eq!((reason.points, reason.code), (20, ReasonCode::RelatedFindings(named)));
    let one = verdict_of(&[], &indicators[3..]).reasons.remove(0);
    let named = NamedItems { count: 1, names: vec![of_type("Impact:S3/TorIPCaller", 1, None)], omitted_count: 0 };
    assert_eq!((one.points, one.code), (10, ReasonCode::RelatedFindings(named)));
}
