//! Items with one value and a version, for optimistic locking: a write names the version that was read, and fails if another invocation has
//! written since.

use super::items::{self, ItemReader, number};
use super::{CaseTable, TableError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The key of such an item, and the attribute with its value.
#[derive(Debug, Clone, Copy)]
pub struct ItemKey {
    /// The partition key.
    pub partition_key: &'static str,
    /// The sort key.
    pub sort_key: &'static str,
    /// The attribute with the value, as JSON.
    pub attribute: &'static str,
}

impl CaseTable {
    /// Reads the version and the value; `None` if the item was never written.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an invalid item.
    pub async fn read_versioned<T: DeserializeOwned>(&self, key: &ItemKey) -> Result<Option<(u64, T)>, TableError> {
        let Some(item) = self.get_item(key.partition_key, key.sort_key.to_owned()).await? else { return Ok(None) };
        let read = ItemReader(&item);
        Ok(Some((read.number("version")?, read.json(key.attribute)?)))
    }

    /// Writes the value with the version after `expected_version` (`None`: the item must not exist). Returns `false` if another invocation
    /// has written in between; then nothing was written.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem, or a value that cannot be serialized as JSON.
    pub async fn write_versioned<T: Serialize>(
        &self,
        key: &ItemKey,
        expected_version: Option<u64>,
        value: &T,
    ) -> Result<bool, TableError> {
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(items::key(key.partition_key, key.sort_key.to_owned())))
            .update_expression(format!("SET version = :next, {} = :value", key.attribute))
            .expression_attribute_values(":next", number(expected_version.unwrap_or(0).saturating_add(1)))
            .expression_attribute_values(":value", items::json(value)?);
        let call = match expected_version {
            None => call.condition_expression("attribute_not_exists(version)"),
            Some(version) => call
                .condition_expression("version = :expected")
                .expression_attribute_values(":expected", number(version)),
        };
        match self.send(call).await {
            Ok(()) => Ok(true),
            Err(TableError::ConditionFailed(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
