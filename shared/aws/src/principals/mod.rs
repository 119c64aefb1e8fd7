//! True ARNs: what findings leave out of them is looked up in the account that owns the principal.

mod account;
mod calls;
#[cfg(test)]
mod tests;

use crate::error::{CallFailed, Fault, with_causes};
use crate::step::StepError;
use account::Accounts;
pub use account::MemberRole;
use gumshoe_domain::principal::{Found, Lead, Lookup, NotLookedUp, Principal};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many answers are kept. A function lives for some hours; more principals than that in its life are no ordinary
/// stream, and then it forgets all and begins anew.
const KEPT: usize = 10_000;

/// What is known of a look-up that was made.
type Answer = Result<Found, NotLookedUp>;

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

    /// Whom a lead leads to. What is denied or not found is told with the principal; what failed for now too, unless the
    /// caller would rather try again later.
    ///
    /// # Errors
    ///
    /// Only with `or_later`: a call that was throttled or got no answer.
    pub async fn resolve(&self, lead: Lead, or_later: bool) -> Result<Principal, StepError> {
        let Some(lookup) = lead.lookup().cloned() else { return Ok(lead.resolve(Ok(Found::Nothing))) };
        let answer = match self.known(&lookup) {
            Some(answer) => answer,
            None => match self.ask(&lookup).await {
                Ok(answer) => {
                    self.keep(lookup, answer.clone());
                    answer
                }
                Err(failure) if or_later => return Err(StepError::Principals(failure)),
                Err(failure) => {
                    tracing::warn!(lookup = %lookup, error = %with_causes(&failure), "a principal is not looked up for now");
                    Err(NotLookedUp::Unavailable)
                }
            },
        };
        Ok(lead.resolve(answer))
    }

    /// What the service answers: found, nothing, or a refusal that will last.
    async fn ask(&self, lookup: &Lookup) -> Result<Answer, CallFailed> {
        let Some(clients) = self.accounts.clients(lookup.partition(), lookup.account_id()).await else {
            return Ok(Err(NotLookedUp::NoRoleThere));
        };
        match calls::ask(&clients, lookup).await {
            Ok(found) => Ok(Ok(found)),
            Err(failure) => match failure.fault {
                Fault::NotFound => Ok(Err(NotLookedUp::NotFound)),
                Fault::AccessDenied | Fault::Rejected | Fault::Conflict => {
                    tracing::warn!(lookup = %lookup, error = %with_causes(&failure),
                        "a principal cannot be looked up");
                    Ok(Err(NotLookedUp::Denied))
                }
                Fault::Throttled | Fault::Unavailable => Err(failure),
            },
        }
    }

    fn known(&self, lookup: &Lookup) -> Option<Answer> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(lookup).cloned()
    }

    fn keep(&self, lookup: Lookup, answer: Answer) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(lookup, answer);
    }
}
