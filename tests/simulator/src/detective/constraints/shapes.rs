//! The shapes of the requests of Detective's operations, each under the name that the API reference gives it.

use crate::protocol::shape::{ANY, Shape, Text, optional, pattern, range, required, text};

pub(super) static GRAPH_ARN: Shape = Shape::Text(Text {
    length: ANY,
    pattern: Some(r"^arn:aws[-\w]{0,10}?:detective:[-\w]{2,20}?:\d{12}?:graph:[abcdef\d]{32}?$"),
    is_graph_arn: true,
});
pub(super) static ACCOUNT_ID: Shape = pattern(range(12, 12), r"^[0-9]+$");
pub(super) static ACCOUNT_ID_EXTENDED_LIST: Shape = Shape::List(range(1, 200), &ACCOUNT_ID);
pub(super) static GRAPH_ARN_LIST: Shape = Shape::List(range(1, 50), &GRAPH_ARN);
pub(super) static TAG_KEY: Shape = pattern(range(1, 128), r"^(?!aws:)[a-zA-Z+-=._:/]+$");
pub(super) static TAG_VALUE: Shape = text(range(0, 256));
pub(super) static TAG_MAP: Shape = Shape::Map(range(1, 50), &TAG_KEY, &TAG_VALUE);
pub(super) static EMAIL_MESSAGE: Shape = text(range(1, 1000));
pub(super) static BOOLEAN: Shape = Shape::Boolean;
pub(super) static EMAIL_ADDRESS: Shape =
    pattern(range(1, 64), r"^.+@(?:(?:(?!-)[A-Za-z0-9-]{1,62})?[A-Za-z0-9]{1}\.)+[A-Za-z]{2,63}$");

pub(super) static ACCOUNT: Shape =
    Shape::Structure(&[required("AccountId", &ACCOUNT_ID), required("EmailAddress", &EMAIL_ADDRESS)]);
pub(super) static ACCOUNT_LIST: Shape = Shape::List(range(1, 50), &ACCOUNT);
pub(super) static ACCOUNT_ID_LIST: Shape = Shape::List(range(1, 50), &ACCOUNT_ID);
pub(super) static INVESTIGATION_ID: Shape = pattern(range(21, 21), r"^[0-9]+$");
pub(super) static PAGINATION_TOKEN: Shape = text(range(1, 1024));
pub(super) static MEMBER_RESULTS_LIMIT: Shape = Shape::Integer(range(1, 200));
pub(in crate::detective) static INDICATOR_TYPE: Shape = Shape::Enum(&[
    "TTP_OBSERVED",
    "IMPOSSIBLE_TRAVEL",
    "FLAGGED_IP_ADDRESS",
    "NEW_GEOLOCATION",
    "NEW_ASO",
    "NEW_USER_AGENT",
    "RELATED_FINDING",
    "RELATED_FINDING_GROUP",
]);
pub(super) static AI_PAGINATION_TOKEN: Shape = text(range(1, 2048));
pub(super) static MAX_RESULTS: Shape = Shape::Integer(range(1, 100));
pub(super) static VALUE: Shape = text(range(1, 500));

pub(super) static STRING_FILTER: Shape = Shape::Structure(&[required("Value", &VALUE)]);
pub(super) static TIMESTAMP: Shape = Shape::Time;

pub(super) static DATE_FILTER: Shape =
    Shape::Structure(&[required("StartInclusive", &TIMESTAMP), required("EndInclusive", &TIMESTAMP)]);

pub(super) static FILTER_CRITERIA: Shape = Shape::Structure(&[
    optional("Severity", &STRING_FILTER),
    optional("Status", &STRING_FILTER),
    optional("State", &STRING_FILTER),
    optional("EntityArn", &STRING_FILTER),
    optional("CreatedTime", &DATE_FILTER),
]);
pub(super) static FIELD: Shape = Shape::Enum(&["SEVERITY", "STATUS", "CREATED_TIME"]);
pub(super) static SORT_ORDER: Shape = Shape::Enum(&["ASC", "DESC"]);

pub(super) static SORT_CRITERIA: Shape =
    Shape::Structure(&[optional("Field", &FIELD), optional("SortOrder", &SORT_ORDER)]);
pub(super) static ENTITY_ARN: Shape = pattern(ANY, r"^arn:.*");
pub(super) static TAG_KEY_LIST: Shape = Shape::List(range(1, 50), &TAG_KEY);
pub(super) static DATASOURCE_PACKAGE: Shape = Shape::Enum(&["DETECTIVE_CORE", "EKS_AUDIT", "ASFF_SECURITYHUB_FINDING"]);
pub(super) static DATASOURCE_PACKAGE_LIST: Shape = Shape::List(range(1, 25), &DATASOURCE_PACKAGE);
pub(super) static STATE: Shape = Shape::Enum(&["ACTIVE", "ARCHIVED"]);
