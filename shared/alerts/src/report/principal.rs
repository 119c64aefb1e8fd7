//! Who is behind it.

use super::safe::{safe, whole};
use crate::message::{Alert, NotInvestigated, Principal};
use crate::text::format::join_limited;

/// How many others behind the same findings are named. An alert knows 20.
const OTHERS: usize = 20;

/// A name and what is known under it.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) values: Vec<String>,
    /// How it is set: of `style.css`.
    pub(super) class: &'static str,
}

impl Fact {
    pub(super) fn plain(name: &'static str, value: String) -> Self {
        Self { name, values: vec![value], class: "" }
    }

    pub(super) fn set(name: &'static str, value: String, class: &'static str) -> Self {
        Self { class, ..Self::plain(name, value) }
    }
}

pub(super) fn facts(alert: &Alert) -> Vec<Fact> {
    let account = |id: &str| safe(&alert.account(id), 120);
    let mut facts = Vec::new();
    match &alert.principal {
        Principal::IamUser(entity) | Principal::IamRole(entity) => {
            facts.push(Fact::set(alert.principal.kind_label(), safe(&entity.name, 128), "strong"));
            facts.push(Fact::set("ARN", whole(&entity.arn, 1_000), "mono"));
            facts.extend(entity.doubt.as_ref().map(|doubt| Fact::set("Not certain", safe(doubt, 500), "doubt")));
            facts.push(Fact::plain("Account", account(&entity.account_id)));
            facts.extend(entity.session_name.as_ref().map(|name| Fact::set("Session", safe(name, 128), "mono")));
        }
        Principal::NotInvestigable(other) => {
            facts.push(Fact::set("Principal", safe(&alert.principal.to_string(), 250), "strong"));
            facts.extend(other.account_id.as_deref().map(|id| Fact::plain("Account", account(id))));
            // Shown once: where it is why Detective was not asked, it is the reason below.
            if !alert.not_investigated.as_ref().is_some_and(NotInvestigated::has_no_principal) {
                facts.push(Fact::plain("No IAM principal", sentence(&safe(&other.explanation(), 400))));
            }
        }
    }
    let mut others: Vec<String> = alert.others.iter().take(OTHERS).map(|other| safe(other, 160)).collect();
    let more = alert.others.len().saturating_sub(OTHERS).saturating_add(alert.omitted_others);
    if more > 0 {
        others.push(format!("and {more} more"));
    }
    if !others.is_empty() {
        facts.push(Fact { name: "Also in the findings", values: others, class: "" });
    }
    let own: Vec<&str> = alert.principal.account_id().into_iter().collect();
    if alert.accounts.iter().any(|id| !own.contains(&id.as_str())) {
        let accounts: Vec<String> = alert.accounts.iter().take(20).map(|id| account(id)).collect();
        facts.push(Fact::plain("Findings’ accounts", more_of(&accounts, alert.accounts.len())));
    }
    let regions: Vec<String> = alert.regions.iter().take(20).map(|region| safe(region, 40)).collect();
    facts.push(Fact::plain("Regions", more_of(&regions, alert.regions.len())));
    facts
}

/// Why there is no result of Detective's.
pub(super) fn not_investigated(alert: &Alert) -> Option<String> {
    alert.not_investigated.as_ref().map(|why| sentence(&safe(&why.explanation(), 500)))
}

/// With a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn more_of(shown: &[String], all: usize) -> String {
    match all.saturating_sub(shown.len()) {
        0 => join_limited(shown, shown.len()),
        more => format!("{} and {more} more", join_limited(shown, shown.len())),
    }
}
