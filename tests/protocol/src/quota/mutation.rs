//! Deliberate mistakes around the product's flows: in what they read, in what they write, or in the calls that they request. The
//! properties must find each of them, otherwise they would prove nothing.

use gumshoe_domain::guardduty::{BudgetWrite, DAILY_WINDOW, QuotaBudget};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A mistake in one call or one decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mutation {
    /// GuardDuty is called before the slot is taken.
    RequestsBeforeTakingSlot,
    /// The budget is written without its version as a condition.
    IgnoresVersion,
    /// A refusal releases the slot although another invocation has requested under it.
    ReleasesSlotInUse,
    /// A lost response releases the slot.
    TreatsLostResponseAsRefusal,
    /// Each attempt uses a token of its own.
    UsesNewTokenEachTime,
    /// The daily window is a calendar day.
    UsesCalendarDay,
    /// The daily window has no margin for clock skew.
    IgnoresClockSkew,
    /// The investigations are not listed.
    SkipsListing,
    /// A reconciliation removes slots that an invocation is using.
    RemovesPendingSlots,
    /// A failed investigation releases the first slot.
    ReleasesWrongSlot,
    /// After a refusal the budget is not reconciled.
    KeepsBudgetAfterRefusal,
    /// An invocation continues for hours.
    HasNoTimeout,
    /// A reconciliation counts failed investigations.
    CountsFailedInvestigations,
}

impl Mutation {
    /// Every mutation.
    pub const ALL: [Self; 13] = [
        Self::RequestsBeforeTakingSlot,
        Self::IgnoresVersion,
        Self::ReleasesSlotInUse,
        Self::TreatsLostResponseAsRefusal,
        Self::UsesNewTokenEachTime,
        Self::UsesCalendarDay,
        Self::IgnoresClockSkew,
        Self::SkipsListing,
        Self::RemovesPendingSlots,
        Self::ReleasesWrongSlot,
        Self::KeepsBudgetAfterRefusal,
        Self::HasNoTimeout,
        Self::CountsFailedInvestigations,
    ];

    /// Alters the budget that start-investigation reads.
    pub(crate) fn alter_read(self, budget: &mut QuotaBudget, now: Timestamp, was_refused: bool) {
        for slot in &mut budget.slots {
            let age = now.duration_since(slot.last_requested_at);
            let longer_ago = |by| slot.last_requested_at.checked_sub(by).unwrap_or(slot.last_requested_at);
            match self {
                Self::UsesCalendarDay if date(slot.last_requested_at) < date(now) && age < DAILY_WINDOW => {
                    slot.last_requested_at = longer_ago(DAILY_WINDOW)
                }
                Self::IgnoresClockSkew if age >= SignedDuration::from_hours(24) && age < DAILY_WINDOW => {
                    slot.last_requested_at = longer_ago(DAILY_WINDOW - SignedDuration::from_hours(24));
                }
                Self::RemovesPendingSlots if slot.investigation_id.is_none() => {
                    slot.last_requested_at = longer_ago(SignedDuration::from_hours(1));
                }
                Self::ReleasesSlotInUse if was_refused => slot.request_count = slot.request_count.min(1),
                _ => {}
            }
        }
    }

    /// Alters the budget that check-investigation reads.
    pub(crate) fn alter_release_read(self, budget: &mut QuotaBudget, failed: &str) {
        if self == Self::ReleasesWrongSlot
            && let Some(slot) = budget.slots.first_mut()
        {
            slot.investigation_id = Some(failed.to_owned());
        }
    }

    /// Alters the write of start-investigation.
    pub(crate) fn alter_write(self, write: &mut BudgetWrite, was_refused: bool, now: Timestamp) {
        if self == Self::KeepsBudgetAfterRefusal && was_refused {
            write.budget.reconciled_at = Some(now);
        }
    }
}

fn date(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(TimeZone::UTC).date()
}
