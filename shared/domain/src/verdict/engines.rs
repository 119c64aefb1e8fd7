//! The engines' own ratings next to the verdict: Detective's severity and GuardDuty's risk level.
//!
//! Neither changes the score. If they disagree with each other or with the verdict, the alert shows it; and if an engine rates a case
//! High, people are notified of it.

use super::{AlertCause, EngineAgreement, OpenQuestions, Reason, ReasonCode, Verdict, VerdictLevel};
use crate::guardduty::CompletedInvestigation;
use crate::investigation::InvestigationSeverity;

/// The engines' ratings of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EngineResults<'a> {
    /// Whether Detective has a result.
    pub is_investigated: bool,
    /// Whether Detective found an indicator of any kind.
    pub has_indicators: bool,
    /// Detective's severity, if it gave one.
    pub severity: Option<InvestigationSeverity>,
    /// GuardDuty's investigation, if it has a result.
    pub guardduty: Option<&'a CompletedInvestigation>,
}

impl EngineResults<'_> {
    /// Whether the two agree: both at least High, or both below. `None` if one has no rating.
    #[must_use]
    pub fn agree(&self) -> Option<bool> {
        let (severity, completed) = (self.severity?, self.guardduty?);
        let by_guardduty = completed.risk_level >= crate::guardduty::RiskLevel::High;
        Some(by_guardduty == (severity >= InvestigationSeverity::High))
    }

    /// Whether people are notified because of GuardDuty's risk level: it is High or Critical, with a confidence above Low, and Detective
    /// has found an indicator as well. AWS's own example has Critical although nothing is compromised.
    fn guardduty_rates_high(&self) -> bool {
        self.has_indicators && self.guardduty.is_some_and(CompletedInvestigation::is_confident_high_risk)
    }

    /// The reason that compares the engines; `None` if GuardDuty has no result.
    #[must_use]
    pub fn agreement_reason(&self) -> Option<ReasonCode> {
        let CompletedInvestigation { risk_level, confidence, .. } = *self.guardduty?;
        let agreement =
            EngineAgreement { is_investigated: self.is_investigated, severity: self.severity, risk_level, confidence };
        Some(match self.agree() {
            Some(true) => ReasonCode::EnginesAgree(agreement),
            Some(false) => ReasonCode::EnginesDisagree(agreement),
            None => ReasonCode::OnlyGuardDuty(agreement),
        })
    }
}

impl Verdict {
    /// The verdict with the comparison of the engines as an additional reason, at no points.
    #[must_use]
    pub fn with_engine_agreement(mut self, opinions: &EngineResults<'_>) -> Self {
        self.reasons.extend(opinions.agreement_reason().map(|code| Reason { points: 0, code }));
        self
    }

    /// Why people are notified; `None` if the case can end quietly.
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
        } else if opinions.guardduty_rates_high() {
            Some(AlertCause::GuardDutyDisagrees)
        } else {
            clearance.alert_cause()
        }
    }
}
