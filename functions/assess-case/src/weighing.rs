//! What a case's findings, Detective's answers and GuardDuty's come to.

use crate::coverage;
use crate::handler::{AssessCase, Input};
use crate::record;
use crate::related;
use gumshoe_aws::StepError;
use gumshoe_aws::error::with_causes;
use gumshoe_domain::alert::next_steps;
use gumshoe_domain::case::steps::Weighed;
use gumshoe_domain::case::{Assessed, Assessment, CaseStatus, FindingRecord, OpenInvestigation};
use gumshoe_domain::graph::OutsideGraph;
use gumshoe_domain::guardduty::{self, Answer, NotAsked, Standing};
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::verdict::{Clearance, Opinions};
use gumshoe_domain::{CaseRecord, Finding, Indicator, Investigation, InvestigationSeverity, Verdict, indicator};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeSet;

/// A case with all that was read of it, weighed.
pub(crate) struct Weighing {
    pub(crate) case: CaseRecord,
    pub(crate) records: Vec<FindingRecord>,
    pub(crate) answers: Option<Answers>,
    pub(crate) second: Option<Second>,
    pub(crate) not_investigated: Option<NotInvestigated>,
    pub(crate) outside_graph: Option<OutsideGraph>,
    pub(crate) verdict: Verdict,
    pub(crate) weighed: Weighed,
    pub(crate) clearance: Clearance,
}

/// What Detective answered.
pub(crate) struct Answers {
    pub(crate) investigation: Investigation,
    /// All indicators, as they were answered.
    pub(crate) answered: Vec<Indicator>,
    /// Those that count: without related findings that are the case's own, and with the times of the others.
    pub(crate) indicators: Vec<Indicator>,
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
    pub(crate) async fn of(
        app: &AssessCase,
        case: CaseRecord,
        input: &Input,
        now: Timestamp,
    ) -> Result<Self, StepError> {
        let records = app.table.findings(&case).await?;
        let findings: Vec<Finding> = records.iter().map(|record| record.finding.clone()).collect();
        let mut not_investigated = input.not_investigated.clone().map(readable);
        let answers = match (&not_investigated, &case.investigation) {
            (None, Some(investigation)) => Some(answers(app, &case, investigation, &findings).await?),
            (None, None) => {
                return Err(StepError::OutOfTurn { case_id: case.key.case_id, lacks: "the investigation" });
            }
            (Some(_), _) => None,
        };
        let last = input.last_round || input.last_investigation;
        // An earlier try of this step closed it: nothing is to be asked any more.
        let ended = case.progress.status == CaseStatus::Closed;
        let nothing = match &not_investigated {
            Some(why) => why.nothing_for_detective(),
            None => case.principal.entity().is_none(),
        };
        let unasked = !ended && case.guardduty.is_none() && app.when.choose(&findings, nothing).is_some();
        let second = if unasked { Some(too_late()) } else { second(app, &case).await };
        let outside_graph = match not_investigated.as_mut().and_then(|why| why.outside_graph.take()) {
            Some(told) => Some(told),
            None => coverage::outside_graph(app, &case, now).await,
        };
        if let (None, Some(it), Some(outside)) = (&not_investigated, &answers, &outside_graph)
            && outside.explains(!it.indicators.is_empty(), it.investigation.severity)
        {
            not_investigated = Some(NotInvestigated { outside_graph: None, ..NotInvestigated::outside(outside) });
        }
        let indicators = answers.as_ref().map(|it| it.indicators.as_slice()).unwrap_or_default();
        let verdict = Verdict::weigh(&findings, indicators, &app.weights);
        let opinions = |investigated: bool| Opinions {
            investigated,
            // Whatever Detective answered, the case's own findings too: in doubt, people hear of it.
            found_something: answers.as_ref().is_some_and(|it| !it.answered.is_empty()),
            severity: severity(answers.as_ref()),
            guardduty: second.as_ref().and_then(|it| it.answer.completed()),
        };
        let clearance = Clearance::of(&findings, answers.as_ref().is_some_and(|it| !it.answered.is_empty()));
        let cause = |investigated| verdict.alert_cause(app.threshold, &opinions(investigated), &clearance);
        let mut outdated = false;
        if unasked && !last {
            outdated = true;
            tracing::info!(case.id = %case.key.case_id, "findings joined that GuardDuty is to be asked about");
        } else if !ended
            && cause(not_investigated.is_none()).is_none()
            && let Some(unseen) = unseen_activity(&case, &findings)
        {
            outdated = !last;
            if outdated {
                tracing::info!(case.id = %case.key.case_id, "findings joined whose activity lies after the investigation");
            } else {
                not_investigated = Some(unseen);
            }
        }
        let weighed = if outdated {
            Weighed::Outdated
        } else {
            let has_result = not_investigated.is_none();
            Weighed::Verdict { cause: cause(has_result), has_result }
        };
        let verdict = verdict.clone().beside(&opinions(not_investigated.is_none()));
        Ok(Self { case, records, answers, second, not_investigated, outside_graph, verdict, weighed, clearance })
    }

