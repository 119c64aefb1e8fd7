//! True ARNs: what findings leave out of them is looked up in the account that owns the principal.

mod account;
mod calls;
#[cfg(test)]
mod tests;

use crate::error::CallFailed;
use account::Accounts;
pub use account::MemberRole;
use futures_util::{StreamExt, stream};
use gumshoe_domain::error::{Fault, with_causes};
use gumshoe_domain::principal::{Lookup, LookupAnswer, LookupError, Principal, PrincipalCandidate};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many answers are kept. A function lives for some hours; more principals than that in its life are no ordinary
/// stream, and then it forgets all and begins anew.
const KEPT: usize = 10_000;

/// How many look-ups are made at a time: an attack sequence can have 400 actors.
const AT_A_TIME: usize = 16;

/// Whom a lead led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The principal.
    pub principal: Principal,
    /// Whether a look-up failed that may work later.
    pub for_now: bool,
}

/// What is known of a look-up that was made.
type Answer = Result<LookupAnswer, LookupError>;

/// Looks principals up: IAM, ECS and EKS, here and in member accounts.
#[derive(Debug)]
pub struct Principals {
    accounts: Accounts,
    /// Answers for the life of the function. What failed for now is not among them.
    known: Mutex<HashMap<Lookup, Answer>>,
}

impl Principals {
    /// An adapter with clients for the function's own account, and a role to take on in others where one is given.
    #[must_use]
    pub fn new(configuration: &aws_config::SdkConfig, own_account: String, member_role: Option<MemberRole>) -> Self {
        Self { accounts: Accounts::new(configuration, own_account, member_role), known: Mutex::default() }
    }

    /// Whom leads lead to, in their order; several are looked up at a time.
    ///
    /// What is denied or not found is told with the principal. So is what fails for now, and marked; of an account in
    /// which one look-up got no answer, no other is waited for.
    pub async fn resolve_all(&self, candidates: Vec<PrincipalCandidate>) -> Vec<Resolved> {
        let silent = Mutex::default();
        stream::iter(candidates).map(|candidate| self.resolve(candidate, &silent)).buffered(AT_A_TIME).collect().await
    }

    async fn resolve(&self, candidate: PrincipalCandidate, silent: &Mutex<HashSet<String>>) -> Resolved {
        let settled = |principal| Resolved { principal, for_now: false };
        let Some(lookup) = candidate.lookup().cloned() else { return settled(candidate.into_current_principal()) };
        if let Some(answer) = self.known(&lookup) {
            return settled(candidate.resolve(answer));
        }
        if !locked(silent).contains(lookup.account_id()) {
            match self.ask(&lookup).await {
                Ok(answer) => {
                    self.keep(lookup, answer.clone());
                    return settled(candidate.resolve(answer));
                }
                Err(failure) => {
                    tracing::warn!(lookup = %lookup, error = %with_causes(&failure),
                        "a principal cannot be looked up for now");
                    locked(silent).insert(lookup.account_id().to_owned());
                }
            }
        }
        Resolved { principal: candidate.resolve(Err(LookupError::Unavailable)), for_now: true }
    }

    /// What the service answers: found, nothing, or a refusal that will last.
    async fn ask(&self, lookup: &Lookup) -> Result<Answer, CallFailed> {
        let Some(clients) = self.accounts.clients(lookup.partition(), lookup.account_id()).await else {
            return Ok(Err(LookupError::NoRoleInAccount));
        };
        match calls::ask(&clients, lookup).await {
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

    fn known(&self, lookup: &Lookup) -> Option<Answer> {
        locked(&self.known).get(lookup).cloned()
    }

    fn keep(&self, lookup: Lookup, answer: Answer) {
        let mut known = locked(&self.known);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(lookup, answer);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
