//! A parsed finding whose principals are not resolved yet.

use super::{Finding, FindingError, InvalidValue, Severity, SeverityBand, parse};
use crate::principal::{
    Inference, NotInvestigableReason, Principal, PrincipalCandidate, RoleSource, StoredPrincipal, UninvestigableKind,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Maximum number of other principals in a finding; the rest are only counted.
const MAX_OTHER_PRINCIPALS: usize = 12;

/// A parsed finding and the candidates for its principals.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedFinding {
    /// Its principal is the one known without lookups.
    finding: Finding,
    /// At least one.
    candidates: Vec<PrincipalCandidate>,
    /// The candidate that is used only if no other candidate is an IAM user or role.
    fallback_index: Option<usize>,
}

impl ParsedFinding {
    /// Parses an EventBridge event, or a finding without the envelope in the camelCase of EventBridge or the PascalCase of
    /// GuardDuty's API.
    ///
    /// Unknown finding types, resource types and user types are accepted, because GuardDuty adds new ones.
    ///
    /// # Errors
    ///
    /// [`FindingError`] when the document is not a finding, with the path of what is missing or wrong.
    pub fn from_json(document: &Value) -> Result<Self, FindingError> {
        parse::parse_finding(document)
    }

    /// As [`ParsedFinding::from_json`], from text.
    ///
    /// # Errors
    ///
    /// [`FindingError`] when the text is not JSON or not a finding.
    pub fn from_text(text: &str) -> Result<Self, FindingError> {
        Self::from_json(&super::read_json(text)?)
    }

    pub(super) fn new(
        mut finding: Finding,
        candidates: Vec<PrincipalCandidate>,
        fallback_index: Option<usize>,
    ) -> Self {
        let current: Vec<&Principal> = candidates.iter().map(PrincipalCandidate::current_principal).collect();
        let subject = select_principals(&current, fallback_index, finding.severity).first().copied();
        if let Some(&principal) = subject.and_then(|index| current.get(index)) {
            finding.principal = principal.clone();
            (finding.others, finding.omitted_others) = other_principals(principal, &distinct(&current));
        }
        Self { finding, candidates, fallback_index }
    }

    /// The finding with the principal that is known without lookups.
    #[must_use]
    pub fn finding(&self) -> &Finding {
        &self.finding
    }

    /// As [`Finding::replace_invalid_values`].
    pub fn replace_invalid_values(&mut self, came_at: Timestamp) -> Vec<InvalidValue> {
        self.finding.replace_invalid_values(came_at)
    }

    /// The candidates for its principals, in the order of the finding; at least one.
    #[must_use]
    pub fn candidates(&self) -> &[PrincipalCandidate] {
        &self.candidates
    }

    /// Takes the candidates out. Resolve each to one principal and pass these to [`ParsedFinding::into_findings`].
    #[must_use]
    pub fn take_candidates(&mut self) -> Vec<PrincipalCandidate> {
        std::mem::take(&mut self.candidates)
    }

    /// One finding for each principal that gets a case. `principals` are the resolved candidates, in the same order.
    ///
    /// Each IAM user and role gets a finding that names the others. If there is no IAM user or role, there is one finding about
    /// the actor that is most informative for an analyst. An ignored service-linked role is used only if there is no other actor.
    /// There is always at least one finding.
    #[must_use]
    pub fn into_findings(self, principals: Vec<Principal>) -> Vec<Finding> {
        let all: Vec<&Principal> = principals.iter().collect();
        let distinct = distinct(&all);
        let about = |index: usize| {
            let &principal = all.get(index)?;
            let (others, omitted_others) = other_principals(principal, &distinct);
            let mut principal = principal.clone();
            if self.fallback_index == Some(index) {
                mark_node_role_as_inferred(&mut principal, &all);
            } else if self.finding.uses_host_network
                && let Some(entity) = principal.entity_mut()
            {
                entity.mark_inferred(Inference::HostNetwork);
            }
            Some(Finding { principal, others, omitted_others, ..self.finding.clone() })
        };
        let findings: Vec<Finding> =
            select_principals(&all, self.fallback_index, self.finding.severity).into_iter().filter_map(about).collect();
        if findings.is_empty() { vec![self.finding] } else { findings }
    }

