//! Which numbers of a finding are possible.
//!
//! `count` and `updatedAt` tell a re-publication from a repeated delivery. A forged finding with the largest count and a time
//! far ahead would make every later state of the real one look old, and so keep it from being worked. So a number that is out of
//! the possible is replaced by one that is. The finding itself is worked as any other: that it may be forged is no reason to
//! miss an attack.

use super::Finding;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// The largest count. Source: GuardDuty API Reference, Service: `Count` is an integer of 32 bits.
const MAX_COUNT: u64 = 2_147_483_647;

/// By how much a time in a finding may be ahead of the moment at which the queue took it: far more than the clocks of two
/// services of AWS differ. A forged time within it hides one re-publication at most, as these are 15 minutes apart or more
/// (GuardDuty User Guide, "Setting the frequency for exporting updated active findings").
const MAX_UPDATED_AT_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// A number of a finding that is out of the possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidValue {
    /// `service.count` is larger than GuardDuty's integers are. It counts as 1.
    Count,
    /// `updatedAt` is in the future. It counts as the moment at which the finding came.
    UpdatedAt,
}

impl InvalidValue {
    /// The value of the dimension `Field` of the metric `ImplausibleNumbers`.
    #[must_use]
    pub fn metric_name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::UpdatedAt => "UpdatedAt",
        }
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Count => "service.count is larger than an integer of 32 bits",
            Self::UpdatedAt => "updatedAt is in the future",
        })
    }
}

impl Finding {
    /// Replaces the numbers that are out of the possible for a finding that came at that moment, and gives which they were.
    ///
    /// Doing it again with the same moment changes nothing. The times of the activity stay as they are: activity in the future is
    /// activity that no investigation has seen, and people are notified of that.
    pub fn replace_invalid_values(&mut self, came_at: Timestamp) -> Vec<InvalidValue> {
        let mut invalid = Vec::new();
        if self.count > MAX_COUNT {
            self.count = 1;
            invalid.push(InvalidValue::Count);
        }
        let latest = came_at.saturating_add(MAX_UPDATED_AT_SKEW).unwrap_or(Timestamp::MAX);
        if self.updated_at.is_some_and(|time| time > latest) {
            self.updated_at = Some(came_at);
            invalid.push(InvalidValue::UpdatedAt);
        }
        invalid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{
        CaseNumber, CaseProgress, CaseStatus, FindingProgress, Intake, IntakeRules, Known, SecondLook, Suppression,
        receive,
    };
    use crate::finding::{FindingState, Severity};
    use proptest::prelude::*;
    use serde_json::json;

    const RULES: IntakeRules =
        IntakeRules { realert_after: SignedDuration::from_hours(24), second_look: SecondLook::OFF };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn finding(count: u64, updated_at: Option<Timestamp>) -> Finding {
        let mut finding = Finding::from_json(&json!({
            "id": "f", "accountId": "123456789012", "region": "us-east-1", "partition": "aws", "type": "T", "severity": 8,
            "service": {"eventFirstSeen": at(-900).to_string(), "eventLastSeen": at(-600).to_string()}
        }))
        .unwrap();
        (finding.count, finding.updated_at) = (count, updated_at);
        finding
    }

    /// What becomes of a finding after another state of it was worked and its case was closed quietly.
    fn after(worked: FindingState, next: FindingState) -> Intake {
        let number = CaseNumber { sequence: 1, opened_at: at(0) };
        let case = CaseProgress { status: CaseStatus::Closed, closed_at: Some(at(1)), ..CaseProgress::opened(number) };
        let finding = FindingProgress { state: worked, case: number, suppressed: 0, version: 1 };
        receive(next, at(3600), Some(case), Some(Known { finding, case: Some(case) }), RULES)
    }

    #[test]
    fn what_guardduty_writes_is_believed() {
        for count in [0, 1, MAX_COUNT] {
            let mut finding = finding(count, Some(at(60)));
            let before = finding.clone();
            assert_eq!(finding.replace_invalid_values(at(0)), [], "a clock that is a minute ahead");
            assert_eq!(finding, before);
        }
    }

    #[test]
    fn each_number_out_of_the_possible_is_named_and_replaced() {
        let mut finding = finding(u64::MAX, Some(Timestamp::MAX));
        finding.last_seen = Some(Timestamp::MAX);
        assert_eq!(finding.replace_invalid_values(at(0)), [InvalidValue::Count, InvalidValue::UpdatedAt]);
        assert_eq!((finding.count, finding.updated_at), (1, Some(at(0))));
        assert_eq!(finding.last_seen, Some(Timestamp::MAX), "no investigation can see that, and people are notified");
        assert_eq!(finding.replace_invalid_values(at(0)), [], "it is done");
        assert_eq!(Some(finding.severity), Severity::new(8.0), "and worked as it came");
    }

    #[test]
    fn without_the_correction_a_forged_state_would_hide_every_later_one() {
        let real = FindingState { count: 2, updated_at: Some(at(3600)), ..finding(1, None).state() };
        let mut forged = finding(u64::MAX, Some(Timestamp::MAX));
        assert_eq!(after(forged.state(), real), Intake::Suppress(Suppression::Delivered));
        forged.replace_invalid_values(at(0));
        assert!(matches!(after(forged.state(), real), Intake::Open(_)));
    }

    #[test]
    fn the_names_of_the_metric_stay_as_they_are() {
        assert_eq!(
            [InvalidValue::Count, InvalidValue::UpdatedAt].map(InvalidValue::metric_name),
            ["Count", "UpdatedAt"]
        );
    }

    proptest! {
        /// Whatever was forged, the next re-publication is no repeated delivery.
        #[test]
        fn no_forged_state_hides_a_later_one(
            count in any::<u64>(), ahead in proptest::option::of(-1_000_000_i64..100_000_000_000), later in 901_i64..100_000,
        ) {
            let time = ahead.map(|seconds| at(0).saturating_add(SignedDuration::from_secs(seconds)).unwrap());
            let mut forged = finding(count, time);
            forged.replace_invalid_values(at(0));
            let real = FindingState { count: 1, updated_at: Some(at(later)), ..forged.state() };
            prop_assert_ne!(after(forged.state(), real), Intake::Suppress(Suppression::Delivered));
        }

        #[test]
        fn what_is_left_is_possible(count in any::<u64>(), ahead in -1_000_000_i64..100_000_000_000) {
            let time = at(0).saturating_add(SignedDuration::from_secs(ahead)).unwrap();
            let mut finding = finding(count, Some(time));
            let before = finding.clone();
            let invalid = finding.replace_invalid_values(at(0));
            prop_assert!(finding.count <= MAX_COUNT);
            prop_assert!(finding.updated_at.unwrap() <= at(900));
            prop_assert_eq!(invalid.is_empty(), finding == before);
        }
    }
}
