//! The questions that a result below the alert threshold leaves open.

use super::AlertCause;
use crate::finding::{Finding, SeverityBand};
use crate::principal::Inference;

/// What an investigation cannot disprove, although its verdict is below the alert threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenQuestions {
    /// Why another principal than the investigated one may have acted, for the most severe finding with such a reason.
    pub principal_inference: Option<Inference>,
    /// The band of that finding.
    inference_band: Option<SeverityBand>,
    /// A finding of severity High or Critical is about more than API calls.
    pub is_workload_not_cleared: bool,
}

impl OpenQuestions {
    /// The questions that an investigation of these findings leaves open, given whether it found an indicator.
    #[must_use]
    pub fn of(findings: &[Finding], found_something: bool) -> Self {
        let mut questions = Self::default();
        for finding in findings {
            let band = finding.severity.band();
            let is_severe = band >= SeverityBand::High;
            questions.is_workload_not_cleared |= is_severe && !finding.activity_kind.is_covered_by_detective();
            let certainty = finding.principal.entity().map(|it| it.certainty.after_investigation(found_something));
            if let Some(why) = certainty.and_then(crate::principal::Certainty::inference)
                && questions.inference_band < Some(band)
            {
                (questions.principal_inference, questions.inference_band) = (Some(why), Some(band));
            }
        }
        questions
    }

    /// Why people are notified although the verdict is below the threshold; `None` if the case may end quietly.
    #[must_use]
    pub fn alert_cause(&self) -> Option<AlertCause> {
        if self.is_workload_not_cleared {
            Some(AlertCause::WorkloadNotCleared)
        } else {
            (self.inference_band >= Some(SeverityBand::High)).then_some(AlertCause::PrincipalUncertain)
        }
    }
}
