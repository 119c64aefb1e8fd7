//! check-investigation: releases the slot of an investigation that failed.

use super::budget::{BudgetWrite, QuotaBudget};

/// The most writes that may fail because of conflicts.
const MAX_WRITE_ATTEMPTS: u32 = 40;

/// The flow of releasing a slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReleaseSlotFlow {
    investigation_id: String,
    tries: u32,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum State {
    Read,
    Write(BudgetWrite),
    Done,
}

/// The next effect of the flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReleaseSlotStep {
    /// Read the budget and its version: [`ReleaseSlotFlow::read`].
    Read,
    /// Write the budget: [`ReleaseSlotFlow::wrote`].
    Write(BudgetWrite),
    /// The flow has ended; or optimistic-lock retries are exhausted, and the next reconciliation releases the slot.
    Done,
}

impl ReleaseSlotFlow {
    /// Begins the flow.
    #[must_use]
    pub fn begin(investigation_id: &str) -> Self {
        Self { investigation_id: investigation_id.to_owned(), tries: MAX_WRITE_ATTEMPTS, state: State::Read }
    }

    /// The next effect of the flow.
    #[must_use]
    pub fn step(&self) -> ReleaseSlotStep {
        match &self.state {
            State::Read => ReleaseSlotStep::Read,
            State::Write(write) => ReleaseSlotStep::Write(write.clone()),
            State::Done => ReleaseSlotStep::Done,
        }
    }

    /// Applies the budget that was read, with its version; `None` if there is none.
    #[must_use]
    pub fn read(self, found: Option<(u64, QuotaBudget)>) -> Self {
        let without =
            found.and_then(|(version, budget)| Some((version, budget.without_failed(&self.investigation_id)?)));
        let at = match without {
            Some((version, budget)) => State::Write(BudgetWrite { expected_version: Some(version), budget }),
            None => State::Done,
        };
        Self { state: at, ..self }
    }

    /// Applies the result of a write: `went_through` if the version was as expected.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let at = if went_through || self.tries == 0 { State::Done } else { State::Read };
        Self { tries: self.tries.saturating_sub(1), state: at, ..self }
    }
}
