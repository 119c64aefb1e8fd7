//! The charged usage of a case, and its growth with the number of polls.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A charged item, as `prices.json` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Item {
    StateTransitions,
    LambdaRequests,
    /// The duration from which GB-seconds are computed. It has no price.
    LambdaMilliseconds,
    #[serde(rename = "lambda_gb_seconds_x86_64")]
    LambdaGbSecondsX86,
    #[serde(rename = "lambda_gb_seconds_arm64")]
    LambdaGbSecondsArm,
    DynamodbWriteUnits,
    DynamodbReadUnits,
    SqsRequests,
    SnsPublishes,
    SnsEmails,
    S3Puts,
    S3Gets,
    Events,
    LogGigabytes,
    Traces,
}

impl Item {
    #[cfg(test)]
    pub(super) const ALL: [Self; 15] = [
        Self::StateTransitions,
        Self::LambdaRequests,
        Self::LambdaMilliseconds,
        Self::LambdaGbSecondsX86,
        Self::LambdaGbSecondsArm,
        Self::DynamodbWriteUnits,
        Self::DynamodbReadUnits,
        Self::SqsRequests,
        Self::SnsPublishes,
        Self::SnsEmails,
        Self::S3Puts,
        Self::S3Gets,
        Self::Events,
        Self::LogGigabytes,
        Self::Traces,
    ];
}

/// The quantity of each item.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Usage(BTreeMap<Item, f64>);

impl Usage {
    #[cfg(test)]
    pub(super) fn of(items: impl IntoIterator<Item = (Item, f64)>) -> Self {
        Self(items.into_iter().collect())
    }

    pub(super) fn add(&mut self, item: Item, used: f64) {
        *self.0.entry(item).or_default() += used;
    }

    pub(super) fn get(&self, item: Item) -> f64 {
        self.0.get(&item).copied().unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Item, f64)> {
        self.0.iter().map(|(item, used)| (*item, *used))
    }
}

/// A usage that is linear in the number of polls: the usage without polls, and that of each poll.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Line {
    pub(super) fixed: Usage,
    pub(super) per_poll: Usage,
}

impl Line {
    /// The line of least squares through the measured usages.
    pub(super) fn through(counted: &[(u32, &Usage)]) -> Self {
        let items: std::collections::BTreeSet<Item> =
            counted.iter().flat_map(|(_, usage)| usage.iter().map(|(item, _)| item)).collect();
        let many = f64::from(u32::try_from(counted.len()).unwrap_or(u32::MAX)).max(1.0);
        let mean = |of: &dyn Fn(&(u32, &Usage)) -> f64| counted.iter().map(of).sum::<f64>() / many;
        let polls = mean(&|(polls, _)| f64::from(*polls));
        let spread = mean(&|(at, _)| (f64::from(*at) - polls).powi(2));
        let mut line = Self::default();
        for item in items {
            let used = mean(&|(_, usage)| usage.get(item));
            let together = mean(&|(at, usage)| (f64::from(*at) - polls) * (usage.get(item) - used));
            let slope = if spread > 0.0 { together / spread } else { 0.0 };
            line.per_poll.add(item, slope);
            line.fixed.add(item, used - slope * polls);
        }
        line
    }

    /// The usage of a case with that many polls.
    pub(super) fn at(&self, polls: u32) -> Usage {
        let mut usage = self.fixed.clone();
        for (item, used) in self.per_poll.iter() {
            usage.add(item, used * f64::from(polls));
        }
        usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_through_points_on_a_line_is_that_line() {
        let usage = |polls: f64| {
            Usage::of([(Item::StateTransitions, 9.0 + 3.0 * polls), (Item::SnsEmails, 1.0), (Item::S3Puts, polls)])
        };
        let line = Line::through(&[(6, &usage(6.0)), (20, &usage(20.0)), (40, &usage(40.0))]);
        for (item, used) in line.at(100).iter() {
            assert!((used - usage(100.0).get(item)).abs() < 1e-9, "{item:?}: {used}");
        }
        assert!((line.fixed.get(Item::StateTransitions) - 9.0).abs() < 1e-9);
        assert!((line.per_poll.get(Item::StateTransitions) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn one_point_has_no_slope() {
        let line = Line::through(&[(6, &Usage::of([(Item::Events, 2.0)]))]);
        assert!((line.at(1).get(Item::Events) - 2.0).abs() < 1e-9);
    }
}
