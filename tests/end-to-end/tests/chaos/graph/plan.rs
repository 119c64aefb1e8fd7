//! The plan of the graph part of a campaign: events and faults. The seed determines all of it.

use super::document::Document;
use crate::faults::draw_fault;
use fastrand::Rng;
use local_cloud::ProxyFault;
use serde_json::Value;
use simulator::ApiFault;
use std::collections::BTreeMap;

/// The functions.
pub(crate) const KEEP_GRAPH: &str = "keep-graph";
pub(crate) const KEEP_MEMBERSHIP: &str = "keep-membership";

/// Administrators whose invitations are accepted, and others, whose invitations are rejected.
pub(crate) const LISTED: [&str; 3] = ["222233334444", "222233334455", "222233334466"];
pub(crate) const OTHERS: [&str; 2] = ["333344445555", "333344445566"];

/// The number of documents. The one in the middle is invalid.
const DOCUMENTS: usize = 5;
/// Detective operations that only keep-graph and keep-membership call.
const OPERATIONS: [(&str, &str); 12] = [
    (KEEP_GRAPH, "ListMembers"),
    (KEEP_GRAPH, "CreateMembers"),
    (KEEP_GRAPH, "DeleteMembers"),
    (KEEP_GRAPH, "StartMonitoringMember"),
    (KEEP_GRAPH, "ListDatasourcePackages"),
    (KEEP_GRAPH, "UpdateDatasourcePackages"),
    (KEEP_GRAPH, "ListTagsForResource"),
    (KEEP_GRAPH, "TagResource"),
    (KEEP_MEMBERSHIP, "ListInvitations"),
    (KEEP_MEMBERSHIP, "AcceptInvitation"),
    (KEEP_MEMBERSHIP, "RejectInvitation"),
    (KEEP_MEMBERSHIP, "BatchGetMembershipDatasources"),
];
/// Calls of keep-graph through the proxy: operation, minimum number, percentage of failing calls.
const STREAMS: [(&str, u64, u32); 3] = [("GetItem", 60, 10), ("UpdateItem", 60, 20), ("Publish", 30, 35)];

/// An event of the plan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// The document changes, and its rule requests a run of keep-graph.
    Document(Value),
    /// A schedule requests a run; its message is delivered `times` times.
    Run { function: &'static str, times: usize },
    /// The stack's account is invited to an administrator's graph, and the schedule requests a run.
    Invitation(&'static str),
    /// Calls of Detective fail.
    Fault(ApiFault),
    /// The function is killed in its next call of the operation, after Detective has executed it.
    Kill { function: &'static str, operation: &'static str },
}

/// The plan of the graph part.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The events, each with the number of the message before which it is due.
    pub(crate) events: Vec<(usize, Event)>,
    /// The last document, which the graph has to match at the end.
    pub(crate) last: Document,
    /// The numbers of the messages from which on the next member is degraded.
    pub(crate) degrade_from: Vec<usize>,
    /// By operation: the numbers of keep-graph's failing calls, with their faults.
    pub(crate) calls: BTreeMap<&'static str, BTreeMap<u64, ProxyFault>>,
}

impl Plan {
    pub(crate) fn of(rng: &mut Rng, messages: usize, worse: usize, draw: impl Fn(&mut Rng) -> ProxyFault) -> Self {
        let mut plan = Self::default();
        for number in 0..DOCUMENTS {
            let begin = messages * number / DOCUMENTS;
            let message = if number == 0 { 0 } else { begin + rng.usize(..(messages / DOCUMENTS).max(1)) };
            plan.last = Document::of(rng, number);
            let text = if number == DOCUMENTS / 2 { plan.last.invalid_json() } else { plan.last.json() };
            plan.events.push((message, Event::Document(text)));
        }
        let anywhere = |rng: &mut Rng| rng.usize(..messages.max(1));
        for _ in 0..6 + messages / 40 {
            let function = if rng.f64() < 0.7 { KEEP_GRAPH } else { KEEP_MEMBERSHIP };
            plan.events.push((anywhere(rng), Event::Run { function, times: rng.usize(1..=3) }));
        }
        for administrator in LISTED.into_iter().chain(OTHERS) {
            plan.events.push((anywhere(rng), Event::Invitation(administrator)));
        }
        for (function, operation) in OPERATIONS {
            for _ in 0..1 + messages / 150 {
                plan.events.push((anywhere(rng), Event::Fault(draw_fault(rng, operation, operation))));
            }
            if rng.f64() < 0.5 {
                plan.events.push((anywhere(rng), Event::Kill { function, operation }));
            }
        }
        plan.events.sort_by_key(|(message, _)| *message);
        plan.degrade_from = (0..worse).map(|number| messages * (1 + number) / (2 + worse)).collect();
        for (operation, calls, of_a_hundred) in STREAMS {
            let numbers = plan.calls.entry(operation).or_default();
            for number in 0..calls {
                if rng.u32(..100) < of_a_hundred {
                    numbers.insert(number, draw(rng));
                }
            }
        }
        plan
    }
}

#[cfg(test)]
#[allow(unused_imports, dead_code, reason = "they are tests of `chaos_parts` alone")]
mod tests {
    use super::*;
    use crate::graph::document::NEW_MEMBERS;

    fn plan(seed: u64) -> Plan {
        Plan::of(&mut Rng::with_seed(seed), 100, 4, |_| ProxyFault::Denied)
    }

    #[test]
    fn the_seed_determines_the_plan() {
        assert_eq!(format!("{:?}", plan(7)), format!("{:?}", plan(7)));
        assert_ne!(format!("{:?}", plan(7)), format!("{:?}", plan(8)));
    }

    #[test]
    fn the_last_written_document_is_the_expected_one() {
        for seed in 0..20 {
            let plan = plan(seed);
            let mut documents = plan.events.iter().filter_map(|(_, event)| match event {
                Event::Document(document) => Some(document),
                _ => None,
            });
            assert_eq!(documents.next_back(), Some(&plan.last.json()));
            assert!(plan.last.accounts.iter().any(|id| NEW_MEMBERS.contains(&id.as_str())), "a new member has joined");
        }
    }

    #[test]
    fn each_operation_has_faults_and_each_administrator_invites() {
        let plan = plan(1);
        let has = |fits: &dyn Fn(&Event) -> bool| plan.events.iter().any(|(_, event)| fits(event));
        for (_, operation) in OPERATIONS {
            assert!(has(&|event| matches!(event, Event::Fault(fault) if fault.operation == operation)), "{operation}");
        }
        for function in [KEEP_GRAPH, KEEP_MEMBERSHIP] {
            assert!(has(&|event| matches!(event, Event::Kill { function: of, .. } if *of == function)), "{function}");
        }
        for administrator in LISTED.into_iter().chain(OTHERS) {
            assert!(has(&|event| *event == Event::Invitation(administrator)), "{administrator}");
        }
        assert!(plan.calls.values().all(|numbers| !numbers.is_empty()));
    }
}
