//! One figure: its measurements and its bound.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// All measurements of a figure, and its bound if it has one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// What was measured. The name identifies the figure within its part, also in reports of other releases.
    pub(crate) name: Cow<'static, str>,
    pub(crate) unit: Cow<'static, str>,
    pub(crate) measured: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<Bound>,
    /// Whether the bound applies to each measurement instead of the median, because one lost finding is one too many.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) applies_to_each: bool,
}

/// The limit of a figure's median, or of each measurement.
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
        Self { name: name.into(), unit: unit.into(), measured, bound: None, applies_to_each: false }
    }

    pub(crate) fn at_most(self, bound: f64) -> Self {
        Self { bound: Some(Bound::AtMost(bound)), ..self }
    }

    pub(crate) fn at_least(self, bound: f64) -> Self {
        Self { bound: Some(Bound::AtLeast(bound)), ..self }
    }

    /// Applies the bound to each measurement.
    pub(crate) fn applies_to_each(self) -> Self {
        Self { applies_to_each: true, ..self }
    }

    /// The measurements in order.
    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.measured.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    /// The median of the measurements; NaN if there are none.
    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The smallest and the largest measurement.
    pub(crate) fn range(&self) -> (f64, f64) {
        let sorted = self.sorted();
        (sorted.first().copied().unwrap_or(f64::NAN), sorted.last().copied().unwrap_or(f64::NAN))
    }

    /// Whether the bound holds. It does not if there are no measurements.
    pub(crate) fn holds(&self) -> bool {
        let (least, most) = if self.applies_to_each { self.range() } else { (self.median(), self.median()) };
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
    fn the_bound_applies_to_the_median() {
        assert!(figure(&[9.0, 1.0, 2.0]).at_most(2.0).holds());
        assert!(!figure(&[9.0, 1.0, 3.0]).at_most(2.0).holds());
        assert!(figure(&[1.0, 5.0, 6.0]).at_least(5.0).holds());
        assert!(!figure(&[]).at_least(5.0).holds());
        assert!(figure(&[1.0]).holds() && !figure(&[]).holds());
    }

    #[test]
    fn a_bound_for_each_measurement_fails_if_one_exceeds_it() {
        let alerts = |measured: &[f64]| figure(measured).at_most(1.0).applies_to_each();
        assert!(alerts(&[1.0, 1.0, 1.0]).holds() && !alerts(&[1.0, 2.0, 1.0]).holds());
        let findings = |measured: &[f64]| figure(measured).at_least(10.0).applies_to_each();
        assert!(findings(&[10.0, 10.0]).holds() && !findings(&[10.0, 9.0, 10.0]).holds() && !findings(&[]).holds());
    }
}
