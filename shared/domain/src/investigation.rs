//! Detective's investigations.

mod not_investigated;
mod polling;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use not_investigated::{NotInvestigated, NotInvestigatedDetail, NotInvestigatedKind};
pub use polling::{PollDecision, PollResult, decide_after_poll};

/// The shortest scope that StartInvestigation accepts (Detective User Guide, "Running a Detective Investigation").
pub const MIN_SCOPE: SignedDuration = SignedDuration::from_hours(3);
/// The longest scope that StartInvestigation accepts (same source).
pub const MAX_SCOPE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The most by which a clock may be ahead of AWS. Source: IAM User Guide, "AWS Signature Version 4 for API requests": a request
/// must reach AWS within five minutes of the time in its signature, so calls with a larger skew fail.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// How much time before the first activity a scope always includes.
const SCOPE_MARGIN: SignedDuration = SignedDuration::from_hours(1);

/// An investigation as GetInvestigation describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Investigation {
    /// 21 digits.
    pub id: String,
    /// The behavior graph that it was started in.
    pub graph_arn: String,
    /// The IAM user or role that is investigated.
    pub entity_arn: String,
    /// Detective's `Status`.
    pub status: InvestigationStatus,
    /// Detective's severity; `None` while it runs.
    pub severity: Option<InvestigationSeverity>,
    /// The period that it covers.
    pub scope: Option<Scope>,
    /// Whether the console lists it as active; `None` if Detective did not return this.
    #[serde(default)]
    pub state: Option<InvestigationState>,
}

/// Detective's `Status` of an investigation. Not its `State` (active or archived).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InvestigationStatus {
    /// Detective is investigating.
    Running,
    /// It ended, and has a severity and indicators.
    Successful,
    /// It ended without a result.
    Failed,
}

impl fmt::Display for InvestigationStatus {
    /// Detective's value.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Running => "RUNNING",
            Self::Successful => "SUCCESSFUL",
            Self::Failed => "FAILED",
        })
    }
}

/// Detective's `State` of an investigation: where the console lists it. An archived one can be read like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InvestigationState {
    /// Listed for review.
    Active,
    /// Archived.
    Archived,
}

impl fmt::Display for InvestigationState {
    /// Detective's value.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
        })
    }
}

/// Detective's severity of an investigation. AWS publishes no formula for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InvestigationSeverity {
    /// Informational.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl fmt::Display for InvestigationSeverity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Informational => "Informational",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        })
    }
}

/// The period that an investigation covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The start of the period.
    pub start: Timestamp,
    /// The end of the period.
    pub end: Timestamp,
}

impl Scope {
    /// The scope that ends `now` and begins `length` before, or earlier if the activity began earlier, within Detective's limits. In
    /// whole seconds.
    #[must_use]
    pub fn up_to(now: Timestamp, length: SignedDuration, first_seen: Option<Timestamp>) -> Self {
        let end = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let needed = first_seen.map_or(SignedDuration::ZERO, |first| end.duration_since(first) + SCOPE_MARGIN);
        let length = length.max(needed).clamp(MIN_SCOPE, MAX_SCOPE);
        Self { start: end.checked_sub(length).unwrap_or(Timestamp::MIN), end }
    }

    /// The latest end of a scope that is not in Detective's future: the time of Detective's last response, or our time if that is
    /// earlier. Without a response, our clock is assumed to have the largest skew.
    #[must_use]
    pub fn latest_end(now: Timestamp, answered_at: Option<Timestamp>) -> Timestamp {
        let behind = || now.saturating_sub(MAX_CLOCK_SKEW).unwrap_or(now);
        answered_at.map_or_else(behind, |answered_at| answered_at.min(now))
    }

    /// Whether it covers the activity from `first` to `last`, as far back as the longest scope reaches.
    #[must_use]
    pub fn covers(&self, first: Timestamp, last: Timestamp) -> bool {
        let furthest = self.end.checked_sub(MAX_SCOPE).unwrap_or(Timestamp::MIN);
        self.start <= first.max(furthest) && self.end >= last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    proptest! {
        #[test]
        fn a_scope_is_one_that_detective_takes_and_covers_the_activity(
            now in 100_000_000_i64..2_000_000_000, hours in 0_i64..2_000, ago in 0_i64..5_000_000,
        ) {
            let first = at(now - ago);
            let scope = Scope::up_to(at(now), SignedDuration::from_hours(hours), Some(first));
            let length = scope.end.duration_since(scope.start);
            prop_assert!((MIN_SCOPE..=MAX_SCOPE).contains(&length));
            prop_assert!(scope.covers(first, at(now)));
        }

        /// Whatever our clock shows, as long as AWS takes our signatures.
        #[test]
        fn a_scope_never_ends_in_detectives_future(
            theirs in 1_000_000_000_i64..2_000_000_000, ahead in -300_i64..=300, ago in 0_i64..10, has_response_time in any::<bool>(),
        ) {
            let (ours, answered_at) = (at(theirs + ahead), has_response_time.then(|| at(theirs - ago)));
            let end = Scope::latest_end(ours, answered_at);
            prop_assert!(end <= at(theirs) && end <= ours);
            if has_response_time {
                prop_assert!(end == ours || end == at(theirs - ago), "no activity is left out for nothing");
            }
        }
    }

    #[test]
    fn an_older_investigation_does_not_cover_newer_activity() {
        let scope = Scope::up_to(at(1_000_000), SignedDuration::from_hours(24), None);
        assert!(scope.covers(at(990_000), at(1_000_000)));
        assert!(!scope.covers(at(990_000), at(1_000_001)));
        assert!(!scope.covers(at(900_000), at(1_000_000)));
    }
}
