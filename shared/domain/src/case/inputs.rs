//! What assess-case reads of a case, and what it decides.
//!
//! The function reads everything first ([`CaseInputs`]), then calls [`CaseInputs::evaluate`] once, and carries the
//! decision out.

use super::decision::{CaseDecision, CaseFacts, CoverageKind, CoverageReadError, NoResultReason, UncoveredActivity};
use super::flows::EvaluationOutcome;
use super::regions_to_investigate::{UncoveredFindings, uncovered_findings};
use super::{CaseRecord, StartedInvestigation};
use crate::assessment::{Assessment, AssessmentSummary};
use crate::coverage::{OutsideGraph, graph_region};
use crate::finding::Finding;
use crate::guardduty::{GuardDutyResult, InvestigationPolicy, NotRequestedReason};
use crate::indicator::{self, Indicator};
use crate::investigation::{Investigation, InvestigationSeverity, NotInvestigated, Scope};
use crate::next_steps::next_steps;
use crate::regions::Regions;
use crate::verdict::{EngineResults, OpenQuestions, Verdict, VerdictLevel, Weights};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The settings that decide about a case.
#[derive(Debug, Clone)]
pub struct AssessmentRules {
    /// The Regions in which the stack investigates.
    pub regions: Regions,
    /// For which cases GuardDuty's investigation is requested.
    pub guardduty_policy: InvestigationPolicy,
    /// The level from which people are notified.
    pub threshold: VerdictLevel,
    /// The points of each reason.
    pub weights: Weights,
}

/// An investigation that has a result.
#[derive(Debug, Clone, PartialEq)]
pub struct InvestigationResult {
    /// As the case's record has it.
    pub open: StartedInvestigation,
    /// As GetInvestigation returned it.
    pub investigation: Investigation,
    /// All indicators that Detective returned.
    pub all_indicators: Vec<Indicator>,
    /// The indicators that count: without related findings that are the case's own, and with the times of the others.
    pub indicators: Vec<Indicator>,
}

/// Whether the graphs that were used have data of the principal's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseCoverage {
    /// The account is in all of them, or no graph was used.
    InGraphs,
    /// The account is outside one of them.
    Outside(OutsideGraph),
    /// The membership could not be read.
    Unknown {
        /// Whether the failure is transient.
        is_transient: bool,
        /// The error with its causes.
        cause: String,
    },
}

/// Everything that was read about a case.
#[derive(Debug, Clone)]
pub struct CaseInputs {
    /// The case's record. It is read before the findings.
    pub case: CaseRecord,
    /// The case's findings.
    pub findings: Vec<Finding>,
    /// The results of the case's investigations, the last investigation first.
    pub results: Vec<InvestigationResult>,
    /// The last investigation, if it is running.
    pub running: Option<StartedInvestigation>,
    /// The result of GuardDuty's investigation; `None` if none was requested.
    pub guardduty: Option<GuardDutyResult>,
    /// Why there is no result, if an earlier step of the state machine has the reason.
    pub not_investigated: Option<NotInvestigated>,
    /// Whether Detective has data of the principal's account.
    pub coverage: CaseCoverage,
    /// No other investigation follows: this is round 20 or a later one, or the case has had all the investigations that are allowed.
    pub is_last: bool,
}

/// The evaluation of a case.
#[derive(Debug, Clone)]
pub struct CaseEvaluation {
    /// The decision over the facts.
    pub decision: CaseDecision,
    /// The decision as the outcome that the flow takes.
    pub outcome: EvaluationOutcome,
    /// Level, score and reasons.
    pub verdict: Verdict,
    /// The questions that a quiet result leaves open.
    pub open_questions: OpenQuestions,
    /// Why there is no result.
    pub not_investigated: Option<NotInvestigated>,
    /// The principal's account, if Detective has no data of it.
    pub outside_graph: Option<OutsideGraph>,
    /// The result of GuardDuty's investigation, for people.
    pub guardduty: Option<GuardDutyResult>,
    /// The indicators of all Regions.
    pub indicators: Vec<Indicator>,
}

