//! What GuardDuty knows of findings, by their ids.
//!
//! The SDK's GetFindings reads the whole model of a finding, which makes assess-case's zip a tenth larger
//! (docs/PERFORMANCE.md). Two times of each finding are needed. So the request is written here. It is sent as ListFindings, which
//! has the same errors and almost the same path, and takes its own shape before it is signed. No role may call ListFindings
//! itself.

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

/// GetFindings: at most 50 ids.
const FINDINGS_PER_CALL: usize = 50;
/// How many ids are asked about at most.
const MAX_FINDINGS: usize = 200;

impl GuardDuty {
    /// When the activity of findings was last seen, by their ids. GuardDuty knows the findings of its own account and Region,
    /// in an administrator's account those of its members as well; what it does not know is not in the answer.
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

    /// The account's detector in the client's Region. An account has one in a Region at most.
    async fn account_detector(&self) -> Result<String, ApiCallError> {
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

/// Makes GetFindings of ListFindings, and keeps the body of the answer.
#[derive(Debug, Clone)]
struct GetFindings {
    body: String,
    response_body: Arc<Mutex<Vec<u8>>>,
}

impl GetFindings {
    fn for_ids(ids: &[&&str]) -> Self {
        Self { body: serde_json::json!({ "findingIds": ids }).to_string(), response_body: Arc::default() }
    }

    /// What was answered; nothing where that cannot be read.
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

    /// GuardDuty API Reference, GetFindings: the path is that of ListFindings with `/get` at its end.
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

/// The answer of GetFindings, as far as it is needed.
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
    /// The finding's id, and when its activity was last seen, or else when it was last changed.
    fn last_seen(self) -> Option<(String, Timestamp)> {
        let of_service = self.service.and_then(|service| service.event_last_seen);
        Some((self.id?, of_service.or(self.updated_at)?.parse().ok()?))
    }
}

#[cfg(test)]
mod tests;
