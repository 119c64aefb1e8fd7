//! What the behavior graph should be: one JSON document. Its schema is `infra/graph/graph.schema.json`.

use crate::account::{Account, is_email};
use gumshoe_alerts::message::Package;
use gumshoe_domain::principal::is_account_id;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use thiserror::Error;

/// What the behavior graph should be. What is left out is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesiredState {
    /// Where the schema is, for editors.
    #[serde(rename = "$schema", default, skip_serializing)]
    schema: String,
    /// The graph itself.
    pub graph: DesiredGraph,
    /// Detective's side of the organization.
    #[serde(default)]
    pub organization: Option<DesiredOrganization>,
    /// Who sends data.
    #[serde(default)]
    pub members: Option<DesiredMembers>,
    /// The data source packages that are to be started.
    #[serde(default)]
    pub packages: BTreeSet<Package>,
    /// What may be changed.
    #[serde(default)]
    pub changes: Changes,
    /// How many members may be removed in one run: with more, none is. It guards against a list that was cut off.
    #[serde(rename = "most_removals", default = "default_max_removals")]
    pub max_removals: usize,
    /// After how many days an invitation that was not accepted is told of.
    #[serde(default = "default_invitation_days")]
    pub invitation_days: u16,
}

/// The graph itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesiredGraph {
    /// Whether there should be one.
    pub enabled: bool,
    /// Its tags.
    #[serde(default)]
    pub tags: Option<BTreeMap<String, String>>,
}

/// Detective's side of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesiredOrganization {
    /// The account that should be Detective's administrator of the organization in this Region.
    #[serde(default)]
    pub administrator: Option<String>,
    /// The administrator account that may be removed for it, and with it its behavior graph: Detective deletes that. Said
    /// here, as nothing brings it back.
    #[serde(default)]
    pub replaces: Option<String>,
    /// Whether accounts that join the organization become members by themselves.
    #[serde(default)]
    pub auto_enable: Option<bool>,
}

/// Who sends data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesiredMembers {
    /// All active accounts of the organization.
    #[serde(default)]
    pub organization: bool,
    /// These accounts.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// None of these, whatever else is said.
    #[serde(default)]
    pub exclude: BTreeSet<String>,
    /// Whether Detective sends e-mails to whom it invites.
    #[serde(default = "default_true")]
    pub invitation_emails: bool,
}

/// What may be changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Changes {
    /// Nothing is removed or switched off.
    #[default]
    AddOnly,
    /// What is not wanted is removed.
    Full,
}

fn default_true() -> bool {
    true
}

fn default_max_removals() -> usize {
    10
}

fn default_invitation_days() -> u16 {
    14
}

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct DocumentError {
    /// The first faults, in the order of the document.
    pub faults: Vec<DocumentFault>,
    /// How many more there are.
    pub omitted_count: usize,
}

/// A fault of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFault {
    /// Where it is, such as `members.accounts[3].email`.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, DocumentFault { path, reason }) in self.faults.iter().enumerate() {
            let before = if number == 0 { "" } else { "; " };
            write!(formatter, "{before}{path}: {reason}")?;
        }
        if self.omitted_count > 0 { write!(formatter, "; and {} more", self.omitted_count) } else { Ok(()) }
    }
}

impl DocumentError {
    /// The places of the faults.
    #[must_use]
    pub fn fault_paths(&self) -> Vec<String> {
        self.faults.iter().map(|fault| gumshoe_domain::text::one_line(&fault.path, 200)).collect()
    }
}

fn fault(path: impl Into<String>, reason: impl Into<String>) -> DocumentFault {
    DocumentFault { path: path.into(), reason: reason.into() }
}

/// How many faults are told at once.
const MAX_FAULTS_REPORTED: usize = 20;

impl DesiredState {
    /// Reads a document, and further lists of members, each with the name that errors call it by.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] with every fault's path.
    pub fn from_json(text: &str, more_members: &[(String, String)]) -> Result<Self, DocumentError> {
        let mut desired: Self = parse(text, "")?;
        if text.trim_start().starts_with('[') {
            let faults = vec![fault("the document", "is a list, and has to be an object")];
            return Err(DocumentError { faults, omitted_count: 0 });
        }
        let mut places: Vec<String> = (0..desired.listed().len()).map(|at| format!("members.accounts[{at}]")).collect();
        for (name, list) in more_members {
            let accounts: Vec<Account> = parse(list, name)?;
            places.extend((0..accounts.len()).map(|at| format!("{name}: [{at}]")));
            desired.members.get_or_insert_default().accounts.extend(accounts);
        }
        let mut faults = desired.faults(&places);
        let omitted_count = faults.len().saturating_sub(MAX_FAULTS_REPORTED);
        faults.truncate(MAX_FAULTS_REPORTED);
        if faults.is_empty() { Ok(desired) } else { Err(DocumentError { faults, omitted_count }) }
    }

