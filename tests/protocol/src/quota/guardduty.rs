//! GuardDuty: it creates an investigation for each new token while its own count allows, and lists them.

use super::config::Config;
use super::fault::Faulty;
use super::world::{World, moment};
use gumshoe_domain::guardduty::{CreateResult, ListedInvestigation};

/// A day as GuardDuty may count it: any 24 hours, in minutes.
const DAY: i64 = 24 * 60;
/// How long ago people may have asked by hand without our knowing, in minutes: an hour between two corrections, clocks that
/// differ, and the lives of who corrected and who asks.
const UNKNOWN_FOR: i64 = 60 + 10 + 2;

/// An investigation. Its id is its number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Investigation {
    /// What it was asked under; nothing where a person did.
    pub(crate) token: Option<String>,
    pub(crate) prompt: String,
    /// In minutes from the beginning.
    pub(crate) created: i64,
    pub(crate) failed: bool,
    /// Whether the case that took the slot has a Critical finding.
    critical: bool,
}

impl Investigation {
    pub(crate) fn is_ours(&self) -> bool {
        self.token.is_some()
    }
}

impl World {
    /// Those that count.
    pub(crate) fn standing(&self) -> impl Iterator<Item = (usize, &Investigation)> {
        self.guardduty.iter().enumerate().filter(|(_, it)| !it.failed)
    }

    /// Whether one more would be more than the quota, of those only that are counted.
    fn is_full(&self, config: &Config, counted: impl Fn(usize, &Investigation) -> bool) -> bool {
        let counted = || self.standing().filter(|(index, it)| counted(*index, it));
        let today = counted().filter(|(_, it)| self.now - it.created < DAY).count();
        today >= config.limits.per_day || counted().count() >= config.limits.total
    }

    /// CreateInvestigation, from us. `knew`: how many investigations there were when the budget, in which the slot was
    /// taken, last had occasion to be corrected, and which of people's it took for ours.
    pub(crate) fn create(&mut self, config: &Config, token: &str, prompt: &str, knew: (usize, u16)) -> CreateResult {
        if let Some(known) = self.guardduty.iter().position(|it| it.token.as_deref() == Some(token)) {
            return CreateResult::Created(known.to_string());
        }
        let lists_may_fail = config.bounds.unlisted > 0;
        let now = self.now;
        let could_be_known = |index: usize, it: &Investigation| {
            let (listed, mistaken) = knew;
            let is_old = now - it.created > UNKNOWN_FOR && !lists_may_fail;
            it.is_ours() || ((index < listed || is_old) && mistaken & 1 << index == 0)
        };
        self.notes.too_many |= self.is_full(config, could_be_known);
        if self.is_full(config, |_, _| true) {
            return CreateResult::Refused;
        }
        let critical = config.asks.iter().any(|ask| ask.critical && ask.request().token == token);
        let not_critical = |it: &Investigation| it.is_ours() && !it.critical && now - it.created < DAY;
        let usual = self.standing().filter(|(_, it)| not_critical(it)).count();
        let for_usual = config.limits.per_day - config.limits.reserved_for_critical;
        self.notes.took_what_is_kept |= !critical && usual >= for_usual && !config.is(Faulty::AsksUnderNewTokens);
        self.add(Some(token), prompt, critical);
        CreateResult::Created((self.guardduty.len() - 1).to_string())
    }

    /// Which of people's are taken for ours: they were asked in our words while we asked the same. A bit each.
    pub(crate) fn mistaken(&self) -> u16 {
        let slots = self.table.item.iter().flat_map(|(_, budget)| &budget.slots).filter(|it| it.token.is_some());
        let ids = slots.filter_map(|it| it.investigation_id.as_ref()?.parse::<usize>().ok());
        ids.filter(|id| self.guardduty.get(*id).is_some_and(|it| !it.is_ours())).fold(0, |bits, id| bits | 1_u16 << id)
    }

    /// A person asks for one: nothing where GuardDuty refuses.
    pub(crate) fn create_by_hand(&mut self, config: &Config, prompt: &str) -> Option<()> {
        (!self.is_full(config, |_, _| true)).then(|| self.add(None, prompt, true))
    }

    fn add(&mut self, token: Option<&str>, prompt: &str, critical: bool) {
        let (token, prompt) = (token.map(str::to_owned), prompt.to_owned());
        self.guardduty.push(Investigation { token, prompt, created: self.now, failed: false, critical });
    }

    /// ListInvestigations.
    pub(crate) fn list(&self, config: &Config) -> Vec<ListedInvestigation> {
        let listed = |(index, it): (usize, &Investigation)| ListedInvestigation {
            id: index.to_string(),
            has_failed: it.failed && !config.is(Faulty::CountsWhatFailed),
            start_time: Some(moment(it.created)),
            prompt: it.prompt.clone(),
        };
        self.guardduty.iter().enumerate().map(listed).collect()
    }
}
