//! Accounts, graph members and roles in addition to the stack.

use super::{LocalCloud, STACK_ACCOUNT};
use crate::api::{Api, REGION, call_failed};
use crate::error::CloudError;
use crate::session::Session;
use serde_json::json;
use simulator::{AccountRegionFilter, MemberStatus, Simulator};
use std::time::Duration;

/// The accounts of `tests/fixtures` and of the tests. They are enabled members of the stack's graph from the start, because an
/// alert names an account that is outside the graph.
pub const MEMBER_ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", "777788889999"];

/// A Region in which the accounts are graph members, and in which GuardDuty has no investigations.
pub const OTHER_REGION: &str = "sa-east-1";

/// The Regions in whose graphs the accounts are members: the stack's, that of most of `tests/fixtures`, and [`OTHER_REGION`].
pub const REGIONS: [&str; 3] = [REGION, "eu-west-1", OTHER_REGION];

/// Makes an account an enabled member of the graph of the stack's account in a Region. Idempotent.
pub(super) async fn add_graph_member(
    simulator_api: &Api,
    simulator: &Simulator,
    region: &str,
    account: &str,
) -> Result<(), CloudError> {
    let invite = json!({"GraphArn": simulator.graph_arn(STACK_ACCOUNT, region), "DisableEmailNotification": true,
        "Accounts": [{"AccountId": account, "EmailAddress": format!("security+{account}@example.com")}]});
    simulator_api.post_in(region, STACK_ACCOUNT, "detective", "/graph/members", &invite).await?;
    let administrator =
        AccountRegionFilter { account: Some(STACK_ACCOUNT.to_owned()), region: Some(region.to_owned()) };
    let enabled = simulator.set_member(administrator, account, MemberStatus::Enabled, None);
    enabled.map_err(|error| call_failed("enable a graph member", error))
}

impl LocalCloud {
    /// Makes an account an enabled member of the behavior graphs of the stack's account, in all [`REGIONS`].
    ///
    /// # Errors
    ///
    /// A failed CreateMembers.
    pub async fn add_graph_member(&self, account: &str) -> Result<(), CloudError> {
        for region in REGIONS {
            self.add_graph_member_in(region, account).await?;
        }
        Ok(())
    }

    /// [`LocalCloud::add_graph_member`] in one Region.
    ///
    /// # Errors
    ///
    /// A failed CreateMembers.
    pub async fn add_graph_member_in(&self, region: &str, account: &str) -> Result<(), CloudError> {
        add_graph_member(&self.simulator_api, &self.simulator, region, account).await
    }

    /// Makes all [`MEMBER_ACCOUNTS`] members again, after the simulator has been reset.
    ///
    /// # Errors
    ///
    /// A failed CreateMembers.
    pub async fn add_all_graph_members(&self) -> Result<(), CloudError> {
        for account in MEMBER_ACCOUNTS {
            self.add_graph_member(account).await?;
        }
        Ok(())
    }

    /// Deploys `infra/case/member-role.yaml` to another account, as a StackSet would, with the stack's external ID.
    ///
    /// # Errors
    ///
    /// [`CloudError`] if the emulator rejects the template.
    pub async fn deploy_member_role(&self, account: &str, external_id: &str) -> Result<(), CloudError> {
        let parameters = [("OpenCaseRoleArn", self.outputs.get("OpenCaseRoleArn")), ("ExternalId", external_id)];
        self.create_stack(account, "gumshoe-member", "infra/case/member-role.yaml", &parameters).await
    }

    /// Creates a stack from a template that has only roles.
    pub(super) async fn create_stack(
        &self,
        account: &str,
        stack: &str,
        file: &str,
        parameters: &[(&str, &str)],
    ) -> Result<(), CloudError> {
        let template = std::fs::read_to_string(self.tools.root().join(file));
        let template = template.map_err(CloudError::io(format!("could not read {file}")))?;
        let mut form = vec![
            ("Action".to_owned(), "CreateStack".to_owned()),
            ("StackName".to_owned(), stack.to_owned()),
            ("TemplateBody".to_owned(), template),
            ("Capabilities.member.1".to_owned(), "CAPABILITY_NAMED_IAM".to_owned()),
        ];
        for (number, (name, value)) in (1..).zip(parameters) {
            form.push((format!("Parameters.member.{number}.ParameterKey"), (*name).to_owned()));
            form.push((format!("Parameters.member.{number}.ParameterValue"), (*value).to_owned()));
        }
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.api.query_as(account, "cloudformation", &form).await?;
        self.poll_until(&format!("the creation of stack {stack}"), Duration::from_secs(30), async || {
            let describe = [("Action", "DescribeStacks"), ("StackName", stack)];
            let answer = self.api.query_as(account, "cloudformation", &describe).await?;
            Ok(answer.contains("CREATE_COMPLETE").then_some(()))
        })
        .await
    }

