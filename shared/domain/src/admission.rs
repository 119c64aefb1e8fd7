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

use crate::finding::{Finding, Severity, SeverityBand, is_ignored, known_types};
use std::fmt;

use crate::patterns::Listing;
pub use crate::patterns::Patterns;

/// Why a finding opens no case. It is logged with its reason and counted, never dropped in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeftAlone {
    /// Somebody archived it by hand.
    Archived,
    /// CreateSampleFindings made it, and rehearsals are off.
    Sample,
    /// It is not flagged as a sample, but bears ids that CreateSampleFindings makes up, and rehearsals are off.
    Placeholder,
    /// The user lists finding types, and this is none of them.
    TypeNotListed,
    /// The user leaves this type out.
    TypeLeftOut,
    /// The user lists accounts, and this is none of them.
    AccountNotListed,
    /// The user leaves this account out.
    AccountLeftOut,
    /// Its severity is below the minimum that the stack was deployed with.
    BelowMinimumSeverity,
    /// Its principal is a service-linked role, as IAM confirmed, and its severity is below High.
    ServiceLinkedRole,
}

impl LeftAlone {
    /// The word that it is counted under. It never changes.
    #[must_use]
    pub fn metric_name(self) -> &'static str {
        match self {
            Self::Archived => "Archived",
            Self::Sample => "Sample",
            Self::Placeholder => "Placeholder",
            Self::TypeNotListed => "TypeNotListed",
            Self::TypeLeftOut => "TypeLeftOut",
            Self::AccountNotListed => "AccountNotListed",
            Self::AccountLeftOut => "AccountLeftOut",
            Self::BelowMinimumSeverity => "BelowMinimumSeverity",
            Self::ServiceLinkedRole => "ServiceLinkedRole",
        }
    }

    /// Whether a finding of that severity that is left alone for this reason is to be brought to people's attention: it is
    /// High or Critical, and no decision of the stack's owner left it out, but what the finding and IAM say of themselves.
    #[must_use]
    pub fn needs_attention(self, severity: Severity) -> bool {
        let by_itself = match self {
            Self::Sample | Self::Placeholder | Self::ServiceLinkedRole => true,
            Self::Archived
            | Self::TypeNotListed
            | Self::TypeLeftOut
            | Self::AccountNotListed
            | Self::AccountLeftOut
            | Self::BelowMinimumSeverity => false,
        };
        by_itself && severity.band() >= SeverityBand::High
    }
}

impl fmt::Display for LeftAlone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Archived => "the finding is archived",
            Self::Sample => "the finding is a sample and rehearsals are off",
            Self::Placeholder => "the finding bears ids that sample findings make up, and rehearsals are off",
            Self::TypeNotListed => "the finding's type is not among those to be worked",
            Self::TypeLeftOut => "the finding's type is among those to be left out",
            Self::AccountNotListed => "the finding's account is not among those to be worked",
            Self::AccountLeftOut => "the finding's account is among those to be left out",
            Self::BelowMinimumSeverity => "the finding's severity is below the minimum",
            Self::ServiceLinkedRole => "the principal is a service-linked role, which acts for an AWS service",
        })
    }
}

/// What the stack was deployed with.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission {
    /// Findings below this severity open no case.
    pub minimum_severity: Severity,
    /// Whether sample findings are worked like real ones.
    pub rehearsal: bool,
    /// Which finding types are worked.
    pub finding_types: Patterns,
    /// Which accounts' findings are worked, by the account that owns the finding.
    pub accounts: Patterns,
}

/// Everything but what is never worked: no minimum severity, no lists, no rehearsal.
impl Default for Admission {
    fn default() -> Self {
        Self {
            minimum_severity: Severity::NONE,
            rehearsal: false,
            finding_types: Patterns::default(),
            accounts: Patterns::default(),
        }
    }
}

impl Admission {
    /// The entries of the list of types to be worked that match no known type: misspelt, or renamed since by GuardDuty. They
    /// may also be of a type that is newer than the list of known ones.
    #[must_use]
    pub fn unknown_finding_types(&self) -> Vec<&str> {
        let known: Vec<&str> = known_types().collect();
        self.finding_types.included_in_vain(&known).collect()
    }

    /// Why `finding` opens no case, or nothing when it does. Its principal counts: for a finding whose principals are
    /// still to be looked up, ask [`Admission::leaves_alone_whoever_acted`] first.
    #[must_use]
    pub fn leaves_alone(&self, finding: &Finding) -> Option<LeftAlone> {
        self.leaves_alone_whoever_acted(finding)
            .or_else(|| is_ignored(&finding.principal, finding.severity).then_some(LeftAlone::ServiceLinkedRole))
    }

    /// The same, for all that does not depend on the principal: no look-up is worth its time then.
    #[must_use]
    pub fn leaves_alone_whoever_acted(&self, finding: &Finding) -> Option<LeftAlone> {
        if finding.archived {
            return Some(LeftAlone::Archived);
        }
        if finding.sample && !self.rehearsal {
            return Some(LeftAlone::Sample);
        }
        if finding.placeholder && !self.rehearsal {
            return Some(LeftAlone::Placeholder);
        }
        match self.finding_types.listing(&finding.finding_type) {
            Listing::In => {}
            Listing::NotListed => return Some(LeftAlone::TypeNotListed),
            Listing::LeftOut => return Some(LeftAlone::TypeLeftOut),
        }
        match self.accounts.listing(&finding.account_id) {
            Listing::In => {}
            Listing::NotListed => return Some(LeftAlone::AccountNotListed),
            Listing::LeftOut => return Some(LeftAlone::AccountLeftOut),
        }
        (finding.severity.value() < self.minimum_severity.value()).then_some(LeftAlone::BelowMinimumSeverity)
    }
}

#[cfg(test)]
mod tests;
