//! Deliberate mistakes: the properties must find each of them, otherwise they would prove nothing.

use gumshoe_domain::case::{CaseFacts, CaseWrite, Change, Condition, CoverageKind, UncoveredActivity};

/// A mistake in one decision, or in how it is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mutation {
    /// A finding joins a case that is no longer open.
    JoinsWithoutCondition,
    /// A finding's update is written to a case that has ended.
    RenewsWithoutCondition,
    /// A finding's record is written without its version as a condition.
    OverwritesFinding,
    /// A case is opened under a sequence that another case has.
    OpensWithoutCondition,
    /// The execution of a case that already existed is not ensured.
    SkipsStartOfExistingCase,
    /// A failed execution counts as running.
    IgnoresFailedExecution,
    /// A case whose execution failed gets no new execution.
    SkipsRestart,
    /// If the invocation that counted an attempt crashes, no other starts that attempt.
    SkipsStartOfCountedAttempt,
    /// A case is closed quietly although a finding joined since the assessment.
    ClosesQuietlyDespiteJoin,
    /// A case is closed quietly although a finding was updated since the assessment.
    ClosesDespiteRenewal,
    /// An alerted case is closed although a finding joined since the assessment.
    ClosesAlertedDespiteJoin,
    /// A revision is claimed for an assessment that was replaced.
    ClaimsOutdatedAssessment,
    /// A revision is claimed although another invocation has claimed it.
    ClaimsWithoutCondition,
    /// An invocation does not wait until the claim of another expires.
    IgnoresClaimDuration,
    /// A revision is recorded as published before it is published.
    RecordsBeforePublishing,
    /// A case is closed before its alert is published.
    ClosesBeforePublishing,
    /// A new assessment takes a revision that a message may have carried.
    ReusesRevisions,
    /// A case is identified by its sequence alone, so that it is confused with an expired case.
    MatchesCaseBySequenceOnly,
    /// A quiet case is closed without a follow-up investigation.
    SkipsFollowUp,
    /// A case becomes watched although a finding joined since the assessment.
    WatchesDespiteJoin,
    /// A case becomes watched although its follow-up has begun.
    WatchesAfterFollowUpBegan,
    /// A watched case is reopened under the name of the execution that has ended.
    ReopensWithoutExecution,
    /// A follow-up begins although the case changed since it was read.
    BeginsFollowUpWithoutCondition,
    /// A case is removed from the index of due cases before its execution exists.
    RemovesFromDueListTooEarly,
    /// The follow-up uses the result of the first investigation.
    FollowUpUsesFirstInvestigation,
    /// A running investigation counts as ended.
    TreatsRunningAsEnded,
    /// A finding is suppressed although a transient failure prevented its investigation.
    SuppressesTransient,
    /// People are notified of the same outcome again.
    RepeatsNotification,
    /// The relay accepts a revision only after it was recorded as published.
    ValidatesOnlyPublished,
    /// An empty result counts although Detective has no data of the account.
    IgnoresCoverage,
    /// A case ends quietly although there is activity after its investigation's scope.
    IgnoresLaterActivity,
    /// A case without a result counts as one in which nothing was found.
    TreatsNoResultAsQuiet,
    /// Another investigation is requested although none may follow.
    NeverEnds,
}

