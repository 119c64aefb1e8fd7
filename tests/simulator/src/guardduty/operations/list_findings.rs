//! ListFindings: the ids of a detector's findings, filtered, sorted and in pages.

use serde::Deserialize;

use super::{DEFAULT_PAGE_SIZE, page};
use crate::guardduty::criteria::Criteria;
use crate::guardduty::organization_role::OrganizationRole;
use crate::guardduty::sorting::SortCriteria;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "DetectorId")]
    detector_id: String,
    finding_criteria: Option<Criteria>,
    sort_criteria: Option<SortCriteria>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

// Without a criterion on service.archived all findings are listed. Source: ListFindings, findingCriteria.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { detector_id, finding_criteria, sort_criteria, max_results, next_token } = call.request()?;
    world.guardduty.detector(call.place, &detector_id)?;
    let role = OrganizationRole::of(&world.organizations, &call.place.account);
    let criteria = finding_criteria.unwrap_or_default();
    let seen = world.guardduty.visible_findings(call.place, role);
    let found = seen.into_values().filter(|finding| criteria.meets(finding)).collect();
    let sorting = sort_criteria.unwrap_or_default();
    let (findings, next) =
        sorting.page(call, found, next_token.as_deref(), max_results.unwrap_or(DEFAULT_PAGE_SIZE))?;
    page("findingIds", findings.into_iter().map(|finding| finding.text("id")).collect(), next)
}
