//! open-case: a watched case that is due, on its way to its second look.
//!
//! ```text
//! read the case ─ begin its second look ─ read the case ─ start its execution ─ take it off the list
//!                                             └── the function dies here: it is still listed, and the next sweep starts it
//! ```

use super::Standing;
use crate::case::write::{CaseWrite, Change, Condition};
use crate::case::{CaseProgress, CaseStatus};
use jiff::Timestamp;

/// A case that is listed for its second look. Going this way again changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Returning {
    now: Timestamp,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum At {
    Read,
    Begin { case: CaseProgress, until: Timestamp },
    ReadAgain,
    Start { case: CaseProgress, until: Timestamp },
    Unlist { case: CaseProgress, until: Timestamp, standing: Standing },
    Done(Option<Standing>),
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReturningStep {
    /// Read the case: [`Returning::read`].
    Read,
    /// Write to it: [`Returning::wrote`].
    Write(CaseWrite),
    /// Start its execution: [`Returning::started`].
    Start(CaseProgress),
    /// It is done; how its execution stands, where there had to be one.
    Done(Option<Standing>),
}

impl Returning {
    /// A listed case begins its way.
    #[must_use]
    pub fn begin(now: Timestamp) -> Self {
        Self { now, at: At::Read }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> ReturningStep {
        match self.at {
            At::Read | At::ReadAgain => ReturningStep::Read,
            At::Begin { case, until } => {
                let conditions = [Condition::IsWatching, Condition::WatchUntil(until)];
                let next = Change::NextRun(case.execution_attempt.saturating_add(1));
                ReturningStep::Write(CaseWrite::new(conditions, [Change::BeginSecondLook(self.now), next]))
            }
            At::Start { case, .. } => ReturningStep::Start(case),
            At::Unlist { case, until, .. } => {
                let conditions = [Condition::WatchUntil(until), Condition::Attempt(case.execution_attempt)];
                ReturningStep::Write(CaseWrite::new(conditions, [Change::Unlist]))
            }
            At::Done(standing) => ReturningStep::Done(standing),
        }
    }

    /// Goes on with the case; nothing when the table has forgotten it.
    #[must_use]
    pub fn read(self, read: Option<CaseProgress>) -> Self {
        let listed = read.and_then(|case| Some((case, case.watch_until?)));
        let at = match (self.at, listed) {
            (At::Read, Some((case, until))) if case.status == CaseStatus::Watching && until <= self.now => {
                At::Begin { case, until }
            }
            // Whoever began its second look may have died before it started the execution.
            (At::Read | At::ReadAgain, Some((case, until))) if case.status.is_under_way() => At::Start { case, until },
            // It is not due, or somebody else has brought it further.
            _ => At::Done(None),
        };
        Self { at, ..self }
    }

    /// Goes on after a write, whether it went through or somebody else was faster.
    #[must_use]
    pub fn wrote(self, _went_through: bool) -> Self {
        let at = match self.at {
            At::Begin { .. } => At::ReadAgain,
            At::Unlist { standing, .. } => At::Done(Some(standing)),
            other => other,
        };
        Self { at, ..self }
    }

    /// Goes on after the execution was started, or found. One that is dead tells of its own end.
    #[must_use]
    pub fn started(self, standing: Standing) -> Self {
        let At::Start { case, until } = self.at else { return self };
        Self { at: At::Unlist { case, until, standing }, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseNumber;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    fn watching() -> CaseProgress {
        let opened = CaseProgress::opened(CaseNumber { sequence: 1, opened_at: at(0) });
        CaseProgress { status: CaseStatus::Watching, watch_until: Some(at(6)), ..opened }
    }

    fn write(way: Returning, case: &mut CaseProgress) -> (Returning, bool) {
        let ReturningStep::Write(write) = way.step() else { panic!("{way:?}") };
        let holds = write.holds(case);
        if holds {
            write.apply(case);
        }
        (way.wrote(holds), holds)
    }

    #[test]
    fn a_case_that_is_due_is_sealed_and_gets_its_next_execution() {
        let mut case = watching();
        let (way, began) = write(Returning::begin(at(6)).read(Some(case)), &mut case);
        assert!(began);
        assert_eq!(
            (case.status, case.second_look_at, case.watch_until),
            (CaseStatus::Sealed, Some(at(6)), Some(at(6)))
        );
        assert_eq!((case.execution_attempt, case.first_attempt), (2, 2));
        let way = way.read(Some(case));
        assert_eq!(way.step(), ReturningStep::Start(case));
        let (way, unlisted) = write(way.started(Standing::Started), &mut case);
        assert!(unlisted && case.watch_until.is_none());
        assert_eq!(way.step(), ReturningStep::Done(Some(Standing::Started)));
    }

    #[test]
    fn whoever_dies_before_starting_it_leaves_it_to_the_next_sweep() {
        let mut case = watching();
        let _ = write(Returning::begin(at(6)).read(Some(case)), &mut case);
        let next = Returning::begin(at(7)).read(Some(case));
        assert_eq!(next.step(), ReturningStep::Start(case));
        let (next, _) = write(next.started(Standing::Present), &mut case);
        assert_eq!(next.step(), ReturningStep::Done(Some(Standing::Present)));
        assert_eq!(case.second_look_at, Some(at(6)));
    }

    #[test]
    fn what_is_not_due_or_was_brought_further_is_left() {
        let left = |read: Option<CaseProgress>, hour| {
            assert_eq!(Returning::begin(at(hour)).read(read).step(), ReturningStep::Done(None));
        };
        left(Some(watching()), 5);
        left(None, 6);
        left(Some(CaseProgress { status: CaseStatus::Closed, watch_until: None, ..watching() }), 6);
        left(Some(CaseProgress { status: CaseStatus::Open, watch_until: None, ..watching() }), 6);
    }

    #[test]
    fn of_two_sweeps_one_begins_and_a_finding_that_joined_is_faster_than_either() {
        let mut case = watching();
        let late = Returning::begin(at(6)).read(Some(case));
        let _ = write(Returning::begin(at(6)).read(Some(case)), &mut case);
        let (late, began) = write(late, &mut case);
        assert!(!began && late.read(Some(case)).step() == ReturningStep::Start(case));
        let mut woken = watching();
        let late = Returning::begin(at(6)).read(Some(woken));
        Change::Wake.apply(&mut woken);
        let (late, began) = write(late, &mut woken);
        assert!(!began && late.read(Some(woken)).step() == ReturningStep::Done(None));
    }
}
