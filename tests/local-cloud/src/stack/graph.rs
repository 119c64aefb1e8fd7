//! What keeps the behavior graph: the document, the schedules, and the stack in member accounts.

use super::{LocalCloud, OWN_ACCOUNT, STACK};
use crate::deploy;
use crate::error::CloudError;
use serde_json::{Value, json};
use std::process::Command;

/// The name of the stack of `infra/graph/member.yaml`.
pub const MEMBER_STACK: &str = "gumshoe-member-local";

impl LocalCloud {
    /// Writes what the graph should be, or a list of members beside it, into Parameter Store.
    ///
    /// # Errors
    ///
    /// A failed PutParameter.
    pub async fn write_parameter(&self, name: &str, text: &str) -> Result<(), CloudError> {
        let put =
            json!({"Name": name, "Type": "String", "Tier": "Intelligent-Tiering", "Value": text, "Overwrite": true});
        self.api.json("ssm", "AmazonSSM.PutParameter", &put).await.map(drop)
    }

    /// Asks keep-graph for a run by its queue, as its rules do.
    ///
    /// # Errors
    ///
    /// A failed SendMessage.
    pub async fn ask_for_graph_run(&self) -> Result<(), CloudError> {
        let send = json!({"QueueUrl": self.outputs.get("GraphQueueUrl"), "MessageBody": "{}"});
        self.api.json("sqs", "AmazonSQS.SendMessage", &send).await.map(drop)
    }

    /// Changes a rule's schedule.
    ///
    /// # Errors
    ///
    /// A failed PutRule.
    pub async fn schedule(&self, rule: &str, expression: &str) -> Result<(), CloudError> {
        let put = json!({"Name": rule, "ScheduleExpression": expression, "State": "ENABLED"});
        self.api.json("events", "AWSEvents.PutRule", &put).await.map(drop)
    }

    /// Deploys `infra/graph/management-role.yaml` to the stack's own account, which manages the emulator's organization, with the
    /// external id that the stack was given.
    ///
    /// # Errors
    ///
    /// [`CloudError`] when the emulator does not take the template.
    pub async fn add_management_role(&self, external_id: &str) -> Result<(), CloudError> {
        let role = self.outputs.get("KeepGraphRoleArn");
        let parameters = [("KeepGraphRoleArn", role), ("ExternalId", external_id), ("MayChange", "true")];
        self.add_stack(OWN_ACCOUNT, "gumshoe-management", "infra/graph/management-role.yaml", &parameters).await
    }

    /// Builds and deploys `infra/graph/member.yaml`, with the real binary.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with its mend.
    pub async fn add_membership(
        &self,
        parameters: &[(&str, &str)],
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<(), CloudError> {
        deploy::deploy_membership(&self.tools, self.api.url(), MEMBER_STACK, parameters, say).await
    }

    /// A command in the project's folder that finds AWS in the emulator.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = self.tools.kept(program);
        deploy::on_emulator(&mut command, self.api.url());
        command
    }

    /// The rule of that logical id, as EventBridge lists it; null where there is none.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn graph_rule(&self, logical_id: &str) -> Result<Value, CloudError> {
        let rules = self.api.json("events", "AWSEvents.ListRules", &json!({"NamePrefix": STACK})).await?;
        let rules = rules["Rules"].as_array().into_iter().flatten();
        let found = rules.into_iter().find(|rule| rule["Name"].as_str().is_some_and(|name| name.contains(logical_id)));
        Ok(found.cloned().unwrap_or_default())
    }
}