impl CaseInputs {
    /// Evaluates the case.
    ///
    /// # Errors
    ///
    /// [`CoverageReadError`]: the step is retried.
    pub fn evaluate(&self, rules: &AssessmentRules) -> Result<CaseEvaluation, CoverageReadError> {
        let indicators: Vec<Indicator> = self.results.iter().flat_map(|it| it.indicators.iter().cloned()).collect();
        let verdict = Verdict::score(&self.findings, &indicators, &rules.weights);
        let is_request_missing = self.is_guardduty_request_missing(rules);
        let guardduty = if is_request_missing && self.is_active() {
            Some(guardduty_not_requested())
        } else {
            self.guardduty.clone()
        };
        let engine_results = |is_investigated: bool| EngineResults {
            is_investigated,
            has_indicators: self.has_indicators(),
            severity: self.severity(),
            guardduty: guardduty.as_ref().and_then(GuardDutyResult::completed),
        };
        let seen = self.investigated_scopes();
        let uncovered = uncovered_findings(&self.findings, &seen, &rules.regions);
        // By the findings and indicators alone; whether the investigation could see the activity is decided later.
        let is_quiet = verdict.alert_cause(rules.threshold, &engine_results(true), &OpenQuestions::default()).is_none();
        let decision = self.facts(is_request_missing, is_quiet, uncovered.as_ref()).decide();
        let not_investigated =
            decision.no_result_reason.and_then(|why| self.not_investigated_reason(why, uncovered.as_ref(), rules));
        let open_questions = OpenQuestions::of(&self.findings, self.has_indicators());
        let outcome = decision.into_outcome(|has_result| EvaluationOutcome::Verdict {
            cause: verdict.alert_cause(rules.threshold, &engine_results(has_result), &open_questions),
            has_result,
            level: verdict.level,
            is_transient: not_investigated.as_ref().is_some_and(NotInvestigated::is_transient),
            last_activity: self.findings.iter().filter_map(|finding| finding.last_seen).max(),
        })?;
        let verdict = verdict.with_engine_agreement(&engine_results(decision.no_result_reason.is_none()));
        let outside_graph = self.outside_graph().cloned();
        Ok(CaseEvaluation {
            decision,
            outcome,
            verdict,
            open_questions,
            not_investigated,
            outside_graph,
            guardduty,
            indicators,
        })
    }

    /// Whether the case is open or sealed. Otherwise an earlier attempt of this step has ended it.
    fn is_active(&self) -> bool {
        self.case.progress.status.is_active()
    }

    fn facts(
        &self,
        is_guardduty_unasked: bool,
        is_quiet: bool,
        uncovered: Option<&UncoveredFindings<'_>>,
    ) -> CaseFacts {
        CaseFacts {
            is_active: self.is_active(),
            is_last: self.is_last,
            is_not_investigated: self.not_investigated.is_some(),
            can_restart_investigation: self.can_restart_investigation(),
            has_follow_up_begun: self.case.progress.follow_up_at.is_some(),
            is_follow_up_missing: self.is_follow_up_missing(),
            is_running: self.running.is_some(),
            is_guardduty_request_missing: is_guardduty_unasked,
            is_quiet,
            is_empty: !self.has_indicators() && self.severity() < Some(InvestigationSeverity::High),
            uncovered: uncovered.map_or(UncoveredActivity::None, UncoveredFindings::kind),
            coverage: match &self.coverage {
                CaseCoverage::InGraphs => CoverageKind::InGraphs,
                CaseCoverage::Outside(_) => CoverageKind::Outside,
                CaseCoverage::Unknown { is_transient, .. } => CoverageKind::Unknown { is_transient: *is_transient },
            },
        }
    }

    /// Whether GuardDuty's investigation is required and was not requested. Findings that join a case can make it required.
    fn is_guardduty_request_missing(&self, rules: &AssessmentRules) -> bool {
        let has_nothing_to_investigate = match &self.not_investigated {
            Some(why) => why.has_nothing_to_investigate(),
            None => self.case.principal.entity().is_none(),
        };
        self.case.guardduty.is_none()
            && rules.guardduty_policy.select_finding(&self.findings, has_nothing_to_investigate).is_some()
    }

    /// The account, if Detective has no data of it.
    fn outside_graph(&self) -> Option<&OutsideGraph> {
        match &self.coverage {
            CaseCoverage::Outside(outside) => Some(outside),
            CaseCoverage::InGraphs | CaseCoverage::Unknown { .. } => None,
        }
    }

