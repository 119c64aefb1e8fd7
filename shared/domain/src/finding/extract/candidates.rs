//! The candidates of one finding, without duplicates.

use crate::principal::{Certainty, Inference, Lookup, Principal, PrincipalCandidate, UninvestigableKind};
use std::collections::HashMap;

/// Candidates in the order of the finding.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    candidates: Vec<PrincipalCandidate>,
    known: HashMap<Key, usize>,
    fallback_index: Option<usize>,
}

/// Identifies candidates for the same principal. The names of users, and those of roles, are unique in an account, regardless of
/// their paths.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Iam { is_role: bool, account_id: String, name: String },
    Lookup(Lookup),
    Other { kind: UninvestigableKind, account_id: Option<String>, name: Option<String> },
}

impl Key {
    fn of(candidate: &PrincipalCandidate) -> Self {
        match (candidate.current_principal(), candidate.lookup()) {
            (Principal::IamUser(entity), _) => {
                Self::Iam { is_role: false, account_id: entity.account_id.clone(), name: entity.name.clone() }
            }
            (Principal::IamRole(entity), _) => {
                Self::Iam { is_role: true, account_id: entity.account_id.clone(), name: entity.name.clone() }
            }
            (Principal::NotInvestigable(_), Some(lookup)) => Self::Lookup(lookup.clone()),
            (Principal::NotInvestigable(other), None) => {
                Self::Other { kind: other.kind, account_id: other.account_id.clone(), name: other.name.clone() }
            }
        }
    }
}

impl Candidates {
    pub(crate) fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// Adds a candidate, or merges it into the one for the same principal. Two candidates of one name with different unique ids
    /// stay separate: the user or role was recreated, or an attacker chose the name.
    pub(crate) fn push(&mut self, candidate: PrincipalCandidate) {
        let index = *self.known.entry(Key::of(&candidate)).or_insert(self.candidates.len());
        match self.candidates.get_mut(index) {
            Some(known) if have_different_ids(known, &candidate) => self.candidates.push(candidate),
            Some(known) => merge(known, candidate),
            None => self.candidates.push(candidate),
        }
    }

    /// Adds a candidate that is used only if no other candidate is an IAM user or role.
    pub(crate) fn push_fallback(&mut self, candidate: PrincipalCandidate) {
        let before = self.candidates.len();
        self.push(candidate);
        if before > 0 && self.candidates.len() > before {
            self.fallback_index = Some(before);
        }
    }

    /// The candidates, and the index of the one that was added by [`Candidates::push_fallback`].
    pub(crate) fn into_parts(self) -> (Vec<PrincipalCandidate>, Option<usize>) {
        (self.candidates, self.fallback_index)
    }
}

/// Whether both have a unique id and these differ.
fn have_different_ids(one: &PrincipalCandidate, other: &PrincipalCandidate) -> bool {
    let ids = (one.current_principal().entity(), other.current_principal().entity());
    let (Some(one), Some(other)) = ids else { return false };
    one.unique_id.is_some() && other.unique_id.is_some() && one.unique_id != other.unique_id
}

/// Keeps the candidate without a lookup, with the unique id and the session of either.
fn merge(known: &mut PrincipalCandidate, mut new: PrincipalCandidate) {
    let better = known.lookup().is_some() && new.lookup().is_none();
    if better {
        std::mem::swap(known, &mut new);
    }
    let (PrincipalCandidate::Resolved(known) | PrincipalCandidate::NeedsLookup { fallback: known, .. }) = known;
    let (Principal::IamUser(known) | Principal::IamRole(known)) = known else { return };
    if let Some(new) = new.current_principal().entity() {
        known.unique_id = known.unique_id.take().or_else(|| new.unique_id.clone());
        known.session_name = known.session_name.take().or_else(|| new.session_name.clone());
        // AWS's own data about the caller confirms a name that comes from a cluster.
        if known.certainty == Certainty::Inferred(Inference::KubernetesName) {
            known.certainty = new.certainty;
        }
    }
}
