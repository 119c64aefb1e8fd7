//! The adapters and settings of the function.

use gumshoe_aws::case_table::CaseTable;
use gumshoe_aws::detective::Detective;
use gumshoe_aws::guardduty::GuardDuty;
use gumshoe_runtime::settings;

/// The adapters and settings of check-investigation.
pub(crate) struct App {
    pub(crate) table: CaseTable,
    pub(crate) detective: Detective,
    pub(crate) guardduty: GuardDuty,
    pub(crate) settings: settings::CheckInvestigation,
}
