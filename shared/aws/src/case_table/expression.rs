//! Translates the domain's conditional writes into DynamoDB's update expressions.

use super::items::{self, number, text};
use super::{CaseSummary, Item, TableError};
use aws_sdk_dynamodb::types::AttributeValue;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::{CaseStatus, CaseWrite, Change, Condition};
use jiff::Timestamp;
use std::collections::HashMap;

/// An update expression and its condition expression, with the names and values of both.
#[derive(Debug, Default)]
pub(super) struct UpdateExpression {
    set: Vec<String>,
    remove: Vec<&'static str>,
    conditions: Vec<String>,
    values: Item,
}

impl UpdateExpression {
    /// Translates the write. It applies to the case with that id only, and not to a later one with the same sequence number.
    ///
    /// `assessment` is the value of [`Change::Assess`].
    pub(super) fn from_write(
        write: &CaseWrite,
        case_id: &str,
        assessment: Option<&Assessment>,
    ) -> Result<Self, TableError> {
        let mut expression = Self::default();
        expression.add_condition("case_id = ", text(case_id));
        for condition in &write.conditions {
            expression.condition(*condition);
        }
        for change in &write.changes {
            expression.change(*change, assessment)?;
        }
        Ok(expression)
    }

    /// Adds `SET attribute = value`, without a condition.
    pub(super) fn set(&mut self, attribute: &str, value: AttributeValue) {
        let placeholder = self.value(value);
        self.set.push(format!("{attribute} = {placeholder}"));
    }

    /// Adds the condition that the attribute has this value; `None`: that it does not exist.
    pub(super) fn require(&mut self, attribute: &str, value: Option<AttributeValue>) {
        match value {
            Some(value) => self.add_condition(&format!("{attribute} = "), value),
            None => self.conditions.push(format!("attribute_not_exists({attribute})")),
        }
    }

    pub(super) fn update(&self) -> String {
        let set = (!self.set.is_empty()).then(|| format!("SET {}", self.set.join(", ")));
        let remove = (!self.remove.is_empty()).then(|| format!("REMOVE {}", self.remove.join(", ")));
        set.into_iter().chain(remove).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn conditions(&self) -> String {
        self.conditions.join(" AND ")
    }

    /// The attribute names that are reserved words.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        let used = self.conditions.iter().chain(&self.set).any(|part| part.contains("#status"));
        used.then(|| HashMap::from([("#status".to_owned(), "status".to_owned())]))
    }

    pub(super) fn values(&self) -> Item {
        self.values.clone()
    }

    fn condition(&mut self, condition: Condition) {
        let status = |status| text(items::status(status));
        match condition {
            Condition::IsOpen => self.add_condition("#status = ", status(CaseStatus::Open)),
            Condition::IsActive => {
                self.add_condition("#status <> ", status(CaseStatus::Watching));
                self.add_condition("#status <> ", status(CaseStatus::Closed));
            }
            Condition::IsWatching => self.add_condition("#status = ", status(CaseStatus::Watching)),
            Condition::FollowUpNotBegun => self.conditions.push("attribute_not_exists(second_look_at)".to_owned()),
            Condition::WatchUntil(moment) => self.add_condition("watch_until = ", text(moment.to_string())),
            Condition::Joined(joined) => self.add_condition("joined = ", number(joined)),
            Condition::Renewed(renewed) => self.add_condition("renewed = ", number(renewed)),
            Condition::Assessments(assessments) => self.add_condition("assessments = ", number(assessments)),
            Condition::ClaimedBelow(revision) => self.add_condition("claimed_revision < ", number(revision)),
            Condition::Claimed(revision) => self.add_condition("claimed_revision = ", number(revision)),
            Condition::PublishingUntil(None) => {
                self.conditions.push("attribute_not_exists(publishing_until)".to_owned())
            }
            Condition::PublishingUntil(Some(moment)) => {
                self.add_condition("publishing_until = ", text(moment.to_string()))
            }
            Condition::PublishedBelow(revision) => self.add_condition("published_revision < ", number(revision)),
            Condition::Published(revision) => self.add_condition("published_revision >= ", number(revision)),
            Condition::Attempt(attempt) => self.add_condition("execution_attempt = ", number(attempt)),
        }
    }

    fn change(&mut self, change: Change, assessment: Option<&Assessment>) -> Result<(), TableError> {
        let status = |status| text(items::status(status));
        let moment = |moment: Timestamp| text(moment.to_string());
        match change {
            Change::Join => self.increment("joined"),
            Change::Renew => self.increment("renewed"),
            Change::Seal => self.set("#status", status(CaseStatus::Sealed)),
            Change::Assess(_) => {
                self.increment("assessments");
                self.set("assessment", items::json(&assessment)?);
                if let Some(assessment) = assessment {
                    self.set("summary", items::json(&CaseSummary::of(assessment))?);
                }
            }
            Change::Claim(revision) => self.set("claimed_revision", number(revision)),
            Change::SetPublishingUntil(Some(until)) => self.set("publishing_until", moment(until)),
            Change::SetPublishingUntil(None) => self.remove.push("publishing_until"),
            Change::Publish(revision, now) => {
                self.set("published_revision", number(revision));
                self.set("alerted_at", moment(now));
            }
            Change::Close(now) => {
                self.set("#status", status(CaseStatus::Closed));
                self.set("closed_at", moment(now));
                self.set("expires_at", number(items::expiry(now)));
                self.remove_from_index();
            }
            Change::SetAttempt(attempt) => self.set("execution_attempt", number(attempt)),
            Change::Watch(until) => {
                self.set("#status", status(CaseStatus::Watching));
                self.set("watch_until", moment(until));
                self.set("listed", text(items::FOLLOW_UP_PARTITION));
            }
            Change::Reopen => {
                self.set("#status", status(CaseStatus::Open));
                self.remove_from_index();
            }
            Change::BeginFollowUp(now) => {
                self.set("#status", status(CaseStatus::Sealed));
                self.set("second_look_at", moment(now));
            }
            Change::RemoveFromDueList => self.remove_from_index(),
            Change::StartNewRun(attempt) => {
                self.set("execution_attempt", number(attempt));
                self.set("first_attempt", number(attempt));
            }
        }
        Ok(())
    }

    /// Removes both keys of the index `second-looks`.
    fn remove_from_index(&mut self) {
        self.remove.extend(["watch_until", "listed"]);
    }

    fn increment(&mut self, attribute: &str) {
        let one = self.value(number(1));
        self.set.push(format!("{attribute} = {attribute} + {one}"));
    }

    fn add_condition(&mut self, comparison: &str, value: AttributeValue) {
        let placeholder = self.value(value);
        self.conditions.push(format!("{comparison}{placeholder}"));
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }
}

#[cfg(test)]
mod tests;
