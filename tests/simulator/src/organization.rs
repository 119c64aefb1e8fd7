//! Organizations, defined through the control interface: AWS Organizations is not simulated.

use std::collections::BTreeMap;

use crate::account_region::is_account;
use serde::{Deserialize, Serialize};

/// An organization.
// assumed: until the control interface defines one, no account is in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// The account that manages it; a part of it.
    pub management_account: String,
    /// The other accounts and their e-mail addresses.
    #[serde(default)]
    pub accounts: BTreeMap<String, String>,
    /// Detective's delegated administrator in Organizations. EnableOrganizationAdminAccount sets it. Default: who it was,
    /// as long as that account stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detective_administrator: Option<String>,
    /// GuardDuty's administrator account, of which all other accounts are members. Default: each account administers
    /// itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardduty_administrator: Option<String>,
}

/// All organizations there are. An account is in one at most.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Organizations(Vec<Organization>);

impl Organization {
    pub(crate) fn contains(&self, account: &str) -> bool {
        self.management_account == account || self.accounts.contains_key(account)
    }

    /// The problem with it, if any.
    pub(crate) fn check(&self) -> Result<(), String> {
        let ids = self.accounts.keys().chain([&self.management_account]);
        for id in ids.chain(&self.detective_administrator).chain(&self.guardduty_administrator) {
            if !is_account(id) {
                return Err(format!("{id:?} is not an account ID; give 12 digits"));
            }
        }
        for (name, id) in [
            ("detective_administrator", &self.detective_administrator),
            ("guardduty_administrator", &self.guardduty_administrator),
        ] {
            if let Some(id) = id
                && !self.contains(id)
            {
                return Err(format!("{name} {id} is not in the organization; add it to accounts"));
            }
        }
        Ok(())
    }
}

impl Organizations {
    /// The organization that an account is in.
    pub(crate) fn of(&self, account: &str) -> Option<&Organization> {
        self.0.iter().find(|organization| organization.contains(account))
    }

    pub(crate) fn of_mut(&mut self, account: &str) -> Option<&mut Organization> {
        self.0.iter_mut().find(|organization| organization.contains(account))
    }

    /// Replaces the organization of that management account, or adds it; answers what it is now.
    ///
    /// # Errors
    /// When it is not in order, or one of its accounts is in another organization.
    pub(crate) fn set(&mut self, mut organization: Organization) -> Result<Organization, String> {
        organization.check()?;
        for other in &self.0 {
            if other.management_account == organization.management_account {
                continue;
            }
            let mut ids = organization.accounts.keys().chain([&organization.management_account]);
            if let Some(id) = ids.find(|id| other.contains(id)) {
                return Err(format!("{id} is in the organization of {} already", other.management_account));
            }
        }
        let before = self.0.iter().find(|other| other.management_account == organization.management_account);
        if let Some(before) = before
            && organization.detective_administrator.is_none()
        {
            let administrator = before.detective_administrator.clone();
            organization.detective_administrator = administrator.filter(|account| organization.contains(account));
        }
        self.0.retain(|other| other.management_account != organization.management_account);
        self.0.push(organization.clone());
        Ok(organization)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization(management: &str, others: &[&str]) -> Organization {
        Organization {
            management_account: management.into(),
            accounts: others.iter().map(|id| ((*id).to_owned(), format!("{id}@example.com"))).collect(),
            detective_administrator: None,
            guardduty_administrator: None,
        }
    }

    #[test]
    fn an_account_is_in_one_organization_at_most() {
        let mut organizations = Organizations::default();
        organizations.set(organization("111111111111", &["222222222222"])).unwrap();
        assert!(organizations.set(organization("333333333333", &["222222222222"])).is_err());
        assert!(organizations.set(organization("222222222222", &[])).is_err());
        organizations.set(organization("111111111111", &["444444444444"])).unwrap();
        assert!(organizations.of("222222222222").is_none());
        assert_eq!(organizations.of("444444444444").unwrap().management_account, "111111111111");
    }

    #[test]
    fn administrators_are_of_the_organization() {
        let administrator = Some("333333333333".to_owned());
        let wrong = organization("111111111111", &[]);
        assert!(Organization { detective_administrator: administrator.clone(), ..wrong.clone() }.check().is_err());
        assert!(Organization { guardduty_administrator: administrator, ..wrong }.check().is_err());
        assert!(organization("1", &[]).check().is_err());
        assert!(organization("111111111111", &["x"]).check().is_err());
    }
}
