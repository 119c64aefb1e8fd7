//! The administrator's side of a behavior graph: this module reads it, and `changes` changes it.

mod changes;

use super::known_or_unavailable;
use super::members::{ingest_state, member, package, timestamp};
use crate::current::Observation;
use crate::member::Member;
use aws_sdk_detective::Client;
use gumshoe_alerts::message::{IngestState, Package};
use gumshoe_aws::ApiCallError;
use gumshoe_aws::detective::graphs::administered_graph;
use gumshoe_aws::pagination::{Page, PageLimit, collect_pages};
use gumshoe_domain::coverage::graph_administrator;
use gumshoe_domain::error::Fault;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// MaxResults of ListMembers and others is at most 200.
const PAGE_SIZE: i32 = 200;
/// The most pages that are read: 50 pages are 10,000 members, far more than the 1,200 that a graph may have.
const MAX_PAGES: usize = 50;
/// GetMembers, CreateMembers and DeleteMembers accept at most 50 accounts.
pub const MAX_ACCOUNTS_PER_CALL: usize = 50;
/// BatchGetGraphMemberDatasources accepts at most 200 accounts.
const MAX_DATASOURCE_ACCOUNTS_PER_CALL: usize = 200;

/// The accounts that an operation did not process (`UnprocessedAccounts`), with Detective's reason.
pub type UnprocessedAccounts = BTreeMap<String, String>;

/// The administrator's side of Detective. Its operations are idempotent, so the client may retry them.
#[derive(Debug, Clone)]
pub struct BehaviorGraph {
    client: Client,
}

impl BehaviorGraph {
    /// Creates an adapter with that client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The ARN of the graph that the account administers in the client's Region, if there is one (ListGraphs).
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn arn(&self) -> Result<Option<String>, ApiCallError> {
        administered_graph(&self.client).await
    }

