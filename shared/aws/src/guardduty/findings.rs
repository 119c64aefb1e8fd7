//! When findings were last seen.
//!
//! The SDK's GetFindings deserializes the whole model of a finding, which makes assess-case's zip a tenth larger (docs/PERFORMANCE.md),
//! and only two times of each finding are needed. So the request is written here: it is sent as ListFindings, which has the same errors and
//! almost the same path, and is changed into GetFindings before it is signed. No role may call ListFindings itself.

use super::GuardDuty;
use crate::error::ApiCallError;
use aws_sdk_guardduty::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_guardduty::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_guardduty::error::BoxError;
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// GetFindings: at most 50 ids in a call.
const FINDINGS_PER_CALL: usize = 50;
/// The number of ids that are requested for one case.
const MAX_FINDINGS: usize = 200;

impl GuardDuty {
    /// The time of the last activity of findings, by their ids. GuardDuty has the findings of the own account and Region, and in an
    /// administrator account those of its members; ids that it does not have are missing from the result.
    ///
    /// # Errors
    ///
    /// A failed ListDetectors or GetFindings, or an account without a detector.
    pub async fn last_seen(&self, ids: &[&str]) -> Result<BTreeMap<String, Timestamp>, ApiCallError> {
        let mut seen = BTreeMap::new();
        if ids.is_empty() {
            return Ok(seen);
        }
        let detector = self.account_detector().await?;
        for ids in ids.iter().take(MAX_FINDINGS).collect::<Vec<_>>().chunks(FINDINGS_PER_CALL) {
            let get = GetFindings::for_ids(ids);
            let call = self.client.list_findings().detector_id(&detector).customize().interceptor(get.clone());
            call.send().await.map_err(|error| ApiCallError::new("GetFindings", error))?;
            seen.extend(get.last_seen().ok_or_else(|| ApiCallError::missing_field("GetFindings", "findings"))?);
        }
        Ok(seen)
    }

    /// The account's detector in this Region. An account has at most one in a Region.
    pub(super) async fn account_detector(&self) -> Result<String, ApiCallError> {
        if let Some(known) = self.account_detector.get() {
            return Ok(known.clone());
        }
        let listed = self.client.list_detectors().send().await;
        let listed = listed.map_err(|error| ApiCallError::new("ListDetectors", error))?;
        let found = listed.detector_ids().first().cloned();
        let found = found.ok_or_else(|| ApiCallError::missing_field("ListDetectors", "a detector"))?;
        Ok(self.account_detector.get_or_init(|| found).clone())
    }
}

/// Changes ListFindings into GetFindings, and stores the body of the response.
#[derive(Debug, Clone)]
struct GetFindings {
    body: String,
    response_body: Arc<Mutex<Vec<u8>>>,
}

impl GetFindings {
    fn for_ids(ids: &[&&str]) -> Self {
        Self { body: serde_json::json!({ "findingIds": ids }).to_string(), response_body: Arc::default() }
    }

    /// The ids and times in the response; `None` if it cannot be parsed.
    fn last_seen(&self) -> Option<Vec<(String, Timestamp)>> {
        let answer: GetFindingsResponse =
            serde_json::from_slice(&self.response_body.lock().unwrap_or_else(PoisonError::into_inner)).ok()?;
        Some(answer.findings.into_iter().filter_map(|finding| finding.last_seen()).collect())
    }
}

impl Intercept for GetFindings {
    fn name(&self) -> &'static str {
        "GetFindings"
    }

    /// GuardDuty API Reference, GetFindings: the path is that of ListFindings, followed by `/get`.
    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let uri = format!("{}/get", request.uri());
        request.set_uri(uri)?;
        request.headers_mut().insert("content-length", self.body.len().to_string());
        *request.body_mut() = SdkBody::from(self.body.as_str());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        *self.response_body.lock().unwrap_or_else(PoisonError::into_inner) = body.to_vec();
        Ok(())
    }
}

/// The part of GetFindings' response that is needed.
#[derive(Deserialize)]
struct GetFindingsResponse {
    #[serde(default)]
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    id: Option<String>,
    updated_at: Option<String>,
    service: Option<FindingService>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FindingService {
    event_last_seen: Option<String>,
}

impl Finding {
    /// The finding's id, and the time of its last activity, or else of its last update.
    fn last_seen(self) -> Option<(String, Timestamp)> {
        let of_service = self.service.and_then(|service| service.event_last_seen);
        Some((self.id?, of_service.or(self.updated_at)?.parse().ok()?))
    }
}

#[cfg(test)]
mod tests;
