//! From findings and indicators to a verdict.

use crate::archive;
use crate::error::StepError;
use crate::weighing::Weighing;
use gumshoe_alerts::Alert;
use gumshoe_alerts::channels::ocsf::{self, CaseEvent};
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::events::Events;
use gumshoe_aws::evidence::Evidence;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_aws::organization::Accounts;
use gumshoe_bootstrap::Metrics;
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::steps::{Assessing, AssessingStep, Outcome};
use gumshoe_domain::case::{FindingRecord, SecondLook};
use gumshoe_domain::error::OutOfTurn;
use gumshoe_domain::guardduty::When;
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::verdict::Weights;
use gumshoe_domain::{CaseKey, CaseRecord, Regions, VerdictLevel};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything that assess-case works with.
pub(crate) struct AssessCase {
    pub(crate) table: CaseTable,
    pub(crate) detective: Detective,
    pub(crate) guardduty: GuardDuty,
    /// The Regions in which is investigated.
    pub(crate) regions: Regions,
    /// For which cases GuardDuty is asked.
    pub(crate) when: When,
    pub(crate) accounts: Accounts,
    pub(crate) evidence: Evidence,
    pub(crate) events: Events,
    pub(crate) metrics: Metrics,
    pub(crate) threshold: VerdictLevel,
    pub(crate) weights: Weights,
    /// Whether investigations of cases that close quietly are archived in Detective.
    pub(crate) archives_quiet: bool,
    /// When quiet cases are looked at again.
    pub(crate) second_look: SecondLook,
}

/// What the state machine sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
    /// Why there is no result to read, where an earlier step found out.
    #[serde(default)]
    pub(crate) not_investigated: Option<NotInvestigated>,
    /// No other round follows: the case takes no more findings from here on.
    #[serde(default)]
    pub(crate) last_round: bool,
    /// No other investigation follows.
    #[serde(default)]
    pub(crate) last_investigation: bool,
}

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
pub(crate) async fn handle(app: &AssessCase, input: Input, now: Timestamp) -> Result<Output, StepError> {
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
                    assessment = Some(weighing.assessment(app, assessed, now).await);
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
    app: &AssessCase,
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
