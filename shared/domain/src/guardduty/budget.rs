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

use super::request::Request;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How many investigations GuardDuty allows an account in a day.
pub const A_DAY: usize = 10;
/// How many it allows an account in all.
pub const IN_ALL: usize = 100;
/// How long a slot counts towards a day: a day, and room for clocks that differ and for the minute that an invocation may
/// take from taking a slot to asking.
pub const WINDOW: SignedDuration = SignedDuration::from_secs(24 * 3600 + 15 * 60);
/// For how long an investigation of the same finding is used again instead of asking for another.
const REUSED: SignedDuration = SignedDuration::from_hours(24);
/// How long a slot stays without an investigation: nobody is asking under it any more, and what was created is listed.
const PENDING: SignedDuration = SignedDuration::from_hours(1);
/// How old a correction may be when a slot is taken.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// How old it may be when a slot is refused.
const FRESH_ENOUGH_TO_REFUSE: SignedDuration = SignedDuration::from_mins(10);

/// How many slots there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// In any [`WINDOW`].
    pub a_day: usize,
    /// At any time.
    pub in_all: usize,
    /// How many of a day's are for Critical findings only.
    pub kept_for_critical: usize,
}

impl Limits {
    /// GuardDuty's, with so many slots of a day kept for Critical findings.
    #[must_use]
    pub fn keeping(kept_for_critical: usize) -> Self {
        Self { a_day: A_DAY, in_all: IN_ALL, kept_for_critical }
    }
}

/// Why no slot is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "limit_of", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Full {
    /// Those of the day are taken.
    Day {
        /// How many there are.
        limit: usize,
    },
    /// Those of the day that are left are kept for Critical findings.
    Kept {
        /// How many are kept.
        kept: usize,
        /// How many there are.
        limit: usize,
    },
    /// All are taken.
    InAll {
        /// How many there are.
        limit: usize,
    },
}

/// One investigation that counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// The token that GuardDuty is asked under; nothing for what others asked.
    pub token: Option<String>,
    /// What is asked; nothing where that is somebody else's own text, which is not kept.
    pub prompt: Option<String>,
    /// When it was last asked for.
    pub at: Timestamp,
    /// How often it was. What was asked for more than once may exist although the last answer was no.
    pub tries: u32,
    /// GuardDuty's id, once that is known.
    pub investigation_id: Option<String>,
}

/// An investigation as ListInvestigations tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listed {
    /// GuardDuty's id.
    pub id: String,
    /// Whether it failed, and so does not count.
    pub failed: bool,
    /// When it began.
    pub start_time: Option<Timestamp>,
    /// What was asked.
    pub prompt: String,
}

/// What the table holds of the slots.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Budget {
    /// Those that are taken, in the order of their taking.
    pub slots: Vec<Slot>,
    /// When ListInvestigations was last held against them; nothing when it has to be.
    pub corrected_at: Option<Timestamp>,
}

/// A conditional write of the budget.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BudgetWrite {
    /// The version that must be there; nothing: there must be none.
    pub expected: Option<u64>,
    /// What is there then, under the next version.
    pub budget: Budget,
}

/// What comes of asking for a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// There is an investigation of the same already.
    Exists {
        /// GuardDuty's id.
        id: String,
        /// Whether another case asked for it.
        of_another: bool,
    },
    /// GuardDuty may be asked under this token, once the budget is written.
    Ask {
        /// The token: of whoever took the slot first.
        token: String,
        /// The budget with the slot.
        budget: Budget,
    },
    /// No slot is left.
    Full(Full),
}

impl Slot {
    /// The slot of what others asked.
    fn of_others(id: String, at: Timestamp) -> Self {
        Self { token: None, prompt: None, at, tries: 0, investigation_id: Some(id) }
    }
}

impl Budget {
    /// Takes a slot, or finds the one that was taken for the same.
    #[must_use]
    pub fn take(&self, request: &Request, limits: Limits, now: Timestamp) -> Take {
        let mut budget = self.clone();
        let held = budget.slots.iter_mut().find_map(|slot| {
            let token = slot.token.clone()?; // what others asked is not used again
            let is_same = slot.prompt.as_ref() == Some(&request.prompt) && !is_over(slot.at, REUSED, now);
            (token == request.token || is_same).then_some((slot, token))
        });
        if let Some((slot, token)) = held {
            if let Some(id) = &slot.investigation_id {
                return Take::Exists { id: id.clone(), of_another: token != request.token };
            }
            slot.at = slot.at.max(now);
            slot.tries = slot.tries.saturating_add(1);
            return match self.full(limits, request.critical, now, Some(&token)) {
                Some(full) => Take::Full(full),
                None => Take::Ask { token, budget },
            };
        }
        if let Some(full) = self.full(limits, request.critical, now, None) {
            return Take::Full(full);
        }
        budget.slots.push(Slot {
            token: Some(request.token.clone()),
            prompt: Some(request.prompt.clone()),
            at: now,
            tries: 1,
            investigation_id: None,
        });
        Take::Ask { token: request.token.clone(), budget }
    }

