//! The properties of the model. docs/CASES.md lists the races that each covers.

use super::model::Quota;
use super::world::{ModelState, moment};
use gumshoe_domain::guardduty::{InvestigationRequest, QuotaSlot, RequestFlow, RequestStep};
use stateright::Property;

/// All properties.
///
/// **Never more than the quota is requested**: whenever GuardDuty creates an investigation for us, or refuses one because of its
/// quota, then the investigations that have not failed and that we could know, this one included, are within the daily quota for any
/// 24 hours, and within the total quota. Without manual requests we know all of them, and GuardDuty never refuses. A manual
/// investigation could not be known
///
/// - if it was requested after the list was read with which the budget was reconciled in which we took our slot,
/// - and after GuardDuty's last recorded refusal,
/// - and at most an hour plus the clock skew ago, unless the list could not be read;
/// - or if it has our prompt, was listed while we requested the same, and therefore counted as ours.
///
/// So GuardDuty may refuse a call only because of a manual request made shortly before, and never creates more than its quota.
pub(crate) fn all() -> Vec<Property<Quota>> {
    vec![
        Property::always("never more than the quota is requested", |_, world: &ModelState| {
            !world.observations.too_many
        }),
        Property::always("slots reserved for Critical findings are used for them only", |_, world: &ModelState| {
            !world.observations.took_reserved_slot
        }),
        Property::always("every investigation is counted", counted),
        Property::always("no investigation is counted twice", once),
        Property::always("a case has one investigation of a finding", one_a_case),
        Property::always("an unused slot is released within an hour", released),
        Property::always("a case receives an existing investigation of its finding", |_, world: &ModelState| {
            !world.observations.received_wrong_investigation
        }),
        Property::always("optimistic-lock retries are never exhausted", |_, world: &ModelState| {
            !world.observations.contention_exhausted
        }),
    ]
}

fn slots(world: &ModelState) -> &[QuotaSlot] {
    world.table.item.as_ref().map_or(&[], |(_, budget)| &budget.slots)
}

/// Each investigation that has not failed has a slot: with its id, or with its token until the id is stored. A manual one has a
/// slot once it was listed. (With the same prompt, one of ours may be confused with a manual one until the next list.)
fn counted(_: &Quota, world: &ModelState) -> bool {
    world.counted_investigations().all(|(index, it)| {
        let id = Some(index.to_string());
        let theirs = |id: &String| id.parse::<usize>().is_ok_and(|id| !world.guardduty[id].is_ours());
        let has_none = |slot: &QuotaSlot| slot.investigation_id.as_ref().is_none_or(theirs);
        let pending = |slot: &QuotaSlot| slot.token.is_some() && slot.token == it.token && has_none(slot);
        (!it.is_ours() && index >= world.table.listed)
            || slots(world).iter().any(|slot| slot.investigation_id == id || pending(slot))
    })
}

/// No two slots have the same token or the same investigation.
fn once(_: &Quota, world: &ModelState) -> bool {
    let slots = slots(world);
    slots.iter().enumerate().all(|(index, slot)| {
        slots[..index].iter().all(|other| {
            (slot.token.is_none() || slot.token != other.token)
                && (slot.investigation_id.is_none() || slot.investigation_id != other.investigation_id)
        })
    })
}

/// GuardDuty creates one investigation for a case and a finding, for any number of requests.
fn one_a_case(quota: &Quota, world: &ModelState) -> bool {
    let ours = || world.guardduty.iter().filter_map(|it| it.token.as_ref());
    quota.config.requesters.iter().all(|ask| {
        let token = ask.request().token;
        // A mutation appends a suffix to it.
        ours().filter(|it| it.split(',').next() == Some(&token)).count() <= 1
    })
}

/// If no invocation is active, a request an hour later gets a slot while there are fewer investigations than the daily quota; and a
/// request after 26 hours, while there are fewer than the total quota. So refusals, failures and crashes block no slot for longer.
fn released(quota: &Quota, world: &ModelState) -> bool {
    let limits = quota.config.limits;
    let counted = world.counted_investigations().count();
    let free_after = |minutes, limit| counted >= limit || may_ask(quota, world, minutes);
    world.running() > 0 || (free_after(75, limits.per_day) && free_after(26 * 60, limits.total))
}

/// Whether a request for another Critical finding would be granted after this number of minutes.
fn may_ask(quota: &Quota, world: &ModelState, minutes: i64) -> bool {
    let request = InvestigationRequest { prompt: "free?".into(), token: "free?".into(), is_critical: true };
    let now = moment(world.now + minutes);
    let mut asking = RequestFlow::begin(request, quota.config.limits);
    loop {
        asking = match asking.step() {
            RequestStep::Read => asking.read(world.table.item.clone(), now),
            RequestStep::List => asking.listed(Some(&world.list(&quota.config)), now),
            RequestStep::Write(_) => asking.wrote(true),
            RequestStep::Create { .. } => return true,
            RequestStep::Done(_) => return false,
        }
    }
}
