//! What a case uses of what is charged, and how that grows with the looks.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Something that is charged, as `prices.json` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Item {
    StateTransitions,
    LambdaRequests,
    /// What GB-seconds are made of; it has no price itself.
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

/// How much of each a case uses.
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

/// A usage that grows with the looks along a straight line: what a case uses in any event, and what each look adds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Line {
    pub(super) fixed: Usage,
    pub(super) per_look: Usage,
}

impl Line {
    /// The line with the least squares of distances from what was counted.
    pub(super) fn through(counted: &[(u32, &Usage)]) -> Self {
        let items: std::collections::BTreeSet<Item> =
            counted.iter().flat_map(|(_, usage)| usage.iter().map(|(item, _)| item)).collect();
        let many = f64::from(u32::try_from(counted.len()).unwrap_or(u32::MAX)).max(1.0);
        let mean = |of: &dyn Fn(&(u32, &Usage)) -> f64| counted.iter().map(of).sum::<f64>() / many;
        let looks = mean(&|(looks, _)| f64::from(*looks));
        let spread = mean(&|(at, _)| (f64::from(*at) - looks).powi(2));
        let mut line = Self::default();
        for item in items {
            let used = mean(&|(_, usage)| usage.get(item));
            let together = mean(&|(at, usage)| (f64::from(*at) - looks) * (usage.get(item) - used));
            let slope = if spread > 0.0 { together / spread } else { 0.0 };
            line.per_look.add(item, slope);
            line.fixed.add(item, used - slope * looks);
        }
        line
    }

    /// What a case of so many looks uses.
    pub(super) fn at(&self, looks: u32) -> Usage {
        let mut usage = self.fixed.clone();
        for (item, used) in self.per_look.iter() {
            usage.add(item, used * f64::from(looks));
        }
        usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again() {
        let usage = |looks: f64| {
            Usage::of([(Item::StateTransitions, 9.0 + 3.0 * looks), (Item::SnsEmails, 1.0), (Item::S3Puts, looks)])
        };
        let line = Line::through(&[(6, &usage(6.0)), (20, &usage(20.0)), (40, &usage(40.0))]);
        for (item, used) in line.at(100).iter() {
            assert!((used - usage(100.0).get(item)).abs() < 1e-9, "{item:?}: {used}");
        }
        assert!((line.fixed.get(Item::StateTransitions) - 9.0).abs() < 1e-9);
        assert!((line.per_look.get(Item::StateTransitions) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn one_point_has_no_slope() {
        let line = Line::through(&[(6, &Usage::of([(Item::Events, 2.0)]))]);
        assert!((line.at(1).get(Item::Events) - 2.0).abs() < 1e-9);
    }
}
