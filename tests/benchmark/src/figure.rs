//! One figure, measured several times.

use std::fmt::{self, Display};

use serde::Serialize;

/// A figure with all its measurements and the bound that it must keep.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) measured: Vec<f64>,
    pub(crate) bound: Bound,
}

/// What must hold for the median.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    /// The measurements in order.
    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.measured.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn holds(&self) -> bool {
        match self.bound {
            Bound::AtLeast(bound) => self.median() >= bound,
            Bound::AtMost(bound) => self.median() <= bound,
        }
    }
}

impl Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sorted = self.sorted();
        let (least, most) = (sorted.first().unwrap_or(&f64::NAN), sorted.last().unwrap_or(&f64::NAN));
        let bound = match self.bound {
            Bound::AtLeast(bound) => format!("at least {bound}"),
            Bound::AtMost(bound) => format!("at most {bound}"),
        };
        let verdict = if self.holds() { "holds" } else { "DOES NOT HOLD" };
        write!(
            formatter,
            "{:<64} {:>9.2} {:<8} ({least:.2} to {most:.2}, n = {})  {bound}: {verdict}",
            self.name,
            self.median(),
            self.unit,
            sorted.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(measured: &[f64], bound: Bound) -> Figure {
        Figure { name: "a", unit: "ms", measured: measured.to_vec(), bound }
    }

    #[test]
    fn the_median_is_held_against_the_bound() {
        assert!(figure(&[9.0, 1.0, 2.0], Bound::AtMost(2.0)).holds());
        assert!(!figure(&[9.0, 1.0, 3.0], Bound::AtMost(2.0)).holds());
        assert!(figure(&[1.0, 5.0, 6.0], Bound::AtLeast(5.0)).holds());
        assert!(!figure(&[], Bound::AtLeast(5.0)).holds());
    }
}
