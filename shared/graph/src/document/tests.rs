use super::*;

fn error_text(text: &str) -> String {
    DesiredState::from_json(text, &[]).unwrap_err().to_string()
}

const MINIMAL: &str = r#"{"graph": {"enabled": true}}"#;

#[test]
fn defaults_of_omitted_members_are_careful() {
    let desired = DesiredState::from_json(MINIMAL, &[]).unwrap();
    assert_eq!(desired.changes, Changes::AddOnly);
    assert_eq!((desired.max_removals, desired.invitation_days), (10, 14));
    assert!(desired.members.is_none() && desired.organization.is_none() && desired.graph.tags.is_none());
    let members =
        DesiredState::from_json(r#"{"graph": {"enabled": true}, "members": {}}"#, &[]).unwrap().members.unwrap();
    assert!(members.invitation_emails && !members.organization);
}

#[test]
fn error_contains_the_path_of_each_fault() {
    let with = |more: &str| format!(r#"{{"graph": {{"enabled": true}}, {more}}}"#);
    let cases = [
        ("", "the document: EOF"),
        ("{}", "missing field `graph`"),
        (r#"{"graph": {"enabled": true, "tag": {}}}"#, "graph.tag: unknown field `tag`"),
        (r#"{"graph": {"enabled": "yes"}}"#, "graph.enabled: invalid type"),
        (&with(r#""member": {}"#), "member: unknown field `member`"),
        (
            &with(r#""members": {"accounts": [{"account_id": "111122223333"}]}"#),
            "members.accounts[0]: missing field `email`",
        ),
        (
            &with(r#""members": {"accounts": [{"account_id": "1", "email": "a@example.com"}]}"#),
            "members.accounts[0].account_id: \"1\" is not a 12-digit account id",
        ),
        (
            &with(r#""members": {"accounts": [{"account_id": "111122223333", "email": "a"}]}"#),
            "members.accounts[0].email: \"a\" is not a valid e-mail",
        ),
        (&with(r#""members": {"exclude": ["x"]}"#), "members.exclude: \"x\" is not a 12-digit account id"),
        (&with(r#""organization": {"administrator": "x"}"#), "organization.administrator: \"x\""),
        (
            &with(r#""organization": {"administrator": "111122223333", "replaces": "111122223333"}"#),
            "organization.replaces: is the same",
        ),
        (&with(r#""organization": {"replaces": "111122223333"}"#), "organization.replaces: requires"),
        (&with(r#""packages": ["EKS"]"#), "packages[0]: unknown variant `EKS`"),
        (&with(r#""changes": "all""#), "changes: unknown variant `all`"),
        (&with(r#""invitation_days": 0"#), "invitation_days: 0 is not between 1"),
        (&with(r#""most_removals": -1"#), "most_removals: invalid value"),
        (r#"{"graph": {"enabled": true, "tags": {"aws:x": ""}}}"#, "graph.tags.aws:x: is not a valid key"),
        (r#"{"graph": {"enabled": true}} x"#, "the document: trailing"),
        // Serde would accept an array as a struct.
        (&with(r#""members": []"#), "members: is an array"),
        (&with(r#""organization": []"#), "organization: is an array"),
        (r#"{"graph": [true]}"#, "graph: is an array"),
        (&with(r#""members": {"accounts": [["111122223333", "a@example.com"]]}"#), "members.accounts: is an array"),
        (r#"["", {"enabled": true}]"#, "the document: is an array"),
    ];
    for (text, expected) in cases {
        let error = error_text(text);
        assert!(error.contains(expected), "{text}\n{error}\n{expected}");
    }
}

#[test]
fn duplicate_is_reported_with_both_paths_also_across_lists() {
    let account = r#"{"account_id": "111122223333", "email": "a@example.com"}"#;
    let text = format!(r#"{{"graph": {{"enabled": true}}, "members": {{"accounts": [{account}, {account}]}}}}"#);
    assert!(
        error_text(&text)
            .contains("members.accounts[1].account_id: 111122223333 is listed twice, first at members.accounts[0]")
    );
    let more = [("/gumshoe/graph/members/b".to_owned(), format!("[{account}]"))];
    let text = format!(r#"{{"graph": {{"enabled": true}}, "members": {{"accounts": [{account}]}}}}"#);
    let error = DesiredState::from_json(&text, &more).unwrap_err().to_string();
    assert!(error.contains("/gumshoe/graph/members/b: [0].account_id: 111122223333 is listed twice"), "{error}");
    assert_eq!(DesiredState::from_json(MINIMAL, &more).unwrap().members.unwrap().accounts.len(), 1);
    let error = DesiredState::from_json(MINIMAL, &[("list".to_owned(), "[1]".to_owned())]).unwrap_err().to_string();
    assert!(error.starts_with("list: [0]: invalid type"), "{error}");
}

#[test]
fn only_the_first_faults_are_listed() {
    let list: Vec<String> = (0..50).map(|it| format!(r#"{{"account_id": "{it}", "email": "a@b.com"}}"#)).collect();
    let text = format!(r#"{{"graph": {{"enabled": true}}, "members": {{"accounts": [{}]}}}}"#, list.join(","));
    let error = DesiredState::from_json(&text, &[]).unwrap_err();
    assert_eq!((error.faults.len(), error.omitted_count), (20, 30));
    assert_eq!(error.fault_paths()[19], "members.accounts[19].account_id");
    assert!(error.to_string().ends_with("; and 30 more"), "{error}");
}
