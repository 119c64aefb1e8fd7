//! What happens to the behavior graph in a campaign, and what goes wrong meanwhile. All of it follows from the seed.

use super::document::Document;
use crate::faults::fault;
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

/// How many documents there are, of which the one in the middle is wrong.
const DOCUMENTS: usize = 5;
/// What keep-graph and keep-membership ask of Detective, and the case functions do not.
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
/// Calls of keep-graph's that go through the proxy: how many there are at least, and how many of a hundred go wrong.
const STREAMS: [(&str, u64, u32); 3] = [("GetItem", 60, 10), ("UpdateItem", 60, 20), ("Publish", 30, 35)];

/// Something that happens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// The document changes, and its rule asks keep-graph for a run.
    Document(Value),
    /// A schedule asks a function for a run; the message is delivered so often.
    Run { function: &'static str, times: usize },
    /// The stack's account is invited to an administrator's graph, and the schedule looks for it.
    Invitation(&'static str),
    /// Calls of Detective go wrong.
    Fault(ApiFault),
    /// The function is killed in its next call of that operation, which Detective has carried out by then.
    Kill { function: &'static str, operation: &'static str },
}

/// All that happens.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Each with the number of the letter before which it happens.
    pub(crate) events: Vec<(usize, Event)>,
    /// What the graph should be in the end.
    pub(crate) last: Document,
    /// From which letters on a member gets worse, one after the other.
    pub(crate) worse_from: Vec<usize>,
    /// By operation, the numbers of keep-graph's calls that go wrong.
    pub(crate) calls: BTreeMap<&'static str, BTreeMap<u64, ProxyFault>>,
}

impl Plan {
    pub(crate) fn of(rng: &mut Rng, letters: usize, worse: usize, mishap: impl Fn(&mut Rng) -> ProxyFault) -> Self {
        let mut plan = Self::default();
        for number in 0..DOCUMENTS {
            let begin = letters * number / DOCUMENTS;
            let letter = if number == 0 { 0 } else { begin + rng.usize(..(letters / DOCUMENTS).max(1)) };
            plan.last = Document::of(rng, number);
            let text = if number == DOCUMENTS / 2 { plan.last.wrong() } else { plan.last.json() };
            plan.events.push((letter, Event::Document(text)));
        }
        let anywhere = |rng: &mut Rng| rng.usize(..letters.max(1));
        for _ in 0..6 + letters / 40 {
            let function = if rng.f64() < 0.7 { KEEP_GRAPH } else { KEEP_MEMBERSHIP };
            plan.events.push((anywhere(rng), Event::Run { function, times: rng.usize(1..=3) }));
        }
        for administrator in LISTED.into_iter().chain(OTHERS) {
            plan.events.push((anywhere(rng), Event::Invitation(administrator)));
        }
        for (function, operation) in OPERATIONS {
            for _ in 0..1 + letters / 150 {
                plan.events.push((anywhere(rng), Event::Fault(fault(rng, operation, operation))));
            }
            if rng.f64() < 0.5 {
                plan.events.push((anywhere(rng), Event::Kill { function, operation }));
            }
        }
        plan.events.sort_by_key(|(letter, _)| *letter);
        plan.worse_from = (0..worse).map(|number| letters * (1 + number) / (2 + worse)).collect();
        for (operation, calls, of_a_hundred) in STREAMS {
            let numbers = plan.calls.entry(operation).or_default();
            for number in 0..calls {
                if rng.u32(..100) < of_a_hundred {
                    numbers.insert(number, mishap(rng));
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
    use crate::graph::document::COMING;

    fn plan(seed: u64) -> Plan {
        Plan::of(&mut Rng::with_seed(seed), 100, 4, |_| ProxyFault::Denied)
    }

    #[test]
    fn the_seed_decides_the_plan() {
        assert_eq!(format!("{:?}", plan(7)), format!("{:?}", plan(7)));
        assert_ne!(format!("{:?}", plan(7)), format!("{:?}", plan(8)));
    }

    #[test]
    fn the_last_document_that_is_written_is_the_one_that_counts() {
        for seed in 0..20 {
            let plan = plan(seed);
            let mut documents = plan.events.iter().filter_map(|(_, event)| match event {
                Event::Document(document) => Some(document),
                _ => None,
            });
            assert_eq!(documents.next_back(), Some(&plan.last.json()));
            assert!(plan.last.accounts.iter().any(|id| COMING.contains(&id.as_str())), "somebody has joined");
        }
    }

    #[test]
    fn every_operation_goes_wrong_and_every_administrator_invites() {
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
