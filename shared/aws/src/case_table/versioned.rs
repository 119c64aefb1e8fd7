//! Items that are one value and its version: whoever writes names the version that was read, and is refused when somebody
//! else has written since.

use super::items::{self, ItemReader, number};
use super::{CaseTable, TableError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where such an item is.
#[derive(Debug, Clone, Copy)]
pub struct ItemKey {
    /// The partition key.
    pub partition_key: &'static str,
    /// The sort key.
    pub sort_key: &'static str,
    /// The attribute that holds the value, as JSON.
    pub attribute: &'static str,
}

impl CaseTable {
    /// The version and the value; nothing where nobody has written yet.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn read_versioned<T: DeserializeOwned>(&self, key: &ItemKey) -> Result<Option<(u64, T)>, TableError> {
        let Some(item) = self.get_item(key.partition_key, key.sort_key.to_owned()).await? else { return Ok(None) };
        let read = ItemReader(&item);
        Ok(Some((read.number("version")?, read.json(key.attribute)?)))
    }

    /// Writes the value as the version after `read`; nothing read is version 0. Gives whether it went through: whether
    /// nobody else wrote in between.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem, or a value that cannot be written as JSON.
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
