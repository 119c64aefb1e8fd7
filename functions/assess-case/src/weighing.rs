//! What a case's findings and Detective's answers come to.

use crate::handler::{AssessCase, Input};
use crate::record;
use gumshoe_aws::StepError;
use gumshoe_domain::alert::next_steps;
use gumshoe_domain::case::steps::Weighed;
use gumshoe_domain::case::{Assessed, Assessment, FindingRecord, OpenInvestigation};
use gumshoe_domain::investigation::NotInvestigated;
use gumshoe_domain::{CaseRecord, Finding, Indicator, Investigation, InvestigationSeverity, Verdict, indicator};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeSet;

/// A case with all that was read of it, weighed.
pub(crate) struct Weighing {
    pub(crate) case: CaseRecord,
    pub(crate) records: Vec<FindingRecord>,
    pub(crate) answers: Option<Answers>,
    pub(crate) not_investigated: Option<NotInvestigated>,
    pub(crate) verdict: Verdict,
    pub(crate) weighed: Weighed,
}

/// What Detective answered.
pub(crate) struct Answers {
    pub(crate) investigation: Investigation,
    pub(crate) indicators: Vec<Indicator>,
}

impl Weighing {
    /// Reads the findings of a case that was read before, and what Detective answers, and weighs them.
    pub(crate) async fn of(app: &AssessCase, case: CaseRecord, input: &Input) -> Result<Self, StepError> {
        let records = app.table.findings(&case).await?;
        let findings: Vec<Finding> = records.iter().map(|record| record.finding.clone()).collect();
        let mut not_investigated = input.not_investigated.clone().map(readable);
        let answers = match (&not_investigated, &case.investigation) {
            (None, Some(investigation)) => Some(answers(app, investigation).await?),
            (None, None) => {
                return Err(StepError::OutOfTurn { case_id: case.key.case_id, lacks: "the investigation" });
            }
            (Some(_), _) => None,
        };
        let indicators = answers.as_ref().map(|it| it.indicators.as_slice()).unwrap_or_default();
        let severity = severity(answers.as_ref());
        let verdict = Verdict::weigh(&findings, indicators, &app.weights);
        let cause = |not_investigated: &Option<NotInvestigated>| {
            verdict.alert_cause(app.threshold, severity, not_investigated.is_none())
        };
        let mut outdated = false;
        if cause(&not_investigated).is_none()
            && let Some(unseen) = unseen_activity(&case, &findings)
        {
            outdated = !input.last_round && !input.last_investigation;
            if outdated {
                tracing::info!(case.id = %case.key.case_id, "findings joined whose activity lies after the investigation");
            } else {
                not_investigated = Some(unseen);
            }
        }
        let weighed = if outdated {
            Weighed::Outdated
        } else {
            Weighed::Verdict { cause: cause(&not_investigated), has_result: not_investigated.is_none() }
        };
        Ok(Self { case, records, answers, not_investigated, verdict, weighed })
    }

    /// What Detective found.
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
            next_steps: next_steps(&self.case.principal, &findings, indicators, has_result),
            account_names: app.accounts.names(accounts_of(&self.case, &findings)).await,
            report: None,
            not_investigated: self.not_investigated.clone(),
            verdict: self.verdict.clone(),
        };
        assessment.report = record::keep(app, self, &assessment, now).await;
        assessment
    }
}

fn severity(answers: Option<&Answers>) -> Option<InvestigationSeverity> {
    answers.and_then(|it| it.investigation.severity)
}

async fn answers(app: &AssessCase, investigation: &OpenInvestigation) -> Result<Answers, StepError> {
    let (graph_arn, id) = (&investigation.graph_arn, &investigation.id);
    let investigation = app.detective.investigation(graph_arn, id).await?;
    Ok(Answers { investigation, indicators: app.detective.indicators(graph_arn, id).await? })
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
        let reason = |cause: &str| NotInvestigated { error: "DetectiveAccessDenied".into(), cause: cause.into() };
        let json = r#"{"errorType":"DetectiveAccessDenied","errorMessage":"ListGraphs was denied"}"#;
        assert_eq!(readable(reason(json)).cause, "ListGraphs was denied");
        assert_eq!(readable(reason("plain")).cause, "plain");
    }
}
