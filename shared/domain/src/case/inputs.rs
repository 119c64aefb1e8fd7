//! What assess-case reads of a case, and what it decides.
//!
//! The function reads everything first ([`CaseInputs`]), decides once ([`CaseInputs::decide`]), and carries the decision out.

use super::course::{AccountCoverage, CaseFacts, Course, CoverageUnread, NoResult, UnseenActivity};
use super::flows::Weighed;
use super::place::{Unseen, unseen};
use super::{CaseRecord, OpenInvestigation};
use crate::assessment::{Assessed, Assessment};
use crate::coverage::{OutsideGraph, region_of};
use crate::finding::Finding;
use crate::guardduty::{Answer, NotAsked, When};
use crate::indicator::{self, Indicator};
use crate::investigation::{Investigation, InvestigationSeverity, NotInvestigated, Scope};
use crate::next_steps::next_steps;
use crate::regions::Regions;
use crate::verdict::{Clearance, Opinions, Verdict, VerdictLevel, Weights};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The settings that the decision about a case rests on.
#[derive(Debug, Clone)]
pub struct AssessmentRules {
    /// The Regions in which the stack investigates.
    pub regions: Regions,
    /// For which cases GuardDuty is asked.
    pub when: When,
    /// The level from which people are notified.
    pub threshold: VerdictLevel,
    /// The points of each reason.
    pub weights: Weights,
}

/// An investigation that has a result.
#[derive(Debug, Clone, PartialEq)]
pub struct InvestigationResult {
    /// As the case noted it.
    pub open: OpenInvestigation,
    /// As GetInvestigation described it.
    pub investigation: Investigation,
    /// All indicators, as Detective gave them.
    pub answered: Vec<Indicator>,
    /// Those that count: without related findings that are the case's own, and with the times of the others.
    pub indicators: Vec<Indicator>,
}

/// What is known of the account of a case's principal and of the graphs that were asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseCoverage {
    /// The account sends its data to all of them, or no graph was asked.
    InGraphs,
    /// It sends none to one of them.
    Outside(OutsideGraph),
    /// It could not be read.
    Unknown {
        /// Whether the failure may pass.
        may_pass: bool,
        /// What failed, with its causes.
        cause: String,
    },
}

/// All that was read of a case.
#[derive(Debug, Clone)]
pub struct CaseInputs {
    /// The case. It is read before its findings.
    pub case: CaseRecord,
    /// Its findings.
    pub findings: Vec<Finding>,
    /// One result for each investigation that has one, that of the last investigation first.
    pub results: Vec<InvestigationResult>,
    /// The last investigation, where it is running.
    pub running: Option<OpenInvestigation>,
    /// The state of GuardDuty's investigation; nothing where none was to be asked for.
    pub guardduty: Option<Answer>,
    /// Why there is no result, where an earlier step of the state machine found out.
    pub not_investigated: Option<NotInvestigated>,
    /// Whether Detective has data of the principal's account.
    pub coverage: CaseCoverage,
    /// No other round and no other investigation follows.
    pub is_last: bool,
}

/// What a case comes to.
#[derive(Debug, Clone)]
pub struct Decision {
    /// How it goes on.
    pub course: Course,
    /// The same, as the assessment's flow takes it.
    pub weighed: Weighed,
    /// Level, score and reasons.
    pub verdict: Verdict,
    /// What a quiet result leaves open.
    pub clearance: Clearance,
    /// Why there is no result.
    pub not_investigated: Option<NotInvestigated>,
    /// The principal's account, where Detective has no data of it.
    pub outside_graph: Option<OutsideGraph>,
    /// What people are told of GuardDuty's side.
    pub guardduty: Option<Answer>,
    /// What Detective found in all Regions.
    pub indicators: Vec<Indicator>,
}

