//! What a refusal of the organization's side is reported as.

use super::*;
use aws_sdk_detective::operation::describe_organization_configuration::DescribeOrganizationConfigurationError as Auto;
use aws_sdk_detective::operation::list_organization_admin_accounts::ListOrganizationAdminAccountsError as Admin;
use aws_smithy_mocks::{mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;

const GRAPH: &str = "arn:aws:detective:us-east-1:123456789012:graph:0123456789abcdef0123456789abcdef";

fn code(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).build()
}

async fn auto_enable(refusal: &'static str) -> String {
    let refused = mock!(Client::describe_organization_configuration).then_error(move || Auto::generic(code(refusal)));
    match BehaviorGraph::new(mock_client!(aws_sdk_detective, [&refused])).auto_enable(GRAPH).await {
        Ok(Observation::Unavailable(why)) => why,
        other => format!("{other:?}"),
    }
}

async fn administrator(refusal: &'static str) -> String {
    let refused = mock!(Client::list_organization_admin_accounts).then_error(move || Admin::generic(code(refusal)));
    match BehaviorGraph::new(mock_client!(aws_sdk_detective, [&refused])).administrator().await {
        Ok(Observation::Unavailable(why)) => why,
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn a_denial_is_reported_as_a_denial_with_the_rights_that_the_call_needs() {
    let why = auto_enable("AccessDeniedException").await;
    assert!(why.starts_with("DescribeOrganizationConfiguration was denied (AccessDeniedException)"), "{why}");
    assert!(why.contains("organizations:DescribeOrganization"), "{why}");
    assert!(!why.contains("not the organization's"), "{why}");
    let why = administrator("AccessDeniedException").await;
    assert!(why.starts_with("ListOrganizationAdminAccounts was denied (AccessDeniedException)"), "{why}");
    assert!(why.contains("management account"), "{why}");
}

#[tokio::test]
async fn another_refusal_is_reported_with_what_it_means() {
    let why = auto_enable("ValidationException").await;
    assert!(why.starts_with("the graph is not the organization's (DescribeOrganizationConfiguration"), "{why}");
    let why = administrator("ValidationException").await;
    assert!(why.starts_with("only the organization's management account"), "{why}");
}
