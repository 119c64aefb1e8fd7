//! Sentences about the operation of Gumshoe: a case that was not processed, an alarm.

use super::shorten::{UNLIMITED, shorten_at_word, shorten_middle};
use crate::notification::{Alarm, CaseFailure};
use gumshoe_domain::principal::is_account_id;
use gumshoe_domain::text::defang;

/// What the operator does about a case that was not processed.
pub(crate) const CASE_FAILURE_REMEDY: &str = "Gumshoe restarts the case automatically up to two times. If it still fails, fix \
    the cause and start a new execution: docs/OPERATIONS.md, \"An execution failed\".";

impl CaseFailure {
    /// Subject, account and error in at most `limit` characters, defanged: the error, then the middle of the subject's name, are omitted
    /// if they do not fit. An account id of 12 digits is whole.
    pub(crate) fn headline(&self, limit: usize) -> String {
        const BEGINNING: &str = "Case not processed: ";
        let error = shorten_middle(&self.failure.error, 80);
        let (name, account) = match self.subject_parts() {
            Some((name, id)) => (name, format!(", account {id}")),
            None => (self.subject.as_str(), String::new()),
        };
        let whole = format!("{BEGINNING}{}{account}", shorten_middle(name, UNLIMITED));
        let candidates = [format!("{whole}: {error}"), whole];
        candidates.into_iter().find(|text| text.chars().count() <= limit).unwrap_or_else(|| {
            let room = limit.saturating_sub(BEGINNING.chars().count() + account.chars().count());
            format!("{BEGINNING}{}{account}", shorten_middle(name, room))
        })
    }

    /// Headline and cause in at most `limit` characters.
    pub(crate) fn summary(&self, limit: usize) -> String {
        let cause = defang(&self.failure.cause, limit);
        shorten_at_word(&format!("{}: {cause}", self.headline(limit / 2)), limit)
    }

    /// The resource and the account id, if the subject is an ARN with an account id.
    fn subject_parts(&self) -> Option<(&str, &str)> {
        let mut parts = self.subject.splitn(6, ':');
        let (arn, _partition, _service) = (parts.next()?, parts.next()?, parts.next()?);
        let (_region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        (arn == "arn" && is_account_id(account)).then_some((resource, account))
    }
}

impl Alarm {
    /// State, name and account in at most `limit` characters, defanged: a long name is shortened in its middle.
    pub(crate) fn headline(&self, limit: usize) -> String {
        let state = shorten_middle(&self.new_state_value, 20);
        let account =
            self.account_id.as_deref().map(|id| format!(", account {}", shorten_middle(id, 20))).unwrap_or_default();
        let room = limit.saturating_sub(state.chars().count() + 1 + account.chars().count());
        format!("{state} {}{account}", shorten_middle(&self.alarm_name, room))
    }

    /// Headline and description in at most `limit` characters.
    pub(crate) fn summary(&self, limit: usize) -> String {
        let description = defang(self.alarm_description.as_deref().unwrap_or("no description"), limit);
        shorten_at_word(&format!("{}: {description}", self.headline(limit / 2)), limit)
    }
}

#[cfg(test)]
mod tests {
    use crate::notification::Notification;
    use crate::notification::tests::{alarm, case_failed};

    #[test]
    fn case_failure_names_subject_account_and_error() {
        let Notification::CaseFailed(mut case) = case_failed() else { panic!() };
        assert_eq!(case.headline(150), "Case not processed: role/web-role, account 123456789012: TopicUnavailable");
        assert_eq!(case.headline(60), "Case not processed: role/web-role, account 123456789012");
        assert_eq!(case.headline(50), "Case not processed: role…ole, account 123456789012");
        case.subject = "arn:aws:s3:us-east-1:123456789012:bucket/a".to_owned();
        assert_eq!(case.headline(60), "Case not processed: bucket/a, account 123456789012");
        case.subject = "a cluster".to_owned();
        assert_eq!(case.headline(150), "Case not processed: a cluster: TopicUnavailable");
    }

    #[test]
    fn alarm_names_state_name_and_account() {
        let Notification::Alarm(alarm) = alarm() else { panic!() };
        assert_eq!(alarm.headline(150), "ALARM gumshoe-DeadLettersAlarm-1, account 123456789012");
        assert_eq!(alarm.headline(45), "ALARM gumshoe-…sAlarm-1, account 123456789012");
    }
}
