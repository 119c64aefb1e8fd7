//! Detective's operations, one a file, and the table that the server routes by.

mod accept_invitation;
mod batch_get_graph_member_datasources;
mod batch_get_membership_datasources;
mod create_graph;
mod create_members;
mod delete_graph;
mod delete_members;
mod describe_organization_configuration;
mod disable_organization_admin_account;
mod disassociate_membership;
mod enable_organization_admin_account;
mod get_investigation;
mod get_members;
mod list_datasource_packages;
mod list_graphs;
mod list_indicators;
mod list_investigations;
mod list_invitations;
mod list_members;
mod list_organization_admin_accounts;
mod list_tags_for_resource;
mod reject_invitation;
mod start_investigation;
mod start_monitoring_member;
mod tag_resource;
mod untag_resource;
mod update_datasource_packages;
mod update_investigation_state;
mod update_organization_configuration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::constraints::operations as model;
use crate::protocol::shape::Model;
use crate::protocol::{Call, Operation, OperationResult, Service};
use crate::world::World;

/// All operations of the API reference, in its order.
pub(crate) static OPERATIONS: [Operation; 29] = [
    operation(&model::ACCEPT_INVITATION, accept_invitation::answer),
    operation(&model::BATCH_GET_GRAPH_MEMBER_DATASOURCES, batch_get_graph_member_datasources::answer),
    operation(&model::BATCH_GET_MEMBERSHIP_DATASOURCES, batch_get_membership_datasources::answer),
    operation(&model::CREATE_GRAPH, create_graph::answer),
    operation(&model::CREATE_MEMBERS, create_members::answer),
    operation(&model::DELETE_GRAPH, delete_graph::answer),
    operation(&model::DELETE_MEMBERS, delete_members::answer),
    operation(&model::DESCRIBE_ORGANIZATION_CONFIGURATION, describe_organization_configuration::answer),
    operation(&model::DISABLE_ORGANIZATION_ADMIN_ACCOUNT, disable_organization_admin_account::answer),
    operation(&model::DISASSOCIATE_MEMBERSHIP, disassociate_membership::answer),
    operation(&model::ENABLE_ORGANIZATION_ADMIN_ACCOUNT, enable_organization_admin_account::answer),
    operation(&model::GET_INVESTIGATION, get_investigation::answer),
    operation(&model::GET_MEMBERS, get_members::answer),
    operation(&model::LIST_DATASOURCE_PACKAGES, list_datasource_packages::answer),
    operation(&model::LIST_GRAPHS, list_graphs::answer),
    operation(&model::LIST_INDICATORS, list_indicators::answer),
    operation(&model::LIST_INVESTIGATIONS, list_investigations::answer),
    operation(&model::LIST_INVITATIONS, list_invitations::answer),
    operation(&model::LIST_MEMBERS, list_members::answer),
    operation(&model::LIST_ORGANIZATION_ADMIN_ACCOUNTS, list_organization_admin_accounts::answer),
    operation(&model::LIST_TAGS_FOR_RESOURCE, list_tags_for_resource::answer),
    operation(&model::REJECT_INVITATION, reject_invitation::answer),
    operation(&model::START_INVESTIGATION, start_investigation::answer),
    operation(&model::START_MONITORING_MEMBER, start_monitoring_member::answer),
    operation(&model::TAG_RESOURCE, tag_resource::answer),
    operation(&model::UNTAG_RESOURCE, untag_resource::answer),
    operation(&model::UPDATE_DATASOURCE_PACKAGES, update_datasource_packages::answer),
    operation(&model::UPDATE_INVESTIGATION_STATE, update_investigation_state::answer),
    operation(&model::UPDATE_ORGANIZATION_CONFIGURATION, update_organization_configuration::answer),
];

const fn operation(model: &'static Model, answer: fn(&Call<'_>, &mut World) -> OperationResult) -> Operation {
    Operation { service: Service::Detective, model, answer }
}

/// The size of a page when MaxResults is left out, where it can be up to 200.
// assumed: the most that can be asked for.
const DEFAULT_PAGE_SIZE: usize = 200;

/// A request that names a graph and nothing else.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfGraph {
    graph_arn: String,
}

/// An account that an operation did not work on, and why.
// assumed: the wording of all reasons.
fn unprocessed(account: &str, reason: impl Into<String>) -> Value {
    json!({ "AccountId": account, "Reason": reason.into() })
}

/// A body with one list, and the token of the next page if there is one.
fn page(name: &str, items: Value, next: Option<String>) -> OperationResult {
    let mut body = json!({ name: items });
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    Ok(Some(body))
}
