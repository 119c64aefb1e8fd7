//! Mistakes made on purpose: each must be caught, or the check checks nothing.

use gumshoe_domain::case::{CaseFacts, CaseWrite, Change, Condition, CoverageKind, UncoveredActivity};

/// A mistake in one decision, or in how it is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Faulty {
    /// A case takes a finding although it is not open any more.
    JoinsWithoutLooking,
    /// A finding that comes again is noted although its case has ended.
    RenewsWithoutLooking,
    /// A finding's record is written over whatever it holds by now.
    WritesOverTheFinding,
    /// A case is opened where there is one.
    OpensWithoutLooking,
    /// Nobody makes sure that a case which was there has an execution.
    ForgetsTheExecution,
    /// An execution that failed is taken for one that works.
    TrustsTheDead,
    /// Nobody takes up a case whose execution failed.
    ForgetsTheSuccessor,
    /// An attempt is counted, and if the counting invocation dies, nobody starts it.
    ForgetsToStartWhatWasCounted,
    /// A quiet end overlooks what joined since.
    ClosesQuietlyWithoutLooking,
    /// A quiet end overlooks what came again since.
    ClosesOverRenewals,
    /// An alerted case is closed although something joined since.
    ClosesAlertedWithoutLooking,
    /// A revision is claimed for an assessment that is not the case's any more.
    ClaimsWhatIsOutdated,
    /// A revision is published by whoever wants to, claimed or not.
    ClaimsWithoutLooking,
    /// Nobody waits until whoever claimed a revision is done.
    DoesNotWait,
    /// It is recorded that a revision is published, and then it is published.
    RecordsBeforePublishing,
    /// A case is closed, and then its alert is published.
    ClosesBeforePublishing,
    /// A new assessment takes a revision that a message may have carried.
    ReusesRevisions,
    /// A case that bears a forgotten case's number is taken for it.
    KnowsCasesByNumberOnly,
    /// A quiet case is closed at once, although it is to be looked at again.
    ClosesWithoutSecondLook,
    /// A case is watched although something joined since it was assessed.
    WatchesWithoutLooking,
    /// A case is watched although its second look has begun.
    WatchesWhatHasBegun,
    /// A finding joins a watched case, which goes on under the name of the execution that has ended.
    WakesWithoutExecution,
    /// The second look of a case begins whatever has become of it since it was read.
    BeginsWithoutLooking,
    /// A case is taken off the list before its execution is there.
    UnlistsTooEarly,
    /// The second look rests on the investigation of the first.
    SecondLooksAtTheFirst,
    /// The result of an investigation is read while it is running.
    ReadsRunningInvestigations,
    /// What may pass is muted like what can never be investigated.
    MutesWhatMayPass,
    /// People are notified of the same again.
    TellsTheSameAgain,
    /// The relay believes a revision only once it is recorded that it is published.
    BelievesOnlyRecords,
    /// An empty result is taken for one although Detective has no data of the account.
    TrustsUncoveredAccounts,
    /// A case ends quietly although there is activity after its investigation.
    OverlooksLaterActivity,
    /// A case that was not investigated is taken for one in which nothing was found.
    TakesNoResultForQuiet,
    /// A case is to be investigated again although no other investigation follows.
    GoesRoundForEver,
}

