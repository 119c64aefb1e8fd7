//! What the engines say beside the verdict: Detective's severity and GuardDuty's risk level.
//!
//! Neither is an input to the score. Where they and the verdict, or the two of them, disagree, people see it; and where an
//! engine has ground for High, they hear of the case.

use super::{AlertCause, EngineAgreement, OpenQuestions, Reason, ReasonCode, Verdict, VerdictLevel};
use crate::guardduty::CompletedInvestigation;
use crate::investigation::InvestigationSeverity;

/// What the engines say of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EngineResults<'a> {
    /// Whether Detective investigated to the end.
    pub is_investigated: bool,
    /// Whether it has found anything at all: an indicator of whatever kind.
    pub has_indicators: bool,
    /// Its severity, where it gave one.
    pub severity: Option<InvestigationSeverity>,
    /// What GuardDuty's investigation says, where there is a result.
    pub guardduty: Option<&'a CompletedInvestigation>,
}

impl EngineResults<'_> {
    /// Whether the two say the same: both at least High, or both below. Nothing where one of them says nothing.
    #[must_use]
    pub fn agree(&self) -> Option<bool> {
        let (severity, completed) = (self.severity?, self.guardduty?);
        let by_guardduty = completed.risk_level >= crate::guardduty::RiskLevel::High;
        Some(by_guardduty == (severity >= InvestigationSeverity::High))
    }

    /// Whether GuardDuty's risk level alone is ground to tell people: it says High or Critical, its confidence is not Low or
    /// Unknown, and Detective has found something as well. AWS's own example pairs Critical with nothing compromised.
    fn guardduty_has_ground_for_high(&self) -> bool {
        self.has_indicators && self.guardduty.is_some_and(CompletedInvestigation::is_confident_high_risk)
    }

    /// What the engines say of each other; nothing where GuardDuty says nothing.
    #[must_use]
    pub fn agreement_reason(&self) -> Option<ReasonCode> {
        let CompletedInvestigation { risk_level, confidence, .. } = *self.guardduty?;
        let engines =
            EngineAgreement { is_investigated: self.is_investigated, severity: self.severity, risk_level, confidence };
        Some(match self.agree() {
            Some(true) => ReasonCode::EnginesAgree(engines),
            Some(false) => ReasonCode::EnginesDisagree(engines),
            None => ReasonCode::OnlyGuardDuty(engines),
        })
    }
}

impl Verdict {
    /// The same verdict, with what the engines make of each other among its reasons, at no points.
    #[must_use]
    pub fn with_engine_agreement(mut self, opinions: &EngineResults<'_>) -> Self {
        self.reasons.extend(opinions.agreement_reason().map(|code| Reason { points: 0, code }));
        self
    }

    /// Why people should hear of the case, or nothing when it can be closed quietly.
    #[must_use]
    pub fn alert_cause(
        &self,
        threshold: VerdictLevel,
        opinions: &EngineResults<'_>,
        clearance: &OpenQuestions,
    ) -> Option<AlertCause> {
        if self.level >= threshold {
            Some(AlertCause::Verdict)
        } else if !opinions.is_investigated {
            Some(AlertCause::NotInvestigated)
        } else if opinions.severity >= Some(InvestigationSeverity::High) {
            Some(AlertCause::DetectiveDisagrees)
        } else if opinions.guardduty_has_ground_for_high() {
            Some(AlertCause::GuardDutyDisagrees)
        } else {
            clearance.alert_cause()
        }
    }
}
