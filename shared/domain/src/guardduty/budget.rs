//! The budget of GuardDuty's investigations: one slot for each investigation that counts toward the quota.
//!
//! GuardDuty allows 10 per day and 100 in total for each account; failed ones do not count (GuardDuty API Reference,
//! CreateInvestigation). A slot is taken by a conditional write before the call to GuardDuty, under the call's client token: a retry
//! uses the same token and takes no second slot. A slot is released if GuardDuty refused or the investigation failed.
//! ListInvestigations reconciles the budget, because people request investigations manually, and invocations crash between a call and
//! its record.
//!
//! AWS does not document what "a day" is. Here any 24 hours have at most the daily quota, so no calendar day has more.

use super::request::InvestigationRequest;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How many investigations GuardDuty allows an account per day.
pub const DAILY_QUOTA: usize = 10;
/// How many investigations GuardDuty allows an account in total.
pub const TOTAL_QUOTA: usize = 100;
/// How long a slot counts toward the daily quota: a day, plus a margin for clock skew and for the minute between taking a slot and
/// calling GuardDuty.
pub const DAILY_WINDOW: SignedDuration = SignedDuration::from_secs(24 * 3600 + 15 * 60);
/// How long an investigation of the same finding is reused instead of requesting another.
const REUSE_PERIOD: SignedDuration = SignedDuration::from_hours(24);
/// How long a slot without an investigation is kept: after that, no invocation uses it, and a created investigation is listed.
const PENDING_SLOT_TIMEOUT: SignedDuration = SignedDuration::from_hours(1);
/// The largest age of the last reconciliation when a slot is taken.
const MAX_RECONCILE_AGE: SignedDuration = SignedDuration::from_hours(1);
/// The largest age of the last reconciliation when a request is rejected.
const MAX_RECONCILE_AGE_TO_REJECT: SignedDuration = SignedDuration::from_mins(10);

/// The numbers of slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuotaLimits {
    /// In any [`DAILY_WINDOW`].
    pub per_day: usize,
    /// At any time.
    pub total: usize,
    /// How many slots of a day are reserved for Critical findings.
    pub reserved_for_critical: usize,
}

impl QuotaLimits {
    /// GuardDuty's quota, with this number of slots of a day reserved for Critical findings.
    #[must_use]
    pub fn with_reserve(kept_for_critical: usize) -> Self {
        Self { per_day: DAILY_QUOTA, total: TOTAL_QUOTA, reserved_for_critical: kept_for_critical }
    }
}

/// Why no slot is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "limit_of", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QuotaExhausted {
    /// The day's slots are taken.
    #[serde(rename = "DAY")]
    Daily {
        /// The number of slots.
        limit: usize,
    },
    /// The day's remaining slots are reserved for Critical findings.
    #[serde(rename = "KEPT")]
    ReservedForCritical {
        /// The number of reserved slots.
        #[serde(rename = "kept")]
        reserved: usize,
        /// The number of slots.
        limit: usize,
    },
    /// All slots are taken.
    #[serde(rename = "IN_ALL")]
    Total {
        /// The number of slots.
        limit: usize,
    },
}

/// The slot of an investigation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QuotaSlot {
    /// The client token; `None` for an investigation that others requested.
    pub token: Option<String>,
    /// The prompt; `None` for a prompt of others, which is not stored.
    pub prompt: Option<String>,
    /// When it was last requested.
    #[serde(rename = "at")]
    pub last_requested_at: Timestamp,
    /// The number of requests. After more than one, the investigation may exist although the last request was refused.
    #[serde(rename = "tries")]
    pub request_count: u32,
    /// GuardDuty's id, if it is known.
    pub investigation_id: Option<String>,
}

/// An investigation in the response of ListInvestigations.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListedInvestigation {
    /// GuardDuty's id.
    pub id: String,
    /// Whether it failed, and so does not count toward the quota.
    pub has_failed: bool,
    /// When the investigation began.
    pub start_time: Option<Timestamp>,
    /// The prompt.
    pub prompt: String,
}

/// The budget in the table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct QuotaBudget {
    /// The taken slots, in the order of their last requests.
    pub slots: Vec<QuotaSlot>,
    /// When the slots were last reconciled with ListInvestigations; `None` if they have to be.
    #[serde(rename = "corrected_at")]
    pub reconciled_at: Option<Timestamp>,
}

