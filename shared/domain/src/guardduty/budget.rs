//! How many investigations may be asked for: a counter that knows what it counts.
//!
//! GuardDuty allows 10 a day and 100 in all for each account, those that failed not counted (GuardDuty API Reference,
//! CreateInvestigation). So each investigation has a slot. It is taken by a conditional write before GuardDuty is asked,
//! under the token that GuardDuty is asked with: whoever asks again, asks under the same token and takes no second slot.
//! It is given back when GuardDuty refused or the investigation failed. ListInvestigations corrects what has drifted:
//! people ask by hand, and invocations die between a call and its record.
//!
//! What "a day" is, nobody documents. Any 24 hours hold at most as many as a day here, so no day of any calendar holds
//! more.

use super::request::InvestigationRequest;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How many investigations GuardDuty allows an account in a day.
pub const DAILY_QUOTA: usize = 10;
/// How many it allows an account in all.
pub const TOTAL_QUOTA: usize = 100;
/// How long a slot counts towards a day: a day, and room for clocks that differ and for the minute that an invocation may
/// take from taking a slot to asking.
pub const DAILY_WINDOW: SignedDuration = SignedDuration::from_secs(24 * 3600 + 15 * 60);
/// For how long an investigation of the same finding is used again instead of asking for another.
const REUSE_PERIOD: SignedDuration = SignedDuration::from_hours(24);
/// How long a slot stays without an investigation: nobody is asking under it any more, and what was created is listed.
const PENDING_SLOT_TIMEOUT: SignedDuration = SignedDuration::from_hours(1);
/// How old a correction may be when a slot is taken.
const MAX_RECONCILE_AGE: SignedDuration = SignedDuration::from_hours(1);
/// How old it may be when a slot is refused.
const MAX_RECONCILE_AGE_TO_REJECT: SignedDuration = SignedDuration::from_mins(10);

/// How many slots there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuotaLimits {
    /// In any [`WINDOW`].
    pub per_day: usize,
    /// At any time.
    pub total: usize,
    /// How many of a day's are for Critical findings only.
    pub reserved_for_critical: usize,
}

impl QuotaLimits {
    /// GuardDuty's, with so many slots of a day kept for Critical findings.
    #[must_use]
    pub fn with_reserve(kept_for_critical: usize) -> Self {
        Self { per_day: DAILY_QUOTA, total: TOTAL_QUOTA, reserved_for_critical: kept_for_critical }
    }
}

/// Why no slot is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "limit_of", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QuotaExhausted {
    /// Those of the day are taken.
    #[serde(rename = "DAY")]
    Daily {
        /// How many there are.
        limit: usize,
    },
    /// Those of the day that are left are kept for Critical findings.
    #[serde(rename = "KEPT")]
    ReservedForCritical {
        /// How many are kept.
        #[serde(rename = "kept")]
        reserved: usize,
        /// How many there are.
        limit: usize,
    },
    /// All are taken.
    #[serde(rename = "IN_ALL")]
    Total {
        /// How many there are.
        limit: usize,
    },
}

/// One investigation that counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QuotaSlot {
    /// The token that GuardDuty is asked under; nothing for what others asked.
    pub token: Option<String>,
    /// What is asked; nothing where that is somebody else's own text, which is not kept.
    pub prompt: Option<String>,
    /// When it was last asked for.
    #[serde(rename = "at")]
    pub last_requested_at: Timestamp,
    /// How often it was. What was asked for more than once may exist although the last answer was no.
    #[serde(rename = "tries")]
    pub request_count: u32,
    /// GuardDuty's id, once that is known.
    pub investigation_id: Option<String>,
}

/// An investigation as ListInvestigations tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListedInvestigation {
    /// GuardDuty's id.
    pub id: String,
    /// Whether it failed, and so does not count.
    pub has_failed: bool,
    /// When it began.
    pub start_time: Option<Timestamp>,
    /// What was asked.
    pub prompt: String,
}

/// What the table holds of the slots.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct QuotaBudget {
    /// Those that are taken, in the order of their taking.
    pub slots: Vec<QuotaSlot>,
    /// When ListInvestigations was last held against them; nothing when it has to be.
    #[serde(rename = "corrected_at")]
    pub reconciled_at: Option<Timestamp>,
}

/// A conditional write of the budget.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BudgetWrite {
    /// The version that must be there; nothing: there must be none.
    pub expected_version: Option<u64>,
    /// What is there then, under the next version.
    pub budget: QuotaBudget,
}

