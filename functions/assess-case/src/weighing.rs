//! What a case's findings, Detective's answers and GuardDuty's come to.

use crate::answers::{self, Answered, Answers};
use crate::app::App;
use crate::coverage::{self, Coverage};
use crate::error::StepError;
use crate::input::Input;
use gumshoe_domain::assessment::{Assessed, Assessment};
use gumshoe_domain::case::steps::Weighed;
use gumshoe_domain::case::{FindingRecord, is_explained_by_missing_data, unseen};
use gumshoe_domain::coverage::OutsideGraph;
use gumshoe_domain::error::with_causes;
use gumshoe_domain::guardduty::{self, Answer, NotAsked, Standing};
use gumshoe_domain::investigation::{NotInvestigated, NotInvestigatedKind};
use gumshoe_domain::next_steps::next_steps;
use gumshoe_domain::verdict::{Clearance, Opinions};
use gumshoe_domain::{CaseRecord, Finding, Indicator, Verdict, indicator};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeSet;

/// A case with all that was read of it, weighed.
pub(crate) struct Weighing {
    pub(crate) case: CaseRecord,
    pub(crate) records: Vec<FindingRecord>,
    /// What Detective answered: one answer for each Region that has a result.
    pub(crate) answers: Vec<Answers>,
    /// What it found, in all Regions.
    pub(crate) indicators: Vec<Indicator>,
    pub(crate) second: Option<Second>,
    pub(crate) not_investigated: Option<NotInvestigated>,
    pub(crate) outside_graph: Option<OutsideGraph>,
    pub(crate) verdict: Verdict,
    pub(crate) weighed: Weighed,
    pub(crate) clearance: Clearance,
}

/// What GuardDuty's side has come to.
pub(crate) struct Second {
    /// As people are told.
    pub(crate) answer: Answer,
    /// As GuardDuty answered, where it did.
    pub(crate) investigation: Option<guardduty::Investigation>,
}

