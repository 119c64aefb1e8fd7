//! The index `second-looks`: the cases that are listed for their second look, by the moment when it is due.
//!
//! Partition key `listed`, sort key `watch_until`; only listed cases have them. An index is read eventually consistent: a case
//! that it shows late is there at the next sweep, and whoever works one reads it from the table first.

use super::items::{self, ItemReader, text};
use super::{CaseTable, QUERY_PAGE_LIMIT, TableError};
use crate::error::ApiCallError;
use crate::pagination::{Page, collect_first};
use jiff::Timestamp;

/// The index's name, as infra/case/template.yaml has it.
const FOLLOW_UP_INDEX: &str = "second-looks";

/// Where a listed case stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueFollowUp {
    /// Whose case.
    pub subject: String,
    /// Its number.
    pub sequence: u32,
}

impl CaseTable {
    /// The cases whose second look is due, the longest overdue first, at most so many.
    ///
    /// # Errors
    ///
    /// A failed Query, or an item that cannot be read.
    pub async fn due_follow_ups(&self, now: Timestamp, limit: usize) -> Result<Vec<DueFollowUp>, TableError> {
        // Moments in the index are of whole seconds, and so are in the order of their texts.
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
