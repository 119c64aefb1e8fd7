//! Accounts and Regions, which separate all resources.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Whether a text can be an account's id.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text can be a Region's name.
pub(crate) fn is_region(text: &str) -> bool {
    (2..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// An account in a Region: each has detectors, graphs and findings of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct AccountRegion {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl AccountRegion {
    pub(crate) fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self { account: account.into(), region: region.into() }
    }

    /// Another account in the same Region.
    pub(crate) fn of(&self, account: impl Into<String>) -> Self {
        Self::new(account, &self.region)
    }

    /// The partition that the Region is in.
    pub(crate) fn partition(&self) -> &'static str {
        match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

impl Display for AccountRegion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.account, self.region)
    }
}

impl FromStr for AccountRegion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (account, region) =
            text.split_once('/').ok_or_else(|| format!("{text:?} is not an account, a slash and a Region"))?;
        Ok(Self::new(account, region))
    }
}

impl From<AccountRegion> for String {
    fn from(place: AccountRegion) -> Self {
        place.to_string()
    }
}

impl TryFrom<String> for AccountRegion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// The accounts and Regions that a setting applies to; `None` matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRegionFilter {
    /// Only this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only this Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

impl AccountRegionFilter {
    pub(crate) fn matches(&self, place: &AccountRegion) -> bool {
        self.account.as_ref().is_none_or(|account| *account == place.account)
            && self.region.as_ref().is_none_or(|region| *region == place.region)
    }
}
