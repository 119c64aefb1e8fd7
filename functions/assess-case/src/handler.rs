//! From findings and indicators to a verdict.

use crate::app::App;
use crate::archive;
use crate::error::StepError;
use crate::input::Input;
use crate::record;
use crate::weighing::Weighing;
use gumshoe_alerts::Alert;
use gumshoe_alerts::channels::ocsf::{self, CaseEvent};
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::FindingRecord;
use gumshoe_domain::case::steps::{Assessing, AssessingStep, Outcome};
use gumshoe_domain::error::OutOfTurn;
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::{CaseKey, CaseRecord, VerdictLevel};
use jiff::Timestamp;
use serde::Serialize;

/// What the state machine gets.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    outcome: Outcome,
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
    let mut assessing = Assessing::begin(now, input.last_round, app.second_look);
    let mut weighing: Option<Weighing> = None;
    let mut assessment: Option<Assessment> = None;
    let outcome = loop {
        assessing = match assessing.step() {
            AssessingStep::Read => {
                let case = app.table.case(key).await?;
                let read = assessing.read(case.progress);
                weighing = Some(Weighing::of(app, case, &input, now).await?);
                read
            }
            AssessingStep::Weigh => {
                let Some(weighing) = &weighing else { return Err(out_of_turn(key)) };
                let weighed = assessing.weighed(weighing.weighed);
                if let Some(assessed) = weighed.assessed() {
                    let mut new = weighing.assessment(app, assessed, now).await;
                    new.report = record::keep(app, weighing, &new, now).await;
                    assessment = Some(new);
                }
                weighed
            }
            AssessingStep::Write(write) => assessing.wrote(app.table.write(key, &write, assessment.as_ref()).await?),
            AssessingStep::Done(outcome) => break outcome,
        }
    };
    let Some(weighing) = weighing else { return Err(out_of_turn(key)) };
    archive::sort_in(app, &weighing, assessment.as_ref(), outcome).await;
    if outcome == Outcome::Closed {
        // Also where an earlier try closed it: it may have failed at the event.
        let closed_with = assessment.as_ref().or(weighing.case.assessment.as_ref());
        tell_of_quiet_end(app, &weighing.case, closed_with, &weighing.records).await?;
    }
    let verdict = &weighing.verdict;
    let reported = assessment.as_ref().is_some_and(|assessment| assessment.report.is_some());
    // Whoever has to mend something was told of it by the alert that this case would have repeated.
    let already_notified =
        assessment.as_ref().or(weighing.case.assessment.as_ref()).is_some_and(|it| it.already_notified);
    let to_mend = weighing.not_investigated.as_ref().filter(|it| it.needs_an_operator() && !already_notified);
    tracing::info!(case.id = %key.case_id, level = %verdict.level, score = verdict.score,
        findings = weighing.records.len(), indicators = weighing.indicators.len(), report = reported, already_notified, ?outcome,
        "the case was assessed");
    Ok(Output {
        outcome,
        level: Some(verdict.level),
        score: Some(verdict.score),
        needs_operator: to_mend.is_some(),
        not_investigated: to_mend.cloned(),
    })
}

fn out_of_turn(key: &CaseKey) -> StepError {
    OutOfTurn { case_id: key.case_id.clone(), lacks: "what was read of it" }.into()
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
