//! All findings: where they are, and who sees and changes them.

use std::collections::BTreeMap;

use crate::account_region::{is_account, is_region};
use crate::scenario::joined;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::finding::{self, Finding};
use super::organization_role::OrganizationRole;
use super::state::State;
use crate::protocol::error::AwsError;
use crate::world::{AccountRegion, AccountRegionFilter};

/// The findings of all detectors.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Findings {
    /// By the place of the detector, then by id.
    by_place: BTreeMap<AccountRegion, BTreeMap<String, Finding>>,
    last_number: u64,
}

/// Why a finding was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FindingError {
    /// Where in what was given, such as `[1].detail.severity`.
    pub(crate) path: String,
    /// The problem.
    pub(crate) what: String,
}

impl Findings {
    /// Stores a finding. One of the same id in the same place is replaced.
    fn put(&mut self, place: AccountRegion, id: String, document: Value) {
        let findings = self.by_place.entry(place).or_default();
        match findings.get_mut(&id) {
            Some(finding) => finding.document = document,
            None => {
                self.last_number += 1;
                findings.insert(id, Finding { number: self.last_number, document });
            }
        }
    }

    pub(super) fn continue_ids_from(&mut self, before: &Self) {
        self.last_number = before.last_number;
    }
}

impl State {
    /// Stores findings, all or none: one, a list, or EventBridge events with findings. `places` sets their account and Region;
    /// what it leaves open follows from each finding.
    ///
    /// # Errors
    /// The first thing that is wrong with them.
    pub(crate) fn add_findings(&mut self, places: &AccountRegionFilter, given: Value) -> Result<(), FindingError> {
        let items = match given {
            Value::Array(items) => items.into_iter().enumerate().map(|(at, item)| (format!("[{at}]"), item)).collect(),
            item => vec![(String::new(), item)],
        };
        let mut checked = Vec::new();
        for (path, item) in items {
            let (path, document) = opened(path, item)?;
            finding::check(&document).map_err(|(name, what)| FindingError { path: joined(&path, &name), what })?;
            let member = |given: &Option<String>, name: &str| {
                let own = document.get(name).and_then(Value::as_str).unwrap_or_default();
                given.as_deref().unwrap_or(own).to_owned()
            };
            let (account, region) = (member(&places.account, "accountId"), member(&places.region, "region"));
            if !is_account(&account) || !is_region(&region) {
                let what = format!("{account} in {region} is no place for it: give 12 digits and a Region");
                return Err(FindingError { path, what });
            }
            let id = member(&None, "id");
            checked.push((AccountRegion::new(account, region), id, document));
        }
        for (place, id, document) in checked {
            self.findings.put(place, id, document);
        }
        Ok(())
    }

    /// Stores a sample finding, or counts one more occurrence of the one that is there.
    // assumed: an occurrence more moves count, updatedAt and eventLastSeen, and nothing else.
    pub(super) fn add_sample(&mut self, place: &AccountRegion, document: Value) {
        let id = document.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let there = self.findings.by_place.get_mut(place).and_then(|findings| findings.get_mut(&id));
        match there {
            None => self.findings.put(place.clone(), id, document),
            Some(finding) => {
                let count = finding.document.pointer("/service/count").and_then(Value::as_u64).unwrap_or_default();
                finding.set_service("count", count.saturating_add(1).into());
                if let Some(now) = document.get("updatedAt") {
                    finding.set_service("eventLastSeen", now.clone());
                    if let Some(members) = finding.document.as_object_mut() {
                        members.insert("updatedAt".into(), now.clone());
                    }
                }
            }
        }
    }

    /// The findings that an account sees in a Region, by id: its own, and an administrator those of its organization.
    // assumed: of two findings of the same id an administrator sees its own.
    pub(super) fn visible_findings(
        &self,
        place: &AccountRegion,
        role: OrganizationRole<'_>,
    ) -> BTreeMap<&str, &Finding> {
        let places = self.findings.by_place.iter().filter(|(other, _)| self.is_visible(place, other, role));
        let (own, others): (Vec<_>, Vec<_>) = places.partition(|(other, _)| *other == place);
        let findings = others.into_iter().chain(own).flat_map(|(_, findings)| findings);
        findings.map(|(id, finding)| (id.as_str(), finding)).collect()
    }

    /// Sets a member of `service` of each of these findings, or of none.
    ///
    /// # Errors
    /// BadRequestException when the account does not see one of them.
    // assumed: the error, that it names the id, and that nothing is changed then. updatedAt stays: it is the time
    // when GuardDuty last saw activity.
    pub(super) fn mark(
        &mut self,
        place: &AccountRegion,
        role: OrganizationRole<'_>,
        ids: &[String],
        member: &str,
        value: &Value,
    ) -> Result<(), AwsError> {
        let mut marked = Vec::new();
        for id in ids {
            let holds = |other: &&AccountRegion| {
                self.is_visible(place, other, role)
                    && self.findings.by_place.get(other).is_some_and(|findings| findings.contains_key(id))
            };
            let others = self.findings.by_place.keys().filter(|other| *other != place);
            let found = std::iter::once(place).chain(others).find(holds).ok_or_else(|| {
                AwsError::bad_request(format!("The request is rejected because there is no finding with the id {id}."))
            })?;
            marked.push((found.clone(), id));
        }
        for (place, id) in marked {
            let finding = self.findings.by_place.get_mut(&place).and_then(|findings| findings.get_mut(id));
            if let Some(finding) = finding {
                finding.set_service(member, value.clone());
            }
        }
        Ok(())
    }

    /// All findings with their places, by id within a place.
    pub(crate) fn findings(&self) -> impl Iterator<Item = (&AccountRegion, &Value)> {
        let all = self.findings.by_place.iter();
        all.flat_map(|(place, findings)| findings.values().map(move |finding| (place, &finding.document)))
    }

    fn is_visible(&self, place: &AccountRegion, other: &AccountRegion, role: OrganizationRole<'_>) -> bool {
        role.can_see(place, other) && self.has_detector(other)
    }
}

/// The finding that an event of EventBridge carries, and its path; or what was given, if it is no event.
fn opened(path: String, mut item: Value) -> Result<(String, Value), FindingError> {
    let Some(kind) = item.get("detail-type") else { return Ok((path, item)) };
    if kind != "GuardDuty Finding" {
        let what = "must be \"GuardDuty Finding\" in an event that carries one".into();
        return Err(FindingError { path: joined(&path, "detail-type"), what });
    }
    let detail = item.get_mut("detail").map(Value::take).unwrap_or_default();
    Ok((joined(&path, "detail"), detail))
}
