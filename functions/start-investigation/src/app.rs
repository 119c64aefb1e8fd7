//! What the function works with.

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_runtime::settings;

/// Everything that start-investigation works with.
pub(crate) struct App {
    pub(crate) table: CaseTable,
    pub(crate) detective: Detective,
    pub(crate) guardduty: GuardDuty,
    pub(crate) settings: settings::StartInvestigation,
}