    /// Creates a role that no principal can assume, under a path in an account; returns its unique ID.
    ///
    /// # Errors
    ///
    /// A failed CreateRole.
    pub async fn create_role(&self, account: &str, path: &str, name: &str) -> Result<String, CloudError> {
        let no_principal = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let form =
            [("Action", "CreateRole"), ("Path", path), ("RoleName", name), ("AssumeRolePolicyDocument", no_principal)];
        let answer = self.api.query_as(account, "iam", &form).await?;
        let (_, rest) = answer.split_once("<RoleId>").unwrap_or_default();
        Ok(rest.split('<').next().unwrap_or_default().to_owned())
    }

    /// Creates a role in the stack's account that allows those actions on all resources; returns a session of it.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn create_role_session(&self, path: &str, role: &str, actions: &[&str]) -> Result<Session, CloudError> {
        let root = format!("arn:aws:iam::{STACK_ACCOUNT}:root");
        let trust = json!({"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"}]});
        let trust = trust.to_string();
        let form = [
            ("Action", "CreateRole"),
            ("Path", path),
            ("RoleName", role),
            ("AssumeRolePolicyDocument", trust.as_str()),
        ];
        self.api.query("iam", &form).await?;
        let permissions =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
        let permissions = permissions.to_string();
        let form = [
            ("Action", "PutRolePolicy"),
            ("RoleName", role),
            ("PolicyName", "permissions"),
            ("PolicyDocument", permissions.as_str()),
        ];
        self.api.query("iam", &form).await?;
        let arn = format!("arn:aws:iam::{STACK_ACCOUNT}:role{path}{role}");
        let form = [("Action", "AssumeRole"), ("RoleArn", arn.as_str()), ("RoleSessionName", "session")];
        let answer = self.api.query("sts", &form).await?;
        let text = |name: &str| {
            let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap_or_default();
            rest.split('<').next().unwrap_or_default().to_owned()
        };
        Ok(Session {
            access_key_id: text("AccessKeyId"),
            secret_access_key: text("SecretAccessKey"),
            session_token: text("SessionToken"),
        })
    }

    /// Allows an action on all resources for the account's roles whose names begin with `role`: the emulator does not determine
    /// the resource of some actions, so it denies what a policy allows on named resources only.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn allow_on_all_resources(&self, account: &str, role: &str, action: &str) -> Result<(), CloudError> {
        let roles = self.api.query_as(account, "iam", &[("Action", "ListRoles")]).await?;
        let names = roles.split("<RoleName>").skip(1).filter_map(|rest| rest.split('<').next());
        let policy =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
        for name in names.filter(|name| name.starts_with(role)) {
            let form = [
                ("Action", "PutRolePolicy"),
                ("RoleName", name),
                ("PolicyName", "for-the-emulator"),
                ("PolicyDocument", &policy.to_string()),
            ];
            self.api.query_as(account, "iam", &form).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn adding_a_graph_member_is_idempotent() {
        let simulator = Simulator::start(std::net::TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        let simulator_api = Api::new(simulator.url()).unwrap();
        for account in MEMBER_ACCOUNTS.iter().chain(&MEMBER_ACCOUNTS) {
            add_graph_member(&simulator_api, &simulator, REGION, account).await.unwrap();
        }
        let list = json!({"GraphArn": simulator.graph_arn(STACK_ACCOUNT, REGION)});
        let answer = simulator_api.post_as(STACK_ACCOUNT, "detective", "/graph/members/list", &list).await.unwrap();
        let members = answer["MemberDetails"].as_array().unwrap();
        assert_eq!(members.len(), MEMBER_ACCOUNTS.len());
        assert!(members.iter().all(|member| member["Status"] == "ENABLED"), "{answer}");
    }
}
