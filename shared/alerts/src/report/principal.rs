//! The principal of the case.

use super::safe::{safe, whole};
use crate::message::{Alert, NotInvestigated, Principal};
use crate::text::format::join_limited;
use crate::text::shorten::capitalize;

/// Number of other principals. An alert lists 20.
const OTHERS_MAX: usize = 20;

/// A row: a name and its values.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) values: Vec<String>,
    /// The class in `style.css`.
    pub(super) class: &'static str,
}

impl Fact {
    pub(super) fn new(name: &'static str, value: String) -> Self {
        Self { name, values: vec![value], class: "" }
    }

    pub(super) fn styled(name: &'static str, value: String, class: &'static str) -> Self {
        Self { class, ..Self::new(name, value) }
    }
}

pub(super) fn principal_facts(alert: &Alert) -> Vec<Fact> {
    let account = |id: &str| safe(&alert.account(id), 120);
    let mut facts = Vec::new();
    match &alert.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => {
            facts.push(Fact::styled(alert.principal.kind_label(), safe(&entity.name, 128), "strong"));
            facts.push(Fact::styled("ARN", whole(&entity.arn, 1_000), "mono"));
            facts.extend(entity.doubt.as_ref().map(|doubt| Fact::styled("Not confirmed", safe(doubt, 500), "doubt")));
            facts.push(Fact::new("Account", account(&entity.account_id)));
            facts.extend(entity.session_name.as_ref().map(|name| Fact::styled("Session", safe(name, 128), "mono")));
        }
        Principal::NotInvestigable(other) => {
            facts.push(Fact::styled("Principal", safe(&alert.principal.to_string(), 250), "strong"));
            facts.extend(other.account_id.as_deref().map(|id| Fact::new("Account", account(id))));
            // Shown once: if it is also why Detective did not investigate, the section below shows it.
            if !alert.not_investigated.as_ref().is_some_and(NotInvestigated::has_no_principal) {
                facts.push(Fact::new("No IAM principal", capitalize(&safe(&other.explanation(), 400))));
            }
        }
    }
    let mut others: Vec<String> = alert.others.iter().take(OTHERS_MAX).map(|other| safe(other, 160)).collect();
    let more = alert.others.len().saturating_sub(OTHERS_MAX).saturating_add(alert.omitted_others);
    if more > 0 {
        others.push(format!("and {more} more"));
    }
    if !others.is_empty() {
        facts.push(Fact { name: "Also in the findings", values: others, class: "" });
    }
    let own: Vec<&str> = alert.principal.account_id().into_iter().collect();
    if alert.accounts.iter().any(|id| !own.contains(&id.as_str())) {
        let accounts: Vec<String> = alert.accounts.iter().take(20).map(|id| account(id)).collect();
        facts.push(Fact::new("Findings’ accounts", listed_with_total(&accounts, alert.accounts.len())));
    }
    let regions: Vec<String> = alert.regions.iter().take(20).map(|region| safe(region, 40)).collect();
    facts.push(Fact::new("Regions", listed_with_total(&regions, alert.regions.len())));
    facts
}

/// Why Detective has no result.
pub(super) fn not_investigated(alert: &Alert) -> Option<String> {
    alert.not_investigated.as_ref().map(|why| capitalize(&safe(&why.explanation(), 500)))
}

fn listed_with_total(shown: &[String], all: usize) -> String {
    match all.saturating_sub(shown.len()) {
        0 => join_limited(shown, shown.len()),
        more => format!("{} and {more} more", join_limited(shown, shown.len())),
    }
}