/// What comes of asking for a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotRequest {
    /// There is an investigation of the same already.
    Exists {
        /// GuardDuty's id.
        id: String,
        /// Whether another case asked for it.
        is_of_other_case: bool,
    },
    /// GuardDuty may be asked under this token, once the budget is written.
    Granted {
        /// The token: of whoever took the slot first.
        token: String,
        /// The budget with the slot.
        budget: QuotaBudget,
    },
    /// No slot is left.
    QuotaExhausted(QuotaExhausted),
}

impl QuotaSlot {
    /// The slot of what others asked.
    fn requested_by_others(id: String, at: Timestamp) -> Self {
        Self { token: None, prompt: None, last_requested_at: at, request_count: 0, investigation_id: Some(id) }
    }
}

impl QuotaBudget {
    /// Takes a slot, or finds the one that was taken for the same.
    #[must_use]
    pub fn request_slot(&self, request: &InvestigationRequest, limits: QuotaLimits, now: Timestamp) -> SlotRequest {
        let mut budget = self.clone();
        let held = budget.slots.iter_mut().find_map(|slot| {
            let token = slot.token.clone()?; // what others asked is not used again
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

    /// Why nothing more fits beside what is taken, the slot of that token not counted.
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
        // A slot that is held already was not refused to what is not Critical: it is asked for again as it is.
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

    /// Notes what GuardDuty answered to that token.
    #[must_use]
    pub fn with_created(&self, token: &str, prompt: &str, id: &str, now: Timestamp) -> Self {
        let mut budget = self.clone();
        // It may have been listed before this: then it has a slot of its own by now.
        budget.slots.retain(|slot| slot.token.is_some() || slot.investigation_id.as_deref() != Some(id));
        if let Some(slot) = budget.slots.iter_mut().find(|slot| slot.token.as_deref() == Some(token)) {
            let other = slot.investigation_id.replace(id.to_owned()).filter(|other| other != id);
            let at = slot.last_requested_at;
            // Somebody else's in the same words, which was taken for this one.
            budget.slots.extend(other.map(|other| QuotaSlot::requested_by_others(other, at)));
        } else if !budget.slots.iter().any(|slot| slot.investigation_id.as_deref() == Some(id)) {
            // It was taken for abandoned. What exists counts.
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

    /// Gives back the slot, taken at that moment, that GuardDuty refused to fill; nothing changes where somebody else may have
    /// filled it, or has taken it anew since. Whatever the refusal means for what is counted, the next who asks looks it up.
    #[must_use]
    pub fn without_refused(&self, token: &str, taken_at: Timestamp) -> Self {
        let of_this_try = |slot: &QuotaSlot| slot.request_count <= 1 && slot.last_requested_at == taken_at;
        let unfilled = |slot: &QuotaSlot| {
            slot.token.as_deref() == Some(token) && slot.investigation_id.is_none() && of_this_try(slot)
        };
        let slots = self.slots.iter().filter(|slot| !unfilled(slot)).cloned().collect();
        Self { slots, reconciled_at: None }
    }

    /// Gives back the slot of an investigation that failed; nothing when none is held for it.
    #[must_use]
    pub fn without_failed(&self, investigation_id: &str) -> Option<Self> {
        let failed = |slot: &QuotaSlot| slot.investigation_id.as_deref() == Some(investigation_id);
        self.slots.iter().any(failed).then(|| {
            let slots = self.slots.iter().filter(|slot| !failed(slot)).cloned().collect();
            Self { slots, reconciled_at: self.reconciled_at }
        })
    }

    /// Whether ListInvestigations has to be held against it before a slot is taken.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.reconciled_at.is_none_or(|at| has_elapsed(at, MAX_RECONCILE_AGE, now))
    }

    /// Whether ListInvestigations has to be held against it before a slot is refused.
    #[must_use]
    pub fn is_too_stale_to_reject(&self, now: Timestamp) -> bool {
        self.reconciled_at.is_none_or(|at| has_elapsed(at, MAX_RECONCILE_AGE_TO_REJECT, now))
    }

    /// What it is by all that GuardDuty lists. `now` is from before the list was read.
    ///
    /// What is listed and has not failed counts. A slot that nothing listed fits stays for as long as somebody may be asking
    /// under it, or as it would count towards a day.
    #[must_use]
    pub fn reconciled(&self, listed: &[ListedInvestigation], now: Timestamp) -> Self {
        let mut own = self.slots.clone();
        let mut slots = Vec::new();
        for it in listed {
            let is_there = |slot: &QuotaSlot| slot.investigation_id.as_deref() == Some(&it.id);
            if slots.iter().any(is_there) {
                continue; // it was on two pages
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

/// Whether so much time has passed since.
fn has_elapsed(since: Timestamp, length: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(since) >= length
}

#[cfg(test)]
mod tests;
