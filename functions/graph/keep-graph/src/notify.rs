//! Notification of new issues: people are notified of each issue once, also if runs are concurrent or interrupted.

use crate::app::App;
use crate::error::RunError;
use gumshoe_alerts::channels::{chat, email, json};
use gumshoe_alerts::message::{GraphHealthNotice, GraphIdentity, NoticeRevision};
use gumshoe_aws::topic::{TopicError, TopicMessage};
use gumshoe_domain::error::with_causes;
use gumshoe_graph::{Health, NotifiedState, NotifyDecision, graph_notice};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How often a run reads the graph and decides, if other runs write the state in the meantime.
const MAX_ATTEMPTS: usize = 3;

/// The health of the graph, and the version that the notified state had before the graph was read.
pub(crate) struct Reading {
    pub(crate) version: Option<u64>,
    pub(crate) graph_arn: Option<String>,
    pub(crate) health: Health,
}

/// Notifies people of new issues and records them. Returns the reading that the decision used: if another run has written the state
/// since before the graph was read, the graph is read again with `read`.
pub(crate) async fn notify_if_changed(
    app: &App,
    first: Reading,
    read: impl AsyncFn() -> Result<Reading, RunError>,
    now: impl Fn() -> Timestamp,
) -> Result<Reading, RunError> {
    let mut reading = first;
    for attempt in 1..=MAX_ATTEMPTS {
        if notify_once(app, &reading, now()).await? {
            return Ok(reading);
        }
        if attempt < MAX_ATTEMPTS {
            tracing::info!(attempt, "another run wrote the notified state in the meantime; reading the graph again");
            reading = read().await?;
        }
    }
    Err(RunError::Overtaken { attempts: MAX_ATTEMPTS })
}

/// Returns false, without a decision, if another run has written the state since before the graph was read.
async fn notify_once(app: &App, reading: &Reading, now: Timestamp) -> Result<bool, RunError> {
    let (version, state) = read_notified_state(app).await?;
    let decision = match state.decide(&reading.health, version == reading.version, now) {
        // The state of the earlier table is copied, so that the table is not needed any more.
        NotifyDecision::NoChange if version.is_none() && state != NotifiedState::default() => {
            NotifyDecision::Save(state)
        }
        decision => decision,
    };
    match decision {
        NotifyDecision::NoChange => Ok(true),
        NotifyDecision::ReadGraphAgain => Ok(false),
        NotifyDecision::ClaimedByOther => {
            tracing::info!("graph notification skipped: another run has claimed it");
            Ok(true)
        }
        NotifyDecision::Save(resolved) => Ok(app.notified_table.write_notified(version, &resolved).await?),
        NotifyDecision::Notify { new_issues, revision, may_be_duplicate, claimed, notified } => {
            let graph = GraphIdentity {
                account_id: app.settings.account_id.clone(),
                region: app.settings.region.clone(),
                graph_arn: reading.graph_arn.clone(),
            };
            let number = NoticeRevision { revision, may_be_duplicate };
            // Built before the claim is written, so that no claim remains if it cannot be serialized.
            let message = message(&graph_notice(graph, &reading.health, &new_issues, number, now))?;
            if !app.notified_table.write_notified(version, &claimed).await? {
                return Ok(false);
            }
            let version = Some(version.map_or(1, |version| version.saturating_add(1)));
            let published = app.topic.publish(&message).await;
            let next = if published.is_ok() { notified } else { claimed.after_failed_publish(now) };
            match app.notified_table.write_notified(version, &next).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::warn!(
                        revision,
                        "the notified state was written in the meantime; this notice may be repeated"
                    );
                }
                Err(error) => {
                    tracing::warn!(error.message = %with_causes(&error), revision,
                        "could not write the notified state; the claim expires in 6 minutes, then the notice is published as a possible repeat");
                }
            }
            published?;
            tracing::info!(revision, new_issues = new_issues.len(), "graph notice published");
            Ok(true)
        }
    }
}

/// The notified state with the version of this stack's item. If there is no item yet, the state is read from the earlier table.
async fn read_notified_state(app: &App) -> Result<(Option<u64>, NotifiedState), RunError> {
    match (app.notified_table.read_notified().await?, &app.earlier_table) {
        ((None, _), Some(earlier)) => Ok((None, earlier.read_notified().await?.1)),
        (own, _) => Ok(own),
    }
}

fn message(notice: &GraphHealthNotice) -> Result<TopicMessage, RunError> {
    let report = &notice.graph_health;
    Ok(TopicMessage {
        subject: email::graph_health_subject(notice),
        email_body: email::graph_health(notice),
        json_body: json::graph_health(notice).map_err(TopicError::Message)?,
        chat_body: chat::graph_health(notice),
        attributes: BTreeMap::from([
            ("revision", report.revision.to_string()),
            ("repeated", report.may_be_duplicate.to_string()),
            ("cause", "GRAPH_HEALTH".to_owned()),
        ]),
    })
}
