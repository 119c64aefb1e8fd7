//! Marks as the version before codes stored them: kinds in words, and digests of sentences. They are read, and never written.
//!
//! The words and sentences here are those of that version and never change. This file goes when no table holds such marks any
//! more: keep-graph writes the new form at its first run.

use crate::issue::{HealthIssue, HealthIssueKind, digest};
use crate::member::IngestState;
use gumshoe_domain::coverage::DisabledReason;

/// The kind as it was stored.
pub(crate) fn kind(kind: HealthIssueKind) -> &'static str {
    match kind {
        HealthIssueKind::AccountOutside => "accounts outside the graph",
        HealthIssueKind::OtherAdministrator => "another administrator",
        HealthIssueKind::AutoEnable => "auto-enable",
        HealthIssueKind::PackageStopped => "data sources stopped",
        HealthIssueKind::DocumentWrong => "document wrong",
        HealthIssueKind::InvitationOld => "invitations not accepted",
        HealthIssueKind::MemberDisabled => "members disabled",
        HealthIssueKind::MemberPackageStopped => "members' data sources stopped",
        HealthIssueKind::NearLimit => "near the limit",
        HealthIssueKind::NoGraph => "no behavior graph",
        HealthIssueKind::NotReadable => "not readable",
        HealthIssueKind::VerificationFailed => "verifications failed",
    }
}

/// The mark as it was stored.
pub(crate) fn mark(issue: &HealthIssue) -> String {
    digest(&sentence(issue))
}

fn sentence(issue: &HealthIssue) -> String {
    let state = |state: &Option<IngestState>| state.map_or_else(|| "never started".to_owned(), |it| it.to_string());
    match issue {
        HealthIssue::DocumentWrong { why, .. } => format!("What the graph should be cannot be used: {why}"),
        HealthIssue::NoGraph => "There is no behavior graph: no principal can be investigated".to_owned(),
        HealthIssue::OtherAdministrator { account_id: Some(id) } => {
            format!("{id} is Detective's administrator of the organization, and another should be")
        }
        HealthIssue::OtherAdministrator { account_id: None } => {
            "The organization has no Detective administrator in this Region".to_owned()
        }
        HealthIssue::AutoEnable { is } => format!("Auto-enable for accounts that join the organization is {is}"),
        HealthIssue::NotReadable { what, .. } => format!("Not known: {what}"),
        HealthIssue::MemberDisabled { account_id, reason } => {
            let why = match reason {
                Some(DisabledReason::VolumeUnknown) => "VOLUME_UNKNOWN: turn GuardDuty on in it",
                Some(DisabledReason::VolumeTooHigh) => "VOLUME_TOO_HIGH: the graph takes in too much with it",
                Some(DisabledReason::Unknown) | None => "Detective does not say why",
            };
            format!("{account_id} is a member and sends nothing ({why})")
        }
        HealthIssue::VerificationFailed { account_id } => {
            format!("{account_id} cannot be invited: its e-mail address is not its root user's")
        }
        HealthIssue::InvitationOld { account_id } => {
            format!("{account_id} has not accepted its invitation: deploy infra/member.yaml to it")
        }
        HealthIssue::PackageStopped { package, state: is } => {
            format!("The graph does not take in {package} ({})", state(is))
        }
        HealthIssue::MemberPackageStopped { account_id, package, state: is } => {
            format!("{account_id} does not send {package} ({})", state(is))
        }
        HealthIssue::AccountOutside { account_id } => {
            format!("{account_id} should be a member of the graph and is none")
        }
        HealthIssue::NearLimit { percent } => {
            format!("The graph has {percent} % or more of the 1200 members that it may have")
        }
    }
}
