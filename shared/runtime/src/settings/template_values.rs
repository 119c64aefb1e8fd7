//! Settings that the template sets by itself: resources, pseudo parameters, constants.

use super::Environment;
use super::setting::SettingResult;

/// The table of cases.
///
/// # Errors
///
/// [`ConfigurationError`](super::ConfigurationError) where it is missing or malformed.
pub fn table_name(environment: &Environment) -> SettingResult<String> {
    environment.template("TABLE_NAME").text()
}

/// The state machine that works a case.
pub(super) fn state_machine_arn(environment: &Environment) -> SettingResult<String> {
    environment.template("STATE_MACHINE_ARN").text()
}

/// The queue that open-case works.
pub(super) fn findings_queue_url(environment: &Environment) -> SettingResult<String> {
    environment.template("FINDINGS_QUEUE_URL").text()
}

/// The queue for messages that have failed too often.
pub(super) fn dead_letter_queue_url(environment: &Environment) -> SettingResult<String> {
    environment.template("DEAD_LETTER_QUEUE_URL").text()
}

/// How often a message is delivered before it goes there: the queue's `maxReceiveCount`.
pub(super) fn max_receive_count(environment: &Environment) -> SettingResult<u32> {
    environment.template("MAX_RECEIVE_COUNT").number("a number", 1..=1000)
}

/// The bucket of findings as they came, results and reports. It is in the stack's Region.
pub(super) fn evidence_bucket(environment: &Environment) -> SettingResult<String> {
    environment.template("EVIDENCE_BUCKET").text()
}

/// The topic that alerts are published to.
///
/// # Errors
///
/// [`ConfigurationError`](super::ConfigurationError) where it is missing or malformed.
pub fn topic_arn(environment: &Environment) -> SettingResult<String> {
    environment.template("TOPIC_ARN").text()
}

/// The stack's Region.
///
/// # Errors
///
/// [`ConfigurationError`](super::ConfigurationError) where it is missing or malformed.
pub fn region(environment: &Environment) -> SettingResult<String> {
    environment.template("REGION").text()
}

/// The stack's account.
///
/// # Errors
///
/// [`ConfigurationError`](super::ConfigurationError) where it is missing or malformed.
pub fn account_id(environment: &Environment) -> SettingResult<String> {
    environment.template("ACCOUNT_ID").text()
}

/// The stack's name, the dimension of its metrics.
///
/// # Errors
///
/// [`ConfigurationError`](super::ConfigurationError) where it is missing or malformed.
pub fn stack_name(environment: &Environment) -> SettingResult<String> {
    environment.template("STACK_NAME").text()
}