    fn listed(&self) -> &[Account] {
        self.members.as_ref().map_or(&[], |members| &members.accounts)
    }

    /// Whether the organization's accounts have to be known.
    #[must_use]
    pub fn includes_organization(&self) -> bool {
        self.members.as_ref().is_some_and(|members| members.organization)
    }

    fn faults(&self, places: &[String]) -> Vec<DocumentFault> {
        let mut faults = Vec::new();
        let no_id = |path: &str, id: &str| {
            let shown = gumshoe_domain::text::one_line(id, 40);
            (!is_account_id(id)).then(|| fault(path, format!("{shown:?} is no account's id, which has 12 digits")))
        };
        if let Some(organization) = &self.organization {
            let named = [("administrator", &organization.administrator), ("replaces", &organization.replaces)];
            for (name, id) in named {
                faults.extend(id.as_deref().and_then(|id| no_id(&format!("organization.{name}"), id)));
            }
            match (&organization.replaces, &organization.administrator) {
                (Some(replaced), Some(wanted)) if replaced == wanted => {
                    faults.push(fault("organization.replaces", "is the administrator that is wanted"));
                }
                (Some(_), None) => faults.push(fault("organization.replaces", "needs organization.administrator")),
                _ => {}
            }
        }
        faults.extend(self.graph.tags.iter().flat_map(tag_faults));
        if let Some(members) = &self.members {
            for id in &members.exclude {
                faults.extend(no_id("members.exclude", id));
            }
            let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
            for (account, place) in members.accounts.iter().zip(places) {
                let id = account.account_id.as_str();
                faults.extend(no_id(&format!("{place}.account_id"), id));
                if !is_email(&account.email) {
                    let shown = gumshoe_domain::text::one_line(&account.email, 80);
                    faults.push(fault(
                        format!("{place}.email"),
                        format!("{shown:?} is no e-mail address of at most 64 characters"),
                    ));
                }
                if members.exclude.contains(id) {
                    faults.push(fault(format!("{place}.account_id"), format!("{id} is in members.exclude too")));
                }
                if let Some(first) = seen.insert(id, place) {
                    faults
                        .push(fault(format!("{place}.account_id"), format!("{id} is listed twice, first at {first}")));
                }
            }
        }
        if !(1..=365).contains(&self.invitation_days) {
            faults.push(fault("invitation_days", format!("{} is not from 1 to 365", self.invitation_days)));
        }
        faults
    }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str, name: &str) -> Result<T, DocumentError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let wrong = |path: &str, error: &dyn fmt::Display| {
        let parts: Vec<&str> = [name, path].into_iter().filter(|part| !part.is_empty() && *part != ".").collect();
        let place = if parts.is_empty() { "the document".to_owned() } else { parts.join(": ") };
        let faults = vec![fault(place, gumshoe_domain::text::one_line(&error.to_string(), 300))];
        DocumentError { faults, omitted_count: 0 }
    };
    let parsed = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| wrong(&error.path().to_string(), error.inner()))?;
    deserializer.end().map_err(|error| wrong("", &error))?;
    let value: Value = serde_json::from_str(text).map_err(|error| wrong("", &error))?;
    match list_in_place_of_object(&value) {
        Some(path) => Err(wrong(path, &"is a list, and has to be an object")),
        None => Ok(parsed),
    }
}

/// Where a list stands in an object's place. It would be read as the members in their order: `"members": []` as nobody.
fn list_in_place_of_object(document: &Value) -> Option<&'static str> {
    let of = |path: &str| document.pointer(path).is_some_and(Value::is_array);
    let accounts = document.pointer("/members/accounts").unwrap_or(document).as_array();
    match document {
        _ if of("/graph") => Some("graph"),
        _ if of("/organization") => Some("organization"),
        _ if of("/members") => Some("members"),
        _ if accounts.into_iter().flatten().any(Value::is_array) => Some("members.accounts"),
        _ => None,
    }
}

/// Detective API Reference, TagResource: at most 50 tags; keys of 1 to 128 of some characters, not beginning with `aws:`;
/// values of at most 256.
fn tag_faults(tags: &BTreeMap<String, String>) -> Vec<DocumentFault> {
    let mut faults = Vec::new();
    if tags.len() > 50 {
        faults.push(fault("graph.tags", format!("{} tags; a graph has at most 50", tags.len())));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || (b'+'..=b'=').contains(&byte) || b"._:/".contains(&byte);
    for (key, value) in tags {
        let place = format!("graph.tags.{}", gumshoe_domain::text::one_line(key, 40));
        if key.is_empty() || key.len() > 128 || key.starts_with("aws:") || !key.bytes().all(fits) {
            faults.push(fault(&place, "is no key of 1 to 128 letters, digits and + - = . _ : /"));
        }
        if value.chars().count() > 256 {
            faults.push(fault(&place, "the value has more than 256 characters"));
        }
    }
    faults
}

#[cfg(test)]
mod tests;
