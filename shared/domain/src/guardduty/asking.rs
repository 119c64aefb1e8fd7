//! start-investigation: the way to one of GuardDuty's investigations, step by step.
//!
//! ```text
//! read the budget ─ (list what there is) ─ write the slot ─ create ─ write down its id
//!        └── somebody else writes here: read again          └── refused: the slot is given back
//! ```
//!
//! Whoever dies on the way leaves a slot that is counted, and whoever comes after asks under the same token: GuardDuty
//! answers the same token with the same investigation.

use super::budget::{Budget, BudgetWrite, Full, Limits, Listed, Take};
use super::request::Request;
use jiff::Timestamp;

/// How often somebody else may be faster.
const TRIES: u32 = 40;

/// Asking under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asking {
    request: Request,
    limits: Limits,
    tries: u32,
    at: At,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum At {
    Read,
    List {
        held: Held,
    },
    /// `then` comes when it is written.
    Write {
        held: Held,
        budget: Budget,
        then: Box<At>,
    },
    Create {
        token: String,
        /// When the slot was taken: by this try, if it is still the slot's.
        taken_at: Timestamp,
    },
    /// What is to be written down of the answer, in the budget as it is then.
    ReadToNote {
        note: Note,
        asked: Asked,
    },
    Done(Asked),
}

/// The budget that was read, and its version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Held {
    version: Option<u64>,
    budget: Budget,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Note {
    Created { token: String, id: String },
    Refused { token: String, taken_at: Timestamp },
}

