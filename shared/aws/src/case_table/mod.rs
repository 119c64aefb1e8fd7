//! Amazon DynamoDB: the `Cases` table, which is the record of everything.
//!
//! Partition key `subject`; sort key `item`: `case#000001`, `case#000002`, … for the subject's cases and
//! `finding#<id>` for its findings. Every read is strongly consistent, and every write carries the condition under which
//! the decision behind it holds. A condition that does not hold is [`TableError::Changed`]: read and decide again.

mod items;

use crate::error::{CallFailed, Fault, Named};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use gumshoe_domain::case::{Assessment, FindingRecord, Intake, OpenInvestigation, subject_of};
use gumshoe_domain::{CaseKey, CaseRecord, CaseStatus, Finding};
use items::{case_sort_key, finding_sort_key, number, text};
use jiff::Timestamp;
use std::collections::HashMap;
use thiserror::Error;

type Item = HashMap<String, AttributeValue>;

/// What can go wrong with the table.
#[derive(Debug, Error)]
pub enum TableError {
    /// The condition of a write did not hold: somebody else was faster.
    #[error("the case was changed by somebody else in the meantime")]
    Changed(#[source] CallFailed),
    /// The case is not there.
    #[error("the table holds no case {sequence} of {subject}")]
    NoSuchCase {
        /// Whose case.
        subject: String,
        /// Its number.
        sequence: u32,
    },
    /// An item does not hold what this version expects of it.
    #[error("item {item} of {subject} has no readable attribute {attribute}")]
    Unreadable {
        /// The partition key.
        subject: String,
        /// The sort key.
        item: String,
        /// The attribute.
        attribute: &'static str,
    },
    /// Something cannot be written as JSON.
    #[error("the record cannot be written as JSON")]
    Unwritable(#[from] serde_json::Error),
    /// A failed call.
    #[error(transparent)]
    Call(#[from] CallFailed),
}

impl Named for TableError {
    fn name(&self) -> &'static str {
        match self {
            Self::Changed(_) => "TableChanged",
            Self::NoSuchCase { .. } => "NoSuchCase",
            Self::Unreadable { .. } | Self::Unwritable(_) => "TableUnreadable",
            Self::Call(call) => match call.fault {
                Fault::Throttled | Fault::Unavailable | Fault::Conflict => "TableUnavailable",
                Fault::AccessDenied | Fault::NotFound | Fault::Rejected => "TableRefused",
            },
        }
    }
}

/// The `Cases` table.
#[derive(Debug, Clone)]
pub struct CaseTable {
    client: Client,
    table: String,
}

impl CaseTable {
    /// The table with that name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The subject's latest case.
    ///
    /// # Errors
    ///
    /// A failed Query, or an item that cannot be read.
    pub async fn latest_case(&self, subject: &str) -> Result<Option<CaseRecord>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("subject = :subject AND begins_with(#item, :prefix)")
            .expression_attribute_names("#item", "item")
            .expression_attribute_values(":subject", text(subject))
            .expression_attribute_values(":prefix", text("case#"))
            .scan_index_forward(false)
            .limit(1)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| CallFailed::new("Query", error))?;
        answer.items().first().map(items::case).transpose()
    }

    /// One case.
    ///
    /// # Errors
    ///
    /// [`TableError::NoSuchCase`], a failed GetItem, or an item that cannot be read.
    pub async fn case(&self, key: &CaseKey) -> Result<CaseRecord, TableError> {
        let found = self.case_of(&key.subject, key.sequence).await?;
        // The table may have forgotten the case and counted anew: the id tells.
        found
            .filter(|case| case.key == *key)
            .ok_or_else(|| TableError::NoSuchCase { subject: key.subject.clone(), sequence: key.sequence })
    }

