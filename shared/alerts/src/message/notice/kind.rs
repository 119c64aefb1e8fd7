//! Kinds of issues of the behavior graph. A notice counts issues by kind.

use super::Issue;
use serde::{Deserialize, Serialize};

/// A kind of issue. Its code is that of the tag of [`Issue`]. Messages of earlier releases have the text in `alias`.
///
/// The order of declaration is the order in a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssueKind {
    /// Configured accounts are not members.
    #[serde(alias = "accounts outside the graph")]
    AccountOutside,
    /// Detective's administrator is not the configured account.
    #[serde(alias = "another administrator")]
    OtherAdministrator,
    /// Auto-enable is not set as configured.
    AutoEnable,
    /// The graph does not ingest a data source package.
    #[serde(alias = "data sources stopped")]
    PackageStopped,
    /// The configuration document is not valid.
    #[serde(alias = "document wrong")]
    DocumentWrong,
    /// Invitations were not accepted in time.
    #[serde(alias = "invitations not accepted")]
    InvitationOld,
    /// Members accepted their invitations and are disabled.
    #[serde(alias = "members disabled")]
    MemberDisabled,
    /// The graph does not ingest a data source package of members.
    #[serde(alias = "members' data sources stopped")]
    MemberPackageStopped,
    /// The number of members is close to the limit.
    #[serde(alias = "near the limit")]
    NearLimit,
    /// There is no behavior graph.
    #[serde(alias = "no behavior graph")]
    NoGraph,
    /// A setting or a list could not be read.
    #[serde(alias = "not readable")]
    NotReadable,
    /// The e-mail addresses of members are not those of their root users.
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

    /// The code in a notice's JSON.
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
    /// The kind of the issue.
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
    fn kind_and_issue_have_the_same_code() {
        for issue in issues_of_all_kinds() {
            let kind = issue.kind();
            assert_eq!(serde_json::to_value(&issue).unwrap()["ailment"], kind.code());
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
        }
    }
}
