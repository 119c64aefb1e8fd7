//! Limits for `count` and `updatedAt` of a finding.
//!
//! `count` and `updatedAt` distinguish an update from a duplicate delivery. A forged finding with the largest count and a time far
//! in the future would make every later state of the genuine one appear outdated, so that it is never processed. Therefore a value that
//! is out of range is replaced by a valid one. The finding itself is processed as usual, because a possibly forged finding may
//! still be an attack.

use super::Finding;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// GuardDuty API Reference, Service: `Count` is an integer of 32 bits.
const MAX_COUNT: u64 = 2_147_483_647;

/// How far `updatedAt` may be ahead of the time at which the queue received the finding: far more than the clocks of two AWS
/// services differ. A forged time within this limit hides at most one update, because updates are at least 15 minutes apart
/// (GuardDuty User Guide, "Setting the frequency for exporting updated active findings").
const MAX_UPDATED_AT_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// A value of a finding that is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidValue {
    /// `service.count` is larger than an integer of 32 bits. It is replaced by 1.
    Count,
    /// `updatedAt` is in the future. It is replaced by the time at which the queue received the finding.
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
    /// Replaces the values that are out of range, and returns which they were. `came_at`: when the queue received the finding.
    ///
    /// Idempotent for the same `came_at`. The times of the activity are not changed: an investigation cannot cover activity in the
    /// future, so the case is alerted.
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
        CaseNumber, CaseProgress, CaseStatus, FindingProgress, FollowUpRule, IntakeDecision, IntakeRules, KnownFinding,
        SuppressReason, decide_intake,
    };
    use crate::finding::{FindingState, Severity};
    use proptest::prelude::*;
    use serde_json::json;

    const RULES: IntakeRules =
        IntakeRules { realert_after: SignedDuration::from_hours(24), follow_up: FollowUpRule::OFF };

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

    /// The intake decision for a state of a finding after another state was processed and its case was closed without an alert.
    fn after(processed: FindingState, next: FindingState) -> IntakeDecision {
        let number = CaseNumber { sequence: 1, opened_at: at(0) };
        let case = CaseProgress { status: CaseStatus::Closed, closed_at: Some(at(1)), ..CaseProgress::opened(number) };
        let finding = FindingProgress { state: processed, case: number, suppressed_count: 0, version: 1 };
        decide_intake(next, at(3600), Some(case), Some(KnownFinding { finding, case: Some(case) }), RULES)
    }

    #[test]
    fn valid_values_are_kept() {
        for count in [0, 1, MAX_COUNT] {
            let mut finding = finding(count, Some(at(60)));
            let before = finding.clone();
            assert_eq!(finding.replace_invalid_values(at(0)), [], "a clock that is a minute ahead");
            assert_eq!(finding, before);
        }
    }

    #[test]
    fn each_value_out_of_range_is_reported_and_replaced() {
        let mut finding = finding(u64::MAX, Some(Timestamp::MAX));
        finding.last_seen = Some(Timestamp::MAX);
        assert_eq!(finding.replace_invalid_values(at(0)), [InvalidValue::Count, InvalidValue::UpdatedAt]);
        assert_eq!((finding.count, finding.updated_at), (1, Some(at(0))));
        assert_eq!(finding.last_seen, Some(Timestamp::MAX), "no investigation covers it, so the case is alerted");
        assert_eq!(finding.replace_invalid_values(at(0)), [], "the second call changes nothing");
        assert_eq!(Some(finding.severity), Severity::new(8.0), "the severity is not changed");
    }

    #[test]
    fn without_the_replacement_a_forged_state_would_hide_every_later_one() {
        let real = FindingState { count: 2, updated_at: Some(at(3600)), ..finding(1, None).state() };
        let mut forged = finding(u64::MAX, Some(Timestamp::MAX));
        assert_eq!(after(forged.state(), real), IntakeDecision::Suppress(SuppressReason::DuplicateDelivery));
        forged.replace_invalid_values(at(0));
        assert!(matches!(after(forged.state(), real), IntakeDecision::Open(_)));
    }

    #[test]
    fn metric_names_never_change() {
        assert_eq!(
            [InvalidValue::Count, InvalidValue::UpdatedAt].map(InvalidValue::metric_name),
            ["Count", "UpdatedAt"]
        );
    }

    proptest! {
        /// After any forged state, the next update is not taken for a duplicate delivery.
        #[test]
        fn no_forged_state_hides_a_later_one(
            count in any::<u64>(), ahead in proptest::option::of(-1_000_000_i64..100_000_000_000), later in 901_i64..100_000,
        ) {
            let time = ahead.map(|seconds| at(0).saturating_add(SignedDuration::from_secs(seconds)).unwrap());
            let mut forged = finding(count, time);
            forged.replace_invalid_values(at(0));
            let real = FindingState { count: 1, updated_at: Some(at(later)), ..forged.state() };
            prop_assert_ne!(after(forged.state(), real), IntakeDecision::Suppress(SuppressReason::DuplicateDelivery));
        }

        #[test]
        fn values_are_in_range_after_the_replacement(count in any::<u64>(), ahead in -1_000_000_i64..100_000_000_000) {
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
