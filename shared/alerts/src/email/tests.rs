use super::*;
use crate::fixtures;
use proptest::prelude::*;

#[test]
fn high_risk() {
    insta::assert_snapshot!(body(&fixtures::high_risk()));
}

#[test]
fn nothing_investigated() {
    insta::assert_snapshot!(body(&fixtures::not_investigated()));
}

#[test]
fn hostile_text() {
    let text = body(&fixtures::hostile());
    assert!(!text.contains("https://evil") && !text.contains('\u{202e}') && !text.contains('\u{1b}'));
    insta::assert_snapshot!(text);
}

#[test]
fn subjects_say_who_and_how_bad() {
    assert_eq!(
        subject(&fixtures::high_risk()),
        "[Gumshoe] Critical risk: IAM role web-role in account 123456789012, 2 findings"
    );
    let mut update = fixtures::high_risk();
    update.revision = 2;
    assert!(subject(&update).ends_with("2 findings (update 2)"));
}

proptest! {
    #[test]
    fn limits_hold_for_any_text(text in ".{0,4000}", revision in 1_u32..5000) {
        let mut alert = fixtures::hostile();
        alert.revision = revision;
        for finding in &mut alert.findings {
            finding.title.clone_from(&text);
        }
        alert.accounts = vec![text.clone()];
        for reason in &mut alert.verdict.reasons {
            reason.text.clone_from(&text);
        }
        alert.principal = Principal::nobody(gumshoe_domain::principal::NotInvestigable::UserType { user_type: text });
        let subject = subject(&alert);
        prop_assert!(subject.len() < 100 && subject.is_ascii() && !subject.contains('\n'));
        prop_assert!(body(&alert).len() <= LIMIT + 32);
    }
}
