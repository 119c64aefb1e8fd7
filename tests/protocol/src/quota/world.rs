//! The state of the model: the table's item, GuardDuty's investigations, the invocations and the time; and observations that no
//! function can read.

use super::call::{ReleaseInvocation, RequestInvocation, RequesterState};
use super::config::{Config, FaultLimits};
use super::guardduty::Investigation;
use gumshoe_domain::guardduty::{BudgetWrite, QuotaBudget};
use jiff::{SignedDuration, Timestamp};

/// How long an invocation runs at most.
pub(crate) const INVOCATION_LIFETIME_MINUTES: i64 = 1;

/// The state of the model.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelState {
    pub(crate) table: Table,
    /// The index is the id.
    pub(crate) guardduty: Vec<Investigation>,
    pub(crate) askers: Vec<RequesterState>,
    pub(crate) givers: Vec<ReleaseInvocation>,
    /// The faults and optional actions that are left.
    pub(crate) left: FaultLimits,
    /// In minutes since the start.
    pub(crate) now: i64,
    /// The steps of time that have passed, a bit each.
    pub(crate) passed: u16,
    pub(crate) observations: Observations,
}

/// The item, and observations about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Table {
    pub(crate) item: Option<(u64, QuotaBudget)>,
    /// The number of investigations when they were listed for the last reconciliation.
    pub(crate) listed: usize,
    /// The number of investigations at GuardDuty's last recorded refusal.
    pub(crate) refused: usize,
}

/// Violations and outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Observations {
    /// More than the quota was requested, although the investigations could be known.
    pub(crate) too_many: bool,
    /// A slot that is reserved for Critical findings was used for another.
    pub(crate) took_reserved_slot: bool,
    /// A case received an investigation that does not exist or is about another finding.
    pub(crate) received_wrong_investigation: bool,
    /// An invocation exhausted its optimistic-lock retries.
    pub(crate) contention_exhausted: bool,
    /// Outcomes that the model has not collected yet.
    reached: ReachedOutcomes,
}

/// Outcomes that the exploration must reach, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ReachedOutcomes(pub(crate) u8);

impl ReachedOutcomes {
    /// A case has an investigation of its own.
    pub const CREATED: Self = Self(1);
    /// A case reuses the investigation of another.
    pub const REUSED: Self = Self(2);
    /// A case receives that no slot is left.
    pub const FULL: Self = Self(4);
    /// A case receives that GuardDuty refused.
    pub const REFUSED: Self = Self(8);
    /// A slot is released.
    pub const RELEASED: Self = Self(16);

    /// Whether this outcome was reached.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Observations {
    pub(crate) fn take_reached(&mut self) -> ReachedOutcomes {
        std::mem::take(&mut self.reached)
    }
}

impl Table {
    /// The conditional write.
    pub(crate) fn write(&mut self, write: BudgetWrite, ignores_the_version: bool) -> bool {
        let version = self.item.as_ref().map(|(version, _)| *version);
        let result = version == write.expected_version || ignores_the_version;
        if result {
            self.item = Some((version.unwrap_or(0) + 1, write.budget));
        }
        result
    }
}

