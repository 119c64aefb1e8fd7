//! The budget of GuardDuty's investigations: one item, under a subject of its own.

use super::items::{self, Reader, number, text};
use super::{CaseTable, Item, TableError};
use gumshoe_domain::guardduty::{Budget, BudgetWrite};

/// The item's key.
const SUBJECT: &str = "guardduty";
const ITEM: &str = "budget";

fn place() -> Item {
    items::key(SUBJECT, ITEM.to_owned())
}

impl CaseTable {
    /// The budget and its version, if there is one.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn budget(&self) -> Result<Option<(u64, Budget)>, TableError> {
        let Some(item) = self.get(SUBJECT, ITEM.to_owned()).await? else { return Ok(None) };
        let read = Reader(&item);
        Ok(Some((read.number("version")?, read.json("budget")?)))
    }

    /// Carries out a write of the budget. Gives whether it went through: whether nobody else wrote in between.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn write_budget(&self, write: &BudgetWrite) -> Result<bool, TableError> {
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(place()))
            .update_expression("SET version = :next, budget = :budget")
            .expression_attribute_values(":next", number(write.expected.unwrap_or(0) + 1))
            .expression_attribute_values(":budget", text(serde_json::to_string(&write.budget)?));
        let call = match write.expected {
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
