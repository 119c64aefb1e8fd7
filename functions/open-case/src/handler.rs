//! Processes a batch of messages. Each message is processed on its own: if one fails, the others are neither delayed nor repeated.
//!
//! | message | outcome |
//! | --- | --- |
//! | a finding | it opens or joins a case for each of its principals, or is suppressed, or ignored |
//! | the end of a failed execution | the next execution is started, if the case has not ended |
//! | a sweep request | the follow-up investigations that are due are started |
//! | anything else | it is sent to the dead-letter queue immediately, with the cause |
//!
//! After a transient failure (the table, Step Functions, the dead-letter queue) SQS delivers the message again after the visibility
//! timeout, and sooner if it waits for a principal lookup. In its last delivery the function sends it to the dead-letter queue with the
//! cause. (If the function crashes each time, SQS moves it there without a cause.)

use crate::app::{App, MIN_TIME_PER_MESSAGE};
use crate::error::OpenCaseError;
use crate::follow_up_sweep::{is_sweep_request, sweep};
use futures_util::{StreamExt, stream};
use gumshoe_aws::dead_letters::FailedMessage;
use gumshoe_aws::evidence::{DocumentFormat, finding_key};
use gumshoe_aws::principals::ResolvedPrincipal;
use gumshoe_domain::ErrorName;
use gumshoe_domain::admission::{AdmissionRules, IgnoreReason};
use gumshoe_domain::case::flows::IntakeResult;
use gumshoe_domain::case::{FailedExecution, case_subject};
use gumshoe_domain::error::with_causes;
use gumshoe_domain::finding::{ParsedFinding, read_json};
use gumshoe_domain::principal::PrincipalIdentity;
use gumshoe_domain::text::one_line;
use gumshoe_domain::{CaseKey, Finding, FindingError};
use gumshoe_runtime::Metrics;
use gumshoe_runtime::batch::{self, MessageOutcome, QueueMessage, SqsBatchResponse, SqsEvent};
use jiff::Timestamp;
use std::collections::HashSet;
use std::time::Duration;

/// A finding whose principal lookup or evidence write fails for a transient reason is retried up to this delivery. Then the case is
/// opened with the finding's own ARN, and without the evidence: an outage of IAM or S3 must not delay an alert further.
const MAX_RETRIED_DELIVERIES: u32 = 3;

/// The delay before the second delivery of such a message; it doubles for the third. Throttling ends within seconds, and two visibility
/// timeouts of twelve minutes each would delay the case by 24 minutes.
const INITIAL_REDELIVERY_DELAY: Duration = Duration::from_secs(30);

/// The number of cases of one finding that are written concurrently: an attack sequence can have 400 actors.
const MAX_CONCURRENT_CASES: usize = 8;