impl ModelState {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            table: Table::default(),
            guardduty: Vec::new(),
            askers: config
                .requesters
                .iter()
                .map(|ask| RequesterState { left: ask.max_invocations, call: None })
                .collect(),
            givers: Vec::new(),
            left: config.fault_limits,
            now: 0,
            passed: 0,
            observations: Observations::default(),
        }
    }

    /// Time passes. Invocations that exceed their lifetime crash, which counts as a fault. `None` if no fault is left.
    pub(crate) fn pass(&mut self, step: usize, minutes: i64, never_die: bool) -> Option<()> {
        self.passed |= 1 << step;
        self.now += minutes;
        let now = self.now;
        let is_old = |began: i64| now - began > INVOCATION_LIFETIME_MINUTES && !never_die;
        let before = self.running();
        for asker in &mut self.askers {
            asker.call.take_if(|call| is_old(call.began));
        }
        self.givers.retain(|giver| !is_old(giver.began));
        for _ in self.running()..before {
            self.left = self.left.with_fault(|left| &mut left.crashes)?;
        }
        Some(())
    }

    pub(crate) fn reached(&mut self, what: ReachedOutcomes) {
        self.observations.reached.0 |= what.0;
    }

    /// The number of active invocations.
    pub(crate) fn running(&self) -> usize {
        self.askers.iter().filter(|it| it.call.is_some()).count() + self.givers.len()
    }

    /// Maps states with the same future to one state.
    pub(crate) fn canonicalize(&mut self, config: &Config) {
        self.fail_what_is_outdated(config);
        if config.fault_limits.manual_requests + config.fault_limits.manual_requests_with_same_prompt == 0 {
            // Without manual requests we know every investigation: the lists make no difference.
            (self.table.listed, self.table.refused) = (usize::MAX, usize::MAX);
            self.askers
                .iter_mut()
                .filter_map(|it| it.call.as_mut())
                .for_each(RequestInvocation::forget_what_was_listed);
        }
        let holds = self.askers.iter().filter_map(|it| it.call.as_ref()).any(|it| it.holds_a_version())
            || self.givers.iter().any(ReleaseInvocation::holds_a_version);
        if let Some((version, _)) = &mut self.table.item
            && !holds
        {
            *version = 1;
        }
        if config.minute_steps.iter().enumerate().all(|(step, _)| self.passed & 1 << step != 0) {
            let calls = self.askers.iter_mut().filter_map(|it| it.call.as_mut()).map(|it| &mut it.began);
            calls.chain(self.givers.iter_mut().map(|it| &mut it.began)).for_each(|began| *began = 0);
        }
    }

    /// The state on one line, for failure messages.
    #[must_use]
    pub fn summary(&self) -> String {
        let Self { table, guardduty, now, .. } = self;
        let slot = |it: &gumshoe_domain::guardduty::QuotaSlot| {
            let word = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".into());
            let minutes = it.last_requested_at.duration_since(moment(0)).as_mins();
            format!("{} at {minutes} requests {} id {}", word(&it.token), it.request_count, word(&it.investigation_id))
        };
        let slots: Vec<String> = table.item.iter().flat_map(|(_, budget)| &budget.slots).map(slot).collect();
        let listed: Vec<String> = guardduty
            .iter()
            .map(|it| {
                let failed = if it.failed { " failed" } else { "" };
                format!("{} {} at {}{failed}", it.token.as_deref().unwrap_or("manual"), it.prompt, it.created)
            })
            .collect();
        let steps: Vec<String> = self
            .askers
            .iter()
            .map(|it| it.call.as_ref().map_or("-".into(), |it| format!("{:?}", it.asking.step())))
            .map(|it| it.split([' ', '(']).next().unwrap_or_default().to_owned())
            .collect();
        format!("minute {now}, slots {slots:?}, GuardDuty {listed:?}, next {steps:?}")
    }
}

impl FaultLimits {
    /// One action less of this kind.
    pub(crate) fn without(mut self, kind: impl FnOnce(&mut Self) -> &mut u8) -> Option<Self> {
        let left = kind(&mut self);
        *left = left.checked_sub(1)?;
        Some(self)
    }

    /// One fault less of this kind.
    pub(crate) fn with_fault(self, kind: impl FnOnce(&mut Self) -> &mut u8) -> Option<Self> {
        self.without(kind)?.without(|left| &mut left.faults)
    }
}

/// The time this number of minutes after the start.
pub(crate) fn moment(minutes: i64) -> Timestamp {
    // 08:00 in UTC.
    let beginning = Timestamp::from_second(1_800_000_000).expect("constant is a valid timestamp");
    beginning.checked_add(SignedDuration::from_mins(minutes)).expect("constant is a valid timestamp")
}
