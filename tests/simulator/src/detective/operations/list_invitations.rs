//! ListInvitations: the open and the accepted invitations of the account, in pages.

use serde::Deserialize;
use serde_json::Value;

use super::page;
use crate::detective::MemberStatus;
use crate::protocol::pages::{Key, Order};
use crate::protocol::{Answer, Call};
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// The size of a page when MaxResults is left out.
// assumed: the most that can be asked for.
const PAGE: usize = 200;

// assumed: an account that is still verified, or failed to be, sees no invitation; one of the organization sees its
// membership here; an account without any gets an empty list.
pub(super) fn answer(call: &Call<'_>, world: &mut World) -> Answer {
    let Request { next_token, max_results } = call.request()?;
    let invitations = world.detective.with_member(call.place).filter_map(|graph| {
        let member = graph.members.get(&call.place.account)?;
        let seen = match member.status(call.now) {
            MemberStatus::Invited | MemberStatus::Enabled | MemberStatus::AcceptedButDisabled => true,
            MemberStatus::VerificationInProgress | MemberStatus::VerificationFailed => false,
        };
        let detail = || member.detail(&graph.arn, &graph.administrator, call.now);
        seen.then(|| (Key::of_number(&graph.administrator), detail()))
    });
    let size = max_results.unwrap_or(PAGE);
    let (items, next) = call.listing().page(invitations, Order::Ascending, next_token.as_deref(), size, call.now)?;
    page("Invitations", Value::Array(items), next)
}
