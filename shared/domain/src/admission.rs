//! Which findings are left alone: the one place where that is decided.
//!
//! In this order, the first that holds:
//!
//! 1. archived by hand;
//! 2. a sample, by GuardDuty's flag or by ids that samples make up and nobody can choose; in a rehearsal these are worked
//!    like real ones;
//! 3. of a type, or from an account, that the user's lists leave out;
//! 4. below the minimum severity;
//! 5. below High and about a service-linked role that IAM confirmed: AWS's own doing, which nobody can contain.
//!
//! Archiving, the lists and the minimum severity are decisions of the stack's owner. The others rest on what GuardDuty and
//! IAM assign alone, never on a name: docs/SECURITY-MODEL.md.

use crate::finding::{Finding, Severity, SeverityBand, is_ignored_service_linked_role, known_types};
use std::fmt;

use crate::patterns::FilterResult;
pub use crate::patterns::PatternFilter;

/// Why a finding opens no case. It is logged with its reason and counted, never dropped in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IgnoreReason {
    /// Somebody archived it by hand.
    Archived,
    /// CreateSampleFindings made it, and rehearsals are off.
    Sample,
    /// It is not flagged as a sample, but bears ids that CreateSampleFindings makes up, and rehearsals are off.
    SampleIds,
    /// The user lists finding types, and this is none of them.
    TypeNotListed,
    /// The user leaves this type out.
    TypeExcluded,
    /// The user lists accounts, and this is none of them.
    AccountNotListed,
    /// The user leaves this account out.
    AccountExcluded,
    /// Its severity is below the minimum that the stack was deployed with.
    BelowMinimumSeverity,
    /// Its principal is a service-linked role, as IAM confirmed, and its severity is below High.
    ServiceLinkedRole,
}

impl IgnoreReason {
    /// The word that it is counted under. It never changes.
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

    /// Whether a finding of that severity that is left alone for this reason is to be brought to people's attention: it is
    /// High or Critical, and no decision of the stack's owner left it out, but what the finding and IAM say of themselves.
    #[must_use]
    pub fn is_reported_when_ignored(self, severity: Severity) -> bool {
        let by_itself = match self {
            Self::Sample | Self::SampleIds | Self::ServiceLinkedRole => true,
            Self::Archived
            | Self::TypeNotListed
            | Self::TypeExcluded
            | Self::AccountNotListed
            | Self::AccountExcluded
            | Self::BelowMinimumSeverity => false,
        };
        by_itself && severity.band() >= SeverityBand::High
    }
}

impl fmt::Display for IgnoreReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Archived => "the finding is archived",
            Self::Sample => "the finding is a sample and rehearsals are off",
            Self::SampleIds => "the finding bears ids that sample findings make up, and rehearsals are off",
            Self::TypeNotListed => "the finding's type is not among those to be worked",
            Self::TypeExcluded => "the finding's type is among those to be left out",
            Self::AccountNotListed => "the finding's account is not among those to be worked",
            Self::AccountExcluded => "the finding's account is among those to be left out",
            Self::BelowMinimumSeverity => "the finding's severity is below the minimum",
            Self::ServiceLinkedRole => "the principal is a service-linked role, which acts for an AWS service",
        })
    }
}

/// What the stack was deployed with.
#[derive(Debug, Clone, PartialEq)]
pub struct AdmissionRules {
    /// Findings below this severity open no case.
    pub minimum_severity: Severity,
    /// Whether sample findings are worked like real ones.
    pub is_rehearsal: bool,
    /// Which finding types are worked.
    pub finding_types: PatternFilter,
    /// Which accounts' findings are worked, by the account that owns the finding.
    pub accounts: PatternFilter,
}

/// Everything but what is never worked: no minimum severity, no lists, no rehearsal.
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
    /// The entries of the list of types to be worked that match no known type: misspelt, or renamed since by GuardDuty. They
    /// may also be of a type that is newer than the list of known ones.
    #[must_use]
    pub fn unknown_finding_types(&self) -> Vec<&str> {
        let known: Vec<&str> = known_types().collect();
        self.finding_types.patterns_without_match(&known).collect()
    }

    /// Why `finding` opens no case, or nothing when it does. Its principal counts: for a finding whose principals are
    /// still to be looked up, ask [`AdmissionRules::ignore_reason_before_lookup`] first.
    #[must_use]
    pub fn ignore_reason(&self, finding: &Finding) -> Option<IgnoreReason> {
        self.ignore_reason_before_lookup(finding).or_else(|| {
            is_ignored_service_linked_role(&finding.principal, finding.severity)
                .then_some(IgnoreReason::ServiceLinkedRole)
        })
    }

    /// The same, for all that does not depend on the principal: no look-up is worth its time then.
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
