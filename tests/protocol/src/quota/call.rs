//! Active invocations. They carry out the steps of `RequestFlow` and `ReleaseSlotFlow`, one call each.

use super::actions::StepResult;
use super::config::Config;
use super::mutation::Mutation;
use super::world::{ModelState, ReachedOutcomes, moment};
use gumshoe_domain::guardduty::{
    BudgetWrite, CreateResult, ReleaseSlotFlow, ReleaseSlotStep, RequestFlow, RequestOutcome, RequestStep,
};
use jiff::{SignedDuration, Timestamp};

/// A sequence of invocations for one case and finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RequesterState {
    /// How many invocations are left.
    pub(crate) left: u8,
    pub(crate) call: Option<RequestInvocation>,
}

/// An invocation of start-investigation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RequestInvocation {
    pub(crate) asking: RequestFlow,
    pub(crate) began: i64,
    /// The offset of its clock, in minutes.
    clock: i64,
    /// The number of investigations when it listed them.
    listed: usize,
    /// The number of investigations that could be known when it took its slot.
    knows: usize,
    /// The manual investigations that counted as ours then, a bit each.
    mistaken: u16,
    /// The number of investigations when GuardDuty refused.
    refused: Option<usize>,
    /// Mutation: the response that was received before the slot was taken.
    early: Option<CreateResult>,
}

/// An invocation of check-investigation, for an investigation that failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ReleaseInvocation {
    pub(crate) giving: ReleaseSlotFlow,
    pub(crate) began: i64,
    investigation: usize,
}

impl RequestInvocation {
    /// Whether its next step depends on the item's version.
    pub(crate) fn holds_a_version(&self) -> bool {
        matches!(self.asking.step(), RequestStep::List | RequestStep::Write(_))
    }

    pub(crate) fn forget_what_was_listed(&mut self) {
        (self.listed, self.knows) = (0, usize::MAX);
        self.refused = self.refused.map(|_| 0);
    }

    /// The time of its clock. No two clocks show the same time.
    fn now(&self, now: i64, asker: usize) -> Timestamp {
        let seconds = SignedDuration::from_secs(i64::try_from(asker).unwrap_or(0));
        moment(now + self.clock).checked_add(seconds).expect("constant is a valid timestamp")
    }
}

impl ReleaseInvocation {
    /// Whether its next step depends on the item's version.
    pub(crate) fn holds_a_version(&self) -> bool {
        matches!(self.giving.step(), ReleaseSlotStep::Write(_))
    }
}

impl ModelState {
    /// start-investigation is invoked.
    pub(crate) fn invoke(&mut self, config: &Config, asker: usize, clock: i64) -> Option<()> {
        self.askers[asker].left -= 1;
        let asking = RequestFlow::begin(config.requesters[asker].request(), config.limits);
        let call = RequestInvocation {
            asking,
            began: self.now,
            clock,
            listed: 0,
            knows: 0,
            mistaken: 0,
            refused: None,
            early: None,
        };
        self.askers[asker].call = Some(call);
        self.ask(config, asker, StepResult::Ok)
    }

    /// One call of start-investigation. `None` if the result leads to the same state as another.
    pub(crate) fn ask(&mut self, config: &Config, asker: usize, result: StepResult) -> Option<()> {
        let mut call = self.askers[asker].call.take()?;
        let now = call.now(self.now, asker);
        let has_effect = match call.asking.step() {
            RequestStep::Read => {
                let mut found = self.table.item.clone();
                if let (Some(mutation), Some((_, budget))) = (config.mutation, &mut found) {
                    mutation.alter_read(budget, now, call.refused.is_some());
                }
                call.asking = call.asking.read(found, now);
                call.listed = 0; // belongs to the earlier read
                false
            }
            RequestStep::List => {
                call.asking = match result {
                    StepResult::Ok if config.has_mutation(Mutation::SkipsListing) => call.asking.listed(Some(&[]), now),
                    StepResult::Ok => call.asking.listed(Some(&self.list(config)), now),
                    _ => call.asking.listed(None, now),
                };
                if result == StepResult::Ok {
                    call.listed = self.guardduty.len();
                } else {
                    self.left = self.left.with_fault(|left| &mut left.failed_lists)?;
                }
                false
            }
            RequestStep::Write(write) => self.take(config, &mut call, write, result)?,
            RequestStep::Create { token, prompt } => {
                self.create_investigation(config, &mut call, (&token, &prompt), result)?
            }
            RequestStep::Done(_) => return None,
        };
        if result == StepResult::Crash {
            self.left = self.left.with_fault(|left| &mut left.crashes)?;
            return has_effect.then_some(());
        }
        self.continue_or_finish(config, asker, Some(call));
        Some(())
    }

