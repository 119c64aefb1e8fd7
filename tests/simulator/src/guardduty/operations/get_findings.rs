//! GetFindings: findings by their ids.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::guardduty::organization_role::OrganizationRole;
use crate::guardduty::sorting::SortCriteria;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "DetectorId")]
    detector_id: String,
    finding_ids: Vec<String>,
    sort_criteria: Option<SortCriteria>,
}

// assumed: ids that the account sees no finding of are left out; an id that is given twice is answered once; without
// sortCriteria findings come in the order of the ids.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    let Request { detector_id, finding_ids, sort_criteria } = call.request()?;
    world.guardduty.detector(call.place, &detector_id)?;
    let role = OrganizationRole::of(&world.organizations, &call.place.account);
    let seen = world.guardduty.visible_findings(call.place, role);
    let mut given = BTreeSet::new();
    let ids = finding_ids.iter().filter(|id| given.insert(*id));
    let mut found: Vec<_> = ids.filter_map(|id| seen.get(id.as_str()).copied()).collect();
    if let Some(sorting) = sort_criteria {
        sorting.sort(&mut found);
    }
    let documents: Vec<&Value> = found.into_iter().map(|finding| &finding.document).collect();
    Ok(Some(json!({ "findings": documents })))
}
