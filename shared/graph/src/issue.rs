//! What can be wrong with the graph: an issue, its kind and its fingerprint.

use crate::member::{IngestState, Package};
use gumshoe_domain::coverage::DisabledReason;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A kind of issue. Its code is stored, sent in notices and logged, and never changes.
///
/// Declared in the order in which a notice counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HealthIssueKind {
    /// Accounts that should be members are none.
    #[serde(alias = "accounts outside the graph")]
    AccountOutside,
    /// Detective's administrator is another account than should be.
    #[serde(alias = "another administrator")]
    OtherAdministrator,
    /// Auto-enable is not as it should be.
    #[serde(alias = "auto-enable")]
    AutoEnable,
    /// The graph does not take in a package.
    #[serde(alias = "data sources stopped")]
    PackageStopped,
    /// The document cannot be used.
    #[serde(alias = "document wrong")]
    DocumentWrong,
    /// Invitations are not accepted.
    #[serde(alias = "invitations not accepted")]
    InvitationOld,
    /// Members are accepted and disabled.
    #[serde(alias = "members disabled")]
    MemberDisabled,
    /// Members do not send a package.
    #[serde(alias = "members' data sources stopped")]
    MemberPackageStopped,
    /// The graph is near the most members that it may have.
    #[serde(alias = "near the limit")]
    NearLimit,
    /// There is no behavior graph.
    #[serde(alias = "no behavior graph")]
    NoGraph,
    /// Something could not be read.
    #[serde(alias = "not readable")]
    NotReadable,
    /// Members' e-mail addresses are not those of their root users.
    #[serde(alias = "verifications failed")]
    VerificationFailed,
}

impl HealthIssueKind {
    /// All kinds.
    pub const ALL: [Self; 12] = [
        Self::AccountOutside,
        Self::OtherAdministrator,
        Self::AutoEnable,
        Self::PackageStopped,
        Self::DocumentWrong,
        Self::InvitationOld,
        Self::MemberDisabled,
        Self::MemberPackageStopped,
        Self::NearLimit,
        Self::NoGraph,
        Self::NotReadable,
        Self::VerificationFailed,
    ];

    /// The code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::AccountOutside => "account-outside",
            Self::OtherAdministrator => "other-administrator",
            Self::AutoEnable => "auto-enable",
            Self::PackageStopped => "package-stopped",
            Self::DocumentWrong => "document-wrong",
            Self::InvitationOld => "invitation-old",
            Self::MemberDisabled => "member-disabled",
            Self::MemberPackageStopped => "member-package-stopped",
            Self::NearLimit => "near-limit",
            Self::NoGraph => "no-graph",
            Self::NotReadable => "not-readable",
            Self::VerificationFailed => "verification-failed",
        }
    }
}

/// What could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unreadable {
    /// Detective's administrator.
    Administrator,
    /// Auto-enable.
    AutoEnable,
    /// The organization's accounts.
    Organization,
}

impl Unreadable {
    fn code(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Administrator => "administrator",
            Self::AutoEnable => "auto-enable",
        }
    }
}

/// Something that keeps Detective from seeing what it should.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "ailment", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are what they are called")]
pub enum HealthIssue {
    /// What the graph should be cannot be read: why, and at which places of the document.
    DocumentWrong {
        why: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        places: Vec<String>,
    },
    /// There is no behavior graph, and there should be.
    NoGraph,
    /// Another account is Detective's administrator of the organization than should be, or none.
    OtherAdministrator { account_id: Option<String> },
    /// Whether accounts that join the organization become members by themselves is not as it should be.
    AutoEnable { is: bool },
    /// Something could not be read: what and why in words, and its code.
    NotReadable {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Unreadable>,
        what: String,
    },
    /// A member's data is not taken in.
    MemberDisabled { account_id: String, reason: Option<DisabledReason> },
    /// A member's id and e-mail address do not belong together.
    VerificationFailed { account_id: String },
    /// A member has not accepted for longer than is usual.
    InvitationOld { account_id: String },
    /// The graph does not take in a package that it should.
    PackageStopped { package: Package, state: Option<IngestState> },
    /// A member does not send a package that it should.
    MemberPackageStopped { account_id: String, package: Package, state: Option<IngestState> },
    /// An account that should be a member is none.
    AccountOutside { account_id: String },
    /// The graph has nearly as many members as it may have: so many hundredths of them at least.
    NearLimit { percent: u8 },
}

impl HealthIssue {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> HealthIssueKind {
        match self {
            Self::DocumentWrong { .. } => HealthIssueKind::DocumentWrong,
            Self::NoGraph => HealthIssueKind::NoGraph,
            Self::OtherAdministrator { .. } => HealthIssueKind::OtherAdministrator,
            Self::AutoEnable { .. } => HealthIssueKind::AutoEnable,
            Self::NotReadable { .. } => HealthIssueKind::NotReadable,
            Self::MemberDisabled { .. } => HealthIssueKind::MemberDisabled,
            Self::VerificationFailed { .. } => HealthIssueKind::VerificationFailed,
            Self::InvitationOld { .. } => HealthIssueKind::InvitationOld,
            Self::PackageStopped { .. } => HealthIssueKind::PackageStopped,
            Self::MemberPackageStopped { .. } => HealthIssueKind::MemberPackageStopped,
            Self::AccountOutside { .. } => HealthIssueKind::AccountOutside,
            Self::NearLimit { .. } => HealthIssueKind::NearLimit,
        }
    }

    /// What tells it from others: 12 hexadecimal digits of a digest of its kind's code and of what it is about, never of a
    /// sentence. It is stored, and never changes.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let package = |package: &Package, state: &Option<IngestState>| {
            [package.to_string(), state.map_or_else(String::new, |state| state.to_string())]
        };
        let about: Vec<String> = match self {
            Self::DocumentWrong { why: _, places } => places.clone(),
            Self::NoGraph => Vec::new(),
            Self::OtherAdministrator { account_id } => account_id.iter().cloned().collect(),
            Self::AutoEnable { is } => vec![is.to_string()],
            Self::NotReadable { what: _, part } => part.iter().map(|part| part.code().to_owned()).collect(),
            Self::MemberDisabled { account_id, reason } => {
                let reason = reason.filter(|it| *it != DisabledReason::Unknown).map(|it| it.to_string());
                [account_id.clone()].into_iter().chain(reason).collect()
            }
            Self::VerificationFailed { account_id }
            | Self::InvitationOld { account_id }
            | Self::AccountOutside { account_id } => vec![account_id.clone()],
            Self::PackageStopped { package: of, state } => package(of, state).to_vec(),
            Self::MemberPackageStopped { account_id, package: of, state } => {
                [account_id.clone()].into_iter().chain(package(of, state)).collect()
            }
            Self::NearLimit { percent } => vec![percent.to_string()],
        };
        let about = about.iter().map(String::as_str);
        digest(&[self.kind().code()].into_iter().chain(about).collect::<Vec<_>>().join("\n"))
    }
}

/// 12 hexadecimal digits of a text's SHA-256.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// How many there are of each kind.
#[must_use]
pub fn counts<'a>(issues: impl IntoIterator<Item = &'a HealthIssue>) -> BTreeMap<HealthIssueKind, usize> {
    let mut counts = BTreeMap::new();
    for issue in issues {
        *counts.entry(issue.kind()).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
pub(crate) mod tests;
