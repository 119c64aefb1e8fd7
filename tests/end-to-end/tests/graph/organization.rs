//! The organization's settings, changed through the role in the management account.

use crate::scene::{Outcome, Scene};
use crate::setup::EXTERNAL_ID;
use local_cloud::STACK_ACCOUNT;
use serde_json::json;
use simulator::Organization;

pub(crate) async fn the_organization_gets_its_administrator_and_its_accounts_become_members(
    scene: &Scene<'_>,
) -> Outcome {
    let api = scene.cloud.api();
    scene.cloud.deploy_management_role(EXTERNAL_ID).await?;
    for name in ["one", "two"] {
        let create = json!({"AccountName": name, "Email": format!("{name}@example.com")});
        api.json("organizations", "AWSOrganizationsV20161128.CreateAccount", &create).await?;
    }
    let listed = api.json("organizations", "AWSOrganizationsV20161128.ListAccounts", &json!({})).await?;
    let accounts: Vec<(String, String)> = listed["Accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["Id"].as_str().unwrap().to_owned(), it["Email"].as_str().unwrap().to_owned()))
        .filter(|(id, _)| id != STACK_ACCOUNT)
        .collect();
    assert_eq!(accounts.len(), 2, "{listed}");
    scene.cloud.simulator().set_organization(Organization {
        management_account: STACK_ACCOUNT.to_owned(),
        accounts: accounts.iter().cloned().collect(),
        detective_administrator: None,
        guardduty_administrator: None,
    })?;
    scene
        .write_document(&json!({
            "graph": {"enabled": true},
            "organization": {"administrator": STACK_ACCOUNT, "auto_enable": true},
            "members": {"organization": true},
        }))
        .await?;
    let run = scene.invoke_keep_graph(&json!({"mode": "apply"})).await?;
    let done = run["done"].to_string();
    for operation in
        ["EnableOrganizationAdminAccount", "UpdateOrganizationConfiguration true", "CreateMembers 2 accounts"]
    {
        assert!(done.contains(operation), "{operation}: {run}");
    }
    let arn = run["graph_arn"].as_str().unwrap();
    let list = json!({"GraphArn": arn});
    let members = scene.cloud.simulator_api().post_as(STACK_ACCOUNT, "detective", "/graph/members/list", &list).await?;
    for (id, _) in &accounts {
        let member = members["MemberDetails"].as_array().unwrap().iter().find(|it| it["AccountId"] == *id).unwrap();
        assert_eq!((&member["Status"], &member["InvitationType"]), (&json!("ENABLED"), &json!("ORGANIZATION")));
    }
    assert_eq!(scene.invoke_keep_graph(&json!({"mode": "apply"})).await?["plan"]["changes"], json!([]));
    Ok(())
}
