//! Every error type that the model gives each of the operations, as the SDK reads it.

use std::collections::BTreeSet;

use aws_sdk_detective::types::{DatasourcePackage, State};
use simulator::{ApiFault, FaultKind};

use super::{MEMBER, account};
use crate::support::{NO_ID, ROLE, TestServer, time};

/// Makes the operation answer with each error type of its model, and sees that the SDK reads it.
macro_rules! each {
    ($server:expr, $operation:literal, $call:expr, [$($check:ident),*]) => {{
        let mut checks = 0;
        $(
            let error = error_named(stringify!($check));
            $server.simulator.add_fault(ApiFault::new($operation, FaultKind::Error).error(&error));
            let answered = $call.send().await.unwrap_err().into_service_error();
            assert!(answered.$check(), "{} should answer {error}: {answered:?}", $operation);
            assert!(answered.meta().message().is_some());
            assert_eq!($server.simulator.journal().pop().unwrap().error, Some(error));
            checks += 1;
        )*
        let mut entries = $server.simulator.journal();
        entries.retain(|entry| entry.operation == $operation);
        assert_eq!(entries.len(), checks);
        assert!(entries.iter().all(|entry| entry.error.is_some() && entry.status >= 400));
    }};
}

/// `is_conflict_exception` is `ConflictException`.
fn error_named(check: &str) -> String {
    check.split('_').skip(1).map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

#[tokio::test]
async fn every_error_type_of_every_operation() {
    let server = TestServer::new();
    let (client, graph) = (&server.client, server.graph.as_str());
    let (start, end) = (time("2026-11-19T00:00:00Z"), time("2026-11-20T00:00:00Z"));
    each!(
        server,
        "AcceptInvitation",
        client.accept_invitation().graph_arn(graph),
        [
            is_access_denied_exception,
            is_conflict_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "BatchGetGraphMemberDatasources",
        client.batch_get_graph_member_datasources().graph_arn(graph).account_ids(MEMBER),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "BatchGetMembershipDatasources",
        client.batch_get_membership_datasources().graph_arns(graph),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "CreateGraph",
        client.create_graph(),
        [
            is_access_denied_exception,
            is_conflict_exception,
            is_internal_server_exception,
            is_service_quota_exceeded_exception
        ]
    );
    each!(
        server,
        "CreateMembers",
        client.create_members().graph_arn(graph).accounts(account(MEMBER)),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception,
            is_service_quota_exceeded_exception
        ]
    );
    each!(
        server,
        "DeleteGraph",
        client.delete_graph().graph_arn(graph),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "DeleteMembers",
        client.delete_members().graph_arn(graph).account_ids(MEMBER),
        [
            is_access_denied_exception,
            is_conflict_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "DescribeOrganizationConfiguration",
        client.describe_organization_configuration().graph_arn(graph),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_too_many_requests_exception
        ]
    );
    each!(
        server,
        "DisableOrganizationAdminAccount",
        client.disable_organization_admin_account(),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_too_many_requests_exception
        ]
    );
    each!(
        server,
        "DisassociateMembership",
        client.disassociate_membership().graph_arn(graph),
        [
            is_access_denied_exception,
            is_conflict_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "EnableOrganizationAdminAccount",
        client.enable_organization_admin_account().account_id(MEMBER),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_too_many_requests_exception
        ]
    );
    each!(
        server,
        "GetInvestigation",
        client.get_investigation().graph_arn(graph).investigation_id(NO_ID),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_resource_not_found_exception,
            is_too_many_requests_exception
        ]
    );
    each!(
        server,
        "GetMembers",
        client.get_members().graph_arn(graph).account_ids(MEMBER),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "ListDatasourcePackages",
        client.list_datasource_packages().graph_arn(graph),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "ListGraphs",
        client.list_graphs(),
        [is_access_denied_exception, is_internal_server_exception, is_validation_exception]
    );
    each!(
        server,
        "ListIndicators",
        client.list_indicators().graph_arn(graph).investigation_id(NO_ID),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_resource_not_found_exception,
            is_too_many_requests_exception
        ]
    );
    each!(
        server,
        "ListInvestigations",
        client.list_investigations().graph_arn(graph),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_resource_not_found_exception,
            is_too_many_requests_exception
        ]
    );
    each!(
        server,
        "ListInvitations",
        client.list_invitations(),
        [is_access_denied_exception, is_internal_server_exception, is_validation_exception]
    );
    each!(
        server,
        "ListMembers",
        client.list_members().graph_arn(graph),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "ListOrganizationAdminAccounts",
        client.list_organization_admin_accounts(),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_too_many_requests_exception
        ]
    );
    each!(
        server,
        "ListTagsForResource",
        client.list_tags_for_resource().resource_arn(graph),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_resource_not_found_exception
        ]
    );
    each!(
        server,
        "RejectInvitation",
        client.reject_invitation().graph_arn(graph),
        [
            is_access_denied_exception,
            is_conflict_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "StartInvestigation",
        client.start_investigation().graph_arn(graph).entity_arn(ROLE).scope_start_time(start).scope_end_time(end),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_too_many_requests_exception,
            is_resource_not_found_exception
        ]
    );
    each!(
        server,
        "StartMonitoringMember",
        client.start_monitoring_member().graph_arn(graph).account_id(MEMBER),
        [
            is_access_denied_exception,
            is_conflict_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_service_quota_exceeded_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "TagResource",
        client.tag_resource().resource_arn(graph).tags("team", "blue"),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_resource_not_found_exception
        ]
    );
    each!(
        server,
        "UntagResource",
        client.untag_resource().resource_arn(graph).tag_keys("team"),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_resource_not_found_exception
        ]
    );
    each!(
        server,
        "UpdateDatasourcePackages",
        client.update_datasource_packages().graph_arn(graph).datasource_packages(DatasourcePackage::EksAudit),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_resource_not_found_exception,
            is_service_quota_exceeded_exception,
            is_validation_exception
        ]
    );
    each!(
        server,
        "UpdateInvestigationState",
        client.update_investigation_state().graph_arn(graph).investigation_id(NO_ID).state(State::Archived),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_resource_not_found_exception,
            is_too_many_requests_exception
        ]
    );
    each!(
        server,
        "UpdateOrganizationConfiguration",
        client.update_organization_configuration().graph_arn(graph).auto_enable(true),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_too_many_requests_exception
        ]
    );
    let operations: BTreeSet<String> = server.simulator.journal().into_iter().map(|entry| entry.operation).collect();
    assert_eq!(operations.len(), 29);
}
