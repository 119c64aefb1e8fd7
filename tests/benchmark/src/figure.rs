//! One figure, measured several times.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A figure with all its measurements and, where there is one, the bound that it must keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// What was measured. Of a part it tells one figure from the others, from one report to the next.
    pub(crate) name: Cow<'static, str>,
    pub(crate) unit: Cow<'static, str>,
    pub(crate) measured: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<Bound>,
    /// Whether each measurement must keep the bound, and not only their median: a finding lost once is lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) each_time: bool,
}

/// What must hold: for the median, or each time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    /// A figure without a bound.
    pub(crate) fn new(
        name: impl Into<Cow<'static, str>>,
        unit: impl Into<Cow<'static, str>>,
        measured: Vec<f64>,
    ) -> Self {
        Self { name: name.into(), unit: unit.into(), measured, bound: None, each_time: false }
    }

    pub(crate) fn at_most(self, bound: f64) -> Self {
        Self { bound: Some(Bound::AtMost(bound)), ..self }
    }

    pub(crate) fn at_least(self, bound: f64) -> Self {
        Self { bound: Some(Bound::AtLeast(bound)), ..self }
    }

    /// The bound is to be kept each time.
    pub(crate) fn each_time(self) -> Self {
        Self { each_time: true, ..self }
    }

    /// The measurements in order.
    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.measured.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// The middle one of the measurements; no number when there are none.
    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The least and the most that was measured.
    pub(crate) fn range(&self) -> (f64, f64) {
        let sorted = self.sorted();
        (sorted.first().copied().unwrap_or(f64::NAN), sorted.last().copied().unwrap_or(f64::NAN))
    }

    /// Whether the bound is kept. A figure without measurements keeps none.
    pub(crate) fn holds(&self) -> bool {
        let (least, most) = if self.each_time { self.range() } else { (self.median(), self.median()) };
        match self.bound {
            Some(Bound::AtLeast(bound)) => least >= bound,
            Some(Bound::AtMost(bound)) => most <= bound,
            None => !self.measured.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(measured: &[f64]) -> Figure {
        Figure::new("a", "ms", measured.to_vec())
    }

    #[test]
    fn the_median_is_held_against_the_bound() {
        assert!(figure(&[9.0, 1.0, 2.0]).at_most(2.0).holds());
        assert!(!figure(&[9.0, 1.0, 3.0]).at_most(2.0).holds());
        assert!(figure(&[1.0, 5.0, 6.0]).at_least(5.0).holds());
        assert!(!figure(&[]).at_least(5.0).holds());
        assert!(figure(&[1.0]).holds() && !figure(&[]).holds());
    }

    #[test]
    fn what_must_hold_each_time_is_not_outvoted() {
        let alerts = |measured: &[f64]| figure(measured).at_most(1.0).each_time();
        assert!(alerts(&[1.0, 1.0, 1.0]).holds() && !alerts(&[1.0, 2.0, 1.0]).holds());
        let findings = |measured: &[f64]| figure(measured).at_least(10.0).each_time();
        assert!(findings(&[10.0, 10.0]).holds() && !findings(&[10.0, 9.0, 10.0]).holds() && !findings(&[]).holds());
    }
}
