//! Whether an account's data are in the behavior graph: asked once in a while, not for every case.

use super::member_status::{disabled_reason, status};
use super::{Detective, DetectiveError};
use crate::error::ApiCallError;
use gumshoe_domain::coverage::{Coverage, MemberStatus, administrator_of};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long an answer is good for: people enable accounts because an alert told them to.
const CACHE_TTL: SignedDuration = SignedDuration::from_mins(15);

/// A graph's ARN and an account.
type Key = (String, String);

/// What was answered, and when. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct MembershipCache(Arc<Mutex<HashMap<Key, (Timestamp, Coverage)>>>);

impl MembershipCache {
    fn get(&self, key: &Key, now: Timestamp) -> Option<Coverage> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked_at, coverage) = known.get(key)?;
        (now.duration_since(*asked_at) < CACHE_TTL).then(|| coverage.clone())
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
        if let Some(known) = self.memberships.get(&key, now) {
            return Ok(known);
        }
        let call = self.client_for_graph(graph_arn)?.get_members().graph_arn(graph_arn).account_ids(account_id);
        let answer = call.send().await.map_err(|error| ApiCallError::new("GetMembers", error))?;
        let member = answer.member_details().iter().find(|it| it.account_id() == Some(account_id));
        let is_unprocessed = || answer.unprocessed_accounts().iter().any(|it| it.account_id() == Some(account_id));
        if member.is_none() && !is_unprocessed() {
            return Err(ApiCallError::missing_field("GetMembers", "the account").into());
        }
        let coverage = Coverage::of(
            account_id,
            member.map(|it| it.status().map_or(MemberStatus::Unknown, status)),
            member.and_then(|it| it.disabled_reason().map(disabled_reason)),
        );
        self.memberships.put(key, now, coverage.clone());
        Ok(coverage)
    }
}

#[cfg(test)]
mod tests;