impl Faulty {
    /// All of them.
    pub const ALL: [Self; 33] = [
        Self::JoinsWithoutLooking,
        Self::RenewsWithoutLooking,
        Self::WritesOverTheFinding,
        Self::OpensWithoutLooking,
        Self::ForgetsTheExecution,
        Self::TrustsTheDead,
        Self::ForgetsTheSuccessor,
        Self::ForgetsToStartWhatWasCounted,
        Self::ClosesQuietlyWithoutLooking,
        Self::ClosesOverRenewals,
        Self::ClosesAlertedWithoutLooking,
        Self::ClaimsWhatIsOutdated,
        Self::ClaimsWithoutLooking,
        Self::DoesNotWait,
        Self::RecordsBeforePublishing,
        Self::ClosesBeforePublishing,
        Self::ReusesRevisions,
        Self::KnowsCasesByNumberOnly,
        Self::ClosesWithoutSecondLook,
        Self::WatchesWithoutLooking,
        Self::WatchesWhatHasBegun,
        Self::WakesWithoutExecution,
        Self::BeginsWithoutLooking,
        Self::UnlistsTooEarly,
        Self::SecondLooksAtTheFirst,
        Self::ReadsRunningInvestigations,
        Self::MutesWhatMayPass,
        Self::TellsTheSameAgain,
        Self::BelievesOnlyRecords,
        Self::TrustsUncoveredAccounts,
        Self::OverlooksLaterActivity,
        Self::TakesNoResultForQuiet,
        Self::GoesRoundForEver,
    ];

    /// The facts about a case as the mistake sees them when it is assessed.
    pub(crate) fn mistake(self, facts: CaseFacts) -> CaseFacts {
        match self {
            Self::SecondLooksAtTheFirst => CaseFacts { is_follow_up_missing: false, ..facts },
            Self::ReadsRunningInvestigations => CaseFacts { is_running: false, ..facts },
            Self::TrustsUncoveredAccounts => CaseFacts { coverage: CoverageKind::InGraphs, ..facts },
            Self::OverlooksLaterActivity => CaseFacts { uncovered: UncoveredActivity::None, ..facts },
            Self::TakesNoResultForQuiet => CaseFacts { is_not_investigated: false, ..facts },
            Self::GoesRoundForEver => CaseFacts { is_last: false, ..facts },
            _ => facts,
        }
    }

    /// The write as the mistake makes it: conditions are left out, or changes differ.
    pub(crate) fn spoil(self, mut write: CaseWrite) -> CaseWrite {
        let closes = write.changes.iter().any(|change| matches!(change, Change::Close(_)));
        let assesses = write.assessment().is_some();
        let claims = write.changes.iter().any(|change| matches!(change, Change::Claim(_)));
        let renews = write.changes.contains(&Change::Renew);
        let watches = write.changes.iter().any(|change| matches!(change, Change::Watch(_)));
        let begins = write.changes.iter().any(|change| matches!(change, Change::BeginFollowUp(_)));
        let left_out = |condition: &Condition| match (self, condition) {
            (Self::JoinsWithoutLooking, Condition::IsOpen) => !renews,
            (Self::RenewsWithoutLooking, Condition::IsOpen) => renews,
            (Self::ClosesQuietlyWithoutLooking, Condition::Joined(_)) => closes && assesses,
            (Self::ClosesOverRenewals, Condition::Renewed(_)) => true,
            (Self::ClosesAlertedWithoutLooking, Condition::Joined(_)) => closes && !assesses,
            (Self::ClaimsWhatIsOutdated, Condition::Assessments(_)) => claims,
            (Self::ClaimsWithoutLooking, Condition::Claimed(_) | Condition::PublishingUntil(_)) => claims,
            (Self::DoesNotWait, Condition::PublishingUntil(_)) => claims,
            (Self::ReusesRevisions, Condition::ClaimedBelow(_)) => assesses,
            (Self::WatchesWithoutLooking, Condition::Joined(_)) => watches,
            (Self::WatchesWhatHasBegun, Condition::FollowUpNotBegun) => true,
            (Self::BeginsWithoutLooking, Condition::IsWatching | Condition::WatchUntil(_)) => begins,
            _ => false,
        };
        write.conditions.retain(|condition| !left_out(condition));
        match self {
            Self::WakesWithoutExecution if write.changes.contains(&Change::Reopen) => {
                write.changes.retain(|change| !matches!(change, Change::StartNewRun(_)));
            }
            Self::UnlistsTooEarly if begins => write.changes.push(Change::RemoveFromDueList),
            _ => {}
        }
        write
    }
}
