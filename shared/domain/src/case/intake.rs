//! What becomes of a finding that arrives.

use super::record::{CaseRecord, CaseStatus, FindingRecord};
use crate::finding::Finding;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// A finding that was seen before, with the case that it is part of (nothing when the table has forgotten the case).
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What the table holds of the finding.
    pub record: &'a FindingRecord,
    /// The case that it is part of.
    pub case: Option<&'a CaseRecord>,
}

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// It opens the subject's case of this number.
    Open {
        /// The number.
        sequence: u32,
    },
    /// It joins the open case of this number, or climbs into a higher band within it.
    Join {
        /// The number.
        sequence: u32,
    },
    /// It is part of the open case already: only its latest state is noted.
    Refresh {
        /// The case's number.
        sequence: u32,
    },
    /// The very same state of it is part of the open case already: nothing to write, but its execution is made sure of.
    Present {
        /// The case's number.
        sequence: u32,
    },
    /// It says nothing new, and is counted.
    Suppress(Suppression),
}

/// Why a finding says nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suppression {
    /// The very same state of it was worked before: a repeated delivery. Nothing to write.
    Delivered,
    /// It was alerted within the re-alert interval, in the same band or a higher one.
    Alerted,
}

impl fmt::Display for Suppression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Delivered => "this state of the finding was delivered before",
            Self::Alerted => "the finding was alerted within the re-alert interval in the same severity band",
        })
    }
}

/// Decides what becomes of `finding`, given the subject's `latest` case and what is `known` of the finding.
///
/// Deciding twice changes nothing: once the decision is carried out, the same finding is `Present` or `Delivered`.
#[must_use]
pub fn receive(
    finding: &Finding,
    now: Timestamp,
    latest: Option<&CaseRecord>,
    known: Option<Known<'_>>,
    realert_after: SignedDuration,
) -> Intake {
    let open = latest.filter(|case| case.status == CaseStatus::Open);
    let enter = || match open {
        Some(case) => Intake::Join { sequence: case.key.sequence },
        None => Intake::Open { sequence: latest.map_or(1, |case| case.key.sequence.saturating_add(1)) },
    };
    let Some(known) = known else { return enter() };
    let before = &known.record.finding;
    let worse = finding.is_worse_than(before);
    let newer = finding.is_newer_than(before);
    if let Some(case) = open.filter(|case| case.key.sequence == known.record.case_sequence) {
        let sequence = case.key.sequence;
        return match (worse, newer) {
            (true, _) => Intake::Join { sequence },
            (false, true) => Intake::Refresh { sequence },
            (false, false) => Intake::Present { sequence },
        };
    }
    if worse {
        return enter();
    }
    if !newer {
        return Intake::Suppress(Suppression::Delivered);
    }
    let alerted_at = known.case.and_then(|case| case.alerted_at);
    let alerted = alerted_at.is_some_and(|at| now.duration_since(at) < realert_after);
    if alerted { Intake::Suppress(Suppression::Alerted) } else { enter() }
}

