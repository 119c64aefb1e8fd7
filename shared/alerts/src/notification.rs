//! The messages of the topic: alerts, and notifications about the operation of Gumshoe itself.
//!
//! In messages that Gumshoe writes, the member `notification` is the type of the message. CloudWatch's alarms have no such member;
//! they are recognized by their own members.

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
    /// A case failure: the fallback notification of the state machine.
    CaseFailed(CaseFailure),
    /// A CloudWatch alarm of the stack.
    Alarm(Alarm),
    /// A notice of new issues of the behavior graph.
    GraphHealth(Box<GraphHealthNotice>),
}

/// The type of a message: its member `notification`. The codes are part of the public JSON and never change.
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

/// A message with its type.
#[derive(Serialize)]
pub(crate) struct TaggedMessage<'a, T> {
    pub(crate) notification: NotificationKind,
    #[serde(flatten)]
    pub(crate) message: &'a T,
}

/// The type of a message, which is read first.
#[derive(Deserialize)]
struct MessageTag {
    notification: Option<NotificationKind>,
}

/// A case failure, as the state machine publishes it: the case could not be processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CaseFailure {
    /// The version of this JSON form.
    pub version: u32,
    /// The id of the case.
    pub case_id: String,
    /// What the case is about: the ARN of the principal without its path, or else the finding.
    pub subject: String,
    /// The name of the failed execution of the state machine.
    pub execution: String,
    /// The error that ended the execution.
    #[serde(rename = "not_worked")]
    pub failure: ExecutionFailure,
}

/// The error of a failed execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExecutionFailure {
    /// The name of the error, such as `TopicUnavailable`.
    pub error: String,
    /// The cause of the error, as text; not escaped.
    pub cause: String,
}

/// An alarm, as CloudWatch writes it (CloudWatch User Guide, "Notify users on alarm changes").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alarm {
    /// The name of the alarm.
    pub alarm_name: String,
    /// The description of the alarm.
    #[serde(default)]
    pub alarm_description: Option<String>,
    /// The new state: `ALARM`, `OK` or `INSUFFICIENT_DATA`.
    pub new_state_value: String,
    /// The reason for the change of state.
    #[serde(default)]
    pub new_state_reason: Option<String>,
    /// The time of the change of state.
    #[serde(default)]
    pub state_change_time: Option<String>,
    /// The account of the alarm.
    #[serde(rename = "AWSAccountId", default)]
    pub account_id: Option<String>,
}

/// The message is none that this version can read.
#[derive(Debug, Error)]
#[error("unknown or invalid notification: not an alert, a case failure, an alarm or a notice of the behavior graph")]
pub struct InvalidNotification(#[source] serde_json::Error);

impl Notification {
    /// Parses a message.
    ///
    /// # Errors
    ///
    /// [`InvalidNotification`] with serde's error for the type in `notification`, or for an alert if there is no such member.
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

    /// Parses a message of a release that did not write `notification`: its type is the first that it can be parsed as.
    fn from_untagged(text: &str) -> Result<Self, serde_json::Error> {
        if let Ok(failure) = serde_json::from_str(text) {
            return Ok(Self::CaseFailed(failure));
        }
        if let Ok(notice) = serde_json::from_str(text) {
            return Ok(Self::GraphHealth(Box::new(notice)));
        }
        serde_json::from_str(text).map(|alert| Self::Alert(Box::new(alert)))
    }

    /// Identifies the message: a key, and a revision within the key. Of two messages with the same key, the higher revision
    /// supersedes the lower.
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
                let report = &notice.graph_health;
                let account_id = one_line(&report.account_id, 12);
                (format!("graph/{account_id}/{}/{}", one_line(&report.region, 25), report.revision), 1)
            }
        }
    }

    /// The key of the incident that a receiver opens: one for each case, case failure (only an operator can resolve it), change of
    /// an alarm's state, and notice of the behavior graph. PagerDuty's `dedup_key`, at most 255 characters.
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
        let text = r#"{"AlarmName": "gumshoe-DeadLettersAlarm-1", "AlarmDescription": "Gumshoe: a finding could not be processed.",
            "AWSAccountId": "123456789012", "NewStateValue": "ALARM", "NewStateReason": "Threshold Crossed",
            "StateChangeTime": "2026-01-15T12:50:00.000+0000", "Region": "US East (N. Virginia)", "Trigger": {}}"#;
        Notification::from_json(text).unwrap()
    }

    pub(crate) fn graph_health() -> Notification {
        Notification::GraphHealth(Box::new(fixtures::graph_notice()))
    }

    /// The message without its tag, as the previous release wrote it.
    fn untagged(text: &str) -> String {
        let mut message: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap();
        assert!(message.remove("notification").is_some(), "{text}");
        serde_json::to_string(&message).unwrap()
    }

    #[test]
    fn messages_are_parsed_with_and_without_their_tag() {
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
            assert_eq!(Notification::from_json(&untagged(&text)).unwrap(), notification, "previous release");
        }
        assert!(matches!(alarm(), Notification::Alarm(it) if it.new_state_value == "ALARM"));
    }

    #[test]
    fn unknown_messages_are_rejected() {
        let alert = json::body(&fixtures::high_risk().alert()).unwrap();
        let mismatched = alert.replacen(r#""alert""#, r#""graph-health""#, 1);
        let unknown = alert.replacen(r#""alert""#, r#""weather""#, 1);
        for other in ["", "{}", "[]", "hello", r#"{"case_id": "a"}"#, &mismatched, &unknown] {
            assert!(Notification::from_json(other).is_err(), "{other}");
        }
        let error = Notification::from_json(&unknown).unwrap_err();
        assert!(error.0.to_string().contains("unknown variant `weather`"), "{error:?}");
    }
}
