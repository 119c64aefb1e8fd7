//! Sends one revision of a case's alert.
//!
//! The order is: claim, publish, record, close, and only then the events. After a failure of the last two the retry does not publish the
//! alert again; a failure of EventBridge neither delays nor repeats an alert.

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

/// The input from the state machine.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    case: CaseKey,
    /// An earlier call published this revision and could not record it: this call only records it.
    #[serde(default, rename = "published")]
    published_revision: Option<u32>,
}

/// The result for the state machine.
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
    /// The case is watched: its alert was resolved, and it waits for its follow-up investigation.
    Watching,
    /// A finding joined since the case was assessed: assess it again.
    #[serde(rename = "CHANGED")]
    FindingJoined,
    /// The revision is published, but that could not be recorded: call again with `published`.
    #[serde(rename = "UNRECORDED")]
    PublishedUnrecorded,
    /// The published revision is recorded.
    Recorded,
}

/// Publishes the assessed revision, and closes the case if no finding has joined since. The revision is published again, marked as repeated,
/// only if it is not known whether an earlier attempt published it.
pub(crate) async fn handle(app: &App, input: Input, now: impl Fn() -> Timestamp) -> Result<Output, StepError> {
    let key = &input.case;
    let case_id = || key.case_id.clone();
    if let Some(revision) = input.published_revision {
        app.table.write(key, &record_published_write(revision, now()), None).await?;
        return Ok(Output { outcome: Outcome::Recorded, revision });
    }
    let mut case = app.table.case(key).await?;
    let mut flow = SendFlow::begin().read(case.progress, now());
    let mut publish_error = None;
    let sent = loop {
        flow = match flow.step(now()) {
            SendStep::Read => {
                case = app.table.case(key).await?;
                flow.read(case.progress, now())
            }
            SendStep::Write(write) => match app.table.write(key, &write, None).await {
                Ok(went_through) => flow.wrote(went_through),
                Err(error) => {
                    let Some(next) = flow.after_failed_write() else { return Err(error.into()) };
                    tracing::warn!(case.id = %key.case_id, error.message = %with_causes(&error),
                        "the alert is published, but that could not be recorded; the state machine retries recording it");
                    next
                }
            },
            SendStep::Publish { revision, repeated } => {
                if repeated {
                    tracing::warn!(case.id = %case_id(), revision,
                        "an earlier attempt may have published this revision; publishing it again, marked as repeated");
                }
                let message = message(&build_alert(app, &case, repeated).await?)?;
                let published = app.topic.publish(&message).await;
                let was_published = published.is_ok();
                publish_error = published.err();
                flow.published(was_published, now())
            }
            SendStep::Done(sent) => break sent,
            SendStep::Fail(failure) => return Err(send_error(failure, case_id(), publish_error)),
        }
    };
    let revision = require_assessment(&case)?.revision;
    // A case that was closed before, or without an alert, had nothing to publish in this call.
    let text = match sent {
        SendOutcome::ClosedBefore => "an earlier attempt sent the alert and closed the case",
        SendOutcome::ClosedQuietly => "the case was closed without an alert",
        SendOutcome::Closed | SendOutcome::Watching | SendOutcome::FindingJoined | SendOutcome::Unrecorded => {
            "sent the alert"
        }
    };
    tracing::info!(case.id = %case_id(), revision, outcome = ?sent, "{text}");
    let outcome = match sent {
        SendOutcome::Closed | SendOutcome::ClosedBefore => {
            // Publish the events again even if an earlier attempt closed the case: that attempt may have failed before publishing.
            put_events(app, &build_alert(app, &case, false).await?, true).await?;
            Outcome::Closed
        }
        SendOutcome::ClosedQuietly => Outcome::Closed,
        SendOutcome::Watching => {
            // Publish the event again even if an earlier attempt ended the case: that attempt may have failed before publishing.
            if require_assessment(&case)?.alert_cause.is_some() {
                put_events(app, &build_alert(app, &case, false).await?, false).await?;
            }
            Outcome::Watching
        }
        // The case continues, and its later events contain what this one would have.
        SendOutcome::FindingJoined => {
            if let Err(error) = put_events(app, &build_alert(app, &case, false).await?, false).await {
                tracing::warn!(case.id = %case_id(), error.message = %with_causes(&error),
                    "could not publish the event of this revision; a later event of the case replaces it");
            }
            Outcome::FindingJoined
        }
        SendOutcome::Unrecorded => Outcome::PublishedUnrecorded,
    };
    Ok(Output { outcome, revision })
}

fn send_error(failure: SendFailure, case_id: String, publish_error: Option<TopicError>) -> StepError {
    match (failure, publish_error) {
        (SendFailure::NotPublished, Some(error)) => error.into(),
        (SendFailure::InFlight, _) => StepError::AlertInFlight { case_id },
        (SendFailure::ClaimExpired, _) => StepError::ClaimExpired { case_id },
        (SendFailure::ConcurrentChange | SendFailure::NotPublished, _) => StepError::ConcurrentChange { case_id },
        (SendFailure::NoAssessment, _) => MissingPrerequisite { case_id, missing: "an assessment" }.into(),
    }
}

fn require_assessment(case: &CaseRecord) -> Result<&Assessment, StepError> {
    let missing = || MissingPrerequisite { case_id: case.key.case_id.clone(), missing: "an assessment" };
    Ok(case.assessment.as_ref().ok_or_else(missing)?)
}

async fn build_alert(app: &App, case: &CaseRecord, repeated: bool) -> Result<Alert, StepError> {
    let findings = app.table.findings(case).await?;
    Ok(Alert::new(case, require_assessment(case)?, &findings, repeated))
}

/// Publishes the event of the alert, and of the case's end if it is closed.
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
