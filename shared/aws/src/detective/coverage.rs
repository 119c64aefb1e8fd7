//! Whether an account's data are in the behavior graph: asked once in a while, not for every case.

use super::{Detective, DetectiveError, listing};
use crate::error::CallFailed;
use gumshoe_domain::coverage::{Coverage, administrator_of};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long an answer is good for: people enable accounts because an alert told them to.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(15);

/// A graph's ARN and an account.
type Key = (String, String);

/// What was answered, and when. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Cache(Arc<Mutex<HashMap<Key, (Timestamp, Coverage)>>>);

impl Cache {
    fn get(&self, key: &Key, now: Timestamp) -> Option<Coverage> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked_at, coverage) = known.get(key)?;
        (now.duration_since(*asked_at) < GOOD_FOR).then(|| coverage.clone())
    }

    fn put(&self, key: Key, now: Timestamp, coverage: Coverage) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (now, coverage));
    }
}

impl Detective {
    /// Whether the account sends its data to the graph (GetMembers). Its administrator does, and nobody is asked. What was
    /// answered is remembered for 15 minutes; `now` tells when they are over. Failures are not remembered.
    ///
    /// Assumed: an account that GetMembers did not process is no member. Its reasons are text, and documented nowhere.
    ///
    /// # Errors
    ///
    /// A failed GetMembers, or an answer that says nothing of the account.
    pub async fn membership(
        &self,
        graph_arn: &str,
        account_id: &str,
        now: Timestamp,
    ) -> Result<Coverage, DetectiveError> {
        if administrator_of(graph_arn) == Some(account_id) {
            return Ok(Coverage::InGraph);
        }
        let key = (graph_arn.to_owned(), account_id.to_owned());
        if let Some(known) = self.coverage.get(&key, now) {
            return Ok(known);
        }
        let found = listing::members_of(self.client_of(graph_arn)?, graph_arn, &[account_id.to_owned()]).await?;
        let member = found.members.into_iter().find(|member| member.account_id == account_id);
        if member.is_none() && !found.unprocessed.iter().any(|id| id == account_id) {
            return Err(CallFailed::incomplete("GetMembers", "the account").into());
        }
        let coverage =
            Coverage::of(account_id, member.as_ref().map(|it| it.status), member.and_then(|it| it.disabled_reason));
        self.coverage.put(key, now, coverage.clone());
        Ok(coverage)
    }
}

#[cfg(test)]
mod tests;
