//! The budget of GuardDuty investigations: one item, shared by all cases.

use super::versioned::ItemKey;
use super::{CaseTable, TableError};
use gumshoe_domain::guardduty::{BudgetWrite, QuotaBudget};

const BUDGET_ITEM: ItemKey = ItemKey { partition_key: "guardduty", sort_key: "budget", attribute: "budget" };

impl CaseTable {
    /// Reads the budget and its version; `None` if there is no such item yet.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an invalid item.
    pub async fn budget(&self) -> Result<Option<(u64, QuotaBudget)>, TableError> {
        self.read_versioned(&BUDGET_ITEM).await
    }

    /// Writes the budget, if it still has the version that was read. Returns whether it did.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn write_budget(&self, write: &BudgetWrite) -> Result<bool, TableError> {
        self.write_versioned(&BUDGET_ITEM, write.expected_version, &write.budget).await
    }
}
