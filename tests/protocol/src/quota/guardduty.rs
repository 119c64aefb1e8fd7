//! A simulated GuardDuty: it creates an investigation for each new token within its quota, and lists them.

use super::config::Config;
use super::mutation::Mutation;
use super::world::{ModelState, moment};
use gumshoe_domain::guardduty::{CreateResult, ListedInvestigation};

/// A day as GuardDuty may count it: any 24 hours.
const DAY_MINUTES: i64 = 24 * 60;
/// The longest time for which a manual investigation may be unknown: an hour between two reconciliations, the clock skew, and the
/// lifetimes of the reconciling and the requesting invocation.
const MAX_UNLISTED_MINUTES: i64 = 60 + 10 + 2;

/// An investigation. Its id is its number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Investigation {
    /// Its token; `None` if a person requested it.
    pub(crate) token: Option<String>,
    pub(crate) prompt: String,
    /// In minutes since the start.
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

impl ModelState {
    /// The investigations that count toward the quota.
    pub(crate) fn counted_investigations(&self) -> impl Iterator<Item = (usize, &Investigation)> {
        self.guardduty.iter().enumerate().filter(|(_, it)| !it.failed)
    }

    /// Whether one more of the selected investigations would exceed the quota.
    fn is_full(&self, config: &Config, counted: impl Fn(usize, &Investigation) -> bool) -> bool {
        let counted = || self.counted_investigations().filter(|(index, it)| counted(*index, it));
        let today = counted().filter(|(_, it)| self.now - it.created < DAY_MINUTES).count();
        today >= config.limits.per_day || counted().count() >= config.limits.total
    }

    /// CreateInvestigation, called by the product. `knew`: the number of investigations when the budget in which the slot was taken
    /// could last be reconciled, and which manual ones counted as ours.
    pub(crate) fn create(&mut self, config: &Config, token: &str, prompt: &str, knew: (usize, u16)) -> CreateResult {
        if let Some(known) = self.guardduty.iter().position(|it| it.token.as_deref() == Some(token)) {
            return CreateResult::Created(known.to_string());
        }
        let lists_may_fail = config.fault_limits.failed_lists > 0;
        let now = self.now;
        let could_be_known = |index: usize, it: &Investigation| {
            let (listed, mistaken) = knew;
            let is_old = now - it.created > MAX_UNLISTED_MINUTES && !lists_may_fail;
            it.is_ours() || ((index < listed || is_old) && mistaken & 1 << index == 0)
        };
        self.observations.too_many |= self.is_full(config, could_be_known);
        if self.is_full(config, |_, _| true) {
            return CreateResult::Refused;
        }
        let critical = config.requesters.iter().any(|ask| ask.critical && ask.request().token == token);
        let not_critical = |it: &Investigation| it.is_ours() && !it.critical && now - it.created < DAY_MINUTES;
        let usual = self.counted_investigations().filter(|(_, it)| not_critical(it)).count();
        let for_usual = config.limits.per_day - config.limits.reserved_for_critical;
        self.observations.took_reserved_slot |=
            !critical && usual >= for_usual && !config.has_mutation(Mutation::UsesNewTokenEachTime);
        self.add(Some(token), prompt, critical);
        CreateResult::Created((self.guardduty.len() - 1).to_string())
    }

    /// The manual investigations that count as ours, because they have our prompt and we requested the same. A bit each.
    pub(crate) fn mistaken(&self) -> u16 {
        let slots = self.table.item.iter().flat_map(|(_, budget)| &budget.slots).filter(|it| it.token.is_some());
        let ids = slots.filter_map(|it| it.investigation_id.as_ref()?.parse::<usize>().ok());
        ids.filter(|id| self.guardduty.get(*id).is_some_and(|it| !it.is_ours())).fold(0, |bits, id| bits | 1_u16 << id)
    }

    /// A person requests one. `None` if GuardDuty refuses.
    pub(crate) fn create_manually(&mut self, config: &Config, prompt: &str) -> Option<()> {
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
            has_failed: it.failed && !config.has_mutation(Mutation::CountsFailedInvestigations),
            start_time: Some(moment(it.created)),
            prompt: it.prompt.clone(),
        };
        self.guardduty.iter().enumerate().map(listed).collect()
    }
}
