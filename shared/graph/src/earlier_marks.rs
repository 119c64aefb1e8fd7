//! The fingerprints that an earlier version stored, called marks: kinds as phrases, and digests of sentences. They are read, and
//! never written.
//!
//! The words and sentences here are those of that version and never change. This file can be deleted when no table has
//! such marks any more: keep-graph writes the new form at its first run.

use crate::issue::digest;
use gumshoe_alerts::message::{IngestState, Issue, IssueKind};
use gumshoe_domain::coverage::DisabledReason;

/// The kind as it was stored.
pub(crate) fn kind(kind: IssueKind) -> &'static str {
    match kind {
        IssueKind::AccountOutside => "accounts outside the graph",
        IssueKind::OtherAdministrator => "another administrator",
        IssueKind::AutoEnable => "auto-enable",
        IssueKind::PackageStopped => "data sources stopped",
        IssueKind::DocumentWrong => "document wrong",
        IssueKind::InvitationOld => "invitations not accepted",
        IssueKind::MemberDisabled => "members disabled",
        IssueKind::MemberPackageStopped => "members' data sources stopped",
        IssueKind::NearLimit => "near the limit",
        IssueKind::NoGraph => "no behavior graph",
        IssueKind::NotReadable => "not readable",
        IssueKind::VerificationFailed => "verifications failed",
    }
}

/// The mark as it was stored.
pub(crate) fn mark(issue: &Issue) -> String {
    digest(&sentence(issue))
}

fn sentence(issue: &Issue) -> String {
    let state = |state: &Option<IngestState>| state.map_or_else(|| "never started".to_owned(), |it| it.to_string());
    match issue {
        Issue::DocumentWrong { why, .. } => format!("What the graph should be cannot be used: {why}"),
        Issue::NoGraph => "There is no behavior graph: no principal can be investigated".to_owned(),
        Issue::OtherAdministrator { account_id: Some(id) } => {
            format!("{id} is Detective's administrator of the organization, and another should be")
        }
        Issue::OtherAdministrator { account_id: None } => {
            "The organization has no Detective administrator in this Region".to_owned()
        }
        Issue::AutoEnable { is } => format!("Auto-enable for accounts that join the organization is {is}"),
        Issue::NotReadable { what, .. } => format!("Not known: {what}"),
        Issue::MemberDisabled { account_id, reason } => {
            let why = match reason {
                Some(DisabledReason::VolumeUnknown) => "VOLUME_UNKNOWN: turn GuardDuty on in it",
                Some(DisabledReason::VolumeTooHigh) => "VOLUME_TOO_HIGH: the graph takes in too much with it",
                Some(DisabledReason::Unknown) | None => "Detective does not say why",
            };
            format!("{account_id} is a member and sends nothing ({why})")
        }
        Issue::VerificationFailed { account_id } => {
            format!("{account_id} cannot be invited: its e-mail address is not its root user's")
        }
        Issue::InvitationOld { account_id } => {
            format!("{account_id} has not accepted its invitation: deploy infra/member.yaml to it")
        }
        Issue::PackageStopped { package, state: is } => {
            format!("The graph does not take in {package} ({})", state(is))
        }
        Issue::MemberPackageStopped { account_id, package, state: is } => {
            format!("{account_id} does not send {package} ({})", state(is))
        }
        Issue::AccountOutside { account_id } => {
            format!("{account_id} should be a member of the graph and is none")
        }
        Issue::NearLimit { percent } => {
            format!("The graph has {percent} % or more of the 1200 members that it may have")
        }
    }
}
