//! What people were told of the graph's health: one item of the table, under a subject of its own.

use crate::telling::Told;
use gumshoe_aws::case_table::{CaseTable, Place, TableError};

const PLACE: Place = Place { subject: "graph", item: "health", attribute: "told" };

/// The table that holds it.
#[derive(Debug, Clone)]
pub struct HealthTable {
    table: CaseTable,
}

impl HealthTable {
    /// What people were told, in that table.
    #[must_use]
    pub fn new(table: CaseTable) -> Self {
        Self { table }
    }

    /// What was told, and the version of it; no version where nothing was yet.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn told_of_graph(&self) -> Result<(Option<u64>, Told), TableError> {
        let known = self.table.versioned(&PLACE).await?;
        Ok(known.map_or((None, Told::default()), |(version, told)| (Some(version), told)))
    }

    /// Keeps what was told, after the version that was read. Gives whether it went through: whether nobody else wrote in
    /// between.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn keep_told_of_graph(&self, read: Option<u64>, told: &Told) -> Result<bool, TableError> {
        self.table.write_versioned(&PLACE, read, told).await
    }
}
