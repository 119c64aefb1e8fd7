//! From findings and indicators to a verdict.

use crate::record;
use gumshoe_alerts::ocsf::{self, CaseEvent};
use gumshoe_aws::StepError;
use gumshoe_aws::case_table::{CaseTable, TableError};
use gumshoe_aws::detective::Detective;
use gumshoe_aws::events::Events;
use gumshoe_aws::evidence::Evidence;
use gumshoe_aws::organization::Accounts;
use gumshoe_bootstrap::Metrics;
use gumshoe_domain::alert::next_steps;
use gumshoe_domain::case::{self, Assessment, Ending, FindingRecord, OpenInvestigation};
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::verdict::Weights;
use gumshoe_domain::{Alert, CaseKey, CaseRecord, Finding, Indicator, Investigation, Verdict, VerdictLevel, indicator};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Everything that assess-case works with.
pub(crate) struct AssessCase {
    pub(crate) table: CaseTable,
    pub(crate) detective: Detective,
    pub(crate) accounts: Accounts,
    pub(crate) evidence: Evidence,
    pub(crate) events: Events,
    pub(crate) metrics: Metrics,
    pub(crate) threshold: VerdictLevel,
    pub(crate) weights: Weights,
}

/// What the state machine sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
    /// Why there is no result to read, where an earlier step found out.
    #[serde(default)]
    not_investigated: Option<NotInvestigated>,
    /// No other round follows: the case takes no more findings from here on.
    #[serde(default)]
    last_round: bool,
    /// No other investigation follows.
    #[serde(default)]
    last_investigation: bool,
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
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Outcome {
    /// People are to hear of it.
    Alert,
    /// It is closed.
    Closed,
    /// A finding joined in between: assess again.
    Changed,
    /// Nothing of note, but findings joined whose activity the investigation has not seen: investigate again.
    Outdated,
}

/// Assesses the case as it is now.
pub(crate) async fn handle(app: &AssessCase, input: Input, now: Timestamp) -> Result<Output, StepError> {
    if input.last_round {
        app.table.seal(&input.case).await?;
    }
    // The case first, the findings after: what joins in between is seen, but not counted as seen, and assessed again.
    let case = app.table.case(&input.case).await?;
    let records = app.table.findings(&case.key).await?;
    let findings: Vec<Finding> = records.iter().map(|record| record.finding.clone()).collect();
    let mut not_investigated = input.not_investigated.map(readable);
    let answers = match (&not_investigated, &case.investigation) {
        (None, Some(investigation)) => Some(answers(app, investigation).await?),
        (None, None) => {
            return Err(StepError::OutOfTurn { case_id: case.key.case_id, lacks: "the investigation" });
        }
        (Some(_), _) => None,
    };
    let indicators = answers.as_ref().map(|it| it.indicators.as_slice()).unwrap_or_default();
    let detective_severity = answers.as_ref().and_then(|it| it.investigation.severity);
    let verdict = Verdict::weigh(&findings, indicators, &app.weights);
    let quiet = verdict.alert_cause(app.threshold, detective_severity, not_investigated.is_none()).is_none();
    if quiet && let Some(unseen) = unseen_activity(&case, &findings) {
        if !input.last_round && !input.last_investigation {
            tracing::info!(case.id = %case.key.case_id, "findings joined whose activity lies after the investigation");
            return Ok(Output { outcome: Outcome::Outdated, level: None, score: None, needs_operator: false });
        }
        not_investigated = Some(unseen);
    }
    let cause = verdict.alert_cause(app.threshold, detective_severity, not_investigated.is_none());
    let mut assessment = Assessment {
        at: now,
        joined: case.joined,
        revision: case::assessed_revision(&case),
        alert_cause: case::cause_to_tell(&case, cause),
        detective_severity,
        indicators: indicator::group(indicators),
        techniques: indicator::techniques(indicators),
        next_steps: next_steps(&case.principal, &findings, indicators, not_investigated.is_none()),
        account_names: app.accounts.names(accounts_of(&case, &findings)).await,
        report: None,
        not_investigated,
        verdict,
    };
    let ending = case::after_assessment(&case, &assessment);
    if matches!(ending, Ending::Alert | Ending::CloseQuietly) {
        assessment.report = record::keep(app, &case, &assessment, &records, answers.as_ref(), now).await;
    }
    let outcome = match ending {
        Ending::AlreadyClosed => {
            // An earlier try closed it, and may have failed at the event.
            tell_of_quiet_end(app, &case, &records).await?;
            Outcome::Closed
        }
        Ending::AlertAsAssessedBefore => Outcome::Alert,
        Ending::Alert => match app.table.note_assessment(&case.key, &assessment).await {
            Ok(()) => Outcome::Alert,
            Err(TableError::Changed(_)) => Outcome::Changed,
            Err(error) => return Err(error.into()),
        },
        Ending::CloseQuietly => match app.table.close_quietly(&case.key, &assessment).await {
            Ok(()) => {
                let closed = CaseRecord { assessment: Some(assessment.clone()), ..case };
                tell_of_quiet_end(app, &closed, &records).await?;
                Outcome::Closed
            }
            Err(TableError::Changed(_)) => Outcome::Changed,
            Err(error) => return Err(error.into()),
        },
    };
    tracing::info!(case.id = %input.case.case_id, level = %assessment.verdict.level, score = assessment.verdict.score,
        findings = findings.len(), indicators = indicators.len(), report = assessment.report.is_some(), ?outcome, "the case was assessed");
    Ok(Output {
        outcome,
        level: Some(assessment.verdict.level),
        score: Some(assessment.verdict.score),
        needs_operator: assessment.not_investigated.is_some_and(|reason| reason.needs_an_operator()),
    })
}

