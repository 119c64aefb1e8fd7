//! One revision of a case's alert.

use gumshoe_alerts::{email, machine};
use gumshoe_aws::StepError;
use gumshoe_aws::case_table::{CaseTable, TableError};
use gumshoe_aws::topic::{Message, Topic, TopicError};
use gumshoe_domain::case::{self, Assessment, Claim};
use gumshoe_domain::{Alert, CaseKey, CaseRecord, CaseStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that send-alert works with.
pub(crate) struct SendAlert {
    pub(crate) table: CaseTable,
    pub(crate) topic: Topic,
}

/// What the state machine sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
}

/// What the state machine gets.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    outcome: Outcome,
    revision: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Outcome {
    /// The case is closed.
    Closed,
    /// A finding joined since it was assessed: assess again.
    Changed,
}

/// Publishes the assessed revision, once as far as can be known, and closes the case if nothing has joined since.
pub(crate) async fn handle(app: &SendAlert, input: Input, now: impl Fn() -> Timestamp) -> Result<Output, StepError> {
    let case = app.table.case(&input.case).await?;
    let not_assessed = || StepError::OutOfTurn { case_id: input.case.case_id.clone(), lacks: "an assessment" };
    let assessment = case.assessment.as_ref().ok_or_else(not_assessed)?;
    if case.status == CaseStatus::Closed {
        return Ok(Output { outcome: Outcome::Closed, revision: case.published_revision });
    }
    let revision = match case::claim(&case) {
        Claim::First(revision) => {
            app.table.claim(&case.key, assessment).await?;
            publish(app, &case, assessment, false).await?;
            revision
        }
        Claim::Again(revision) => {
            tracing::warn!(case.id = %case.key.case_id, revision,
                "nobody knows whether this revision arrived; it is published again, marked");
            publish(app, &case, assessment, true).await?;
            revision
        }
        Claim::Published(revision) => revision,
        Claim::NothingAssessed => return Err(not_assessed()),
    };
    app.table.note_published(&case.key, revision, now()).await?;
    let outcome = match app.table.close_alerted(&case.key, assessment, now()).await {
        Ok(()) => Outcome::Closed,
        Err(TableError::Changed(_)) => Outcome::Changed,
        Err(error) => return Err(error.into()),
    };
    tracing::info!(case.id = %case.key.case_id, revision, ?outcome, "the alert was sent");
    Ok(Output { outcome, revision })
}

async fn publish(app: &SendAlert, case: &CaseRecord, assessment: &Assessment, repeated: bool) -> Result<(), StepError> {
    let findings = app.table.findings(&case.key).await?;
    let alert = Alert::new(case, assessment, &findings, repeated);
    app.topic.publish(&message(&alert)?).await?;
    Ok(())
}

fn message(alert: &Alert) -> Result<Message, TopicError> {
    Ok(Message {
        subject: email::subject(alert),
        text: email::body(alert),
        json: machine::body(alert)?,
        attributes: BTreeMap::from([
            ("case_id", alert.case_id.clone()),
            ("revision", alert.revision.to_string()),
            ("repeated", alert.repeated.to_string()),
            ("level", alert.verdict.level.to_string()),
        ]),
    })
}
