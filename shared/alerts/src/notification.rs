//! What comes from the topic: alerts, and what the operation of Gumshoe itself gives rise to.

use crate::message::Alert;
use crate::message::Notice;
use gumshoe_domain::text::one_line;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A message of the topic, as queues and functions receive it.
#[derive(Debug, Clone, PartialEq)]
pub enum Notification {
    /// A revision of a case's alert.
    Alert(Box<Alert>),
    /// A case that could not be worked: the state machine's last resort.
    NotWorked(NotWorked),
    /// A CloudWatch alarm of the stack.
    Alarm(Alarm),
    /// The behavior graph got worse.
    Graph(Box<Notice>),
}

/// What the state machine says of a case that it could not bring to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NotWorked {
    /// The case's id.
    pub case_id: String,
    /// Who or what it is about.
    pub subject: String,
    /// The execution that failed.
    pub execution: String,
    /// What failed.
    pub not_worked: Failure,
}

/// An error's name and its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Failure {
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
pub struct NotANotification(#[source] serde_json::Error);

impl Notification {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// [`NotANotification`] with what an alert lacks, when it is none of the four.
    pub fn from_json(text: &str) -> Result<Self, NotANotification> {
        if let Ok(not_worked) = serde_json::from_str(text) {
            return Ok(Self::NotWorked(not_worked));
        }
        if let Ok(alarm) = serde_json::from_str(text) {
            return Ok(Self::Alarm(alarm));
        }
        if let Ok(notice) = serde_json::from_str(text) {
            return Ok(Self::Graph(Box::new(notice)));
        }
        serde_json::from_str(text).map(|alert| Self::Alert(Box::new(alert))).map_err(NotANotification)
    }

    /// What names this message among all: a key, and a revision that counts for the key. Of two messages with one key, the
    /// higher revision holds all that the lower said.
    #[must_use]
    pub fn delivery(&self) -> (String, u32) {
        match self {
            Self::Alert(alert) => (alert.case_id.clone(), alert.revision),
            Self::NotWorked(not_worked) => (format!("not-worked/{}", one_line(&not_worked.execution, 100)), 1),
            Self::Alarm(alarm) => {
                let time = one_line(alarm.state_change_time.as_deref().unwrap_or_default(), 40);
                (format!("alarm/{}/{time}", one_line(&alarm.alarm_name, 255)), 1)
            }
            Self::Graph(notice) => {
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

    /// What is one thing to whoever receives it: the case; that it could not be worked, which nothing but a person ends; one
    /// firing of an alarm. PagerDuty's `dedup_key`, at most 255 characters.
    #[must_use]
    pub fn key(&self) -> String {
        let key = match self {
            Self::Alert(alert) => alert.case_id.clone(),
            Self::NotWorked(not_worked) => format!("not-worked/{}", not_worked.case_id),
            Self::Alarm(_) | Self::Graph(_) => self.delivery().0,
        };
        one_line(&key, 255)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::fixtures;

    pub(crate) fn not_worked() -> Notification {
        let text = r#"{"version": 1, "case_id": "389aacdc853a-20260115T124500000Z", "subject":
            "arn:aws:iam::123456789012:role/web-role", "execution": "389aacdc853a-20260115T124500000Z-2",
            "not_worked": {"error": "TopicUnavailable", "cause": "Publish failed or got no answer <!here>"}}"#;
        Notification::from_json(text).unwrap()
    }

    pub(crate) fn alarm() -> Notification {
        let text = r#"{"AlarmName": "gumshoe-DeadLettersAlarm-1", "AlarmDescription": "Gumshoe: a finding could not be worked.",
            "AWSAccountId": "123456789012", "NewStateValue": "ALARM", "NewStateReason": "Threshold Crossed",
            "StateChangeTime": "2026-01-15T12:50:00.000+0000", "Region": "US East (N. Virginia)", "Trigger": {}}"#;
        Notification::from_json(text).unwrap()
    }

    pub(crate) fn graph_health() -> Notification {
        Notification::Graph(Box::new(fixtures::graph_notice()))
    }

    #[test]
    fn the_four_are_told_apart_and_anything_else_is_refused() {
        let alert = fixtures::high_risk().alert();
        let text = crate::channels::json::body(&alert).unwrap();
        assert_eq!(Notification::from_json(&text).unwrap(), Notification::Alert(Box::new(alert)));
        assert!(matches!(not_worked(), Notification::NotWorked(it) if it.not_worked.error == "TopicUnavailable"));
        assert!(matches!(alarm(), Notification::Alarm(it) if it.new_state_value == "ALARM"));
        let notice = fixtures::graph_notice();
        let text = crate::channels::json::graph_health(&notice).unwrap();
        assert_eq!(Notification::from_json(&text).unwrap(), Notification::Graph(Box::new(notice)));
        for other in ["", "{}", "[]", "hello", r#"{"case_id": "a"}"#] {
            assert!(Notification::from_json(other).is_err(), "{other}");
        }
    }
}
