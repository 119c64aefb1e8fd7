//! Writes to one case.

use super::expression::UpdateExpression;
use super::items::{self, case_sort_key};
use super::{CaseTable, TableError};
use gumshoe_domain::CaseKey;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::{CaseWrite, OpenInvestigation};
use gumshoe_domain::guardduty::Standing;

impl CaseTable {
    /// Carries out a write that was decided on. `assessment` is what it records, where it records one.
    ///
    /// Gives whether it went through: whether its conditions held.
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

    /// Notes what was asked of Detective last, and the investigations of other Regions beside it.
    ///
    /// # Errors
    ///
    /// [`TableError::ConditionFailed`] when the table has forgotten the case, or a failed UpdateItem.
    pub async fn record_investigation(
        &self,
        key: &CaseKey,
        investigation: &OpenInvestigation,
        other_regions: &[OpenInvestigation],
    ) -> Result<(), TableError> {
        let mut expression = UpdateExpression::from_write(&CaseWrite::new([], []), &key.case_id, None)?;
        expression.set("investigation", items::json(investigation)?);
        if !other_regions.is_empty() {
            expression.set("elsewhere", items::json(other_regions)?);
        }
        self.update(key, &expression).await
    }

    /// Notes how GuardDuty's side of the case stands.
    ///
    /// # Errors
    ///
    /// [`TableError::ConditionFailed`] when the table has forgotten the case, or a failed UpdateItem.
    pub async fn record_guardduty_request(&self, key: &CaseKey, state: &Standing) -> Result<(), TableError> {
        let mut expression = UpdateExpression::from_write(&CaseWrite::new([], []), &key.case_id, None)?;
        expression.set("guardduty", items::json(state)?);
        self.update(key, &expression).await
    }

    async fn update(&self, key: &CaseKey, expression: &UpdateExpression) -> Result<(), TableError> {
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
