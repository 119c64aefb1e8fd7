//! Amazon S3: the evidence bucket. For each case, under its id, it contains the findings as GuardDuty sent them, the results of the
//! investigations, and the reports.

use crate::error::ApiCallError;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use gumshoe_domain::Finding;
use gumshoe_domain::assessment::ReportLocation;

/// The evidence bucket.
#[derive(Debug, Clone)]
pub struct EvidenceBucket {
    client: Client,
    bucket: String,
    region: String,
}

/// The format of a stored document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentFormat {
    /// A page for people.
    Html,
    /// Data for programs.
    Json,
}

impl DocumentFormat {
    fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

impl EvidenceBucket {
    /// The bucket of that name and Region.
    #[must_use]
    pub fn new(client: Client, bucket: String, region: String) -> Self {
        Self { client, bucket, region }
    }

    /// Stores a document under a key. The bucket is versioned, so an earlier document under the key stays as an older version.
    ///
    /// # Errors
    ///
    /// A failed PutObject.
    pub async fn store(&self, key: &str, format: DocumentFormat, body: Vec<u8>) -> Result<(), ApiCallError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(format.content_type())
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(|error| ApiCallError::new("PutObject", error))?;
        Ok(())
    }

    /// The location of the report with that key.
    #[must_use]
    pub fn report_location(&self, key: String) -> ReportLocation {
        ReportLocation { bucket: self.bucket.clone(), key, region: self.region.clone() }
    }
}

/// The key of a finding, for one state of it: a later state has another key, so that each processed state remains. Case ids and finding
/// ids contain letters, digits, dots and dashes only.
#[must_use]
pub fn finding_key(case_id: &str, finding: &Finding) -> String {
    let updated = match finding.updated_at {
        Some(time) => time.strftime("%Y%m%dT%H%M%S%3fZ").to_string(),
        None => "no-time".to_owned(),
    };
    format!("cases/{case_id}/findings/{}/{updated}-{}.json", finding.id, finding.count)
}

/// The key of the investigation results that the assessment of that revision used.
#[must_use]
pub fn results_key(case_id: &str, revision: u32) -> String {
    format!("cases/{case_id}/results-{revision}.json")
}

/// The key of the report of that revision.
#[must_use]
pub fn report_key(case_id: &str, revision: u32) -> String {
    format!("cases/{case_id}/report-{revision}.html")
}

#[cfg(test)]
mod tests;
