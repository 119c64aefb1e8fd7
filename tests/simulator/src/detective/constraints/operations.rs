//! Detective's operations, in the order of the API reference: route, status of success, input and errors.

use axum::http::Method;

use super::shapes::*;
use crate::protocol::error::ErrorType::*;
use crate::protocol::shape::{Model, optional, required};

pub(in crate::detective) static ACCEPT_INVITATION: Model = Model {
    name: "AcceptInvitation",
    method: Method::PUT,
    path: "/invitation",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN)],
    errors: &[AccessDenied, Conflict, InternalServer, ResourceNotFound, Validation],
};

pub(in crate::detective) static BATCH_GET_GRAPH_MEMBER_DATASOURCES: Model = Model {
    name: "BatchGetGraphMemberDatasources",
    method: Method::POST,
    path: "/graph/datasources/get",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN), required("AccountIds", &ACCOUNT_ID_EXTENDED_LIST)],
    errors: &[AccessDenied, InternalServer, ResourceNotFound, Validation],
};

pub(in crate::detective) static BATCH_GET_MEMBERSHIP_DATASOURCES: Model = Model {
    name: "BatchGetMembershipDatasources",
    method: Method::POST,
    path: "/membership/datasources/get",
    status: 200,
    input: &[required("GraphArns", &GRAPH_ARN_LIST)],
    errors: &[AccessDenied, InternalServer, ResourceNotFound, Validation],
};

pub(in crate::detective) static CREATE_GRAPH: Model = Model {
    name: "CreateGraph",
    method: Method::POST,
    path: "/graph",
    status: 200,
    input: &[optional("Tags", &TAG_MAP)],
    errors: &[AccessDenied, Conflict, InternalServer, ServiceQuotaExceeded],
};

pub(in crate::detective) static CREATE_MEMBERS: Model = Model {
    name: "CreateMembers",
    method: Method::POST,
    path: "/graph/members",
    status: 200,
    input: &[
        required("GraphArn", &GRAPH_ARN),
        optional("Message", &EMAIL_MESSAGE),
        optional("DisableEmailNotification", &BOOLEAN),
        required("Accounts", &ACCOUNT_LIST),
    ],
    errors: &[AccessDenied, InternalServer, ResourceNotFound, Validation, ServiceQuotaExceeded],
};

pub(in crate::detective) static DELETE_GRAPH: Model = Model {
    name: "DeleteGraph",
    method: Method::POST,
    path: "/graph/removal",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN)],
    errors: &[AccessDenied, InternalServer, ResourceNotFound, Validation],
};

pub(in crate::detective) static DELETE_MEMBERS: Model = Model {
    name: "DeleteMembers",
    method: Method::POST,
    path: "/graph/members/removal",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN), required("AccountIds", &ACCOUNT_ID_LIST)],
    errors: &[AccessDenied, Conflict, InternalServer, ResourceNotFound, Validation],
};

pub(in crate::detective) static DESCRIBE_ORGANIZATION_CONFIGURATION: Model = Model {
    name: "DescribeOrganizationConfiguration",
    method: Method::POST,
    path: "/orgs/describeOrganizationConfiguration",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN)],
    errors: &[AccessDenied, InternalServer, Validation, TooManyRequests],
};

pub(in crate::detective) static DISABLE_ORGANIZATION_ADMIN_ACCOUNT: Model = Model {
    name: "DisableOrganizationAdminAccount",
    method: Method::POST,
    path: "/orgs/disableAdminAccount",
    status: 200,
    input: &[],
    errors: &[AccessDenied, InternalServer, Validation, TooManyRequests],
};

pub(in crate::detective) static DISASSOCIATE_MEMBERSHIP: Model = Model {
    name: "DisassociateMembership",
    method: Method::POST,
    path: "/membership/removal",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN)],
    errors: &[AccessDenied, Conflict, InternalServer, ResourceNotFound, Validation],
};

