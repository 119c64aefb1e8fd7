//! Updates of one case.

use super::expression::UpdateExpression;
use super::items::{self, case_sort_key};
use super::{CaseTable, TableError};
use gumshoe_domain::CaseKey;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::{CaseWrite, StartedInvestigation};
use gumshoe_domain::guardduty::GuardDutyRequestState;

impl CaseTable {
    /// Executes a write that the domain decided. `assessment` is the value of [`Change::Assess`](gumshoe_domain::case::Change), if the
    /// write contains it. Returns whether the conditions were satisfied; if not, nothing was written.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn write(
        &self,
        key: &CaseKey,
        write: &CaseWrite,
        assessment: Option<&Assessment>,
    ) -> Result<bool, TableError> {
        match self.update(key, &UpdateExpression::from_write(write, &key.case_id, assessment)?).await {
            Ok(()) => Ok(true),
            Err(TableError::ConditionFailed(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Records the last requested Detective investigation, and those in other Regions.
    ///
    /// # Errors
    ///
    /// [`TableError::ConditionFailed`] if the case has expired, or a failed UpdateItem.
    pub async fn record_investigation(
        &self,
        key: &CaseKey,
        investigation: &StartedInvestigation,
        other_regions: &[StartedInvestigation],
    ) -> Result<(), TableError> {
        let mut expression = UpdateExpression::from_write(&CaseWrite::new([], []), &key.case_id, None)?;
        expression.set("investigation", items::json(investigation)?);
        if !other_regions.is_empty() {
            expression.set("elsewhere", items::json(other_regions)?);
        }
        self.update(key, &expression).await
    }

    /// Records the state of the case's GuardDuty investigation.
    ///
    /// # Errors
    ///
    /// [`TableError::ConditionFailed`] if the case has expired, or a failed UpdateItem.
    pub async fn record_guardduty_request(
        &self,
        key: &CaseKey,
        state: &GuardDutyRequestState,
    ) -> Result<(), TableError> {
        let mut expression = UpdateExpression::from_write(&CaseWrite::new([], []), &key.case_id, None)?;
        expression.set("guardduty", items::json(state)?);
        self.update(key, &expression).await
    }

    pub(super) async fn update(&self, key: &CaseKey, expression: &UpdateExpression) -> Result<(), TableError> {
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(items::key(&key.subject, case_sort_key(key.sequence))))
            .update_expression(expression.update())
            .condition_expression(expression.conditions())
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(Some(expression.values()));
        self.send(call).await
    }
}
