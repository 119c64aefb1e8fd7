//! UnarchiveFindings: marks findings as not archived, whether they were or not.

use super::archive_findings;
use crate::protocol::{Answer, Call};
use crate::world::World;

pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    archive_findings::mark(call, world, false)
}
