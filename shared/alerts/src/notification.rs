//! What comes from the topic: alerts, and what the operation of Gumshoe itself gives rise to.
//!
//! Messages that Gumshoe writes say what they are in their member `notification`. CloudWatch writes alarms, which have no such
//! member and are known by their own.

use crate::message::Alert;
use crate::message::GraphHealthNotice;
use gumshoe_domain::text::one_line;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A message of the topic, as queues and functions receive it.
#[derive(Debug, Clone, PartialEq)]
pub enum Notification {
    /// A revision of a case's alert.
    Alert(Box<Alert>),
    /// A case that could not be worked: the state machine's last resort.
    CaseFailed(CaseFailure),
    /// A CloudWatch alarm of the stack.
    Alarm(Alarm),
    /// The behavior graph got worse.
    GraphHealth(Box<GraphHealthNotice>),
}

/// What a message is: its member `notification`. The codes are sent, so they never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum NotificationKind {
    /// [`Notification::Alert`].
    Alert,
    /// [`Notification::CaseFailed`]; `infra/case/case.asl.yaml` writes it.
    #[serde(rename = "not-worked")]
    CaseFailed,
    /// [`Notification::GraphHealth`].
    GraphHealth,
}

/// A message with what it is.
#[derive(Serialize)]
pub(crate) struct TaggedMessage<'a, T> {
    pub(crate) notification: NotificationKind,
    #[serde(flatten)]
    pub(crate) message: &'a T,
}

/// What is read of a message first.
#[derive(Deserialize)]
struct MessageTag {
    notification: Option<NotificationKind>,
}

/// What the state machine says of a case that it could not bring to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaseFailure {
    /// The version of this shape.
    pub version: u32,
    /// The case's id.
    pub case_id: String,
    /// Who or what it is about.
    pub subject: String,
    /// The execution that failed.
    pub execution: String,
    /// What failed.
    #[serde(rename = "not_worked")]
    pub failure: ExecutionFailure,
}

/// An error's name and its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExecutionFailure {
    /// Such as `TopicUnavailable`.
    pub error: String,
    /// What happened.
    pub cause: String,
}

/// An alarm, as CloudWatch writes it (CloudWatch User Guide, "Notify users on alarm changes").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alarm {
    /// Its name.
    pub alarm_name: String,
    /// What it stands for.
    #[serde(default)]
    pub alarm_description: Option<String>,
    /// `ALARM`, `OK` or `INSUFFICIENT_DATA`.
    pub new_state_value: String,
    /// Why it changed.
    #[serde(default)]
    pub new_state_reason: Option<String>,
    /// When.
    #[serde(default)]
    pub state_change_time: Option<String>,
    /// The account that it is in.
    #[serde(rename = "AWSAccountId", default)]
    pub account_id: Option<String>,
}

