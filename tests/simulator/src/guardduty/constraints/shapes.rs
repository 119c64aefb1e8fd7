//! The shapes of the requests of GuardDuty's operations, each under the name that the API reference gives it.

use crate::protocol::shape::{ANY, Shape, optional, pattern, range, required, text};

pub(super) static DETECTOR_ID: Shape = text(range(1, 300));
pub(super) static FINDING_ID: Shape = text(range(1, 300));
pub(super) static FINDING_IDS: Shape = Shape::List(range(0, 50), &FINDING_ID);
pub(super) static TRIGGER_PROMPT: Shape = text(range(1, 2048));
pub(super) static CLIENT_TOKEN: Shape = text(range(0, 64));
pub(super) static FINDING_TYPE: Shape = text(range(1, 100));
pub(super) static FINDING_TYPES: Shape = Shape::List(range(0, 50), &FINDING_TYPE);
pub(super) static STRING: Shape = text(ANY);
pub(super) static ORDER_BY: Shape = Shape::Enum(&["ASC", "DESC"]);

pub(super) static SORT_CRITERIA: Shape =
    Shape::Structure(&[optional("attributeName", &STRING), optional("orderBy", &ORDER_BY)]);
pub(super) static INVESTIGATION_ID: Shape = pattern(range(1, 64), r"[a-fA-F0-9\-]+");
pub(super) static MAX_RESULTS: Shape = Shape::Integer(range(1, 50));
pub(super) static EQ: Shape = Shape::List(ANY, &STRING);
pub(super) static NEQ: Shape = Shape::List(ANY, &STRING);
pub(super) static INTEGER: Shape = Shape::Integer(ANY);
pub(super) static EQUALS: Shape = Shape::List(ANY, &STRING);
pub(super) static NOT_EQUALS: Shape = Shape::List(ANY, &STRING);
pub(super) static LONG: Shape = Shape::Integer(ANY);
pub(super) static MATCH: Shape = text(range(1, 512));
pub(super) static MATCHES: Shape = Shape::List(range(0, 5), &MATCH);
pub(super) static NOT_MATCH: Shape = text(range(1, 512));
pub(super) static NOT_MATCHES: Shape = Shape::List(range(0, 5), &NOT_MATCH);

pub(super) static CONDITION: Shape = Shape::Structure(&[
    optional("eq", &EQ),
    optional("neq", &NEQ),
    optional("gt", &INTEGER),
    optional("gte", &INTEGER),
    optional("lt", &INTEGER),
    optional("lte", &INTEGER),
    optional("equals", &EQUALS),
    optional("notEquals", &NOT_EQUALS),
    optional("greaterThan", &LONG),
    optional("greaterThanOrEqual", &LONG),
    optional("lessThan", &LONG),
    optional("lessThanOrEqual", &LONG),
    optional("matches", &MATCHES),
    optional("notMatches", &NOT_MATCHES),
]);
pub(super) static CRITERION: Shape = Shape::Map(ANY, &STRING, &CONDITION);

pub(super) static FINDING_CRITERIA: Shape = Shape::Structure(&[optional("criterion", &CRITERION)]);
pub(super) static INVESTIGATION_SORT_FIELD: Shape =
    Shape::Enum(&["START_TIME", "END_TIME", "STATUS", "RISK_LEVEL", "CONFIDENCE"]);

pub(super) static INVESTIGATION_SORT_CRITERIA: Shape =
    Shape::Structure(&[optional("attributeName", &INVESTIGATION_SORT_FIELD), optional("orderBy", &ORDER_BY)]);
pub(super) static NEXT_TOKEN: Shape = pattern(range(1, 2048), r"[a-zA-Z0-9+/=_\-]+");
pub(super) static BOOLEAN: Shape = Shape::Boolean;
pub(super) static FINDING_PUBLISHING_FREQUENCY: Shape = Shape::Enum(&["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"]);

pub(super) static S3_LOGS_CONFIGURATION: Shape = Shape::Structure(&[required("enable", &BOOLEAN)]);

pub(super) static KUBERNETES_AUDIT_LOGS_CONFIGURATION: Shape = Shape::Structure(&[required("enable", &BOOLEAN)]);

pub(super) static KUBERNETES_CONFIGURATION: Shape =
    Shape::Structure(&[required("auditLogs", &KUBERNETES_AUDIT_LOGS_CONFIGURATION)]);

pub(super) static SCAN_EC2_INSTANCE_WITH_FINDINGS: Shape = Shape::Structure(&[optional("ebsVolumes", &BOOLEAN)]);

pub(super) static MALWARE_PROTECTION_CONFIGURATION: Shape =
    Shape::Structure(&[optional("scanEc2InstanceWithFindings", &SCAN_EC2_INSTANCE_WITH_FINDINGS)]);

pub(super) static DATA_SOURCE_CONFIGURATIONS: Shape = Shape::Structure(&[
    optional("s3Logs", &S3_LOGS_CONFIGURATION),
    optional("kubernetes", &KUBERNETES_CONFIGURATION),
    optional("malwareProtection", &MALWARE_PROTECTION_CONFIGURATION),
]);
pub(super) static DETECTOR_FEATURE: Shape = Shape::Enum(&[
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "EKS_RUNTIME_MONITORING",
    "RUNTIME_MONITORING",
    "AI_PROTECTION",
    "AI_ANALYST",
]);
pub(super) static FEATURE_STATUS: Shape = Shape::Enum(&["ENABLED", "DISABLED"]);
pub(super) static FEATURE_ADDITIONAL_CONFIGURATION: Shape =
    Shape::Enum(&["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"]);

pub(super) static DETECTOR_ADDITIONAL_CONFIGURATION: Shape =
    Shape::Structure(&[optional("name", &FEATURE_ADDITIONAL_CONFIGURATION), optional("status", &FEATURE_STATUS)]);
pub(super) static DETECTOR_ADDITIONAL_CONFIGURATIONS: Shape = Shape::List(ANY, &DETECTOR_ADDITIONAL_CONFIGURATION);

pub(super) static DETECTOR_FEATURE_CONFIGURATION: Shape = Shape::Structure(&[
    optional("name", &DETECTOR_FEATURE),
    optional("status", &FEATURE_STATUS),
    optional("additionalConfiguration", &DETECTOR_ADDITIONAL_CONFIGURATIONS),
]);
pub(super) static DETECTOR_FEATURE_CONFIGURATIONS: Shape = Shape::List(ANY, &DETECTOR_FEATURE_CONFIGURATION);
pub(super) static FEEDBACK: Shape = Shape::Enum(&["USEFUL", "NOT_USEFUL"]);
pub(super) static SENSITIVE_STRING: Shape = text(ANY);
