use super::*;
use crate::finding::Severity;
use crate::principal::{NotInvestigable, Principal};
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
        principal: Principal::nobody(NotInvestigable::NoName),
        others: Vec::new(),
        access_key_id: None,
        first_seen: None,
        last_seen: None,
        updated_at: None,
        count: 1,
        archived: false,
        sample: false,
        placeholder: false,
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
            hours: 1,
        }),
        "[a-d]".prop_map(|arn| Indicator::RelatedFinding {
            arn,
            finding_type: String::new(),
            ip_address: String::new(),
        }),
        "[a-d]".prop_map(|id| Indicator::RelatedFindingGroup { id }),
        "[a-d]".prop_map(|indicator_type| Indicator::Unknown { indicator_type }),
    ]
}

fn indicators() -> impl Strategy<Value = Vec<Indicator>> {
    prop::collection::vec(indicator(), 0..25)
}

proptest! {
    #[test]
    fn it_never_falls_when_evidence_is_added(some in indicators(), more in indicator(), severity in 1.0_f64..10.0, worse in 1.0_f64..10.0) {
        let findings = [finding(severity)];
        let before = Verdict::weigh(&findings, &some);
        let all: Vec<Indicator> = some.iter().cloned().chain([more]).collect();
        prop_assert!(Verdict::weigh(&findings, &all).score >= before.score);
        prop_assert!(Verdict::weigh(&[finding(severity), finding(worse)], &some).score >= before.score);
    }

    #[test]
    fn it_is_bounded_and_each_point_has_a_reason(some in indicators(), severity in 1.0_f64..10.0) {
        let verdict = Verdict::weigh(&[finding(severity)], &some);
        let points: u32 = verdict.reasons.iter().map(|reason| u32::from(reason.points)).sum();
        prop_assert_eq!(u32::from(verdict.score), points.min(100));
        prop_assert!(verdict.reasons.iter().all(|reason| !reason.text.is_empty()));
    }

    #[test]
    fn order_and_repeats_do_not_matter(some in indicators(), severity in 1.0_f64..10.0) {
        let findings = [finding(severity)];
        let verdict = Verdict::weigh(&findings, &some);
        let backwards: Vec<Indicator> = some.iter().rev().cloned().collect();
        prop_assert_eq!(&Verdict::weigh(&findings, &backwards), &verdict);
        let twice: Vec<Indicator> = some.iter().chain(&some).cloned().collect();
        prop_assert_eq!(&Verdict::weigh(&findings, &twice), &verdict);
    }

    #[test]
    fn novelty_alone_is_never_high_risk(some in prop::collection::vec(novelty(), 0..60), severity in 1.0_f64..9.0) {
        prop_assert!(Verdict::weigh(&[finding(severity)], &some).level < VerdictLevel::High);
    }

    #[test]
    fn an_unknown_kind_is_listed_and_weighs_nothing(some in indicators()) {
        let with: Vec<Indicator> =
            some.iter().cloned().chain([Indicator::Unknown { indicator_type: "NEW_KIND".to_owned() }]).collect();
        let verdict = Verdict::weigh(&[], &with);
        prop_assert_eq!(verdict.score, Verdict::weigh(&[], &some).score);
        prop_assert!(verdict.reasons.iter().any(|reason| reason.points == 0 && reason.text.contains("NEW_KIND")
            || reason.text.contains("more")));
    }
}

#[test]
fn what_is_enough_for_high_risk() {
    let level = |severity, indicators: &[Indicator]| Verdict::weigh(&[finding(severity)], indicators).level;
    let flagged = Indicator::FlaggedIpAddress { ip_address: "198.51.100.7".into(), reason: String::new() };
    assert!(level(2.0, &[flagged]) >= VerdictLevel::High);
    assert!(level(8.0, &[ttp("a", 1, 0)]) >= VerdictLevel::High);
    assert!(level(8.0, &[ttp("a", 0, 9)]) < VerdictLevel::High);
    assert!(level(9.0, &[]) >= VerdictLevel::High);
    assert!(level(8.0, &[]) < VerdictLevel::High);
}

#[test]
fn account_wide_novelty_outweighs_the_principals_own() {
    let aso = |new_for_account| Indicator::NewAso { aso: "x".into(), new_for_account };
    let score = |indicator| Verdict::weigh(&[], &[indicator]).score;
    assert!(score(aso(true)) > score(aso(false)));
}

#[test]
fn people_hear_of_what_is_high_not_investigated_or_disputed() {
    let quiet = Verdict::weigh(&[finding(8.0)], &[]);
    let cause = |detective, investigated| quiet.alert_cause(VerdictLevel::High, detective, investigated);
    assert_eq!(cause(Some(InvestigationSeverity::Low), true), None);
    assert_eq!(cause(None, false), Some(AlertCause::NotInvestigated));
    assert_eq!(cause(Some(InvestigationSeverity::Critical), true), Some(AlertCause::DetectiveDisagrees));
    assert_eq!(quiet.alert_cause(VerdictLevel::Low, None, true), Some(AlertCause::Verdict));
}
