use super::*;

fn wrong(text: &str) -> String {
    DesiredState::from_json(text, &[]).unwrap_err().to_string()
}

const MINIMAL: &str = r#"{"graph": {"enabled": true}}"#;

#[test]
fn what_is_left_out_has_careful_defaults() {
    let desired = DesiredState::from_json(MINIMAL, &[]).unwrap();
    assert_eq!(desired.changes, Changes::AddOnly);
    assert_eq!((desired.max_removals, desired.invitation_days), (10, 14));
    assert!(desired.members.is_none() && desired.organization.is_none() && desired.graph.tags.is_none());
    let members =
        DesiredState::from_json(r#"{"graph": {"enabled": true}, "members": {}}"#, &[]).unwrap().members.unwrap();
    assert!(members.invitation_emails && !members.organization);
}

#[test]
fn each_fault_is_named_with_its_path() {
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
            "members.accounts[0].account_id: \"1\" is no account's id",
        ),
        (
            &with(r#""members": {"accounts": [{"account_id": "111122223333", "email": "a"}]}"#),
            "members.accounts[0].email: \"a\" is no e-mail",
        ),
        (&with(r#""members": {"exclude": ["x"]}"#), "members.exclude: \"x\" is no account's id"),
        (&with(r#""organization": {"administrator": "x"}"#), "organization.administrator: \"x\""),
        (
            &with(r#""organization": {"administrator": "111122223333", "replaces": "111122223333"}"#),
            "organization.replaces: is the",
        ),
        (&with(r#""organization": {"replaces": "111122223333"}"#), "organization.replaces: needs"),
        (&with(r#""packages": ["EKS"]"#), "packages[0]: unknown variant `EKS`"),
        (&with(r#""changes": "all""#), "changes: unknown variant `all`"),
        (&with(r#""invitation_days": 0"#), "invitation_days: 0 is not from 1"),
        (&with(r#""most_removals": -1"#), "most_removals: invalid value"),
        (r#"{"graph": {"enabled": true, "tags": {"aws:x": ""}}}"#, "graph.tags.aws:x: is no key"),
        (r#"{"graph": {"enabled": true}} x"#, "the document: trailing"),
        // A list would be read as the members in their order.
        (&with(r#""members": []"#), "members: is a list"),
        (&with(r#""organization": []"#), "organization: is a list"),
        (r#"{"graph": [true]}"#, "graph: is a list"),
        (&with(r#""members": {"accounts": [["111122223333", "a@example.com"]]}"#), "members.accounts: is a list"),
        (r#"["", {"enabled": true}]"#, "the document: is a list"),
    ];
    for (text, expected) in cases {
        let told = wrong(text);
        assert!(told.contains(expected), "{text}\n{told}\n{expected}");
    }
}

#[test]
fn a_duplicate_is_named_with_both_places_also_across_lists() {
    let account = r#"{"account_id": "111122223333", "email": "a@example.com"}"#;
    let text = format!(r#"{{"graph": {{"enabled": true}}, "members": {{"accounts": [{account}, {account}]}}}}"#);
    assert!(
        wrong(&text)
            .contains("members.accounts[1].account_id: 111122223333 is listed twice, first at members.accounts[0]")
    );
    let more = [("/gumshoe/graph/members/b".to_owned(), format!("[{account}]"))];
    let text = format!(r#"{{"graph": {{"enabled": true}}, "members": {{"accounts": [{account}]}}}}"#);
    let told = DesiredState::from_json(&text, &more).unwrap_err().to_string();
    assert!(told.contains("/gumshoe/graph/members/b: [0].account_id: 111122223333 is listed twice"), "{told}");
    assert_eq!(DesiredState::from_json(MINIMAL, &more).unwrap().members.unwrap().accounts.len(), 1);
    let told = DesiredState::from_json(MINIMAL, &[("list".to_owned(), "[1]".to_owned())]).unwrap_err().to_string();
    assert!(told.starts_with("list: [0]: invalid type"), "{told}");
}

#[test]
fn of_many_faults_the_first_are_told() {
    let list: Vec<String> = (0..50).map(|it| format!(r#"{{"account_id": "{it}", "email": "a@b.com"}}"#)).collect();
    let text = format!(r#"{{"graph": {{"enabled": true}}, "members": {{"accounts": [{}]}}}}"#, list.join(","));
    let error = DesiredState::from_json(&text, &[]).unwrap_err();
    assert_eq!((error.faults.len(), error.omitted_count), (20, 30));
    assert_eq!(error.fault_paths()[19], "members.accounts[19].account_id");
    assert!(error.to_string().ends_with("; and 30 more"), "{error}");
}
