//! Which problems of the graph people were notified of: one item of a table.

use crate::notification_state::NotifiedState;
use gumshoe_aws::case_table::{CaseTable, ItemKey, TableError};

const ITEM_KEY: ItemKey = ItemKey { partition_key: "graph", sort_key: "health", attribute: "told" };

/// The table with that item.
#[derive(Debug, Clone)]
pub struct NotifiedStateTable {
    table: CaseTable,
}

impl NotifiedStateTable {
    /// The item in that table.
    #[must_use]
    pub fn new(table: CaseTable) -> Self {
        Self { table }
    }

    /// What people were notified of, and the item's version; no version where there is no item.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn read_notified(&self) -> Result<(Option<u64>, NotifiedState), TableError> {
        let known = self.table.read_versioned(&ITEM_KEY).await?;
        Ok(known.map_or((None, NotifiedState::default()), |(version, told)| (Some(version), told)))
    }

    /// Writes the item if it still has the version that was read; false where another run wrote it in between.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn write_notified(&self, read: Option<u64>, told: &NotifiedState) -> Result<bool, TableError> {
        self.table.write_versioned(&ITEM_KEY, read, told).await
    }
}
