//! A batch of messages: each is worked by itself, and one that fails neither holds back nor repeats the others.
//!
//! What becomes of a message:
//! - worked, left alone or suppressed: it is done;
//! - the end of an execution that failed: the next is started, if its case has not ended;
//! - a request for the second looks that are due: they begin;
//! - not a finding: it will never be one, so it goes to the dead-letter queue at once, with the cause beside it;
//! - a failure that may pass (the table, Step Functions, the dead-letter queue itself): it is reported as failed, comes
//!   back after the queue's visibility time-out, and goes to the dead-letter queue, with the cause, when it has failed too
//!   often. (If the function dies of it each time, SQS moves it, without a cause.) What waits for a look-up comes back sooner.

use crate::app::{App, ENOUGH};
use crate::error::StepError;
use crate::second_looks::{asks_for_sweep, sweep};
use futures_util::{StreamExt, stream};
use gumshoe_aws::dead_letters::FailedMessage;
use gumshoe_aws::evidence::{DocumentFormat, finding_key};
use gumshoe_aws::principals::ResolvedPrincipal;
use gumshoe_domain::Named;
use gumshoe_domain::admission::{AdmissionRules, IgnoreReason};
use gumshoe_domain::case::flows::Received;
use gumshoe_domain::case::{EndedExecution, subject_of};
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

/// A look-up that fails for now is made again when the queue delivers the message anew, up to this delivery. Then the case
/// is opened with the best ARN known: an outage of IAM must not keep people from hearing of a finding.
const PATIENT_DELIVERIES: u32 = 3;

/// How long such a message waits for its second delivery; twice as long for the third. Throttling ends within seconds, and the
/// queue's visibility time-out of twelve minutes would hold the case back for twenty-four.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// How many cases of one finding are opened or joined at a time: an attack sequence can have 400 actors.
const CASES_AT_A_TIME: usize = 8;

/// Works a batch until `deadline`. Lambda is told which messages failed.
pub(crate) async fn handle(
    app: &App,
    event: SqsEvent,
    deadline: Timestamp,
    now: impl Fn() -> Timestamp,
) -> SqsBatchResponse {
    batch::process_each(&event, async |message| {
        if deadline.duration_since(now()) < ENOUGH {
            tracing::warn!(message.id = message.id, "no time is left for the message; it goes back to the queue");
            return MessageOutcome::Retry;
        }
        match work(app, message, now(), deadline, &now).await {
            Ok(()) => MessageOutcome::Processed,
            Err(failure) => after(app, message, failure).await,
        }
    })
    .await
}

/// Why a message could not be worked for now.
struct Failure {
    error: StepError,
    /// What it should have been dead-lettered with, if that is what failed.
    unworkable: Option<(&'static str, String)>,
}

impl<E: Into<StepError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: error.into(), unworkable: None }
    }
}

/// What becomes of a message that failed: it comes back, or goes to the dead-letter queue with its cause.
async fn after(app: &App, message: QueueMessage<'_>, Failure { error, unworkable }: Failure) -> MessageOutcome {
    let QueueMessage { id: message_id, body, receive_count, .. } = message;
    let cause = with_causes(&error);
    let (dead_letter_error, dead_letter_cause) =
        unworkable.as_ref().map_or((error.name(), cause.as_str()), |(name, why)| (name, why.as_str()));
    let failed = FailedMessage {
        message_id,
        body,
        receive_count,
        error_name: Some(error.name()),
        cause: &cause,
        dead_letter_error,
        dead_letter_cause,
    };
    if app.dead_letters.send_if_attempts_exhausted(failed).await {
        return MessageOutcome::Processed;
    }
    if let Some(wait) = shorter_wait(&error, receive_count) {
        bring_back_in(app, message, wait).await;
    }
    MessageOutcome::Retry
}

/// How long a message waits for its next delivery that failed like this in its delivery of that number; nothing where it waits
/// for the queue's visibility time-out.
fn shorter_wait(error: &StepError, receive_count: u32) -> Option<Duration> {
    let doublings = receive_count.saturating_sub(1).min(PATIENT_DELIVERIES);
    matches!(error, StepError::Principals { .. }).then(|| FIRST_WAIT * 2_u32.pow(doublings))
}

/// If this fails, the message comes back later.
async fn bring_back_in(app: &App, message: QueueMessage<'_>, wait: Duration) {
    if let Err(error) = app.queue.set_redelivery_delay(message.receipt_handle, wait).await {
        tracing::warn!(message.id = message.id, error.message = %with_causes(&error),
            "the message comes back after the queue's visibility time-out");
    }
}

async fn work(
    app: &App,
    message: QueueMessage<'_>,
    moment: Timestamp,
    deadline: Timestamp,
    now: &impl Fn() -> Timestamp,
) -> Result<(), Failure> {
    let document = match read_json(message.body) {
        Ok(document) => document,
        Err(error) => return set_aside(app, message, &error).await,
    };
    if let Some(ended) = EndedExecution::from_json(&document) {
        return Ok(app.intake.succeed(&ended).await?);
    }
    if asks_for_sweep(&document) {
        return Ok(sweep(app, deadline, now).await?);
    }
    match ParsedFinding::from_json(&document) {
        Ok(mut parsed) => {
            correct(app, &mut parsed, message.sent_at.unwrap_or(moment), moment);
            Ok(take(app, parsed, message, moment).await?)
        }
        Err(error) => set_aside(app, message, &error).await,
    }
}

