//! GuardDuty's operations, in the order of the API reference: route, status of success, input and errors.

use axum::http::Method;

use super::shapes::*;
use crate::protocol::error::ErrorType::*;
use crate::protocol::shape::{Model, optional, required};

pub(in crate::guardduty) static ARCHIVE_FINDINGS: Model = Model {
    name: "ArchiveFindings",
    method: Method::POST,
    path: "/detector/{DetectorId}/findings/archive",
    status: 200,
    input: &[required("DetectorId", &DETECTOR_ID).in_uri(), required("findingIds", &FINDING_IDS)],
    errors: &[BadRequest, InternalServerError],
};

pub(in crate::guardduty) static CREATE_INVESTIGATION: Model = Model {
    name: "CreateInvestigation",
    method: Method::POST,
    path: "/detector/{DetectorId}/investigation",
    status: 202,
    input: &[
        required("DetectorId", &DETECTOR_ID).in_uri(),
        required("triggerPrompt", &TRIGGER_PROMPT),
        optional("clientToken", &CLIENT_TOKEN),
    ],
    errors: &[BadRequest, InternalServerError, AccessDenied],
};

pub(in crate::guardduty) static CREATE_SAMPLE_FINDINGS: Model = Model {
    name: "CreateSampleFindings",
    method: Method::POST,
    path: "/detector/{DetectorId}/findings/create",
    status: 200,
    input: &[required("DetectorId", &DETECTOR_ID).in_uri(), optional("findingTypes", &FINDING_TYPES)],
    errors: &[BadRequest, InternalServerError],
};

pub(in crate::guardduty) static GET_DETECTOR: Model = Model {
    name: "GetDetector",
    method: Method::GET,
    path: "/detector/{DetectorId}",
    status: 200,
    input: &[required("DetectorId", &DETECTOR_ID).in_uri()],
    errors: &[BadRequest, InternalServerError],
};

pub(in crate::guardduty) static GET_FINDINGS: Model = Model {
    name: "GetFindings",
    method: Method::POST,
    path: "/detector/{DetectorId}/findings/get",
    status: 200,
    input: &[
        required("DetectorId", &DETECTOR_ID).in_uri(),
        required("findingIds", &FINDING_IDS),
        optional("sortCriteria", &SORT_CRITERIA),
    ],
    errors: &[BadRequest, InternalServerError],
};

pub(in crate::guardduty) static GET_INVESTIGATION: Model = Model {
    name: "GetInvestigation",
    method: Method::GET,
    path: "/detector/{DetectorId}/investigation/{InvestigationId}",
    status: 200,
    input: &[required("DetectorId", &DETECTOR_ID).in_uri(), required("InvestigationId", &INVESTIGATION_ID).in_uri()],
    errors: &[BadRequest, InternalServerError, AccessDenied, ResourceNotFound],
};

pub(in crate::guardduty) static LIST_DETECTORS: Model = Model {
    name: "ListDetectors",
    method: Method::GET,
    path: "/detector",
    status: 200,
    input: &[optional("maxResults", &MAX_RESULTS).in_query(), optional("nextToken", &STRING).in_query()],
    errors: &[BadRequest, InternalServerError],
};

pub(in crate::guardduty) static LIST_FINDINGS: Model = Model {
    name: "ListFindings",
    method: Method::POST,
    path: "/detector/{DetectorId}/findings",
    status: 200,
    input: &[
        required("DetectorId", &DETECTOR_ID).in_uri(),
        optional("findingCriteria", &FINDING_CRITERIA),
        optional("sortCriteria", &SORT_CRITERIA),
        optional("maxResults", &MAX_RESULTS),
        optional("nextToken", &STRING),
    ],
    errors: &[BadRequest, InternalServerError],
};

pub(in crate::guardduty) static LIST_INVESTIGATIONS: Model = Model {
    name: "ListInvestigations",
    method: Method::POST,
    path: "/detector/{DetectorId}/investigation/list",
    status: 200,
    input: &[
        required("DetectorId", &DETECTOR_ID).in_uri(),
        optional("sortCriteria", &INVESTIGATION_SORT_CRITERIA),
        optional("maxResults", &MAX_RESULTS),
        optional("nextToken", &NEXT_TOKEN),
    ],
    errors: &[BadRequest, InternalServerError, AccessDenied],
};

pub(in crate::guardduty) static UNARCHIVE_FINDINGS: Model = Model {
    name: "UnarchiveFindings",
    method: Method::POST,
    path: "/detector/{DetectorId}/findings/unarchive",
    status: 200,
    input: &[required("DetectorId", &DETECTOR_ID).in_uri(), required("findingIds", &FINDING_IDS)],
    errors: &[BadRequest, InternalServerError],
};

pub(in crate::guardduty) static UPDATE_DETECTOR: Model = Model {
    name: "UpdateDetector",
    method: Method::POST,
    path: "/detector/{DetectorId}",
    status: 200,
    input: &[
        required("DetectorId", &DETECTOR_ID).in_uri(),
        optional("enable", &BOOLEAN),
        optional("findingPublishingFrequency", &FINDING_PUBLISHING_FREQUENCY),
        optional("dataSources", &DATA_SOURCE_CONFIGURATIONS),
        optional("features", &DETECTOR_FEATURE_CONFIGURATIONS),
    ],
    errors: &[BadRequest, InternalServerError],
};

pub(in crate::guardduty) static UPDATE_FINDINGS_FEEDBACK: Model = Model {
    name: "UpdateFindingsFeedback",
    method: Method::POST,
    path: "/detector/{DetectorId}/findings/feedback",
    status: 200,
    input: &[
        required("DetectorId", &DETECTOR_ID).in_uri(),
        required("findingIds", &FINDING_IDS),
        required("feedback", &FEEDBACK),
        optional("comments", &SENSITIVE_STRING),
    ],
    errors: &[BadRequest, InternalServerError],
};