impl Weighing {
    /// Reads the findings of a case that was read before, and what the engines answer, and weighs them.
    pub(crate) async fn of(app: &App, case: CaseRecord, input: &Input, now: Timestamp) -> Result<Self, StepError> {
        let records = app.table.findings(&case).await?;
        let findings: Vec<Finding> = records.iter().map(|record| record.finding.clone()).collect();
        let mut not_investigated = input.not_investigated.clone().map(readable);
        let answered = answers::of_case(app, &case, &findings, not_investigated.as_ref()).await?;
        let Answered { results: answers, running } = answered;
        let last = input.last_round || input.last_investigation;
        // An earlier try of this step closed it: nothing is to be asked any more.
        let ended = !case.progress.status.is_under_way();
        let nothing = match &not_investigated {
            Some(why) => why.nothing_for_detective(),
            None => case.principal.entity().is_none(),
        };
        let unasked = !ended && case.guardduty.is_none() && app.when.choose(&findings, nothing).is_some();
        let second = if unasked { Some(too_late()) } else { second(app, &case).await };
        let coverage = match not_investigated.as_mut().and_then(|why| why.outside_graph.take()) {
            Some(told) => Coverage::Outside(told),
            None => coverage::coverage(app, &case, now).await,
        };
        let indicators: Vec<Indicator> = answers.iter().flat_map(|it| it.indicators.iter().cloned()).collect();
        let severity = answers::severity(&answers);
        // Whatever Detective answered, the case's own findings too.
        let found_something = answers.iter().any(|it| !it.answered.is_empty());
        let verdict = Verdict::weigh(&findings, &indicators, &app.weights);
        let opinions = |investigated: bool| Opinions {
            investigated,
            found_something,
            severity,
            guardduty: second.as_ref().and_then(|it| it.answer.completed()),
        };
        let clearance = Clearance::of(&findings, found_something);
        let alert_cause =
            |investigated, clearance| verdict.alert_cause(app.threshold, &opinions(investigated), clearance);
        let cause = |investigated| alert_cause(investigated, &clearance);
        // By what was found alone: whether the investigation could have found it is asked of every quiet result.
        let by_itself = Clearance::default();
        let is_quiet = |investigated| alert_cause(investigated, &by_itself).is_none();
        match (coverage.outside(), &not_investigated) {
            (Some(outside), None) if is_explained_by_missing_data(is_quiet(true), found_something, severity) => {
                not_investigated = Some(NotInvestigated { outside_graph: None, ..NotInvestigated::outside(outside) });
            }
            _ => {}
        }
        // Why the case is investigated again, where it is.
        let mut again = None;
        let pending = input.not_investigated.is_none() && lacks_second_look(&case, &answers);
        if pending {
            tracing::info!(case.id = %case.key.case_id, "the second look has begun, and another execution has it");
        } else if let Some(open) = running.filter(|_| !ended && not_investigated.is_none()) {
            tracing::info!(case.id = %case.key.case_id, investigation.id = %open.id, "the investigation is running");
            if last {
                let cause = format!("investigation {} is still running, and no other follows", open.id);
                not_investigated = Some(NotInvestigated::new(NotInvestigatedKind::InvestigationDeadline, cause));
            } else {
                again = Some(Weighed::Running);
            }
        } else if unasked && !last {
            again = Some(Weighed::Outdated);
            tracing::info!(case.id = %case.key.case_id, "findings joined that GuardDuty is to be asked about");
        } else if !ended
            && is_quiet(not_investigated.is_none())
            && let Some(unseen) = unseen(&findings, &answers::seen(&case, &answers), &app.regions)
            // What came after the second look began opens the next case.
            && (case.progress.second_look_at.is_none() || unseen.is_elsewhere())
        {
            if !last && unseen.can_be_seen() {
                again = Some(Weighed::Outdated);
                tracing::info!(case.id = %case.key.case_id,
                    "findings have activity after the investigation, or in another Region");
            } else {
                not_investigated = Some(unseen.reason(&app.regions));
            }
        }
        let outside_graph = match coverage {
            Coverage::InGraphs => None,
            Coverage::Outside(outside) => Some(outside),
            // A case that nobody hears of has to be one that Detective could see.
            Coverage::Unknown(error) if !ended && again.is_none() && is_quiet(not_investigated.is_none()) => {
                if error.may_pass() {
                    return Err(error.into());
                }
                not_investigated = Some(NotInvestigated::membership_unknown(with_causes(&error)));
                None
            }
            Coverage::Unknown(_) => None,
        };
        let weighed = if pending {
            Weighed::SecondLookPending
        } else if let Some(again) = again {
            again
        } else if may_start_once_more(&case, not_investigated.as_ref()) {
            Weighed::Failed
        } else {
            let has_result = not_investigated.is_none();
            Weighed::Verdict {
                cause: cause(has_result),
                has_result,
                level: verdict.level,
                may_pass: not_investigated.as_ref().is_some_and(NotInvestigated::may_pass),
                last_activity: findings.iter().filter_map(|finding| finding.last_seen).max(),
            }
        };
        let verdict = verdict.clone().beside(&opinions(not_investigated.is_none()));
        Ok(Self {
            case,
            records,
            answers,
            indicators,
            second,
            not_investigated,
            outside_graph,
            verdict,
            weighed,
            clearance,
        })
    }

