//! Issues of the behavior graph, in sentences.

use super::shorten::shorten_middle;
use crate::message::{GraphHealthNotice, IngestState, Issue, IssueKind};
use gumshoe_domain::coverage::DisabledReason;
use jiff::Timestamp;

/// What the operator does about new issues.
pub(crate) const REMEDY: &str = "Until this is fixed, investigations of these accounts may miss activity. `make graph-plan` shows the \
    changes that would fix it: docs/OPERATIONS.md, \"The behavior graph got worse\"";

/// An issue in a sentence, with what to do.
#[must_use]
pub fn issue_sentence(issue: &Issue) -> String {
    match issue {
        Issue::DocumentWrong { why, .. } => format!("The graph configuration document is invalid: {why}"),
        Issue::NoGraph => "There is no behavior graph, so no principal can be investigated".to_owned(),
        Issue::OtherAdministrator { account_id: Some(id) } => {
            format!("Account {id} is the organization's Detective administrator, but another account should be")
        }
        Issue::OtherAdministrator { account_id: None } => {
            "The organization has no Detective administrator in this Region".to_owned()
        }
        Issue::AutoEnable { is } => format!(
            "Automatic membership of new organization accounts is {}, which is not as configured",
            if *is { "on" } else { "off" }
        ),
        Issue::NotReadable { what, .. } => format!("Could not read {what}"),
        Issue::MemberDisabled { account_id, reason } => {
            let why = match reason {
                Some(DisabledReason::VolumeUnknown) => " (VOLUME_UNKNOWN): enable GuardDuty in it",
                Some(DisabledReason::VolumeTooHigh) => {
                    " (VOLUME_TOO_HIGH): with it the graph would exceed Detective's data volume"
                }
                Some(DisabledReason::Unknown) | None => ": Detective states no reason",
            };
            format!("Member {account_id} sends no data{why}")
        }
        Issue::VerificationFailed { account_id } => {
            format!("Account {account_id} cannot be invited: the e-mail address is not that of its root user")
        }
        Issue::InvitationOld { account_id } => {
            format!("Account {account_id} has not accepted the invitation: deploy infra/graph/member.yaml in it")
        }
        Issue::PackageStopped { package, state } => {
            format!("The graph does not ingest {package} ({})", ingested(*state))
        }
        Issue::MemberPackageStopped { account_id, package, state } => {
            format!("Member {account_id} does not send {package} ({})", ingested(*state))
        }
        Issue::AccountOutside { account_id } => {
            format!("Account {account_id} is not a member of the behavior graph")
        }
        Issue::NearLimit { percent } => {
            format!("The graph has at least {percent} % of the maximum of 1200 members")
        }
    }
}

fn ingested(state: Option<IngestState>) -> String {
    state.map_or_else(|| "never started".to_owned(), |state| state.to_string())
}

impl GraphHealthNotice {
    /// What happened, the account and the Region, and the number of new issues of each kind, in at most `limit` characters: if
    /// the kinds do not all fit, the total replaces them; if that does not fit either, it is omitted. The account id and the Region are always whole.
    #[must_use]
    pub fn headline(&self, limit: usize) -> String {
        let report = &self.graph_health;
        let (account_id, region) = (shorten_middle(&report.account_id, 12), shorten_middle(&report.region, 25));
        let beginning = format!("Warning: behavior graph degraded, account {account_id}, {region}");
        let total = match report.new_issue_count {
            1 => "1 new issue".to_owned(),
            count => format!("{count} new issues"),
        };
        let kinds: Vec<String> =
            report.new_issues_by_kind.iter().map(|(it, count)| counted_kind(*it, *count)).collect();
        let with_kinds = format!("{beginning}: {}", kinds.join(", "));
        let candidates = [with_kinds, format!("{beginning} ({total})")];
        candidates.into_iter().find(|text| text.chars().count() <= limit).unwrap_or(beginning)
    }

    /// The first `limit` new issues, each with the time since when it exists, and the number of the others.
    #[must_use]
    pub fn issue_lines(&self, limit: usize) -> Vec<String> {
        let report = &self.graph_health;
        let since =
            |at: &Option<Timestamp>| at.map_or_else(String::new, |at| at.strftime(" (since %Y-%m-%d)").to_string());
        let known = report.new_issues_since.iter().chain(std::iter::repeat(&None));
        let listed = report.new_issues.iter().zip(known).take(limit);
        let mut lines: Vec<String> = listed.map(|(it, at)| format!("{}{}", issue_sentence(it), since(at))).collect();
        let more = report.new_issue_count.saturating_sub(lines.len());
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines
    }

    /// Members and open issues of the graph, in a sentence.
    #[must_use]
    pub fn totals(&self) -> String {
        let report = &self.graph_health;
        let issues = match report.total_issue_count {
            1 => "1 open issue".to_owned(),
            count => format!("{count} open issues"),
        };
        format!("{} of {} members are enabled; {issues}", report.enabled_members, report.members)
    }
}

/// Such as `2 accounts not members`.
fn counted_kind(kind: IssueKind, count: usize) -> String {
    let s = if count == 1 { "" } else { "s" };
    match kind {
        IssueKind::AccountOutside => format!("{count} account{s} not member{s}"),
        IssueKind::OtherAdministrator => "unexpected administrator".to_owned(),
        IssueKind::AutoEnable => "auto-enable not as configured".to_owned(),
        IssueKind::PackageStopped => format!("{count} data source{s} not ingested"),
        IssueKind::DocumentWrong => "invalid configuration document".to_owned(),
        IssueKind::InvitationOld => format!("{count} invitation{s} not accepted"),
        IssueKind::MemberDisabled => format!("{count} member{s} disabled"),
        IssueKind::MemberPackageStopped => format!("{count} member data source{s} not ingested"),
        IssueKind::NearLimit => "near the member limit".to_owned(),
        IssueKind::NoGraph => "no behavior graph".to_owned(),
        IssueKind::NotReadable => format!("{count} failed read{s}"),
        IssueKind::VerificationFailed => format!("{count} failed verification{s}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Package;

    #[test]
    fn issues_name_the_account_and_the_remedy() {
        let account_id = || "000000000002".to_owned();
        let disabled = |reason| issue_sentence(&Issue::MemberDisabled { account_id: account_id(), reason });
        assert!(
            disabled(Some(DisabledReason::VolumeTooHigh))
                .starts_with("Member 000000000002 sends no data (VOLUME_TOO_HIGH)")
        );
        assert!(disabled(None).ends_with("Detective states no reason"));
        let stopped = Issue::PackageStopped { package: Package::EksAudit, state: None };
        assert_eq!(issue_sentence(&stopped), "The graph does not ingest EKS_AUDIT (never started)");
        let (package, state) = (Package::EksAudit, Some(IngestState::Stopped));
        let stopped = Issue::MemberPackageStopped { account_id: account_id(), package, state };
        assert_eq!(issue_sentence(&stopped), "Member 000000000002 does not send EKS_AUDIT (STOPPED)");
    }

    #[test]
    fn headline_omits_kinds_and_never_the_account() {
        let notice = crate::fixtures::graph_notice();
        let beginning = "Warning: behavior graph degraded, account 111122223333, us-east-1";
        assert_eq!(
            notice.headline(150),
            format!("{beginning}: 2 accounts not members, 1 member disabled, near the member limit")
        );
        assert_eq!(notice.headline(99), format!("{beginning} (4 new issues)"));
        assert_eq!(notice.headline(75), beginning);
    }
}
