//! start-investigation: requests an investigation of GuardDuty.
//!
//! ```text
//! read the budget ─ (list investigations) ─ write the slot ─ create ─ store the id
//!        └── conflicting write: read again                      └── refused: release the slot
//! ```
//!
//! An invocation that crashes leaves a slot that counts. The next invocation uses the same token, for which GuardDuty returns the same
//! investigation.

use super::budget::{BudgetWrite, ListedInvestigation, QuotaBudget, QuotaExhausted, QuotaLimits, SlotRequest};
use super::request::InvestigationRequest;
use jiff::Timestamp;

/// The most writes that may fail because of conflicts.
const MAX_WRITE_ATTEMPTS: u32 = 40;

/// The flow of a request.
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
    /// `then` is the state after the write.
    Write {
        held: VersionedBudget,
        budget: QuotaBudget,
        then: Box<State>,
    },
    Create {
        token: String,
        /// When this flow took the slot. If the slot has another time, another invocation has taken it since.
        taken_at: Timestamp,
    },
    /// Read the budget again, to store the response in it.
    ReadToUpdateSlot {
        note: SlotUpdate,
        asked: RequestOutcome,
    },
    Done(RequestOutcome),
}

/// The budget that was read, with its version.
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

/// The result of CreateInvestigation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CreateResult {
    /// The id of the investigation: a new one, or the one of this token.
    Created(String),
    /// GuardDuty refused: this call created nothing.
    Refused,
    /// Unknown: GuardDuty was not reachable, or its response was lost.
    Unknown,
}

/// The outcome of the request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequestOutcome {
    /// An investigation exists.
    Requested {
        /// GuardDuty's id.
        id: String,
        /// Whether another case about the same finding requested it.
        is_reused: bool,
    },
    /// No slot is left.
    QuotaExhausted(QuotaExhausted),
    /// GuardDuty refused.
    Refused,
    /// Unknown: GuardDuty was not reachable. The slot stays taken, because an investigation may exist.
    Unknown,
    /// ListInvestigations failed, and the budget was never reconciled: without a list, nothing is requested.
    NotListed,
    /// Optimistic-lock retries are exhausted.
    ContentionExhausted,
}

/// The next effect of the flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequestStep {
    /// Read the budget and its version: [`RequestFlow::read`].
    Read,
    /// List all investigations: [`RequestFlow::listed`].
    List,
    /// Write the budget: [`RequestFlow::wrote`].
    Write(BudgetWrite),
    /// Call CreateInvestigation: [`RequestFlow::created`].
    Create {
        /// `clientToken`.
        token: String,
        /// `triggerPrompt`.
        prompt: String,
    },
    /// The flow has ended.
    Done(RequestOutcome),
}

impl RequestFlow {
    /// Begins the flow.
    #[must_use]
    pub fn begin(request: InvestigationRequest, limits: QuotaLimits) -> Self {
        Self { request, limits, tries: MAX_WRITE_ATTEMPTS, state: State::Read }
    }

    /// The next effect of the flow.
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

    /// Applies the budget that was read, with its version; `None` if there is none.
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

    /// Applies the list of all investigations; `None` if it could not be read. `now` is the time before the call.
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

    /// Applies the result of a write: `went_through` if the version was as expected.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let State::Write { then, .. } = self.state else { return self };
        let at = match (went_through, *then) {
            (true, State::ReadToUpdateSlot { asked, .. }) => State::Done(asked),
            (true, then) => then,
            // GuardDuty's response is final, even if it cannot be stored.
            (false, State::ReadToUpdateSlot { asked, .. }) if self.tries == 0 => State::Done(asked),
            (false, again @ State::ReadToUpdateSlot { .. }) => again,
            (false, _) if self.tries == 0 => State::Done(RequestOutcome::ContentionExhausted),
            (false, _) => State::Read,
        };
        Self { tries: self.tries.saturating_sub(u32::from(!went_through)), state: at, ..self }
    }

    /// Applies the result of CreateInvestigation.
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

    /// The state after the budget was read.
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

    /// The state after the budget was reconciled: it is written in any case.
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
    fn the_first_request_lists_takes_a_slot_and_stores_the_id() {
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
    fn conflicting_writes_are_retried_up_to_a_limit() {
        let mut asking = begin();
        for _ in 0..=MAX_WRITE_ATTEMPTS {
            asking = asking.read(Some((1, fresh(QuotaBudget::default()))), now());
            assert_eq!(written(&asking).expected_version, Some(1));
            asking = asking.wrote(false);
        }
        assert_eq!(asking.step(), RequestStep::Done(RequestOutcome::ContentionExhausted));
    }

    #[test]
    fn a_refusal_releases_the_slot() {
        let asking = begin().read(Some((1, fresh(QuotaBudget::default()))), now());
        let taken = written(&asking).budget;
        let asking = asking.wrote(true).created(CreateResult::Refused).read(Some((2, taken)), now());
        assert_eq!(written(&asking).budget, QuotaBudget::default());
        assert_eq!(asking.wrote(true).step(), RequestStep::Done(RequestOutcome::Refused));
    }

    /// The table's response was lost, and the SDK repeated the write, which failed on its condition: the conflicting write is the same
    /// case's own.
    #[test]
    fn a_refusal_releases_its_own_slot_only() {
        let asking = begin().read(Some((1, fresh(QuotaBudget::default()))), now());
        let taken = written(&asking).budget;
        let asking = asking.wrote(true).created(CreateResult::Refused).read(Some((2, taken)), now());
        assert_eq!(written(&asking).budget, QuotaBudget::default());
        let later = now().checked_add(jiff::SignedDuration::from_millis(1)).unwrap();
        let rebuilt = written(&begin().read(Some((3, QuotaBudget::default())), later).listed(Some(&[]), later)).budget;
        let asking = asking.wrote(false).read(Some((4, rebuilt.clone())), later);
        assert_eq!(
            written(&asking).budget,
            QuotaBudget { reconciled_at: None, ..rebuilt },
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
    fn nothing_is_requested_without_a_successful_list() {
        let asking = begin().read(None, now()).listed(None, now());
        assert_eq!(asking.step(), RequestStep::Done(RequestOutcome::NotListed));
        let old = QuotaBudget { reconciled_at: Some(Timestamp::UNIX_EPOCH), ..QuotaBudget::default() };
        let asking = begin().read(Some((1, old)), now()).listed(None, now());
        assert!(matches!(asking.step(), RequestStep::Write(_)), "what was known an hour ago will do");
    }

    #[test]
    fn the_budget_is_reconciled_and_written_before_a_rejection() {
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
        assert_eq!(begin().read(Some((1, budget.clone())), now()).step(), all, "it was reconciled just now");
        let stale =
            QuotaBudget { reconciled_at: now().checked_sub(jiff::SignedDuration::from_mins(10)).ok(), ..budget };
        assert_eq!(begin().read(Some((1, stale)), now()).step(), RequestStep::List);
    }
}
