//! One revision of a case's alert.
//!
//! The order matters: claim, publish, record, close, and only then the events. What fails after closing is tried again
//! without publishing anything a second time; nothing that EventBridge does can hold back an alert or repeat it.

use crate::app::App;
use crate::error::StepError;
use gumshoe_alerts::Alert;
use gumshoe_alerts::channels::ocsf::{self, CaseEvent};
use gumshoe_alerts::channels::{chat, email, json};
use gumshoe_aws::topic::{TopicError, TopicMessage};
use gumshoe_domain::assessment::Assessment;
use gumshoe_domain::case::flows::{SendFailure, SendFlow, SendOutcome, SendStep, record_published_write};
use gumshoe_domain::error::{MissingPrerequisite, with_causes};
use gumshoe_domain::{CaseKey, CaseRecord};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the state machine sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
    /// This revision is published, as an earlier try told, and only that is to be recorded.
    #[serde(default)]
    published: Option<u32>,
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
    /// The case is watched: its alert was taken back, and its second look is to come.
    Watching,
    /// A finding joined since it was assessed: assess again.
    Changed,
    /// It is published, but that could not be recorded: call again with `published`.
    Unrecorded,
    /// It is recorded.
    Recorded,
}

/// Publishes the assessed revision, once as far as can be known, and closes the case if nothing has joined since.
pub(crate) async fn handle(app: &App, input: Input, now: impl Fn() -> Timestamp) -> Result<Output, StepError> {
    let key = &input.case;
    let case_id = || key.case_id.clone();
    if let Some(revision) = input.published {
        app.table.write(key, &record_published_write(revision, now()), None).await?;
        return Ok(Output { outcome: Outcome::Recorded, revision });
    }
    let mut case = app.table.case(key).await?;
    let mut sending = SendFlow::begin().read(case.progress, now());
    let mut refusal = None;
    let sent = loop {
        sending = match sending.step(now()) {
            SendStep::Read => {
                case = app.table.case(key).await?;
                sending.read(case.progress, now())
            }
            SendStep::Write(write) => match app.table.write(key, &write, None).await {
                Ok(went_through) => sending.wrote(went_through),
                Err(error) => {
                    let Some(next) = sending.after_failed_write() else { return Err(error.into()) };
                    tracing::error!(case.id = %key.case_id, error.message = %with_causes(&error),
                        "the alert is published, but that could not be recorded");
                    next
                }
            },
            SendStep::Publish { revision, repeated } => {
                if repeated {
                    tracing::warn!(case.id = %case_id(), revision,
                        "could not confirm that this revision was published; it is published again, marked as repeated");
                }
                let message = message(&alert_of(app, &case, repeated).await?)?;
                let published = app.topic.publish(&message).await;
                let taken = published.is_ok();
                refusal = published.err();
                sending.published(taken, now())
            }
            SendStep::Done(sent) => break sent,
            SendStep::Fail(stop) => return Err(stopped(stop, case_id(), refusal)),
        }
    };
    let revision = assessment_of(&case)?.revision;
    tracing::info!(case.id = %case_id(), revision, ?sent, "the alert was sent");
    let outcome = match sent {
        SendOutcome::Closed | SendOutcome::ClosedBefore => {
            // Also where an earlier try closed it: it may have failed at the events.
            put_events(app, &alert_of(app, &case, false).await?, true).await?;
            Outcome::Closed
        }
        SendOutcome::ClosedQuietly => Outcome::Closed,
        SendOutcome::Watching => {
            // Also where an earlier try has brought it so far: it may have failed at the event.
            if assessment_of(&case)?.alert_cause.is_some() {
                put_events(app, &alert_of(app, &case, false).await?, false).await?;
            }
            Outcome::Watching
        }
        // The case goes on, and its later events say all that this one would have.
        SendOutcome::Changed => {
            if let Err(error) = put_events(app, &alert_of(app, &case, false).await?, false).await {
                tracing::error!(case.id = %case_id(), error.message = %with_causes(&error), "an event is left out");
            }
            Outcome::Changed
        }
        SendOutcome::Unrecorded => Outcome::Unrecorded,
    };
    Ok(Output { outcome, revision })
}

fn stopped(stop: SendFailure, case_id: String, refusal: Option<TopicError>) -> StepError {
    match (stop, refusal) {
        (SendFailure::NotPublished, Some(error)) => error.into(),
        (SendFailure::InFlight, _) => StepError::AlertInFlight { case_id },
        (SendFailure::ClaimExpired, _) => StepError::ClaimedTooLate { case_id },
        (SendFailure::Changed | SendFailure::NotPublished, _) => StepError::CaseChanged { case_id },
        (SendFailure::NoAssessment, _) => MissingPrerequisite { case_id, missing: "an assessment" }.into(),
    }
}

fn assessment_of(case: &CaseRecord) -> Result<&Assessment, StepError> {
    let missing = || MissingPrerequisite { case_id: case.key.case_id.clone(), missing: "an assessment" };
    Ok(case.assessment.as_ref().ok_or_else(missing)?)
}

async fn alert_of(app: &App, case: &CaseRecord, repeated: bool) -> Result<Alert, StepError> {
    let findings = app.table.findings(case).await?;
    Ok(Alert::new(case, assessment_of(case)?, &findings, repeated))
}

/// Tells EventBridge of the alert, and of the case's end.
async fn put_events(app: &App, alert: &Alert, closed: bool) -> Result<(), StepError> {
    let event = |event: CaseEvent| (event.detail_type(), ocsf::detail(alert, event).to_string());
    let mut events = vec![event(CaseEvent::Alerted)];
    if closed {
        events.push(event(CaseEvent::Closed));
    }
    Ok(app.events.put(&events).await?)
}

fn message(alert: &Alert) -> Result<TopicMessage, TopicError> {
    Ok(TopicMessage {
        subject: email::subject(alert),
        email_body: email::body(alert),
        json_body: json::body(alert).map_err(TopicError::Message)?,
        chat_body: chat::body(alert),
        attributes: BTreeMap::from([
            ("case_id", alert.case_id.clone()),
            ("revision", alert.revision.to_string()),
            ("repeated", alert.repeated.to_string()),
            ("level", alert.verdict.level.to_string()),
            ("cause", alert.cause.as_str().to_owned()),
        ]),
    })
}

#[cfg(test)]
mod tests;
