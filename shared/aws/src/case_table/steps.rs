//! Writes to one case.

use super::expression::Expression;
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
        match self.update(key, &Expression::of(write, &key.case_id, assessment)?).await {
            Ok(()) => Ok(true),
            Err(TableError::Changed(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Notes what was asked of Detective last, and the investigations of other Regions beside it.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`] when the table has forgotten the case, or a failed UpdateItem.
    pub async fn note_investigation(
        &self,
        key: &CaseKey,
        it: &OpenInvestigation,
        elsewhere: &[OpenInvestigation],
    ) -> Result<(), TableError> {
        let mut expression = Expression::of(&CaseWrite::new([], []), &key.case_id, None)?;
        expression.set("investigation", items::json(it)?);
        if !elsewhere.is_empty() {
            expression.set("elsewhere", items::json(elsewhere)?);
        }
        self.update(key, &expression).await
    }

    /// Notes how GuardDuty's side of the case stands.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`] when the table has forgotten the case, or a failed UpdateItem.
    pub async fn note_guardduty(&self, key: &CaseKey, it: &Standing) -> Result<(), TableError> {
        let mut expression = Expression::of(&CaseWrite::new([], []), &key.case_id, None)?;
        expression.set("guardduty", items::json(it)?);
        self.update(key, &expression).await
    }

    async fn update(&self, key: &CaseKey, expression: &Expression) -> Result<(), TableError> {
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
