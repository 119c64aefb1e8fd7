//! The settings of keep-graph and keep-membership; `gumshoe_runtime::settings` describes how settings are named and parsed.

use crate::mode::Mode;
use gumshoe_domain::principal::is_account_id;
use gumshoe_runtime::settings;
use gumshoe_runtime::settings::template_values::{account_id, region, stack_name, table_name, topic_arn};
use gumshoe_runtime::settings::{Environment, SettingResult, required_with};
use std::collections::BTreeSet;

settings! {
    /// The settings of keep-graph.
    KeepGraph {
        table_name: String,
        earlier_table: Option<String>,
        topic_arn: String,
        stack_name: String,
        account_id: String,
        region: String,
        keep_graph: Mode,
        graph_document: String,
        management_role_arn: Option<String>,
        management_role_external_id: Option<String>,
    }
}

settings! {
    /// The settings of keep-membership.
    KeepMembership {
        administrators: BTreeSet<String>,
        reject_others: bool,
    }
}

// ---------------------------------------------------------------- parameters of infra/graph/template.yaml

/// The most that keep-graph may change.
fn keep_graph(environment: &Environment) -> SettingResult<Mode> {
    environment.parameter("KeepGraph").one_of(&["plan", "apply", "destroy"])
}

/// The SSM parameter with the graph document.
fn graph_document(environment: &Environment) -> SettingResult<String> {
    environment.parameter("GraphDocument").text()
}

/// The table of a case stack that managed the graph itself: it has the issues that people were notified of.
fn earlier_table(environment: &Environment) -> SettingResult<Option<String>> {
    Ok(environment.parameter("EarlierTable").optional_text())
}

/// The role in the organization's management account.
fn management_role_arn(environment: &Environment) -> SettingResult<Option<String>> {
    Ok(environment.parameter("ManagementRoleArn").optional_text())
}

/// The external id of that role.
fn management_role_external_id(environment: &Environment) -> SettingResult<Option<String>> {
    required_with(management_role_arn(environment)?, &environment.parameter("ManagementRoleExternalId"))
}

// ---------------------------------------------------------------- parameters of infra/graph/member.yaml

/// The accounts whose invitations to a behavior graph are accepted.
fn administrators(environment: &Environment) -> SettingResult<BTreeSet<String>> {
    let setting = environment.parameter("Administrators");
    let ids = |text: &str| text.split(',').map(|id| id.trim().to_owned()).collect::<BTreeSet<_>>();
    setting.text()?;
    let expected = "account ids of 12 digits, with commas between them";
    let checked = setting.optional_checked(expected, |text| ids(text).iter().all(|id| is_account_id(id)))?;
    Ok(checked.as_deref().map(ids).unwrap_or_default())
}

/// Whether invitations of other accounts are rejected.
fn reject_others(environment: &Environment) -> SettingResult<bool> {
    environment.parameter("RejectOthers").boolean()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T>(read: SettingResult<T>, parameter: &str) {
        let error = read.err().unwrap().to_string();
        assert!(error.contains(parameter), "{error}");
    }

    #[test]
    fn management_role_requires_its_external_id() {
        let role = [("MANAGEMENT_ROLE_ARN", "arn"), ("MANAGEMENT_ROLE_EXTERNAL_ID", "x")];
        let read = |variables: &[(&str, &str)]| management_role_external_id(&Environment::from_variables(variables));
        assert_eq!(read(&role).unwrap().as_deref(), Some("x"));
        assert_eq!(read(&[]).unwrap(), None);
        refused(read(&role[..1]), "ManagementRoleExternalId");
    }

    #[test]
    fn administrators_are_a_list_of_account_ids() {
        let read = |value| administrators(&Environment::from_variables(&[("ADMINISTRATORS", value)]));
        let accounts = read("111122223333, 444455556666,111122223333").unwrap();
        assert_eq!(accounts.into_iter().collect::<Vec<_>>(), ["111122223333", "444455556666"]);
        for wrong in ["", ",", "111122223333,", "11112222333", "111122223333;444455556666", "*"] {
            refused(read(wrong), "Administrators");
        }
    }
}