/// A conditional write of the budget.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BudgetWrite {
    /// The version that the table must have; `None`: there must be no budget.
    pub expected_version: Option<u64>,
    /// The new budget. It gets the next version.
    pub budget: QuotaBudget,
}

/// The result of requesting a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotRequest {
    /// An investigation of the same finding exists.
    Exists {
        /// GuardDuty's id.
        id: String,
        /// Whether another case requested it.
        is_of_other_case: bool,
    },
    /// GuardDuty may be called with this token after the budget is written.
    Granted {
        /// The token of the request that took the slot first.
        token: String,
        /// The budget with the slot.
        budget: QuotaBudget,
    },
    /// No slot is left.
    QuotaExhausted(QuotaExhausted),
}

impl QuotaSlot {
    /// The slot of an investigation that others requested.
    fn requested_by_others(id: String, at: Timestamp) -> Self {
        Self { token: None, prompt: None, last_requested_at: at, request_count: 0, investigation_id: Some(id) }
    }
}

impl QuotaBudget {
    /// Takes a slot, or reuses the one that was taken for the same finding.
    #[must_use]
    pub fn request_slot(&self, request: &InvestigationRequest, limits: QuotaLimits, now: Timestamp) -> SlotRequest {
        let mut budget = self.clone();
        let held = budget.slots.iter_mut().find_map(|slot| {
            let token = slot.token.clone()?; // investigations of others are not reused
            let is_same = slot.prompt.as_ref() == Some(&request.prompt)
                && !has_elapsed(slot.last_requested_at, REUSE_PERIOD, now);
            (token == request.token || is_same).then_some((slot, token))
        });
        if let Some((slot, token)) = held {
            if let Some(id) = &slot.investigation_id {
                return SlotRequest::Exists { id: id.clone(), is_of_other_case: token != request.token };
            }
            slot.last_requested_at = slot.last_requested_at.max(now);
            slot.request_count = slot.request_count.saturating_add(1);
            return match self.exhausted_by(limits, request.is_critical, now, Some(&token)) {
                Some(full) => SlotRequest::QuotaExhausted(full),
                None => SlotRequest::Granted { token, budget },
            };
        }
        if let Some(full) = self.exhausted_by(limits, request.is_critical, now, None) {
            return SlotRequest::QuotaExhausted(full);
        }
        budget.slots.push(QuotaSlot {
            token: Some(request.token.clone()),
            prompt: Some(request.prompt.clone()),
            last_requested_at: now,
            request_count: 1,
            investigation_id: None,
        });
        SlotRequest::Granted { token: request.token.clone(), budget }
    }

    /// Why no more slot is left, without counting the slot with this token.
    fn exhausted_by(
        &self,
        limits: QuotaLimits,
        critical: bool,
        now: Timestamp,
        but: Option<&str>,
    ) -> Option<QuotaExhausted> {
        let others = || self.slots.iter().filter(|slot| but.is_none() || slot.token.as_deref() != but);
        let today = others().filter(|slot| !has_elapsed(slot.last_requested_at, DAILY_WINDOW, now)).count();
        let QuotaLimits { per_day: a_day, total: in_all, reserved_for_critical: kept_for_critical } = limits;
        // A slot that is held already was granted: the reserve does not apply to it again.
        let kept = if critical || but.is_some() { 0 } else { kept_for_critical };
        if others().count() >= in_all {
            Some(QuotaExhausted::Total { limit: in_all })
        } else if today >= a_day {
            Some(QuotaExhausted::Daily { limit: a_day })
        } else if today + kept >= a_day {
            Some(QuotaExhausted::ReservedForCritical { reserved: kept, limit: a_day })
        } else {
            None
        }
    }

    /// Stores the id of the investigation that GuardDuty created for this token.
    #[must_use]
    pub fn with_created(&self, token: &str, prompt: &str, id: &str, now: Timestamp) -> Self {
        let mut budget = self.clone();
        // If it was listed before this call, it has a slot of its own.
        budget.slots.retain(|slot| slot.token.is_some() || slot.investigation_id.as_deref() != Some(id));
        if let Some(slot) = budget.slots.iter_mut().find(|slot| slot.token.as_deref() == Some(token)) {
            let other = slot.investigation_id.replace(id.to_owned()).filter(|other| other != id);
            let at = slot.last_requested_at;
            // The other is a manual one with the same prompt that was confused with this one.
            budget.slots.extend(other.map(|other| QuotaSlot::requested_by_others(other, at)));
        } else if !budget.slots.iter().any(|slot| slot.investigation_id.as_deref() == Some(id)) {
            // The slot was removed as abandoned. The investigation exists, so it counts.
            budget.slots.push(QuotaSlot {
                token: Some(token.to_owned()),
                prompt: Some(prompt.to_owned()),
                last_requested_at: now,
                request_count: 1,
                investigation_id: Some(id.to_owned()),
            });
        }
        budget
    }

