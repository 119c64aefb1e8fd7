//! Every error type that the model gives each of the operations, as the SDK reads it.

use std::collections::BTreeSet;

use aws_sdk_detective::types::{DatasourcePackage, State};
use simulator::{ApiFault, FaultKind};

use super::{MEMBER, account};
use crate::support::{Bench, NO_ID, ROLE, time};

/// Makes the operation answer with each error type of its model, and sees that the SDK reads it.
macro_rules! each {
    ($bench:expr, $operation:literal, $call:expr, [$($check:ident),*]) => {{
        let mut checks = 0;
        $(
            let error = error_named(stringify!($check));
            $bench.simulator.add_fault(ApiFault::new($operation, FaultKind::Error).error(&error));
            let answered = $call.send().await.unwrap_err().into_service_error();
            assert!(answered.$check(), "{} should answer {error}: {answered:?}", $operation);
            assert!(answered.meta().message().is_some());
            assert_eq!($bench.simulator.journal().pop().unwrap().error, Some(error));
            checks += 1;
        )*
        let mut entries = $bench.simulator.journal();
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
    let bench = Bench::new();
    let (client, graph) = (&bench.client, bench.graph.as_str());
    let (start, end) = (time("2026-11-19T00:00:00Z"), time("2026-11-20T00:00:00Z"));
    each!(
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
        "ListGraphs",
        client.list_graphs(),
        [is_access_denied_exception, is_internal_server_exception, is_validation_exception]
    );
    each!(
        bench,
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
        bench,
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
        bench,
        "ListInvitations",
        client.list_invitations(),
        [is_access_denied_exception, is_internal_server_exception, is_validation_exception]
    );
    each!(
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
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
        bench,
        "UpdateOrganizationConfiguration",
        client.update_organization_configuration().graph_arn(graph).auto_enable(true),
        [
            is_access_denied_exception,
            is_internal_server_exception,
            is_validation_exception,
            is_too_many_requests_exception
        ]
    );
    let operations: BTreeSet<String> = bench.simulator.journal().into_iter().map(|entry| entry.operation).collect();
    assert_eq!(operations.len(), 29);
}
