//! The table's item with the issues that people were notified of.

use crate::notification_state::NotifiedState;
use gumshoe_aws::case_table::{CaseTable, ItemKey, TableError};

const ITEM_KEY: ItemKey = ItemKey { partition_key: "graph", sort_key: "health", attribute: "told" };

/// The table that has the item.
#[derive(Debug, Clone)]
pub struct NotifiedStateTable {
    table: CaseTable,
}

impl NotifiedStateTable {
    /// Creates an adapter for the item in that table.
    #[must_use]
    pub fn new(table: CaseTable) -> Self {
        Self { table }
    }

    /// The item's version and the state; version `None` if there is no item.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn read_notified(&self) -> Result<(Option<u64>, NotifiedState), TableError> {
        let item = self.table.read_versioned(&ITEM_KEY).await?;
        Ok(item.map_or((None, NotifiedState::default()), |(version, state)| (Some(version), state)))
    }

    /// Writes the item if it still has `expected_version`; returns false if another run has written it in the meantime.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn write_notified(
        &self,
        expected_version: Option<u64>,
        state: &NotifiedState,
    ) -> Result<bool, TableError> {
        self.table.write_versioned(&ITEM_KEY, expected_version, state).await
    }
}
