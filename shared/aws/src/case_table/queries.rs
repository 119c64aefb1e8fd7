//! Strongly consistent reads of cases and findings.

use super::items::{self, case_sort_key, finding_sort_key, text};
use super::{CaseTable, Item, QUERY_PAGE_LIMIT, TableError};
use crate::error::ApiCallError;
use crate::pagination::{Page, collect_pages};
use gumshoe_domain::case::FindingRecord;
use gumshoe_domain::{CaseKey, CaseRecord};

impl CaseTable {
    /// The latest case of a subject.
    ///
    /// # Errors
    ///
    /// A failed Query, or an invalid item.
    pub async fn latest_case(&self, subject: &str) -> Result<Option<CaseRecord>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("subject = :subject AND begins_with(#item, :prefix)")
            .expression_attribute_names("#item", "item")
            .expression_attribute_values(":subject", text(subject))
            .expression_attribute_values(":prefix", text("case#"))
            .scan_index_forward(false)
            .limit(1)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| ApiCallError::new("Query", error))?;
        answer.items().first().map(items::case).transpose()
    }

    /// The case with that key.
    ///
    /// # Errors
    ///
    /// [`TableError::NoSuchCase`], a failed GetItem, or an invalid item.
    pub async fn case(&self, key: &CaseKey) -> Result<CaseRecord, TableError> {
        let found = self.case_by_sequence(&key.subject, key.sequence).await?;
        // The case may have expired, and another may have been opened under the same number: the id differs.
        found
            .filter(|case| case.key == *key)
            .ok_or_else(|| TableError::NoSuchCase { subject: key.subject.clone(), sequence: key.sequence })
    }

    /// The case of a subject with that sequence.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an invalid item.
    pub async fn case_by_sequence(&self, subject: &str, sequence: u32) -> Result<Option<CaseRecord>, TableError> {
        self.get_item(subject, case_sort_key(sequence)).await?.as_ref().map(items::case).transpose()
    }

    /// The record of a finding.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an invalid item.
    pub async fn finding(&self, subject: &str, finding_id: &str) -> Result<Option<FindingRecord>, TableError> {
        self.get_item(subject, finding_sort_key(finding_id)).await?.as_ref().map(items::finding).transpose()
    }

    /// The records of all findings that joined a case.
    ///
    /// # Errors
    ///
    /// A failed Query, or an invalid item.
    pub async fn findings(&self, case: &CaseRecord) -> Result<Vec<FindingRecord>, TableError> {
        let number = case.progress.number;
        collect_pages(QUERY_PAGE_LIMIT, |start| async move {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("subject = :subject AND begins_with(#item, :prefix)")
                .filter_expression("case_sequence = :sequence AND case_opened_at = :opened_at")
                .expression_attribute_names("#item", "item")
                .expression_attribute_values(":subject", text(&case.key.subject))
                .expression_attribute_values(":prefix", text("finding#"))
                .expression_attribute_values(":sequence", items::number(number.sequence))
                .expression_attribute_values(":opened_at", text(number.opened_at.to_string()))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| ApiCallError::new("Query", error))?;
            let items = page.items().iter().map(items::finding).collect::<Result<_, _>>()?;
            Ok(Page { items, next: page.last_evaluated_key })
        })
        .await
    }

    pub(super) async fn get_item(&self, subject: &str, item: String) -> Result<Option<Item>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(items::key(subject, item)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| ApiCallError::new("GetItem", error))?;
        Ok(answer.item)
    }
}
