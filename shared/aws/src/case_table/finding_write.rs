//! Writes a finding and its case in one transaction.

use super::expression::UpdateExpression;
use super::items::{self, case_sort_key, number};
use super::{CaseTable, TableError};
use crate::error::ApiCallError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use gumshoe_domain::Finding;
use gumshoe_domain::case::{CaseChange, CaseKey, CaseNumber, CaseWrite, FindingRecord, IntakeWrite, case_subject};
use jiff::Timestamp;

impl CaseTable {
    /// Writes the finding's record and, if the decision changes it, its case, in one transaction.
    ///
    /// # Errors
    ///
    /// [`TableError::ConditionFailed`] if the case or the finding was changed after it was read, or a failed TransactWriteItems.
    pub async fn write_finding(
        &self,
        finding: &Finding,
        write: &IntakeWrite,
        now: Timestamp,
    ) -> Result<(), TableError> {
        let subject = case_subject(finding);
        let record =
            self.finding_put(&subject, &FindingRecord::new(finding, write.finding), write.expected_version, now)?;
        let case = match &write.case {
            CaseChange::Unchanged => None,
            CaseChange::Open(case) => {
                let put = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(items::new_case(&subject, &finding.principal, case)?))
                    .condition_expression("attribute_not_exists(subject)");
                Some(TransactWriteItem::builder().put(put.build().map_err(invalid_transaction)?).build())
            }
            CaseChange::Update(number, write) => Some(self.case_update(&subject, *number, write)?),
        };
        self.transact(case.into_iter().chain([record]).collect()).await
    }

    fn case_update(
        &self,
        subject: &str,
        number: CaseNumber,
        write: &CaseWrite,
    ) -> Result<TransactWriteItem, TableError> {
        let expression = UpdateExpression::from_write(write, &CaseKey::new(subject, number).case_id, None)?;
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(items::key(subject, case_sort_key(number.sequence))))
            .update_expression(expression.update())
            .condition_expression(expression.conditions())
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(Some(expression.values()));
        Ok(TransactWriteItem::builder().update(update.build().map_err(invalid_transaction)?).build())
    }

    fn finding_put(
        &self,
        subject: &str,
        record: &FindingRecord,
        expected: Option<u64>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(items::finding_item(subject, record, now)?));
        let put = match expected {
            None => put.condition_expression("attribute_not_exists(subject)"),
            Some(version) => put
                .condition_expression("#version = :version")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":version", number(version)),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(invalid_transaction)?).build())
    }
}

fn invalid_transaction(error: aws_sdk_dynamodb::error::BuildError) -> ApiCallError {
    ApiCallError::invalid_request("TransactWriteItems", error)
}
