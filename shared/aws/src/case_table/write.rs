//! Writing under a condition, and telling why a write did not go through.
//!
//! A condition that does not hold is [`TableError::Changed`]: read and decide again. An item that another transaction
//! holds for a moment is no such thing: that write is tried again here, as the answer to it decides nothing. (The SDK
//! does not repeat it.)

use super::{CaseTable, TableError};
use crate::error::CallFailed;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::TransactWriteItem;
use gumshoe_domain::error::Fault;
use std::time::Duration;

/// How often a write is tried that meets other transactions, and how long it waits at first, at most.
const TRIES: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// Why a write did not go through.
enum Refusal {
    /// Another transaction holds an item.
    Held(CallFailed),
    /// Anything else.
    Final(TableError),
}

impl CaseTable {
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), TableError> {
        patiently(async || {
            let sent = self.client.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
            sent.map(drop).map_err(refused_transaction)
        })
        .await
    }

    pub(super) async fn send(&self, update: UpdateItemFluentBuilder) -> Result<(), TableError> {
        patiently(async || {
            let sent = update.clone().send().await.map_err(|error| CallFailed::new("UpdateItem", error));
            sent.map(drop).map_err(|error| match (error.code.as_deref(), error.fault) {
                (Some("TransactionConflictException"), _) => Refusal::Held(error),
                (_, Fault::Conflict) => Refusal::Final(TableError::Changed(error)),
                _ => Refusal::Final(TableError::Call(error)),
            })
        })
        .await
    }
}

async fn patiently(mut write: impl AsyncFnMut() -> Result<(), Refusal>) -> Result<(), TableError> {
    let mut wait = FIRST_WAIT;
    for _ in 1..TRIES {
        match write().await {
            Ok(()) => return Ok(()),
            Err(Refusal::Final(error)) => return Err(error),
            Err(Refusal::Held(_)) => {
                tokio::time::sleep(wait.mul_f64(fastrand::f64())).await;
                wait *= 2;
            }
        }
    }
    write().await.map_err(|refusal| match refusal {
        Refusal::Held(error) => TableError::Call(error.of_kind(Fault::Unavailable)),
        Refusal::Final(error) => error,
    })
}

/// DynamoDB API Reference, TransactWriteItems: a cancelled transaction has a reason for each of its writes. One failed
/// condition decides; throttling and conflicts say nothing of the conditions.
fn refused_transaction(error: SdkError<TransactWriteItemsError>) -> Refusal {
    let reasons: Vec<String> = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let reasons = cancelled.cancellation_reasons().iter();
            reasons.filter_map(|reason| reason.code().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    let any = |code: &str| reasons.iter().any(|reason| reason == code);
    let error = CallFailed::new("TransactWriteItems", error);
    if any("ConditionalCheckFailed") {
        Refusal::Final(TableError::Changed(error))
    } else if any("TransactionConflict") {
        Refusal::Held(error)
    } else if any("ThrottlingError") || any("ProvisionedThroughputExceeded") {
        Refusal::Final(TableError::Call(error.of_kind(Fault::Throttled)))
    } else {
        Refusal::Final(TableError::Call(error))
    }
}