/// Replaces numbers of a finding that are out of the possible, and says so. The finding is worked as any other.
fn correct(app: &App, parsed: &mut ParsedFinding, came_at: Timestamp, now: Timestamp) {
    for invalid_value in parsed.replace_invalid_values(came_at) {
        tracing::warn!(finding.id = %parsed.finding().id, reason = %invalid_value,
            "a number of the finding is not believed; the finding is worked without it");
        app.metrics.count("ImplausibleNumbers", "Field", invalid_value.metric_name(), now);
    }
}

/// Joins the finding to the case of each of its principals.
///
/// Principals that cannot be looked up for now wait for the message's next delivery, up to a point; the others do not wait
/// for them.
async fn take(
    app: &App,
    mut parsed: ParsedFinding,
    message: QueueMessage<'_>,
    now: Timestamp,
) -> Result<(), StepError> {
    if let Some(reason) = app.admission.ignore_reason_before_lookup(parsed.finding()) {
        leave_alone(app, parsed.finding(), reason, now);
        return Ok(());
    }
    let resolved = app.principals.resolve_all(parsed.take_candidates()).await;
    let waits = |it: &&ResolvedPrincipal| it.is_provisional && message.receive_count < PATIENT_DELIVERIES;
    let waiting: HashSet<PrincipalIdentity> = resolved.iter().filter(waits).map(|it| it.principal.identity()).collect();
    let findings = parsed.into_findings(resolved.into_iter().map(|it| it.principal).collect());
    // While somebody waits, a case of the finding itself does too: a look-up may turn up a principal.
    let ready = findings.iter().filter(|finding| {
        waiting.is_empty() || (finding.principal.entity().is_some() && !waiting.contains(&finding.principal.identity()))
    });
    let outcomes: Vec<Result<(), StepError>> = stream::iter(ready)
        .map(|finding| async move {
            match app.admission.ignore_reason(finding) {
                Some(reason) => {
                    leave_alone(app, finding, reason, now);
                    Ok(())
                }
                None => {
                    let received = app.intake.receive(finding, now).await?;
                    keep(app, finding, received, message, now).await
                }
            }
        })
        .buffer_unordered(CASES_AT_A_TIME)
        .collect()
        .await;
    outcomes.into_iter().collect::<Result<(), StepError>>()?;
    if waiting.is_empty() { Ok(()) } else { Err(StepError::Principals { count: waiting.len() }) }
}

/// Keeps the finding as it came, in its case's folder of the evidence bucket.
///
/// The case is under way by then. A bucket that fails for now is tried again with the message's next delivery, up to a
/// point; then the finding goes without: its case, its state and its alert are not held back.
async fn keep(
    app: &App,
    finding: &Finding,
    received: Received,
    message: QueueMessage<'_>,
    now: Timestamp,
) -> Result<(), StepError> {
    // What came again may not have been kept the first time.
    let is_wanted = received.is_news() || message.receive_count > 1;
    let Some(number) = received.case.filter(|_| is_wanted) else { return Ok(()) };
    let case_id = CaseKey::new(&subject_of(finding), number).case_id;
    let key = finding_key(&case_id, finding);
    match app.evidence.store(&key, DocumentFormat::Json, message.body.as_bytes().to_vec()).await {
        Ok(()) => Ok(()),
        Err(error) if message.receive_count < PATIENT_DELIVERIES => Err(StepError::Evidence(error)),
        Err(error) => {
            tracing::error!(case.id = %case_id, finding.id = %finding.id, error.message = %with_causes(&error),
                "the finding could not be kept as evidence");
            app.metrics.count("EvidenceNotKept", "Kind", "Finding", now);
            Ok(())
        }
    }
}

/// Counts what is left alone, and says why. What is severe among it is counted apart, for an alarm.
fn leave_alone(app: &App, finding: &Finding, reason: IgnoreReason, now: Timestamp) {
    tracing::info!(finding.id = %finding.id, %reason, "the finding is left alone");
    app.metrics.count("FindingsIgnored", "Reason", reason.metric_name(), now);
    if reason.is_reported_when_ignored(finding.severity) {
        tracing::warn!(finding.id = %finding.id, %reason, "a High or Critical finding is left alone");
        app.metrics.count("SevereFindingsIgnored", "Reason", reason.metric_name(), now);
    }
}

/// Names in the log what of `IncludeFindingTypes` matches no known type, and counts it: at start-up, where it costs a
/// function's life one warning. Such findings are not worked, and nobody would notice.
pub(crate) fn warn_of_unknown_types(admission: &AdmissionRules, metrics: &Metrics, now: Timestamp) {
    let unknown = admission.unknown_finding_types();
    for entry in &unknown {
        tracing::warn!(entry = %one_line(entry, 200), "an entry of IncludeFindingTypes matches no known finding type");
    }
    if !unknown.is_empty() {
        metrics.record_gauges(&[("UnknownFindingTypes", unknown.len())], now);
    }
}

async fn set_aside(app: &App, message: QueueMessage<'_>, error: &FindingError) -> Result<(), Failure> {
    let name = match error {
        FindingError::NotJson(_) => "NotJson",
        FindingError::OtherEvent => "OtherEvent",
        FindingError::NotOneFinding { .. } => "NotOneFinding",
        FindingError::NotAFinding { .. } => "NotAFinding",
    };
    // The cause names a path, what belongs there and at most the kind of what was found: never its text, which attackers may
    // have written.
    let cause = with_causes(error);
    tracing::error!(message.id = message.id, error.name = name,
        error.message = %cause, "the message is no finding and goes to the dead-letter queue");
    let sent = app.dead_letters.send(message.body, name, &cause).await;
    sent.map_err(|error| Failure { error: StepError::DeadLetters(error), unworkable: Some((name, cause)) })
}

#[cfg(test)]
mod tests;
