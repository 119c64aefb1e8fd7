//! The reasons that are reported if the organization's settings cannot be read.

use super::*;
use aws_sdk_detective::operation::describe_organization_configuration::DescribeOrganizationConfigurationError as Auto;
use aws_sdk_detective::operation::list_organization_admin_accounts::ListOrganizationAdminAccountsError as Admin;
use aws_smithy_mocks::{mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;

const GRAPH: &str = "arn:aws:detective:us-east-1:123456789012:graph:0123456789abcdef0123456789abcdef";

fn code(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).build()
}

async fn auto_enable(error_code: &'static str) -> String {
    let rejected =
        mock!(Client::describe_organization_configuration).then_error(move || Auto::generic(code(error_code)));
    match BehaviorGraph::new(mock_client!(aws_sdk_detective, [&rejected])).auto_enable(GRAPH).await {
        Ok(Observation::Unavailable(why)) => why,
        other => format!("{other:?}"),
    }
}

async fn administrator(error_code: &'static str) -> String {
    let rejected = mock!(Client::list_organization_admin_accounts).then_error(move || Admin::generic(code(error_code)));
    match BehaviorGraph::new(mock_client!(aws_sdk_detective, [&rejected])).administrator().await {
        Ok(Observation::Unavailable(why)) => why,
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn denial_is_reported_with_the_missing_permissions() {
    let why = auto_enable("AccessDeniedException").await;
    assert!(why.starts_with("DescribeOrganizationConfiguration was denied (AccessDeniedException)"), "{why}");
    assert!(why.contains("organizations:DescribeOrganization"), "{why}");
    assert!(!why.contains("not the organization's"), "{why}");
    let why = administrator("AccessDeniedException").await;
    assert!(why.starts_with("ListOrganizationAdminAccounts was denied (AccessDeniedException)"), "{why}");
    assert!(why.contains("management account"), "{why}");
}

#[tokio::test]
async fn other_rejection_is_reported_with_its_meaning() {
    let why = auto_enable("ValidationException").await;
    assert!(why.starts_with("the graph is not the organization's (DescribeOrganizationConfiguration"), "{why}");
    let why = administrator("ValidationException").await;
    assert!(why.starts_with("only the organization's management account"), "{why}");
}
