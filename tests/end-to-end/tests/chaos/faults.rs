//! The plan of faults: which call of which service goes wrong, and how; when Detective does; when the emulator is
//! restarted. All of it follows from the seed.
//!
//! What the seed cannot decide is which case the faulty call belongs to: functions run side by side, so the order of
//! their calls differs from run to run. The same seed repeats the findings, their order, and the plan.

use fastrand::Rng;
use local_cloud::ProxyFault;
use simulator::{ApiFault, FaultKind};
use std::collections::BTreeMap;

/// Calls that are counted together: the service and the operation, how many there are of a finding, about, and how many
/// of a hundred go wrong by themselves.
const STREAMS: [(&str, &str, f64, u32); 9] = [
    ("dynamodb", "TransactWriteItems", 1.2, 10),
    ("dynamodb", "UpdateItem", 2.0, 8),
    ("dynamodb", "Query", 2.5, 4),
    ("dynamodb", "GetItem", 3.0, 4),
    ("sns", "Publish", 0.35, 20),
    ("states", "StartExecution", 1.0, 10),
    ("s3", "PUT", 1.2, 6),
    ("events", "PutEvents", 0.35, 10),
    ("sqs", "SendMessage", 0.05, 20),
];

/// What stands for the service of calls that are about what people are told of the behavior graph: they are counted apart.
pub(crate) const GRAPH: &str = "graph";

/// How often a mishap is chosen, of a call that goes wrong by itself.
const MISHAPS: [(ProxyFault, u32); 8] = [
    (ProxyFault::Throttled, 20),
    (ProxyFault::Unavailable, 20),
    (ProxyFault::Conflict, 15),
    (ProxyFault::DisconnectBefore, 15),
    (ProxyFault::DisconnectAfter, 15),
    (ProxyFault::Denied, 10),
    (ProxyFault::KillBefore, 8),
    (ProxyFault::KillAfter, 8),
];

/// What goes wrong.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// By service and operation, the numbers of the calls that go wrong.
    pub(crate) calls: BTreeMap<(&'static str, &'static str), BTreeMap<u64, ProxyFault>>,
    /// Faults of Detective, each with the number of the letter before which it begins.
    pub(crate) detective: Vec<(usize, ApiFault)>,
    /// Before which letters the emulator is restarted.
    pub(crate) restarts: BTreeMap<usize, Aftershock>,
}

/// What goes wrong in addition after a restart: so many starts of executions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Aftershock {
    pub(crate) calls: u32,
    pub(crate) mishap: ProxyFault,
}

impl Plan {
    pub(crate) fn of(rng: &mut Rng, findings: usize, letters: usize) -> Self {
        let mut plan = Self::default();
        for (service, operation, calls_a_finding, of_a_hundred) in STREAMS {
            let calls = (findings as f64 * calls_a_finding).ceil() as u64;
            let numbers = plan.calls.entry((service, operation)).or_default();
            for number in 0..calls {
                if rng.u32(..100) < of_a_hundred {
                    numbers.insert(number, mishap(rng));
                }
            }
            // An outage is longer than any caller's own patience.
            for _ in 0..1 + findings / 150 {
                let (first, kind) =
                    (rng.u64(..calls.max(1)), [ProxyFault::Unavailable, ProxyFault::Throttled][rng.usize(..2)]);
                // Publishing is retried so often that only a long one leads to the last resort.
                let length = if service == "sns" { rng.u64(4..50) } else { rng.u64(4..16) };
                numbers.extend((first..first + length).map(|number| (number, kind)));
            }
        }
        for _ in 0..3 + findings / 10 {
            plan.detective.push((rng.usize(..letters.max(1)), of_detective(rng)));
        }
        plan.detective.sort_by_key(|(letter, _)| *letter);
        let restarts = 1 + findings / 400;
        let middle = letters / 5..letters.max(5) * 9 / 10;
        for _ in 0..restarts {
            let shocks = [
                ProxyFault::Unavailable,
                ProxyFault::Denied,
                ProxyFault::DisconnectAfter,
                ProxyFault::KillBefore,
                ProxyFault::KillAfter,
            ];
            let aftershock = Aftershock { calls: rng.u32(0..8), mishap: shocks[rng.usize(..shocks.len())] };
            plan.restarts.insert(rng.usize(middle.clone()), aftershock);
        }
        plan
    }
}

pub(crate) fn mishap(rng: &mut Rng) -> ProxyFault {
    let all: u32 = MISHAPS.iter().map(|(_, weight)| weight).sum();
    let mut left = rng.u32(..all);
    for (mishap, weight) in MISHAPS {
        if left < weight {
            return mishap;
        }
        left -= weight;
    }
    ProxyFault::Unavailable
}

fn of_detective(rng: &mut Rng) -> ApiFault {
    let operations = ["ListGraphs", "ListInvestigations", "StartInvestigation", "GetInvestigation", "ListIndicators"];
    let operation = operations[rng.usize(..operations.len())];
    fault(rng, operation, "StartInvestigation")
}

/// A fault of an operation; or the answer of `changing`, which changes something, is lost after it was done.
pub(crate) fn fault(rng: &mut Rng, operation: &str, changing: &str) -> ApiFault {
    let times = rng.u32(1..6);
    match rng.u32(..8) {
        0..3 => ApiFault::new(operation, FaultKind::Throttle).times(times),
        3 => ApiFault::new(operation, FaultKind::Internal).times(times),
        4 => ApiFault::new(operation, FaultKind::Truncate),
        5 => ApiFault::new(operation, FaultKind::AccessDenied),
        6 => ApiFault::new(operation, FaultKind::Drop).times(times),
        _ => ApiFault::new(changing, FaultKind::Drop).after_work(),
    }
}

#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_the_plan() {
        let of = |seed| format!("{:?}", Plan::of(&mut Rng::with_seed(seed), 60, 100));
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }

    #[test]
    fn every_service_has_faults_and_the_emulator_is_restarted() {
        let plan = Plan::of(&mut Rng::with_seed(1), 500, 900);
        assert!(plan.calls.values().all(|numbers| !numbers.is_empty()));
        assert!(!plan.detective.is_empty() && plan.restarts.len() == 2);
    }
}
