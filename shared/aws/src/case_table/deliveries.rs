//! relay-alert's delivery records: one item for each notification key, with the subject `relay/<key>`.
//!
//! `held_until` is a lease: if two invocations have the same notification, the second fails and SQS redelivers its message. For each
//! channel the item has the highest revision that was delivered, so that neither a repeated nor a late older revision is delivered again.
//!
//! Of the case itself relay-alert reads the claimed revisions and the last assessment; its role may read no other attribute
//! (`infra/case/template.yaml`).

use super::items::{self, number};
use super::{CaseTable, TableError};
use crate::error::ApiCallError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use gumshoe_domain::CaseKey;
use gumshoe_domain::case::ClaimedRevisions;
use gumshoe_domain::error::Fault;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The sort key of the item.
const SORT_KEY: &str = "deliveries";
/// The prefix of the attributes with delivered revisions; a channel's name follows.
const REVISION_ATTRIBUTE_PREFIX: &str = "delivered_";

/// The attributes of a case that are read: with the keys, all that the role allows.
const CLAIM_ATTRIBUTES: &str = "case_id, claimed_revision, published_revision, assessment";

/// The highest revision that was delivered to each channel, by the channel's name.
pub type DeliveredRevisions = BTreeMap<String, u32>;

impl CaseTable {
    /// Acquires the lease of a notification key until `until`, and returns the delivered revisions.
    ///
    /// # Errors
    ///
    /// [`TableError::ConditionFailed`] if another invocation has the lease, or a failed UpdateItem.
    pub async fn acquire_delivery_lease(
        &self,
        key: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<DeliveredRevisions, TableError> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(delivery_item_key(key)))
            .update_expression("SET held_until = :until, expires_at = :expires")
            .condition_expression("attribute_not_exists(held_until) OR held_until < :now")
            .expression_attribute_values(":until", number(until.as_millisecond()))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":expires", number(items::expiry(now)))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(|error| match ApiCallError::new("UpdateItem", error) {
                error if error.fault == Fault::Conflict => TableError::ConditionFailed(error),
                error => TableError::Call(error),
            })?;
        let attributes = answer.attributes.unwrap_or_default();
        let revision = |(name, value): (&String, &AttributeValue)| {
            let channel = name.strip_prefix(REVISION_ATTRIBUTE_PREFIX)?.to_owned();
            Some((channel, value.as_n().ok()?.parse().ok()?))
        };
        Ok(attributes.iter().filter_map(revision).collect())
    }

    /// The claimed revisions of a case; `None` if the table has no such case.
    ///
    /// # Errors
    ///
    /// A failed GetItem, or an invalid item.
    pub async fn alert_claims(&self, key: &CaseKey) -> Result<Option<ClaimedRevisions>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(items::key(&key.subject, items::case_sort_key(key.sequence))))
            .projection_expression(CLAIM_ATTRIBUTES)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| ApiCallError::new("GetItem", error))?;
        let Some(item) = answer.item else { return Ok(None) };
        // The case may have expired, and another may have been opened under the same number: the id differs.
        let (case_id, claims) = items::claims(&item)?;
        Ok((case_id == key.case_id).then_some(claims))
    }

    /// Records that a revision was delivered to a channel.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem: the revision may then be delivered to the channel again.
    pub async fn record_delivery(&self, key: &str, channel: &str, revision: u32) -> Result<(), TableError> {
        self.send(
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(delivery_item_key(key)))
                .update_expression("SET #channel = :revision")
                .expression_attribute_names("#channel", format!("{REVISION_ATTRIBUTE_PREFIX}{channel}"))
                .expression_attribute_values(":revision", number(revision)),
        )
        .await
    }

    /// Releases the lease.
    ///
    /// # Errors
    ///
    /// A failed UpdateItem: the lease then expires at `held_until`.
    pub async fn release_delivery_lease(&self, key: &str) -> Result<(), TableError> {
        self.send(
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(delivery_item_key(key)))
                .update_expression("REMOVE held_until"),
        )
        .await
    }
}

fn delivery_item_key(key: &str) -> super::Item {
    items::key(&format!("relay/{key}"), SORT_KEY.to_owned())
}
