//! Mistakes made on purpose, around the real values: in what they are given to read, in what they write, or in the call that
//! they ask for. Each must be caught, or the check checks nothing.

use gumshoe_domain::guardduty::{BudgetWrite, DAILY_WINDOW, QuotaBudget};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Faulty {
    /// GuardDuty is asked, and then the slot is taken.
    AsksBeforeTaking,
    /// The budget is written over whatever is there by now.
    IgnoresTheVersion,
    /// A refusal gives the slot back although somebody else asked under it.
    GivesBackWhatOthersAskFor,
    /// An answer that was lost gives the slot back.
    TakesSilenceForANo,
    /// Each try asks under a token of its own.
    AsksUnderNewTokens,
    /// A day is one of the calendar.
    TakesTheCalendarsDay,
    /// A day is 24 hours, whatever the clocks say.
    TrustsTheClocks,
    /// What there is, is not looked up.
    DoesNotLook,
    /// A correction takes away slots under which somebody is asking.
    TakesAwayWhatIsPending,
    /// A failed investigation gives back the first slot that there is.
    GivesBackAnySlot,
    /// After a refusal the budget is trusted as before.
    LearnsNothingFromANo,
    /// An invocation goes on for hours.
    NeverDies,
    /// Nobody gives a failed investigation's slot back, and a correction counts it.
    CountsWhatFailed,
}

impl Faulty {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::AsksBeforeTaking,
        Self::IgnoresTheVersion,
        Self::GivesBackWhatOthersAskFor,
        Self::TakesSilenceForANo,
        Self::AsksUnderNewTokens,
        Self::TakesTheCalendarsDay,
        Self::TrustsTheClocks,
        Self::DoesNotLook,
        Self::TakesAwayWhatIsPending,
        Self::GivesBackAnySlot,
        Self::LearnsNothingFromANo,
        Self::NeverDies,
        Self::CountsWhatFailed,
    ];

    /// The budget as start-investigation is given it.
    pub(crate) fn spoil_read(self, budget: &mut QuotaBudget, now: Timestamp, was_refused: bool) {
        for slot in &mut budget.slots {
            let age = now.duration_since(slot.last_requested_at);
            let longer_ago = |by| slot.last_requested_at.checked_sub(by).unwrap_or(slot.last_requested_at);
            match self {
                Self::TakesTheCalendarsDay if date(slot.last_requested_at) < date(now) && age < DAILY_WINDOW => {
                    slot.last_requested_at = longer_ago(DAILY_WINDOW)
                }
                Self::TrustsTheClocks if age >= SignedDuration::from_hours(24) && age < DAILY_WINDOW => {
                    slot.last_requested_at = longer_ago(DAILY_WINDOW - SignedDuration::from_hours(24));
                }
                Self::TakesAwayWhatIsPending if slot.investigation_id.is_none() => {
                    slot.last_requested_at = longer_ago(SignedDuration::from_hours(1));
                }
                Self::GivesBackWhatOthersAskFor if was_refused => slot.request_count = slot.request_count.min(1),
                _ => {}
            }
        }
    }

    /// The budget as check-investigation is given it.
    pub(crate) fn spoil_giving(self, budget: &mut QuotaBudget, failed: &str) {
        if self == Self::GivesBackAnySlot
            && let Some(slot) = budget.slots.first_mut()
        {
            slot.investigation_id = Some(failed.to_owned());
        }
    }

    /// What start-investigation writes.
    pub(crate) fn spoil_write(self, write: &mut BudgetWrite, was_refused: bool, now: Timestamp) {
        if self == Self::LearnsNothingFromANo && was_refused {
            write.budget.reconciled_at = Some(now);
        }
    }
}

fn date(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(TimeZone::UTC).date()
}
