//! What the Service Authorization Reference says of the actions that infra/ grants: which other actions their callers need
//! as well, and which take no resource. `make authorization` writes the extract of it.

use crate::policies::strings;
use crate::project;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Actions of a preview that the extract's source does not have. Newer editions of the reference name neither a type of
/// resource nor a dependent action for them.
const ACTIONS_NOT_IN_REFERENCE: [&str; 3] =
    ["guardduty:CreateInvestigation", "guardduty:GetInvestigation", "guardduty:ListInvestigations"];

fn reference() -> Value {
    serde_json::from_str(&project::text("tests/contract/data/service-authorization.json")).unwrap()
}

/// The dependent actions of an action.
pub(crate) fn dependent(action: &str) -> Vec<String> {
    let entry = &reference()["actions"][action]["dependent"];
    entry.as_array().into_iter().flatten().map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// Whether an action supports a resource; `None` if the reference does not have it.
fn takes_resource(action: &str) -> Option<bool> {
    match reference()["actions"][action]["resources"].as_array() {
        Some(types) => Some(!types.is_empty()),
        None => ACTIONS_NOT_IN_REFERENCE.contains(&action).then_some(false),
    }
}

/// A statement of a role's policy and the template's condition that it is under.
struct Granted {
    role: String,
    condition: Option<String>,
    statement: Value,
}

/// The statements of the policies of all roles.
fn granted() -> Vec<Granted> {
    let mut all = Vec::new();
    for file in project::TEMPLATES {
        let template = project::yaml(file);
        for (id, role) in template["Resources"].as_object().unwrap() {
            for policy in role["Properties"]["Policies"].as_array().into_iter().flatten() {
                for it in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
                    let branch = &it["Fn::If"];
                    let condition = branch[0].as_str().map(str::to_owned);
                    let statement = if branch.is_array() { branch[1].clone() } else { it.clone() };
                    all.push(Granted { role: format!("{file} {id}"), condition, statement });
                }
            }
        }
    }
    assert!(all.len() > 60, "{}", all.len());
    all
}

#[test]
fn every_granted_action_is_in_the_reference() {
    for Granted { role, statement, .. } in granted() {
        for action in strings(&statement["Action"]) {
            assert!(takes_resource(&action).is_some(), "{role}: {action}; run `make authorization`");
        }
    }
    let source = reference()["source"].as_str().unwrap().replace(' ', "==").replace('_', "-");
    assert!(
        project::text("requirements-check.txt").contains(&format!("\n{source} ")),
        "{source} is not what is pinned"
    );
}

/// A call is denied if a dependent action is not granted, although its own action is.
#[test]
fn dependent_actions_are_granted() {
    assert_eq!(dependent("detective:DescribeOrganizationConfiguration"), ["organizations:DescribeOrganization"]);
    let mut by_role: BTreeMap<String, BTreeMap<Option<String>, BTreeSet<String>>> = BTreeMap::new();
    for Granted { role, condition, statement } in granted() {
        let actions = by_role.entry(role).or_default().entry(condition).or_default();
        actions.extend(strings(&statement["Action"]));
    }
    for (role, by_condition) in &by_role {
        let always = by_condition.get(&None).cloned().unwrap_or_default();
        for actions in by_condition.values() {
            for action in actions {
                for needed in dependent(action) {
                    assert!(always.contains(&needed) || actions.contains(&needed), "{role}: {action} needs {needed}");
                }
            }
        }
    }
}

/// IAM matches such an action with `*` alone: on a named resource it is not granted at all.
#[test]
fn only_actions_without_a_resource_are_granted_on_all_resources() {
    for Granted { role, statement, .. } in granted() {
        for action in strings(&statement["Action"]) {
            let takes = takes_resource(&action).unwrap();
            assert_eq!(statement["Resource"] != "*", takes, "{role}: {action} on {}", statement["Resource"]);
        }
    }
}
