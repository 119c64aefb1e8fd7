//! The administrator's side of a behavior graph: what it is, and (`changes`) what changes it.

mod changes;

use super::members::{ingest_state, member, package, time};
use crate::error::CallFailed;
use aws_sdk_detective::Client;
use gumshoe_domain::coverage::administrator_of;
use gumshoe_domain::error::Fault;
use gumshoe_domain::graph::{IngestState, Member, Package, Read};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// ListMembers, and others: MaxResults is at most 200.
const A_PAGE: i32 = 200;
/// Where reading pages stops: 50 pages, 10,000 members, far over the 1,200 that a graph may have.
const MOST_PAGES: usize = 50;
/// BatchGetGraphMemberDatasources: AccountIds has at most 200.
const SOURCES_A_CALL: usize = 200;
/// CreateMembers, GetMembers and DeleteMembers take at most 50 accounts.
pub const ACCOUNTS_A_CALL: usize = 50;

/// Accounts that an operation did not work on, with Detective's reason.
pub type Unprocessed = BTreeMap<String, String>;

/// The administrator's side of Detective, through a client that tries again by itself: what it does twice does no harm.
#[derive(Debug, Clone)]
pub struct BehaviorGraph {
    client: Client,
}

impl BehaviorGraph {
    /// An adapter around that client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The ARN of the graph that the account administers in the client's Region, if there is one (ListGraphs).
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn arn(&self) -> Result<Option<String>, CallFailed> {
        let answer = self.client.list_graphs().send().await.map_err(|error| CallFailed::new("ListGraphs", error))?;
        Ok(answer.graph_list().iter().find_map(|graph| graph.arn()).map(str::to_owned))
    }

    /// The graph's tags.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn tags(&self, graph_arn: &str) -> Result<BTreeMap<String, String>, CallFailed> {
        let answer = self.client.list_tags_for_resource().resource_arn(graph_arn).send().await;
        let answer = answer.map_err(|error| CallFailed::new("ListTagsForResource", error))?;
        let tags = answer.tags().into_iter().flatten();
        Ok(tags.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// All members, page by page to the end. The administrator is not among them.
    ///
    /// # Errors
    ///
    /// A failed call, or more than 10,000 members.
    pub async fn members(&self, graph_arn: &str) -> Result<BTreeMap<String, Member>, CallFailed> {
        let administrator = administrator_of(graph_arn);
        let mut members = BTreeMap::new();
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let call = self.client.list_members().graph_arn(graph_arn).max_results(A_PAGE).set_next_token(next);
            let page = call.send().await.map_err(|error| CallFailed::new("ListMembers", error))?;
            let found = page.member_details().iter().filter_map(member);
            members.extend(
                found.filter(|it| Some(it.account_id.as_str()) != administrator).map(|it| (it.account_id.clone(), it)),
            );
            next = page.next_token().map(str::to_owned);
            if next.is_none() {
                return Ok(members);
            }
        }
        Err(CallFailed::incomplete("ListMembers", "an end after 10,000 members"))
    }

