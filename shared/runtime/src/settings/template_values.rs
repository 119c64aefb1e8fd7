//! Settings whose values are in the template itself: resource names, pseudo parameters, constants.

use super::Environment;
use super::setting::SettingResult;

/// The table of cases.
///
/// # Errors
///
/// [`ConfigurationError`](super::ConfigurationError) if it is missing.
pub fn table_name(environment: &Environment) -> SettingResult<String> {
    environment.template("TABLE_NAME").text()
}

/// The state machine that processes cases.
pub(super) fn state_machine_arn(environment: &Environment) -> SettingResult<String> {
    environment.template("STATE_MACHINE_ARN").text()
}

/// The queue that triggers open-case.
pub(super) fn findings_queue_url(environment: &Environment) -> SettingResult<String> {
    environment.template("FINDINGS_QUEUE_URL").text()
}

/// The dead-letter queue of the function's queue.
pub(super) fn dead_letter_queue_url(environment: &Environment) -> SettingResult<String> {
    environment.template("DEAD_LETTER_QUEUE_URL").text()
}

/// The number of deliveries after which SQS moves a message to the dead-letter queue: the queue's `maxReceiveCount`.
pub(super) fn max_receive_count(environment: &Environment) -> SettingResult<u32> {
    environment.template("MAX_RECEIVE_COUNT").number("a number", 1..=1000)
}

/// The evidence bucket: findings, investigation results and reports. It is in the stack's Region.
pub(super) fn evidence_bucket(environment: &Environment) -> SettingResult<String> {
    environment.template("EVIDENCE_BUCKET").text()
}

/// The topic to which alerts are published.
///
/// # Errors
///
/// [`ConfigurationError`](super::ConfigurationError) if it is missing.
pub fn topic_arn(environment: &Environment) -> SettingResult<String> {
    environment.template("TOPIC_ARN").text()
}

/// The stack's Region.
///
/// # Errors
///
/// [`ConfigurationError`](super::ConfigurationError) if it is missing.
pub fn region(environment: &Environment) -> SettingResult<String> {
    environment.template("REGION").text()
}

/// The stack's account id.
///
/// # Errors
///
/// [`ConfigurationError`](super::ConfigurationError) if it is missing.
pub fn account_id(environment: &Environment) -> SettingResult<String> {
    environment.template("ACCOUNT_ID").text()
}

/// The stack's name: the value of the metrics' dimension `Stack`.
///
/// # Errors
///
/// [`ConfigurationError`](super::ConfigurationError) if it is missing.
pub fn stack_name(environment: &Environment) -> SettingResult<String> {
    environment.template("STACK_NAME").text()
}
