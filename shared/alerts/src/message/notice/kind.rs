//! Kinds of issues of the behavior graph, by which a notice counts them.

use super::Issue;
use serde::{Deserialize, Serialize};

/// A kind of issue: the same code as `ailment` in [`Issue`]. Messages of earlier releases have it in words.
///
/// Declared in the order in which a notice counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssueKind {
    /// Accounts that should be members are none.
    #[serde(alias = "accounts outside the graph")]
    AccountOutside,
    /// Detective's administrator is another account than should be.
    #[serde(alias = "another administrator")]
    OtherAdministrator,
    /// Auto-enable is not as it should be.
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

impl IssueKind {
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

impl Issue {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> IssueKind {
        match self {
            Self::DocumentWrong { .. } => IssueKind::DocumentWrong,
            Self::NoGraph => IssueKind::NoGraph,
            Self::OtherAdministrator { .. } => IssueKind::OtherAdministrator,
            Self::AutoEnable { .. } => IssueKind::AutoEnable,
            Self::NotReadable { .. } => IssueKind::NotReadable,
            Self::MemberDisabled { .. } => IssueKind::MemberDisabled,
            Self::VerificationFailed { .. } => IssueKind::VerificationFailed,
            Self::InvitationOld { .. } => IssueKind::InvitationOld,
            Self::PackageStopped { .. } => IssueKind::PackageStopped,
            Self::MemberPackageStopped { .. } => IssueKind::MemberPackageStopped,
            Self::AccountOutside { .. } => IssueKind::AccountOutside,
            Self::NearLimit { .. } => IssueKind::NearLimit,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixtures::issues_of_all_kinds;

    #[test]
    fn a_kind_has_the_code_of_its_issues() {
        for issue in issues_of_all_kinds() {
            let kind = issue.kind();
            assert_eq!(serde_json::to_value(&issue).unwrap()["ailment"], kind.code());
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
        }
    }
}
