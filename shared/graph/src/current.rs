//! What the behavior graph is, as far as it could be read.

use crate::account::Account;
use crate::member::Member;
use gumshoe_alerts::message::{IngestState, Package};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Something that not every account may read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Observation<T> {
    /// Nobody asked.
    NotRequested,
    /// It could not be read, for this reason.
    Unavailable(String),
    /// What it is.
    Known(T),
}

impl<T> Observation<T> {
    /// What it is, where that is known.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(it) => Some(it),
            Self::NotRequested | Self::Unavailable(_) => None,
        }
    }
}

/// All that a plan rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentState {
    /// The account that looks, and administers the graph: 12 digits.
    pub account_id: String,
    /// Its behavior graph in the Region.
    pub graph: Option<CurrentGraph>,
    /// Detective's administrator of the organization in the Region: only the management account may read it.
    pub administrator: Observation<Option<String>>,
    /// Who may be named administrator: only the management account may read it.
    pub candidates: Observation<AdministratorCandidates>,
    /// The active accounts of the organization, the looking one among them.
    pub organization: Observation<Vec<Account>>,
}

/// Who may be named Detective's administrator of the organization (Detective API Reference, EnableOrganizationAdminAccount): the
/// management account; Detective's delegated administrator in Organizations; or, while there is none, any account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdministratorCandidates {
    /// The management account.
    pub management: String,
    /// Detective's delegated administrator in Organizations.
    pub delegated: Option<String>,
}

impl AdministratorCandidates {
    /// Whether Detective takes that account as administrator.
    #[must_use]
    pub fn allows(&self, account_id: &str) -> bool {
        self.management == account_id || self.delegated.as_ref().is_none_or(|delegated| delegated == account_id)
    }
}

/// A behavior graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentGraph {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its members, without the administrator, by account id.
    pub members: BTreeMap<String, Member>,
    /// Its data source packages.
    pub packages: BTreeMap<Package, IngestState>,
    /// Whether accounts that join the organization become members by themselves. Only an organization's graph tells.
    pub auto_enable: Observation<bool>,
    /// Since when members do not send a package, where that was asked for.
    pub package_state_since: BTreeMap<(String, Package), Timestamp>,
}
