//! What people were told of the behavior graph's health: one item, under a subject of its own.

use super::items::{self, Reader, number, text};
use super::{CaseTable, Item, TableError};
use gumshoe_domain::graph::Told;

/// The item's key.
const SUBJECT: &str = "graph";
const ITEM: &str = "health";

fn place() -> Item {
    items::key(SUBJECT, ITEM.to_owned())
}

impl CaseTable {
    /// What was told, and the version of it; version 0 where nothing was yet.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn told_of_graph(&self) -> Result<(u64, Told), TableError> {
        let Some(item) = self.get(SUBJECT, ITEM.to_owned()).await? else { return Ok((0, Told::default())) };
        let read = Reader(&item);
        Ok((read.number("version")?, read.json("told")?))
    }

    /// Keeps what was told, as the version after `version`. Gives whether it went through: whether nobody else wrote in
    /// between.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn keep_told_of_graph(&self, version: u64, told: &Told) -> Result<bool, TableError> {
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(place()))
            .update_expression("SET version = :next, told = :told")
            .expression_attribute_values(":next", number(version.saturating_add(1)))
            .expression_attribute_values(":told", text(serde_json::to_string(told)?));
        let call = match version {
            0 => call.condition_expression("attribute_not_exists(version)"),
            version => call
                .condition_expression("version = :expected")
                .expression_attribute_values(":expected", number(version)),
        };
        match self.send(call).await {
            Ok(()) => Ok(true),
            Err(TableError::Changed(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
