use super::*;
use crate::earlier_marks;
use serde_json::json;

/// An issue of each kind, or several where its data differ: with its code, its fingerprint, and the kind and the mark that the
/// version before codes stored. All of them are in tables.
pub(crate) fn pinned() -> Vec<(HealthIssue, [&'static str; 4])> {
    let account_id = || "000000000001".to_owned();
    let disabled = |reason| HealthIssue::MemberDisabled { account_id: account_id(), reason };
    let package = Package::EksAudit;
    vec![
        (
            HealthIssue::DocumentWrong { why: "w".to_owned(), places: vec!["members.accounts[1].email".to_owned()] },
            ["document-wrong", "24bc84f37bcb", "document wrong", "7767cde89d72"],
        ),
        (HealthIssue::NoGraph, ["no-graph", "ffb02a5b4007", "no behavior graph", "49ad81b6baba"]),
        (
            HealthIssue::OtherAdministrator { account_id: Some(account_id()) },
            ["other-administrator", "66779bb8c124", "another administrator", "9d4da1e317fa"],
        ),
        (
            HealthIssue::OtherAdministrator { account_id: None },
            ["other-administrator", "8e6443a3c246", "another administrator", "ff8cbc40f361"],
        ),
        (HealthIssue::AutoEnable { is: false }, ["auto-enable", "dccd4d09a46e", "auto-enable", "051225bfe012"]),
        (
            HealthIssue::NotReadable { part: Some(Unreadable::AutoEnable), what: "w".to_owned() },
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
            HealthIssue::VerificationFailed { account_id: account_id() },
            ["verification-failed", "89ee4c60ffb8", "verifications failed", "fee4f85c8ff1"],
        ),
        (
            HealthIssue::InvitationOld { account_id: account_id() },
            ["invitation-old", "0fd71054c64f", "invitations not accepted", "a8548bb0e5ca"],
        ),
        (
            HealthIssue::PackageStopped { package, state: None },
            ["package-stopped", "17b763d0f5af", "data sources stopped", "da393152e354"],
        ),
        (
            HealthIssue::MemberPackageStopped { account_id: account_id(), package, state: Some(IngestState::Stopped) },
            ["member-package-stopped", "735b8d4af5e8", "members' data sources stopped", "69d27d8503b0"],
        ),
        (
            HealthIssue::AccountOutside { account_id: account_id() },
            ["account-outside", "8aa2e0e7dc49", "accounts outside the graph", "343a57960fd6"],
        ),
        (HealthIssue::NearLimit { percent: 90 }, ["near-limit", "32deb605fe6a", "near the limit", "837ea7eede6e"]),
    ]
}

#[test]
fn codes_fingerprints_and_the_marks_of_before_stay_as_they_are() {
    let mut kinds = std::collections::BTreeSet::new();
    for (issue, [code, fingerprint, earlier_kind, earlier_mark]) in pinned() {
        let kind = issue.kind();
        kinds.insert(kind);
        assert_eq!((kind.code(), issue.fingerprint().as_str()), (code, fingerprint));
        assert_eq!((earlier_marks::kind(kind), earlier_marks::mark(&issue).as_str()), (earlier_kind, earlier_mark));
        assert_eq!(serde_json::to_value(&issue).unwrap()["ailment"], code);
        for stored in [code, earlier_kind] {
            assert_eq!(serde_json::from_value::<HealthIssueKind>(json!(stored)).unwrap(), kind);
        }
        assert_eq!(serde_json::to_value(kind).unwrap(), code);
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), HealthIssueKind::ALL);
}

#[test]
fn sentences_are_no_part_of_a_fingerprint() {
    let wrong = |why: &str, place: &str| {
        HealthIssue::DocumentWrong { why: why.to_owned(), places: vec![place.to_owned()] }.fingerprint()
    };
    assert_eq!(wrong("one", "graph"), wrong("other", "graph"));
    assert_ne!(wrong("one", "graph"), wrong("one", "members"));
    let unread = |part, what: &str| HealthIssue::NotReadable { part: Some(part), what: what.to_owned() }.fingerprint();
    assert_eq!(unread(Unreadable::Organization, "one"), unread(Unreadable::Organization, "other"));
    assert_ne!(unread(Unreadable::Organization, "one"), unread(Unreadable::Administrator, "one"));
}

#[test]
fn issues_without_codes_are_read() {
    let read = |issue| serde_json::from_value::<HealthIssue>(issue).unwrap();
    let wrong = read(json!({"ailment": "document-wrong", "why": "w"}));
    assert_eq!(wrong, HealthIssue::DocumentWrong { why: "w".to_owned(), places: Vec::new() });
    let unread = read(json!({"ailment": "not-readable", "what": "auto-enable (AccessDenied)"}));
    assert_eq!(unread, HealthIssue::NotReadable { part: None, what: "auto-enable (AccessDenied)".to_owned() });
}
