//! A finding whose principals are still to be settled.

use super::{Finding, FindingError, parse};
use crate::principal::{Lead, OtherKind, Principal};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// How many other principals a finding names; the rest are counted.
const NAMED: usize = 12;

/// What was read of a finding, and the leads to whoever stands behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The finding, its principal as far as it is known without any look-up.
    known: Finding,
    /// At least one.
    leads: Vec<Lead>,
    /// The lead that counts only where none of the others leads to an IAM user or role.
    standby: Option<usize>,
}

impl Reading {
    /// Reads a finding from an EventBridge envelope, or from a bare finding in the camelCase of EventBridge or the
    /// PascalCase of GuardDuty's API.
    ///
    /// Nothing unknown is an error: types, resource types and user types that do not exist yet pass.
    ///
    /// # Errors
    ///
    /// [`FindingError`] when the document is not a finding, with the path of what is missing or wrong.
    pub fn from_json(document: &Value) -> Result<Self, FindingError> {
        parse::reading(document)
    }

    /// The same, from text.
    ///
    /// # Errors
    ///
    /// [`FindingError`] when the text is not JSON or not a finding.
    pub fn from_text(text: &str) -> Result<Self, FindingError> {
        let document = serde_json::from_str(text).map_err(FindingError::NotJson)?;
        Self::from_json(&document)
    }

    pub(super) fn new(mut known: Finding, leads: Vec<Lead>, standby: Option<usize>) -> Self {
        let so_far: Vec<&Principal> = leads.iter().map(Lead::so_far).collect();
        let subject = subjects(&so_far, standby).first().copied();
        if let Some(&principal) = subject.and_then(|index| so_far.get(index)) {
            known.principal = principal.clone();
            known.others = named_beside(Some(principal), &in_words(&so_far));
        }
        Self { known, leads, standby }
    }

    /// The finding as far as it is known without any look-up.
    #[must_use]
    pub fn known(&self) -> &Finding {
        &self.known
    }

    /// The leads to whoever stands behind it, in the order of the finding; at least one.
    #[must_use]
    pub fn leads(&self) -> &[Lead] {
        &self.leads
    }

    /// Takes the leads out to resolve them, one principal for each, for [`Reading::about`].
    #[must_use]
    pub fn take_leads(&mut self) -> Vec<Lead> {
        std::mem::take(&mut self.leads)
    }

    /// The findings about these principals, which the leads were resolved to, in the same order.
    ///
    /// There is one for each IAM user and role, naming the others. The rest are only named, unless there is no IAM user
    /// or role: then there is one finding about whoever of them tells an analyst most. Service-linked roles give way to
    /// anybody else, as nobody is to be investigated for them. There is always at least one.
    #[must_use]
    pub fn about(self, principals: Vec<Principal>) -> Vec<Finding> {
        let all: Vec<&Principal> = principals.iter().collect();
        let words = in_words(&all);
        let about = |index: usize| {
            let &principal = all.get(index)?;
            let others = named_beside(Some(principal), &words);
            Some(Finding { principal: principal.clone(), others, ..self.known.clone() })
        };
        let findings: Vec<Finding> = subjects(&all, self.standby).into_iter().filter_map(about).collect();
        if findings.is_empty() { vec![self.known] } else { findings }
    }

    /// The finding about its first principal, without any look-up.
    #[must_use]
    pub fn without_look_ups(self) -> Finding {
        self.known
    }
}

/// Which of the principals get a finding of their own, by index.
fn subjects(principals: &[&Principal], standby: Option<usize>) -> Vec<usize> {
    let mut known: HashMap<(bool, &str, &str), usize> = HashMap::new();
    let mut subjects: Vec<usize> = Vec::new();
    for (index, principal) in principals.iter().enumerate() {
        let Some(entity) = principal.entity() else { continue };
        if principal.is_service_linked_role() || (standby == Some(index) && !subjects.is_empty()) {
            continue;
        }
        let is_role = matches!(principal, Principal::IamRole(_));
        let place = *known.entry((is_role, &entity.account_id, &entity.name)).or_insert(subjects.len());
        let certain =
            |index: usize| principals.get(index).and_then(|it| it.entity()).is_some_and(|entity| entity.arn_is_certain);
        match subjects.get_mut(place) {
            None => subjects.push(index),
            Some(before) if entity.arn_is_certain && !certain(*before) => *before = index,
            Some(_) => {}
        }
    }
    if subjects.is_empty() {
        subjects.extend(most_telling(principals));
    }
    subjects
}

/// Of principals that none is investigated of: somebody, else a service-linked role, else nobody.
fn most_telling(principals: &[&Principal]) -> Option<usize> {
    let rank = |principal: &Principal| match principal {
        Principal::NotInvestigable(other) if other.kind == OtherKind::None => u8::MAX,
        Principal::NotInvestigable(other) => other.kind.rank(),
        Principal::IamUser(_) | Principal::IamRole(_) => u8::MAX - 1,
    };
    (0..principals.len()).min_by_key(|&index| principals.get(index).map(|it| rank(it)))
}

/// The principals in words, each once.
fn in_words(principals: &[&Principal]) -> Vec<String> {
    let mut known = HashSet::new();
    principals.iter().map(|principal| principal.in_words()).filter(|words| known.insert(words.clone())).collect()
}

/// All but that one; the first few by name.
fn named_beside(subject: Option<&Principal>, words: &[String]) -> Vec<String> {
    let own = subject.map(Principal::in_words);
    let mut others: Vec<String> = words.iter().filter(|&it| Some(it) != own.as_ref()).take(NAMED).cloned().collect();
    let left_out = words.len().saturating_sub(others.len()).saturating_sub(usize::from(own.is_some()));
    if left_out > 0 {
        others.push(format!("and {left_out} more"));
    }
    others
}

#[cfg(test)]
mod tests;
