//! True ARNs: what findings leave out of them is looked up in the account that owns the principal.

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

/// How many answers are kept. A function lives for some hours; more principals than that in its life are no ordinary
/// stream, and then it forgets all and begins anew.
const MAX_CACHED_LOOKUPS: usize = 10_000;

/// How many look-ups are made at a time: an attack sequence can have 400 actors.
const MAX_CONCURRENT_LOOKUPS: usize = 16;

/// Whom a lead led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedPrincipal {
    /// The principal.
    pub principal: Principal,
    /// Whether a look-up failed that may work later.
    pub is_provisional: bool,
}

/// What is known of a look-up that was made.
type LookupResult = Result<LookupAnswer, LookupError>;

/// Looks principals up: IAM, ECS and EKS, here and in member accounts.
#[derive(Debug)]
pub struct Principals {
    accounts: AccountClients,
    /// Answers for the life of the function. What failed for now is not among them.
    cache: Mutex<HashMap<Lookup, LookupResult>>,
}

impl Principals {
    /// An adapter with clients for the function's own account, and a role to take on in others where one is given.
    #[must_use]
    pub fn new(configuration: &aws_config::SdkConfig, own_account: String, member_role: Option<MemberRole>) -> Self {
        Self { accounts: AccountClients::new(configuration, own_account, member_role), cache: Mutex::default() }
    }

    /// Whom leads lead to, in their order; several are looked up at a time.
    ///
    /// What is denied or not found is told with the principal. So is what fails for now, and marked; of an account in
    /// which one look-up got no answer, no other is waited for.
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
            match self.look_up(&lookup).await {
                Ok(answer) => {
                    self.cache(lookup, answer.clone());
                    return resolved(candidate.resolve(answer));
                }
                Err(failure) => {
                    tracing::warn!(lookup = %lookup, error = %with_causes(&failure),
                        "a principal cannot be looked up for now");
                    locked(unresponsive_accounts).insert(lookup.account_id().to_owned());
                }
            }
        }
        ResolvedPrincipal { principal: candidate.resolve(Err(LookupError::Unavailable)), is_provisional: true }
    }

    /// What the service answers: found, nothing, or a refusal that will last.
    async fn look_up(&self, lookup: &Lookup) -> Result<LookupResult, ApiCallError> {
        let Some(clients) = self.accounts.clients(lookup.partition(), lookup.account_id()).await else {
            return Ok(Err(LookupError::NoRoleInAccount));
        };
        match lookups::look_up(&clients, lookup).await {
            Ok(found) => Ok(Ok(found)),
            Err(failure) => match failure.fault {
                Fault::NotFound => Ok(Err(LookupError::NotFound)),
                Fault::AccessDenied | Fault::Rejected | Fault::Conflict => {
                    tracing::warn!(lookup = %lookup, error = %with_causes(&failure),
                        "a principal cannot be looked up");
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
