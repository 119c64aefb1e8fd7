//! The role of an account in GuardDuty: standalone, or administrator or member in an organization.

use crate::organization::{Organization, Organizations};
use crate::protocol::error::{AwsError, ErrorType};
use crate::world::AccountRegion;

/// An account's role in its organization.
#[derive(Debug, Clone, Copy)]
pub(super) enum OrganizationRole<'a> {
    /// In no organization, or in one whose accounts administer themselves.
    Standalone,
    Administrator(&'a Organization),
    Member(&'a Organization),
}

impl<'a> OrganizationRole<'a> {
    pub(super) fn of(organizations: &'a Organizations, account: &str) -> Self {
        let Some(organization) = organizations.of(account) else { return Self::Standalone };
        match organization.guardduty_administrator.as_deref() {
            None => Self::Standalone,
            Some(administrator) if administrator == account => Self::Administrator(organization),
            Some(_) => Self::Member(organization),
        }
    }

    /// Whether an account at `place` sees what belongs to the detector of another place.
    pub(super) fn can_see(self, place: &AccountRegion, other: &AccountRegion) -> bool {
        let of_member = match self {
            Self::Administrator(organization) => other.region == place.region && organization.contains(&other.account),
            Self::Standalone | Self::Member(_) => false,
        };
        of_member || place == other
    }

    /// Rejects an account that is a member of an organization with another administrator.
    ///
    /// # Errors
    /// An error of the given type.
    pub(super) fn require_administrator(self, error: ErrorType, operation: &str) -> Result<(), AwsError> {
        match self {
            Self::Standalone | Self::Administrator(_) => Ok(()),
            Self::Member(organization) => {
                let administrator = organization.guardduty_administrator.as_deref().unwrap_or_default();
                let message = format!(
                    "The request is rejected because only the administrator account {administrator} can call {operation}."
                );
                Err(AwsError::new(error, message))
            }
        }
    }
}