pub(in crate::detective) static ENABLE_ORGANIZATION_ADMIN_ACCOUNT: Model = Model {
    name: "EnableOrganizationAdminAccount",
    method: Method::POST,
    path: "/orgs/enableAdminAccount",
    status: 200,
    input: &[required("AccountId", &ACCOUNT_ID)],
    errors: &[AccessDenied, InternalServer, Validation, TooManyRequests],
};

pub(in crate::detective) static GET_INVESTIGATION: Model = Model {
    name: "GetInvestigation",
    method: Method::POST,
    path: "/investigations/getInvestigation",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN), required("InvestigationId", &INVESTIGATION_ID)],
    errors: &[AccessDenied, InternalServer, Validation, ResourceNotFound, TooManyRequests],
};

pub(in crate::detective) static GET_MEMBERS: Model = Model {
    name: "GetMembers",
    method: Method::POST,
    path: "/graph/members/get",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN), required("AccountIds", &ACCOUNT_ID_LIST)],
    errors: &[AccessDenied, InternalServer, ResourceNotFound, Validation],
};

pub(in crate::detective) static LIST_DATASOURCE_PACKAGES: Model = Model {
    name: "ListDatasourcePackages",
    method: Method::POST,
    path: "/graph/datasources/list",
    status: 200,
    input: &[
        required("GraphArn", &GRAPH_ARN),
        optional("NextToken", &PAGINATION_TOKEN),
        optional("MaxResults", &MEMBER_RESULTS_LIMIT),
    ],
    errors: &[AccessDenied, InternalServer, ResourceNotFound, Validation],
};

pub(in crate::detective) static LIST_GRAPHS: Model = Model {
    name: "ListGraphs",
    method: Method::POST,
    path: "/graphs/list",
    status: 200,
    input: &[optional("NextToken", &PAGINATION_TOKEN), optional("MaxResults", &MEMBER_RESULTS_LIMIT)],
    errors: &[AccessDenied, InternalServer, Validation],
};

pub(in crate::detective) static LIST_INDICATORS: Model = Model {
    name: "ListIndicators",
    method: Method::POST,
    path: "/investigations/listIndicators",
    status: 200,
    input: &[
        required("GraphArn", &GRAPH_ARN),
        required("InvestigationId", &INVESTIGATION_ID),
        optional("IndicatorType", &INDICATOR_TYPE),
        optional("NextToken", &AI_PAGINATION_TOKEN),
        optional("MaxResults", &MAX_RESULTS),
    ],
    errors: &[AccessDenied, InternalServer, Validation, ResourceNotFound, TooManyRequests],
};

pub(in crate::detective) static LIST_INVESTIGATIONS: Model = Model {
    name: "ListInvestigations",
    method: Method::POST,
    path: "/investigations/listInvestigations",
    status: 200,
    input: &[
        required("GraphArn", &GRAPH_ARN),
        optional("NextToken", &AI_PAGINATION_TOKEN),
        optional("MaxResults", &MAX_RESULTS),
        optional("FilterCriteria", &FILTER_CRITERIA),
        optional("SortCriteria", &SORT_CRITERIA),
    ],
    errors: &[AccessDenied, InternalServer, Validation, ResourceNotFound, TooManyRequests],
};

pub(in crate::detective) static LIST_INVITATIONS: Model = Model {
    name: "ListInvitations",
    method: Method::POST,
    path: "/invitations/list",
    status: 200,
    input: &[optional("NextToken", &PAGINATION_TOKEN), optional("MaxResults", &MEMBER_RESULTS_LIMIT)],
    errors: &[AccessDenied, InternalServer, Validation],
};

pub(in crate::detective) static LIST_MEMBERS: Model = Model {
    name: "ListMembers",
    method: Method::POST,
    path: "/graph/members/list",
    status: 200,
    input: &[
        required("GraphArn", &GRAPH_ARN),
        optional("NextToken", &PAGINATION_TOKEN),
        optional("MaxResults", &MEMBER_RESULTS_LIMIT),
    ],
    errors: &[AccessDenied, InternalServer, ResourceNotFound, Validation],
};

