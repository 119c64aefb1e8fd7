//! UnarchiveFindings: marks findings as not archived, whether they were or not.

use super::archive_findings;
use crate::protocol::{Call, OperationResult};
use crate::world::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> OperationResult {
    archive_findings::mark(call, world, false)
}
