//! What people were told of the behavior graph's health: one item, under a subject of its own.

use super::versioned::Place;
use super::{CaseTable, TableError};
use gumshoe_graph::Told;

const PLACE: Place = Place { subject: "graph", item: "health", attribute: "told" };

impl CaseTable {
    /// What was told, and the version of it; no version where nothing was yet.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn told_of_graph(&self) -> Result<(Option<u64>, Told), TableError> {
        Ok(self.versioned(&PLACE).await?.map_or((None, Told::default()), |(version, told)| (Some(version), told)))
    }

    /// Keeps what was told, after the version that was read. Gives whether it went through: whether nobody else wrote in
    /// between.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn keep_told_of_graph(&self, read: Option<u64>, told: &Told) -> Result<bool, TableError> {
        self.write_versioned(&PLACE, read, told).await
    }
}
