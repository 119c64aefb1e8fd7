//! What the function works with.

use crate::intake::Intake;
use gumshoe_aws::dead_letters::DeadLetters;
use gumshoe_aws::evidence::EvidenceBucket;
use gumshoe_aws::principals::Principals;
use gumshoe_aws::queue::FindingsQueue;
use gumshoe_domain::admission::AdmissionRules;
use gumshoe_runtime::Metrics;
use jiff::SignedDuration;

/// What one message of a principal or two may take if calls are slow. With less time left, the rest of a batch goes back to
/// the queue instead of failing with the function. An attack sequence of hundreds that is cut off goes on with its next
/// delivery: what was done is done.
pub(crate) const ENOUGH: SignedDuration = SignedDuration::from_secs(60);

/// Everything that open-case works with.
pub(crate) struct App {
    pub(crate) intake: Intake,
    pub(crate) queue: FindingsQueue,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) principals: Principals,
    pub(crate) evidence: EvidenceBucket,
    pub(crate) admission: AdmissionRules,
    pub(crate) metrics: Metrics,
}