/// The message is none that this version knows.
#[derive(Debug, Error)]
#[error("the message is no alert, no case that was not worked, no alarm and no notice of the behavior graph")]
pub struct InvalidNotification(#[source] serde_json::Error);

impl Notification {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// [`InvalidNotification`] with serde's error: of the kind that the tag names, or of an alert where there is no tag.
    pub fn from_json(text: &str) -> Result<Self, InvalidNotification> {
        let MessageTag { notification } = serde_json::from_str(text).map_err(InvalidNotification)?;
        match notification {
            Some(NotificationKind::Alert) => serde_json::from_str(text).map(|alert| Self::Alert(Box::new(alert))),
            Some(NotificationKind::CaseFailed) => serde_json::from_str(text).map(Self::CaseFailed),
            Some(NotificationKind::GraphHealth) => {
                serde_json::from_str(text).map(|notice| Self::GraphHealth(Box::new(notice)))
            }
            None => serde_json::from_str(text).map(Self::Alarm).or_else(|_| Self::from_untagged(text)),
        }
        .map_err(InvalidNotification)
    }

    /// Reads a message that was published before messages had tags. It is what it can be parsed as.
    fn from_untagged(text: &str) -> Result<Self, serde_json::Error> {
        if let Ok(failure) = serde_json::from_str(text) {
            return Ok(Self::CaseFailed(failure));
        }
        if let Ok(notice) = serde_json::from_str(text) {
            return Ok(Self::GraphHealth(Box::new(notice)));
        }
        serde_json::from_str(text).map(|alert| Self::Alert(Box::new(alert)))
    }

    /// What names this message among all: a key, and a revision that counts for the key. Of two messages with one key, the
    /// higher revision holds all that the lower said.
    #[must_use]
    pub fn delivery_id(&self) -> (String, u32) {
        match self {
            Self::Alert(alert) => (alert.case_id.clone(), alert.revision),
            Self::CaseFailed(failure) => (format!("not-worked/{}", one_line(&failure.execution, 100)), 1),
            Self::Alarm(alarm) => {
                let time = one_line(alarm.state_change_time.as_deref().unwrap_or_default(), 40);
                (format!("alarm/{}/{time}", one_line(&alarm.alarm_name, 255)), 1)
            }
            Self::GraphHealth(notice) => {
                let told = &notice.graph_health;
                (
                    format!(
                        "graph/{}/{}/{}",
                        one_line(&told.account_id, 12),
                        one_line(&told.region, 25),
                        told.revision
                    ),
                    1,
                )
            }
        }
    }

    /// What a receiver treats as one incident: a case; a case that could not be worked, which only a person can resolve; one
    /// change of an alarm's state; a notice of the behavior graph. PagerDuty's `dedup_key`, at most 255 characters.
    #[must_use]
    pub fn incident_key(&self) -> String {
        let key = match self {
            Self::Alert(alert) => alert.case_id.clone(),
            Self::CaseFailed(failure) => format!("not-worked/{}", failure.case_id),
            Self::Alarm(_) | Self::GraphHealth(_) => self.delivery_id().0,
        };
        one_line(&key, 255)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::channels::json;
    use crate::fixtures;
    use crate::message::VERSION;

    const CASE_FAILED: &str = concat!(
        r#"{"notification":"not-worked","version":1,"case_id":"389aacdc853a-20260115T124500000Z","#,
        r#""subject":"arn:aws:iam::123456789012:role/web-role","execution":"389aacdc853a-20260115T124500000Z-2","#,
        r#""not_worked":{"error":"TopicUnavailable","cause":"Publish failed or got no answer <!here>"}}"#
    );

    pub(crate) fn case_failed() -> Notification {
        Notification::from_json(CASE_FAILED).unwrap()
    }

    pub(crate) fn alarm() -> Notification {
        let text = r#"{"AlarmName": "gumshoe-DeadLettersAlarm-1", "AlarmDescription": "Gumshoe: a finding could not be worked.",
            "AWSAccountId": "123456789012", "NewStateValue": "ALARM", "NewStateReason": "Threshold Crossed",
            "StateChangeTime": "2026-01-15T12:50:00.000+0000", "Region": "US East (N. Virginia)", "Trigger": {}}"#;
        Notification::from_json(text).unwrap()
    }

    pub(crate) fn graph_health() -> Notification {
        Notification::GraphHealth(Box::new(fixtures::graph_notice()))
    }

    /// The message without its tag, as the release before wrote it.
    fn untagged(text: &str) -> String {
        let mut message: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap();
        assert!(message.remove("notification").is_some(), "{text}");
        serde_json::to_string(&message).unwrap()
    }

    #[test]
    fn each_kind_is_read_by_its_tag_and_without_one_as_before() {
        let alert = fixtures::high_risk().alert();
        let notice = fixtures::graph_notice();
        let failed = Notification::CaseFailed(CaseFailure {
            version: VERSION,
            case_id: "389aacdc853a-20260115T124500000Z".to_owned(),
            subject: "arn:aws:iam::123456789012:role/web-role".to_owned(),
            execution: "389aacdc853a-20260115T124500000Z-2".to_owned(),
            failure: ExecutionFailure {
                error: "TopicUnavailable".to_owned(),
                cause: "Publish failed or got no answer <!here>".to_owned(),
            },
        });
        for (code, text, notification) in [
            ("alert", json::body(&alert).unwrap(), Notification::Alert(Box::new(alert))),
            ("graph-health", json::graph_health(&notice).unwrap(), Notification::GraphHealth(Box::new(notice))),
            ("not-worked", CASE_FAILED.to_owned(), failed),
        ] {
            assert!(text.starts_with(&format!(r#"{{"notification":"{code}","version":1,"#)), "{text}");
            assert_eq!(Notification::from_json(&text).unwrap(), notification);
            assert_eq!(Notification::from_json(&untagged(&text)).unwrap(), notification, "the release before");
        }
        assert!(matches!(alarm(), Notification::Alarm(it) if it.new_state_value == "ALARM"));
    }

    #[test]
    fn anything_else_is_refused() {
        let alert = json::body(&fixtures::high_risk().alert()).unwrap();
        let mistaken = alert.replacen(r#""alert""#, r#""graph-health""#, 1);
        let unknown = alert.replacen(r#""alert""#, r#""weather""#, 1);
        for other in ["", "{}", "[]", "hello", r#"{"case_id": "a"}"#, &mistaken, &unknown] {
            assert!(Notification::from_json(other).is_err(), "{other}");
        }
        let error = Notification::from_json(&unknown).unwrap_err();
        assert!(error.0.to_string().contains("unknown variant `weather`"), "{error:?}");
    }
}
