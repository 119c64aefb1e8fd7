//! The rules by which findings are ignored. No other code decides this.
//!
//! The first rule that matches, in this order:
//!
//! 1. archived manually;
//! 2. a sample, by GuardDuty's flag or by sample ids, which no user can choose; processed as usual in a rehearsal;
//! 3. its type or account does not pass the owner's filters;
//! 4. below the minimum severity;
//! 5. below High and about a service-linked role that IAM confirmed: an action of AWS, which no one can contain.
//!
//! Archiving, the filters and the minimum severity are decisions of the stack's owner. The others depend only on values that
//! GuardDuty and IAM assign, never on a name: docs/SECURITY-MODEL.md.

use crate::finding::{Finding, Severity, SeverityBand, is_ignored_service_linked_role, known_types};
use std::fmt;

use crate::patterns::FilterResult;
pub use crate::patterns::PatternFilter;

/// Why a finding is ignored, that is, opens no case. Each ignored finding is logged with its reason and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IgnoreReason {
    /// A user archived it manually.
    Archived,
    /// CreateSampleFindings created it, and `Rehearsal` is off.
    Sample,
    /// It is not flagged as a sample, but contains the sample ids of CreateSampleFindings, and `Rehearsal` is off.
    SampleIds,
    /// There is an include list of types, and its type does not match it.
    TypeNotListed,
    /// Its type matches the exclude list.
    TypeExcluded,
    /// There is an include list of accounts, and its account does not match it.
    AccountNotListed,
    /// Its account matches the exclude list.
    AccountExcluded,
    /// Its severity is below parameter `MinimumSeverity`.
    BelowMinimumSeverity,
    /// Its principal is a service-linked role, as IAM confirmed, and its severity is below High.
    ServiceLinkedRole,
}

impl IgnoreReason {
    /// The value of the metric's dimension `Reason`. The values never change.
    #[must_use]
    pub fn metric_name(self) -> &'static str {
        match self {
            Self::Archived => "Archived",
            Self::Sample => "Sample",
            Self::SampleIds => "Placeholder",
            Self::TypeNotListed => "TypeNotListed",
            Self::TypeExcluded => "TypeLeftOut",
            Self::AccountNotListed => "AccountNotListed",
            Self::AccountExcluded => "AccountLeftOut",
            Self::BelowMinimumSeverity => "BelowMinimumSeverity",
            Self::ServiceLinkedRole => "ServiceLinkedRole",
        }
    }

    /// Whether an ignored finding of that severity is reported by the metric `SevereFindingsIgnored` and its alarm: it is High or
    /// Critical, and the reason comes from the finding or from IAM, not from a decision of the stack's owner.
    #[must_use]
    pub fn is_reported_when_ignored(self, severity: Severity) -> bool {
        let is_without_owners_decision = match self {
            Self::Sample | Self::SampleIds | Self::ServiceLinkedRole => true,
            Self::Archived
            | Self::TypeNotListed
            | Self::TypeExcluded
            | Self::AccountNotListed
            | Self::AccountExcluded
            | Self::BelowMinimumSeverity => false,
        };
        is_without_owners_decision && severity.band() >= SeverityBand::High
    }
}

impl fmt::Display for IgnoreReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Archived => "the finding is archived",
            Self::Sample => "the finding is a sample, and Rehearsal is off",
            Self::SampleIds => "the finding has sample ids, and Rehearsal is off",
            Self::TypeNotListed => "the finding's type does not match the include list",
            Self::TypeExcluded => "the finding's type matches the exclude list",
            Self::AccountNotListed => "the finding's account does not match the include list",
            Self::AccountExcluded => "the finding's account matches the exclude list",
            Self::BelowMinimumSeverity => "the finding's severity is below the minimum",
            Self::ServiceLinkedRole => "the principal is a service-linked role, which acts for an AWS service",
        })
    }
}

/// The admission rules from the stack's parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct AdmissionRules {
    /// Findings below this severity open no case.
    pub minimum_severity: Severity,
    /// Whether sample findings are processed as usual.
    pub is_rehearsal: bool,
    /// The types of findings that are processed.
    pub finding_types: PatternFilter,
    /// The accounts whose findings are processed, compared with the account that owns the finding.
    pub accounts: PatternFilter,
}

/// No minimum severity, no filters, no rehearsal.
impl Default for AdmissionRules {
    fn default() -> Self {
        Self {
            minimum_severity: Severity::MIN,
            is_rehearsal: false,
            finding_types: PatternFilter::default(),
            accounts: PatternFilter::default(),
        }
    }
}

impl AdmissionRules {
    /// The entries of the include list of types that match no known type: misspelt, or renamed by GuardDuty. The type may also be
    /// newer than the list of known types.
    #[must_use]
    pub fn unknown_finding_types(&self) -> Vec<&str> {
        let known: Vec<&str> = known_types().collect();
        self.finding_types.patterns_without_match(&known).collect()
    }

    /// Why the finding is ignored; `None` if it is processed. Depends on its principal: if its principals are not resolved yet, call
    /// [`AdmissionRules::ignore_reason_before_lookup`] first.
    #[must_use]
    pub fn ignore_reason(&self, finding: &Finding) -> Option<IgnoreReason> {
        self.ignore_reason_before_lookup(finding).or_else(|| {
            is_ignored_service_linked_role(&finding.principal, finding.severity)
                .then_some(IgnoreReason::ServiceLinkedRole)
        })
    }

    /// As [`AdmissionRules::ignore_reason`], with only the rules that do not depend on the principal. If one matches, no lookup is
    /// needed.
    #[must_use]
    pub fn ignore_reason_before_lookup(&self, finding: &Finding) -> Option<IgnoreReason> {
        if finding.is_archived {
            return Some(IgnoreReason::Archived);
        }
        if finding.is_sample && !self.is_rehearsal {
            return Some(IgnoreReason::Sample);
        }
        if finding.has_sample_ids && !self.is_rehearsal {
            return Some(IgnoreReason::SampleIds);
        }
        match self.finding_types.filter(&finding.finding_type) {
            FilterResult::Included => {}
            FilterResult::NotListed => return Some(IgnoreReason::TypeNotListed),
            FilterResult::Excluded => return Some(IgnoreReason::TypeExcluded),
        }
        match self.accounts.filter(&finding.account_id) {
            FilterResult::Included => {}
            FilterResult::NotListed => return Some(IgnoreReason::AccountNotListed),
            FilterResult::Excluded => return Some(IgnoreReason::AccountExcluded),
        }
        (finding.severity.value() < self.minimum_severity.value()).then_some(IgnoreReason::BelowMinimumSeverity)
    }
}

#[cfg(test)]
mod tests;
