//! Amazon DynamoDB: the `Cases` table. It stores the state of every case; no other store decides anything.
//!
//! # Items
//!
//! Partition key `subject`, sort key `item`:
//!
//! | subject | item | content |
//! | --- | --- | --- |
//! | a principal's ARN, or `finding/ACCOUNT/REGION/ID` | `case#0000000001` | a case; the number has ten digits |
//! | the same | `finding#<id>` | a finding, with the case that it joined |
//! | `relay/<key>` | `deliveries` | the revisions that relay-alert delivered to each channel |
//! | `guardduty` | `budget` | the budget of GuardDuty investigations |
//! | `graph` | `health` | the graph's issues that people were notified of; an earlier version of this stack wrote it, and `gumshoe_graph::aws` reads it once |
//!
//! # Consistency
//!
//! Every read that a decision depends on is strongly consistent; the index `second-looks` only names the cases to read, and
//! `cases-by-status` is for operators. Every write has
//! the condition under which the decision behind it is valid. If the condition is not satisfied, the write fails with
//! [`TableError::ConditionFailed`]: read again, and decide again.

mod budget;
mod case_updates;
mod deliveries;
mod expression;
mod feedback;
mod finding_write;
mod follow_ups;
mod items;
mod listing;
mod queries;
mod transaction;
mod versioned;

pub use deliveries::DeliveredRevisions;
pub use follow_ups::DueFollowUp;
pub use listing::{CaseListEntry, CaseSummary};
pub use versioned::ItemKey;

use crate::error::ApiCallError;
use crate::pagination::PageLimit;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use gumshoe_domain::error::{ErrorName, Service};
use std::collections::HashMap;
use thiserror::Error;

type Item = HashMap<String, AttributeValue>;

/// A page of a Query holds 1 MB. The limit is far above what one partition contains.
const QUERY_PAGE_LIMIT: PageLimit =
    PageLimit { operation: "Query", max_pages: 10_000, exceeded: "more than 10,000 pages" };

/// Why an operation on the table failed.
#[derive(Debug, Error)]
pub enum TableError {
    /// The condition of a write was not satisfied: another invocation changed the item after it was read.
    #[error("another invocation changed the item in the meantime; read it again and retry")]
    ConditionFailed(#[source] ApiCallError),
    /// The case does not exist: it was never opened, or it has expired.
    #[error("case {sequence} of {subject} does not exist; it may have expired")]
    NoSuchCase {
        /// The partition key.
        subject: String,
        /// The case's number among those of the subject.
        sequence: u32,
    },
    /// An item lacks an attribute, or this version cannot parse it.
    #[error("attribute {attribute} of item {item} of {subject} is missing or invalid")]
    InvalidItem {
        /// The partition key.
        subject: String,
        /// The sort key.
        item: String,
        /// The attribute.
        attribute: &'static str,
    },
    /// A record could not be serialized as JSON.
    #[error("could not serialize the record")]
    Serialize(#[source] serde_json::Error),
    /// A failed call.
    #[error(transparent)]
    Call(#[from] ApiCallError),
}

impl ErrorName for TableError {
    fn error_name(&self) -> &'static str {
        match self {
            Self::ConditionFailed(_) => "TableChanged",
            Self::NoSuchCase { .. } => "NoSuchCase",
            Self::InvalidItem { .. } | Self::Serialize(_) => "TableUnreadable",
            Self::Call(call) => call.fault.name(Service::Table),
        }
    }
}

/// The `Cases` table, or another table with the same keys.
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
