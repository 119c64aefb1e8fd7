//! What must hold. docs/CASES.md says which race each is about.

use super::model::Quota;
use super::world::{World, moment};
use gumshoe_domain::guardduty::{InvestigationRequest, QuotaSlot, RequestFlow, RequestStep};
use stateright::Property;

/// All properties.
///
/// **Never more than the quota is asked for**: whenever GuardDuty creates an investigation for us, or refuses one because of
/// its quota, those that have not failed, that were created within any 24 hours and that we could know of are, with this
/// one, at most as many as a day's; and all of them at most as many as there are. Where nobody asks by hand, we know of all,
/// and GuardDuty never refuses. What a person asked for could not be known
///
/// - if it was asked for after the list was read that the budget rests on in which our slot was taken,
/// - and after GuardDuty's last refusal that was written down before,
/// - and not more than an hour and the clocks' difference ago, unless the list could not be read;
/// - or if it was asked for in our own words, was listed while we asked the same, and so was taken for ours.
///
/// So a call may be refused, but only for what was asked by hand just now; and never does GuardDuty create more than its quota,
/// as it would not.
pub(crate) fn all() -> Vec<Property<Quota>> {
    vec![
        Property::always("never more than the quota is asked for", |_, world: &World| !world.notes.too_many),
        Property::always("what is kept for Critical findings goes to them", |_, world: &World| {
            !world.notes.took_what_is_kept
        }),
        Property::always("what exists is counted", counted),
        Property::always("nothing is counted twice", once),
        Property::always("a case has one investigation of a finding", one_a_case),
        Property::always("what nobody uses is free after an hour", free_again),
        Property::always("a case is told of an investigation that there is", |_, world: &World| {
            !world.notes.told_wrong
        }),
        Property::always("nobody gives up because others are faster", |_, world: &World| !world.notes.hurried),
    ]
}

fn slots(world: &World) -> &[QuotaSlot] {
    world.table.item.as_ref().map_or(&[], |(_, budget)| &budget.slots)
}

/// Each investigation that has not failed has a slot: of its id, or of its token until its id is written down. So has what a
/// person asked for, once it was listed. (Of the same words, one of ours may be taken for one of theirs until the next list.)
fn counted(_: &Quota, world: &World) -> bool {
    world.standing().all(|(index, it)| {
        let id = Some(index.to_string());
        let theirs = |id: &String| id.parse::<usize>().is_ok_and(|id| !world.guardduty[id].is_ours());
        let has_none = |slot: &QuotaSlot| slot.investigation_id.as_ref().is_none_or(theirs);
        let pending = |slot: &QuotaSlot| slot.token.is_some() && slot.token == it.token && has_none(slot);
        (!it.is_ours() && index >= world.table.listed)
            || slots(world).iter().any(|slot| slot.investigation_id == id || pending(slot))
    })
}

/// No two slots are of one token, or of one investigation.
fn once(_: &Quota, world: &World) -> bool {
    let slots = slots(world);
    slots.iter().enumerate().all(|(index, slot)| {
        slots[..index].iter().all(|other| {
            (slot.token.is_none() || slot.token != other.token)
                && (slot.investigation_id.is_none() || slot.investigation_id != other.investigation_id)
        })
    })
}

/// However often a case asks about a finding, GuardDuty creates one investigation for it.
fn one_a_case(quota: &Quota, world: &World) -> bool {
    let ours = || world.guardduty.iter().filter_map(|it| it.token.as_ref());
    quota.config.asks.iter().all(|ask| {
        let token = ask.request().token;
        // A mistake may put something after it.
        ours().filter(|it| it.split(',').next() == Some(&token)).count() <= 1
    })
}

/// If nobody is under way, whoever asks an hour later gets a slot, as long as there are fewer investigations than a day's; and
/// whoever asks the day after next, as long as there are fewer than all. So neither what was refused, nor what failed, nor
/// who died blocks anything for longer.
fn free_again(quota: &Quota, world: &World) -> bool {
    let limits = quota.config.limits;
    let standing = world.standing().count();
    let free_after = |minutes, limit| standing >= limit || may_ask(quota, world, minutes);
    world.running() > 0 || (free_after(75, limits.per_day) && free_after(26 * 60, limits.total))
}

/// Whether a Critical finding of its own would be asked about, so many minutes later.
fn may_ask(quota: &Quota, world: &World, minutes: i64) -> bool {
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
