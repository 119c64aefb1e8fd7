//! Whether an account is in the behavior graph, that is, whether Detective has its data. Results are cached.

use super::member_status::{disabled_reason, status};
use super::{Detective, DetectiveError};
use crate::error::ApiCallError;
use gumshoe_domain::coverage::{GraphMembership, MemberStatus, graph_administrator};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The time to live of a cached result: operators enable accounts because an alert asks for it.
const CACHE_TTL: SignedDuration = SignedDuration::from_mins(15);

/// A graph's ARN and an account id.
type Key = (String, String);

/// Results and the time of their calls. Clones share the cache.
#[derive(Debug, Clone, Default)]
pub(super) struct MembershipCache(Arc<Mutex<HashMap<Key, (Timestamp, GraphMembership)>>>);

impl MembershipCache {
    fn get(&self, key: &Key, now: Timestamp) -> Option<GraphMembership> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked_at, coverage) = known.get(key)?;
        (now.duration_since(*asked_at) < CACHE_TTL).then(|| coverage.clone())
    }

    fn put(&self, key: Key, now: Timestamp, coverage: GraphMembership) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (now, coverage));
    }
}

impl Detective {
    /// Whether the account sends its data to the graph (GetMembers). The graph's administrator account always does, without a call. Results are
    /// cached for 15 minutes before `now`; failures are not cached.
    ///
    /// Assumed: an account that GetMembers returns as unprocessed is no member. The reasons are free text, and not documented.
    ///
    /// # Errors
    ///
    /// A failed GetMembers, or a response without the account.
    pub async fn membership(
        &self,
        graph_arn: &str,
        account_id: &str,
        now: Timestamp,
    ) -> Result<GraphMembership, DetectiveError> {
        if graph_administrator(graph_arn) == Some(account_id) {
            return Ok(GraphMembership::InGraph);
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
        let coverage = GraphMembership::of(
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