impl Mutation {
    /// Every mutation.
    pub const ALL: [Self; 33] = [
        Self::JoinsWithoutCondition,
        Self::RenewsWithoutCondition,
        Self::OverwritesFinding,
        Self::OpensWithoutCondition,
        Self::SkipsStartOfExistingCase,
        Self::IgnoresFailedExecution,
        Self::SkipsRestart,
        Self::SkipsStartOfCountedAttempt,
        Self::ClosesQuietlyDespiteJoin,
        Self::ClosesDespiteRenewal,
        Self::ClosesAlertedDespiteJoin,
        Self::ClaimsOutdatedAssessment,
        Self::ClaimsWithoutCondition,
        Self::IgnoresClaimDuration,
        Self::RecordsBeforePublishing,
        Self::ClosesBeforePublishing,
        Self::ReusesRevisions,
        Self::MatchesCaseBySequenceOnly,
        Self::SkipsFollowUp,
        Self::WatchesDespiteJoin,
        Self::WatchesAfterFollowUpBegan,
        Self::ReopensWithoutExecution,
        Self::BeginsFollowUpWithoutCondition,
        Self::RemovesFromDueListTooEarly,
        Self::FollowUpUsesFirstInvestigation,
        Self::TreatsRunningAsEnded,
        Self::SuppressesTransient,
        Self::RepeatsNotification,
        Self::ValidatesOnlyPublished,
        Self::IgnoresCoverage,
        Self::IgnoresLaterActivity,
        Self::TreatsNoResultAsQuiet,
        Self::NeverEnds,
    ];

    /// The facts as the mutated assess-case sees them.
    pub(crate) fn alter_facts(self, facts: CaseFacts) -> CaseFacts {
        match self {
            Self::FollowUpUsesFirstInvestigation => CaseFacts { is_follow_up_missing: false, ..facts },
            Self::TreatsRunningAsEnded => CaseFacts { is_running: false, ..facts },
            Self::IgnoresCoverage => CaseFacts { coverage: CoverageKind::InGraphs, ..facts },
            Self::IgnoresLaterActivity => CaseFacts { uncovered: UncoveredActivity::None, ..facts },
            Self::TreatsNoResultAsQuiet => CaseFacts { is_not_investigated: false, ..facts },
            Self::NeverEnds => CaseFacts { is_last: false, ..facts },
            _ => facts,
        }
    }

    /// The mutated write: conditions are dropped, or changes differ.
    pub(crate) fn alter_write(self, mut write: CaseWrite) -> CaseWrite {
        let closes = write.changes.iter().any(|change| matches!(change, Change::Close(_)));
        let assesses = write.assessment().is_some();
        let claims = write.changes.iter().any(|change| matches!(change, Change::Claim(_)));
        let renews = write.changes.contains(&Change::Renew);
        let watches = write.changes.iter().any(|change| matches!(change, Change::Watch(_)));
        let begins = write.changes.iter().any(|change| matches!(change, Change::BeginFollowUp(_)));
        let is_dropped = |condition: &Condition| match (self, condition) {
            (Self::JoinsWithoutCondition, Condition::IsOpen) => !renews,
            (Self::RenewsWithoutCondition, Condition::IsOpen) => renews,
            (Self::ClosesQuietlyDespiteJoin, Condition::Joined(_)) => closes && assesses,
            (Self::ClosesDespiteRenewal, Condition::Renewed(_)) => true,
            (Self::ClosesAlertedDespiteJoin, Condition::Joined(_)) => closes && !assesses,
            (Self::ClaimsOutdatedAssessment, Condition::Assessments(_)) => claims,
            (Self::ClaimsWithoutCondition, Condition::Claimed(_) | Condition::PublishingUntil(_)) => claims,
            (Self::IgnoresClaimDuration, Condition::PublishingUntil(_)) => claims,
            (Self::ReusesRevisions, Condition::ClaimedBelow(_)) => assesses,
            (Self::WatchesDespiteJoin, Condition::Joined(_)) => watches,
            (Self::WatchesAfterFollowUpBegan, Condition::FollowUpNotBegun) => true,
            (Self::BeginsFollowUpWithoutCondition, Condition::IsWatching | Condition::WatchUntil(_)) => begins,
            _ => false,
        };
        write.conditions.retain(|condition| !is_dropped(condition));
        match self {
            Self::ReopensWithoutExecution if write.changes.contains(&Change::Reopen) => {
                write.changes.retain(|change| !matches!(change, Change::StartNewRun(_)));
            }
            Self::RemovesFromDueListTooEarly if begins => write.changes.push(Change::RemoveFromDueList),
            _ => {}
        }
        write
    }
}
