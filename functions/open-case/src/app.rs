//! The adapters and settings of the function.

use crate::intake::Intake;
use gumshoe_aws::dead_letters::DeadLetters;
use gumshoe_aws::evidence::EvidenceBucket;
use gumshoe_aws::principals::Principals;
use gumshoe_aws::queue::FindingsQueue;
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_runtime::Metrics;
use jiff::SignedDuration;

/// The time that a message with one or two principals needs if calls are slow. With less time left, the rest of a batch is delivered
/// again instead of failing with the function. An attack sequence with hundreds of actors that is interrupted continues with its next
/// delivery: what was written stays.
pub(crate) const MIN_TIME_PER_MESSAGE: SignedDuration = SignedDuration::from_secs(60);

/// The adapters and settings of open-case.
pub(crate) struct App {
    pub(crate) intake: Intake,
    pub(crate) queue: FindingsQueue,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) principals: Principals,
    pub(crate) evidence: EvidenceBucket,
    pub(crate) admission: AdmissionRules,
    pub(crate) metrics: Metrics,
}