    /// The finding about its first principal, without lookups.
    #[must_use]
    pub fn into_finding_without_lookups(self) -> Finding {
        self.finding
    }
}

/// Whether a finding of that severity about the principal opens no case: a confirmed service-linked role, below severity High.
pub(crate) fn is_ignored_service_linked_role(principal: &Principal, severity: Severity) -> bool {
    principal.is_service_linked_role() && severity.band() < SeverityBand::High
}

/// The indexes of the principals that get a finding of their own.
fn select_principals(principals: &[&Principal], fallback_index: Option<usize>, severity: Severity) -> Vec<usize> {
    let mut known: HashMap<(bool, &str, &str), usize> = HashMap::new();
    let mut subjects: Vec<usize> = Vec::new();
    for (index, principal) in principals.iter().enumerate() {
        let Some(entity) = principal.entity() else { continue };
        if is_ignored_service_linked_role(principal, severity) {
            continue;
        }
        if fallback_index == Some(index) && (!subjects.is_empty() || principals.iter().any(|it| has_failed_lookup(it)))
        {
            continue;
        }
        let is_role = matches!(principal, Principal::IamRole(_));
        let place = *known.entry((is_role, &entity.account_id, &entity.name)).or_insert(subjects.len());
        let certain =
            |index: usize| principals.get(index).and_then(|it| it.entity()).is_some_and(|entity| entity.is_arn_certain);
        match subjects.get_mut(place) {
            None => subjects.push(index),
            Some(before) if entity.is_arn_certain && !certain(*before) => *before = index,
            Some(_) => {}
        }
    }
    if subjects.is_empty() {
        subjects.extend(most_informative(principals));
    }
    subjects
}

/// Whether there may be a role: the lookup for it failed, or its answer was unexpected.
fn has_failed_lookup(principal: &Principal) -> bool {
    matches!(
        principal.reason(),
        Some(NotInvestigableReason::NotLookedUp { why: Some(_), .. } | NotInvestigableReason::UnexpectedAnswer { .. })
    )
}

/// A pod without a Pod Identity association may still have a role of its own, by an annotation in its cluster, which is not
/// looked up. So the node's role is only inferred.
fn mark_node_role_as_inferred(principal: &mut Principal, all: &[&Principal]) {
    let is_pod =
        |it: &&Principal| matches!(it.reason(), Some(NotInvestigableReason::NoRole { part: RoleSource::Cluster, .. }));
    if all.iter().any(is_pod)
        && let Some(entity) = principal.entity_mut()
    {
        entity.mark_inferred(Inference::PodNode);
    }
}

/// The most informative principal if none can be investigated: an actor of the lowest rank, or else a service-linked role.
fn most_informative(principals: &[&Principal]) -> Option<usize> {
    let rank = |principal: &Principal| match principal {
        Principal::NotInvestigable(other) if other.kind == UninvestigableKind::None => u8::MAX,
        Principal::NotInvestigable(other) => other.kind.rank(),
        Principal::IamUser(_) | Principal::IamRole(_) => u8::MAX - 1,
    };
    (0..principals.len()).min_by_key(|&index| principals.get(index).map(|it| rank(it)))
}

/// The principals without duplicates.
fn distinct<'a>(principals: &[&'a Principal]) -> Vec<&'a Principal> {
    let mut known = HashSet::new();
    principals.iter().copied().filter(|principal| known.insert(principal.identity())).collect()
}

/// All principals except `subject`: the first [`MAX_OTHER_PRINCIPALS`], and the number of those omitted.
fn other_principals(subject: &Principal, distinct: &[&Principal]) -> (Vec<StoredPrincipal>, usize) {
    let own = subject.identity();
    let others = distinct.iter().filter(|it| it.identity() != own).take(MAX_OTHER_PRINCIPALS);
    let others: Vec<StoredPrincipal> = others.map(|it| StoredPrincipal::of(it)).collect();
    let omitted = distinct.len().saturating_sub(others.len() + 1);
    (others, omitted)
}

#[cfg(test)]
mod tests;