impl FindingRecord {
    /// The record that carrying out `intake` leaves; nothing when it leaves the record as it is.
    ///
    /// Within a case, and while it is suppressed, a finding keeps the highest severity that it had: sinking and climbing
    /// back is no news.
    #[must_use]
    pub fn after(intake: Intake, finding: &Finding, known: Option<&Self>) -> Option<Self> {
        let (case_sequence, suppressed_now) = match intake {
            Intake::Open { sequence } | Intake::Join { sequence } | Intake::Refresh { sequence } => (sequence, 0),
            Intake::Suppress(Suppression::Alerted) => (known?.case_sequence, 1),
            Intake::Present { .. } | Intake::Suppress(Suppression::Delivered) => return None,
        };
        let mut finding = finding.clone();
        if let Some(known) = known.filter(|known| known.case_sequence == case_sequence)
            && known.finding.severity > finding.severity
        {
            finding.severity = known.finding.severity;
        }
        Some(Self {
            finding,
            case_sequence,
            suppressed: known.map_or(0, |known| known.suppressed) + suppressed_now,
            version: known.map_or(0, |known| known.version) + 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseKey;
    use serde_json::json;

    const HOUR: i64 = 3600;
    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn finding(severity: f64, count: u64) -> Finding {
        Finding::from_json(&json!({
            "id": "f1", "accountId": "123456789012", "region": "us-east-1", "partition": "aws", "type": "T",
            "severity": severity, "service": {"count": count}
        }))
        .unwrap()
    }

    fn case(sequence: u32, status: CaseStatus, alerted_at: Option<Timestamp>) -> CaseRecord {
        CaseRecord {
            key: CaseKey::new("s", sequence, at(0)),
            status,
            principal: finding(5.0, 1).principal,
            opened_at: at(0),
            joined: 1,
            execution_attempt: 1,
            investigation: None,
            assessment: None,
            claimed_revision: 0,
            published_revision: 0,
            alerted_at,
            closed_at: None,
        }
    }

    fn record(finding: Finding, case_sequence: u32) -> FindingRecord {
        FindingRecord { finding, case_sequence, suppressed: 0, version: 1 }
    }

    #[test]
    fn an_unseen_finding_joins_the_open_case_or_opens_the_next() {
        let finding = finding(8.0, 1);
        let decide = |latest: Option<&CaseRecord>| receive(&finding, at(0), latest, None, DAY);
        assert_eq!(decide(None), Intake::Open { sequence: 1 });
        assert_eq!(decide(Some(&case(3, CaseStatus::Open, None))), Intake::Join { sequence: 3 });
        assert_eq!(decide(Some(&case(3, CaseStatus::Sealed, None))), Intake::Open { sequence: 4 });
        assert_eq!(decide(Some(&case(3, CaseStatus::Closed, Some(at(0))))), Intake::Open { sequence: 4 });
    }

    #[test]
    fn in_its_open_case_it_is_refreshed_or_climbs() {
        let case = case(1, CaseStatus::Open, None);
        let record = record(finding(5.0, 3), 1);
        let known = Known { record: &record, case: Some(&case) };
        let decide = |severity, count| receive(&finding(severity, count), at(0), Some(&case), Some(known), DAY);
        assert_eq!(decide(5.0, 3), Intake::Present { sequence: 1 });
        assert_eq!(decide(5.0, 2), Intake::Present { sequence: 1 });
        assert_eq!(decide(5.0, 4), Intake::Refresh { sequence: 1 });
        assert_eq!(decide(7.0, 4), Intake::Join { sequence: 1 });
    }

    #[test]
    fn after_its_alert_it_is_suppressed_until_it_climbs_or_the_interval_is_over() {
        let closed = case(1, CaseStatus::Closed, Some(at(0)));
        let record = record(finding(5.0, 3), 1);
        let known = Known { record: &record, case: Some(&closed) };
        let decide = |severity, count, now| receive(&finding(severity, count), now, Some(&closed), Some(known), DAY);
        assert_eq!(decide(5.0, 3, at(HOUR)), Intake::Suppress(Suppression::Delivered));
        assert_eq!(decide(5.0, 4, at(HOUR)), Intake::Suppress(Suppression::Alerted));
        assert_eq!(decide(4.0, 4, at(HOUR)), Intake::Suppress(Suppression::Alerted));
        assert_eq!(decide(7.0, 4, at(HOUR)), Intake::Open { sequence: 2 });
        assert_eq!(decide(5.0, 4, at(24 * HOUR)), Intake::Open { sequence: 2 });
        assert_eq!(decide(5.0, 3, at(24 * HOUR)), Intake::Suppress(Suppression::Delivered));
    }

    #[test]
    fn after_a_quiet_end_new_activity_is_looked_at_again() {
        let closed = case(1, CaseStatus::Closed, None);
        let record = record(finding(5.0, 3), 1);
        let known = Known { record: &record, case: Some(&closed) };
        let decide = |count| receive(&finding(5.0, count), at(HOUR), Some(&closed), Some(known), DAY);
        assert_eq!(decide(3), Intake::Suppress(Suppression::Delivered));
        assert_eq!(decide(4), Intake::Open { sequence: 2 });
        // The table has forgotten the case, not the finding.
        let forgotten = Known { record: &record, case: None };
        assert_eq!(receive(&finding(5.0, 4), at(HOUR), None, Some(forgotten), DAY), Intake::Open { sequence: 1 });
    }

    #[test]
    fn a_sealed_case_suppresses_only_what_it_has_alerted() {
        let record = record(finding(5.0, 3), 1);
        let decide = |alerted_at, severity| {
            let sealed = case(1, CaseStatus::Sealed, alerted_at);
            let known = Known { record: &record, case: Some(&sealed) };
            receive(&finding(severity, 4), at(HOUR), Some(&sealed), Some(known), DAY)
        };
        assert_eq!(decide(Some(at(0)), 5.0), Intake::Suppress(Suppression::Alerted));
        assert_eq!(decide(None, 5.0), Intake::Open { sequence: 2 });
        assert_eq!(decide(Some(at(0)), 9.0), Intake::Open { sequence: 2 });
    }
}
