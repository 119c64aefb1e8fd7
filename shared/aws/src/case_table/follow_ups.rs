//! The index `second-looks`: quiet cases that wait for their follow-up investigation, by the time when it is due.
//!
//! Partition key `listed`, sort key `watch_until`; only waiting cases have these attributes. An index is eventually consistent: a case
//! that appears late is found by the next sweep, and the function that processes a case reads it from the table first.

use super::items::{self, ItemReader, text};
use super::{CaseTable, QUERY_PAGE_LIMIT, TableError};
use crate::error::ApiCallError;
use crate::pagination::{Page, collect_first};
use jiff::Timestamp;

/// The index's name in infra/case/template.yaml.
const FOLLOW_UP_INDEX: &str = "second-looks";

/// A case whose follow-up investigation is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueFollowUp {
    /// The case's partition key.
    pub subject: String,
    /// The case's number among those of the subject.
    pub sequence: u32,
}

impl CaseTable {
    /// The cases whose follow-up investigation is due at `now`, the longest overdue first, at most `limit`.
    ///
    /// # Errors
    ///
    /// A failed Query, or an invalid item.
    pub async fn due_follow_ups(&self, now: Timestamp, limit: usize) -> Result<Vec<DueFollowUp>, TableError> {
        // `watch_until` is stored in whole seconds, so its text sorts by time.
        let now = &Timestamp::from_second(now.as_second()).unwrap_or(now).to_string();
        collect_first(limit, QUERY_PAGE_LIMIT, |start| async move {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(FOLLOW_UP_INDEX)
                .key_condition_expression("listed = :listed AND watch_until <= :now")
                .expression_attribute_values(":listed", text(items::FOLLOW_UP_PARTITION))
                .expression_attribute_values(":now", text(now))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| ApiCallError::new("Query", error))?;
            let listed = |item| {
                let sequence = ItemReader(item).case_sequence()?;
                Ok(DueFollowUp { subject: ItemReader(item).text("subject")?.to_owned(), sequence })
            };
            let items = page.items().iter().map(listed).collect::<Result<_, TableError>>()?;
            Ok(Page { items, next: page.last_evaluated_key })
        })
        .await
    }
}
