//! Who hears of a graph that got worse: once, whatever happens in between.

use crate::app::App;
use crate::error::RunError;
use gumshoe_alerts::channels::{chat, email, json};
use gumshoe_alerts::message::{GraphHealthNotice, GraphIdentity, NoticeRevision};
use gumshoe_aws::topic::{TopicError, TopicMessage};
use gumshoe_domain::error::with_causes;
use gumshoe_graph::{Health, NotifiedState, NotifyDecision, graph_notice};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How often the graph is read and decided about when other runs write in between.
const MAX_ATTEMPTS: usize = 3;

/// How the graph is, and which version the record of notified issues had before the graph was read.
pub(crate) struct Reading {
    pub(crate) version: Option<u64>,
    pub(crate) graph_arn: Option<String>,
    pub(crate) health: Health,
}

/// Notifies people of new issues and records them; returns the reading that was decided by. Where another run has written since
/// before the graph was read, the graph is read again with `read`.
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
            tracing::info!(attempt, "another run recorded notified issues in the meantime; reading the graph again");
            reading = read().await?;
        }
    }
    Err(RunError::Overtaken { attempts: MAX_ATTEMPTS })
}

/// Gives whether it was decided: not where another run has written since before the graph was read.
async fn notify_once(app: &App, reading: &Reading, now: Timestamp) -> Result<bool, RunError> {
    let (version, told) = read_notified_state(app).await?;
    let telling = match told.decide(&reading.health, version == reading.version, now) {
        // What the earlier table has is copied, so that it is not needed from now on.
        NotifyDecision::NoChange if version.is_none() && told != NotifiedState::default() => NotifyDecision::Save(told),
        telling => telling,
    };
    match telling {
        NotifyDecision::NoChange => Ok(true),
        NotifyDecision::ReadGraphAgain => Ok(false),
        NotifyDecision::ClaimedByOther => {
            tracing::info!("another run is telling people of the graph");
            Ok(true)
        }
        NotifyDecision::Save(kept) => Ok(app.table.write_notified(version, &kept).await?),
        NotifyDecision::Notify { new_issues, revision, may_be_duplicate, claimed, notified } => {
            if !app.table.write_notified(version, &claimed).await? {
                return Ok(false);
            }
            let graph = GraphIdentity {
                account_id: app.settings.account_id.clone(),
                region: app.settings.region.clone(),
                graph_arn: reading.graph_arn.clone(),
            };
            let number = NoticeRevision { revision, may_be_duplicate };
            let notice = graph_notice(graph, &reading.health, &new_issues, number, now);
            let version = Some(version.map_or(1, |version| version.saturating_add(1)));
            let published = app.topic.publish(&message(&notice)?).await;
            let kept = if published.is_ok() { notified } else { claimed.after_failed_publish(now) };
            if let Err(error) = app.table.write_notified(version, &kept).await {
                // The claim ends by itself; then it is told again, with its mark.
                tracing::error!(error.message = %with_causes(&error), "what people were told could not be recorded");
            }
            published?;
            tracing::info!(revision, new_issues = new_issues.len(), "people were told that the graph got worse");
            Ok(true)
        }
    }
}

/// What people know, with the version of this stack's record of it. While there is none, that of an earlier version counts.
async fn read_notified_state(app: &App) -> Result<(Option<u64>, NotifiedState), RunError> {
    match (app.table.read_notified().await?, &app.earlier_table) {
        ((None, _), Some(earlier)) => Ok((None, earlier.read_notified().await?.1)),
        (own, _) => Ok(own),
    }
}

fn message(notice: &GraphHealthNotice) -> Result<TopicMessage, RunError> {
    let told = &notice.graph_health;
    Ok(TopicMessage {
        subject: email::graph_health_subject(notice),
        email_body: email::graph_health(notice),
        json_body: json::graph_health(notice).map_err(TopicError::Message)?,
        chat_body: chat::graph_health(notice),
        attributes: BTreeMap::from([
            ("revision", told.revision.to_string()),
            ("repeated", told.may_be_duplicate.to_string()),
            ("cause", "GRAPH_HEALTH".to_owned()),
        ]),
    })
}
