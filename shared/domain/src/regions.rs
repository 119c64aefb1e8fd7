//! The Regions that a stack investigates in.

use crate::principal::arn::is_region;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The Regions that a stack investigates in: parameter `InvestigationRegions`. At least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions(BTreeSet<String>);

/// The text is no list of Regions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not Regions such as us-east-1, with commas between them")]
pub struct InvalidRegions;

impl Regions {
    /// One Region alone.
    #[must_use]
    pub fn only(region: &str) -> Self {
        Self(BTreeSet::from([region.to_owned()]))
    }

    /// Whether the stack investigates there.
    #[must_use]
    pub fn contains(&self, region: &str) -> bool {
        self.0.contains(region)
    }

    /// Their names, each once.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl FromStr for Regions {
    type Err = InvalidRegions;

    /// Names with commas between them; spaces around them do not count.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(',').map(str::trim);
        names
            .map(|name| if is_region(name) { Ok(name.to_owned()) } else { Err(InvalidRegions) })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl fmt::Display for Regions {
    /// `eu-west-1, us-east-1`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.names().collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_read_as_a_parameter_has_them() {
        let regions: Regions = "us-east-1, eu-west-1,us-east-1".parse().unwrap();
        assert_eq!(regions.to_string(), "eu-west-1, us-east-1");
        assert!(regions.contains("us-east-1") && !regions.contains("us-east-2"));
        for wrong in ["", ",", "us-east-1,", "*", "US-EAST-1", "us-east-1 eu-west-1", "nowhere"] {
            assert_eq!(wrong.parse::<Regions>(), Err(InvalidRegions), "{wrong}");
        }
    }
}