impl CaseInputs {
    /// The decision about the case.
    ///
    /// # Errors
    ///
    /// [`CoverageUnread`]: the read has to be tried again.
    pub fn decide(&self, rules: &AssessmentRules) -> Result<Decision, CoverageUnread> {
        let indicators: Vec<Indicator> = self.results.iter().flat_map(|it| it.indicators.iter().cloned()).collect();
        let verdict = Verdict::weigh(&self.findings, &indicators, &rules.weights);
        let is_unasked = self.is_guardduty_unasked(rules);
        let guardduty = if is_unasked && self.is_under_way() { Some(asked_too_late()) } else { self.guardduty.clone() };
        let opinions = |investigated: bool| Opinions {
            investigated,
            found_something: self.found_something(),
            severity: self.severity(),
            guardduty: guardduty.as_ref().and_then(Answer::completed),
        };
        let seen = self.seen();
        let unseen = unseen(&self.findings, &seen, &rules.regions);
        // By what was found alone: whether the investigation could have found it is asked of every quiet result.
        let is_quiet = verdict.alert_cause(rules.threshold, &opinions(true), &Clearance::default()).is_none();
        let course = self.facts(is_unasked, is_quiet, unseen.as_ref()).course();
        let not_investigated = course.no_result.and_then(|why| self.reason(why, unseen.as_ref(), rules));
        let clearance = Clearance::of(&self.findings, self.found_something());
        let weighed = course.weighed(|has_result| Weighed::Verdict {
            cause: verdict.alert_cause(rules.threshold, &opinions(has_result), &clearance),
            has_result,
            level: verdict.level,
            may_pass: not_investigated.as_ref().is_some_and(NotInvestigated::may_pass),
            last_activity: self.findings.iter().filter_map(|finding| finding.last_seen).max(),
        })?;
        let verdict = verdict.beside(&opinions(course.no_result.is_none()));
        let outside_graph = self.outside_graph().cloned();
        Ok(Decision { course, weighed, verdict, clearance, not_investigated, outside_graph, guardduty, indicators })
    }

    /// Whether an execution works the case, or has to. Otherwise an earlier attempt of this step has ended it, and nothing is to
    /// be asked any more.
    fn is_under_way(&self) -> bool {
        self.case.progress.status.is_under_way()
    }

    fn facts(&self, is_guardduty_unasked: bool, is_quiet: bool, unseen: Option<&Unseen<'_>>) -> CaseFacts {
        CaseFacts {
            is_under_way: self.is_under_way(),
            is_last: self.is_last,
            is_not_investigated: self.not_investigated.is_some(),
            may_start_again: self.may_start_again(),
            has_second_look_begun: self.case.progress.second_look_at.is_some(),
            lacks_second_look: self.lacks_second_look(),
            is_running: self.running.is_some(),
            is_guardduty_unasked,
            is_quiet,
            is_empty: !self.found_something() && self.severity() < Some(InvestigationSeverity::High),
            unseen: unseen.map_or(UnseenActivity::None, Unseen::kind),
            coverage: match &self.coverage {
                CaseCoverage::InGraphs => AccountCoverage::InGraphs,
                CaseCoverage::Outside(_) => AccountCoverage::Outside,
                CaseCoverage::Unknown { may_pass, .. } => AccountCoverage::Unknown { may_pass: *may_pass },
            },
        }
    }

    /// Whether GuardDuty is to be asked, and was not. Findings that join a case may make it one that GuardDuty is asked about.
    fn is_guardduty_unasked(&self, rules: &AssessmentRules) -> bool {
        let nothing_for_detective = match &self.not_investigated {
            Some(why) => why.nothing_for_detective(),
            None => self.case.principal.entity().is_none(),
        };
        self.case.guardduty.is_none() && rules.when.choose(&self.findings, nothing_for_detective).is_some()
    }

    /// The account, where Detective has no data of it.
    fn outside_graph(&self) -> Option<&OutsideGraph> {
        match &self.coverage {
            CaseCoverage::Outside(outside) => Some(outside),
            CaseCoverage::InGraphs | CaseCoverage::Unknown { .. } => None,
        }
    }

