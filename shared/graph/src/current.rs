//! The current state of the behavior graph, as far as it could be read.

use crate::account::Account;
use crate::member::Member;
use gumshoe_alerts::message::{IngestState, Package};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A value that not every account may read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Observation<T> {
    /// The document does not mention it, so it was not read.
    NotRequested,
    /// It could not be read; with the reason.
    Unavailable(String),
    /// The value.
    Known(T),
}

impl<T> Observation<T> {
    /// The value, if it was read.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(it) => Some(it),
            Self::NotRequested | Self::Unavailable(_) => None,
        }
    }
}

/// What a plan is computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentState {
    /// The account that the function runs in and that administers the graph: 12 digits.
    pub account_id: String,
    /// Its behavior graph in the Region, if there is one.
    pub graph: Option<CurrentGraph>,
    /// Detective's administrator of the organization in the Region. Only the management account may read it.
    pub administrator: Observation<Option<String>>,
    /// The accounts that may become administrator. Only the management account may read them.
    pub candidates: Observation<AdministratorCandidates>,
    /// The active accounts of the organization, including `account_id`.
    pub organization: Observation<Vec<Account>>,
}

/// The accounts that may become Detective's administrator of the organization (Detective API Reference,
/// EnableOrganizationAdminAccount): the management account; Detective's delegated administrator in Organizations; or, if there is no
/// delegated administrator, any account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdministratorCandidates {
    /// The organization's management account.
    pub management: String,
    /// Detective's delegated administrator in Organizations, if there is one.
    pub delegated: Option<String>,
}

impl AdministratorCandidates {
    /// Whether Detective accepts that account as administrator.
    #[must_use]
    pub fn allows(&self, account_id: &str) -> bool {
        self.management == account_id || self.delegated.as_ref().is_none_or(|delegated| delegated == account_id)
    }
}

/// A behavior graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentGraph {
    /// The graph's ARN.
    pub arn: String,
    /// The graph's tags; empty if the document has no tags.
    pub tags: BTreeMap<String, String>,
    /// The members without the administrator, by account id.
    pub members: BTreeMap<String, Member>,
    /// The state of each data source package.
    pub packages: BTreeMap<Package, IngestState>,
    /// Whether accounts that join the organization become members automatically. Only the organization's graph has this setting.
    pub auto_enable: Observation<bool>,
    /// Since when members do not send a package, for those that were requested.
    pub package_state_since: BTreeMap<(String, Package), Timestamp>,
}