    /// The write of a slot, or of its update.
    fn take(
        &mut self,
        config: &Config,
        call: &mut RequestInvocation,
        mut write: BudgetWrite,
        result: StepResult,
    ) -> Option<bool> {
        if config.has_mutation(Mutation::RequestsBeforeTakingSlot)
            && call.early.is_none()
            && let RequestStep::Create { token, prompt } = call.asking.clone().wrote(true).step()
        {
            let knows = self.table.listed.max(self.table.refused).max(call.listed);
            call.early = Some(self.create(config, &token, &prompt, (knows, self.mistaken())));
            return Some(true);
        }
        if let Some(mutation) = config.mutation {
            mutation.alter_write(&mut write, call.refused.is_some(), moment(self.now));
        }
        let went = self.table.write(write, config.has_mutation(Mutation::IgnoresVersion));
        if went {
            let RequestInvocation { listed, refused, .. } = *call;
            self.table.listed = self.table.listed.max(listed);
            self.table.refused = self.table.refused.max(refused.unwrap_or(0));
            (call.knows, call.listed) = (self.table.listed.max(self.table.refused), 0);
            call.mistaken = self.mistaken();
        }
        if result == StepResult::ResponseLost {
            self.left = self.left.with_fault(|left| &mut left.lost_table_responses)?;
            went.then_some(())?;
        }
        call.asking = call.asking.clone().wrote(went && result != StepResult::ResponseLost);
        Some(went)
    }

    /// CreateInvestigation and its response.
    fn create_investigation(
        &mut self,
        config: &Config,
        call: &mut RequestInvocation,
        asked: (&str, &str),
        result: StepResult,
    ) -> Option<bool> {
        let before = self.guardduty.len();
        let token = match config.has_mutation(Mutation::UsesNewTokenEachTime) {
            true => format!("{}, {}", asked.0, self.askers.iter().map(|it| it.left).sum::<u8>()),
            false => asked.0.to_owned(),
        };
        let is_carried_out = matches!(result, StepResult::Ok | StepResult::Crash | StepResult::ResponseLost);
        let carried_out = is_carried_out.then(|| match call.early.take() {
            Some(early) => early,
            None => self.create(config, &token, asked.1, (call.knows, call.mistaken)),
        });
        let creates = self.guardduty.len() > before;
        let answer = match (result, carried_out) {
            (StepResult::Ok | StepResult::Crash, Some(answer)) => answer,
            (StepResult::Denied, _) => {
                self.left = self.left.with_fault(|left| &mut left.denied)?;
                CreateResult::Refused
            }
            _ => {
                self.left = self.left.with_fault(|left| &mut left.lost_create_responses)?;
                // Without a new investigation, a lost response equals no call.
                (result == StepResult::NotSent || creates).then_some(())?;
                CreateResult::Unknown
            }
        };
        let answer = match answer {
            CreateResult::Unknown if config.has_mutation(Mutation::TreatsLostResponseAsRefusal) => {
                CreateResult::Refused
            }
            answer => answer,
        };
        call.refused = (answer == CreateResult::Refused).then_some(self.guardduty.len());
        (call.knows, call.mistaken) = (0, 0);
        call.asking = call.asking.clone().created(answer);
        Some(creates)
    }

