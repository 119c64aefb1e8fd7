//! The budget of GuardDuty's investigations: one item, under a subject of its own.

use super::versioned::ItemKey;
use super::{CaseTable, TableError};
use gumshoe_domain::guardduty::{Budget, BudgetWrite};

const BUDGET_ITEM: ItemKey = ItemKey { partition_key: "guardduty", sort_key: "budget", attribute: "budget" };

impl CaseTable {
    /// The budget and its version, if there is one.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn budget(&self) -> Result<Option<(u64, Budget)>, TableError> {
        self.read_versioned(&BUDGET_ITEM).await
    }

    /// Carries out a write of the budget. Gives whether it went through: whether nobody else wrote in between.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn write_budget(&self, write: &BudgetWrite) -> Result<bool, TableError> {
        self.write_versioned(&BUDGET_ITEM, write.expected, &write.budget).await
    }
}