    /// The graph's tags.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn tags(&self, graph_arn: &str) -> Result<BTreeMap<String, String>, ApiCallError> {
        let answer = self.client.list_tags_for_resource().resource_arn(graph_arn).send().await;
        let answer = answer.map_err(|error| ApiCallError::new("ListTagsForResource", error))?;
        let tags = answer.tags().into_iter().flatten();
        Ok(tags.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// All members, page by page to the end. The administrator is not among them.
    ///
    /// # Errors
    ///
    /// A failed call, or more than 10,000 members.
    pub async fn members(&self, graph_arn: &str) -> Result<BTreeMap<String, Member>, ApiCallError> {
        let administrator = graph_administrator(graph_arn);
        let bound = PageLimit { operation: "ListMembers", max_pages: MAX_PAGES, exceeded: "more than 10,000 members" };
        let found = collect_pages(bound, |token| async move {
            let call = self.client.list_members().graph_arn(graph_arn).max_results(PAGE_SIZE).set_next_token(token);
            let page = call.send().await.map_err(|error| ApiCallError::new(bound.operation, error))?;
            Ok(Page { items: page.member_details().iter().filter_map(member).collect(), next: page.next_token })
        });
        let members = found.await?.into_iter().filter(|it| Some(it.account_id.as_str()) != administrator);
        Ok(members.map(|it| (it.account_id.clone(), it)).collect())
    }

    /// Those of these accounts that are members (GetMembers, 50 accounts per call).
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn members_of(&self, graph_arn: &str, account_ids: &[String]) -> Result<Vec<Member>, ApiCallError> {
        let mut members = Vec::new();
        for ids in account_ids.chunks(MAX_ACCOUNTS_PER_CALL) {
            let call = self.client.get_members().graph_arn(graph_arn).set_account_ids(Some(ids.to_vec()));
            let answer = call.send().await.map_err(|error| ApiCallError::new("GetMembers", error))?;
            members.extend(answer.member_details().iter().filter_map(member));
        }
        Ok(members)
    }

    /// The graph's data source packages.
    ///
    /// # Errors
    ///
    /// A failed call, or more pages than packages could fill.
    pub async fn packages(&self, graph_arn: &str) -> Result<BTreeMap<Package, IngestState>, ApiCallError> {
        let bound = PageLimit {
            operation: "ListDatasourcePackages",
            max_pages: MAX_PAGES,
            exceeded: "more pages than there are packages",
        };
        let packages = collect_pages(bound, |token| async move {
            let call = self.client.list_datasource_packages().graph_arn(graph_arn).set_next_token(token);
            let page = call.send().await.map_err(|error| ApiCallError::new(bound.operation, error))?;
            let packages = page.datasource_packages().into_iter().flatten().filter_map(|(name, detail)| {
                package(name).zip(detail.datasource_package_ingest_state().and_then(ingest_state))
            });
            Ok(Page { items: packages.collect(), next: page.next_token.clone() })
        });
        Ok(packages.await?.into_iter().collect())
    }

    /// Since when these members' packages are in their states, as far as Detective reports it (BatchGetGraphMemberDatasources).
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn package_state_times(
        &self,
        graph_arn: &str,
        states: &BTreeMap<(String, Package), Option<IngestState>>,
    ) -> Result<BTreeMap<(String, Package), Timestamp>, ApiCallError> {
        let ids: Vec<String> = states.keys().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let mut since = BTreeMap::new();
        for ids in ids.chunks(MAX_DATASOURCE_ACCOUNTS_PER_CALL) {
            let call = self.client.batch_get_graph_member_datasources();
            let answer = call.graph_arn(graph_arn).set_account_ids(Some(ids.to_vec())).send().await;
            let answer = answer.map_err(|error| ApiCallError::new("BatchGetGraphMemberDatasources", error))?;
            for source in answer.member_datasources() {
                let history = source.datasource_package_ingest_history().into_iter().flatten();
                for (name, changes) in history {
                    let Some((id, package)) = source.account_id().map(str::to_owned).zip(package(name)) else {
                        continue;
                    };
                    let member_package = (id, package);
                    let Some(state) = states.get(&member_package) else { continue };
                    let change = changes.iter().find(|(name, _)| ingest_state(name) == *state);
                    if let Some(at) = change.and_then(|(_, change)| change.timestamp()).and_then(timestamp) {
                        since.insert(member_package, at);
                    }
                }
            }
        }
        Ok(since)
    }

    /// Whether accounts that join the organization become members automatically; unavailable if the graph is not the organization's,
    /// or if the call is denied.
    ///
    /// # Errors
    ///
    /// A call that failed for a transient reason.
    pub async fn auto_enable(&self, graph_arn: &str) -> Result<Observation<bool>, ApiCallError> {
        let answer = self.client.describe_organization_configuration().graph_arn(graph_arn).send().await;
        let answer = answer.map_err(|error| ApiCallError::new("DescribeOrganizationConfiguration", error));
        let permissions = "detective:DescribeOrganizationConfiguration and organizations:DescribeOrganization, in the account of \
            Detective's administrator of the organization";
        let why = |error: &ApiCallError| unavailable_reason(error, "the graph is not the organization's", permissions);
        known_or_unavailable(answer.map(|it| it.auto_enable()), why)
    }

    /// Detective's administrator of the organization in the Region; unavailable if the account is not the management account.
    ///
    /// # Errors
    ///
    /// A call that failed for a transient reason.
    pub async fn administrator(&self) -> Result<Observation<Option<String>>, ApiCallError> {
        let answer = self.client.list_organization_admin_accounts().send().await;
        let answer = answer.map_err(|error| ApiCallError::new("ListOrganizationAdminAccounts", error));
        let first = |it: aws_sdk_detective::operation::list_organization_admin_accounts::ListOrganizationAdminAccountsOutput| {
            it.administrators().iter().find_map(|it| it.account_id()).map(str::to_owned)
        };
        let permissions = "detective:ListOrganizationAdminAccount and organizations:DescribeOrganization, in the organization's \
            management account";
        let why = |error: &ApiCallError| {
            unavailable_reason(error, "only the organization's management account can read it", permissions)
        };
        known_or_unavailable(answer.map(first), why)
    }
}

/// Why a value is unavailable. A denial does not show what the organization is, so it is reported with the permissions that the call
/// needs; any other rejection is reported with its meaning.
fn unavailable_reason(error: &ApiCallError, meaning: &str, permissions: &str) -> String {
    match error.fault {
        Fault::AccessDenied => format!("{error}: missing permissions {permissions}"),
        _ => format!("{meaning} ({error})"),
    }
}

#[cfg(test)]
mod tests;
