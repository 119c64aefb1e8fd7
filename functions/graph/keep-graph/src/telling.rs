//! Who hears of a graph that got worse: once, whatever happens in between.

use crate::app::App;
use crate::error::RunError;
use gumshoe_alerts::channels::{chat, email, json};
use gumshoe_alerts::message::{Notice, Place};
use gumshoe_aws::topic::{Message, TopicError};
use gumshoe_domain::error::with_causes;
use gumshoe_graph::{Health, Telling, Told, notice};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How often it is decided anew when other runs write in between.
const TRIES: usize = 3;

/// Tells people where it got worse, and keeps what they know.
pub(crate) async fn tell(app: &App, place: Place, health: &Health, now: Timestamp) -> Result<(), RunError> {
    for _ in 0..TRIES {
        let (version, told) = known(app).await?;
        let telling = match told.telling(health, now) {
            // What the earlier table has is copied, so that it is not needed from now on.
            Telling::Nothing if version.is_none() && told != Told::default() => Telling::Keep(told),
            telling => telling,
        };
        match telling {
            Telling::Nothing => return Ok(()),
            Telling::LeaveToOther => {
                tracing::info!("another run is telling people of the graph");
                return Ok(());
            }
            Telling::Keep(kept) => {
                if app.table.write_notified(version, &kept).await? {
                    return Ok(());
                }
            }
            Telling::Tell { worse, revision, repeated, claimed, after } => {
                if !app.table.write_notified(version, &claimed).await? {
                    continue;
                }
                let notice = notice(place.clone(), health, &worse, (revision, repeated), now);
                let version = Some(version.map_or(1, |version| version.saturating_add(1)));
                let published = app.topic.publish(&message(&notice)?).await;
                let kept = if published.is_ok() { after } else { claimed.failed(now) };
                if let Err(error) = app.table.write_notified(version, &kept).await {
                    // The claim ends by itself; then it is told again, with its mark.
                    tracing::error!(error.message = %with_causes(&error), "what people were told could not be recorded");
                }
                published?;
                tracing::info!(revision, worse = worse.len(), "people were told that the graph got worse");
                return Ok(());
            }
        }
    }
    tracing::warn!("optimistic-lock retries exhausted; the next run decides again");
    Ok(())
}

/// What people know, with the version of this stack's record of it. While there is none, that of an earlier version counts.
async fn known(app: &App) -> Result<(Option<u64>, Told), RunError> {
    match (app.table.read_notified().await?, &app.earlier_table) {
        ((None, _), Some(earlier)) => Ok((None, earlier.read_notified().await?.1)),
        (own, _) => Ok(own),
    }
}

fn message(notice: &Notice) -> Result<Message, RunError> {
    let told = &notice.graph_health;
    Ok(Message {
        subject: email::graph_health_subject(notice),
        text: email::graph_health(notice),
        json: json::graph_health(notice).map_err(TopicError::Message)?,
        chat: chat::graph_health(notice),
        attributes: BTreeMap::from([
            ("revision", told.revision.to_string()),
            ("repeated", told.repeated.to_string()),
            ("cause", "GRAPH_HEALTH".to_owned()),
        ]),
    })
}
