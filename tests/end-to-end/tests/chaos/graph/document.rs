//! Graph documents: members that stay, and some that are added and removed.

use fastrand::Rng;
use local_cloud::MEMBER_ACCOUNTS;
use serde_json::{Value, json};
use simulator::{DisabledReason, MemberStatus};
use std::collections::{BTreeMap, BTreeSet};

/// Members that are degraded and stay so; every document lists them.
pub(crate) const DEGRADED_MEMBERS: [(&str, MemberStatus, Option<DisabledReason>); 4] = [
    ("660000000001", MemberStatus::AcceptedButDisabled, UNKNOWN),
    ("660000000002", MemberStatus::VerificationFailed, None),
    ("660000000003", MemberStatus::AcceptedButDisabled, UNKNOWN),
    ("660000000004", MemberStatus::VerificationFailed, None),
];
const UNKNOWN: Option<DisabledReason> = Some(DisabledReason::VolumeUnknown);
/// Accounts that only some documents list.
pub(crate) const NEW_MEMBERS: [&str; 6] =
    ["650000000001", "650000000002", "650000000003", "650000000004", "650000000005", "650000000006"];
/// Packages in addition to the one that every graph has. A started package is not stopped again.
const PACKAGES: [&str; 2] = ["EKS_AUDIT", "ASFF_SECURITYHUB_FINDING"];

/// A graph document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) accounts: BTreeSet<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) packages: BTreeSet<String>,
}

impl Document {
    /// A random document; `number` is in its tags.
    pub(crate) fn of(rng: &mut Rng, number: usize) -> Self {
        let mut coming: BTreeSet<&str> = NEW_MEMBERS.into_iter().filter(|_| rng.bool()).collect();
        coming.insert(NEW_MEMBERS[rng.usize(..NEW_MEMBERS.len())]);
        let always = MEMBER_ACCOUNTS.into_iter().chain(DEGRADED_MEMBERS.map(|(id, ..)| id));
        let some = PACKAGES.into_iter().filter(|_| rng.bool());
        Self {
            accounts: always.chain(coming).map(str::to_owned).collect(),
            tags: [(format!("of-{number}"), "yes".to_owned()), ("number".to_owned(), number.to_string())].into(),
            packages: some.chain(["DETECTIVE_CORE"]).map(str::to_owned).collect(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        // The addresses with which the members are invited.
        let account = |id: &String| json!({"account_id": id, "email": format!("security+{id}@example.com")});
        json!({
            "graph": {"enabled": true, "tags": self.tags},
            "members": {"accounts": self.accounts.iter().map(account).collect::<Vec<_>>()},
            "packages": self.packages,
            "changes": "full",
        })
    }

    /// The document with a duplicate account, which makes it invalid.
    pub(crate) fn invalid_json(&self) -> Value {
        let mut document = self.json();
        if let Some(accounts) = document["members"]["accounts"].as_array_mut() {
            accounts.extend(accounts.first().cloned());
        }
        document
    }
}
