//! How a case goes on after everything about it was read: the decision of assess-case, over facts alone.
//!
//! [`CaseInputs`](super::CaseInputs) derives the facts from what was read. The model of the protocol makes them up.

use super::flows::Weighed;
use thiserror::Error;

/// What decides how a case goes on. It is neither stored nor rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and has its own source")]
pub struct CaseFacts {
    /// An execution works the case, or has to. Otherwise an earlier attempt of this step has ended the case.
    pub is_under_way: bool,
    /// No other round and no other investigation follows.
    pub is_last: bool,
    /// An earlier step of the state machine found out why there is no result.
    pub is_not_investigated: bool,
    /// That reason is an investigation that ended FAILED, for the first time.
    pub may_start_again: bool,
    /// The second look has begun.
    pub has_second_look_begun: bool,
    /// The last investigation is not one of the second look, or has no result.
    pub lacks_second_look: bool,
    /// The last investigation is running.
    pub is_running: bool,
    /// GuardDuty is to be asked about the findings, and was not asked.
    pub is_guardduty_unasked: bool,
    /// A result would end the case quietly, as far as what was found decides it.
    pub is_quiet: bool,
    /// Neither an indicator was found nor a severity that people are notified of.
    pub is_empty: bool,
    /// What the investigations cannot have seen.
    pub unseen: UnseenActivity,
    /// Whether Detective has data of the principal's account.
    pub coverage: AccountCoverage,
}

/// Activity that none of the case's investigations can have seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnseenActivity {
    /// There is none.
    None,
    /// It came after the end of an investigation of its Region.
    Later,
    /// It is in a Region that the stack investigates in, and no investigation there has a result.
    Elsewhere,
    /// It is in a Region in which the stack does not investigate.
    OutOfReach,
}

/// Whether Detective has data of the principal's account, for decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountCoverage {
    /// The account sends its data to each graph that was asked, or no graph was asked.
    InGraphs,
    /// It sends none to one of them.
    Outside,
    /// It could not be read.
    Unknown {
        /// Whether the failure may pass.
        may_pass: bool,
    },
}

/// How a case goes on, and why it has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Course {
    /// How it goes on.
    pub next: NextMove,
    /// Why it has no result; nothing where it has one.
    pub no_result: Option<NoResult>,
}

/// How a case goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NextMove {
    /// The verdict is drawn: the case is alerted, or ends quietly.
    Conclude,
    /// The second look has begun and has no result yet. Another execution works it.
    LeaveToSecondLook,
    /// The investigation that is running is waited for.
    AwaitInvestigation,
    /// The case is investigated again, as GuardDuty is to be asked about its findings.
    AskGuardDuty,
    /// The case is investigated again, as there is activity that no investigation has seen.
    InvestigateUnseen,
    /// The investigation that ended FAILED is started once more.
    StartAgain,
    /// The step fails and is tried again: it could not be read whether the account is in the graph, and the case would end
    /// quietly.
    RetryCoverage,
}

/// Why a case has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoResult {
    /// An earlier step said so.
    Given,
    /// Detective has no data of the principal's account.
    OutsideGraph,
    /// The investigation is running, and nothing waits for it any more.
    StillRunning,
    /// There is activity that no investigation has seen, and no other follows.
    Unseen,
    /// It could not be read whether the account is in the graph.
    CoverageUnknown,
}

/// It could not be read whether the principal's account is in the behavior graph, and the failure may pass: the step is to be
/// tried again before the case ends quietly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("could not read whether the account is in the behavior graph")]
pub struct CoverageUnread;

impl Course {
    /// The same, as the assessment's flow takes it. `verdict` gives the verdict, with a result or without one.
    ///
    /// # Errors
    ///
    /// [`CoverageUnread`]: the step is to be tried again.
    pub fn weighed(self, verdict: impl FnOnce(bool) -> Weighed) -> Result<Weighed, CoverageUnread> {
        Ok(match self.next {
            NextMove::Conclude => verdict(self.no_result.is_none()),
            NextMove::LeaveToSecondLook => Weighed::SecondLookPending,
            NextMove::AwaitInvestigation => Weighed::Running,
            NextMove::AskGuardDuty | NextMove::InvestigateUnseen => Weighed::Outdated,
            NextMove::StartAgain => Weighed::Failed,
            NextMove::RetryCoverage => return Err(CoverageUnread),
        })
    }
}

impl CaseFacts {
    /// Decides how the case goes on.
    ///
    /// A case ends quietly only with a result, in the right place, at the right time and with the account's data. Whatever is
    /// missing is waited for while rounds are left, and a reason to notify people when none is.
    #[must_use]
    pub fn course(self) -> Course {
        let mut no_result = if self.is_not_investigated {
            Some(NoResult::Given)
        } else if self.coverage == AccountCoverage::Outside && (self.is_quiet || self.is_empty) {
            // What the account sent before it was disabled can still be found. It counts towards an alert, and never towards
            // a quiet end: what came after it was not seen.
            Some(NoResult::OutsideGraph)
        } else {
            None
        };
        let mut again = None;
        if self.is_second_look_pending() {
            again = Some(NextMove::LeaveToSecondLook);
        } else if self.is_running && self.is_under_way && no_result.is_none() {
            if self.is_last {
                no_result = Some(NoResult::StillRunning);
            } else {
                again = Some(NextMove::AwaitInvestigation);
            }
        } else if self.is_guardduty_unasked && self.is_under_way && !self.is_last {
            again = Some(NextMove::AskGuardDuty);
        } else if self.is_under_way && self.is_quiet && no_result.is_none() && self.has_unseen_activity() {
            if !self.is_last && self.unseen != UnseenActivity::OutOfReach {
                again = Some(NextMove::InvestigateUnseen);
            } else {
                no_result = Some(NoResult::Unseen);
            }
        }
        // A case that people are not notified of has to be one that Detective could see.
        let goes_round = again.is_some_and(|next| next != NextMove::LeaveToSecondLook);
        if let AccountCoverage::Unknown { may_pass } = self.coverage
            && self.is_under_way
            && self.is_quiet
            && no_result.is_none()
            && !goes_round
        {
            if may_pass {
                return Course { next: NextMove::RetryCoverage, no_result };
            }
            no_result = Some(NoResult::CoverageUnknown);
        }
        let next = match again {
            Some(next) => next,
            None if self.may_start_again => NextMove::StartAgain,
            None => NextMove::Conclude,
        };
        Course { next, no_result }
    }

    /// Whether the second look has begun and has no result. Its own execution comes here when it has; another one is late.
    fn is_second_look_pending(self) -> bool {
        !self.is_not_investigated && self.is_under_way && self.has_second_look_begun && self.lacks_second_look
    }

    /// Activity that comes after the second look began opens the next case.
    fn has_unseen_activity(self) -> bool {
        match self.unseen {
            UnseenActivity::None => false,
            UnseenActivity::Later => !self.has_second_look_begun,
            UnseenActivity::Elsewhere | UnseenActivity::OutOfReach => true,
        }
    }
}

#[cfg(test)]
mod tests;
