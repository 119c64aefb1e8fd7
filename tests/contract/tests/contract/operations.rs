//! Every operation of Detective is called by a function, and shared/aws/README.md lists it with its callers.

use crate::{policies, project};
use std::collections::BTreeMap;

/// The operations of the simulator, which are compared with botocore's models.
fn operations() -> Vec<String> {
    let text = project::text("tests/simulator/src/detective/operations/mod.rs");
    let modules = text.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    modules.map(in_capitals).collect()
}

fn in_capitals(module: &str) -> String {
    module.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The functions' code, by name, without what only tests need.
fn code() -> BTreeMap<String, String> {
    let code = project::function_folders().into_iter().map(|folder| {
        let files = std::fs::read_dir(folder.join("src")).unwrap().map(|it| it.unwrap().path());
        let files = files.filter(|file| file.is_file());
        let text: String = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
        (folder.file_name().unwrap().to_str().unwrap().to_owned(), text.split_whitespace().collect())
    });
    code.collect()
}

/// The methods that call an operation, as functions write them.
fn methods(operation: &str) -> Vec<&'static str> {
    let of_members = [
        ("ListInvitations", ".memberships.invitations("),
        ("AcceptInvitation", "memberships.accept("),
        ("RejectInvitation", "memberships.reject("),
        ("DisassociateMembership", "memberships.leave("),
        ("BatchGetMembershipDatasources", ".memberships.data_sources("),
        ("ListOrganizationAdminAccounts", "management.administrator("),
        ("EnableOrganizationAdminAccount", "management.enable_administrator("),
        ("DisableOrganizationAdminAccount", "management.disable_administrator("),
    ];
    let action = format!("detective:{operation}");
    let granted = policies::METHODS.iter().filter(|(_, actions)| actions.contains(&action.as_str()));
    let others = of_members.iter().filter(|(name, _)| *name == operation).map(|(_, method)| *method);
    granted.map(|(method, _)| *method).chain(others).collect()
}

#[test]
fn every_operation_has_a_caller_and_is_in_the_readme_of_the_adapters() {
    let operations = operations();
    assert_eq!(operations.len(), 29);
    let code = code();
    let readme = project::text("shared/aws/README.md");
    for operation in operations {
        let methods = methods(&operation);
        let callers: Vec<&str> = code
            .iter()
            .filter(|(_, text)| methods.iter().any(|method| text.contains(method)))
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(!callers.is_empty(), "nothing calls {operation}");
        let row = readme.lines().find(|line| {
            line.split('|').nth(1).is_some_and(|cell| cell.split(", ").any(|name| name.trim() == operation))
        });
        let row = row.unwrap_or_else(|| panic!("{operation} is not in the table of shared/aws/README.md"));
        let named: Vec<&str> = code.keys().map(String::as_str).filter(|name| row.contains(name)).collect();
        assert_eq!(named, callers, "{operation}: {row}");
    }
}
