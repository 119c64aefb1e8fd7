//! The rows of the table, with observations that no function can read.

use gumshoe_domain::case::{CaseChange, CaseNumber, CaseProgress, CaseStatus, CaseWrite, FindingProgress, IntakeWrite};
use gumshoe_domain::finding::SeverityBand;

/// The most findings.
pub(crate) const MAX_FINDINGS: usize = 3;
/// The most cases of a subject.
const MAX_CASES: usize = 5;

/// For each finding, the count of the state that was seen; 0 if none was.
pub(crate) type SeenCounts = [u8; MAX_FINDINGS];

/// The rows of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Subject {
    cases: [Option<Case>; MAX_CASES],
    pub(crate) findings: [Option<FindingProgress>; MAX_FINDINGS],
    /// Expired cases.
    pub(crate) expired: Vec<Case>,
}

/// A case's row, with observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Case {
    pub(crate) progress: CaseProgress,
    /// The activity that the investigations covered.
    pub(crate) investigated: SeenCounts,
    /// The number of investigations that were started.
    pub(crate) investigations: u8,
    /// Whether the last one is running. Always false if no action happens between its start and its end.
    pub(crate) running: bool,
    /// Whether the case was closed quietly although no investigation had a result, other than a case that repeats an alert.
    pub(crate) closed_without_result: bool,
    /// Whether an investigation that was started since the follow-up began has a result.
    pub(crate) has_follow_up_result: bool,
    /// Whether GuardDuty was asked, or refused.
    pub(crate) was_guardduty_asked: bool,
    /// The findings' states that the stored assessment saw.
    pub(crate) assessed: SeenCounts,
    /// The findings' states that messages reported.
    pub(crate) notified_counts: SeenCounts,
    /// The findings' states that the assessment saw with which the case was closed quietly.
    pub(crate) closed_quietly: Option<SeenCounts>,
    /// Whether its fallback notification was published.
    pub(crate) was_failure_notified: bool,
    /// Whether a person stopped its execution, and no finding has arrived since.
    pub(crate) was_stopped_manually: bool,
}

impl Subject {
    pub(crate) fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().flatten()
    }

    /// All cases, also expired ones.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Case> {
        self.cases().chain(&self.expired)
    }

    pub(crate) fn latest(&self) -> Option<CaseProgress> {
        self.cases.iter().rev().flatten().next().map(|case| case.progress)
    }

    pub(crate) fn case(&self, sequence: u32) -> Option<&Case> {
        self.cases[sequence as usize - 1].as_ref()
    }

    pub(crate) fn slot(&mut self, sequence: u32) -> &mut Option<Case> {
        &mut self.cases[sequence as usize - 1]
    }

    /// The states of a case's findings.
    pub(crate) fn findings_of(
        &self,
        number: CaseNumber,
        by_number_only: bool,
    ) -> impl Iterator<Item = (usize, &FindingProgress)> {
        let is_of_it = move |finding: &FindingProgress| {
            finding.case == number || (by_number_only && finding.case.sequence == number.sequence)
        };
        let all = self.findings.iter().enumerate().filter_map(|(index, finding)| Some((index, finding.as_ref()?)));
        all.filter(move |(_, finding)| is_of_it(finding))
    }

    /// Whether one of a case's findings is in the band High, or above.
    pub(crate) fn is_high(&self, number: CaseNumber, by_number_only: bool) -> bool {
        let mut findings = self.findings_of(number, by_number_only);
        findings.any(|(_, finding)| finding.state.severity.band() >= SeverityBand::High)
    }

    pub(crate) fn seen(&self, number: CaseNumber, by_number_only: bool) -> SeenCounts {
        let mut seen = SeenCounts::default();
        for (index, finding) in self.findings_of(number, by_number_only) {
            seen[index] = u8::try_from(finding.state.count).unwrap_or(u8::MAX);
        }
        seen
    }

    /// Writes the finding's row and the case's, or neither. Returns whether the conditions were satisfied.
    pub(crate) fn take_in(&mut self, finding: usize, write: &IntakeWrite, dropped: DroppedConditions) -> bool {
        let record = self.findings[finding].map(|it| it.version) == write.expected_version || dropped.of_the_record;
        let case = match &write.case {
            CaseChange::Unchanged => true,
            CaseChange::Open(case) => self.case(case.number.sequence).is_none() || dropped.of_the_case,
            CaseChange::Update(number, write) => {
                let held = self.case(number.sequence);
                held.is_some_and(|it| it.progress.number == *number && write.is_satisfied_by(&it.progress))
            }
        };
        if !(record && case) {
            return false;
        }
        match &write.case {
            CaseChange::Unchanged => {}
            CaseChange::Open(case) => *self.slot(case.number.sequence) = Some(Case::new(*case)),
            CaseChange::Update(number, write) => {
                if let Some(held) = self.slot(number.sequence) {
                    write.apply(&mut held.progress);
                }
            }
        }
        self.findings[finding] = Some(write.finding);
        true
    }
}

/// Conditions that a mutation drops from the intake's write.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DroppedConditions {
    pub(crate) of_the_record: bool,
    pub(crate) of_the_case: bool,
}

impl Case {
    fn new(progress: CaseProgress) -> Self {
        Self {
            progress,
            investigated: SeenCounts::default(),
            investigations: 0,
            running: false,
            closed_without_result: false,
            has_follow_up_result: false,
            was_guardduty_asked: false,
            assessed: SeenCounts::default(),
            notified_counts: SeenCounts::default(),
            closed_quietly: None,
            was_failure_notified: false,
            was_stopped_manually: false,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.progress.status == CaseStatus::Closed
    }

    /// Applies a conditional write. Returns whether its conditions were satisfied.
    pub(crate) fn write(&mut self, write: &CaseWrite) -> bool {
        let goes_through = write.is_satisfied_by(&self.progress);
        if goes_through {
            write.apply(&mut self.progress);
        }
        goes_through
    }
}