    /// Why nothing more fits beside what is taken, the slot of that token not counted.
    fn full(&self, limits: Limits, critical: bool, now: Timestamp, but: Option<&str>) -> Option<Full> {
        let others = || self.slots.iter().filter(|slot| but.is_none() || slot.token.as_deref() != but);
        let today = others().filter(|slot| !is_over(slot.at, WINDOW, now)).count();
        let Limits { a_day, in_all, kept_for_critical } = limits;
        // A slot that is held already was not refused to what is not Critical: it is asked for again as it is.
        let kept = if critical || but.is_some() { 0 } else { kept_for_critical };
        if others().count() >= in_all {
            Some(Full::InAll { limit: in_all })
        } else if today >= a_day {
            Some(Full::Day { limit: a_day })
        } else if today + kept >= a_day {
            Some(Full::Kept { kept, limit: a_day })
        } else {
            None
        }
    }

    /// Notes what GuardDuty answered to that token.
    #[must_use]
    pub fn noted(&self, token: &str, prompt: &str, id: &str, now: Timestamp) -> Self {
        let mut budget = self.clone();
        // It may have been listed before this: then it has a slot of its own by now.
        budget.slots.retain(|slot| slot.token.is_some() || slot.investigation_id.as_deref() != Some(id));
        if let Some(slot) = budget.slots.iter_mut().find(|slot| slot.token.as_deref() == Some(token)) {
            let other = slot.investigation_id.replace(id.to_owned()).filter(|other| other != id);
            let at = slot.at;
            // Somebody else's in the same words, which was taken for this one.
            budget.slots.extend(other.map(|other| Slot::of_others(other, at)));
        } else if !budget.slots.iter().any(|slot| slot.investigation_id.as_deref() == Some(id)) {
            // It was taken for abandoned. What exists counts.
            budget.slots.push(Slot {
                token: Some(token.to_owned()),
                prompt: Some(prompt.to_owned()),
                at: now,
                tries: 1,
                investigation_id: Some(id.to_owned()),
            });
        }
        budget
    }

    /// Gives back the slot, taken at that moment, that GuardDuty refused to fill; nothing changes where somebody else may have
    /// filled it, or has taken it anew since. Whatever the refusal means for what is counted, the next who asks looks it up.
    #[must_use]
    pub fn refused(&self, token: &str, taken_at: Timestamp) -> Self {
        let of_this_try = |slot: &Slot| slot.tries <= 1 && slot.at == taken_at;
        let unfilled =
            |slot: &Slot| slot.token.as_deref() == Some(token) && slot.investigation_id.is_none() && of_this_try(slot);
        let slots = self.slots.iter().filter(|slot| !unfilled(slot)).cloned().collect();
        Self { slots, corrected_at: None }
    }

    /// Gives back the slot of an investigation that failed; nothing when none is held for it.
    #[must_use]
    pub fn given_back(&self, investigation_id: &str) -> Option<Self> {
        let failed = |slot: &Slot| slot.investigation_id.as_deref() == Some(investigation_id);
        self.slots.iter().any(failed).then(|| {
            let slots = self.slots.iter().filter(|slot| !failed(slot)).cloned().collect();
            Self { slots, corrected_at: self.corrected_at }
        })
    }

    /// Whether ListInvestigations has to be held against it before a slot is taken.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.corrected_at.is_none_or(|at| is_over(at, FRESH, now))
    }

    /// Whether ListInvestigations has to be held against it before a slot is refused.
    #[must_use]
    pub fn is_too_stale_to_refuse(&self, now: Timestamp) -> bool {
        self.corrected_at.is_none_or(|at| is_over(at, FRESH_ENOUGH_TO_REFUSE, now))
    }

    /// What it is by all that GuardDuty lists. `now` is from before the list was read.
    ///
    /// What is listed and has not failed counts. A slot that nothing listed fits stays for as long as somebody may be asking
    /// under it, or as it would count towards a day.
    #[must_use]
    pub fn corrected(&self, listed: &[Listed], now: Timestamp) -> Self {
        let mut own = self.slots.clone();
        let mut slots = Vec::new();
        for it in listed {
            let is_there = |slot: &Slot| slot.investigation_id.as_deref() == Some(&it.id);
            if slots.iter().any(is_there) {
                continue; // it was on two pages
            }
            let by_id = own.iter().position(is_there);
            let by_prompt = || {
                own.iter().position(|slot| {
                    let began = it
                        .start_time
                        .is_some_and(|start| !is_over(slot.at, PENDING, start) && !is_over(start, PENDING, slot.at));
                    slot.investigation_id.is_none() && slot.prompt.as_ref() == Some(&it.prompt) && began && !it.failed
                })
            };
            let slot = by_id.or_else(by_prompt).map(|at| own.remove(at));
            if it.failed {
                continue;
            }
            let began = it.start_time.unwrap_or(now);
            slots.push(match slot {
                Some(slot) => Slot { investigation_id: Some(it.id.clone()), at: slot.at.max(began), ..slot },
                None => Slot::of_others(it.id.clone(), began),
            });
        }
        let stays =
            |slot: &Slot| !is_over(slot.at, if slot.investigation_id.is_some() { WINDOW } else { PENDING }, now);
        slots.extend(own.into_iter().filter(stays));
        slots.sort_by_key(|slot| slot.at);
        Self { slots, corrected_at: Some(now) }
    }
}

/// Whether so much time has passed since.
fn is_over(since: Timestamp, length: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(since) >= length
}

#[cfg(test)]
mod tests;
