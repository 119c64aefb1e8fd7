use super::*;
use crate::earlier_marks;
use gumshoe_alerts::message::GraphReadTarget;
use serde_json::json;

/// Issues of each kind, with its code, its fingerprint, and the kind and fingerprint that the version without codes stored. All of
/// them are in tables, so they must not change.
pub(crate) fn pinned_issues() -> Vec<(Issue, [&'static str; 4])> {
    let account_id = || "000000000001".to_owned();
    let disabled = |reason| Issue::MemberDisabled { account_id: account_id(), reason };
    let package = Package::EksAudit;
    vec![
        (
            Issue::DocumentWrong { why: "w".to_owned(), places: vec!["members.accounts[1].email".to_owned()] },
            ["document-wrong", "24bc84f37bcb", "document wrong", "7767cde89d72"],
        ),
        (Issue::NoGraph, ["no-graph", "ffb02a5b4007", "no behavior graph", "49ad81b6baba"]),
        (
            Issue::OtherAdministrator { account_id: Some(account_id()) },
            ["other-administrator", "66779bb8c124", "another administrator", "9d4da1e317fa"],
        ),
        (
            Issue::OtherAdministrator { account_id: None },
            ["other-administrator", "8e6443a3c246", "another administrator", "ff8cbc40f361"],
        ),
        (Issue::AutoEnable { is: false }, ["auto-enable", "dccd4d09a46e", "auto-enable", "051225bfe012"]),
        (
            Issue::NotReadable { part: Some(GraphReadTarget::AutoEnable), what: "w".to_owned() },
            ["not-readable", "9a1c14522e19", "not readable", "17ce118efe73"],
        ),
        (
            disabled(Some(DisabledReason::VolumeUnknown)),
            ["member-disabled", "228f4b3f3810", "members disabled", "9543ac61bd60"],
        ),
        (
            disabled(Some(DisabledReason::VolumeTooHigh)),
            ["member-disabled", "be1c04700c80", "members disabled", "e49a5edcb518"],
        ),
        (disabled(None), ["member-disabled", "1210d285cb3c", "members disabled", "e5039c6b3223"]),
        (
            Issue::VerificationFailed { account_id: account_id() },
            ["verification-failed", "89ee4c60ffb8", "verifications failed", "fee4f85c8ff1"],
        ),
        (
            Issue::InvitationOld { account_id: account_id() },
            ["invitation-old", "0fd71054c64f", "invitations not accepted", "a8548bb0e5ca"],
        ),
        (
            Issue::PackageStopped { package, state: None },
            ["package-stopped", "17b763d0f5af", "data sources stopped", "da393152e354"],
        ),
        (
            Issue::MemberPackageStopped { account_id: account_id(), package, state: Some(IngestState::Stopped) },
            ["member-package-stopped", "735b8d4af5e8", "members' data sources stopped", "69d27d8503b0"],
        ),
        (
            Issue::AccountOutside { account_id: account_id() },
            ["account-outside", "8aa2e0e7dc49", "accounts outside the graph", "343a57960fd6"],
        ),
        (Issue::NearLimit { percent: 90 }, ["near-limit", "32deb605fe6a", "near the limit", "837ea7eede6e"]),
    ]
}

#[test]
fn codes_and_fingerprints_of_both_versions_do_not_change() {
    let mut kinds = std::collections::BTreeSet::new();
    for (issue, [code, expected, earlier_kind, earlier_fingerprint]) in pinned_issues() {
        let kind = issue.kind();
        kinds.insert(kind);
        assert_eq!((kind.code(), fingerprint(&issue).as_str()), (code, expected));
        assert_eq!(
            (earlier_marks::kind(kind), earlier_marks::mark(&issue).as_str()),
            (earlier_kind, earlier_fingerprint)
        );
        assert_eq!(serde_json::to_value(&issue).unwrap()["ailment"], code);
        for stored in [code, earlier_kind] {
            assert_eq!(serde_json::from_value::<IssueKind>(json!(stored)).unwrap(), kind);
        }
        assert_eq!(serde_json::to_value(kind).unwrap(), code);
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), IssueKind::ALL);
}

#[test]
fn fingerprint_does_not_depend_on_sentences() {
    let wrong = |why: &str, place: &str| {
        fingerprint(&Issue::DocumentWrong { why: why.to_owned(), places: vec![place.to_owned()] })
    };
    assert_eq!(wrong("one", "graph"), wrong("other", "graph"));
    assert_ne!(wrong("one", "graph"), wrong("one", "members"));
    let unread = |part, what: &str| fingerprint(&Issue::NotReadable { part: Some(part), what: what.to_owned() });
    assert_eq!(unread(GraphReadTarget::Organization, "one"), unread(GraphReadTarget::Organization, "other"));
    assert_ne!(unread(GraphReadTarget::Organization, "one"), unread(GraphReadTarget::Administrator, "one"));
}

#[test]
fn issues_of_the_earlier_version_are_read() {
    let read = |issue| serde_json::from_value::<Issue>(issue).unwrap();
    let wrong = read(json!({"ailment": "document-wrong", "why": "w"}));
    assert_eq!(wrong, Issue::DocumentWrong { why: "w".to_owned(), places: Vec::new() });
    let unread = read(json!({"ailment": "not-readable", "what": "auto-enable (AccessDenied)"}));
    assert_eq!(unread, Issue::NotReadable { part: None, what: "auto-enable (AccessDenied)".to_owned() });
}
