//! Amazon DynamoDB: the `Cases` table, which is the record of everything.
//!
//! Partition key `subject`; sort key `item`: `case#000001`, `case#000002`, … for the subject's cases and
//! `finding#<id>` for its findings. What relay-alert delivered stands under subjects of its own, `relay/<key>`, and the
//! budget of GuardDuty's investigations under `guardduty`; a version that kept the behavior graph in
//! this stack left what it notified people of under `graph`, which `gumshoe_graph::aws` reads once. Every read that a decision rests on is strongly consistent (the index `second-looks` only says which
//! cases to read), and every write carries the condition under which the decision behind it holds. A condition that does
//! not hold is [`TableError::ConditionFailed`]: read and decide again.

mod budget;
mod case_updates;
mod deliveries;
mod expression;
mod finding_write;
mod follow_ups;
mod items;
mod queries;
mod transaction;
mod versioned;

pub use deliveries::DeliveredRevisions;
pub use follow_ups::DueFollowUp;
pub use versioned::ItemKey;

use crate::error::ApiCallError;
use crate::pagination::PageLimit;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use gumshoe_domain::error::{Named, Service};
use std::collections::HashMap;
use thiserror::Error;

type Item = HashMap<String, AttributeValue>;

/// Each page of a Query holds 1 MB and moves the start key forward, and what is queried is finite: far over what there is.
const QUERY_PAGE_LIMIT: PageLimit =
    PageLimit { operation: "Query", max_pages: 10_000, exceeded: "more than 10,000 pages" };

/// What can go wrong with the table.
#[derive(Debug, Error)]
pub enum TableError {
    /// The condition of a write did not hold: somebody else was faster.
    #[error("the case was changed by somebody else in the meantime")]
    ConditionFailed(#[source] ApiCallError),
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
    InvalidItem {
        /// The partition key.
        subject: String,
        /// The sort key.
        item: String,
        /// The attribute.
        attribute: &'static str,
    },
    /// Something cannot be written as JSON.
    #[error("the record cannot be written as JSON")]
    Serialize(#[source] serde_json::Error),
    /// A failed call.
    #[error(transparent)]
    Call(#[from] ApiCallError),
}

impl Named for TableError {
    fn name(&self) -> &'static str {
        match self {
            Self::ConditionFailed(_) => "TableChanged",
            Self::NoSuchCase { .. } => "NoSuchCase",
            Self::InvalidItem { .. } | Self::Serialize(_) => "TableUnreadable",
            Self::Call(call) => call.fault.name(Service::Table),
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
}

#[cfg(test)]
mod tests;
