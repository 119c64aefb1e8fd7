//! Rates: how often operations may be called before they are throttled.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account_region::AccountRegion;
use crate::protocol::{Operation, Service, operation, operations};

/// How often an operation, or all of Detective's together, may be called in an account and Region.
///
/// It is a bucket that holds `burst` calls and gets `calls_per_second` of them back in each second of the virtual clock.
/// Each account has a bucket of its own in each Region. A call that finds it empty is throttled, as by
/// [`FaultKind::Throttle`](crate::FaultKind::Throttle), and takes nothing out of it.
// assumed: AWS does not say how Detective counts calls; its other services throttle by such buckets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The operation's name, as in a [`ApiFault`](crate::ApiFault). Default: all of Detective's operations share the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// How many calls come back in a second.
    pub calls_per_second: f64,
    /// How many calls the bucket holds. Default: one.
    #[serde(default = "default_burst")]
    pub burst: u32,
}

impl Rate {
    /// A rate of all of Detective's operations together, without a burst.
    pub fn new(calls_per_second: f64) -> Self {
        Self { operation: None, calls_per_second, burst: default_burst() }
    }

    /// The same rate of one operation.
    #[must_use]
    pub fn of(self, operation: impl Into<String>) -> Self {
        Self { operation: Some(operation.into()), ..self }
    }

    /// The same rate with a bucket that holds so many calls.
    #[must_use]
    pub fn with_burst(self, burst: u32) -> Self {
        Self { burst, ..self }
    }

    fn matches(&self, called: &Operation) -> bool {
        match &self.operation {
            None => called.service == Service::Detective,
            Some(name) => operation(name).is_some_and(|meant| std::ptr::eq(meant, called)),
        }
    }

    /// The problem with the rate, if any.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(name) = &self.operation
            && operation(name).is_none()
        {
            let names: Vec<String> = operations().map(Operation::action).collect();
            return Err(format!("operation {name:?} is not simulated; there are {}", names.join(", ")));
        }
        if !self.calls_per_second.is_finite() || self.calls_per_second <= 0.0 {
            return Err(format!("calls_per_second is {}; give a number above 0", self.calls_per_second));
        }
        if self.burst == 0 {
            return Err("burst is 0; every call would be throttled".into());
        }
        Ok(())
    }
}

const fn default_burst() -> u32 {
    1
}

/// All rates that hold, with their buckets.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rates(Vec<Limit>);

#[derive(Debug, Serialize, Deserialize)]
struct Limit {
    rate: Rate,
    buckets: BTreeMap<AccountRegion, Bucket>,
}

/// How many calls there are in a bucket, and when that was so.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Bucket {
    calls: f64,
    at: Timestamp,
}

impl Rates {
    /// These rates and no others, with full buckets.
    pub(crate) fn new(rates: Vec<Rate>) -> Self {
        Self(rates.into_iter().map(|rate| Limit { rate, buckets: BTreeMap::new() }).collect())
    }

    /// Takes a call out of the bucket of each matching rate. `false`, and nothing is taken, if one of them is empty.
    pub(crate) fn try_acquire(&mut self, place: &AccountRegion, called: &Operation, now: Timestamp) -> bool {
        let fitting = || self.0.iter().enumerate().filter(|(_, limit)| limit.rate.matches(called));
        let calls: Vec<(usize, f64)> = fitting().map(|(index, limit)| (index, limit.calls(place, now))).collect();
        let enough = calls.iter().all(|(_, calls)| *calls >= 1.0);
        if enough {
            for (index, calls) in calls {
                // Only what is taken is written down: what comes back between two calls is never rounded twice.
                self.0[index].buckets.insert(place.clone(), Bucket { calls: calls - 1.0, at: now });
            }
        }
        enough
    }
}

impl Limit {
    /// How many calls there are in the place's bucket by `now`.
    fn calls(&self, place: &AccountRegion, now: Timestamp) -> f64 {
        let most = f64::from(self.rate.burst);
        let Some(bucket) = self.buckets.get(place) else { return most };
        let passed = now.duration_since(bucket.at).as_secs_f64().max(0.0);
        (bucket.calls + passed * self.rate.calls_per_second).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    fn try_acquire(rates: &mut Rates, account: &str, name: &str, milliseconds: i64) -> bool {
        rates.try_acquire(&AccountRegion::new(account, "r"), operation(name).unwrap(), at(milliseconds))
    }

    #[test]
    fn bucket_refills_with_time_up_to_the_burst() {
        let mut rates = Rates::new(vec![Rate::new(2.0).with_burst(3)]);
        let mut call = |milliseconds| try_acquire(&mut rates, "1", "GetInvestigation", milliseconds);
        assert_eq!([0, 0, 0, 0].map(&mut call), [true, true, true, false]);
        assert_eq!([499, 500, 501].map(&mut call), [false, true, false]);
        // A minute later there are three again, not 120.
        assert_eq!([60_000; 4].map(&mut call), [true, true, true, false]);
    }

    #[test]
    fn throttled_calls_take_nothing_from_the_bucket() {
        let mut rates = Rates::new(vec![Rate::new(5.0)]);
        let passed = (0..60_000).filter(|at| try_acquire(&mut rates, "1", "ListGraphs", *at)).count();
        assert_eq!(passed, 300);
    }

    #[test]
    fn buckets_are_per_operation_or_shared_and_per_account() {
        let mut rates = Rates::new(vec![Rate::new(1.0)]);
        assert!(try_acquire(&mut rates, "1", "ListGraphs", 0));
        assert!(!try_acquire(&mut rates, "1", "StartInvestigation", 0));
        assert!(try_acquire(&mut rates, "2", "StartInvestigation", 0));
        assert!(try_acquire(&mut rates, "1", "guardduty:GetInvestigation", 0), "GuardDuty is another service");
        let mut rates = Rates::new(vec![Rate::new(1.0).of("StartInvestigation"), Rate::new(1.0).with_burst(2)]);
        assert!(try_acquire(&mut rates, "1", "StartInvestigation", 0));
        assert!(!try_acquire(&mut rates, "1", "StartInvestigation", 0), "its own bucket is empty");
        assert!(try_acquire(&mut rates, "1", "ListGraphs", 0), "the throttled call took nothing from the other");
        assert!(!try_acquire(&mut rates, "1", "ListGraphs", 0));
    }

    #[test]
    fn invalid_rates_are_rejected() {
        assert!(Rate::new(0.5).of("guardduty:ListFindings").check().is_ok());
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Rate::new(rate).check().is_err(), "{rate}");
        }
        assert!(Rate::new(1.0).with_burst(0).check().is_err());
        assert!(Rate::new(1.0).of("GetInvestigations").check().is_err());
    }
}
