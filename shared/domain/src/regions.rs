//! The Regions in which a stack investigates.

use crate::principal::arn::is_region;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The Regions in which a stack investigates: parameter `InvestigationRegions`. At least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions(BTreeSet<String>);

/// The text is not a list of Regions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid Region list; use Region names separated by commas, such as us-east-1,eu-west-1")]
pub struct InvalidRegions;

impl Regions {
    /// A single Region.
    #[must_use]
    pub fn only(region: &str) -> Self {
        Self(BTreeSet::from([region.to_owned()]))
    }

    /// Whether the stack investigates in that Region.
    #[must_use]
    pub fn contains(&self, region: &str) -> bool {
        self.0.contains(region)
    }

    /// The Region names, sorted and distinct.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl FromStr for Regions {
    type Err = InvalidRegions;

    /// Region names separated by commas; spaces around them are ignored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(',').map(str::trim);
        names
            .map(|name| if is_region(name) { Ok(name.to_owned()) } else { Err(InvalidRegions) })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl fmt::Display for Regions {
    /// Such as `eu-west-1, us-east-1`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.names().collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_regions_is_parsed_and_validated() {
        let regions: Regions = "us-east-1, eu-west-1,us-east-1".parse().unwrap();
        assert_eq!(regions.to_string(), "eu-west-1, us-east-1");
        assert!(regions.contains("us-east-1") && !regions.contains("us-east-2"));
        for wrong in ["", ",", "us-east-1,", "*", "US-EAST-1", "us-east-1 eu-west-1", "nowhere"] {
            assert_eq!(wrong.parse::<Regions>(), Err(InvalidRegions), "{wrong}");
        }
    }
}
