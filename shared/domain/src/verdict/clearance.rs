//! Whether a result below the alert threshold answers what the findings of a case ask.

use super::AlertCause;
use crate::finding::{Finding, SeverityBand};
use crate::principal::Inference;

/// What an investigation leaves open, although its verdict is below the alert threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenQuestions {
    /// Another principal may have acted than the one that was investigated, for the most severe finding of which that
    /// can be said.
    pub principal_inference: Option<Inference>,
    /// The band of that finding.
    inference_band: Option<SeverityBand>,
    /// A finding of severity High or Critical is about more than API calls.
    pub is_workload_not_cleared: bool,
}

impl OpenQuestions {
    /// What an investigation of a case's principal, with an indicator or without one, says of these findings.
    #[must_use]
    pub fn of(findings: &[Finding], found_something: bool) -> Self {
        let mut clearance = Self::default();
        for finding in findings {
            let band = finding.severity.band();
            let is_severe = band >= SeverityBand::High;
            clearance.is_workload_not_cleared |= is_severe && !finding.activity_kind.is_covered_by_detective();
            let certainty = finding.principal.entity().map(|it| it.certainty.after_investigation(found_something));
            if let Some(why) = certainty.and_then(crate::principal::Certainty::inference)
                && clearance.inference_band < Some(band)
            {
                (clearance.principal_inference, clearance.inference_band) = (Some(why), Some(band));
            }
        }
        clearance
    }

    /// Why people hear of the case, although the investigation found nothing of weight; nothing where it may close.
    #[must_use]
    pub fn alert_cause(&self) -> Option<AlertCause> {
        if self.is_workload_not_cleared {
            Some(AlertCause::WorkloadNotCleared)
        } else {
            (self.inference_band >= Some(SeverityBand::High)).then_some(AlertCause::PrincipalUncertain)
        }
    }
}