pub(in crate::detective) static LIST_ORGANIZATION_ADMIN_ACCOUNTS: Model = Model {
    name: "ListOrganizationAdminAccounts",
    method: Method::POST,
    path: "/orgs/adminAccountslist",
    status: 200,
    input: &[optional("NextToken", &PAGINATION_TOKEN), optional("MaxResults", &MEMBER_RESULTS_LIMIT)],
    errors: &[AccessDenied, InternalServer, Validation, TooManyRequests],
};

pub(in crate::detective) static LIST_TAGS_FOR_RESOURCE: Model = Model {
    name: "ListTagsForResource",
    method: Method::GET,
    path: "/tags/{ResourceArn}",
    status: 200,
    input: &[required("ResourceArn", &GRAPH_ARN).in_uri()],
    errors: &[AccessDenied, InternalServer, Validation, ResourceNotFound],
};

pub(in crate::detective) static REJECT_INVITATION: Model = Model {
    name: "RejectInvitation",
    method: Method::POST,
    path: "/invitation/removal",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN)],
    errors: &[AccessDenied, Conflict, InternalServer, ResourceNotFound, Validation],
};

pub(in crate::detective) static START_INVESTIGATION: Model = Model {
    name: "StartInvestigation",
    method: Method::POST,
    path: "/investigations/startInvestigation",
    status: 200,
    input: &[
        required("GraphArn", &GRAPH_ARN),
        required("EntityArn", &ENTITY_ARN),
        required("ScopeStartTime", &TIMESTAMP),
        required("ScopeEndTime", &TIMESTAMP),
    ],
    errors: &[AccessDenied, InternalServer, Validation, TooManyRequests, ResourceNotFound],
};

pub(in crate::detective) static START_MONITORING_MEMBER: Model = Model {
    name: "StartMonitoringMember",
    method: Method::POST,
    path: "/graph/member/monitoringstate",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN), required("AccountId", &ACCOUNT_ID)],
    errors: &[AccessDenied, Conflict, InternalServer, ResourceNotFound, ServiceQuotaExceeded, Validation],
};

pub(in crate::detective) static TAG_RESOURCE: Model = Model {
    name: "TagResource",
    method: Method::POST,
    path: "/tags/{ResourceArn}",
    status: 204,
    input: &[required("ResourceArn", &GRAPH_ARN).in_uri(), required("Tags", &TAG_MAP)],
    errors: &[AccessDenied, InternalServer, Validation, ResourceNotFound],
};

pub(in crate::detective) static UNTAG_RESOURCE: Model = Model {
    name: "UntagResource",
    method: Method::DELETE,
    path: "/tags/{ResourceArn}",
    status: 204,
    input: &[required("ResourceArn", &GRAPH_ARN).in_uri(), required("tagKeys", &TAG_KEY_LIST).in_query()],
    errors: &[AccessDenied, InternalServer, Validation, ResourceNotFound],
};

pub(in crate::detective) static UPDATE_DATASOURCE_PACKAGES: Model = Model {
    name: "UpdateDatasourcePackages",
    method: Method::POST,
    path: "/graph/datasources/update",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN), required("DatasourcePackages", &DATASOURCE_PACKAGE_LIST)],
    errors: &[AccessDenied, InternalServer, ResourceNotFound, ServiceQuotaExceeded, Validation],
};

pub(in crate::detective) static UPDATE_INVESTIGATION_STATE: Model = Model {
    name: "UpdateInvestigationState",
    method: Method::POST,
    path: "/investigations/updateInvestigationState",
    status: 200,
    input: &[
        required("GraphArn", &GRAPH_ARN),
        required("InvestigationId", &INVESTIGATION_ID),
        required("State", &STATE),
    ],
    errors: &[AccessDenied, InternalServer, Validation, ResourceNotFound, TooManyRequests],
};

pub(in crate::detective) static UPDATE_ORGANIZATION_CONFIGURATION: Model = Model {
    name: "UpdateOrganizationConfiguration",
    method: Method::POST,
    path: "/orgs/updateOrganizationConfiguration",
    status: 200,
    input: &[required("GraphArn", &GRAPH_ARN), optional("AutoEnable", &BOOLEAN)],
    errors: &[AccessDenied, InternalServer, Validation, TooManyRequests],
};
