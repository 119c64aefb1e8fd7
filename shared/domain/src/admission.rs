//! Which findings are left alone: the one place where that is decided.

use crate::finding::{Finding, Severity};
use std::fmt;

/// Why a finding opens no case. It is logged with its reason, never dropped in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftAlone {
    /// Somebody archived it by hand.
    Archived,
    /// CreateSampleFindings made it, and rehearsals are off.
    Sample,
    /// Its severity is below the minimum that the stack was deployed with.
    BelowMinimumSeverity,
}

impl fmt::Display for LeftAlone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Archived => "the finding is archived",
            Self::Sample => "the finding is a sample and rehearsals are off",
            Self::BelowMinimumSeverity => "the finding's severity is below the minimum",
        })
    }
}

/// What the stack was deployed with.
#[derive(Debug, Clone, Copy)]
pub struct Admission {
    /// Findings below this severity open no case.
    pub minimum_severity: Severity,
    /// Whether sample findings are worked like real ones.
    pub rehearsal: bool,
}

impl Admission {
    /// Why `finding` opens no case, or nothing when it does.
    #[must_use]
    pub fn leaves_alone(&self, finding: &Finding) -> Option<LeftAlone> {
        if finding.archived {
            Some(LeftAlone::Archived)
        } else if finding.sample && !self.rehearsal {
            Some(LeftAlone::Sample)
        } else if finding.severity.value() < self.minimum_severity.value() {
            Some(LeftAlone::BelowMinimumSeverity)
        } else {
            None
        }
    }
}
