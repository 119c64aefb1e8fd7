//! Alerts by case and revision: each was heard once, and again only where nobody could know that it was.
//!
//! ```text
//! publish 1 ── SNS takes it ── the table notes it ──────────────────── a second publish 1 is wrong
//!                    └── the answer is cut, the function dies ──────── a second publish 1, marked
//!                                  └── the table cannot be told ────── a second publish 1, marked
//! ```

use super::{Balance, Books};
use crate::witness::{Step, Taken, What};
use std::collections::{BTreeMap, BTreeSet};

/// An alert that was heard again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Repeat {
    pub(crate) case_id: String,
    pub(crate) revision: u32,
    /// Why nobody could know that it was heard.
    pub(crate) because: Because,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Because {
    /// SNS's answer was cut, or the function killed before it.
    AnswerLost,
    /// SNS's answer was heard, and the table could not be told, or the function ended before that.
    NotNoted,
}

pub(super) fn check(books: &Books, balance: &mut Balance) {
    let mut heard: BTreeMap<(&str, u32), Vec<bool>> = BTreeMap::new();
    for message in &books.messages {
        heard.entry((&message.case_id, message.revision)).or_default().push(message.repeated);
    }
    let known: BTreeSet<&str> = books.cases.iter().map(|case| case.case_id.as_str()).collect();
    for ((case_id, revision), marks) in &heard {
        let name = format!("case {case_id}, revision {revision}");
        if !known.contains(case_id) {
            balance.wrong.push(format!("{name} was alerted, and the table knows no such case"));
        }
        if marks.iter().filter(|repeated| !**repeated).count() > 1 {
            balance.wrong.push(format!("{name} was heard more than once without a mark"));
        }
        let (repeats, taken) = repeats(&books.steps, case_id, *revision, balance);
        if marks.len() > taken {
            balance.wrong.push(format!("{name} was heard {} times, and published {taken} times", marks.len()));
        }
        balance.repeats.extend(repeats);
    }
    for case in &books.cases {
        // Whether a repeat is wrong depends on the records of published revisions: all of them have to be seen.
        let recorded = |step: &Step| matches!(step.what, What::Note { taken: Taken::Yes | Taken::Unknown });
        if case.published_revision > 0 && !of(&books.steps, &case.case_id, case.published_revision).any(recorded) {
            let revision = case.published_revision;
            balance.wrong.push(format!("case {}, revision {revision}: its record was not seen", case.case_id));
        }
        for revision in (1..=case.published_revision).filter(|it| !heard.contains_key(&(case.case_id.as_str(), *it))) {
            let tried: Vec<&What> = of(&books.steps, &case.case_id, revision).map(|step| &step.what).collect();
            let taken = |what: &&What| matches!(what, What::Publish { taken: Taken::Yes, .. });
            // The number of a revision that was claimed and never published is not taken again: the next tells more.
            if revision == case.published_revision || tried.iter().any(taken) {
                balance
                    .wrong
                    .push(format!("case {}, revision {revision} was heard by nobody: {tried:?}", case.case_id));
            } else {
                balance.skipped += 1;
            }
        }
    }
}

fn of<'a>(steps: &'a [Step], case_id: &str, revision: u32) -> impl Iterator<Item = &'a Step> {
    steps.iter().filter(move |step| step.case_id == case_id && step.revision == revision)
}

/// The repeats of a revision that are nobody's fault, and how often SNS may have taken it; others are wrong.
fn repeats(steps: &[Step], case_id: &str, revision: u32, balance: &mut Balance) -> (Vec<Repeat>, usize) {
    let mut repeats = Vec::new();
    let mut taken_before: Option<bool> = None;
    let mut noted = false;
    let mut count = 0;
    for step in of(steps, case_id, revision) {
        match step.what {
            What::Note { taken } => noted |= taken == Taken::Yes,
            What::Publish { repeated, taken, heard } => {
                if let Some(heard_before) = taken_before
                    && taken != Taken::No
                {
                    let because = if heard_before { Because::NotNoted } else { Because::AnswerLost };
                    repeats.push(Repeat { case_id: case_id.to_owned(), revision, because });
                    if noted {
                        balance.wrong.push(format!(
                            "case {case_id}, revision {revision} was published again after it was noted"
                        ));
                    }
                    if !repeated {
                        balance
                            .wrong
                            .push(format!("case {case_id}, revision {revision} was published again without a mark"));
                    }
                }
                if taken != Taken::No {
                    count += 1;
                    taken_before = Some(heard);
                }
            }
        }
    }
    (repeats, count)
}
