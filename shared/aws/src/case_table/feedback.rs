//! The feedback of operators, an attribute of the case's item.

use super::expression::UpdateExpression;
use super::items::{self, ItemReader, case_sort_key, text};
use super::{CaseTable, TableError};
use crate::error::ApiCallError;
use gumshoe_domain::CaseKey;
use gumshoe_domain::case::CaseWrite;
use gumshoe_domain::case::feedback::Feedback;

/// How often the write is tried if other operators write at the same time.
const ATTEMPTS: usize = 5;

const ATTRIBUTE: &str = "feedback";

impl CaseTable {
    /// The feedback about a case, oldest first.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an invalid item.
    pub async fn feedback(&self, key: &CaseKey) -> Result<Vec<Feedback>, TableError> {
        Ok(self.stored_feedback(key).await?.map(|(entries, _)| entries).unwrap_or_default())
    }

    /// The entries and their stored form.
    async fn stored_feedback(&self, key: &CaseKey) -> Result<Option<(Vec<Feedback>, String)>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(items::key(&key.subject, case_sort_key(key.sequence))))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| ApiCallError::new("GetItem", error))?;
        let Some(item) = answer.item().filter(|item| item.contains_key(ATTRIBUTE)) else { return Ok(None) };
        let read = ItemReader(item);
        Ok(Some((read.json(ATTRIBUTE)?, read.text(ATTRIBUTE)?.to_owned())))
    }

    /// Adds feedback to a case. Entries that another operator adds at the same time are kept.
    ///
    /// # Errors
    ///
    /// [`TableError::ConditionFailed`] if the case has expired or other writes interfered several times, or a failed call.
    pub async fn add_feedback(&self, key: &CaseKey, feedback: &Feedback) -> Result<(), TableError> {
        let mut attempts = 1;
        loop {
            let (entries, stored) = self.stored_feedback(key).await?.unzip();
            let entries = feedback.clone().appended_to(entries.unwrap_or_default());
            let mut expression = UpdateExpression::from_write(&CaseWrite::new([], []), &key.case_id, None)?;
            expression.set(ATTRIBUTE, items::json(&entries)?);
            expression.require(ATTRIBUTE, stored.map(text));
            match self.update(key, &expression).await {
                Err(TableError::ConditionFailed(_)) if attempts < ATTEMPTS => attempts += 1,
                other => return other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::case::feedback::Rating;
    use jiff::Timestamp;
    use testkit::{Cases, FakeAws, findings, now};

    fn entry(by: &str) -> Feedback {
        Feedback::new(Rating::Expected, Some("a penetration test"), by, Timestamp::UNIX_EPOCH)
    }

    #[tokio::test]
    async fn feedback_is_kept_in_order_also_if_another_operator_writes_in_between() {
        let services = FakeAws::default();
        let cases = Cases::of(&services);
        let key = cases.open_or_join(&findings::user_finding("alice", "f1"), now()).await;
        let table = cases.table();
        assert_eq!(table.feedback(&key).await.unwrap(), []);
        table.add_feedback(&key, &entry("first")).await.unwrap();
        let (other, other_key) = (table.clone(), key.clone());
        services.before_next_write_of("feedback", move || async move {
            other.add_feedback(&other_key, &entry("second")).await.unwrap();
        });
        table.add_feedback(&key, &entry("third")).await.unwrap();
        let stored = table.feedback(&key).await.unwrap();
        assert_eq!(stored.iter().map(|it| it.by.as_str()).collect::<Vec<_>>(), ["first", "second", "third"]);
        assert_eq!(services.unused_rule_count(), 0);
        assert_eq!(cases.case(&key).await.key, key);
    }

    #[tokio::test]
    async fn a_case_that_has_expired_is_not_created_again() {
        let services = FakeAws::default();
        let cases = Cases::of(&services);
        let key = cases.open_or_join(&findings::user_finding("alice", "f1"), now()).await;
        let gone = CaseKey { case_id: format!("{}0", key.case_id), ..key };
        let error = cases.table().add_feedback(&gone, &entry("first")).await.unwrap_err();
        assert_eq!(gumshoe_domain::ErrorName::error_name(&error), "TableChanged");
    }
}