/// Processes a batch until `deadline`. The response names the messages to deliver again.
pub(crate) async fn handle(
    app: &App,
    event: SqsEvent,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> SqsBatchResponse {
    batch::process_each(&event, async |message| {
        let remaining = deadline.duration_since(now());
        if remaining < MIN_TIME_PER_MESSAGE {
            tracing::warn!(
                message.id = message.id,
                remaining_seconds = remaining.as_secs(),
                "not enough time is left in this invocation; SQS delivers the message again"
            );
            return MessageOutcome::Retry;
        }
        match process_message(app, message, now(), deadline, &now).await {
            Ok(()) => MessageOutcome::Processed,
            Err(failure) => handle_failure(app, message, failure).await,
        }
    })
    .await
}

/// A message that could not be processed in this delivery.
struct ProcessingError {
    error: OpenCaseError,
    /// If `error` is a failed send to the dead-letter queue: the name and cause to send it with.
    rejection: Option<(&'static str, String)>,
}

impl<E: Into<OpenCaseError>> From<E> for ProcessingError {
    fn from(error: E) -> Self {
        Self { error: error.into(), rejection: None }
    }
}

/// Lets SQS redeliver the message, or sends it to the dead-letter queue if this was its last delivery.
async fn handle_failure(
    app: &App,
    message: QueueMessage<'_>,
    ProcessingError { error, rejection }: ProcessingError,
) -> MessageOutcome {
    let QueueMessage { id: message_id, body, receive_count, .. } = message;
    let cause = with_causes(&error);
    let (dead_letter_error, dead_letter_cause) =
        rejection.as_ref().map_or((error.error_name(), cause.as_str()), |(name, cause)| (name, cause.as_str()));
    let failed = FailedMessage {
        message_id,
        body,
        receive_count,
        error_name: Some(error.error_name()),
        cause: &cause,
        dead_letter_error,
        dead_letter_cause,
    };
    if app.dead_letters.send_if_attempts_exhausted(failed).await {
        return MessageOutcome::Processed;
    }
    if let Some(delay) = redelivery_delay(&error, receive_count) {
        redeliver_after(app, message, delay).await;
    }
    MessageOutcome::Retry
}

/// The delay before the next delivery; `None`: the queue's visibility timeout.
fn redelivery_delay(error: &OpenCaseError, receive_count: u32) -> Option<Duration> {
    let doublings = receive_count.saturating_sub(1).min(MAX_RETRIED_DELIVERIES);
    matches!(error, OpenCaseError::PrincipalLookups { .. }).then(|| INITIAL_REDELIVERY_DELAY * 2_u32.pow(doublings))
}

async fn redeliver_after(app: &App, message: QueueMessage<'_>, delay: Duration) {
    if let Err(error) = app.queue.set_redelivery_delay(message.receipt_handle, delay).await {
        tracing::warn!(message.id = message.id, error.message = %with_causes(&error),
            "could not shorten the message's visibility timeout; SQS delivers it again after the queue's default");
    }
}

async fn process_message(
    app: &App,
    message: QueueMessage<'_>,
    received_at: Timestamp,
    deadline: Timestamp,
    now: &impl Fn() -> Timestamp,
) -> Result<(), ProcessingError> {
    let document = match read_json(message.body) {
        Ok(document) => document,
        Err(error) => return reject(app, message, &error).await,
    };
    if let Some(ended) = FailedExecution::from_json(&document) {
        return Ok(app.intake.restart_execution(&ended).await?);
    }
    if is_sweep_request(&document) {
        return Ok(sweep(app, deadline, now).await?);
    }
    match ParsedFinding::from_json(&document) {
        Ok(mut parsed) => {
            replace_implausible_values(app, &mut parsed, message.sent_at.unwrap_or(received_at), received_at);
            Ok(process_finding(app, parsed, message, received_at).await?)
        }
        Err(error) => reject(app, message, &error).await,
    }
}

/// Replaces implausible numbers of a finding, such as a time in the future, logs and counts them. Otherwise the finding is processed like
/// any other.
fn replace_implausible_values(app: &App, parsed: &mut ParsedFinding, sent_at: Timestamp, now: Timestamp) {
    for invalid_value in parsed.replace_invalid_values(sent_at) {
        tracing::warn!(finding.id = %parsed.finding().id, reason = %invalid_value,
            "replaced an implausible value of the finding; the finding is processed without it");
        app.metrics.count("ImplausibleNumbers", "Field", invalid_value.metric_name(), now);
    }
}

/// Adds the finding to the case of each of its principals.
///
/// Principals whose lookup failed for a transient reason wait for the message's next delivery, up to [`MAX_RETRIED_DELIVERIES`]; the
/// others do not wait for them.
async fn process_finding(
    app: &App,
    mut parsed: ParsedFinding,
    message: QueueMessage<'_>,
    now: Timestamp,
) -> Result<(), OpenCaseError> {
    if let Some(reason) = app.admission.ignore_reason_before_lookup(parsed.finding()) {
        log_ignored(app, parsed.finding(), reason, now);
        return Ok(());
    }
    let resolved = app.principals.resolve_all(parsed.take_candidates()).await;
    let waits = |it: &&ResolvedPrincipal| it.is_provisional && message.receive_count < MAX_RETRIED_DELIVERIES;
    let waiting: HashSet<PrincipalIdentity> = resolved.iter().filter(waits).map(|it| it.principal.identity()).collect();
    let findings = parsed.into_findings(resolved.into_iter().map(|it| it.principal).collect());
    // While a lookup is pending, no case is opened for the finding itself: the lookup may still find a principal.
    let ready = findings.iter().filter(|finding| {
        waiting.is_empty() || (finding.principal.entity().is_some() && !waiting.contains(&finding.principal.identity()))
    });
    let outcomes: Vec<Result<(), OpenCaseError>> = stream::iter(ready)
        .map(|finding| async move {
            match app.admission.ignore_reason(finding) {
                Some(reason) => {
                    log_ignored(app, finding, reason, now);
                    Ok(())
                }
                None => {
                    let received = app.intake.admit(finding, now).await?;
                    store_finding(app, finding, received, message, now).await
                }
            }
        })
        .buffer_unordered(MAX_CONCURRENT_CASES)
        .collect()
        .await;
    outcomes.into_iter().collect::<Result<(), OpenCaseError>>()?;
    if waiting.is_empty() { Ok(()) } else { Err(OpenCaseError::PrincipalLookups { count: waiting.len() }) }
}

/// Stores the finding as GuardDuty sent it in the evidence bucket.
///
/// Its case is already open by then. After a transient failure the next delivery retries it, up to [`MAX_RETRIED_DELIVERIES`]; then the
/// evidence lacks the finding, but neither the case nor its alert is delayed.
async fn store_finding(
    app: &App,
    finding: &Finding,
    received: IntakeResult,
    message: QueueMessage<'_>,
    now: Timestamp,
) -> Result<(), OpenCaseError> {
    // An earlier delivery of the message may have failed before the finding was stored.
    let needs_storing = received.is_new_information() || message.receive_count > 1;
    let Some(number) = received.case.filter(|_| needs_storing) else { return Ok(()) };
    let case_id = CaseKey::new(&case_subject(finding), number).case_id;
    let key = finding_key(&case_id, finding);
    match app.evidence.store(&key, DocumentFormat::Json, message.body.as_bytes().to_vec()).await {
        Ok(()) => Ok(()),
        Err(error) if message.receive_count < MAX_RETRIED_DELIVERIES => Err(OpenCaseError::Evidence(error)),
        Err(error) => {
            tracing::error!(case.id = %case_id, finding.id = %finding.id, object.key = key,
                error.message = %with_causes(&error),
                "could not store the finding in the evidence bucket; the case continues without it; \
                 check the bucket's policy and its KMS key");
            app.metrics.count("EvidenceNotKept", "Kind", "Finding", now);
            Ok(())
        }
    }
}

/// Logs and counts an ignored finding, with the reason. Severe ones are counted separately, for an alarm.
fn log_ignored(app: &App, finding: &Finding, reason: IgnoreReason, now: Timestamp) {
    let (name, finding_id) = (reason.metric_name(), &finding.id);
    app.metrics.count("FindingsIgnored", "Reason", name, now);
    if reason.is_reported_when_ignored(finding.severity) {
        tracing::warn!(finding.id = %finding_id, outcome = "ignored", reason = name, reason.text = %reason,
            "ignored a High or Critical finding; examine it in GuardDuty");
        app.metrics.count("SevereFindingsIgnored", "Reason", name, now);
    } else {
        tracing::info!(finding.id = %finding_id, outcome = "ignored", reason = name, reason.text = %reason,
            "ignored the finding");
    }
}

/// Logs and counts the entries of `IncludeFindingTypes` that match no known finding type. Findings of a misspelled type are ignored
/// without any other sign. It is called at start-up, so it costs one warning for the life of a function.
pub(crate) fn warn_about_unknown_finding_types(admission: &AdmissionRules, metrics: &Metrics, now: Timestamp) {
    let unknown = admission.unknown_finding_types();
    for entry in &unknown {
        tracing::warn!(entry = %one_line(entry, 200),
            "an entry of IncludeFindingTypes matches no known finding type; correct the parameter");
    }
    if !unknown.is_empty() {
        metrics.record_gauges(&[("UnknownFindingTypes", unknown.len())], now);
    }
}

/// Sends an invalid message to the dead-letter queue.
async fn reject(app: &App, message: QueueMessage<'_>, error: &FindingError) -> Result<(), ProcessingError> {
    let name = match error {
        FindingError::NotJson(_) => "NotJson",
        FindingError::OtherEvent => "OtherEvent",
        FindingError::NotOneFinding { .. } => "NotOneFinding",
        FindingError::NotAFinding { .. } => "NotAFinding",
    };
    // The cause contains a path, what is expected there and at most the type of what was found: never text of the message, which
    // attackers may have written.
    let cause = with_causes(error);
    match app.dead_letters.send(message.body, name, &cause).await {
        Ok(()) => {
            tracing::error!(message.id = message.id, error.name = name, error.message = %cause,
                "the message is not a GuardDuty finding; sent it to the dead-letter queue");
            Ok(())
        }
        Err(error) => Err(ProcessingError { error: OpenCaseError::DeadLetters(error), rejection: Some((name, cause)) }),
    }
}

#[cfg(test)]
mod tests;
