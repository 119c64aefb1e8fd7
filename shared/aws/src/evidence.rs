//! Amazon S3: the evidence bucket. For each case, under its id, it contains the findings as GuardDuty sent them, the results of the
//! investigations, and the reports.

use crate::error::ApiCallError;
use crate::pagination::{Page, PageLimit, collect_pages};
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

/// A page of ListObjectsV2 has 1,000 objects. The limit is far above what one case stores.
const LIST_PAGE_LIMIT: PageLimit =
    PageLimit { operation: "ListObjectsV2", max_pages: 100, exceeded: "more than 100,000 objects" };

/// An object of the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// The key.
    pub key: String,
    /// The size, in bytes.
    pub size: u64,
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

    /// The document under that key; `None` if there is none.
    ///
    /// # Errors
    ///
    /// A failed GetObject, or a response that ends early. S3 reports a missing document as `AccessDenied` to those who may not list the
    /// bucket.
    pub async fn fetch(&self, key: &str) -> Result<Option<Vec<u8>>, ApiCallError> {
        let answer = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        let answer = match answer.map_err(|error| ApiCallError::new("GetObject", error)) {
            Err(error) if error.code.as_deref() == Some("NoSuchKey") => return Ok(None),
            other => other?,
        };
        let body = answer.body.collect().await.map_err(|error| ApiCallError::interrupted("GetObject", error))?;
        Ok(Some(body.to_vec()))
    }

    /// The objects whose keys begin with `prefix`, sorted by key.
    ///
    /// # Errors
    ///
    /// A failed ListObjectsV2, or more than 100,000 objects.
    pub async fn list(&self, prefix: &str) -> Result<Vec<StoredObject>, ApiCallError> {
        collect_pages(LIST_PAGE_LIMIT, |token| async move {
            let call = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
            let page = call.set_continuation_token(token).send().await;
            let page = page.map_err(|error| ApiCallError::new("ListObjectsV2", error))?;
            let object = |it: aws_sdk_s3::types::Object| {
                Some(StoredObject { key: it.key?, size: it.size.and_then(|size| size.try_into().ok()).unwrap_or(0) })
            };
            let items = page.contents.unwrap_or_default().into_iter().filter_map(object).collect();
            Ok(Page { items, next: page.next_continuation_token })
        })
        .await
    }

    /// The location of the report with that key.
    #[must_use]
    pub fn report_location(&self, key: String) -> ReportLocation {
        ReportLocation { bucket: self.bucket.clone(), key, region: self.region.clone() }
    }
}

/// The prefix of the keys of everything that is stored for a case.
#[must_use]
pub fn case_prefix(case_id: &str) -> String {
    format!("cases/{case_id}/")
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
