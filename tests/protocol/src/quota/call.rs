//! An invocation under way: it carries out the steps that `Asking` and `GivingBack` ask for, one call each.

use super::actions::Goes;
use super::config::Config;
use super::fault::Faulty;
use super::world::{Reached, World, moment};
use gumshoe_domain::guardduty::{
    BudgetWrite, CreateResult, ReleaseSlotFlow, ReleaseSlotStep, RequestFlow, RequestOutcome, RequestStep,
};
use jiff::{SignedDuration, Timestamp};

/// One who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Asker {
    /// How often it may still be invoked.
    pub(crate) left: u8,
    pub(crate) call: Option<Call>,
}

/// An invocation of start-investigation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) asking: RequestFlow,
    pub(crate) began: i64,
    /// By how many minutes its clock is off.
    clock: i64,
    /// How many investigations there were when it listed them.
    listed: usize,
    /// How many there were of which could be known when it took its slot.
    knows: usize,
    /// Which of those that people asked for were taken for ours then, a bit each.
    mistaken: u16,
    /// How many there were when GuardDuty refused.
    refused: Option<usize>,
    /// The answer that a mistake has got too early.
    early: Option<CreateResult>,
}

/// An invocation of check-investigation, for an investigation that failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Giver {
    pub(crate) giving: ReleaseSlotFlow,
    pub(crate) began: i64,
    investigation: usize,
}

impl Call {
    /// Whether what it does next depends on the item's version.
    pub(crate) fn holds_a_version(&self) -> bool {
        matches!(self.asking.step(), RequestStep::List | RequestStep::Write(_))
    }

    pub(crate) fn forget_what_was_listed(&mut self) {
        (self.listed, self.knows) = (0, usize::MAX);
        self.refused = self.refused.map(|_| 0);
    }

    /// What its clock says: no two say quite the same.
    fn now(&self, now: i64, asker: usize) -> Timestamp {
        let seconds = SignedDuration::from_secs(i64::try_from(asker).unwrap_or(0));
        moment(now + self.clock).checked_add(seconds).expect("it is one")
    }
}

impl Giver {
    /// Whether what it does next depends on the item's version.
    pub(crate) fn holds_a_version(&self) -> bool {
        matches!(self.giving.step(), ReleaseSlotStep::Write(_))
    }
}

impl World {
    /// start-investigation is invoked.
    pub(crate) fn invoke(&mut self, config: &Config, asker: usize, clock: i64) -> Option<()> {
        self.askers[asker].left -= 1;
        let asking = RequestFlow::begin(config.asks[asker].request(), config.limits);
        let call =
            Call { asking, began: self.now, clock, listed: 0, knows: 0, mistaken: 0, refused: None, early: None };
        self.askers[asker].call = Some(call);
        self.ask(config, asker, Goes::Well)
    }

    /// One call of start-investigation; nothing where how it goes makes no difference to another way.
    pub(crate) fn ask(&mut self, config: &Config, asker: usize, goes: Goes) -> Option<()> {
        let mut call = self.askers[asker].call.take()?;
        let now = call.now(self.now, asker);
        let has_effect = match call.asking.step() {
            RequestStep::Read => {
                let mut found = self.table.item.clone();
                if let (Some(faulty), Some((_, budget))) = (config.faulty, &mut found) {
                    faulty.spoil_read(budget, now, call.refused.is_some());
                }
                call.asking = call.asking.read(found, now);
                call.listed = 0; // for what was read before
                false
            }
            RequestStep::List => {
                call.asking = match goes {
                    Goes::Well if config.is(Faulty::DoesNotLook) => call.asking.listed(Some(&[]), now),
                    Goes::Well => call.asking.listed(Some(&self.list(config)), now),
                    _ => call.asking.listed(None, now),
                };
                if goes == Goes::Well {
                    call.listed = self.guardduty.len();
                } else {
                    self.left = self.left.with_fault(|left| &mut left.unlisted)?;
                }
                false
            }
            RequestStep::Write(write) => self.take(config, &mut call, write, goes)?,
            RequestStep::Create { token, prompt } => self.answered(config, &mut call, (&token, &prompt), goes)?,
            RequestStep::Done(_) => return None,
        };
        if goes == Goes::Dies {
            self.left = self.left.with_fault(|left| &mut left.crashes)?;
            return has_effect.then_some(());
        }
        self.goes_on(config, asker, Some(call));
        Some(())
    }

    /// The write of a slot, or of what became of it.
    fn take(&mut self, config: &Config, call: &mut Call, mut write: BudgetWrite, goes: Goes) -> Option<bool> {
        if config.is(Faulty::AsksBeforeTaking)
            && call.early.is_none()
            && let RequestStep::Create { token, prompt } = call.asking.clone().wrote(true).step()
        {
            let knows = self.table.listed.max(self.table.refused).max(call.listed);
            call.early = Some(self.create(config, &token, &prompt, (knows, self.mistaken())));
            return Some(true);
        }
        if let Some(faulty) = config.faulty {
            faulty.spoil_write(&mut write, call.refused.is_some(), moment(self.now));
        }
        let went = self.table.write(write, config.is(Faulty::IgnoresTheVersion));
        if went {
            let Call { listed, refused, .. } = *call;
            self.table.listed = self.table.listed.max(listed);
            self.table.refused = self.table.refused.max(refused.unwrap_or(0));
            (call.knows, call.listed) = (self.table.listed.max(self.table.refused), 0);
            call.mistaken = self.mistaken();
        }
        if goes == Goes::Unheard {
            self.left = self.left.with_fault(|left| &mut left.unheard)?;
            went.then_some(())?;
        }
        call.asking = call.asking.clone().wrote(went && goes != Goes::Unheard);
        Some(went)
    }