    /// Releases the slot, taken at this time, whose request GuardDuty refused. The slot stays if another request may have created its
    /// investigation, or has taken it again since. The next request reconciles the budget, because the refusal may mean that it is wrong.
    #[must_use]
    pub fn without_refused(&self, token: &str, taken_at: Timestamp) -> Self {
        let is_of_this_request = |slot: &QuotaSlot| slot.request_count <= 1 && slot.last_requested_at == taken_at;
        let unfilled = |slot: &QuotaSlot| {
            slot.token.as_deref() == Some(token) && slot.investigation_id.is_none() && is_of_this_request(slot)
        };
        let slots = self.slots.iter().filter(|slot| !unfilled(slot)).cloned().collect();
        Self { slots, reconciled_at: None }
    }

    /// Releases the slot of an investigation that failed; `None` if it has no slot.
    #[must_use]
    pub fn without_failed(&self, investigation_id: &str) -> Option<Self> {
        let failed = |slot: &QuotaSlot| slot.investigation_id.as_deref() == Some(investigation_id);
        self.slots.iter().any(failed).then(|| {
            let slots = self.slots.iter().filter(|slot| !failed(slot)).cloned().collect();
            Self { slots, reconciled_at: self.reconciled_at }
        })
    }

    /// Whether the budget must be reconciled before a slot is taken.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.reconciled_at.is_none_or(|at| has_elapsed(at, MAX_RECONCILE_AGE, now))
    }

    /// Whether the budget must be reconciled before a request is rejected.
    #[must_use]
    pub fn is_too_stale_to_reject(&self, now: Timestamp) -> bool {
        self.reconciled_at.is_none_or(|at| has_elapsed(at, MAX_RECONCILE_AGE_TO_REJECT, now))
    }

    /// The budget after a reconciliation with everything that GuardDuty lists. `now` is the time before the list was read.
    ///
    /// Listed investigations that have not failed count. A slot without a listed investigation stays as long as an invocation may be
    /// using it, or as long as it counts toward the daily quota.
    #[must_use]
    pub fn reconciled(&self, listed: &[ListedInvestigation], now: Timestamp) -> Self {
        let mut own = self.slots.clone();
        let mut slots = Vec::new();
        for it in listed {
            let is_there = |slot: &QuotaSlot| slot.investigation_id.as_deref() == Some(&it.id);
            if slots.iter().any(is_there) {
                continue; // it is on two pages
            }
            let by_id = own.iter().position(is_there);
            let by_prompt = || {
                own.iter().position(|slot| {
                    let began = it.start_time.is_some_and(|start| {
                        !has_elapsed(slot.last_requested_at, PENDING_SLOT_TIMEOUT, start)
                            && !has_elapsed(start, PENDING_SLOT_TIMEOUT, slot.last_requested_at)
                    });
                    slot.investigation_id.is_none()
                        && slot.prompt.as_ref() == Some(&it.prompt)
                        && began
                        && !it.has_failed
                })
            };
            let slot = by_id.or_else(by_prompt).map(|at| own.remove(at));
            if it.has_failed {
                continue;
            }
            let began = it.start_time.unwrap_or(now);
            slots.push(match slot {
                Some(slot) => QuotaSlot {
                    investigation_id: Some(it.id.clone()),
                    last_requested_at: slot.last_requested_at.max(began),
                    ..slot
                },
                None => QuotaSlot::requested_by_others(it.id.clone(), began),
            });
        }
        let stays = |slot: &QuotaSlot| {
            !has_elapsed(
                slot.last_requested_at,
                if slot.investigation_id.is_some() { DAILY_WINDOW } else { PENDING_SLOT_TIMEOUT },
                now,
            )
        };
        slots.extend(own.into_iter().filter(stays));
        slots.sort_by_key(|slot| slot.last_requested_at);
        Self { slots, reconciled_at: Some(now) }
    }
}

/// Whether this duration has passed since.
fn has_elapsed(since: Timestamp, length: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(since) >= length
}

#[cfg(test)]
mod tests;