    /// Whether the investigation ended FAILED for the first time. It is started once more before people are notified.
    fn may_start_again(&self) -> bool {
        let failed = self.not_investigated.as_ref().is_some_and(NotInvestigated::is_failed_investigation);
        failed && self.case.investigation.as_ref().is_some_and(|it| !it.after_failure)
    }

    /// Whether there is no result of the second look: the case's investigation is the one from before it, when Detective may
    /// have known less, or it has not ended.
    fn lacks_second_look(&self) -> bool {
        let last = self.case.investigation.as_ref();
        let is_of_it = last.is_some_and(|it| it.second_look);
        let has_result = self.results.iter().any(|it| last.is_some_and(|last| last.id == it.open.id));
        !(is_of_it && has_result)
    }

    /// Whatever Detective answered, the case's own findings too.
    fn found_something(&self) -> bool {
        self.results.iter().any(|it| !it.answered.is_empty())
    }

    /// The highest severity that Detective gave.
    #[must_use]
    pub fn severity(&self) -> Option<InvestigationSeverity> {
        self.results.iter().filter_map(|it| it.investigation.severity).max()
    }

    /// The Regions and times that were looked at; in a second look, by it alone.
    fn seen(&self) -> Vec<(&str, Scope)> {
        let counting = self.results.iter().filter(|it| self.case.counts(&it.open));
        counting.filter_map(|it| Some((region_of(&it.open.graph_arn)?, it.open.scope))).collect()
    }

    /// Why there is no result, for people. The account is a field of the decision.
    fn reason(&self, why: NoResult, unseen: Option<&Unseen<'_>>, rules: &AssessmentRules) -> Option<NotInvestigated> {
        let reason = match why {
            NoResult::Given => self.not_investigated.clone(),
            NoResult::OutsideGraph => self.outside_graph().map(NotInvestigated::outside),
            NoResult::StillRunning => self.running.as_ref().map(|open| NotInvestigated::still_running(&open.id)),
            NoResult::Unseen => unseen.map(|it| it.reason(&rules.regions)),
            NoResult::CoverageUnknown => match &self.coverage {
                CaseCoverage::Unknown { cause, .. } => Some(NotInvestigated::membership_unknown(cause.clone())),
                CaseCoverage::InGraphs | CaseCoverage::Outside(_) => None,
            },
        };
        reason.map(|why| NotInvestigated { outside_graph: None, ..why })
    }

    /// The accounts that people read of: the principal's, and those that own the findings.
    #[must_use]
    pub fn accounts(&self) -> BTreeSet<&str> {
        self.findings.iter().filter_map(Finding::owner).chain(self.case.principal.account_id()).collect()
    }
}

impl Decision {
    /// The whole assessment, without its report. `account_names`: by id, where they could be read.
    #[must_use]
    pub fn assessment(
        &self,
        inputs: &CaseInputs,
        assessed: Assessed,
        account_names: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Assessment {
        let has_result = self.not_investigated.is_none();
        let (indicators, outside_graph) = (self.indicators.as_slice(), self.outside_graph.as_ref());
        Assessment {
            at: now,
            joined: assessed.joined,
            renewed: assessed.renewed,
            revision: assessed.revision,
            alert_cause: assessed.cause,
            detective_severity: inputs.severity(),
            indicators: indicator::group(indicators),
            techniques: indicator::techniques(indicators),
            next_steps: next_steps(&inputs.case.principal, &inputs.findings, indicators, has_result, outside_graph),
            account_names,
            report: None,
            second_look: assessed.second_look,
            watch_until: assessed.watch_until,
            already_notified: assessed.already_notified,
            not_investigated: self.not_investigated.clone(),
            uncertain: self.clearance.uncertain.filter(|_| has_result),
            outside_graph: self.outside_graph.clone(),
            guardduty: self.guardduty.clone(),
            verdict: self.verdict.clone(),
        }
    }
}

/// GuardDuty should be asked, and the case cannot go round again.
fn asked_too_late() -> Answer {
    Answer::NotAsked(NotAsked::Failed { what: "the case had come to its end before".to_owned() })
}

#[cfg(test)]
mod tests;