    /// Whether the investigation ended with status FAILED for the first time. It is started once more before people are notified.
    fn can_restart_investigation(&self) -> bool {
        let failed = self.not_investigated.as_ref().is_some_and(NotInvestigated::is_failed_investigation);
        failed && self.case.investigation.as_ref().is_some_and(|it| !it.is_retry_after_failure)
    }

    /// Whether the follow-up has no result: the case's investigation is from before the follow-up, when Detective may have had less
    /// data, or it has not ended.
    fn is_follow_up_missing(&self) -> bool {
        let last = self.case.investigation.as_ref();
        let is_of_follow_up = last.is_some_and(|it| it.is_for_follow_up);
        let has_result = self.results.iter().any(|it| last.is_some_and(|last| last.id == it.open.id));
        !(is_of_follow_up && has_result)
    }

    /// Whether Detective returned an indicator, the case's own findings included.
    fn has_indicators(&self) -> bool {
        self.results.iter().any(|it| !it.all_indicators.is_empty())
    }

    /// The highest severity that Detective gave.
    #[must_use]
    pub fn severity(&self) -> Option<InvestigationSeverity> {
        self.results.iter().filter_map(|it| it.investigation.severity).max()
    }

    /// The Regions and periods that were investigated; after the follow-up began, by the follow-up only.
    fn investigated_scopes(&self) -> Vec<(&str, Scope)> {
        let counting = self.results.iter().filter(|it| self.case.is_current(&it.open));
        counting.filter_map(|it| Some((graph_region(&it.open.graph_arn)?, it.open.scope))).collect()
    }

    /// Why there is no result, for people. The account is a field of the evaluation.
    fn not_investigated_reason(
        &self,
        why: NoResultReason,
        uncovered: Option<&UncoveredFindings<'_>>,
        rules: &AssessmentRules,
    ) -> Option<NotInvestigated> {
        let reason = match why {
            NoResultReason::FromEarlierStep => self.not_investigated.clone(),
            NoResultReason::OutsideGraph => self.outside_graph().map(NotInvestigated::outside_graph),
            NoResultReason::StillRunning => self.running.as_ref().map(|open| NotInvestigated::still_running(&open.id)),
            NoResultReason::UncoveredActivity => uncovered.map(|it| it.not_investigated_reason(&rules.regions)),
            NoResultReason::CoverageUnknown => match &self.coverage {
                CaseCoverage::Unknown { cause, .. } => Some(NotInvestigated::membership_unknown(cause.clone())),
                CaseCoverage::InGraphs | CaseCoverage::Outside(_) => None,
            },
        };
        reason.map(|why| NotInvestigated { outside_graph: None, ..why })
    }

    /// The accounts that alerts name: the principal's, and the owners of the findings.
    #[must_use]
    pub fn accounts(&self) -> BTreeSet<&str> {
        self.findings.iter().filter_map(Finding::owner).chain(self.case.principal.account_id()).collect()
    }
}

impl CaseEvaluation {
    /// The assessment, without its report. `account_names`: by id, if they could be read.
    #[must_use]
    pub fn assessment(
        &self,
        inputs: &CaseInputs,
        assessed: AssessmentSummary,
        account_names: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Assessment {
        let has_result = self.not_investigated.is_none();
        let (indicators, outside_graph) = (self.indicators.as_slice(), self.outside_graph.as_ref());
        Assessment {
            at: now,
            joined_count: assessed.joined_count,
            renewed_count: assessed.renewed_count,
            revision: assessed.revision,
            alert_cause: assessed.alert_cause,
            detective_severity: inputs.severity(),
            indicators: indicator::group(indicators),
            techniques: indicator::techniques(indicators),
            next_steps: next_steps(&inputs.case.principal, &inputs.findings, indicators, has_result, outside_graph),
            account_names,
            report: None,
            is_follow_up: assessed.is_follow_up,
            watch_until: assessed.watch_until,
            is_already_notified: assessed.is_already_notified,
            not_investigated: self.not_investigated.clone(),
            principal_inference: self.open_questions.principal_inference.filter(|_| has_result),
            outside_graph: self.outside_graph.clone(),
            guardduty: self.guardduty.clone(),
            verdict: self.verdict.clone(),
        }
    }
}

/// GuardDuty's investigation is required, but no other investigation follows.
fn guardduty_not_requested() -> GuardDutyResult {
    GuardDutyResult::NotRequested(NotRequestedReason::Failed { message: "the case had already ended".to_owned() })
}

#[cfg(test)]
mod tests;
