//! Assesses a case: reads its inputs, decides, stores the evidence, and writes the assessment.

use crate::app::App;
use crate::error::StepError;
use crate::evidence::store_evidence;
use crate::gather::{GatheredInputs, gather};
use crate::input::Input;
use crate::investigation_state::sync_states;
use gumshoe_alerts::Alert;
use gumshoe_alerts::channels::ocsf::{self, CaseEvent};
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::flows::{AssessFlow, AssessOutcome, AssessStep};
use gumshoe_domain::case::{CaseAction, CaseEvaluation, CoverageReadError, FindingRecord, NoResultReason};
use gumshoe_domain::error::MissingPrerequisite;
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::{CaseKey, CaseRecord, VerdictLevel};
use jiff::Timestamp;
use serde::Serialize;

/// The result for the state machine.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    outcome: AssessOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<VerdictLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<u8>,
    /// Whether an operator has to correct something: the execution then ends as failed, after the alert.
    needs_operator: bool,
    /// What an operator has to correct.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_investigated: Option<NotInvestigated>,
}

/// Assesses the current state of the case.
pub(crate) async fn handle(app: &App, input: Input, now: Timestamp) -> Result<Output, StepError> {
    let key = &input.case;
    let mut flow = AssessFlow::begin(now, input.is_last_round, app.settings.follow_up_hours);
    let mut gathered_evaluation: Option<(GatheredInputs, CaseEvaluation)> = None;
    let mut assessment: Option<Assessment> = None;
    let outcome = loop {
        flow = match flow.step() {
            AssessStep::Read => {
                let case = app.table.case(key).await?;
                let read = flow.read(case.progress);
                let mut gathered = gather(app, case, &input, now).await?;
                let evaluation = evaluate(app, &mut gathered)?;
                gathered_evaluation = Some((gathered, evaluation));
                read
            }
            AssessStep::Evaluate => {
                let Some((gathered, evaluation)) = &gathered_evaluation else { return Err(missing_state(key)) };
                let flow = flow.evaluated(evaluation.outcome);
                if let Some(assessed) = flow.assessed() {
                    let names = app.account_names.resolve(gathered.inputs.accounts()).await;
                    let mut new = evaluation.assessment(&gathered.inputs, assessed, names, now);
                    new.report = store_evidence(app, gathered, evaluation, &new, now).await;
                    assessment = Some(new);
                }
                flow
            }
            AssessStep::Write(write) => flow.wrote(app.table.write(key, &write, assessment.as_ref()).await?),
            AssessStep::Done(outcome) => break outcome,
        }
    };
    let Some((GatheredInputs { inputs, finding_records, .. }, evaluation)) = gathered_evaluation else {
        return Err(missing_state(key));
    };
    sync_states(app, &inputs, assessment.as_ref(), outcome).await;
    // Publish the event again even if an earlier attempt closed the case: that attempt may have failed before publishing.
    let last = assessment.as_ref().or(inputs.case.assessment.as_ref());
    if outcome == AssessOutcome::Closed {
        publish_quiet_close_event(app, &inputs.case, last, &finding_records).await?;
    }
    let verdict = &evaluation.verdict;
    let has_report = assessment.as_ref().is_some_and(|assessment| assessment.report.is_some());
    // If the alert would only repeat an earlier one, people already know what the operator must correct.
    let already_notified = last.is_some_and(|it| it.is_already_notified);
    let operator_action = evaluation.not_investigated.as_ref().filter(|it| it.needs_operator() && !already_notified);
    tracing::info!(case.id = %key.case_id, level = %verdict.level, score = verdict.score,
        findings = finding_records.len(), indicators = evaluation.indicators.len(), report = has_report, already_notified, ?outcome,
        "assessed the case");
    Ok(Output {
        outcome,
        level: Some(verdict.level),
        score: Some(verdict.score),
        needs_operator: operator_action.is_some(),
        not_investigated: operator_action.cloned(),
    })
}

/// Evaluates the case, and logs why the next step is not a verdict.
///
/// # Errors
///
/// The account's graph membership could not be read, and the state machine should retry.
fn evaluate(app: &App, gathered: &mut GatheredInputs) -> Result<CaseEvaluation, StepError> {
    let case_id = &gathered.inputs.case.key.case_id;
    let evaluation = match gathered.inputs.evaluate(&app.rules()) {
        Ok(evaluation) => evaluation,
        Err(CoverageReadError) => {
            let error = gathered.coverage_error.take().map(StepError::from);
            return Err(error.unwrap_or_else(|| missing_state(&gathered.inputs.case.key)));
        }
    };
    match (evaluation.decision.action, evaluation.decision.no_result_reason) {
        (CaseAction::DeferToFollowUp, _) => {
            tracing::info!(case.id = %case_id, "another execution has started the follow-up investigation of the case; this one ends");
        }
        (CaseAction::WaitForInvestigation, _) | (_, Some(NoResultReason::StillRunning)) => {
            let id = gathered.inputs.running.as_ref().map(|open| open.id.as_str());
            tracing::info!(case.id = %case_id, investigation.id = id, "the investigation is still running; the case is not assessed yet");
        }
        (CaseAction::RequestGuardDuty, _) => {
            tracing::info!(case.id = %case_id, "new findings require a GuardDuty investigation; the case is not assessed yet");
        }
        (CaseAction::InvestigateUncovered, _) => {
            tracing::info!(case.id = %case_id, "findings have activity that no investigation has seen; starting another investigation");
        }
        (CaseAction::Conclude | CaseAction::RestartInvestigation | CaseAction::RetryCoverageRead, _) => {}
    }
    Ok(evaluation)
}

fn missing_state(key: &CaseKey) -> StepError {
    MissingPrerequisite { case_id: key.case_id.clone(), missing: "the record that the flow reads first" }.into()
}

/// Publishes the event that a case was closed without an alert. For a case with an alert, send-alert publishes the event.
async fn publish_quiet_close_event(
    app: &App,
    case: &CaseRecord,
    assessment: Option<&Assessment>,
    finding_records: &[FindingRecord],
) -> Result<(), StepError> {
    match assessment {
        Some(assessment) if assessment.alert_cause.is_none() => {
            let alert = Alert::new(case, assessment, finding_records, false);
            let event = CaseEvent::ClosedQuietly;
            Ok(app.events.put(&[(event.detail_type(), ocsf::detail(&alert, event).to_string())]).await?)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
