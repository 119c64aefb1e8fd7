//! One revision of a case's alert.
//!
//! The order matters: claim, publish, record, close, and only then the events. What fails after closing is tried again
//! without publishing anything a second time; nothing that EventBridge does can hold back an alert or repeat it.

use gumshoe_alerts::ocsf::{self, CaseEvent};
use gumshoe_alerts::{chat, email, machine};
use gumshoe_aws::StepError;
use gumshoe_aws::case_table::{CaseTable, TableError};
use gumshoe_aws::error::with_causes;
use gumshoe_aws::events::Events;
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
    pub(crate) events: Events,
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
        // An earlier try closed it, and may have failed at the events. (Or another execution did, quietly.)
        if case.published_revision >= assessment.revision {
            put_events(app, &alert_of(app, &case, assessment, false).await?, true).await?;
        }
        return Ok(Output { outcome: Outcome::Closed, revision: case.published_revision });
    }
    let claim = case::claim(&case);
    let alert = alert_of(app, &case, assessment, matches!(claim, Claim::Again(_))).await?;
    let revision = match claim {
        Claim::First(revision) => {
            app.table.claim(&case.key, assessment).await?;
            app.topic.publish(&message(&alert)?).await?;
            revision
        }
        Claim::Again(revision) => {
            tracing::warn!(case.id = %case.key.case_id, revision,
                "nobody knows whether this revision arrived; it is published again, marked");
            app.topic.publish(&message(&alert)?).await?;
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
    match outcome {
        Outcome::Closed => put_events(app, &alert, true).await?,
        // The case goes on, and its later events say all that this one would have.
        Outcome::Changed => {
            if let Err(error) = put_events(app, &alert, false).await {
                tracing::error!(case.id = %case.key.case_id, error.message = %with_causes(&error), "an event is left out");
            }
        }
    }
    Ok(Output { outcome, revision })
}

async fn alert_of(
    app: &SendAlert,
    case: &CaseRecord,
    assessment: &Assessment,
    repeated: bool,
) -> Result<Alert, TableError> {
    let findings = app.table.findings(&case.key).await?;
    Ok(Alert::new(case, assessment, &findings, repeated))
}

/// Tells EventBridge of the alert, and of the case's end.
async fn put_events(app: &SendAlert, alert: &Alert, closed: bool) -> Result<(), StepError> {
    let event = |event: CaseEvent| (event.detail_type(), ocsf::detail(alert, event).to_string());
    let mut events = vec![event(CaseEvent::Alerted)];
    if closed {
        events.push(event(CaseEvent::Closed));
    }
    Ok(app.events.put(&events).await?)
}

fn message(alert: &Alert) -> Result<Message, TopicError> {
    Ok(Message {
        subject: email::subject(alert),
        text: email::body(alert),
        json: machine::body(alert)?,
        chat: chat::body(alert),
        attributes: BTreeMap::from([
            ("case_id", alert.case_id.clone()),
            ("revision", alert.revision.to_string()),
            ("repeated", alert.repeated.to_string()),
            ("level", alert.verdict.level.to_string()),
            ("cause", alert.cause.word().to_owned()),
        ]),
    })
}
