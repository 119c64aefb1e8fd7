//! start-investigation: the way to one of GuardDuty's investigations, step by step.
//!
//! ```text
//! read the budget ─ (list what there is) ─ write the slot ─ create ─ write down its id
//!        └── somebody else writes here: read again          └── refused: the slot is given back
//! ```
//!
//! Whoever dies on the way leaves a slot that is counted, and whoever comes after asks under the same token: GuardDuty
//! answers the same token with the same investigation.

use super::budget::{BudgetWrite, ListedInvestigation, QuotaBudget, QuotaExhausted, QuotaLimits, SlotRequest};
use super::request::InvestigationRequest;
use jiff::Timestamp;

/// How often somebody else may be faster.
const MAX_WRITE_ATTEMPTS: u32 = 40;

/// Asking under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestFlow {
    request: InvestigationRequest,
    limits: QuotaLimits,
    tries: u32,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum State {
    Read,
    List {
        held: VersionedBudget,
    },
    /// `then` comes when it is written.
    Write {
        held: VersionedBudget,
        budget: QuotaBudget,
        then: Box<State>,
    },
    Create {
        token: String,
        /// When the slot was taken: by this try, if it is still the slot's.
        taken_at: Timestamp,
    },
    /// What is to be written down of the answer, in the budget as it is then.
    ReadToUpdateSlot {
        note: SlotUpdate,
        asked: RequestOutcome,
    },
    Done(RequestOutcome),
}

/// The budget that was read, and its version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct VersionedBudget {
    version: Option<u64>,
    budget: QuotaBudget,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum SlotUpdate {
    Created { token: String, id: String },
    Refused { token: String, taken_at: Timestamp },
}

