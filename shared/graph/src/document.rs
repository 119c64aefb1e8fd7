//! The desired state of the behavior graph: one JSON document. Its schema is `infra/graph/graph.schema.json`.

use crate::account::{Account, is_email};
use gumshoe_alerts::message::Package;
use gumshoe_domain::principal::is_account_id;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use thiserror::Error;

/// The desired state of the behavior graph. What the document omits is not changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesiredState {
    /// The location of the schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing)]
    schema: String,
    /// The graph itself.
    pub graph: DesiredGraph,
    /// Detective's side of the organization.
    #[serde(default)]
    pub organization: Option<DesiredOrganization>,
    /// The desired members.
    #[serde(default)]
    pub members: Option<DesiredMembers>,
    /// The data source packages to start.
    #[serde(default)]
    pub packages: BTreeSet<Package>,
    /// The changes that are allowed.
    #[serde(default)]
    pub changes: Changes,
    /// The most members that one run may remove; if there are more to remove, none is removed. This protects against a truncated list.
    #[serde(rename = "most_removals", default = "default_max_removals")]
    pub max_removals: usize,
    /// The days after which an invitation that was not accepted is an issue.
    #[serde(default = "default_invitation_days")]
    pub invitation_days: u16,
}

/// The graph itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesiredGraph {
    /// Whether the graph should exist.
    pub enabled: bool,
    /// The graph's tags.
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
    /// The administrator that may be replaced. Detective deletes the behavior graph of a removed administrator, which cannot be
    /// undone, so the account must be named here.
    #[serde(default)]
    pub replaces: Option<String>,
    /// Whether accounts that join the organization become members automatically.
    #[serde(default)]
    pub auto_enable: Option<bool>,
}

/// The accounts that should send data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesiredMembers {
    /// All active accounts of the organization.
    #[serde(default)]
    pub organization: bool,
    /// These accounts.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// None of these, even if listed in `accounts` or in the organization.
    #[serde(default)]
    pub exclude: BTreeSet<String>,
    /// Whether Detective sends invitations by e-mail as well.
    #[serde(default = "default_true")]
    pub invitation_emails: bool,
}

/// The changes that are allowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Changes {
    /// Nothing is removed or disabled.
    #[default]
    AddOnly,
    /// What the document does not contain is removed.
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

/// The faults of a document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct DocumentError {
    /// The first faults, in the order of the document.
    pub faults: Vec<DocumentFault>,
    /// The number of further faults.
    pub omitted_count: usize,
}

/// A fault of a document, with its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFault {
    /// The JSON path, such as `members.accounts[3].email`.
    pub path: String,
    /// What is wrong at the path.
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
    /// The paths of the faults, each at most 200 characters.
    #[must_use]
    pub fn fault_paths(&self) -> Vec<String> {
        self.faults.iter().map(|fault| gumshoe_domain::text::one_line(&fault.path, 200)).collect()
    }
}

fn fault(path: impl Into<String>, reason: impl Into<String>) -> DocumentFault {
    DocumentFault { path: path.into(), reason: reason.into() }
}

/// The most faults that an error lists.
const MAX_FAULTS_REPORTED: usize = 20;

impl DesiredState {
    /// Parses a document and further lists of members. `more_members` has the name of each list, which errors contain, and its text.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] with every fault's path.
    pub fn from_json(text: &str, more_members: &[(String, String)]) -> Result<Self, DocumentError> {
        let mut desired: Self = parse(text, "")?;
        if text.trim_start().starts_with('[') {
            let faults = vec![fault("the document", "is an array; expected an object")];
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

    /// Whether the document needs the list of the organization's accounts.
    #[must_use]
    pub fn includes_organization(&self) -> bool {
        self.members.as_ref().is_some_and(|members| members.organization)
    }

    fn faults(&self, places: &[String]) -> Vec<DocumentFault> {
        let mut faults = Vec::new();
        let id_fault = |path: &str, id: &str| {
            let shown = gumshoe_domain::text::one_line(id, 40);
            (!is_account_id(id)).then(|| fault(path, format!("{shown:?} is not a 12-digit account id")))
        };
        if let Some(organization) = &self.organization {
            let named = [("administrator", &organization.administrator), ("replaces", &organization.replaces)];
            for (name, id) in named {
                faults.extend(id.as_deref().and_then(|id| id_fault(&format!("organization.{name}"), id)));
            }
            match (&organization.replaces, &organization.administrator) {
                (Some(replaced), Some(wanted)) if replaced == wanted => {
                    faults.push(fault("organization.replaces", "is the same account as organization.administrator"));
                }
                (Some(_), None) => faults.push(fault("organization.replaces", "requires organization.administrator")),
                _ => {}
            }
        }
        faults.extend(self.graph.tags.iter().flat_map(tag_faults));
        if let Some(members) = &self.members {
            for id in &members.exclude {
                faults.extend(id_fault("members.exclude", id));
            }
            let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
            for (account, place) in members.accounts.iter().zip(places) {
                let id = account.account_id.as_str();
                faults.extend(id_fault(&format!("{place}.account_id"), id));
                if !is_email(&account.email) {
                    let shown = gumshoe_domain::text::one_line(&account.email, 80);
                    faults.push(fault(
                        format!("{place}.email"),
                        format!("{shown:?} is not a valid e-mail address (at most 64 characters)"),
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
            faults.push(fault("invitation_days", format!("{} is not between 1 and 365", self.invitation_days)));
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
        Some(path) => Err(wrong(path, &"is an array; expected an object")),
        None => Ok(parsed),
    }
}

/// The path of an array in place of an object. Serde would accept it as a struct, with its elements as the fields in order:
/// `"members": []` as no members.
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

const MAX_TAGS: usize = 50;
const MAX_TAG_KEY_CHARS: usize = 128;
const MAX_TAG_VALUE_CHARS: usize = 256;

/// Detective API Reference, TagResource: at most 50 tags; keys of 1 to 128 characters of a set, not beginning with `aws:`; values of at
/// most 256 characters.
fn tag_faults(tags: &BTreeMap<String, String>) -> Vec<DocumentFault> {
    let mut faults = Vec::new();
    if tags.len() > MAX_TAGS {
        faults.push(fault("graph.tags", format!("{} tags; a graph has at most 50", tags.len())));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || (b'+'..=b'=').contains(&byte) || b"._:/".contains(&byte);
    for (key, value) in tags {
        let place = format!("graph.tags.{}", gumshoe_domain::text::one_line(key, 40));
        if key.is_empty() || key.len() > MAX_TAG_KEY_CHARS || key.starts_with("aws:") || !key.bytes().all(fits) {
            faults.push(fault(
                &place,
                "is not a valid key: 1 to 128 letters, digits and + - = . _ : /, not starting with aws:",
            ));
        }
        if value.chars().count() > MAX_TAG_VALUE_CHARS {
            faults.push(fault(&place, "the value has more than 256 characters"));
        }
    }
    faults
}

#[cfg(test)]
mod tests;
