//! The state machine's steps: each one conditional write to the case.

use super::items::{self, case_sort_key, number, text};
use super::{CaseTable, TableError};
use aws_sdk_dynamodb::types::AttributeValue;
use gumshoe_domain::case::{Assessment, OpenInvestigation};
use gumshoe_domain::{CaseKey, CaseStatus};
use jiff::Timestamp;

impl CaseTable {
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
    /// [`TableError::Changed`] when the case was closed or its revision is taken by another, or a failed UpdateItem.
    pub async fn note_assessment(&self, key: &CaseKey, assessment: &Assessment) -> Result<(), TableError> {
        let values = [
            (":assessment", text(serde_json::to_string(assessment)?)),
            (":joined", number(assessment.joined)),
            (":revision", number(assessment.revision)),
            (":closed", text(items::status(CaseStatus::Closed))),
        ];
        let update = "SET assessment = :assessment, assessed_joined = :joined";
        let condition = "#status <> :closed AND claimed_revision < :revision AND published_revision < :revision";
        self.update(key, update, Some(condition), values).await
    }

    /// Records an assessment and closes the case quietly.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`] when a finding joined since it was assessed, or a revision was claimed, or the case was
    /// closed, or a failed UpdateItem.
    pub async fn close_quietly(&self, key: &CaseKey, assessment: &Assessment) -> Result<(), TableError> {
        let values = [
            (":assessment", text(serde_json::to_string(assessment)?)),
            (":joined", number(assessment.joined)),
            (":revision", number(assessment.revision)),
            (":closed", text(items::status(CaseStatus::Closed))),
            (":now", text(assessment.at.to_string())),
            (":expires", number(items::expiry(assessment.at))),
        ];
        let update = "SET assessment = :assessment, #status = :closed, closed_at = :now, expires_at = :expires";
        let condition = "#status <> :closed AND joined = :joined AND claimed_revision < :revision \
                         AND published_revision < :revision";
        self.update(key, update, Some(condition), values).await
    }

    /// Claims an assessment's revision, before it is published for the first time.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`] when it was claimed before or the case was assessed anew, or a failed UpdateItem.
    pub async fn claim(&self, key: &CaseKey, assessment: &Assessment) -> Result<(), TableError> {
        let values = [
            (":revision", number(assessment.revision)),
            (":joined", number(assessment.joined)),
            (":closed", text(items::status(CaseStatus::Closed))),
        ];
        let condition = "claimed_revision < :revision AND assessed_joined = :joined AND #status <> :closed";
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
    /// [`TableError::Changed`] when a finding joined since, or the case was assessed anew, or a failed UpdateItem.
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
        let condition = "joined = :joined AND assessed_joined = :joined AND published_revision >= :revision";
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
        self.send(call.condition_expression(condition)).await
    }
}
