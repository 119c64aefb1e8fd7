//! check-investigation: the slot of an investigation that failed is given back.

use super::budget::{BudgetWrite, QuotaBudget};

/// How often somebody else may be faster.
const MAX_WRITE_ATTEMPTS: u32 = 40;

/// Giving back under way.
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

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReleaseSlotStep {
    /// Read the budget and its version: [`GivingBack::read`].
    Read,
    /// Write the budget: [`GivingBack::wrote`].
    Write(BudgetWrite),
    /// It is done; or others were faster each time, and the next correction does it.
    Done,
}

impl ReleaseSlotFlow {
    /// Begins.
    #[must_use]
    pub fn begin(investigation_id: &str) -> Self {
        Self { investigation_id: investigation_id.to_owned(), tries: MAX_WRITE_ATTEMPTS, state: State::Read }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> ReleaseSlotStep {
        match &self.state {
            State::Read => ReleaseSlotStep::Read,
            State::Write(write) => ReleaseSlotStep::Write(write.clone()),
            State::Done => ReleaseSlotStep::Done,
        }
    }

    /// Goes on with the budget, if there is one, and its version.
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

    /// Goes on after a write that went through, or before which somebody else wrote.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let at = if went_through || self.tries == 0 { State::Done } else { State::Read };
        Self { tries: self.tries.saturating_sub(1), state: at, ..self }
    }
}