/// Activity that the case's investigation cannot have seen, because it lies after the time looked at.
fn unseen_activity(case: &CaseRecord, findings: &[Finding]) -> Option<NotInvestigated> {
    let end = case.investigation.as_ref()?.scope.end;
    let unseen = findings.iter().filter(|finding| finding.last_seen.is_some_and(|seen| seen > end)).count();
    (unseen > 0).then(|| NotInvestigated {
        error: "ActivityAfterInvestigation".to_owned(),
        cause: format!("{unseen} findings have activity after {end}, where the investigation ends"),
    })
}

/// What Detective answered.
pub(crate) struct Answers {
    pub(crate) investigation: Investigation,
    pub(crate) indicators: Vec<Indicator>,
}

async fn answers(app: &AssessCase, investigation: &OpenInvestigation) -> Result<Answers, StepError> {
    let (graph_arn, id) = (&investigation.graph_arn, &investigation.id);
    let investigation = app.detective.investigation(graph_arn, id).await?;
    Ok(Answers { investigation, indicators: app.detective.indicators(graph_arn, id).await? })
}

/// The accounts that people read of: the principal's, and those that own the findings.
fn accounts_of<'a>(case: &'a CaseRecord, findings: &'a [Finding]) -> BTreeSet<&'a str> {
    findings.iter().filter_map(Finding::owner).chain(case.principal.account_id()).collect()
}

/// Tells EventBridge of a case that ended quietly. One that people were alerted of is told of by send-alert.
async fn tell_of_quiet_end(app: &AssessCase, case: &CaseRecord, records: &[FindingRecord]) -> Result<(), StepError> {
    match &case.assessment {
        Some(assessment) if assessment.alert_cause.is_none() => {
            let alert = Alert::new(case, assessment, records, false);
            let event = CaseEvent::ClosedQuietly;
            Ok(app.events.put(&[(event.detail_type(), ocsf::detail(&alert, event).to_string())]).await?)
        }
        _ => Ok(()),
    }
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
        let reason = |cause: &str| NotInvestigated { error: "DetectiveAccessDenied".into(), cause: cause.into() };
        let json = r#"{"errorType":"DetectiveAccessDenied","errorMessage":"ListGraphs was denied"}"#;
        assert_eq!(readable(reason(json)).cause, "ListGraphs was denied");
        assert_eq!(readable(reason("plain")).cause, "plain");
    }
}
