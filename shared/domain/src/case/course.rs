//! How a case goes on after everything about it was read: the decision of assess-case, over facts alone.
//!
//! [`CaseInputs`](super::CaseInputs) derives the facts from what was read. The model of the protocol makes them up.

use super::flows::EvaluationOutcome;
use thiserror::Error;

/// What decides how a case goes on. It is neither stored nor rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and has its own source")]
pub struct CaseFacts {
    /// An execution works the case, or has to. Otherwise an earlier attempt of this step has ended the case.
    pub is_active: bool,
    /// No other round and no other investigation follows.
    pub is_last: bool,
    /// An earlier step of the state machine found out why there is no result.
    pub is_not_investigated: bool,
    /// That reason is an investigation that ended FAILED, for the first time.
    pub can_restart_investigation: bool,
    /// The second look has begun.
    pub has_follow_up_begun: bool,
    /// The last investigation is not one of the second look, or has no result.
    pub is_follow_up_missing: bool,
    /// The last investigation is running.
    pub is_running: bool,
    /// GuardDuty is to be asked about the findings, and was not asked.
    pub is_guardduty_request_missing: bool,
    /// A result would end the case quietly, as far as what was found decides it.
    pub is_quiet: bool,
    /// Neither an indicator was found nor a severity that people are notified of.
    pub is_empty: bool,
    /// What the investigations cannot have seen.
    pub uncovered: UncoveredActivity,
    /// Whether Detective has data of the principal's account.
    pub coverage: CoverageKind,
}

/// Activity that none of the case's investigations can have seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UncoveredActivity {
    /// There is none.
    None,
    /// It came after the end of an investigation of its Region.
    AfterInvestigation,
    /// It is in a Region that the stack investigates in, and no investigation there has a result.
    RegionNotInvestigated,
    /// It is in a Region in which the stack does not investigate.
    RegionNotListed,
}

/// Whether Detective has data of the principal's account, for decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CoverageKind {
    /// The account sends its data to each graph that was asked, or no graph was asked.
    InGraphs,
    /// It sends none to one of them.
    Outside,
    /// It could not be read.
    Unknown {
        /// Whether the failure may pass.
        is_transient: bool,
    },
}

/// How a case goes on, and why it has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CaseDecision {
    /// How it goes on.
    pub action: CaseAction,
    /// Why it has no result; nothing where it has one.
    pub no_result_reason: Option<NoResultReason>,
}

/// How a case goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseAction {
    /// The verdict is drawn: the case is alerted, or ends quietly.
    Conclude,
    /// The second look has begun and has no result yet. Another execution works it.
    DeferToFollowUp,
    /// The investigation that is running is waited for.
    WaitForInvestigation,
    /// The case is investigated again, as GuardDuty is to be asked about its findings.
    RequestGuardDuty,
    /// The case is investigated again, as there is activity that no investigation has seen.
    InvestigateUncovered,
    /// The investigation that ended FAILED is started once more.
    RestartInvestigation,
    /// The step fails and is tried again: it could not be read whether the account is in the graph, and the case would end
    /// quietly.
    RetryCoverageRead,
}

/// Why a case has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoResultReason {
    /// An earlier step said so.
    FromEarlierStep,
    /// Detective has no data of the principal's account.
    OutsideGraph,
    /// The investigation is running, and nothing waits for it any more.
    StillRunning,
    /// There is activity that no investigation has seen, and no other follows.
    UncoveredActivity,
    /// It could not be read whether the account is in the graph.
    CoverageUnknown,
}

/// It could not be read whether the principal's account is in the behavior graph, and the failure may pass: the step is to be
/// tried again before the case ends quietly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("could not read whether the account is in the behavior graph")]
pub struct CoverageReadError;

impl CaseDecision {
    /// The same, as the assessment's flow takes it. `verdict` gives the verdict, with a result or without one.
    ///
    /// # Errors
    ///
    /// [`CoverageUnread`]: the step is to be tried again.
    pub fn into_outcome(
        self,
        verdict: impl FnOnce(bool) -> EvaluationOutcome,
    ) -> Result<EvaluationOutcome, CoverageReadError> {
        Ok(match self.action {
            CaseAction::Conclude => verdict(self.no_result_reason.is_none()),
            CaseAction::DeferToFollowUp => EvaluationOutcome::FollowUpPending,
            CaseAction::WaitForInvestigation => EvaluationOutcome::InvestigationRunning,
            CaseAction::RequestGuardDuty | CaseAction::InvestigateUncovered => EvaluationOutcome::Outdated,
            CaseAction::RestartInvestigation => EvaluationOutcome::InvestigationFailed,
            CaseAction::RetryCoverageRead => return Err(CoverageReadError),
        })
    }
}

impl CaseFacts {
    /// Decides how the case goes on.
    ///
    /// A case ends quietly only with a result, in the right place, at the right time and with the account's data. Whatever is
    /// missing is waited for while rounds are left, and a reason to notify people when none is.
    #[must_use]
    pub fn decide(self) -> CaseDecision {
        let mut no_result = if self.is_not_investigated {
            Some(NoResultReason::FromEarlierStep)
        } else if self.coverage == CoverageKind::Outside && (self.is_quiet || self.is_empty) {
            // What the account sent before it was disabled can still be found. It counts towards an alert, and never towards
            // a quiet end: what came after it was not seen.
            Some(NoResultReason::OutsideGraph)
        } else {
            None
        };
        let mut again = None;
        if self.is_follow_up_pending() {
            again = Some(CaseAction::DeferToFollowUp);
        } else if self.is_running && self.is_active && no_result.is_none() {
            if self.is_last {
                no_result = Some(NoResultReason::StillRunning);
            } else {
                again = Some(CaseAction::WaitForInvestigation);
            }
        } else if self.is_guardduty_request_missing && self.is_active && !self.is_last {
            again = Some(CaseAction::RequestGuardDuty);
        } else if self.is_active && self.is_quiet && no_result.is_none() && self.has_uncovered_activity() {
            if !self.is_last && self.uncovered != UncoveredActivity::RegionNotListed {
                again = Some(CaseAction::InvestigateUncovered);
            } else {
                no_result = Some(NoResultReason::UncoveredActivity);
            }
        }
        // A case that people are not notified of has to be one that Detective could see.
        let goes_round = again.is_some_and(|next| next != CaseAction::DeferToFollowUp);
        if let CoverageKind::Unknown { is_transient } = self.coverage
            && self.is_active
            && self.is_quiet
            && no_result.is_none()
            && !goes_round
        {
            if is_transient {
                return CaseDecision { action: CaseAction::RetryCoverageRead, no_result_reason: no_result };
            }
            no_result = Some(NoResultReason::CoverageUnknown);
        }
        let next = match again {
            Some(next) => next,
            None if self.can_restart_investigation => CaseAction::RestartInvestigation,
            None => CaseAction::Conclude,
        };
        CaseDecision { action: next, no_result_reason: no_result }
    }

    /// Whether the second look has begun and has no result. Its own execution comes here when it has; another one is late.
    fn is_follow_up_pending(self) -> bool {
        !self.is_not_investigated && self.is_active && self.has_follow_up_begun && self.is_follow_up_missing
    }

    /// Activity that comes after the second look began opens the next case.
    fn has_uncovered_activity(self) -> bool {
        match self.uncovered {
            UncoveredActivity::None => false,
            UncoveredActivity::AfterInvestigation => !self.has_follow_up_begun,
            UncoveredActivity::RegionNotInvestigated | UncoveredActivity::RegionNotListed => true,
        }
    }
}

#[cfg(test)]
mod tests;
