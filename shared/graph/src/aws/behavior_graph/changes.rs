//! Operations that change a behavior graph. All of them are idempotent, except for removing the administrator.

use super::{BehaviorGraph, UnprocessedAccounts};
use crate::account::Account;
use aws_sdk_detective::config::retry::RetryConfig;
use aws_sdk_detective::types;
use gumshoe_alerts::message::Package;
use gumshoe_aws::ApiCallError;
use gumshoe_domain::error::Fault;
use std::collections::{BTreeMap, BTreeSet};

impl BehaviorGraph {
    /// Creates the graph and returns its ARN; if it exists already, Detective returns that one.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn create(&self, tags: &BTreeMap<String, String>) -> Result<String, ApiCallError> {
        let tags = (!tags.is_empty()).then(|| tags.clone().into_iter().collect());
        let answer = self.client.create_graph().set_tags(tags).send().await;
        let answer = answer.map_err(|error| ApiCallError::new("CreateGraph", error))?;
        answer.graph_arn().map(str::to_owned).ok_or_else(|| ApiCallError::missing_field("CreateGraph", "GraphArn"))
    }

    /// Deletes the graph with all its data.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn delete(&self, graph_arn: &str) -> Result<(), ApiCallError> {
        let answer = self.client.delete_graph().graph_arn(graph_arn).send().await;
        answer.map(drop).map_err(|error| ApiCallError::new("DeleteGraph", error))
    }

    /// Sets tags.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn tag(&self, graph_arn: &str, tags: &BTreeMap<String, String>) -> Result<(), ApiCallError> {
        let tags = Some(tags.clone().into_iter().collect());
        let answer = self.client.tag_resource().resource_arn(graph_arn).set_tags(tags).send().await;
        answer.map(drop).map_err(|error| ApiCallError::new("TagResource", error))
    }

    /// Removes tags.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn untag(&self, graph_arn: &str, keys: &BTreeSet<String>) -> Result<(), ApiCallError> {
        let keys = Some(keys.iter().cloned().collect());
        let answer = self.client.untag_resource().resource_arn(graph_arn).set_tag_keys(keys).send().await;
        answer.map(drop).map_err(|error| ApiCallError::new("UntagResource", error))
    }

    /// Starts data source packages. The API cannot stop any.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn start_packages(&self, graph_arn: &str, packages: &BTreeSet<Package>) -> Result<(), ApiCallError> {
        let packages = packages.iter().map(|package| match package {
            Package::DetectiveCore => types::DatasourcePackage::DetectiveCore,
            Package::EksAudit => types::DatasourcePackage::EksAudit,
            Package::AsffSecurityhubFinding => types::DatasourcePackage::AsffSecurityhubFinding,
        });
        let call = self.client.update_datasource_packages().graph_arn(graph_arn);
        let answer = call.set_datasource_packages(Some(packages.collect())).send().await;
        answer.map(drop).map_err(|error| ApiCallError::new("UpdateDatasourcePackages", error))
    }

    /// Sets whether accounts that join the organization become members automatically.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn set_auto_enable(&self, graph_arn: &str, auto_enable: bool) -> Result<(), ApiCallError> {
        let call = self.client.update_organization_configuration().graph_arn(graph_arn).auto_enable(auto_enable);
        call.send().await.map(drop).map_err(|error| ApiCallError::new("UpdateOrganizationConfiguration", error))
    }

    /// Sets Detective's administrator of the organization in the Region.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn enable_administrator(&self, account_id: &str) -> Result<(), ApiCallError> {
        let answer = self.client.enable_organization_admin_account().account_id(account_id).send().await;
        answer.map(drop).map_err(|error| ApiCallError::new("EnableOrganizationAdminAccount", error))
    }

    /// Removes Detective's administrator of the organization in the Region if it still is that account; Detective deletes that
    /// account's graph. The operation has no account parameter, so the administrator is read right before, and the SDK does not retry
    /// the call: another run may have set the next administrator by then.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn disable_administrator(&self, account_id: &str) -> Result<(), ApiCallError> {
        if self.administrator().await?.known().and_then(Option::as_deref) != Some(account_id) {
            return Ok(());
        }
        let once = aws_sdk_detective::Config::builder().retry_config(RetryConfig::disabled());
        let answer = self.client.disable_organization_admin_account().customize().config_override(once).send().await;
        answer.map(drop).map_err(|error| ApiCallError::new("DisableOrganizationAdminAccount", error))
    }

    /// Invites accounts, or enables them if they belong to the organization: at most 50 per call.
    ///
    /// # Errors
    ///
    /// A failed call, or an account without an id.
    pub async fn add_members(
        &self,
        graph_arn: &str,
        accounts: &[Account],
        emails: bool,
    ) -> Result<UnprocessedAccounts, ApiCallError> {
        let mut call = self.client.create_members().graph_arn(graph_arn).disable_email_notification(!emails);
        for Account { account_id, email } in accounts {
            let account = types::Account::builder().account_id(account_id).email_address(email).build();
            call = call.accounts(account.map_err(|error| ApiCallError::invalid_request("CreateMembers", error))?);
        }
        let answer = call.send().await.map_err(|error| ApiCallError::new("CreateMembers", error))?;
        Ok(unprocessed(answer.unprocessed_accounts()))
    }

    /// Removes members: at most 50 per call.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn remove_members(
        &self,
        graph_arn: &str,
        account_ids: &[String],
    ) -> Result<UnprocessedAccounts, ApiCallError> {
        let call = self.client.delete_members().graph_arn(graph_arn).set_account_ids(Some(account_ids.to_vec()));
        let answer = call.send().await.map_err(|error| ApiCallError::new("DeleteMembers", error))?;
        Ok(unprocessed(answer.unprocessed_accounts()))
    }

    /// Retries to ingest the data of a member that is ACCEPTED_BUT_DISABLED. If it has another status by now, this succeeds.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn start_monitoring(&self, graph_arn: &str, account_id: &str) -> Result<(), ApiCallError> {
        let call = self.client.start_monitoring_member().graph_arn(graph_arn).account_id(account_id);
        match call.send().await.map_err(|error| ApiCallError::new("StartMonitoringMember", error)) {
            Err(error) if error.fault == Fault::Conflict => Ok(()),
            other => other.map(drop),
        }
    }
}

fn unprocessed(accounts: &[types::UnprocessedAccount]) -> UnprocessedAccounts {
    let reason = |it: &types::UnprocessedAccount| it.reason().unwrap_or("Detective returned no reason").to_owned();
    accounts.iter().filter_map(|it| Some((it.account_id()?.to_owned(), reason(it)))).collect()
}
