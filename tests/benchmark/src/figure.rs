//! One figure, measured several times.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A figure with all its measurements and, where there is one, the bound that its median must keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// What was measured. Of a part it tells one figure from the others, from one report to the next.
    pub(crate) name: Cow<'static, str>,
    pub(crate) unit: Cow<'static, str>,
    pub(crate) measured: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<Bound>,
}

/// What must hold for the median.
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
        Self { name: name.into(), unit: unit.into(), measured, bound: None }
    }

    pub(crate) fn at_most(self, bound: f64) -> Self {
        Self { bound: Some(Bound::AtMost(bound)), ..self }
    }

    pub(crate) fn at_least(self, bound: f64) -> Self {
        Self { bound: Some(Bound::AtLeast(bound)), ..self }
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
        match self.bound {
            Some(Bound::AtLeast(bound)) => self.median() >= bound,
            Some(Bound::AtMost(bound)) => self.median() <= bound,
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
}
