//! The fault plan: which calls of which service fail, and how; faults of Detective; restarts of the emulator. The seed determines
//! all of it.
//!
//! The seed does not determine which case a failing call belongs to: functions run concurrently, so the order of their calls
//! differs between runs. The same seed repeats the findings, their order and the plan.

use fastrand::Rng;
use local_cloud::ProxyFault;
use simulator::{ApiFault, FaultKind};
use std::collections::BTreeMap;

/// Calls that are counted together: service, operation, approximate calls per finding, percentage of single failing calls.
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

/// Pseudo service for calls that belong to notices of the behavior graph: they are counted separately.
pub(crate) const GRAPH: &str = "graph";

/// Weights of the faults of single failing calls.
const PROXY_FAULT_WEIGHTS: [(ProxyFault, u32); 8] = [
    (ProxyFault::Throttled, 20),
    (ProxyFault::Unavailable, 20),
    (ProxyFault::Conflict, 15),
    (ProxyFault::DisconnectBefore, 15),
    (ProxyFault::DisconnectAfter, 15),
    (ProxyFault::Denied, 10),
    (ProxyFault::KillBefore, 8),
    (ProxyFault::KillAfter, 8),
];

/// The fault plan of a campaign.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    /// By service and operation: the numbers of the failing calls, with their faults.
    pub(crate) calls: BTreeMap<(&'static str, &'static str), BTreeMap<u64, ProxyFault>>,
    /// Faults of Detective, each with the number of the message before which it begins.
    pub(crate) detective: Vec<(usize, ApiFault)>,
    /// The numbers of the messages before which the emulator is restarted, with the fault after the restart.
    pub(crate) restarts: BTreeMap<usize, RestartFault>,
}

/// A fault after a restart: the next `calls` StartExecution calls fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RestartFault {
    pub(crate) calls: u32,
    pub(crate) fault: ProxyFault,
}

impl FaultPlan {
    pub(crate) fn of(rng: &mut Rng, findings: usize, messages: usize) -> Self {
        let mut plan = Self::default();
        for (service, operation, calls_a_finding, of_a_hundred) in STREAMS {
            let calls = (findings as f64 * calls_a_finding).ceil() as u64;
            let numbers = plan.calls.entry((service, operation)).or_default();
            for number in 0..calls {
                if rng.u32(..100) < of_a_hundred {
                    numbers.insert(number, draw_proxy_fault(rng));
                }
            }
            // An outage lasts longer than the retries of any caller.
            for _ in 0..1 + findings / 150 {
                let (first, kind) =
                    (rng.u64(..calls.max(1)), [ProxyFault::Unavailable, ProxyFault::Throttled][rng.usize(..2)]);
                // Publish is retried so often that only a long outage causes the fallback alert.
                let length = if service == "sns" { rng.u64(4..50) } else { rng.u64(4..16) };
                numbers.extend((first..first + length).map(|number| (number, kind)));
            }
        }
        for _ in 0..3 + findings / 10 {
            plan.detective.push((rng.usize(..messages.max(1)), draw_detective_fault(rng)));
        }
        plan.detective.sort_by_key(|(message, _)| *message);
        let restarts = 1 + findings / 400;
        let middle = messages / 5..messages.max(5) * 9 / 10;
        for _ in 0..restarts {
            let shocks = [
                ProxyFault::Unavailable,
                ProxyFault::Denied,
                ProxyFault::DisconnectAfter,
                ProxyFault::KillBefore,
                ProxyFault::KillAfter,
            ];
            let restart_fault = RestartFault { calls: rng.u32(0..8), fault: shocks[rng.usize(..shocks.len())] };
            plan.restarts.insert(rng.usize(middle.clone()), restart_fault);
        }
        plan
    }
}

pub(crate) fn draw_proxy_fault(rng: &mut Rng) -> ProxyFault {
    let all: u32 = PROXY_FAULT_WEIGHTS.iter().map(|(_, weight)| weight).sum();
    let mut left = rng.u32(..all);
    for (fault, weight) in PROXY_FAULT_WEIGHTS {
        if left < weight {
            return fault;
        }
        left -= weight;
    }
    ProxyFault::Unavailable
}

fn draw_detective_fault(rng: &mut Rng) -> ApiFault {
    let operations = ["ListGraphs", "ListInvestigations", "StartInvestigation", "GetInvestigation", "ListIndicators"];
    let operation = operations[rng.usize(..operations.len())];
    draw_fault(rng, operation, "StartInvestigation")
}

/// A random fault of `operation`; or a lost response of `changing`, an operation that has an effect.
pub(crate) fn draw_fault(rng: &mut Rng, operation: &str, changing: &str) -> ApiFault {
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
    fn the_seed_determines_the_plan() {
        let of = |seed| format!("{:?}", FaultPlan::of(&mut Rng::with_seed(seed), 60, 100));
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }

    #[test]
    fn each_service_has_faults_and_the_emulator_is_restarted() {
        let plan = FaultPlan::of(&mut Rng::with_seed(1), 500, 900);
        assert!(plan.calls.values().all(|numbers| !numbers.is_empty()));
        assert!(!plan.detective.is_empty() && plan.restarts.len() == 2);
    }
}
