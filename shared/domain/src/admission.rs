//! Which findings are left alone: the one place where that is decided.
//!
//! In this order, the first that holds:
//!
//! 1. archived by hand;
//! 2. a sample, or made of nothing but what samples make up; in a rehearsal these are worked like real ones;
//! 3. of a type, or from an account, that the user's lists leave out;
//! 4. below the minimum severity;
//! 5. about a service-linked role: AWS's own doing, which nobody can contain.

use crate::finding::{Finding, Severity};
use crate::principal::Principal;
use crate::principal::arn::IamArn;
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
    /// It does not say that it is a sample, but names only what CreateSampleFindings makes up.
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
    /// Its principal is a service-linked role.
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
}

impl fmt::Display for LeftAlone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Archived => "the finding is archived",
            Self::Sample => "the finding is a sample and rehearsals are off",
            Self::Placeholder => "the finding names only what sample findings make up, and rehearsals are off",
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
    /// Why `finding` opens no case, or nothing when it does. Its principal counts: for a finding whose principals are
    /// still to be looked up, ask [`Admission::leaves_alone_whoever_acted`] first.
    #[must_use]
    pub fn leaves_alone(&self, finding: &Finding) -> Option<LeftAlone> {
        self.leaves_alone_whoever_acted(finding)
            .or_else(|| finding.principal.is_service_linked_role().then_some(LeftAlone::ServiceLinkedRole))
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

impl Principal {
    /// Whether it is a role that AWS made for one of its services: by its path, which nobody else can give a
    /// role. One that only bears such a name is none, and one that could not be looked up is not taken for one.
    ///
    /// Source: IAM User Guide, "Create a service-linked role".
    #[must_use]
    pub fn is_service_linked_role(&self) -> bool {
        match self {
            Self::IamRole(role) => {
                IamArn::parse(&role.arn).is_some_and(|arn| arn.path.starts_with("aws-service-role/"))
            }
            Self::IamUser(_) | Self::NotInvestigable(_) => false,
        }
    }

    /// Whether it bears the name of a service-linked role, so that a look-up may show it to be one.
    #[must_use]
    pub fn is_named_as_service_linked_role(&self) -> bool {
        matches!(self, Self::IamRole(role) if role.name.starts_with("AWSServiceRoleFor"))
    }
}

#[cfg(test)]
mod tests;
