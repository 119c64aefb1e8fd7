//! A finding comes in: what was decided of it, as one conditional write.

use super::items::{self, case_sort_key, number, text};
use super::{CaseTable, TableError};
use crate::error::CallFailed;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use gumshoe_domain::case::{FindingRecord, Intake, subject_of};
use gumshoe_domain::{CaseKey, CaseStatus, Finding};
use jiff::Timestamp;

impl CaseTable {
    /// Carries out what was decided of a finding, in one conditional write.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`] when what was read no longer holds, or a failed write.
    pub async fn carry_out(
        &self,
        intake: Intake,
        finding: &Finding,
        known: Option<&FindingRecord>,
        now: Timestamp,
    ) -> Result<(), TableError> {
        let Some(record) = FindingRecord::after(intake, finding, known) else { return Ok(()) };
        let subject = subject_of(finding);
        let record = self.finding_put(&subject, &record, known, now)?;
        match intake {
            Intake::Open { sequence } => {
                let key = CaseKey::new(&subject, sequence, now);
                let case = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(items::new_case(&key, &finding.principal, now)?))
                    .condition_expression("attribute_not_exists(subject)")
                    .build()
                    .map_err(|error| CallFailed::incomplete_request("TransactWriteItems", error))?;
                self.transact(vec![TransactWriteItem::builder().put(case).build(), record]).await
            }
            Intake::Join { sequence } => {
                let case = Update::builder()
                    .table_name(&self.table)
                    .set_key(Some(items::key(&subject, case_sort_key(sequence))))
                    .update_expression("SET joined = joined + :one")
                    .condition_expression("#status = :open")
                    .expression_attribute_names("#status", "status")
                    .expression_attribute_values(":one", number(1))
                    .expression_attribute_values(":open", text(items::status(CaseStatus::Open)))
                    .build()
                    .map_err(|error| CallFailed::incomplete_request("TransactWriteItems", error))?;
                self.transact(vec![TransactWriteItem::builder().update(case).build(), record]).await
            }
            Intake::Refresh { .. } | Intake::Suppress(_) | Intake::Present { .. } => self.transact(vec![record]).await,
        }
    }

    fn finding_put(
        &self,
        subject: &str,
        record: &FindingRecord,
        known: Option<&FindingRecord>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(items::finding_item(subject, record, now)?));
        let put = match known {
            None => put.condition_expression("attribute_not_exists(subject)"),
            Some(known) => put
                .condition_expression("#version = :version")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":version", number(known.version)),
        };
        let put = put.build().map_err(|error| CallFailed::incomplete_request("TransactWriteItems", error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
