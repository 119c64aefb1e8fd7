//! The decision of assess-case about a case, over facts alone.
//!
//! [`CaseInputs`](super::CaseInputs) derives the facts from the stored records. The model of the protocol simulates them.

use super::flows::EvaluationOutcome;
use thiserror::Error;

/// The facts that decide about a case. They are neither stored nor rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact with its own source")]
pub struct CaseFacts {
    /// The case is open or sealed. Otherwise an earlier attempt of this step has ended it.
    pub is_active: bool,
    /// No other investigation follows: this is round 20 or a later one, or the case has had all the investigations that are allowed.
    pub is_last: bool,
    /// An earlier step of the state machine has the reason why there is no result.
    pub is_not_investigated: bool,
    /// The reason is an investigation that ended with status FAILED, for the first time.
    pub can_restart_investigation: bool,
    /// The follow-up has begun.
    pub has_follow_up_begun: bool,
    /// The last investigation does not belong to the follow-up, or has no result.
    pub is_follow_up_missing: bool,
    /// The last investigation is running.
    pub is_running: bool,
    /// GuardDuty's investigation is required, and was not requested.
    pub is_guardduty_request_missing: bool,
    /// With a result, the case would end quietly according to what was found.
    pub is_quiet: bool,
    /// No indicator was found, and Detective's severity is below High.
    pub is_empty: bool,
    /// Activity that the investigations do not cover.
    pub uncovered: UncoveredActivity,
    /// Whether Detective has data of the principal's account.
    pub coverage: CoverageKind,
}

/// Activity that none of the case's investigations covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UncoveredActivity {
    /// All activity is covered.
    None,
    /// The activity is after the end of the investigation of its Region.
    AfterInvestigation,
    /// No investigation of its Region has a result. The stack investigates in this Region.
    RegionNotInvestigated,
    /// The stack does not investigate in its Region.
    RegionNotListed,
}

/// Whether Detective has data of the principal's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CoverageKind {
    /// The account is in each graph that was used, or no graph was used.
    InGraphs,
    /// The account is outside one of the graphs.
    Outside,
    /// The membership could not be read.
    Unknown {
        /// Whether the failure is transient.
        is_transient: bool,
    },
}

/// The decision about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CaseDecision {
    /// The next action.
    pub action: CaseAction,
    /// Why it has no result; `None` if it has one.
    pub no_result_reason: Option<NoResultReason>,
}

/// The next action for a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseAction {
    /// The verdict counts: the case is alerted, or ends quietly.
    Conclude,
    /// The follow-up has begun and has no result yet. The follow-up's own execution processes it.
    DeferToFollowUp,
    /// The running investigation is polled again; then the case is assessed again.
    WaitForInvestigation,
    /// GuardDuty's investigation is requested; then the case is assessed again.
    RequestGuardDuty,
    /// Another investigation is started, for activity that no investigation covers.
    InvestigateUncovered,
    /// The investigation that ended with status FAILED is started once more.
    RestartInvestigation,
    /// The step fails and is retried: the account's graph membership could not be read, and the case would end quietly.
    RetryCoverageRead,
}

/// Why a case has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoResultReason {
    /// An earlier step has the reason.
    FromEarlierStep,
    /// Detective has no data of the principal's account.
    OutsideGraph,
    /// The investigation is running, and the execution does not wait for it any longer.
    StillRunning,
    /// There is activity that no investigation covers, and no investigation follows.
    UncoveredActivity,
    /// The account's graph membership could not be read.
    CoverageUnknown,
}

/// The account's graph membership could not be read, with a transient failure: the step is retried before the case ends quietly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("could not read the account's graph membership (GetMembers); the step is retried")]
pub struct CoverageReadError;

impl CaseDecision {
    /// The decision as the outcome that [`AssessFlow`](super::flows::AssessFlow) takes. `verdict` returns the verdict, given whether there
    /// is a result.
    ///
    /// # Errors
    ///
    /// [`CoverageReadError`]: the step is retried.
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
    /// Decides the next action.
    ///
    /// A case ends quietly only with a result, of the right Region and period, and with the account's data. While another
    /// investigation is allowed, it gets what is missing; otherwise people are notified of it.
    #[must_use]
    pub fn decide(self) -> CaseDecision {
        let mut no_result = if self.is_not_investigated {
            Some(NoResultReason::FromEarlierStep)
        } else if self.coverage == CoverageKind::Outside && (self.is_quiet || self.is_empty) {
            // The data from before the account was disabled can still contain indicators. They count toward an alert, but never toward
            // a quiet end, because later activity was not seen.
            Some(NoResultReason::OutsideGraph)
        } else {
            None
        };
        let mut next_action = None;
        if self.is_follow_up_pending() {
            next_action = Some(CaseAction::DeferToFollowUp);
        } else if self.is_running && self.is_active && no_result.is_none() {
            if self.is_last {
                no_result = Some(NoResultReason::StillRunning);
            } else {
                next_action = Some(CaseAction::WaitForInvestigation);
            }
        } else if self.is_guardduty_request_missing && self.is_active && !self.is_last {
            next_action = Some(CaseAction::RequestGuardDuty);
        } else if self.is_active && self.is_quiet && no_result.is_none() && self.has_uncovered_activity() {
            if !self.is_last && self.uncovered != UncoveredActivity::RegionNotListed {
                next_action = Some(CaseAction::InvestigateUncovered);
            } else {
                no_result = Some(NoResultReason::UncoveredActivity);
            }
        }
        // A case may end quietly only if Detective has the account's data.
        let has_another_round = next_action.is_some_and(|next| next != CaseAction::DeferToFollowUp);
        if let CoverageKind::Unknown { is_transient } = self.coverage
            && self.is_active
            && self.is_quiet
            && no_result.is_none()
            && !has_another_round
        {
            if is_transient {
                return CaseDecision { action: CaseAction::RetryCoverageRead, no_result_reason: no_result };
            }
            no_result = Some(NoResultReason::CoverageUnknown);
        }
        let next = match next_action {
            Some(next) => next,
            None if self.can_restart_investigation => CaseAction::RestartInvestigation,
            None => CaseAction::Conclude,
        };
        CaseDecision { action: next, no_result_reason: no_result }
    }

    /// Whether the follow-up has begun and has no result. Only an older execution that still runs finds this: the follow-up's own
    /// execution assesses after its investigation.
    fn is_follow_up_pending(self) -> bool {
        !self.is_not_investigated && self.is_active && self.has_follow_up_begun && self.is_follow_up_missing
    }

    /// Activity after the follow-up began opens the next case.
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
