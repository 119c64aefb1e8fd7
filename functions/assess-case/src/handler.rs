//! From findings and indicators to a verdict.

use crate::app::App;
use crate::archive;
use crate::error::StepError;
use crate::gather::{Gathered, gather};
use crate::input::Input;
use crate::record;
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

/// What the state machine gets.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    outcome: AssessOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<VerdictLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<u8>,
    /// Whether an operator has to mend something: the execution then ends as failed, after the alert.
    needs_operator: bool,
    /// What an operator has to mend, where there is something.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_investigated: Option<NotInvestigated>,
}

/// Assesses the case as it is now.
pub(crate) async fn handle(app: &App, input: Input, now: Timestamp) -> Result<Output, StepError> {
    let key = &input.case;
    let mut assessing = AssessFlow::begin(now, input.last_round, app.settings.follow_up_hours);
    let mut weighed: Option<(Gathered, CaseEvaluation)> = None;
    let mut assessment: Option<Assessment> = None;
    let outcome = loop {
        assessing = match assessing.step() {
            AssessStep::Read => {
                let case = app.table.case(key).await?;
                let read = assessing.read(case.progress);
                let mut gathered = gather(app, case, &input, now).await?;
                let decision = decide(app, &mut gathered)?;
                weighed = Some((gathered, decision));
                read
            }
            AssessStep::Evaluate => {
                let Some((gathered, decision)) = &weighed else { return Err(out_of_turn(key)) };
                let assessing = assessing.evaluated(decision.outcome);
                if let Some(assessed) = assessing.assessed() {
                    let names = app.account_names.resolve(gathered.inputs.accounts()).await;
                    let mut new = decision.assessment(&gathered.inputs, assessed, names, now);
                    new.report = record::keep(app, gathered, decision, &new, now).await;
                    assessment = Some(new);
                }
                assessing
            }
            AssessStep::Write(write) => assessing.wrote(app.table.write(key, &write, assessment.as_ref()).await?),
            AssessStep::Done(outcome) => break outcome,
        }
    };
    let Some((Gathered { inputs, records, .. }, decision)) = weighed else { return Err(out_of_turn(key)) };
    archive::set_states(app, &inputs, assessment.as_ref(), outcome).await;
    // Also where an earlier try closed it: it may have failed at the event.
    let last = assessment.as_ref().or(inputs.case.assessment.as_ref());
    if outcome == AssessOutcome::Closed {
        tell_of_quiet_end(app, &inputs.case, last, &records).await?;
    }
    let verdict = &decision.verdict;
    let reported = assessment.as_ref().is_some_and(|assessment| assessment.report.is_some());
    // Whoever has to mend something was told of it by the alert that this case would have repeated.
    let already_notified = last.is_some_and(|it| it.is_already_notified);
    let to_mend = decision.not_investigated.as_ref().filter(|it| it.needs_operator() && !already_notified);
    tracing::info!(case.id = %key.case_id, level = %verdict.level, score = verdict.score,
        findings = records.len(), indicators = decision.indicators.len(), report = reported, already_notified, ?outcome,
        "the case was assessed");
    Ok(Output {
        outcome,
        level: Some(verdict.level),
        score: Some(verdict.score),
        needs_operator: to_mend.is_some(),
        not_investigated: to_mend.cloned(),
    })
}

/// Decides about the case, and logs why it goes on otherwise than with a verdict.
///
/// # Errors
///
/// It could not be read whether the account is in the graph, and the state machine is to try again.
fn decide(app: &App, gathered: &mut Gathered) -> Result<CaseEvaluation, StepError> {
    let case_id = &gathered.inputs.case.key.case_id;
    let decision = match gathered.inputs.evaluate(&app.rules()) {
        Ok(decision) => decision,
        Err(CoverageReadError) => {
            let error = gathered.coverage_error.take().map(StepError::from);
            return Err(error.unwrap_or_else(|| out_of_turn(&gathered.inputs.case.key)));
        }
    };
    match (decision.decision.action, decision.decision.no_result_reason) {
        (CaseAction::DeferToFollowUp, _) => {
            tracing::info!(case.id = %case_id, "the second look has begun, and another execution has it");
        }
        (CaseAction::WaitForInvestigation, _) | (_, Some(NoResultReason::StillRunning)) => {
            let id = gathered.inputs.running.as_ref().map(|open| open.id.as_str());
            tracing::info!(case.id = %case_id, investigation.id = id, "the investigation is running");
        }
        (CaseAction::RequestGuardDuty, _) => {
            tracing::info!(case.id = %case_id, "findings joined that GuardDuty is to be asked about");
        }
        (CaseAction::InvestigateUncovered, _) => {
            tracing::info!(case.id = %case_id, "findings have activity after the investigation, or in another Region");
        }
        (CaseAction::Conclude | CaseAction::RestartInvestigation | CaseAction::RetryCoverageRead, _) => {}
    }
    Ok(decision)
}

fn out_of_turn(key: &CaseKey) -> StepError {
    MissingPrerequisite { case_id: key.case_id.clone(), missing: "what was read of it" }.into()
}

/// Tells EventBridge of a case that ended quietly. One that people were alerted of is told of by send-alert.
async fn tell_of_quiet_end(
    app: &App,
    case: &CaseRecord,
    assessment: Option<&Assessment>,
    records: &[FindingRecord],
) -> Result<(), StepError> {
    match assessment {
        Some(assessment) if assessment.alert_cause.is_none() => {
            let alert = Alert::new(case, assessment, records, false);
            let event = CaseEvent::ClosedQuietly;
            Ok(app.events.put(&[(event.detail_type(), ocsf::detail(&alert, event).to_string())]).await?)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