/// What GuardDuty answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Created {
    /// There is an investigation of that id, a new one or the token's.
    Yes(String),
    /// No: nothing was created by this call.
    Refused,
    /// Nobody knows: it could not be reached, or its answer was lost.
    Unknown,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Asked {
    /// There is an investigation.
    Yes {
        /// GuardDuty's id.
        id: String,
        /// Whether another case about the same finding had asked for it.
        reused: bool,
    },
    /// No slot is left.
    Full(Full),
    /// GuardDuty refused.
    Refused,
    /// GuardDuty could not be reached. The slot stays taken, for an investigation may exist.
    Unknown,
    /// What there is cannot be listed, and nobody has before: without knowing, nothing is asked.
    NotListed,
    /// Others were faster each time.
    Hurried,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AskingStep {
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
    Done(Asked),
}

impl Asking {
    /// Begins.
    #[must_use]
    pub fn begin(request: Request, limits: Limits) -> Self {
        Self { request, limits, tries: TRIES, at: At::Read }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> AskingStep {
        match &self.at {
            At::Read | At::ReadToNote { .. } => AskingStep::Read,
            At::List { .. } => AskingStep::List,
            At::Write { held, budget, .. } => {
                AskingStep::Write(BudgetWrite { expected: held.version, budget: budget.clone() })
            }
            At::Create { token, .. } => {
                AskingStep::Create { token: token.clone(), prompt: self.request.prompt.clone() }
            }
            At::Done(asked) => AskingStep::Done(asked.clone()),
        }
    }

    /// Goes on with the budget, if there is one, and its version.
    #[must_use]
    pub fn read(self, found: Option<(u64, Budget)>, now: Timestamp) -> Self {
        let held = match found {
            Some((version, budget)) => Held { version: Some(version), budget },
            None => Held { version: None, budget: Budget::default() },
        };
        let at = match self.at {
            At::Read if held.budget.is_stale(now) => At::List { held },
            At::Read => self.decided(held, now),
            At::ReadToNote { note, asked } => {
                let budget = match &note {
                    Note::Created { token, id } => held.budget.noted(token, &self.request.prompt, id, now),
                    Note::Refused { token, taken_at } => held.budget.refused(token, *taken_at),
                };
                if budget == held.budget {
                    At::Done(asked)
                } else {
                    let then = Box::new(At::ReadToNote { note, asked });
                    At::Write { held, budget, then }
                }
            }
            other => other,
        };
        Self { at, ..self }
    }

    /// Goes on with all that GuardDuty lists, or with nothing where that could not be read. `now` is from before it was.
    #[must_use]
    pub fn listed(self, listed: Option<&[Listed]>, now: Timestamp) -> Self {
        let At::List { held } = &self.at else { return self };
        let at = match listed {
            Some(listed) => self.settled(held, held.budget.corrected(listed, now), now),
            None if held.budget.corrected_at.is_none() => At::Done(Asked::NotListed),
            None => self.settled(held, held.budget.clone(), now),
        };
        Self { at, ..self }
    }

    /// Goes on after a write that went through, or before which somebody else wrote.
    #[must_use]
    pub fn wrote(self, went_through: bool) -> Self {
        let At::Write { then, .. } = self.at else { return self };
        let at = match (went_through, *then) {
            (true, At::ReadToNote { asked, .. }) => At::Done(asked),
            (true, then) => then,
            // What GuardDuty answered stands, whether or not it can be written down.
            (false, At::ReadToNote { asked, .. }) if self.tries == 0 => At::Done(asked),
            (false, again @ At::ReadToNote { .. }) => again,
            (false, _) if self.tries == 0 => At::Done(Asked::Hurried),
            (false, _) => At::Read,
        };
        Self { tries: self.tries.saturating_sub(u32::from(!went_through)), at, ..self }
    }

    /// Goes on with GuardDuty's answer.
    #[must_use]
    pub fn created(self, created: Created) -> Self {
        let At::Create { token, taken_at } = self.at else { return self };
        let at = match created {
            Created::Yes(id) => {
                let reused = token != self.request.token;
                At::ReadToNote { asked: Asked::Yes { id: id.clone(), reused }, note: Note::Created { token, id } }
            }
            Created::Refused => At::ReadToNote { asked: Asked::Refused, note: Note::Refused { token, taken_at } },
            Created::Unknown => At::Done(Asked::Unknown),
        };
        Self { at, ..self }
    }

    /// What comes of the budget as it was read.
    fn decided(&self, held: Held, now: Timestamp) -> At {
        match held.budget.take(&self.request, self.limits, now) {
            Take::Exists { id, of_another } => At::Done(Asked::Yes { id, reused: of_another }),
            Take::Ask { token, budget } => {
                At::Write { held, budget, then: Box::new(At::Create { token, taken_at: now }) }
            }
            Take::Full(_) if held.budget.is_too_stale_to_refuse(now) => At::List { held },
            Take::Full(full) => At::Done(Asked::Full(full)),
        }
    }

    /// What comes of the budget as it was corrected: that is written in any case.
    fn settled(&self, held: &Held, corrected: Budget, now: Timestamp) -> At {
        let held = held.clone();
        let (budget, then) = match corrected.take(&self.request, self.limits, now) {
            Take::Ask { token, budget } => (budget, At::Create { token, taken_at: now }),
            Take::Exists { id, of_another } => (corrected, At::Done(Asked::Yes { id, reused: of_another })),
            Take::Full(full) => (corrected, At::Done(Asked::Full(full))),
        };
        if budget == held.budget { then } else { At::Write { held, budget, then: Box::new(then) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guardduty::budget::IN_ALL;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn begin() -> Asking {
        let request = Request { prompt: "prompt".into(), token: "token".into(), critical: false };
        Asking::begin(request, Limits::keeping(3))
    }

    fn fresh(budget: Budget) -> Budget {
        Budget { corrected_at: Some(now()), ..budget }
    }

    fn written(asking: &Asking) -> BudgetWrite {
        let AskingStep::Write(write) = asking.step() else { panic!("{asking:?}") };
        write
    }

    #[test]
    fn the_first_who_asks_looks_what_there_is_takes_a_slot_and_writes_the_id_down() {
        let asking = begin();
        assert_eq!(asking.step(), AskingStep::Read);
        let asking = asking.read(None, now());
        assert_eq!(asking.step(), AskingStep::List);
        let asking = asking.listed(Some(&[]), now());
        let taken = written(&asking);
        assert_eq!((taken.expected, taken.budget.slots.len()), (None, 1));
        let asking = asking.wrote(true);
        assert_eq!(asking.step(), AskingStep::Create { token: "token".into(), prompt: "prompt".into() });
        let asking = asking.created(Created::Yes("id".into()));
        assert_eq!(asking.step(), AskingStep::Read);
        let asking = asking.read(Some((1, taken.budget)), now());
        assert_eq!(written(&asking).budget.slots[0].investigation_id.as_deref(), Some("id"));
        let done = AskingStep::Done(Asked::Yes { id: "id".into(), reused: false });
        assert_eq!(asking.wrote(true).step(), done);
    }

    #[test]
    fn whoever_was_slower_decides_anew_and_gives_up_in_the_end() {
        let mut asking = begin();
        for _ in 0..=TRIES {
            asking = asking.read(Some((1, fresh(Budget::default()))), now());
            assert_eq!(written(&asking).expected, Some(1));
            asking = asking.wrote(false);
        }
        assert_eq!(asking.step(), AskingStep::Done(Asked::Hurried));
    }

    #[test]
    fn a_refusal_gives_the_slot_back() {
        let asking = begin().read(Some((1, fresh(Budget::default()))), now());
        let taken = written(&asking).budget;
        let asking = asking.wrote(true).created(Created::Refused).read(Some((2, taken)), now());
        assert_eq!(written(&asking).budget, Budget::default());
        assert_eq!(asking.wrote(true).step(), AskingStep::Done(Asked::Refused));
    }

    /// The table's answer was lost, the SDK wrote again, and was told that somebody else was faster. So somebody was: the
    /// same case, again.
    #[test]
    fn a_refusal_gives_back_its_own_slot_and_no_later_one() {
        let asking = begin().read(Some((1, fresh(Budget::default()))), now());
        let taken = written(&asking).budget;
        let asking = asking.wrote(true).created(Created::Refused).read(Some((2, taken)), now());
        assert_eq!(written(&asking).budget, Budget::default());
        let later = now().checked_add(jiff::SignedDuration::from_millis(1)).unwrap();
        let anew = written(&begin().read(Some((3, Budget::default())), later).listed(Some(&[]), later)).budget;
        let asking = asking.wrote(false).read(Some((4, anew.clone())), later);
        assert_eq!(written(&asking).budget, Budget { corrected_at: None, ..anew }, "GuardDuty may be about to fill it");
    }

    #[test]
    fn an_answer_that_was_lost_leaves_the_slot_taken() {
        let asking = begin().read(Some((1, fresh(Budget::default()))), now()).wrote(true).created(Created::Unknown);
        assert_eq!(asking.step(), AskingStep::Done(Asked::Unknown));
    }

    #[test]
    fn nothing_is_asked_where_nobody_knows_what_there_is() {
        let asking = begin().read(None, now()).listed(None, now());
        assert_eq!(asking.step(), AskingStep::Done(Asked::NotListed));
        let old = Budget { corrected_at: Some(Timestamp::UNIX_EPOCH), ..Budget::default() };
        let asking = begin().read(Some((1, old)), now()).listed(None, now());
        assert!(matches!(asking.step(), AskingStep::Write(_)), "what was known an hour ago will do");
    }

    #[test]
    fn a_list_is_looked_at_before_a_refusal_and_what_it_told_is_written() {
        let full: Vec<Listed> = (0..IN_ALL)
            .map(|n| Listed { id: n.to_string(), failed: false, start_time: None, prompt: String::new() })
            .collect();
        let asking = begin().read(None, now()).listed(Some(&full), now());
        assert_eq!(written(&asking).budget.slots.len(), IN_ALL);
        let budget = written(&asking).budget;
        let all = AskingStep::Done(Asked::Full(Full::InAll { limit: IN_ALL }));
        assert_eq!(asking.wrote(true).step(), all);
        assert_eq!(begin().read(Some((1, budget.clone())), now()).step(), all, "it was looked at just now");
        let stale = Budget { corrected_at: now().checked_sub(jiff::SignedDuration::from_mins(10)).ok(), ..budget };
        assert_eq!(begin().read(Some((1, stale)), now()).step(), AskingStep::List);
    }
}
