//! The adapters and settings of the function.

use gumshoe_aws::account_names::AccountNames;
use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::events::Events;
use gumshoe_aws::evidence::EvidenceBucket;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_domain::case::AssessmentRules;
use gumshoe_runtime::{Metrics, settings};

/// The adapters and settings of assess-case.
pub(crate) struct App {
    pub(crate) table: CaseTable,
    pub(crate) detective: Detective,
    pub(crate) guardduty: GuardDuty,
    pub(crate) account_names: AccountNames,
    pub(crate) evidence: EvidenceBucket,
    pub(crate) events: Events,
    pub(crate) metrics: Metrics,
    pub(crate) settings: settings::AssessCase,
}

impl App {
    /// The settings for the decision about a case.
    pub(crate) fn rules(&self) -> AssessmentRules {
        AssessmentRules {
            regions: self.settings.investigation_regions.clone(),
            guardduty_policy: self.settings.guard_duty_investigations,
            threshold: self.settings.alert_threshold,
            weights: self.settings.verdict_weights,
        }
    }
}
