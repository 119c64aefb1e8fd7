//! What stands in the accounts of the emulator beside the stack.

use super::{LocalCloud, OWN_ACCOUNT, STACK};
use crate::error::CloudError;
use serde_json::json;
use std::time::Duration;

impl LocalCloud {
    /// Deploys `infra/member-role.yaml` to another account, as a StackSet would, with the external id that the stack was
    /// given.
    ///
    /// # Errors
    ///
    /// [`CloudError`] when the emulator does not take the template.
    pub async fn add_member(&self, account: &str, external_id: &str) -> Result<(), CloudError> {
        let file = self.tools.root().join("infra/member-role.yaml");
        let template =
            std::fs::read_to_string(&file).map_err(CloudError::io("infra/member-role.yaml cannot be read"))?;
        let form = [
            ("Action", "CreateStack"),
            ("StackName", "gumshoe-member"),
            ("TemplateBody", &template),
            ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
            ("Parameters.member.1.ParameterKey", "AdministratorAccountId"),
            ("Parameters.member.1.ParameterValue", OWN_ACCOUNT),
            ("Parameters.member.2.ParameterKey", "ExternalId"),
            ("Parameters.member.2.ParameterValue", external_id),
            ("Parameters.member.3.ParameterKey", "StackName"),
            ("Parameters.member.3.ParameterValue", STACK),
        ];
        self.api.query_as(account, "cloudformation", &form).await?;
        self.eventually("the member's stack", Duration::from_secs(30), async || {
            let describe = [("Action", "DescribeStacks"), ("StackName", "gumshoe-member")];
            let answer = self.api.query_as(account, "cloudformation", &describe).await?;
            Ok(answer.contains("CREATE_COMPLETE").then_some(()))
        })
        .await
    }

    /// Makes a role under a path in an account, which nobody can take on, and answers its unique id.
    ///
    /// # Errors
    ///
    /// A failed CreateRole.
    pub async fn make_role(&self, account: &str, path: &str, name: &str) -> Result<String, CloudError> {
        let nobody = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let form = [("Action", "CreateRole"), ("Path", path), ("RoleName", name), ("AssumeRolePolicyDocument", nobody)];
        let answer = self.api.query_as(account, "iam", &form).await?;
        let (_, rest) = answer.split_once("<RoleId>").unwrap_or_default();
        Ok(rest.split('<').next().unwrap_or_default().to_owned())
    }

    /// Lets an account's roles, named by how their names begin, take an action on everything: the emulator knows no resource
    /// of some actions, and so lets nothing through that a policy allows on named resources.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn allow_everywhere(&self, account: &str, role: &str, action: &str) -> Result<(), CloudError> {
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