    /// The subject's case of that number.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn case_of(&self, subject: &str, sequence: u32) -> Result<Option<CaseRecord>, TableError> {
        self.get(subject, case_sort_key(sequence)).await?.as_ref().map(items::case).transpose()
    }

    /// What is known of a finding.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an item that cannot be read.
    pub async fn finding(&self, subject: &str, finding_id: &str) -> Result<Option<FindingRecord>, TableError> {
        self.get(subject, finding_sort_key(finding_id)).await?.as_ref().map(items::finding).transpose()
    }

    /// All findings of a case.
    ///
    /// # Errors
    ///
    /// A failed Query, or an item that cannot be read.
    pub async fn findings(&self, key: &CaseKey) -> Result<Vec<FindingRecord>, TableError> {
        let mut records = Vec::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("subject = :subject AND begins_with(#item, :prefix)")
                .filter_expression("case_sequence = :sequence")
                .expression_attribute_names("#item", "item")
                .expression_attribute_values(":subject", text(&key.subject))
                .expression_attribute_values(":prefix", text("finding#"))
                .expression_attribute_values(":sequence", number(key.sequence))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| CallFailed::new("Query", error))?;
            for item in page.items() {
                records.push(items::finding(item)?);
            }
            // Each page moves the start key forward, and the partition is finite: this ends.
            start = page.last_evaluated_key().cloned();
            if start.is_none() {
                return Ok(records);
            }
        }
    }

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
                self.transact([TransactWriteItem::builder().put(case).build(), record]).await
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
                self.transact([TransactWriteItem::builder().update(case).build(), record]).await
            }
            Intake::Refresh { .. } | Intake::Suppress(_) | Intake::Present { .. } => self.transact([record]).await,
        }
    }

    /// Notes what was asked of Detective.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn note_investigation(&self, key: &CaseKey, it: &OpenInvestigation) -> Result<(), TableError> {
        let values = [(":investigation", text(serde_json::to_string(it)?))];
        self.update(key, "SET investigation = :investigation", None, values).await
    }

    /// Takes no more findings into the case. Doing it again changes nothing.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn seal(&self, key: &CaseKey) -> Result<(), TableError> {
        let values = [
            (":sealed", text(items::status(CaseStatus::Sealed))),
            (":closed", text(items::status(CaseStatus::Closed))),
        ];
        match self.update(key, "SET #status = :sealed", Some("#status <> :closed"), values).await {
            Err(TableError::Changed(_)) => Ok(()), // closed already
            other => other,
        }
    }

    /// Records an assessment that people are to hear of.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`] when the case was closed, or a failed UpdateItem.
    pub async fn note_assessment(&self, key: &CaseKey, assessment: &Assessment) -> Result<(), TableError> {
        let values = [
            (":assessment", text(serde_json::to_string(assessment)?)),
            (":closed", text(items::status(CaseStatus::Closed))),
        ];
        self.update(key, "SET assessment = :assessment", Some("#status <> :closed"), values).await
    }

    /// Records an assessment and closes the case quietly.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`] when a finding joined since it was assessed, or the case was closed, or a failed
    /// UpdateItem.
    pub async fn close_quietly(&self, key: &CaseKey, assessment: &Assessment) -> Result<(), TableError> {
        let values = [
            (":assessment", text(serde_json::to_string(assessment)?)),
            (":joined", number(assessment.joined)),
            (":closed", text(items::status(CaseStatus::Closed))),
            (":now", text(assessment.at.to_string())),
            (":expires", number(items::expiry(assessment.at))),
        ];
        let update = "SET assessment = :assessment, #status = :closed, closed_at = :now, expires_at = :expires";
        self.update(key, update, Some("#status <> :closed AND joined = :joined"), values).await
    }

    /// Claims a revision, before it is published for the first time.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`] when it was claimed before, or a failed UpdateItem.
    pub async fn claim(&self, key: &CaseKey, revision: u32) -> Result<(), TableError> {
        let values = [(":revision", number(revision)), (":closed", text(items::status(CaseStatus::Closed)))];
        let condition = "claimed_revision < :revision AND #status <> :closed";
        self.update(key, "SET claimed_revision = :revision", Some(condition), values).await
    }

    /// Records that a revision was published.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem.
    pub async fn note_published(&self, key: &CaseKey, revision: u32, now: Timestamp) -> Result<(), TableError> {
        let values = [(":revision", number(revision)), (":now", text(now.to_string()))];
        let update = "SET published_revision = :revision, alerted_at = :now";
        match self.update(key, update, Some("published_revision < :revision"), values).await {
            Err(TableError::Changed(_)) => Ok(()), // recorded already
            other => other,
        }
    }

    /// Closes a case whose alert is published.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`] when a finding joined since it was assessed, or a failed UpdateItem.
    pub async fn close_alerted(
        &self,
        key: &CaseKey,
        assessment: &Assessment,
        now: Timestamp,
    ) -> Result<(), TableError> {
        let values = [
            (":joined", number(assessment.joined)),
            (":revision", number(assessment.revision)),
            (":closed", text(items::status(CaseStatus::Closed))),
            (":now", text(now.to_string())),
            (":expires", number(items::expiry(now))),
        ];
        let update = "SET #status = :closed, closed_at = :now, expires_at = :expires";
        let condition = "joined = :joined AND published_revision >= :revision";
        self.update(key, update, Some(condition), values).await
    }

    /// Counts one more attempt at the case's execution, after the one of number `from` died.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`] when somebody else counted it, or a failed UpdateItem.
    pub async fn next_attempt(&self, key: &CaseKey, from: u32) -> Result<(), TableError> {
        let values = [
            (":from", number(from)),
            (":next", number(from.saturating_add(1))),
            (":closed", text(items::status(CaseStatus::Closed))),
        ];
        let condition = "execution_attempt = :from AND #status <> :closed";
        self.update(key, "SET execution_attempt = :next", Some(condition), values).await
    }

    async fn get(&self, subject: &str, item: String) -> Result<Option<Item>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(items::key(subject, item)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| CallFailed::new("GetItem", error))?;
        Ok(answer.item)
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

    async fn transact(&self, writes: impl IntoIterator<Item = TransactWriteItem>) -> Result<(), TableError> {
        let writes = writes.into_iter().collect();
        let sent = self.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        sent.map(drop).map_err(|error| changed_or_failed(CallFailed::new("TransactWriteItems", error)))
    }

    async fn update<'a>(
        &self,
        key: &CaseKey,
        update: &str,
        condition: Option<&str>,
        values: impl IntoIterator<Item = (&'a str, AttributeValue)>,
    ) -> Result<(), TableError> {
        // Whatever else is asked, it is this very case and not a later one under the same number.
        let condition = condition
            .map_or_else(|| "case_id = :case_id".to_owned(), |condition| format!("case_id = :case_id AND {condition}"));
        let mut call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(items::key(&key.subject, case_sort_key(key.sequence))))
            .update_expression(update)
            .expression_attribute_values(":case_id", text(&key.case_id));
        if update.contains("#status") || condition.contains("#status") {
            call = call.expression_attribute_names("#status", "status");
        }
        for (name, value) in values {
            call = call.expression_attribute_values(name, value);
        }
        let sent = call.condition_expression(condition).send().await;
        sent.map(drop).map_err(|error| changed_or_failed(CallFailed::new("UpdateItem", error)))
    }
}

fn changed_or_failed(error: CallFailed) -> TableError {
    match error.fault {
        Fault::Conflict => TableError::Changed(error),
        _ => TableError::Call(error),
    }
}

#[cfg(test)]
mod tests;
