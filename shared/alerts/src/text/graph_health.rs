//! The behavior graph's health, in sentences.

use crate::message::{GraphHealthNotice, IngestState, Issue, IssueKind};
use gumshoe_domain::coverage::DisabledReason;
use gumshoe_domain::text::one_line;
use jiff::Timestamp;

/// What a person does about it.
pub(crate) const REMEDY: &str = "Until it is mended, investigations of these accounts may find nothing where there is something. \
    `make graph-plan` shows what would be changed: docs/OPERATIONS.md, \"The behavior graph got worse\"";

/// A kind in few words, for a count of its issues.
fn kind(kind: IssueKind) -> &'static str {
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

/// An issue in a sentence, with what to do.
#[must_use]
pub fn issue_sentence(issue: &Issue) -> String {
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
            format!("{account_id} has not accepted its invitation: deploy infra/graph/member.yaml to it")
        }
        Issue::PackageStopped { package, state } => {
            format!("The graph does not take in {package} ({})", ingested(*state))
        }
        Issue::MemberPackageStopped { account_id, package, state } => {
            format!("{account_id} does not send {package} ({})", ingested(*state))
        }
        Issue::AccountOutside { account_id } => {
            format!("{account_id} should be a member of the graph and is none")
        }
        Issue::NearLimit { percent } => {
            format!("The graph has {percent} % or more of the 1200 members that it may have")
        }
    }
}

fn ingested(state: Option<IngestState>) -> String {
    state.map_or_else(|| "never started".to_owned(), |state| state.to_string())
}

impl GraphHealthNotice {
    /// Who and how bad, in a line of at most 150 characters.
    #[must_use]
    pub fn headline(&self) -> String {
        let report = &self.graph_health;
        let kinds: Vec<String> =
            report.new_issues_by_kind.iter().map(|(it, count)| format!("{} ({count})", kind(*it))).collect();
        let (account_id, region) = (&report.account_id, &report.region);
        one_line(&format!("Behavior graph of {account_id} in {region} got worse: {}", kinds.join(", ")), 150)
    }

    /// The first of what got worse, each with since when, and how many more there are.
    #[must_use]
    pub fn issue_lines(&self, limit: usize) -> Vec<String> {
        let report = &self.graph_health;
        let since =
            |at: &Option<Timestamp>| at.map_or_else(String::new, |at| at.strftime(", since %Y-%m-%d").to_string());
        let known = report.new_issues_since.iter().chain(std::iter::repeat(&None));
        let listed = report.new_issues.iter().zip(known).take(limit);
        let mut lines: Vec<String> = listed.map(|(it, at)| format!("{}{}", issue_sentence(it), since(at))).collect();
        let more = report.new_issue_count.saturating_sub(lines.len());
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines
    }

    /// What is left of it all, in a sentence.
    #[must_use]
    pub fn totals(&self) -> String {
        let report = &self.graph_health;
        let (members, enabled, wrong) = (report.members, report.enabled_members, report.total_issue_count);
        format!("{enabled} of {members} members send their data; {wrong} things are wrong in all")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Package;

    #[test]
    fn issues_say_what_is_wrong_and_what_to_do() {
        let account_id = || "000000000002".to_owned();
        let disabled = |reason| issue_sentence(&Issue::MemberDisabled { account_id: account_id(), reason });
        assert!(
            disabled(Some(DisabledReason::VolumeTooHigh))
                .starts_with("000000000002 is a member and sends nothing (VOLUME_TOO_HIGH")
        );
        assert!(disabled(None).ends_with("(Detective does not say why)"));
        let stopped = Issue::PackageStopped { package: Package::EksAudit, state: None };
        assert_eq!(issue_sentence(&stopped), "The graph does not take in EKS_AUDIT (never started)");
        let (package, state) = (Package::EksAudit, Some(IngestState::Stopped));
        let stopped = Issue::MemberPackageStopped { account_id: account_id(), package, state };
        assert_eq!(issue_sentence(&stopped), "000000000002 does not send EKS_AUDIT (STOPPED)");
    }

    /// Notices count kinds in the order of the variants; people read them in alphabetical order.
    #[test]
    fn kinds_are_declared_in_the_order_of_their_words() {
        assert!(IssueKind::ALL.map(kind).is_sorted());
    }
}
