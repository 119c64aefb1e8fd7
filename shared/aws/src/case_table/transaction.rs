//! Conditional writes, and the classification of their errors.
//!
//! A condition that is not satisfied is [`TableError::ConditionFailed`]: read again, and decide again. A conflict with another transaction on
//! the same item is different: no condition was evaluated, so the same write is retried here. (The SDK does not retry it.)

use super::{CaseTable, TableError};
use crate::error::ApiCallError;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::TransactWriteItem;
use gumshoe_domain::error::Fault;
use std::time::Duration;

/// Attempts of a write that conflicts with another transaction.
const MAX_ATTEMPTS: u32 = 6;
/// The maximum delay before the second attempt. The maximum doubles each time; the delay is random below it (full jitter).
const INITIAL_BACKOFF: Duration = Duration::from_millis(20);

/// Why a write failed.
enum WriteFailure {
    /// Another transaction was writing one of the items.
    TransactionConflict(ApiCallError),
    /// Any other failure; a retry of the same write does not help.
    Permanent(TableError),
}

impl CaseTable {
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), TableError> {
        retry_on_transaction_conflict(async || {
            let sent = self.client.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
            sent.map(drop).map_err(classify_transaction_error)
        })
        .await
    }

    pub(super) async fn send(&self, update: UpdateItemFluentBuilder) -> Result<(), TableError> {
        retry_on_transaction_conflict(async || {
            let sent = update.clone().send().await.map_err(|error| ApiCallError::new("UpdateItem", error));
            sent.map(drop).map_err(|error| match (error.code.as_deref(), error.fault) {
                (Some("TransactionConflictException"), _) => WriteFailure::TransactionConflict(error),
                (_, Fault::Conflict) => WriteFailure::Permanent(TableError::ConditionFailed(error)),
                _ => WriteFailure::Permanent(TableError::Call(error)),
            })
        })
        .await
    }
}

async fn retry_on_transaction_conflict(
    mut write: impl AsyncFnMut() -> Result<(), WriteFailure>,
) -> Result<(), TableError> {
    let mut wait = INITIAL_BACKOFF;
    for _ in 1..MAX_ATTEMPTS {
        match write().await {
            Ok(()) => return Ok(()),
            Err(WriteFailure::Permanent(error)) => return Err(error),
            Err(WriteFailure::TransactionConflict(_)) => {
                tokio::time::sleep(wait.mul_f64(fastrand::f64())).await;
                wait *= 2;
            }
        }
    }
    write().await.map_err(|failure| match failure {
        WriteFailure::TransactionConflict(error) => TableError::Call(error.with_fault(Fault::Unavailable)),
        WriteFailure::Permanent(error) => error,
    })
}

/// DynamoDB API Reference, TransactWriteItems: a cancelled transaction has one reason for each of its writes. One failed condition is
/// decisive; throttling and conflicts say nothing about the conditions.
fn classify_transaction_error(error: SdkError<TransactWriteItemsError>) -> WriteFailure {
    let reasons: Vec<String> = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let reasons = cancelled.cancellation_reasons().iter();
            reasons.filter_map(|reason| reason.code().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    let any = |code: &str| reasons.iter().any(|reason| reason == code);
    let error = ApiCallError::new("TransactWriteItems", error);
    if any("ConditionalCheckFailed") {
        WriteFailure::Permanent(TableError::ConditionFailed(error))
    } else if any("TransactionConflict") {
        WriteFailure::TransactionConflict(error)
    } else if any("ThrottlingError") || any("ProvisionedThroughputExceeded") {
        WriteFailure::Permanent(TableError::Call(error.with_fault(Fault::Throttled)))
    } else {
        WriteFailure::Permanent(TableError::Call(error))
    }
}