    /// CreateInvestigation, and what is heard of it.
    fn answered(&mut self, config: &Config, call: &mut Call, asked: (&str, &str), goes: Goes) -> Option<bool> {
        let before = self.guardduty.len();
        let token = match config.is(Faulty::AsksUnderNewTokens) {
            true => format!("{}, {}", asked.0, self.askers.iter().map(|it| it.left).sum::<u8>()),
            false => asked.0.to_owned(),
        };
        let is_carried_out = matches!(goes, Goes::Well | Goes::Dies | Goes::Unheard);
        let carried_out = is_carried_out.then(|| match call.early.take() {
            Some(early) => early,
            None => self.create(config, &token, asked.1, (call.knows, call.mistaken)),
        });
        let creates = self.guardduty.len() > before;
        let answer = match (goes, carried_out) {
            (Goes::Well | Goes::Dies, Some(answer)) => answer,
            (Goes::Denied, _) => {
                self.left = self.left.with_fault(|left| &mut left.denied)?;
                CreateResult::Refused
            }
            _ => {
                self.left = self.left.with_fault(|left| &mut left.lost)?;
                // If nothing was created, its answer might as well have been none.
                (goes == Goes::Unreached || creates).then_some(())?;
                CreateResult::Unknown
            }
        };
        let answer = match answer {
            CreateResult::Unknown if config.is(Faulty::TakesSilenceForANo) => CreateResult::Refused,
            answer => answer,
        };
        call.refused = (answer == CreateResult::Refused).then_some(self.guardduty.len());
        (call.knows, call.mistaken) = (0, 0);
        call.asking = call.asking.clone().created(answer);
        Some(creates)
    }

    /// A write of a version that is not there any more fails, whenever it comes, and changes nothing: it may as well come at
    /// once.
    pub(crate) fn fail_what_is_outdated(&mut self, config: &Config) {
        if config.is(Faulty::IgnoresTheVersion) || config.is(Faulty::AsksBeforeTaking) {
            return;
        }
        let version = self.table.item.as_ref().map(|(version, _)| *version);
        for asker in 0..self.askers.len() {
            if let Some(call) = &self.askers[asker].call
                && let RequestStep::Write(write) = call.asking.step()
                && write.expected_version != version
            {
                let asking = call.asking.clone().wrote(false);
                let call = self.askers[asker].call.take().map(|call| Call { asking, ..call });
                self.goes_on(config, asker, call);
            }
        }
    }

    /// Goes on, or is told what came of it.
    fn goes_on(&mut self, config: &Config, asker: usize, call: Option<Call>) {
        match call.as_ref().map(|call| call.asking.step()) {
            Some(RequestStep::Done(asked)) => self.told(config, asker, &asked),
            _ => self.askers[asker].call = call,
        }
    }

    /// What the case is told.
    fn told(&mut self, config: &Config, asker: usize, asked: &RequestOutcome) {
        match asked {
            RequestOutcome::Requested { id, is_reused: reused } => {
                let it = id.parse::<usize>().ok().and_then(|id| self.guardduty.get(id));
                self.notes.told_wrong |= it.is_none_or(|it| it.prompt != config.asks[asker].request().prompt);
                self.reached(if *reused { Reached::REUSED } else { Reached::ASKED });
            }
            RequestOutcome::QuotaExhausted(_) => self.reached(Reached::FULL),
            RequestOutcome::Refused => self.reached(Reached::REFUSED),
            RequestOutcome::ContentionExhausted => self.notes.hurried = true,
            RequestOutcome::Unknown | RequestOutcome::NotListed => {}
        }
    }

    /// check-investigation has seen that an investigation failed.
    pub(crate) fn begin_giving(&mut self, config: &Config, investigation: usize) -> Option<()> {
        self.left = self.left.without(|left| &mut left.givings)?;
        let giving = ReleaseSlotFlow::begin(&investigation.to_string());
        self.givers.push(Giver { giving, began: self.now, investigation });
        self.give(config, self.givers.len() - 1, Goes::Well)
    }

    /// One call of it.
    pub(crate) fn give(&mut self, config: &Config, giver: usize, goes: Goes) -> Option<()> {
        let Giver { giving, began, investigation } = self.givers.remove(giver);
        let giving = match giving.step() {
            ReleaseSlotStep::Read => {
                let mut found = self.table.item.clone();
                if let (Some(faulty), Some((_, budget))) = (config.faulty, &mut found) {
                    faulty.spoil_giving(budget, &investigation.to_string());
                }
                giving.read(found)
            }
            ReleaseSlotStep::Write(write) => {
                let went = self.table.write(write, config.is(Faulty::IgnoresTheVersion));
                if went {
                    self.reached(Reached::GIVEN_BACK);
                }
                if goes != Goes::Well {
                    // That it dies makes no difference: it would have been its last call.
                    self.left = self.left.with_fault(|left| &mut left.unheard)?;
                    went.then_some(())?;
                }
                giving.wrote(went && goes == Goes::Well)
            }
            ReleaseSlotStep::Done => return None,
        };
        if giving.step() != ReleaseSlotStep::Done {
            self.givers.push(Giver { giving, began, investigation });
        }
        Some(())
    }
}
