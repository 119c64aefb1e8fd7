//! check-investigation: the slot of an investigation that failed is given back.

use super::budget::{Budget, BudgetWrite};

/// How often somebody else may be faster.
const TRIES: u32 = 40;

/// Giving back under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GivingBack {
    investigation_id: String,
    tries: u32,
    at: At,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum At {
    Read,
    Write(BudgetWrite),
    Done,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GivingBackStep {
    /// Read the budget and its version: [`GivingBack::read`].
    Read,
    /// Write the budget: [`GivingBack::wrote`].
    Write(BudgetWrite),
    /// It is done; or others were faster each time, and the next correction does it.
    Done,
}

impl GivingBack {
    /// Begins.
    #[must_use]
    pub fn begin(investigation_id: &str) -> Self {
        Self { investigation_id: investigation_id.to_owned(), tries: TRIES, at: At::Read }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> GivingBackStep {
        match &self.at {
            At::Read => GivingBackStep::Read,
            At::Write(write) => GivingBackStep::Write(write.clone()),
            At::Done => GivingBackStep::Done,
        }
    }

    /// Goes on with the budget, if there is one, and its version.
    #[must_use]
    pub fn read(self, found: Option<(u64, Budget)>) -> Self {
        let without = found.and_then(|(version, budget)| Some((version, budget.given_back(&self.investigation_id)?)));
        let at = match without {
            Some((version, budget)) => At::Write(BudgetWrite { expected: Some(version), budget }),
            None => At::Done,
        };
        Self { at, ..self }
    }

    /// Goes on after a write that went through, or before which somebody else wrote.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let at = if went_through || self.tries == 0 { At::Done } else { At::Read };
        Self { tries: self.tries.saturating_sub(1), at, ..self }
    }
}
