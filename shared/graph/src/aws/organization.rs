//! AWS Organizations: its accounts, and the accounts that may become Detective's administrator.

use crate::account::Account;
use crate::current::AdministratorCandidates;
use aws_sdk_organizations::{Client, types};
use gumshoe_aws::ApiCallError;
use gumshoe_aws::pagination::{Page, PageLimit, collect_pages};

/// The most pages that are read: 1,000 pages of 20 accounts, far more than an organization may have.
const MAX_PAGES: usize = 1_000;

/// The organization. Only the management account and delegated administrators may read it.
#[derive(Debug)]
pub struct Organization {
    client: Client,
}

impl Organization {
    /// Creates an adapter with that client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The organization's active accounts with their e-mail addresses (ListAccounts, all pages).
    ///
    /// # Errors
    ///
    /// A failed ListAccounts, or more than 20,000 accounts.
    pub async fn active_accounts(&self) -> Result<Vec<Account>, ApiCallError> {
        let bound =
            PageLimit { operation: "ListAccounts", max_pages: MAX_PAGES, exceeded: "more than 20,000 accounts" };
        collect_pages(bound, |token| async move {
            let page = self.client.list_accounts().set_next_token(token).send().await;
            let page = page.map_err(|error| ApiCallError::new(bound.operation, error))?;
            let active = page.accounts().iter().filter(|account| is_active(account)).filter_map(|account| {
                let email = account.email().unwrap_or_default().to_owned();
                Some(Account { account_id: account.id()?.to_owned(), email })
            });
            Ok(Page { items: active.collect(), next: page.next_token.clone() })
        })
        .await
    }

    /// The accounts that may become administrator of a service: the management account, and the service's delegated administrator,
    /// if there is one. Only the management account may read them. `service_principal` is such as `detective.amazonaws.com`.
    ///
    /// # Errors
    ///
    /// A failed DescribeOrganization or ListDelegatedAdministrators.
    pub async fn administrator_candidates(
        &self,
        service_principal: &str,
    ) -> Result<AdministratorCandidates, ApiCallError> {
        let described = self.client.describe_organization().send().await;
        let described = described.map_err(|error| ApiCallError::new("DescribeOrganization", error))?;
        let management = described.organization().and_then(|it| it.master_account_id());
        let management =
            management.ok_or_else(|| ApiCallError::missing_field("DescribeOrganization", "the management account"))?;
        let listed = self.client.list_delegated_administrators().service_principal(service_principal).send().await;
        let listed = listed.map_err(|error| ApiCallError::new("ListDelegatedAdministrators", error))?;
        // Detective has at most one.
        let delegated = listed.delegated_administrators().iter().find_map(|it| it.id()).map(str::to_owned);
        Ok(AdministratorCandidates { management: management.to_owned(), delegated })
    }
}

/// Two fields have the state; Status is deprecated (Organizations API Reference, Account).
fn is_active(account: &types::Account) -> bool {
    match (account.state(), account.status()) {
        (Some(state), _) => state.as_str() == "ACTIVE",
        (None, Some(status)) => status.as_str() == "ACTIVE",
        (None, None) => false,
    }
}
