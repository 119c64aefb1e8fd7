//! The rows of the table, with notes of what really happened.

use gumshoe_domain::case::{CaseChange, CaseNumber, CaseProgress, CaseStatus, CaseWrite, FindingProgress, IntakeWrite};
use gumshoe_domain::finding::SeverityBand;

/// How many findings there are at most.
pub(crate) const FINDINGS: usize = 3;
/// How many cases a subject has at most.
const CASES: usize = 5;

/// For each finding, the count of the state that was seen; 0 where none was.
pub(crate) type Seen = [u8; FINDINGS];

/// The rows of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Subject {
    cases: [Option<Case>; CASES],
    pub(crate) findings: [Option<FindingProgress>; FINDINGS],
    /// What became of cases that the table has forgotten.
    pub(crate) forgotten: Vec<Case>,
}

/// A case's row, with notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Case {
    pub(crate) progress: CaseProgress,
    /// What the investigation can have seen.
    pub(crate) investigated: Seen,
    /// How many investigations were started.
    pub(crate) investigations: u8,
    /// Whether the last one is running; always false where nothing happens between its start and its end.
    pub(crate) running: bool,
    /// Whether the case was closed quietly although no investigation had a result, other than a case that repeats an alert.
    pub(crate) closed_without_result: bool,
    /// Whether one of them was started since the second look began, and has a result.
    pub(crate) looked_twice: bool,
    /// Whether GuardDuty was asked, or would not be.
    pub(crate) asked: bool,
    /// What the assessment in the table saw.
    pub(crate) assessed: Seen,
    /// What messages told of.
    pub(crate) told: Seen,
    /// What the assessment saw that the case was closed quietly with.
    pub(crate) closed_quietly: Option<Seen>,
    /// The last resort was said for it.
    pub(crate) last_resort: bool,
    /// A person stopped its execution, and no finding has come since.
    pub(crate) stopped: bool,
}

impl Subject {
    pub(crate) fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().flatten()
    }

    /// All of them, also those that the table has forgotten.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Case> {
        self.cases().chain(&self.forgotten)
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

    pub(crate) fn seen(&self, number: CaseNumber, by_number_only: bool) -> Seen {
        let mut seen = Seen::default();
        for (index, finding) in self.findings_of(number, by_number_only) {
            seen[index] = u8::try_from(finding.state.count).unwrap_or(u8::MAX);
        }
        seen
    }

    /// Takes a finding in, both rows or neither; gives whether it went through.
    pub(crate) fn take_in(&mut self, finding: usize, write: &IntakeWrite, careless: Careless) -> bool {
        let record = self.findings[finding].map(|it| it.version) == write.expected_version || careless.of_the_record;
        let case = match &write.case {
            CaseChange::Unchanged => true,
            CaseChange::Open(case) => self.case(case.number.sequence).is_none() || careless.of_the_case,
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

/// Conditions that a mistake leaves out of taking a finding in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Careless {
    pub(crate) of_the_record: bool,
    pub(crate) of_the_case: bool,
}

impl Case {
    fn new(progress: CaseProgress) -> Self {
        Self {
            progress,
            investigated: Seen::default(),
            investigations: 0,
            running: false,
            closed_without_result: false,
            looked_twice: false,
            asked: false,
            assessed: Seen::default(),
            told: Seen::default(),
            closed_quietly: None,
            last_resort: false,
            stopped: false,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.progress.status == CaseStatus::Closed
    }

    /// Carries out a conditional write; gives whether it went through.
    pub(crate) fn write(&mut self, write: &CaseWrite) -> bool {
        let goes_through = write.is_satisfied_by(&self.progress);
        if goes_through {
            write.apply(&mut self.progress);
        }
        goes_through
    }
}