    /// Fails writes that expect an outdated version. They fail at any time and change nothing, so they are carried out first.
    pub(crate) fn fail_what_is_outdated(&mut self, config: &Config) {
        if config.has_mutation(Mutation::IgnoresVersion) || config.has_mutation(Mutation::RequestsBeforeTakingSlot) {
            return;
        }
        let version = self.table.item.as_ref().map(|(version, _)| *version);
        for asker in 0..self.askers.len() {
            if let Some(call) = &self.askers[asker].call
                && let RequestStep::Write(write) = call.asking.step()
                && write.expected_version != version
            {
                let asking = call.asking.clone().wrote(false);
                let call = self.askers[asker].call.take().map(|call| RequestInvocation { asking, ..call });
                self.continue_or_finish(config, asker, call);
            }
        }
    }

    /// Continues, or records the result.
    fn continue_or_finish(&mut self, config: &Config, asker: usize, call: Option<RequestInvocation>) {
        match call.as_ref().map(|call| call.asking.step()) {
            Some(RequestStep::Done(asked)) => self.record_result(config, asker, &asked),
            _ => self.askers[asker].call = call,
        }
    }

    /// Records the result that the case receives.
    fn record_result(&mut self, config: &Config, asker: usize, asked: &RequestOutcome) {
        match asked {
            RequestOutcome::Requested { id, is_reused: reused } => {
                let it = id.parse::<usize>().ok().and_then(|id| self.guardduty.get(id));
                self.observations.received_wrong_investigation |=
                    it.is_none_or(|it| it.prompt != config.requesters[asker].request().prompt);
                self.reached(if *reused { ReachedOutcomes::REUSED } else { ReachedOutcomes::CREATED });
            }
            RequestOutcome::QuotaExhausted(_) => self.reached(ReachedOutcomes::FULL),
            RequestOutcome::Refused => self.reached(ReachedOutcomes::REFUSED),
            RequestOutcome::ContentionExhausted => self.observations.contention_exhausted = true,
            RequestOutcome::Unknown | RequestOutcome::NotListed => {}
        }
    }

    /// check-investigation has read that an investigation failed.
    pub(crate) fn begin_giving(&mut self, config: &Config, investigation: usize) -> Option<()> {
        self.left = self.left.without(|left| &mut left.releases)?;
        let giving = ReleaseSlotFlow::begin(&investigation.to_string());
        self.givers.push(ReleaseInvocation { giving, began: self.now, investigation });
        self.give(config, self.givers.len() - 1, StepResult::Ok)
    }

    /// One call of check-investigation.
    pub(crate) fn give(&mut self, config: &Config, giver: usize, result: StepResult) -> Option<()> {
        let ReleaseInvocation { giving, began, investigation } = self.givers.remove(giver);
        let giving = match giving.step() {
            ReleaseSlotStep::Read => {
                let mut found = self.table.item.clone();
                if let (Some(mutation), Some((_, budget))) = (config.mutation, &mut found) {
                    mutation.alter_release_read(budget, &investigation.to_string());
                }
                giving.read(found)
            }
            ReleaseSlotStep::Write(write) => {
                let went = self.table.write(write, config.has_mutation(Mutation::IgnoresVersion));
                if went {
                    self.reached(ReachedOutcomes::RELEASED);
                }
                if result != StepResult::Ok {
                    // A crash equals a lost response: it would have been the last call.
                    self.left = self.left.with_fault(|left| &mut left.lost_table_responses)?;
                    went.then_some(())?;
                }
                giving.wrote(went && result == StepResult::Ok)
            }
            ReleaseSlotStep::Done => return None,
        };
        if giving.step() != ReleaseSlotStep::Done {
            self.givers.push(ReleaseInvocation { giving, began, investigation });
        }
        Some(())
    }
}