    /// Those of these accounts that are members.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn members_of(&self, graph_arn: &str, account_ids: &[String]) -> Result<Vec<Member>, CallFailed> {
        let mut members = Vec::new();
        for ids in account_ids.chunks(ACCOUNTS_A_CALL) {
            let call = self.client.get_members().graph_arn(graph_arn).set_account_ids(Some(ids.to_vec()));
            let answer = call.send().await.map_err(|error| CallFailed::new("GetMembers", error))?;
            members.extend(answer.member_details().iter().filter_map(member));
        }
        Ok(members)
    }

    /// The graph's data source packages.
    ///
    /// # Errors
    ///
    /// A failed call, or more pages than packages could fill.
    pub async fn packages(&self, graph_arn: &str) -> Result<BTreeMap<Package, IngestState>, CallFailed> {
        let mut packages = BTreeMap::new();
        let mut next = None;
        for _ in 0..MOST_PAGES {
            let call = self.client.list_datasource_packages().graph_arn(graph_arn).set_next_token(next);
            let page = call.send().await.map_err(|error| CallFailed::new("ListDatasourcePackages", error))?;
            for (name, detail) in page.datasource_packages().into_iter().flatten() {
                let state = detail.datasource_package_ingest_state().and_then(ingest_state);
                packages.extend(package(name).zip(state));
            }
            next = page.next_token().map(str::to_owned);
            if next.is_none() {
                return Ok(packages);
            }
        }
        Err(CallFailed::incomplete("ListDatasourcePackages", "an end"))
    }

    /// Since when these members' packages are in the state that they are in, as far as Detective tells.
    ///
    /// # Errors
    ///
    /// A failed call.
    pub async fn since(
        &self,
        graph_arn: &str,
        states: &BTreeMap<(String, Package), Option<IngestState>>,
    ) -> Result<BTreeMap<(String, Package), Timestamp>, CallFailed> {
        let ids: Vec<String> = states.keys().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let mut since = BTreeMap::new();
        for ids in ids.chunks(SOURCES_A_CALL) {
            let call = self.client.batch_get_graph_member_datasources();
            let answer = call.graph_arn(graph_arn).set_account_ids(Some(ids.to_vec())).send().await;
            let answer = answer.map_err(|error| CallFailed::new("BatchGetGraphMemberDatasources", error))?;
            for source in answer.member_datasources() {
                let history = source.datasource_package_ingest_history().into_iter().flatten();
                for (name, changes) in history {
                    let Some((id, package)) = source.account_id().map(str::to_owned).zip(package(name)) else {
                        continue;
                    };
                    let place = (id, package);
                    let Some(state) = states.get(&place) else { continue };
                    let change = changes.iter().find(|(word, _)| ingest_state(word) == *state);
                    if let Some(at) = change.and_then(|(_, change)| change.timestamp()).and_then(time) {
                        since.insert(place, at);
                    }
                }
            }
        }
        Ok(since)
    }

    /// Whether accounts that join the organization become members by themselves; refused where the graph is not the
    /// organization's, or where the call is denied.
    ///
    /// # Errors
    ///
    /// A call that failed for a reason that may pass.
    pub async fn auto_enable(&self, graph_arn: &str) -> Result<Read<bool>, CallFailed> {
        let answer = self.client.describe_organization_configuration().graph_arn(graph_arn).send().await;
        let answer = answer.map_err(|error| CallFailed::new("DescribeOrganizationConfiguration", error));
        let rights = "detective:DescribeOrganizationConfiguration and organizations:DescribeOrganization, in the account of \
            Detective's administrator of the organization";
        unless_refused(answer.map(|it| it.auto_enable()), "the graph is not the organization's", rights)
    }

    /// Detective's administrator of the organization in the Region; refused where the account is not the management account.
    ///
    /// # Errors
    ///
    /// A call that failed for a reason that may pass.
    pub async fn administrator(&self) -> Result<Read<Option<String>>, CallFailed> {
        let answer = self.client.list_organization_admin_accounts().send().await;
        let answer = answer.map_err(|error| CallFailed::new("ListOrganizationAdminAccounts", error));
        let first = |it: aws_sdk_detective::operation::list_organization_admin_accounts::ListOrganizationAdminAccountsOutput| {
            it.administrators().iter().find_map(|it| it.account_id()).map(str::to_owned)
        };
        let rights = "detective:ListOrganizationAdminAccount and organizations:DescribeOrganization, in the organization's \
            management account";
        unless_refused(answer.map(first), "only the organization's management account may see to it", rights)
    }
}

/// What the organization keeps for others is no failure. A denial says nothing of the organization: it is reported with the
/// rights that the call needs, and any other refusal with what it means.
fn unless_refused<T>(answer: Result<T, CallFailed>, meaning: &str, rights: &str) -> Result<Read<T>, CallFailed> {
    match answer {
        Ok(it) => Ok(Read::Known(it)),
        Err(error) if error.fault == Fault::AccessDenied => Ok(Read::Refused(format!("{error}: it needs {rights}"))),
        Err(error) if matches!(error.fault, Fault::Rejected | Fault::NotFound) => {
            Ok(Read::Refused(format!("{meaning} ({error})")))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
