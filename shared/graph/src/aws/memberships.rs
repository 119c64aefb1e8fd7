//! The member's side of Detective: invitations, memberships, and the data sources of the account.

use super::members;
use crate::member::Member;
use aws_sdk_detective::Client;
use aws_sdk_detective::primitives::DateTime;
use aws_sdk_detective::types::{MemberDetail, MembershipDatasources};
use gumshoe_alerts::message::{IngestState, Package};
use gumshoe_aws::ApiCallError;
use gumshoe_aws::pagination::{Page, PageLimit, collect_pages};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// MaxResults of ListInvitations is at most 200.
const INVITATIONS_PAGE_SIZE: i32 = 200;
/// The most pages that are read: 50 pages are 10,000 invitations, far more than an account has.
const MAX_PAGES: usize = 50;
/// BatchGetMembershipDatasources accepts at most 50 graphs.
const MAX_GRAPHS_PER_CALL: usize = 50;

/// Detective in a member account, through a client that retries.
#[derive(Debug, Clone)]
pub struct Memberships {
    client: Client,
}

/// The data sources that the account sends to graphs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataSources {
    /// By the graph's ARN and the package.
    pub by_graph: BTreeMap<String, BTreeMap<Package, DataSource>>,
    /// The graphs that Detective did not process, by ARN, with its reason.
    pub unprocessed: BTreeMap<String, String>,
}

/// The state of a data source package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DataSource {
    /// The current state.
    pub state: IngestState,
    /// When the package entered the state, if Detective returned it.
    pub since: Option<Timestamp>,
}

impl Memberships {
    /// Creates an adapter with that client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The graphs that this account is invited to or a member of (ListInvitations, all pages).
    ///
    /// # Errors
    ///
    /// A failed ListInvitations, more than 10,000 invitations, or one without an account's id or a graph's ARN.
    pub async fn invitations(&self) -> Result<Vec<Member>, ApiCallError> {
        let bound =
            PageLimit { operation: "ListInvitations", max_pages: MAX_PAGES, exceeded: "more than 10,000 invitations" };
        let invitation = &|detail: &MemberDetail| {
            let member = members::member(detail).filter(|member| !member.graph_arn.is_empty());
            member.ok_or_else(|| ApiCallError::missing_field(bound.operation, "an invitation's AccountId or GraphArn"))
        };
        collect_pages(bound, |token| async move {
            let call = self.client.list_invitations().max_results(INVITATIONS_PAGE_SIZE).set_next_token(token);
            let page = call.send().await.map_err(|error| ApiCallError::new(bound.operation, error))?;
            let items = page.invitations().iter().map(invitation).collect::<Result<_, _>>()?;
            Ok(Page { items, next: page.next_token })
        })
        .await
    }

    /// Accepts the invitation to a graph.
    ///
    /// # Errors
    ///
    /// A failed AcceptInvitation: a conflict if the account is not INVITED.
    pub async fn accept(&self, graph_arn: &str) -> Result<(), ApiCallError> {
        let call = self.client.accept_invitation().graph_arn(graph_arn);
        call.send().await.map(drop).map_err(|error| ApiCallError::new("AcceptInvitation", error))
    }

    /// Rejects the invitation to a graph.
    ///
    /// # Errors
    ///
    /// A failed RejectInvitation: a conflict if the account is not INVITED, not found if the invitation no longer exists.
    pub async fn reject(&self, graph_arn: &str) -> Result<(), ApiCallError> {
        let call = self.client.reject_invitation().graph_arn(graph_arn);
        call.send().await.map(drop).map_err(|error| ApiCallError::new("RejectInvitation", error))
    }

    /// Leaves a graph.
    ///
    /// # Errors
    ///
    /// A failed DisassociateMembership: a conflict if the account is not ENABLED, not found if it is not a member.
    pub async fn leave(&self, graph_arn: &str) -> Result<(), ApiCallError> {
        let call = self.client.disassociate_membership().graph_arn(graph_arn);
        call.send().await.map(drop).map_err(|error| ApiCallError::new("DisassociateMembership", error))
    }

    /// The data sources that this account sends to those graphs (50 graphs per call).
    ///
    /// # Errors
    ///
    /// A failed BatchGetMembershipDatasources. For graphs that Detective does not process, the result has its reason.
    pub async fn data_sources(&self, graph_arns: &[String]) -> Result<DataSources, ApiCallError> {
        let mut sources = DataSources::default();
        for graphs in graph_arns.chunks(MAX_GRAPHS_PER_CALL) {
            let answer = self
                .client
                .batch_get_membership_datasources()
                .set_graph_arns(Some(graphs.to_vec()))
                .send()
                .await
                .map_err(|error| ApiCallError::new("BatchGetMembershipDatasources", error))?;
            for source in answer.membership_datasources() {
                sources.by_graph.insert(source.graph_arn().unwrap_or_default().to_owned(), packages(source));
            }
            for graph in answer.unprocessed_graphs() {
                let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
                sources.unprocessed.insert(text(graph.graph_arn()), text(graph.reason()));
            }
        }
        Ok(sources)
    }
}

/// The last state of each package. The history has, for each state, when the package last entered it.
fn packages(source: &MembershipDatasources) -> BTreeMap<Package, DataSource> {
    let packages = source.datasource_package_ingest_history().into_iter().flatten();
    packages
        .filter_map(|(package, history)| {
            let states = history
                .iter()
                .filter_map(|(state, change)| Some((change.timestamp().copied(), members::ingest_state(state)?)));
            // Changes can be less than a second apart, so they are compared before they are converted.
            let (time, state): (Option<DateTime>, IngestState) = states.max()?;
            Some((members::package(package)?, DataSource { state, since: time.as_ref().and_then(members::timestamp) }))
        })
        .collect()
}

#[cfg(test)]
mod tests;
