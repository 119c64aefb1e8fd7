//! The world around the functions: the table's item, GuardDuty's investigations, the invocations, time; and notes of what
//! really happened, which no function can see.

use super::call::{Asker, Call, Giver};
use super::config::{Bounds, Config};
use super::guardduty::Investigation;
use gumshoe_domain::guardduty::{BudgetWrite, QuotaBudget};
use jiff::{SignedDuration, Timestamp};

/// For how many minutes an invocation lives.
pub(crate) const LIFE: i64 = 1;

/// Everything, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub(crate) table: Table,
    /// By number, which is their id.
    pub(crate) guardduty: Vec<Investigation>,
    pub(crate) askers: Vec<Asker>,
    pub(crate) givers: Vec<Giver>,
    /// How much more may happen.
    pub(crate) left: Bounds,
    /// In minutes from the beginning.
    pub(crate) now: i64,
    /// Which of the steps of time have passed, a bit each.
    pub(crate) passed: u16,
    pub(crate) notes: Notes,
}

/// The item, and what nobody reads there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Table {
    pub(crate) item: Option<(u64, QuotaBudget)>,
    /// How many investigations there were when they were listed for its last correction.
    pub(crate) listed: usize,
    /// How many there were when GuardDuty last refused, and that was written down.
    pub(crate) refused: usize,
}

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Notes {
    /// More was asked for than the quota, although it could be known.
    pub(crate) too_many: bool,
    /// What is kept for Critical findings went to another.
    pub(crate) took_what_is_kept: bool,
    /// A case was told of an investigation that there is not, or that is about something else.
    pub(crate) told_wrong: bool,
    /// Somebody gave up because others were faster.
    pub(crate) hurried: bool,
    /// What has come about, until the model notes it.
    reached: Reached,
}

/// What must be possible, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Reached(pub(crate) u8);

impl Reached {
    /// A case has an investigation of its own.
    pub const ASKED: Self = Self(1);
    /// A case uses another's.
    pub const REUSED: Self = Self(2);
    /// A case is told that no slot is left.
    pub const FULL: Self = Self(4);
    /// A case is told that GuardDuty refused.
    pub const REFUSED: Self = Self(8);
    /// A slot is given back.
    pub const GIVEN_BACK: Self = Self(16);

    /// Whether that is among it.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Notes {
    pub(crate) fn take_reached(&mut self) -> Reached {
        std::mem::take(&mut self.reached)
    }
}

impl Table {
    /// The conditional write.
    pub(crate) fn write(&mut self, write: BudgetWrite, ignores_the_version: bool) -> bool {
        let version = self.item.as_ref().map(|(version, _)| *version);
        let goes = version == write.expected_version || ignores_the_version;
        if goes {
            self.item = Some((version.unwrap_or(0) + 1, write.budget));
        }
        goes
    }
}

impl World {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            table: Table::default(),
            guardduty: Vec::new(),
            askers: config.asks.iter().map(|ask| Asker { left: ask.times, call: None }).collect(),
            givers: Vec::new(),
            left: config.bounds,
            now: 0,
            passed: 0,
            notes: Notes::default(),
        }
    }

    /// Time passes. Who has lived long enough dies, which is a fault as any; nothing where no more may.
    pub(crate) fn pass(&mut self, step: usize, minutes: i64, never_die: bool) -> Option<()> {
        self.passed |= 1 << step;
        self.now += minutes;
        let now = self.now;
        let is_old = |began: i64| now - began > LIFE && !never_die;
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

    pub(crate) fn reached(&mut self, what: Reached) {
        self.notes.reached.0 |= what.0;
    }

    /// How many invocations there are.
    pub(crate) fn running(&self) -> usize {
        self.askers.iter().filter(|it| it.call.is_some()).count() + self.givers.len()
    }

    /// One world for all that can go on in the same ways.
    pub(crate) fn canonical(&mut self, config: &Config) {
        self.fail_what_is_outdated(config);
        if config.bounds.by_hand + config.bounds.same_by_hand == 0 {
            // Nobody asks but us, and we could know of all: what was listed makes no difference.
            (self.table.listed, self.table.refused) = (usize::MAX, usize::MAX);
            self.askers.iter_mut().filter_map(|it| it.call.as_mut()).for_each(Call::forget_what_was_listed);
        }
        let holds = self.askers.iter().filter_map(|it| it.call.as_ref()).any(|it| it.holds_a_version())
            || self.givers.iter().any(Giver::holds_a_version);
        if let Some((version, _)) = &mut self.table.item
            && !holds
        {
            *version = 1;
        }
        if config.time.iter().enumerate().all(|(step, _)| self.passed & 1 << step != 0) {
            let calls = self.askers.iter_mut().filter_map(|it| it.call.as_mut()).map(|it| &mut it.began);
            calls.chain(self.givers.iter_mut().map(|it| &mut it.began)).for_each(|began| *began = 0);
        }
    }

    /// The world in a few words, for a failure.
    #[must_use]
    pub fn outline(&self) -> String {
        let Self { table, guardduty, now, .. } = self;
        let slot = |it: &gumshoe_domain::guardduty::QuotaSlot| {
            let word = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".into());
            let minutes = it.last_requested_at.duration_since(moment(0)).as_mins();
            format!("{} at {minutes} tries {} id {}", word(&it.token), it.request_count, word(&it.investigation_id))
        };
        let slots: Vec<String> = table.item.iter().flat_map(|(_, budget)| &budget.slots).map(slot).collect();
        let listed: Vec<String> = guardduty
            .iter()
            .map(|it| {
                let failed = if it.failed { " failed" } else { "" };
                format!("{} {} at {}{failed}", it.token.as_deref().unwrap_or("by hand"), it.prompt, it.created)
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

impl Bounds {
    /// One less of what happens.
    pub(crate) fn without(mut self, kind: impl FnOnce(&mut Self) -> &mut u8) -> Option<Self> {
        let left = kind(&mut self);
        *left = left.checked_sub(1)?;
        Some(self)
    }

    /// One less of what goes wrong.
    pub(crate) fn with_fault(self, kind: impl FnOnce(&mut Self) -> &mut u8) -> Option<Self> {
        self.without(kind)?.without(|left| &mut left.faults)
    }
}

/// A moment, so many minutes from the beginning.
pub(crate) fn moment(minutes: i64) -> Timestamp {
    // 08:00 in UTC.
    let beginning = Timestamp::from_second(1_800_000_000).expect("it is one");
    beginning.checked_add(SignedDuration::from_mins(minutes)).expect("it is one")
}
