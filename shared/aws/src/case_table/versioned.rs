//! Items that are one value and its version: whoever writes names the version that was read, and is refused when somebody
//! else has written since.

use super::items::{self, Reader, number};
use super::{CaseTable, TableError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where such an item is.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The partition key.
    pub subject: &'static str,
    /// The sort key.
    pub item: &'static str,
    /// The attribute that holds the value, as JSON.
    pub attribute: &'static str,
}

impl CaseTable {
    /// The version and the value; nothing where nobody has written yet.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn versioned<T: DeserializeOwned>(&self, place: &Place) -> Result<Option<(u64, T)>, TableError> {
        let Some(item) = self.get(place.subject, place.item.to_owned()).await? else { return Ok(None) };
        let read = Reader(&item);
        Ok(Some((read.number("version")?, read.json(place.attribute)?)))
    }

    /// Writes the value as the version after `read`; nothing read is version 0. Gives whether it went through: whether
    /// nobody else wrote in between.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem, or a value that cannot be written as JSON.
    pub async fn write_versioned<T: Serialize>(
        &self,
        place: &Place,
        read: Option<u64>,
        value: &T,
    ) -> Result<bool, TableError> {
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(items::key(place.subject, place.item.to_owned())))
            .update_expression(format!("SET version = :next, {} = :value", place.attribute))
            .expression_attribute_values(":next", number(read.unwrap_or(0).saturating_add(1)))
            .expression_attribute_values(":value", items::json(value)?);
        let call = match read {
            None => call.condition_expression("attribute_not_exists(version)"),
            Some(version) => call
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