    /// The whole assessment, but for its report.
    pub(crate) async fn assessment(&self, app: &App, assessed: Assessed, now: Timestamp) -> Assessment {
        let findings: Vec<Finding> = self.records.iter().map(|record| record.finding.clone()).collect();
        let indicators = self.indicators.as_slice();
        let has_result = self.not_investigated.is_none();
        Assessment {
            at: now,
            joined: assessed.joined,
            renewed: assessed.renewed,
            revision: assessed.revision,
            alert_cause: assessed.cause,
            detective_severity: answers::severity(&self.answers),
            indicators: indicator::group(indicators),
            techniques: indicator::techniques(indicators),
            next_steps: next_steps(
                &self.case.principal,
                &findings,
                indicators,
                has_result,
                self.outside_graph.as_ref(),
            ),
            account_names: app.accounts.names(accounts_of(&self.case, &findings)).await,
            report: None,
            second_look: assessed.second_look,
            watch_until: assessed.watch_until,
            already_notified: assessed.already_notified,
            not_investigated: self.not_investigated.clone(),
            uncertain: self.clearance.uncertain.filter(|_| has_result),
            outside_graph: self.outside_graph.clone(),
            guardduty: self.second.as_ref().map(|it| it.answer.clone()),
            verdict: self.verdict.clone(),
        }
    }
}

/// What GuardDuty's side has come to; nothing where GuardDuty was not to be asked. What cannot be read is told, and holds
/// back nothing.
async fn second(app: &App, case: &CaseRecord) -> Option<Second> {
    let open = match case.guardduty.as_ref()? {
        Standing::NotAsked(why) => {
            return Some(Second { answer: Answer::NotAsked(why.clone()), investigation: None });
        }
        Standing::Asked(open) => open,
    };
    let guardduty = app.guardduty.in_region(open.region.as_deref());
    Some(match guardduty.investigation(&open.detector_id, &open.id).await {
        Ok(found) => Second { answer: Answer::of(open, &found), investigation: Some(found) },
        Err(error) => {
            let why = with_causes(&error);
            tracing::error!(case.id = %case.key.case_id, investigation.id = %open.id, error.message = %why,
                "GuardDuty's investigation cannot be read");
            Second { answer: Answer::NotRead { investigation_id: open.id.clone(), why }, investigation: None }
        }
    })
}

/// GuardDuty should be asked, and the case cannot go round again.
fn too_late() -> Second {
    let what = "the case had come to its end before".to_owned();
    Second { answer: Answer::NotAsked(NotAsked::Failed { what }), investigation: None }
}

/// Whether the second look has begun, and there is no result of it yet: the case's investigation is the one from before it, when
/// Detective may have known less, or has not ended. Its own execution comes here when it has; another one is late.
fn lacks_second_look(case: &CaseRecord, answers: &[Answers]) -> bool {
    let begun = case.progress.status.is_under_way() && case.progress.second_look_at.is_some();
    let is_of_it = case.investigation.as_ref().is_some_and(|it| it.second_look);
    let has_result = answers.iter().any(|it| case.investigation.as_ref().is_some_and(|last| last.id == it.open.id));
    begun && !(is_of_it && has_result)
}

/// Whether the case's investigation ended FAILED for the first time.
fn may_start_once_more(case: &CaseRecord, not_investigated: Option<&NotInvestigated>) -> bool {
    let failed = not_investigated.is_some_and(NotInvestigated::is_failed_investigation);
    failed && case.investigation.as_ref().is_some_and(|it| !it.after_failure)
}

/// The accounts that people read of: the principal's, and those that own the findings.
fn accounts_of<'a>(case: &'a CaseRecord, findings: &'a [Finding]) -> BTreeSet<&'a str> {
    findings.iter().filter_map(Finding::owner).chain(case.principal.account_id()).collect()
}

/// A failed function's cause reaches the state machine as JSON; its message is what people read.
fn readable(reason: NotInvestigated) -> NotInvestigated {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct LambdaFailure {
        error_message: String,
    }
    match serde_json::from_str::<LambdaFailure>(&reason.cause) {
        Ok(failure) => NotInvestigated { cause: failure.error_message, ..reason },
        Err(_) => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_of_a_failed_function_is_its_message() {
        let reason = |cause: &str| NotInvestigated::new("DetectiveAccessDenied", cause);
        let json = r#"{"errorType":"DetectiveAccessDenied","errorMessage":"ListGraphs was denied"}"#;
        assert_eq!(readable(reason(json)).cause, "ListGraphs was denied");
        assert_eq!(readable(reason("plain")).cause, "plain");
    }
}
