//! GuardDuty's severity and its bands.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// A GuardDuty finding's severity, from 1.0 to 10.0.
///
/// Different from an investigation's severity (Detective) and from a verdict's level (Gumshoe).
/// Source: GuardDuty User Guide, "Severity levels of GuardDuty findings".
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Severity(f64);

// The value is never NaN, because every constructor checks the range.
impl Eq for Severity {}

impl Hash for Severity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0 + 0.0).to_bits().hash(state); // the same hash for 0.0 and -0.0, which are equal
    }
}

impl Severity {
    /// 0.0: no finding has a lower severity.
    pub const MIN: Self = Self(0.0);
    /// The highest severity that GuardDuty documents.
    pub const MAX_VALUE: f64 = 10.0;

    /// `None` if the number is not finite, negative, or above 10.
    ///
    /// Values from 0 to 1 are accepted, although not documented: they occur in published findings.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (value.is_finite() && (0.0..=Self::MAX_VALUE).contains(&value)).then_some(Self(value))
    }

    /// The number as GuardDuty sent it.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }

    /// The band that contains the number.
    #[must_use]
    pub fn band(self) -> SeverityBand {
        match self.0 {
            value if value >= 9.0 => SeverityBand::Critical,
            value if value >= 7.0 => SeverityBand::High,
            value if value >= 4.0 => SeverityBand::Medium,
            _ => SeverityBand::Low,
        }
    }
}

/// The text is not a severity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid severity; use a number from 0 to 10")]
pub struct InvalidSeverity;

impl FromStr for Severity {
    type Err = InvalidSeverity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().ok().and_then(Self::new).ok_or(InvalidSeverity)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.1} ({})", self.0, self.band())
    }
}

/// GuardDuty's names for ranges of severity: Low below 4, Medium below 7, High below 9, Critical from 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SeverityBand {
    /// 1.0 to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9.
    High,
    /// 9.0 to 10.0.
    Critical,
}

impl fmt::Display for SeverityBand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_begin_at_guarddutys_documented_values() {
        let band = |value| Severity::new(value).map(Severity::band);
        assert_eq!(band(1.0), Some(SeverityBand::Low));
        assert_eq!(band(3.9), Some(SeverityBand::Low));
        assert_eq!(band(4.0), Some(SeverityBand::Medium));
        assert_eq!(band(6.9), Some(SeverityBand::Medium));
        assert_eq!(band(7.0), Some(SeverityBand::High));
        assert_eq!(band(8.9), Some(SeverityBand::High));
        assert_eq!(band(9.0), Some(SeverityBand::Critical));
        assert_eq!(band(10.0), Some(SeverityBand::Critical));
    }

    #[test]
    fn numbers_out_of_range_are_rejected() {
        for value in [f64::NAN, f64::INFINITY, -0.1, 10.1] {
            assert_eq!(Severity::new(value), None, "{value}");
        }
    }
}
