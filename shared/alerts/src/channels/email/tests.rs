use super::*;
use crate::fixtures;

#[test]
fn bodies() {
    for (name, case) in fixtures::all() {
        insta::assert_snapshot!(name, body(&case.alert()));
    }
}

#[test]
fn a_notice_of_the_graph() {
    let notice = fixtures::graph_notice();
    insta::assert_snapshot!("graph_health", format!("{}\n\n{}", graph_health_subject(&notice), graph_health(&notice)));
}

#[test]
fn hostile_text_can_neither_be_clicked_nor_hide() {
    let text = body(&fixtures::hostile().alert());
    assert!(!text.contains("https://evil") && !text.contains('\u{202e}') && !text.contains('\u{1b}'));
    assert!(!text.lines().any(|line| line.starts_with("Subject:")), "no line of its own");
}

#[test]
fn subjects_say_who_and_how_bad() {
    assert_eq!(
        subject(&fixtures::high_risk().alert()),
        "[Gumshoe] Critical risk: IAM role web-role in account 123456789012 (Shop production), 2 findings"
    );
    let mut update = fixtures::one().alert();
    update.revision = 2;
    assert!(subject(&update).ends_with("(Shop... (update 2)") || subject(&update).ends_with("(update 2)"));
}

#[test]
fn what_came_again_without_an_alert_is_counted_in_the_next() {
    let mut again = fixtures::one().alert();
    assert!(!body(&again).contains("without an alert"));
    again.findings[0].suppressed = 3;
    assert!(body(&again).contains("came again 3 times without an alert"), "{}", body(&again));
}
