//! Principal lookups: a finding names a principal incompletely, so its ARN is read from IAM, ECS or EKS in the account that owns it.

mod account;
mod lookups;
#[cfg(test)]
mod tests;

use crate::error::ApiCallError;
use account::AccountClients;
pub use account::MemberRole;
use futures_util::{StreamExt, stream};
use gumshoe_domain::error::{Fault, with_causes};
use gumshoe_domain::principal::{Lookup, LookupAnswer, LookupError, Principal, PrincipalCandidate};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The number of cached lookups. It is far above what a function sees in the hours of its life; when it is reached, the cache is cleared.
const MAX_CACHED_LOOKUPS: usize = 10_000;

/// The number of concurrent lookups: an attack sequence can have 400 actors.
const MAX_CONCURRENT_LOOKUPS: usize = 16;

/// The principal that a candidate was resolved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedPrincipal {
    /// The principal, as far as it is known.
    pub principal: Principal,
    /// Whether the lookup failed for a transient reason, so that a retry may return the ARN.
    pub is_provisional: bool,
}

/// The lasting result of a lookup.
type LookupResult = Result<LookupAnswer, LookupError>;

/// Resolves principals by IAM, ECS and EKS, in the stack's account and in member accounts.
#[derive(Debug)]
pub struct Principals {
    accounts: AccountClients,
    /// Lasting results, for the life of the function. Transient failures are not cached.
    cache: Mutex<HashMap<Lookup, LookupResult>>,
}

impl Principals {
    /// An adapter for the function's own account, and for others if there is a role to assume.
    #[must_use]
    pub fn new(configuration: &aws_config::SdkConfig, own_account: String, member_role: Option<MemberRole>) -> Self {
        Self { accounts: AccountClients::new(configuration, own_account, member_role), cache: Mutex::default() }
    }

    /// Resolves the candidates, and returns the principals in the same order. Several lookups run concurrently.
    ///
    /// A failed lookup is recorded in the principal as its uncertainty; after a transient failure the principal is provisional. If one lookup
    /// in an account got no response, the others in that account are not tried.
    pub async fn resolve_all(&self, candidates: Vec<PrincipalCandidate>) -> Vec<ResolvedPrincipal> {
        let unresponsive_accounts = Mutex::default();
        stream::iter(candidates)
            .map(|candidate| self.resolve(candidate, &unresponsive_accounts))
            .buffered(MAX_CONCURRENT_LOOKUPS)
            .collect()
            .await
    }

    async fn resolve(
        &self,
        candidate: PrincipalCandidate,
        unresponsive_accounts: &Mutex<HashSet<String>>,
    ) -> ResolvedPrincipal {
        let resolved = |principal| ResolvedPrincipal { principal, is_provisional: false };
        let Some(lookup) = candidate.lookup().cloned() else { return resolved(candidate.into_current_principal()) };
        if let Some(answer) = self.cached(&lookup) {
            return resolved(candidate.resolve(answer));
        }
        if !locked(unresponsive_accounts).contains(lookup.account_id()) {
            match self.fetch(&lookup).await {
                Ok(answer) => {
                    self.cache(lookup, answer.clone());
                    return resolved(candidate.resolve(answer));
                }
                Err(failure) => {
                    tracing::warn!(account.id = lookup.account_id(), lookup = %lookup, error.message = %with_causes(&failure),
                        "the principal lookup failed for a transient reason; SQS delivers the finding again");
                    locked(unresponsive_accounts).insert(lookup.account_id().to_owned());
                }
            }
        }
        ResolvedPrincipal { principal: candidate.resolve(Err(LookupError::Unavailable)), is_provisional: true }
    }

    /// Calls the service. `Err` is a transient failure; a lasting one, such as a denied call, is a result.
    async fn fetch(&self, lookup: &Lookup) -> Result<LookupResult, ApiCallError> {
        let Some(clients) = self.accounts.clients(lookup.partition(), lookup.account_id()).await else {
            return Ok(Err(LookupError::NoRoleInAccount));
        };
        match lookups::fetch(&clients, lookup).await {
            Ok(found) => Ok(Ok(found)),
            Err(failure) => match failure.fault {
                Fault::NotFound => Ok(Err(LookupError::NotFound)),
                Fault::AccessDenied | Fault::Rejected | Fault::Conflict => {
                    tracing::warn!(account.id = lookup.account_id(), lookup = %lookup, error.message = %with_causes(&failure),
                        "the principal lookup was denied; the ARN of the finding is used; check the rights of the member role");
                    Ok(Err(LookupError::Denied))
                }
                Fault::Throttled | Fault::Unavailable => Err(failure),
            },
        }
    }

    fn cached(&self, lookup: &Lookup) -> Option<LookupResult> {
        locked(&self.cache).get(lookup).cloned()
    }

    fn cache(&self, lookup: Lookup, answer: LookupResult) {
        let mut known = locked(&self.cache);
        if known.len() >= MAX_CACHED_LOOKUPS {
            known.clear();
        }
        known.insert(lookup, answer);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
