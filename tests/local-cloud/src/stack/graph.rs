//! The graph stack, the stack in member accounts, and what they read: the graph document and the schedules.

use super::{LocalCloud, Outputs, STACK_ACCOUNT};
use crate::deploy::{self, ExtraStack};
use crate::error::CloudError;
use serde_json::{Value, json};
use std::process::Command;

/// The name of the stack of `infra/graph/template.yaml`, as samconfig.toml has it for `graph-local`.
pub const GRAPH_STACK: &str = "gumshoe-graph-local";

/// The name of the stack of `infra/graph/member.yaml`.
pub const MEMBER_STACK: &str = "gumshoe-member-local";

impl LocalCloud {
    /// Writes the graph document, or one of its member lists, to Parameter Store.
    ///
    /// # Errors
    ///
    /// A failed PutParameter.
    pub async fn write_parameter(&self, name: &str, text: &str) -> Result<(), CloudError> {
        let put =
            json!({"Name": name, "Type": "String", "Tier": "Intelligent-Tiering", "Value": text, "Overwrite": true});
        self.api.json("ssm", "AmazonSSM.PutParameter", &put).await.map(drop)
    }

    /// Builds `infra/graph/template.yaml` with the real binary, deploys it under a name and returns its outputs.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with the remedy.
    pub async fn deploy_graph_stack(
        &self,
        name: &str,
        parameters: &[(&str, &str)],
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<Outputs, CloudError> {
        deploy::deploy_extra_stack(&self.tools, self.api.url(), (ExtraStack::Graph, name), parameters, progress)
            .await?;
        // The emulator does not determine the resource of this action, so it denies what is allowed on named parameters only.
        self.allow_on_all_resources(STACK_ACCOUNT, &format!("{name}-keep-graph-"), "ssm:GetParametersByPath").await?;
        self.outputs_of(name).await
    }

    /// The parameters with which the graph stack publishes to the case stack's topic, if the topic allows [`keep_graph_role`].
    #[must_use]
    pub fn shared_topic_parameters(&self) -> [(&'static str, &str); 2] {
        ["AlertTopicArn", "AlertTopicKeyArn"].map(|name| (name, self.outputs.get(name)))
    }

    /// Requests a run of keep-graph through its queue, as its rules do.
    ///
    /// # Errors
    ///
    /// A failed DescribeStacks or SendMessage.
    pub async fn request_graph_run(&self) -> Result<(), CloudError> {
        let outputs = self.outputs_of(GRAPH_STACK).await?;
        let send = json!({"QueueUrl": outputs.get("GraphQueueUrl"), "MessageBody": "{}"});
        self.api.json("sqs", "AmazonSQS.SendMessage", &send).await.map(drop)
    }

    /// Changes a rule's schedule.
    ///
    /// # Errors
    ///
    /// A failed PutRule.
    pub async fn set_schedule(&self, rule: &str, expression: &str) -> Result<(), CloudError> {
        let put = json!({"Name": rule, "ScheduleExpression": expression, "State": "ENABLED"});
        self.api.json("events", "AWSEvents.PutRule", &put).await.map(drop)
    }

    /// Deploys `infra/graph/management-role.yaml` to the stack's account, which manages the emulator's organization, with the
    /// external ID of the graph stack.
    ///
    /// # Errors
    ///
    /// [`CloudError`] if the emulator rejects the template.
    pub async fn deploy_management_role(&self, external_id: &str) -> Result<(), CloudError> {
        let role = keep_graph_role(GRAPH_STACK);
        let parameters = [("KeepGraphRoleArn", role.as_str()), ("ExternalId", external_id), ("MayChange", "true")];
        self.create_stack(STACK_ACCOUNT, "gumshoe-management", "infra/graph/management-role.yaml", &parameters).await
    }

    /// Builds and deploys `infra/graph/member.yaml`, with the real binary.
    ///
    /// # Errors
    ///
    /// [`CloudError`] with the remedy.
    pub async fn deploy_member_stack(
        &self,
        parameters: &[(&str, &str)],
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<(), CloudError> {
        deploy::deploy_extra_stack(
            &self.tools,
            self.api.url(),
            (ExtraStack::Member, MEMBER_STACK),
            parameters,
            progress,
        )
        .await
    }

    /// A command in the project's root that calls the emulator as AWS.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = self.tools.supervised_command(program);
        deploy::on_emulator(&mut command, self.api.url());
        command
    }

    /// The graph stack's rule with that logical ID, as EventBridge lists it; null if there is none.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn graph_rule(&self, logical_id: &str) -> Result<Value, CloudError> {
        let rules = self.api.json("events", "AWSEvents.ListRules", &json!({"NamePrefix": GRAPH_STACK})).await?;
        let rules = rules["Rules"].as_array().into_iter().flatten();
        let found = rules.into_iter().find(|rule| rule["Name"].as_str().is_some_and(|name| name.contains(logical_id)));
        Ok(found.cloned().unwrap_or_default())
    }
}

/// The ARN of keep-graph's role in the graph stack of that name. It is known before the stack exists.
#[must_use]
pub fn keep_graph_role(stack: &str) -> String {
    format!("arn:aws:iam::{STACK_ACCOUNT}:role/{stack}-keep-graph-{}", crate::api::REGION)
}