    /// What Detective found beside the case's own findings.
    pub(crate) fn indicators(&self) -> &[Indicator] {
        self.answers.as_ref().map(|it| it.indicators.as_slice()).unwrap_or_default()
    }

    /// The whole assessment, with its report kept.
    pub(crate) async fn assessment(&self, app: &AssessCase, assessed: Assessed, now: Timestamp) -> Assessment {
        let findings: Vec<Finding> = self.records.iter().map(|record| record.finding.clone()).collect();
        let indicators = self.indicators();
        let has_result = self.not_investigated.is_none();
        let mut assessment = Assessment {
            at: now,
            joined: assessed.joined,
            renewed: assessed.renewed,
            revision: assessed.revision,
            alert_cause: assessed.cause,
            detective_severity: severity(self.answers.as_ref()),
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
            not_investigated: self.not_investigated.clone(),
            uncertain: self.clearance.uncertain.filter(|_| has_result),
            outside_graph: self.outside_graph.clone(),
            guardduty: self.second.as_ref().map(|it| it.answer.clone()),
            verdict: self.verdict.clone(),
        };
        assessment.report = record::keep(app, self, &assessment, now).await;
        assessment
    }
}

fn severity(answers: Option<&Answers>) -> Option<InvestigationSeverity> {
    answers.and_then(|it| it.investigation.severity)
}

async fn answers(
    app: &AssessCase,
    case: &CaseRecord,
    investigation: &OpenInvestigation,
    findings: &[Finding],
) -> Result<Answers, StepError> {
    let (graph_arn, id) = (&investigation.graph_arn, &investigation.id);
    let investigation = app.detective.investigation(graph_arn, id).await?;
    let answered = app.detective.indicators(graph_arn, id).await?;
    let indicators = related::beside_own(app, case, findings, &answered).await;
    Ok(Answers { investigation, answered, indicators })
}

/// What GuardDuty's side has come to; nothing where GuardDuty was not to be asked. What cannot be read is told, and holds
/// back nothing.
async fn second(app: &AssessCase, case: &CaseRecord) -> Option<Second> {
    let open = match case.guardduty.as_ref()? {
        Standing::NotAsked(why) => {
            return Some(Second { answer: Answer::NotAsked(why.clone()), investigation: None });
        }
        Standing::Asked(open) => open,
    };
    Some(match app.guardduty.investigation(&open.detector_id, &open.id).await {
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

/// Activity that the case's investigation cannot have seen, because it lies after the time looked at.
fn unseen_activity(case: &CaseRecord, findings: &[Finding]) -> Option<NotInvestigated> {
    let end = case.investigation.as_ref()?.scope.end;
    let unseen = findings.iter().filter(|finding| finding.last_seen.is_some_and(|seen| seen > end)).count();
    (unseen > 0).then(|| {
        let cause = format!("{unseen} findings have activity after {end}, where the investigation ends");
        NotInvestigated::new("ActivityAfterInvestigation", cause)
    })
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
