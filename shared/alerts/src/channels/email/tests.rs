use super::*;
use crate::fixtures;
use gumshoe_domain::principal::Principal;

#[test]
fn bodies_match_snapshots() {
    for (name, case) in fixtures::all() {
        insta::assert_snapshot!(name, body(&case.alert()));
    }
}

#[test]
fn graph_notice_matches_snapshot() {
    let notice = fixtures::graph_notice();
    insta::assert_snapshot!("graph_health", format!("{}\n\n{}", graph_health_subject(&notice), graph_health(&notice)));
}

#[test]
fn untrusted_text_cannot_be_clicked_or_hidden() {
    let text = body(&fixtures::hostile().alert());
    assert!(!text.contains("https://evil") && !text.contains('\u{202e}') && !text.contains('\u{1b}'));
    assert!(!text.lines().any(|line| line.starts_with("Subject:")), "no line of its own");
}

#[test]
fn subject_has_level_principal_and_account() {
    assert_eq!(
        subject(&fixtures::high_risk().alert()),
        "[Gumshoe] Critical risk: IAM role web-role, account 123456789012 (Shop production), 2 findings"
    );
    let mut update = fixtures::one().alert();
    update.revision = 2;
    let subject = subject(&update);
    assert!(subject.contains("account 123456789012") && subject.ends_with(" (update 2)"), "{subject}");
}

#[test]
fn repeats_without_an_alert_are_counted_in_the_next_alert() {
    let mut again = fixtures::one().alert();
    assert!(!body(&again).contains("without an alert"));
    again.findings[0].suppressed = 3;
    assert!(body(&again).contains("seen 3 times more without an alert"), "{}", body(&again));
}

#[test]
fn subject_states_whose_rating_it_shows_if_the_name_is_long() {
    let of = |mut case: fixtures::Case| {
        let Principal::IamRole(entity) = &mut case.record.principal else { panic!() };
        entity.name = "data-platform-batch-job-runner".to_owned();
        subject(&case.alert())
    };
    let cases: std::collections::BTreeMap<_, _> = fixtures::all().into_iter().collect();
    for (name, whose) in [
        ("guardduty_disagrees", " (GuardDuty AI): IAM role data-platform-batch-job-runner, account"),
        ("disagreement", " (Detective): IAM role data-platform-batch-job-runner, account"),
    ] {
        let subject = of(cases[name].clone());
        assert!(subject.contains(whose), "{subject}");
    }
}