/// What GuardDuty answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CreateResult {
    /// There is an investigation of that id, a new one or the token's.
    Created(String),
    /// No: nothing was created by this call.
    Refused,
    /// Nobody knows: it could not be reached, or its answer was lost.
    Unknown,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequestOutcome {
    /// There is an investigation.
    Requested {
        /// GuardDuty's id.
        id: String,
        /// Whether another case about the same finding had asked for it.
        is_reused: bool,
    },
    /// No slot is left.
    QuotaExhausted(QuotaExhausted),
    /// GuardDuty refused.
    Refused,
    /// GuardDuty could not be reached. The slot stays taken, for an investigation may exist.
    Unknown,
    /// What there is cannot be listed, and nobody has before: without knowing, nothing is asked.
    NotListed,
    /// Others were faster each time.
    ContentionExhausted,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequestStep {
    /// Read the budget and its version: [`Asking::read`].
    Read,
    /// List all investigations: [`Asking::listed`].
    List,
    /// Write the budget: [`Asking::wrote`].
    Write(BudgetWrite),
    /// Ask GuardDuty: [`Asking::created`].
    Create {
        /// `clientToken`.
        token: String,
        /// `triggerPrompt`.
        prompt: String,
    },
    /// It is done.
    Done(RequestOutcome),
}

impl RequestFlow {
    /// Begins.
    #[must_use]
    pub fn begin(request: InvestigationRequest, limits: QuotaLimits) -> Self {
        Self { request, limits, tries: MAX_WRITE_ATTEMPTS, state: State::Read }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> RequestStep {
        match &self.state {
            State::Read | State::ReadToUpdateSlot { .. } => RequestStep::Read,
            State::List { .. } => RequestStep::List,
            State::Write { held, budget, .. } => {
                RequestStep::Write(BudgetWrite { expected_version: held.version, budget: budget.clone() })
            }
            State::Create { token, .. } => {
                RequestStep::Create { token: token.clone(), prompt: self.request.prompt.clone() }
            }
            State::Done(asked) => RequestStep::Done(asked.clone()),
        }
    }

    /// Goes on with the budget, if there is one, and its version.
    #[must_use]
    pub fn read(self, found: Option<(u64, QuotaBudget)>, now: Timestamp) -> Self {
        let held = match found {
            Some((version, budget)) => VersionedBudget { version: Some(version), budget },
            None => VersionedBudget { version: None, budget: QuotaBudget::default() },
        };
        let at = match self.state {
            State::Read if held.budget.is_stale(now) => State::List { held },
            State::Read => self.state_after_read(held, now),
            State::ReadToUpdateSlot { note, asked } => {
                let budget = match &note {
                    SlotUpdate::Created { token, id } => held.budget.with_created(token, &self.request.prompt, id, now),
                    SlotUpdate::Refused { token, taken_at } => held.budget.without_refused(token, *taken_at),
                };
                if budget == held.budget {
                    State::Done(asked)
                } else {
                    let then = Box::new(State::ReadToUpdateSlot { note, asked });
                    State::Write { held, budget, then }
                }
            }
            other => other,
        };
        Self { state: at, ..self }
    }

    /// Goes on with all that GuardDuty lists, or with nothing where that could not be read. `now` is from before it was.
    #[must_use]
    pub fn listed(self, listed: Option<&[ListedInvestigation]>, now: Timestamp) -> Self {
        let State::List { held } = &self.state else { return self };
        let at = match listed {
            Some(listed) => self.state_after_correction(held, held.budget.reconciled(listed, now), now),
            None if held.budget.reconciled_at.is_none() => State::Done(RequestOutcome::NotListed),
            None => self.state_after_correction(held, held.budget.clone(), now),
        };
        Self { state: at, ..self }
    }

    /// Goes on after a write that went through, or before which somebody else wrote.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let State::Write { then, .. } = self.state else { return self };
        let at = match (went_through, *then) {
            (true, State::ReadToUpdateSlot { asked, .. }) => State::Done(asked),
            (true, then) => then,
            // What GuardDuty answered stands, whether or not it can be written down.
            (false, State::ReadToUpdateSlot { asked, .. }) if self.tries == 0 => State::Done(asked),
            (false, again @ State::ReadToUpdateSlot { .. }) => again,
            (false, _) if self.tries == 0 => State::Done(RequestOutcome::ContentionExhausted),
            (false, _) => State::Read,
        };
        Self { tries: self.tries.saturating_sub(u32::from(!went_through)), state: at, ..self }
    }

    /// Goes on with GuardDuty's answer.
    #[must_use]
    pub fn created(self, created: CreateResult) -> Self {
        let State::Create { token, taken_at } = self.state else { return self };
        let at = match created {
            CreateResult::Created(id) => {
                let reused = token != self.request.token;
                State::ReadToUpdateSlot {
                    asked: RequestOutcome::Requested { id: id.clone(), is_reused: reused },
                    note: SlotUpdate::Created { token, id },
                }
            }
            CreateResult::Refused => State::ReadToUpdateSlot {
                asked: RequestOutcome::Refused,
                note: SlotUpdate::Refused { token, taken_at },
            },
            CreateResult::Unknown => State::Done(RequestOutcome::Unknown),
        };
        Self { state: at, ..self }
    }

    /// What comes of the budget as it was read.
    fn state_after_read(&self, held: VersionedBudget, now: Timestamp) -> State {
        match held.budget.request_slot(&self.request, self.limits, now) {
            SlotRequest::Exists { id, is_of_other_case: of_another } => {
                State::Done(RequestOutcome::Requested { id, is_reused: of_another })
            }
            SlotRequest::Granted { token, budget } => {
                State::Write { held, budget, then: Box::new(State::Create { token, taken_at: now }) }
            }
            SlotRequest::QuotaExhausted(_) if held.budget.is_too_stale_to_reject(now) => State::List { held },
            SlotRequest::QuotaExhausted(full) => State::Done(RequestOutcome::QuotaExhausted(full)),
        }
    }

    /// What comes of the budget as it was corrected: that is written in any case.
    fn state_after_correction(&self, held: &VersionedBudget, corrected: QuotaBudget, now: Timestamp) -> State {
        let held = held.clone();
        let (budget, then) = match corrected.request_slot(&self.request, self.limits, now) {
            SlotRequest::Granted { token, budget } => (budget, State::Create { token, taken_at: now }),
            SlotRequest::Exists { id, is_of_other_case: of_another } => {
                (corrected, State::Done(RequestOutcome::Requested { id, is_reused: of_another }))
            }
            SlotRequest::QuotaExhausted(full) => (corrected, State::Done(RequestOutcome::QuotaExhausted(full))),
        };
        if budget == held.budget { then } else { State::Write { held, budget, then: Box::new(then) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guardduty::budget::TOTAL_QUOTA;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn begin() -> RequestFlow {
        let request = InvestigationRequest { prompt: "prompt".into(), token: "token".into(), is_critical: false };
        RequestFlow::begin(request, QuotaLimits::with_reserve(3))
    }

    fn fresh(budget: QuotaBudget) -> QuotaBudget {
        QuotaBudget { reconciled_at: Some(now()), ..budget }
    }

    fn written(asking: &RequestFlow) -> BudgetWrite {
        let RequestStep::Write(write) = asking.step() else { panic!("{asking:?}") };
        write
    }

    #[test]
    fn the_first_who_asks_looks_what_there_is_takes_a_slot_and_writes_the_id_down() {
        let asking = begin();
        assert_eq!(asking.step(), RequestStep::Read);
        let asking = asking.read(None, now());
        assert_eq!(asking.step(), RequestStep::List);
        let asking = asking.listed(Some(&[]), now());
        let taken = written(&asking);
        assert_eq!((taken.expected_version, taken.budget.slots.len()), (None, 1));
        let asking = asking.wrote(true);
        assert_eq!(asking.step(), RequestStep::Create { token: "token".into(), prompt: "prompt".into() });
        let asking = asking.created(CreateResult::Created("id".into()));
        assert_eq!(asking.step(), RequestStep::Read);
        let asking = asking.read(Some((1, taken.budget)), now());
        assert_eq!(written(&asking).budget.slots[0].investigation_id.as_deref(), Some("id"));
        let done = RequestStep::Done(RequestOutcome::Requested { id: "id".into(), is_reused: false });
        assert_eq!(asking.wrote(true).step(), done);
    }

    #[test]
    fn whoever_was_slower_decides_anew_and_gives_up_in_the_end() {
        let mut asking = begin();
        for _ in 0..=MAX_WRITE_ATTEMPTS {
            asking = asking.read(Some((1, fresh(QuotaBudget::default()))), now());
            assert_eq!(written(&asking).expected_version, Some(1));
            asking = asking.wrote(false);
        }
        assert_eq!(asking.step(), RequestStep::Done(RequestOutcome::ContentionExhausted));
    }

    #[test]
    fn a_refusal_gives_the_slot_back() {
        let asking = begin().read(Some((1, fresh(QuotaBudget::default()))), now());
        let taken = written(&asking).budget;
        let asking = asking.wrote(true).created(CreateResult::Refused).read(Some((2, taken)), now());
        assert_eq!(written(&asking).budget, QuotaBudget::default());
        assert_eq!(asking.wrote(true).step(), RequestStep::Done(RequestOutcome::Refused));
    }

    /// The table's answer was lost, the SDK wrote again, and was told that somebody else was faster. So somebody was: the
    /// same case, again.
    #[test]
    fn a_refusal_gives_back_its_own_slot_and_no_later_one() {
        let asking = begin().read(Some((1, fresh(QuotaBudget::default()))), now());
        let taken = written(&asking).budget;
        let asking = asking.wrote(true).created(CreateResult::Refused).read(Some((2, taken)), now());
        assert_eq!(written(&asking).budget, QuotaBudget::default());
        let later = now().checked_add(jiff::SignedDuration::from_millis(1)).unwrap();
        let anew = written(&begin().read(Some((3, QuotaBudget::default())), later).listed(Some(&[]), later)).budget;
        let asking = asking.wrote(false).read(Some((4, anew.clone())), later);
        assert_eq!(
            written(&asking).budget,
            QuotaBudget { reconciled_at: None, ..anew },
            "GuardDuty may be about to fill it"
        );
    }

    #[test]
    fn an_answer_that_was_lost_leaves_the_slot_taken() {
        let asking =
            begin().read(Some((1, fresh(QuotaBudget::default()))), now()).wrote(true).created(CreateResult::Unknown);
        assert_eq!(asking.step(), RequestStep::Done(RequestOutcome::Unknown));
    }

    #[test]
    fn nothing_is_asked_where_nobody_knows_what_there_is() {
        let asking = begin().read(None, now()).listed(None, now());
        assert_eq!(asking.step(), RequestStep::Done(RequestOutcome::NotListed));
        let old = QuotaBudget { reconciled_at: Some(Timestamp::UNIX_EPOCH), ..QuotaBudget::default() };
        let asking = begin().read(Some((1, old)), now()).listed(None, now());
        assert!(matches!(asking.step(), RequestStep::Write(_)), "what was known an hour ago will do");
    }

    #[test]
    fn a_list_is_looked_at_before_a_refusal_and_what_it_told_is_written() {
        let full: Vec<ListedInvestigation> = (0..TOTAL_QUOTA)
            .map(|n| ListedInvestigation {
                id: n.to_string(),
                has_failed: false,
                start_time: None,
                prompt: String::new(),
            })
            .collect();
        let asking = begin().read(None, now()).listed(Some(&full), now());
        assert_eq!(written(&asking).budget.slots.len(), TOTAL_QUOTA);
        let budget = written(&asking).budget;
        let all = RequestStep::Done(RequestOutcome::QuotaExhausted(QuotaExhausted::Total { limit: TOTAL_QUOTA }));
        assert_eq!(asking.wrote(true).step(), all);
        assert_eq!(begin().read(Some((1, budget.clone())), now()).step(), all, "it was looked at just now");
        let stale =
            QuotaBudget { reconciled_at: now().checked_sub(jiff::SignedDuration::from_mins(10)).ok(), ..budget };
        assert_eq!(begin().read(Some((1, stale)), now()).step(), RequestStep::List);
    }
}
